package explain_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"handoff/infra/explain"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// A rep's tool answers the demo of noon by its play, then names another play, then answers what is closed.
func TestEventOfAnAnswer(t *testing.T) {
	r := asked(t) // the demo of noon is accepted after ten minutes and reached after 25
	ctx := context.Background()
	answer := func(id, kind, play string, minutes int) {
		r.At(rig.Say(id, kind, "account:initech.example", rig.Noon.Add(time.Duration(minutes)*time.Minute), rig.Answers(play, "ann@handoff.example", "")))
	}
	answer("no-1", touch.FirstOutreach, "pql", 210)
	answer("no-2", touch.HandoffAccepted, "hand_raise", -30) // older than the demo
	answer("again", touch.FirstOutreach, "hand_raise", 215)
	answer("done", touch.HandoffCompleted, "hand_raise", 220)
	answer("late", touch.HandoffRejected, "hand_raise", 230)
	answer("shut", touch.FirstOutreach, "pql", 240)
	a, _ := story(t, r, "initech.example", "")
	id := "no handoff"
	for _, d := range a.Decisions {
		if d.Decision.Play == "hand_raise" {
			id = routing.HandoffID(d.Decision.ID)
		}
	}
	of := id + " (hand_raise)"
	for event, want := range map[string]string{
		"a-1":   "By it " + of + " is accepted; the clock runs until the first outreach.",
		"o-1":   "It stopped the clock of " + of + ".",
		"no-1":  "It fits no handoff: no pql was open then; it does not name what was open: " + of + ".",
		"no-2":  "It fits no handoff: the answer is older than the handoff it could mean.",
		"again": "It says again what was said of " + of + " before.",
		"done":  "It closed " + of + " as completed.",
		"late":  "It came too late for " + of,
		"shut":  "It fits no handoff: no pql was open then, nor any other.",
	} {
		e, err := explain.Event(ctx, r.Stack, event)
		if err != nil {
			t.Fatalf("%s: %v", event, err)
		}
		var b strings.Builder
		if err := e.Print(&b); err != nil {
			t.Fatal(err)
		}
		has(t, b.String(), want)
		if strings.Contains(b.String(), "no rule asks") {
			t.Errorf("of the answer %s it is said that no rule asks for it:\n%s", event, b.String())
		}
	}
}

// Of an operator's word it is told who has the handoff now, or why nothing moved.
func TestEventThatReassigns(t *testing.T) {
	r := asked(t)
	a, _ := story(t, r, "initech.example", "")
	var id, owner string
	for _, d := range a.Decisions {
		if d.Decision.Play == "hand_raise" {
			id, owner = routing.HandoffID(d.Decision.ID), d.Outcome.Choice.Owner
		}
	}
	for i, word := range []string{"moves", "again"} { // the second finds it with another
		at := rig.Noon.Add(time.Duration(200+i) * time.Minute)
		body, err := json.Marshal(event.Reassignment{ID: word, At: at.Format(time.RFC3339Nano), Account: "account:initech.example", Handoff: id,
			From: owner, By: "ops@handoff.example", Why: "on leave"})
		if err != nil {
			t.Fatal(err)
		}
		r.At(event.Envelope{Source: event.Operator, DetailType: event.ReassignmentWanted, Time: at, Detail: body})
	}
	for word, want := range map[string]string{
		"moves": "It moved " + id + " (hand_raise): Reassigned from " + owner,
		"again": "It moved nothing:",
	} {
		e, err := explain.Event(context.Background(), r.Stack, word)
		if err != nil {
			t.Fatalf("%s: %v", word, err)
		}
		var b strings.Builder
		if err := e.Print(&b); err != nil {
			t.Fatal(err)
		}
		has(t, b.String(), "an operator asked for somebody else to have a handoff", want)
	}
}
