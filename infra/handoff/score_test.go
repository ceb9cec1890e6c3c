package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/touch"
)

// Of an account's score the signals are told with how many touches they rest on, and playbooks that give points with how
// they come to them; one that only holds is named once.
func TestWritePointsTellsSignalsAndPlaybooks(t *testing.T) {
	var b strings.Builder
	writePoints(&b, &event.Evaluation{
		Signals: []event.Signal{{Name: "rolling_out", Text: "Invite accepted 3 times, last on 4 March", Evidence: make([]touch.ID, 3)}},
		PQL:     map[string]bool{"outgrown": true, "team_adoption": true, "unmet": false},
		Playbooks: []event.Playbook{
			{Name: "team_adoption", Holds: true, Score: 61, From: 60, Fit: 15, Usage: 36, Intent: 10, Rules: []event.Contribution{
				{Rule: "Large", Group: "fit", Points: 15, Text: "Employees at least 50: 250"},
				{Rule: "Joined", Group: "usage", Points: 36, Text: "Joined 3 times"},
			}},
			{Name: "unmet", Score: 0, From: 40},
		},
	})
	got := strings.Join(strings.Fields(b.String()), " ")
	want := "No rule gives points. " +
		"Signal rolling_out: Invite accepted 3 times, last on 4 March (3 touches). " +
		"Playbook outgrown holds. " +
		"Playbook team_adoption holds: 61 points of 60 (fit 15, usage 36, intent 10): +15 Employees at least 50: 250; +36 Joined 3 times. " +
		"Playbook unmet does not hold: 0 points of 40 (fit 0, usage 0, intent 0)."
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	fits(t, b.String())
}
