package subject

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/touch"
)

func at(day int) int64 { return time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC).UnixMilli() }

// world is a fixed set of links; every id not in it exists and leads nowhere.
type world map[string]*Links

func (w world) link(from, to string, day int) world {
	if w[from] == nil {
		w[from] = &Links{}
	}
	w[from].Add(from, Link{Target: to, Time: at(day), ID: touch.NewID(from, to, fmt.Sprint(day), 0)})
	return w
}

func (w world) resolver() *Resolver {
	return &Resolver{
		Lookup: func(id string) (*Links, bool) { return w[id], true },
		Implied: func(email string) string {
			if i := len("@gmail.com"); len(email) > i && email[len(email)-i:] == "@gmail.com" {
				return ""
			}
			for j := range email {
				if email[j] == '@' {
					return "account:" + email[j+1:]
				}
			}
			return ""
		},
	}
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name  string
		world world
		id    string
		day   int
		want  string
	}{
		{"a stranger is an account of one", world{}, "anon:web/1", 1, "anon:web/1"},
		{"a device before it told a name belongs to the one it tells first", world{}.link("anon:web/1", "user:7", 9).link("user:7", "email:ann@initech.com", 9), "anon:web/1", 1, "account:initech.com"},
		{"a device passed on belongs to each in turn: the first", world{}.link("anon:web/1", "email:a@x.com", 5).link("anon:web/1", "email:b@y.com", 9), "anon:web/1", 8, "account:x.com"},
		{"a device passed on belongs to each in turn: the second", world{}.link("anon:web/1", "email:a@x.com", 5).link("anon:web/1", "email:b@y.com", 9), "anon:web/1", 9, "account:y.com"},
		{"free mail implies no company", world{}.link("user:7", "email:bob@gmail.com", 2), "user:7", 3, "email:bob@gmail.com"},
		{"free mail in a known workspace belongs to its company", world{}.link("user:7", "email:bob@gmail.com", 2).link("user:7", "group:g1", 2).link("group:g1", "account:initech.com", 4), "user:7", 3, "account:initech.com"},
		{"a workspace without a domain gives way to the e-mail's company", world{}.link("user:7", "email:ann@initech.com", 2).link("user:7", "group:g1", 2), "user:7", 3, "account:initech.com"},
		{"a stated company beats the e-mail's", world{}.link("email:ann@initech.com", "crm:sf/1", 2).link("crm:sf/1", "account:globex.com", 2), "email:ann@initech.com", 3, "account:globex.com"},
		{"a workspace nobody can name is its own account", world{}.link("user:7", "group:g1", 2), "user:7", 3, "group:g1"},
		{"a deal belongs to its CRM account's company", world{}.link("opportunity:sf/6", "crm:sf/1", 2).link("crm:sf/1", "account:initech.com", 5), "opportunity:sf/6", 1, "account:initech.com"},
		{"a subsidiary belongs to its parent", world{}.link("account:sub.com", "account:parent.com", 3), "account:sub.com", 9, "account:parent.com"},
		{"a circle is one person, entered here", world{}.link("user:1", "user:2", 1).link("user:2", "user:1", 1), "user:1", 2, "user:1"},
		{"a circle is one person, entered there", world{}.link("user:1", "user:2", 1).link("user:2", "user:1", 1), "user:2", 2, "user:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, missing := tt.world.resolver().At(tt.id, at(tt.day))
			if p.Root != tt.want || len(missing) > 0 {
				t.Errorf("At(%s, day %d) = %s (missing %v), want %s", tt.id, tt.day, p.Root, missing, tt.want)
			}
		})
	}
}

func TestJobSwitchIsTwoIntervals(t *testing.T) {
	w := world{}.link("user:7", "email:ann@initech.com", 3).link("user:7", "email:ann@globex.com", 20)
	got, missing := w.resolver().Intervals("user:7")
	want := []Interval{{math.MinInt64, at(20), "account:initech.com", false}, {at(20), math.MaxInt64, "account:globex.com", false}}
	if d := cmp.Diff(want, got); d != "" || len(missing) > 0 {
		t.Errorf("-want +got (missing %v)\n%s", missing, d)
	}
}

// deviceMost is how many user ids a device may lead to.
var deviceMost = LimitOf("anon:kiosk/1", User).Most

func TestSharedSubjectLinksNothing(t *testing.T) {
	w := world{}
	for i := range deviceMost + 1 {
		w.link("anon:kiosk/1", fmt.Sprintf("user:%d", i), 1+i)
	}
	if !w["anon:kiosk/1"].Shared {
		t.Fatalf("%d targets do not make a subject shared", deviceMost+1)
	}
	if p, _ := w.resolver().At("anon:kiosk/1", at(28)); p.Root != "anon:kiosk/1" {
		t.Errorf("a shared device belongs to %s, want itself", p.Root)
	}
	// What leads to a shared subject stays where it is.
	w.link("anon:web/2", "anon:kiosk/1", 1)
	if p, _ := w.resolver().At("anon:web/2", at(28)); p.Root != "anon:web/2" {
		t.Errorf("a device that leads to a shared one belongs to %s, want itself", p.Root)
	}
}

