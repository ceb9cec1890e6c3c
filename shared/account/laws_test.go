package account

import (
	"testing"

	"pgregory.net/rapid"

	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Facts of several deliveries, each of some of the touches, join to the facts of all: in any order, in any grouping and
// however often. The elements that were evicted on the way are those that all together would have evicted.
func TestJoinLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string) *Facts {
			return fold(rapid.SliceOfN(rapid.Custom(genTouch), 0, 25).Draw(t, what)...)
		}
		a, b, c := draw("a"), draw("b"), draw("c")
		join := func(fs ...*Facts) *Facts {
			var out Facts
			for _, f := range fs {
				out.Join(f, three)
			}
			return &out
		}
		same(t, "a∪a and a", join(a, a), a)
		same(t, "a∪b and b∪a", join(a, b), join(b, a))
		same(t, "(a∪b)∪c and a∪(b∪c)", join(join(a, b), c), join(a, join(b, c)))
		same(t, "a∪∅ and a", join(a, &Facts{}), a)
		same(t, "a∪b, once more with a", join(join(a, b), a), join(a, b))

		before := string(b.Encode())
		join(b, a)
		if string(b.Encode()) != before {
			t.Fatalf("joining b into others changed b")
		}
	})
}

// What is said of an account itself stands before what is said of companies that count for it, in whatever order the two
// are heard, and however they are grouped.
func TestTheAccountsOwnWordStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		touches := rapid.SliceOfN(rapid.Custom(genTouch), 0, 40).Draw(t, "touches")
		var parent, subsidiary, whole Facts
		newest := map[bool]*touch.Touch{}
		for _, x := range touches {
			own := x.Subject == "account:0.example" || x.Company == nil
			whole.Absorb(x, subject.Heard{Below: !own}, memory{}, nil)
			if own {
				parent.Absorb(x, subject.Heard{}, memory{}, nil)
			} else {
				subsidiary.Absorb(x, subject.Heard{Below: true}, memory{}, nil)
			}
			if x.Company != nil && (newest[own] == nil || Of(newest[own]).Compare(Of(x)) < 0) {
				newest[own] = x
			}
		}
		subsidiary.Join(&parent, three)
		same(t, "touch by touch and company by company", &whole, &subsidiary)
		if answer := (&touch.Touch{Kind: touch.AccountEnriched, Company: map[string]string{"industry": "i9"}}); rapid.Bool().Draw(t, "asked") {
			if changed, _ := whole.Absorb(answer, subject.Heard{Below: true}, memory{}, nil); changed {
				t.Fatal("what a provider says of a subsidiary is taken for the account's")
			}
		}
		want := newest[true]
		if want == nil {
			want = newest[false]
		}
		if want != nil && whole.Field("industry") != want.Company["industry"] {
			t.Fatalf("the industry is %s, want %s", whole.Field("industry"), want.Company["industry"])
		}
	})
}
