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

// Four companies ask for a demo on one day, and each handoff ends otherwise.
//
//	initech   came by a campaign an hour before, then directly: the campaign brought it. Nobody calls for 30 days.
//	hooli     only ever came directly. Somebody calls, and nobody finishes it in the 30 days after.
//	umbrella  came by a search, 91 days before: unknown. Who asked withdraws consent.
//	globex    came by an event. What its usage had brought to sales goes on as the demo, and is completed: one handoff.
func TestSourcesTellEndsApart(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	by := func(channel string) rig.With { return rig.With{"channel": channel} }
	for _, e := range []event.Envelope{
		rig.Late(rig.Say("c0", "page_viewed", "email:cat@umbrella.com", at(-91*24*60), by("organic_search")), at(-70)),
		rig.Say("a1", "page_viewed", "email:ann@initech.com", at(-60), rig.With{"channel": "paid_search", "campaign": "spring"}, rig.Company("owner", "005Hn00000AnnIto1A")),
		rig.Say("b1", "page_viewed", "email:bob@hooli.com", at(-59), by("direct")),
		rig.Say("d1", "event_attended", "email:dan@globex.com", at(-50), by("event"), rig.Company("name", "Globex", "employees", "900")),
		rig.Say("d2", "activated", "email:dan@globex.com", at(-40)),
		rig.Say("d3", "usage_limit_reached", "email:dan@globex.com", at(-30)), // seam
		rig.Say("a2", "page_viewed", "email:ann@initech.com", at(-10), by("direct")),
		rig.Say("a3", "demo_requested", "email:ann@initech.com", at(0)),
		rig.Say("b2", "demo_requested", "email:bob@hooli.com", at(1)),
		rig.Late(rig.Say("c1", "handoff_accepted", "account:umbrella.com", at(4), rig.Answers("hand_raise", "rep", "")), at(2)), // early, and taken
		rig.Say("c2", "demo_requested", "email:cat@umbrella.com", at(3)),
		rig.Say("d4", "demo_requested", "email:dee@globex.com", at(5)), // takes seam over
		rig.Say("a4", "first_outreach", "account:initech.com", at(10), rig.Answers("pql", "rep", "")),
		rig.Say("b3", "first_outreach", "account:hooli.com", at(11), rig.Answers("hand_raise", "rep", "")),
		rig.Say("b4", "handoff_completed", "account:hooli.com", at(12), rig.Answers("pql", "rep", "")),
		rig.Say("b5", "handoff_accepted", "account:hooli.com", at(13), rig.Answers("pql", "rep", "")),
		rig.Say("c3", "consent_withdrawn", "email:cat@umbrella.com", at(20)),
		rig.Say("d5", "handoff_completed", "account:globex.com", at(30), rig.Answers("hand_raise", "rep", "")),
		rig.Say("d6", "handoff_rejected", "account:globex.com", at(40), rig.Answers("hand_raise", "rep", "")), // after its end
	} {
		r.AdvanceTo(e.Time)
		r.Send(e)
	}
	r.AdvanceTo(at(60))
	snap := take(t, r.Stack)
	d := must(snap.Dossier(t.Context(), must(snap.Find(t.Context(), "initech.com"))(t), 1))(t)
	if len(d.Unfit) != 1 || d.Unfit[0].Kind != "first_outreach" || d.Unfit[0].Play != "pql" || !d.Unfit[0].At.Equal(at(10)) {
		t.Errorf("beside initech's open handoff lie %+v; want the outreach of pql", d.Unfit)
	}
	for _, f := range d.Firmographic {
		if want := map[string]string{"owner": "Ann Ito"}[f.Field]; f.Name != want {
			t.Errorf("%s %s is called %q, want %q", f.Field, f.Value, f.Name, want)
		}
	}

	r.AdvanceTo(at(35 * 24 * 60))
	got := must(take(t, r.Stack).Sources(t.Context()))(t)
	recycled := func(why string) []report.SentBack {
		return []report.SentBack{{State: "recycled", Reason: why, Count: 1}}
	}
	want := []report.SourceLine{
		{Channel: "direct", Offered: 1, Recycled: 1, WonAmount: report.Sums{}, Reasons: recycled("not finished in time after the outreach")},
		{Channel: "event", Offered: 1, Completed: 1, WonAmount: report.Sums{}, Reasons: []report.SentBack{}},
		{Channel: "paid_search", Campaign: "spring", Offered: 1, Recycled: 1, WonAmount: report.Sums{}, Reasons: recycled("nobody reached out in time")},
		{Channel: "unknown", Offered: 1, Accepted: 1, Recycled: 1, WonAmount: report.Sums{}, Reasons: recycled("it may no longer be worked")},
	}
	if d := cmp.Diff(want, got.Lines); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	unfit := report.Unfit{Count: 3, Plays: []report.UnfitPlay{{Play: "pql", Count: 3, Accounts: 2}}, TooLate: 1}
	if d := cmp.Diff(unfit, got.Unfit); d != "" {
		t.Errorf("answers that fit no handoff (-want +got):\n%s", d)
	}
}
