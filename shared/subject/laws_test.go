package subject

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/touch"
)

// kim is whose links are drawn.
const kim = "anon:web/kim"

// drawLink draws a tool's link, or an operator's act of linking or unlinking.
func drawLink(t *rapid.T) Link {
	n := rapid.IntRange(0, 90).Draw(t, "n")
	l := Link{Target: fmt.Sprintf("user:%d", n%7), Time: at(1 + n%70), ID: touch.NewID("l", "", fmt.Sprint(n), 0)}
	switch rapid.IntRange(0, 5).Draw(t, "said by") {
	case 0:
		l.Act, l.Unlink = at(80+n%9), true
		if n%2 == 0 {
			l.Time = 0 // from the beginning
		}
	case 1:
		l.Act = at(80 + n%9)
	}
	return l
}

// Links that are heard of in several places join to the links of all: in any order, in any grouping, however often.
func TestLinksJoinLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string) *Links {
			var ls Links
			for _, l := range rapid.SliceOfN(rapid.Custom(drawLink), 0, 25).Draw(t, what) {
				ls.Add(kim, l)
			}
			return &ls
		}
		join := func(all ...*Links) *Links {
			var out Links
			for _, ls := range all {
				out.Join(kim, ls)
			}
			return &out
		}
		same := func(what string, a, b *Links) {
			if d := cmp.Diff(a, b); d != "" {
				t.Fatalf("%s differ: %s", what, d)
			}
		}
		a, b, c := draw("a"), draw("b"), draw("c")
		same("a∪a and a", join(a, a), join(a))
		same("a∪b and b∪a", join(a, b), join(b, a))
		same("(a∪b)∪c and a∪(b∪c)", join(join(a, b), c), join(a, join(b, c)))
	})
}

// A link that is undone from the beginning leaves everybody's touches of every time where they were without it, however
// often tools go on to say it.
func TestUnlinkUndoesLink(t *testing.T) {
	ids := []string{"anon:web/1", "anon:web/2", "user:1", "user:2", "email:ann@initech.com", "email:bob@gmail.com", "crm:sf/1", "opportunity:sf/6"}
	targets := []string{"user:1", "user:2", "email:ann@initech.com", "email:bob@gmail.com", "group:g", "crm:sf/1", "account:hooli.com"}
	rapid.Check(t, func(t *rapid.T) {
		w := world{}
		for i := range rapid.IntRange(0, 12).Draw(t, "links") {
			from, to := rapid.SampledFrom(ids).Draw(t, fmt.Sprint("from ", i)), rapid.SampledFrom(targets).Draw(t, fmt.Sprint("to ", i))
			if from != to && !(IsCompany(from) && !IsCompany(to)) {
				w.link(from, to, rapid.IntRange(1, 60).Draw(t, fmt.Sprint("day ", i)))
			}
		}
		places := func() map[string]string {
			out := map[string]string{}
			r := w.resolver()
			for _, id := range ids {
				for day := 0; day <= 62; day++ {
					p, missing := r.At(id, at(day))
					if len(missing) > 0 {
						t.Fatalf("At(%s) asks for %v", id, missing)
					}
					out[fmt.Sprint(id, " on day ", day)] = p.Root + " as " + p.Person
				}
			}
			return out
		}
		before := places()
		from := rapid.SampledFrom(ids).Draw(t, "who is mistaken")
		const wrong = "account:wrong.example"
		for i := range rapid.IntRange(1, 3).Draw(t, "times") {
			w.link(from, wrong, rapid.IntRange(1, 60).Draw(t, fmt.Sprint("said on day ", i)))
		}
		if cmp.Equal(before, places()) {
			t.Fatal("a company that was never named before changes nothing: undoing it shows nothing")
		}
		w[from].Add(from, Link{Target: wrong, ID: touch.NewID("operator", "", "1", 0), Unlink: true, Act: at(63)})
		w.link(from, wrong, rapid.IntRange(1, 60).Draw(t, "said once more on day"))
		if d := cmp.Diff(before, places()); d != "" {
			t.Fatalf("-never linked +linked and undone\n%s", d)
		}
	})
}
