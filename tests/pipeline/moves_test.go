package pipeline

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// moving is Ann, who is at Initech, a customer, and then at Raviga; two tools say so, a device is hers throughout.
func moving() []event.Envelope {
	at := func(hours int) time.Time { return rig.Noon.Add(time.Duration(hours) * time.Hour) }
	return []event.Envelope{
		rig.Say("m1", touch.PageViewed, "anon:web/ann", at(0)),
		rig.Say("m2", touch.Identified, "user:ann", at(1), rig.Links("email:ann@initech.example", "anon:web/ann"), rig.With{"person": rig.With{"name": "Ann", "title": "CTO"}}),
		rig.Say("m3", touch.SubscriptionStarted, "email:bob@initech.example", at(2)),
		rig.Say("m4", touch.PricingViewed, "user:ann", at(3)),
		rig.Say("m5", touch.Identified, "user:ann", at(10), rig.Links("email:ann@raviga.example")),
		rig.Say("m6", touch.ContactUpdated, "contact:crm/1", at(4), rig.Links("email:ann@initech.example")),
		rig.Say("m7", touch.ContactUpdated, "contact:crm/1", at(12), rig.Links("email:ann@raviga.example")),
		rig.Say("m8", touch.PageViewed, "anon:web/ann", at(13)),
	}
}

// That somebody left one company and came to another is made of the links alone: both companies know of it, each once,
// whatever came first, and whoever said it.
func TestMovesAreKnownAlikeInAnyOrder(t *testing.T) {
	end := rig.Noon.Add(80 * time.Hour)
	play := func(t testing.TB, events []event.Envelope) *rig.Rig {
		r := rig.Open(t, rig.Config{Dataset: known})
		r.AdvanceTo(rig.Noon.Add(14 * time.Hour))
		for _, e := range events {
			r.Send(rig.Late(e, r.Now()))
		}
		r.AdvanceTo(end)
		r.Quiet()
		return r
	}
	decided := func(r *rig.Rig) string {
		var out []string
		for _, d := range r.Decisions() {
			if strings.HasPrefix(d.Play, "champion_") {
				out = append(out, d.Account+" "+d.Play+" "+d.Newest.Format("15:04"))
			}
		}
		if len(out) == 2 && out[0] > out[1] {
			out[0], out[1] = out[1], out[0]
		}
		return strings.Join(out, ", ")
	}
	const want = "account:initech.example champion_left 03:00, account:raviga.example champion_arrived 03:00"
	inOrder := play(t, moving())
	whole(t, inOrder)
	if got := decided(inOrder); got != want {
		t.Errorf("decided %s, want %s", got, want)
	}
	facts, evaluations := inOrder.Facts(), inOrder.Evaluations(end)
	if !strings.Contains(evaluations[initech], "champion_left") || !strings.Contains(evaluations["account:raviga.example"], "champion_arrived") {
		t.Error("the evaluations say nothing of the move")
	}
	if t.Failed() {
		return
	}
	rig.Check(t, 100, func(rt *rapid.T) {
		events := rapid.Permutation(moving()).Draw(rt, "order")
		r := play(t, append(events, events[:rapid.IntRange(0, 3).Draw(rt, "twice")]...))
		for what, d := range map[string]string{
			"facts": rig.Diff(facts, r.Facts()), "facts folded again": rig.Diff(r.Rebuilt(), r.Facts()), "evaluations": rig.Diff(evaluations, r.Evaluations(end)),
		} {
			if d != "" {
				rt.Fatalf("%s differ: -in order +in another\n%s", what, d)
			}
		}
		for _, play := range []string{initech + " champion_left", "account:raviga.example champion_arrived"} {
			if got := decided(r); strings.Count(got, play) != 1 {
				rt.Fatalf("decided %s, want once %s", got, play)
			}
		}
		r.Close()
	})
}