func TestLinksAreASemilattice(t *testing.T) {
	gen := rapid.Custom(func(t *rapid.T) Link {
		n := rapid.IntRange(0, 120).Draw(t, "n")
		return Link{Target: fmt.Sprintf("user:%d", n%19), Time: at(1) + int64(n%37)*86400000, ID: touch.NewID("l", "", fmt.Sprint(n), 0)}
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(gen, 0, 60).Draw(t, "links")
		var a, b Links
		for _, l := range all {
			a.Add(kim, l)
		}
		for _, l := range append(rapid.Permutation(all).Draw(t, "order"), all...) {
			b.Add(kim, l)
		}
		if d := cmp.Diff(a, b); d != "" {
			t.Fatalf("links depend on order or duplicates\n%s", d)
		}
		c := a.Clone()
		if c.Join(kim, &b) {
			t.Fatalf("joining the same links reported a change")
		}
	})
}

// Intervals must say the same as At, everywhere.
// Same says exactly that no moment's target differs.
func TestSame(t *testing.T) {
	targets := []string{"user:1", "user:2", "email:a@x.com", "crm:c", "account:x.com"}
	link := rapid.Custom(func(t *rapid.T) Link {
		return Link{Target: rapid.SampledFrom(targets).Draw(t, "target"), Time: at(rapid.IntRange(1, 70).Draw(t, "day")),
			ID: touch.NewID("s", "t", fmt.Sprint(rapid.IntRange(1, 9).Draw(t, "id")), 0), Unlink: rapid.IntRange(0, 4).Draw(t, "unlink") == 0}
	})
	rapid.Check(t, func(t *rapid.T) {
		var ls Links
		for range rapid.IntRange(0, 6).Draw(t, "links") {
			ls.Add("anon:web/1", link.Draw(t, "link"))
		}
		more := ls.Clone()
		more.Add("anon:web/1", link.Draw(t, "added"))
		want := true
		for day := 0; day < 75; day++ {
			for _, kind := range []func(string) bool{isStated, IsIndividual} {
				want = want && ls.at(at(day), kind) == more.at(at(day), kind)
			}
		}
		if got := ls.Same(&more); got != want {
			t.Errorf("Same is %v, want %v:\n%v\n%v", got, want, ls.List, more.List)
		}
	})
	said := world{}.link("anon:web/1", "user:7", 5)["anon:web/1"]
	again := said.Clone()
	if !again.Add("anon:web/1", Link{Target: "user:7", Time: at(40), ID: touch.NewID("s", "t", "later", 0)}) {
		t.Fatal("a link of another month was not added")
	}
	if !said.Same(&again) {
		t.Error("a link said again in the next month moves something")
	}
}

func TestIntervalsAgreeWithAt(t *testing.T) {
	ids := []string{"anon:web/1", "anon:web/2", "user:1", "user:2", "email:a@x.com", "email:b@gmail.com", "group:g", "crm:sf/1", "account:x.com", "account:y.com"}
	rapid.Check(t, func(t *rapid.T) {
		w := world{}
		for range rapid.IntRange(0, 14).Draw(t, "links") {
			i := rapid.IntRange(0, len(ids)-2).Draw(t, "from")
			w.link(ids[i], ids[rapid.IntRange(i+1, len(ids)-1).Draw(t, "to")], rapid.IntRange(1, 28).Draw(t, "day"))
		}
		r := w.resolver()
		for _, id := range ids {
			ivs, missing := r.Intervals(id)
			if len(missing) > 0 || ivs[0].From != math.MinInt64 || ivs[len(ivs)-1].Until != math.MaxInt64 {
				t.Fatalf("intervals of %s: %v (missing %v)", id, ivs, missing)
			}
			for i, iv := range ivs {
				if i > 0 && (ivs[i-1].Until != iv.From || ivs[i-1].Root == iv.Root && ivs[i-1].Below == iv.Below) {
					t.Fatalf("intervals of %s have a gap or a repeat: %v", id, ivs)
				}
			}
			for day := 1; day <= 30; day++ {
				p, _ := r.At(id, at(day))
				for _, iv := range ivs {
					if iv.From <= at(day) && at(day) < iv.Until && (iv.Root != p.Root || iv.Below != p.Below) {
						t.Fatalf("%s on day %d: At says %s, below %v, Intervals %s, below %v", id, day, p.Root, p.Below, iv.Root, iv.Below)
					}
				}
			}
		}
	})
}

func TestEdges(t *testing.T) {
	tests := []struct {
		name    string
		subject string
		links   []string
		want    []Edge
	}{
		{"identify", "user:7", []string{"anon:web/1", "email:a@x.com"}, []Edge{{"user:7", "email:a@x.com"}, {"anon:web/1", "email:a@x.com"}}},
		{"group", "user:7", []string{"group:g", "account:x.com"}, []Edge{{"group:g", "account:x.com"}, {"user:7", "account:x.com"}}},
		{"alias names the older first", "user:7", []string{"anon:web/1"}, []Edge{{"anon:web/1", "user:7"}}},
		{"deal of an account, with a contact", "opportunity:sf/6", []string{"crm:sf/1", "contact:sf/3"}, []Edge{{"opportunity:sf/6", "crm:sf/1"}}},
		{"deal of a person", "opportunity:sf/6", []string{"email:a@x.com"}, []Edge{{"opportunity:sf/6", "email:a@x.com"}}},
		{"nothing but itself", "user:7", []string{"user:7", "", "bogus"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Edges(&touch.Touch{Subject: tt.subject, Links: tt.links})
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}
