package account

import (
	"testing"

	"pgregory.net/rapid"
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
