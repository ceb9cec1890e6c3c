package routing

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestJoin(t *testing.T) {
	held := func(id, opened string) Slot {
		s := slotAt(id, "p")
		s.OpenedAt = clockAt(opened)
		return s
	}
	contacted := held("c", "10:05")
	contacted.OutreachM = &Mark{At: clockAt("10:06")}
	closed := held("x", "09:00")
	closed.RejectedM = &Mark{At: clockAt("09:30")}
	older := held("y", "08:00")
	older.RejectedM = &Mark{At: clockAt("08:30")}
	other := slotAt("o", "q")
	for _, c := range []struct {
		name string
		a, b []Slot
		want []string // id, > superseded by
		past []string
	}{
		{"different plays stand side by side", []Slot{held("h", "10:00")}, []Slot{other}, []string{"h", "o"}, nil},
		{"of two held the earlier keeps the place", []Slot{held("h", "10:00")}, []Slot{held("g", "09:59")}, []string{"g", "h>g"}, nil},
		{"one that was contacted goes first", []Slot{held("h", "10:00")}, []Slot{contacted}, []string{"h>c", "c"}, nil},
		{"a held one before a closed one", []Slot{closed}, []Slot{held("h", "10:00")}, []string{"h"}, []string{"x"}},
		{"of two closed the longer quiet", []Slot{older}, []Slot{closed}, []string{"x"}, []string{"y"}},
		{"nothing to join", []Slot{closed}, nil, []string{"x"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := &Item{Account: "account:a.example", Slots: c.a}, &Item{Account: "email:p@a.example", Slots: c.b}
			for _, got := range []*Item{Join(a, b), Join(&Item{Account: a.Account, Slots: c.b}, &Item{Slots: c.a})} {
				var ids, past []string
				for _, s := range got.Slots {
					if s.Superseded != "" {
						s.ID += ">" + s.Superseded
					}
					ids = append(ids, s.ID)
				}
				for _, p := range got.Past {
					past = append(past, p.ID)
				}
				if !cmp.Equal(ids, c.want) || !cmp.Equal(past, c.past) || got.Account != "account:a.example" {
					t.Errorf("%s: slots %v, past %v; want %v, %v", got.Account, ids, past, c.want, c.past)
				}
			}
			for _, s := range Join(a, b).Slots {
				if s.ID == "h" && (s.Owner != "ann@x.example" || !s.DueAt.Equal(clockAt("11:00"))) {
					t.Errorf("a joined handoff changed: owner %s, due %s", s.Owner, s.DueAt)
				}
			}
		})
	}
}

// Joining is a semilattice: in any order and grouping, and again, it ends in the same item.
func TestJoinLaws(t *testing.T) {
	n := 0
	items := rapid.Custom(func(rt *rapid.T) *Item {
		it := &Item{Account: "a"}
		for range rapid.IntRange(0, 2).Draw(rt, "slots") {
			n++
			s := slotAt(fmt.Sprintf("h%06d", n), rapid.SampledFrom([]string{"p", "q"}).Draw(rt, "play"))
			s.OpenedAt = clockAt("10:00").Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "opened")) * time.Minute)
			mark := func(name string) *Mark {
				if m := rapid.IntRange(-2, 3).Draw(rt, name); m >= 0 {
					return &Mark{At: clockAt("11:00").Add(time.Duration(m) * time.Minute)}
				}
				return nil
			}
			s.OutreachM, s.RejectedM = mark("outreach"), mark("rejected")
			// One item holds one handoff per place.
			it = Join(it, &Item{Slots: []Slot{s}})
			it.Seen = stamp(it.Seen, Stamp{s.Decision, s.OpenedAt.Unix()}, maxSeen)
			it.Contacts = contact(it.Contacts, Contacts{rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "person"), []int64{s.OpenedAt.Unix()}})
		}
		for range rapid.IntRange(0, 2).Draw(rt, "words") {
			// One touch may have been heard by both, at other times and with other ids of the person known.
			at := clockAt("09:00").Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "said")) * time.Minute)
			it.Withdrawn = draw(it.Withdrawn, Withdrawal{
				Spoken: Spoken{at, at.Format("touch 15:04")}, IDs: []string{rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "who")},
				Heard: at.Add(time.Duration(rapid.IntRange(1, 3).Draw(rt, "heard")) * time.Second),
			})
		}
		return it
	})
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := items.Draw(rt, "a"), items.Draw(rt, "b"), items.Draw(rt, "c")
		all := Join(Join(a, b), c)
		for name, got := range map[string]*Item{
			"other order": Join(Join(c, b), a), "other grouping": Join(a, Join(b, c)), "again": Join(Join(all, b), a),
		} {
			if d := cmp.Diff(all, got); d != "" {
				rt.Fatalf("%s (-want +got):\n%s", name, d)
			}
		}
	})
}

func TestJoinLosesNothingPending(t *testing.T) {
	a := &Item{Pending: &Pending{Since: clockAt("10:01"), Handoffs: []string{"h1"}}}
	b := &Item{Pending: &Pending{Since: clockAt("10:00"), Handoffs: []string{"h2"}}}
	want := &Pending{Since: clockAt("10:00"), Handoffs: []string{"h1", "h2"}}
	if d := cmp.Diff(want, Join(a, b).Pending); d != "" {
		t.Errorf("pending (-want +got):\n%s", d)
	}
	if got := Join(&Item{}, b).Pending; got != b.Pending {
		t.Errorf("pending of one alone: %v", got)
	}
}
