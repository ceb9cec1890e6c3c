package routing

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/touch"
)

func TestTakeOver(t *testing.T) {
	demo := &Play{Name: "demo", TakesOver: []string{"usage", "score"}}
	reached, shut, joined := slotAt("reached", "usage"), slotAt("shut", "score"), slotAt("joined", "usage")
	reached.OutreachM = &Mark{At: clockAt("10:20")}
	shut.CompletedM = &Mark{At: clockAt("10:20")}
	joined.Superseded = "open"
	it := &Item{Account: "account:a.example", Slots: []Slot{
		slotAt("open", "usage"), reached, shut, joined, slotAt("other", "renewal"), slotAt("itself", "demo"),
	}}
	if got, want := it.takenOver(demo), []string{"usage"}; !cmp.Equal(got, want) {
		t.Errorf("it would take over %v; want %v", got, want)
	}
	it.takeOver("itself", demo)
	var taken []string
	for i := range it.Slots {
		if it.Slots[i].TakenOver != "" {
			taken = append(taken, it.Slots[i].ID)
		}
	}
	if want := []string{"open"}; !cmp.Equal(taken, want) {
		t.Errorf("taken over are %v; want %v: not what somebody has reached out for, what is closed, and other plays", taken, want)
	}

	// The next look at the item closes it, before any reminder, and lets its team's counter go.
	quiet := func(*Slot) string { return "" }
	var closed *Effect
	for {
		e, ok := it.Tend(clockAt("10:00"), quiet)
		if !ok {
			break
		}
		if e.Slot.ID == "open" {
			closed = &e
		}
	}
	if closed == nil || closed.Record.Outcome != string(Recycled) || closed.Record.End != EndTakenOver || !closed.Released || closed.Tell != TellClosed {
		t.Fatalf("the look at the item came to %+v; want the end of what was taken over", closed)
	}
	if e, ok := it.Tend(clockAt("10:50"), func(s *Slot) string {
		if s.ID == "open" {
			t.Error("what was closed is looked at again")
		}
		return ""
	}); ok && e.Slot.ID == "open" {
		t.Errorf("%s was %s after it was taken over", e.Slot.ID, e.Record.Outcome)
	}
}

// TestOutreachGoesOn: what a rep says under the id of the handoff that was taken over.
func TestOutreachGoesOn(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		at         time.Time
		want       string // the handoff that takes the mark
	}{
		{"an outreach after the takeover answers the new one", touch.FirstOutreach, clockAt("10:40"), "new"},
		{"an outreach before it answered the old one", touch.FirstOutreach, clockAt("10:10"), "old"},
		{"a rejection closes a task, and refuses nobody's demo", touch.HandoffRejected, clockAt("10:40"), "old"},
		{"a receipt is of the task that the tool names", touch.HandoffReceived, clockAt("10:40"), "old"},
	} {
		for _, byPlay := range []bool{false, true} {
			old, now := slotAt("old", "usage"), slotAt("new", "demo")
			now.OpenedAt, old.TakenOver = clockAt("10:30"), "new"
			it := &Item{Account: "account:a.example", Slots: []Slot{old, now}}
			a := Answer{Touch: "t1", Kind: c.kind, At: c.at, Handoff: "old"}
			if byPlay {
				a.Handoff, a.Play = "", "usage"
			}
			if e := it.Apply(a, clockAt("10:45")); e.Slot == nil || e.Slot.ID != c.want {
				t.Errorf("%s (by play: %t): taken by %+v; want %s", c.name, byPlay, e.Slot, c.want)
			}
		}
	}
}

// TestJoinKeepsTakeover: a copy that knows of the takeover and one that does not come to the same, whichever is joined to which.
func TestJoinKeepsTakeover(t *testing.T) {
	old, taken := slotAt("old", "usage"), slotAt("old", "usage")
	taken.TakenOver = "new"
	one, other := &Item{Account: "account:a.example", Slots: []Slot{old}}, &Item{Account: "account:a.example", Slots: []Slot{taken}}
	for _, it := range []*Item{Join(one, other), Join(other, one)} {
		if i := slices.IndexFunc(it.Slots, func(s Slot) bool { return s.ID == "old" }); it.Slots[i].TakenOver != "new" {
			t.Error("joined, the handoff is open again")
		}
	}
}

func TestCheckTakeovers(t *testing.T) {
	plays := []Play{
		{Name: "demo", Outcome: Handoff, TakesOver: []string{"usage", "mail", "nosuch"}},
		{Name: "usage", Outcome: Handoff, TakesOver: []string{"demo"}},
		{Name: "mail", Outcome: Nurture},
	}
	want := []string{"$.plays[0].takes_over[0]", "$.plays[0].takes_over[1]", "$.plays[0].takes_over[2]", "$.plays[1].takes_over[0]"}
	if got := paths(CheckTakeovers(plays)); !cmp.Equal(got, want) {
		t.Errorf("problems at %v; want %v", got, want)
	}
	own := Play{Name: "demo", Outcome: Handoff, TakesOver: []string{"demo"}}
	if got := paths(own.Validate("$.plays[0]")); !slices.Contains(got, "$.plays[0].takes_over[0]") {
		t.Errorf("a play that takes over itself has problems at %v", got)
	}
}

// TestAnswerHeardAgain: an answer that closed a handoff, and is delivered again after the one that had lost its place to
// that was closed too, still means the first.
func TestAnswerHeardAgain(t *testing.T) {
	kept, lost := slotAt("kept", "demo"), slotAt("lost", "demo")
	lost.OpenedAt, lost.Superseded = clockAt("10:05"), "kept"
	it := &Item{Account: "account:a.example", Slots: []Slot{kept, lost}}
	a := Answer{Touch: "t1", Kind: touch.HandoffCompleted, At: clockAt("10:40"), Play: "demo"}
	if e := it.Apply(a, clockAt("10:41")); e.Slot == nil || e.Slot.ID != "lost" && e.Slot.ID != "kept" {
		t.Fatalf("the answer was taken by %+v", e.Slot)
	} else if e.Slot.ID != "kept" {
		t.Errorf("the answer was taken by %s, for which another stands", e.Slot.ID)
	}
	if _, ok := it.Tend(clockAt("10:42"), func(*Slot) string { return "" }); !ok {
		t.Fatal("the one that lost its place is not closed")
	}
	if e := it.Apply(a, clockAt("10:43")); e.Slot == nil || e.Slot.ID != "kept" || e.Record.Outcome != Repeated {
		t.Errorf("heard again it was taken by %+v as %s; want kept, as a repeat", e.Slot, e.Record.Outcome)
	}
}
