package report_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/report"
	"handoff/shared/event"
	"handoff/tests/rig"
)

// Four companies ask. Two came by a campaign: one handoff is sent back with its reason, the other completed and its deal
// won. One came by organic search and is sent back for later. One said nothing of how it came, and is open.
func TestSources(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	spring := rig.With{"channel": "paid_search", "campaign": "spring"}
	for _, e := range []event.Envelope{
		rig.Say("a0", "page_viewed", "email:ann@initech.com", at(-300), rig.With{"channel": "organic_search"}), // an earlier one
		rig.Say("a1", "page_viewed", "email:ann@initech.com", at(-60), spring),
		rig.Say("b1", "page_viewed", "email:bob@hooli.com", at(-59), spring),
		rig.Say("c1", "page_viewed", "email:cat@umbrella.com", at(-58), rig.With{"channel": "organic_search"}),
		rig.Say("a2", "demo_requested", "email:ann@initech.com", at(0)),
		rig.Say("b2", "demo_requested", "email:bob@hooli.com", at(1)),
		rig.Say("c2", "demo_requested", "email:cat@umbrella.com", at(2)),
		rig.Say("d2", "demo_requested", "email:dan@globex.com", at(3)),
		rig.Say("a3", "handoff_accepted", "account:initech.com", at(10), rig.Answers("hand_raise", "rep", "")),
		rig.Say("a4", "handoff_rejected", "account:initech.com", at(20), rig.Answers("hand_raise", "rep", "no budget")),
		rig.Say("a5", "page_viewed", "email:ann@initech.com", at(21), rig.With{"channel": "email"}), // after the handoff
		rig.Say("b3", "handoff_completed", "account:hooli.com", at(30), rig.Answers("hand_raise", "rep", "")),
		rig.Say("b4", "opportunity_won", "opportunity:salesforce/006B", at(40), rig.Deal("salesforce/006B", "won", 500_000), rig.Links("account:hooli.com")),
		rig.Say("c3", "handoff_recycled", "account:umbrella.com", at(50), rig.Answers("hand_raise", "rep", "")),
		rig.Say("c4", "opportunity_lost", "opportunity:salesforce/006C", at(55), rig.Deal("salesforce/006C", "lost", 100), rig.Links("account:umbrella.com")),
		rig.Say("e1", "opportunity_won", "opportunity:salesforce/006E", at(56), rig.Deal("salesforce/006E", "won", 700), rig.Links("account:acme.com")), // never handed over
	} {
		r.AdvanceTo(e.Time)
		r.Send(e)
	}
	r.AdvanceTo(at(8 * 24 * 60)) // the handoffs were offered more than a week ago
	got := must(take(t, r.Stack).Sources(t.Context()))(t)
	want := []report.SourceLine{
		{Channel: "paid_search", Campaign: "spring", Offered: 2, Accepted: 1, Rejected: 1, Completed: 1, Won: 1, WonAmount: report.Sums{usd(500_000)},
			Reasons: []report.SentBack{{State: "rejected", Reason: "no budget", Count: 1}}},
		{Channel: "organic_search", Offered: 1, Recycled: 1, Lost: 1, WonAmount: report.Sums{},
			Reasons: []report.SentBack{{State: "recycled", Reason: "no reason given", Count: 1}}},
		{Channel: "unknown", Offered: 1, WonAmount: report.Sums{}, Reasons: []report.SentBack{}},
	}
	if d := cmp.Diff(want, got.Lines); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	for _, team := range got.Teams {
		if team.Team != "sales" {
			continue
		}
		if d := cmp.Diff([]int{0, 0, 4, 0}, team.Weeks); d != "" {
			t.Errorf("offered by week (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]int{0, 0, 3, 0}, team.Closed); d != "" {
			t.Errorf("closed by week (-want +got):\n%s", d)
		}
		if team.Open != 1 {
			t.Errorf("%d open, want 1", team.Open)
		}
	}
}
