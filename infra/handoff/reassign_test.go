package main

import (
	"strings"
	"testing"

	"handoff/infra/reassign"
)

// What was asked for and not done says so, and what to look at.
func TestReassignedNothing(t *testing.T) {
	for name, c := range map[string]struct{ to, says string }{
		"nobody else":      {"", "Nobody else of the team could take it"},
		"route did not it": {"bo@vendor.example", "handoff dlq list"},
	} {
		p := &reassign.Plan{From: "ann@vendor.example", Settled: true, Moves: []reassign.Move{{Name: "Initech", Owner: "ann@vendor.example", To: c.to}}}
		var b strings.Builder
		printReassigned(&b, p)
		got := strings.Join(strings.Fields(b.String()), " ")
		if !strings.Contains(got, "Nothing moved: 1 open handoff stays with ann@vendor.example.") || !strings.Contains(got, c.says) || strings.Contains(got, "add --yes") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
