package report_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/money"
	"handoff/shared/routing"
	"handoff/tests/rig"
)

func usd(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "USD"} }

func at(minutes int) time.Time { return rig.Noon.Add(time.Duration(minutes) * time.Minute) }

// world is three companies and a visitor, seen three hours after noon in New York: Ann of Initech asked for a demo at
// noon and nobody called within the hour, Kim of Umbrella was called after half an hour, Hooli bought for 5,000.00 and
// paid 4,500.00.
func world(t *testing.T) *rig.Rig {
	t.Helper()
	r := rig.Open(t, rig.Config{})
	invoice := rig.With{"money": map[string]any{"minor": 450_000, "currency": "USD"}, "invoice": "in_1", "invoice_type": "new", "props": map[string]any{"opportunity": "006B"}}
	for _, e := range []event.Envelope{
		rig.Say("a0", "page_viewed", "email:ann@initech.com", at(-60), rig.With{"channel": "organic_search"}),
		rig.Say("b0", "form_submitted", "email:bob@hooli.com", at(-50), rig.Person("name", "Bob Roe"), rig.Company("name", "Hooli"), rig.With{"channel": "paid_search"}),
		rig.Say("b1", "opportunity_created", "opportunity:salesforce/006B", at(-40), rig.Deal("salesforce/006B", "open", 500_000), rig.Links("account:hooli.com")),
		rig.Say("v0", "page_viewed", "anon:acme.app/v1", at(-30)),
		rig.Say("b2", "opportunity_won", "opportunity:salesforce/006B", at(-20), rig.Deal("salesforce/006B", "won", 0), rig.Links("account:hooli.com")),
		rig.Say("b3", "invoice_paid", "email:bob@hooli.com", at(-10), invoice),
		rig.Say("a1", "pricing_viewed", "email:ann@initech.com", at(-1)),
		rig.Say("a2", "demo_requested", "email:ann@initech.com", at(0), rig.Person("name", "Ann Lee", "title", "CTO"), rig.Company("name", "Initech", "employees", "120")),
		rig.Say("k0", "contact_sales_requested", "email:kim@umbrella.com", at(1), rig.Company("name", "Umbrella", "country", "GB")),
		rig.Say("a3", "opportunity_created", "opportunity:salesforce/006A", at(5), rig.Deal("salesforce/006A", "open", 1_000_000), rig.Links("account:initech.com")),
		rig.Say("k1", "first_outreach", "account:umbrella.com", at(31), rig.Answers("hand_raise", "ann@handoff.example", "")),
		{Source: "acme.app", DetailType: "Touch", Time: at(40), Detail: []byte(`{"kind":"page_viewed","time":"2026-03-04T17:40:00Z","subject":"user:9"}`)},
		{Source: "acme.app", DetailType: "Touch", Time: at(50), Detail: []byte(`{"kind":"page_viewed","time":"2026-03-04T17:50:00Z","subject":"user:9"}`)},
		{Source: "nobody.knows", DetailType: "Thing", Time: at(55), Detail: []byte(`{"a":1}`)},
	} {
		r.AdvanceTo(e.Time)
		r.Send(e)
	}
	r.AdvanceTo(at(180))
	return r
}

func take(t *testing.T, s *stack.Stack) *report.Snapshot {
	t.Helper()
	snap, err := report.Take(t.Context(), s, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestFirstScreen(t *testing.T) {
	snap := take(t, world(t).Stack)
	f := must(snap.First(t.Context(), func(context.Context) (int, error) { return 2, nil }))(t)
	if !f.At.Equal(at(180)) || !f.From.Equal(at(-60)) || f.Touches != 11 || f.Accounts != 4 {
		t.Errorf("got %s to %s, %d touches, %d accounts; want %s to %s, 11 and 4", f.From, f.At, f.Touches, f.Accounts, at(-60), at(180))
	}
	w := f.Waiting
	if w.Buyers != 1 || w.Handoffs != 1 || w.Open != 2 || w.Dealless != 0 || w.Oldest == nil || w.Oldest.Name != "Initech" || !w.Oldest.DueAt.Equal(at(60)) {
		t.Errorf("waiting: got %+v, oldest %+v; want one of two open, Initech, due an hour after noon", w, w.Oldest)
	}
	if d := cmp.Diff(report.Sums{usd(1_000_000)}, w.Pipeline); d != "" {
		t.Errorf("pipeline at stake (-want +got):\n%s", d)
	}
	if f.Unexplained.Events == nil || *f.Unexplained.Events != 2 {
		t.Errorf("events: got %v, want the 2 that were counted", f.Unexplained.Events)
	}
	want := &report.Agreement{Compared: 1, Differ: []report.Disagreement{{
		Deal: "opportunity:salesforce/006B", Account: "account:hooli.com", Name: "Hooli", CRM: usd(500_000), Billed: report.Sums{usd(450_000)},
		Why: "500.00 USD less was paid than the CRM says",
	}}}
	if d := cmp.Diff(want, f.Unexplained.Money); d != "" {
		t.Errorf("money (-want +got):\n%s", d)
	}
	if len(f.Best.Points) != 0 {
		t.Errorf("best point: got %+v of one customer, want none", f.Best.Points)
	}
	left := must(take(t, snap.Stack).First(t.Context(), nil))(t)
	if left.Unexplained.Events != nil {
		t.Errorf("events: got %d, want null where nobody counts", *left.Unexplained.Events)
	}
}

func TestQueue(t *testing.T) {
	snap := take(t, world(t).Stack)
	q := must(snap.Queue(t.Context(), report.QueueFilter{}))(t)
	if len(q.Handoffs) != 2 || len(q.Reps) != 2 {
		t.Fatalf("got %+v, want two handoffs of two reps", q)
	}
	first, second := q.Handoffs[0], q.Handoffs[1]
	if first.Name != "Initech" || !first.Overdue || first.State != "open" || first.Age != 180*60 || first.Person != "email:ann@initech.com" {
		t.Errorf("first: got %+v, want Initech's, open for three hours and overdue", first)
	}
	if second.Name != "Umbrella" || second.Overdue || second.State != "first_outreach" {
		t.Errorf("second: got %+v, want Umbrella's, contacted", second)
	}
	want := []report.Rep{
		{Owner: first.Owner, Team: "sales", Open: 1, Waiting: 1, Overdue: 1, OldestDue: at(60), Offered: 1},
		{Owner: second.Owner, Team: "sales", Open: 1, Offered: 1, Reached: 1, MedianOutreach: 1800},
	}
	if d := cmp.Diff(want, q.Reps); d != "" {
		t.Errorf("reps (-want +got):\n%s", d)
	}
	for _, c := range []struct {
		name   string
		filter report.QueueFilter
		want   []string
	}{
		{"overdue", report.QueueFilter{Overdue: true}, []string{"Initech"}},
		{"rep", report.QueueFilter{Rep: second.Owner[:3]}, []string{"Umbrella"}},
		{"team", report.QueueFilter{Team: "Sales"}, []string{"Initech", "Umbrella"}},
		{"other team", report.QueueFilter{Team: "growth"}, nil},
		{"nobody", report.QueueFilter{Rep: "zoe"}, nil},
	} {
		got := must(snap.Queue(t.Context(), c.filter))(t)
		var names []string
		for _, h := range got.Handoffs {
			names = append(names, h.Name)
		}
		if d := cmp.Diff(c.want, names); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestHottest(t *testing.T) {
	snap := take(t, world(t).Stack)
	hot := must(snap.Hottest(t.Context(), 2))(t)
	if len(hot) != 1 { // nobody else has a point
		t.Fatalf("got %d accounts, want Initech alone: %+v", len(hot), hot)
	}
	h := hot[0]
	// CTO 20, 120 employees 15, pricing 30, demo 50.
	if h.Name != "Initech" || h.Score != 115 || h.Fit != 35 || h.Interest != 80 || h.Band != "sales" || h.Quadrant != "high/high" {
		t.Errorf("got %+v, want Initech with 35 + 80", h)
	}
	var points []int
	for _, r := range h.Reasons {
		points = append(points, r.Points)
	}
	if d := cmp.Diff([]int{50, 30, 20, 15}, points); d != "" {
		t.Errorf("reasons' points (-want +got):\n%s", d)
	}
	if len(h.Handoffs) != 1 || h.Owner != h.Handoffs[0].Owner || len(h.Deals) != 1 || h.Deals[0].Amount != usd(1_000_000) {
		t.Errorf("open: got %+v and %+v, want one handoff and the deal of 10,000.00", h.Handoffs, h.Deals)
	}
}

func TestRevenue(t *testing.T) {
	snap := take(t, world(t).Stack)
	r := must(snap.Revenue(t.Context(), []string{"first", "linear"}))(t)
	// One deal of 5,000.00 and one touch that may be credited: the form by paid search. The invoice is not counted again.
	want := []report.CurrencyRevenue{{
		Currency: "USD", Conversions: 1, Total: 500_000, Channels: []report.ChannelLine{{Channel: "paid_search", Minor: []int64{500_000, 500_000}}},
		Unattributed: []int64{0, 0}, From: at(-20), Until: at(-20),
	}}
	if d := cmp.Diff(want, r.Currencies); d != "" {
		t.Errorf("revenue (-want +got):\n%s", d)
	}
	if _, err := snap.Revenue(t.Context(), []string{"guess"}); err == nil {
		t.Error("a model that the policy does not compute was taken")
	}
}

func TestRejects(t *testing.T) {
	snap := take(t, world(t).Stack)
	r := must(snap.Rejects(t.Context()))(t)
	if r.Quarantined != 3 || r.Ignored != 0 || len(r.Quarantine) != 2 {
		t.Fatalf("got %+v, want three events in two groups", r)
	}
	a, b := r.Quarantine[0], r.Quarantine[1]
	if a.Contract != "canonical@1" || a.Owner != "revops-platform" || a.Count != 2 || !a.First.Equal(at(40)) || !a.Last.Equal(at(50)) || a.Reason == "" {
		t.Errorf("got %+v, want canonical's two without an id", a)
	}
	if b.Contract != "" || b.Source != "nobody.knows" || b.Code != "unknown_source" || b.Count != 1 {
		t.Errorf("got %+v, want the unknown source", b)
	}
}

func TestFunnel(t *testing.T) {
	snap := take(t, world(t).Stack)
	var f report.Funnel
	for _, x := range must(snap.Funnels(t.Context()))(t) {
		if x.Motion == report.EveryMotion {
			f = x
		}
	}
	type line struct {
		Stage     string
		Now, Ever int
	}
	var got []line
	for _, s := range f.Stages {
		got = append(got, line{s.Stage, s.Now, s.Ever})
	}
	// The visitor stays; Umbrella raised its hand; Initech too, and has a deal; Hooli bought.
	want := []line{
		{"ANONYMOUS_VISITOR", 1, 4}, {"KNOWN_LEAD", 0, 3}, {"MARKETING_QUALIFIED_LEAD", 1, 3}, {"SALES_QUALIFIED_LEAD", 1, 2},
		{"ACTIVE_CUSTOMER", 1, 1}, {"POWER_USER", 0, 0}, {"ADVOCATE", 0, 0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("funnel (-want +got):\n%s", d)
	}
}

// Of the accounts that stand at a stage, those that have for longer than its SLA are counted for its owner: of three that
// asked for a demo, the one that asked more than two days ago and was taken up by nobody.
func TestFunnelCountsWhatIsOverdue(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	const day = 24 * 60
	old, fresh, taken := "email:ann@old.com", "email:ben@fresh.com", "email:cid@taken.com"
	r.Send(rig.Say("1", "demo_requested", old, at(0)), rig.Say("2", "demo_requested", taken, at(1)), rig.Say("3", "meeting_booked", taken, at(2)))
	r.AdvanceTo(at(day))
	r.Send(rig.Say("4", "demo_requested", fresh, at(day)))
	r.AdvanceTo(at(2*day + 61)) // the first whole hour that is more than two days after the first
	var f report.Funnel
	for _, x := range must(take(t, r.Stack).Funnels(t.Context()))(t) {
		if x.Motion == report.EveryMotion {
			f = x
		}
	}
	for _, s := range f.Stages {
		want := report.FunnelStage{Stage: s.Stage, Owner: s.Owner, Now: s.Now, Ever: s.Ever, Days: s.Days, Timed: s.Timed}
		switch s.Stage {
		case "MARKETING_QUALIFIED_LEAD":
			want.Now, want.SLA, want.Overdue, want.Owner = 2, "2d", 1, "marketing"
		case "SALES_QUALIFIED_LEAD":
			want.Now, want.SLA, want.Owner = 1, "14d", "sales"
		}
		if s != want {
			t.Errorf("got %+v, want %+v", s, want)
		}
	}
}

// Twenty companies come by, ten become known, eight of these ask for a demo, six get a deal, five buy for 1,000.00 each.
func TestBestNextPoint(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	var events []event.Envelope
	for i := range 20 {
		who, deal := fmt.Sprintf("email:ann@company-%d.com", i), fmt.Sprintf("salesforce/006%03d", i)
		say := func(minute int, kind, who string, more ...rig.With) {
			events = append(events, rig.Say(fmt.Sprint(kind, i), kind, who, at(minute), more...))
		}
		say(0, "page_viewed", who)
		if i < 10 {
			say(1, "form_submitted", who)
		}
		if i < 8 {
			say(2, "demo_requested", who)
		}
		if i < 6 {
			say(3, "opportunity_created", "opportunity:"+deal, rig.Deal(deal, "open", 100_000), rig.Links(fmt.Sprintf("account:company-%d.com", i)))
		}
		if i < 5 {
			say(4, "opportunity_won", "opportunity:"+deal, rig.Deal(deal, "won", 0), rig.Links(fmt.Sprintf("account:company-%d.com", i)))
		}
	}
	r.AdvanceTo(at(5))
	r.Send(events...)
	best := must(take(t, r.Stack).Best(t.Context()))(t)
	if best.Currency != "USD" || len(best.Points) != 2 {
		t.Fatalf("got %+v, want sales-led and all", best)
	}
	// Revenue is 5,000.00. A point at a step that n of m pass adds 5,000.00 · m / (100 · n).
	adds := func(minor int64) *money.Amount { a := usd(minor); return &a }
	const a, k, m, s, c = "ANONYMOUS_VISITOR", "KNOWN_LEAD", "MARKETING_QUALIFIED_LEAD", "SALES_QUALIFIED_LEAD", "ACTIVE_CUSTOMER"
	want := report.Point{Motion: "all", From: a, To: k, Of: 20, Passed: 10, Revenue: usd(500_000), Adds: usd(10_000), Steps: []report.Step{
		{From: a, To: k, Of: 20, Passed: 10, Adds: adds(10_000)}, {From: k, To: m, Of: 10, Passed: 8, Adds: adds(6_250)},
		{From: m, To: s, Of: 8, Passed: 6, Adds: adds(6_666)}, {From: s, To: c, Of: 6, Passed: 5, Adds: adds(6_000)},
	}}
	if d := cmp.Diff(want, best.Points[1]); d != "" {
		t.Errorf("all accounts (-want +got):\n%s", d)
	}
	// Sales-led are the eight that asked for a demo; all of them were known, so the first steps cannot be bettered.
	if p := best.Points[0]; p.Motion != "sales_led" || p.From != m || p.To != s || p.Of != 8 || p.Passed != 6 || p.Adds != usd(6_666) {
		t.Errorf("sales-led: got %+v, want 66.66 at the step to sales qualified", p)
	}
}

func TestStatus(t *testing.T) {
	r := world(t)
	st := must(take(t, r.Stack).Status(t.Context()))(t)
	if len(st.Act) != 0 {
		t.Errorf("got %q, want nothing to act on", st.Act)
	}
	var heard []report.Source
	for _, s := range st.Sources {
		if !s.Never {
			heard = append(heard, s)
		}
	}
	// Eleven touches; what was quarantined without a source of its own counts for the contract.
	want := []report.Source{
		{Name: "canonical", Events: 2, Last: at(50), Silence: 130 * 60},
		{Name: "acme.app", Events: 11, Last: at(31), Silence: 149 * 60},
	}
	if d := cmp.Diff(want, heard); d != "" {
		t.Errorf("sources (-want +got):\n%s", d)
	}
	// A tool that spoke every minute for an hour is silent after two.
	for i := range 60 {
		r.Send(rig.Say(fmt.Sprint("s", i), "signed_in", "user:7", at(180+i), rig.With{"source": "steady"}))
		r.Advance(time.Minute)
	}
	r.Advance(5 * time.Minute)
	st = must(take(t, r.Stack).Status(t.Context()))(t)
	for _, s := range st.Sources {
		if s.Name == "steady" && (!s.Silent || s.Usual != 60) {
			t.Errorf("got %+v, want it silent by its usual minute", s)
		}
	}
	if len(st.Act) != 1 {
		t.Errorf("got %q, want the silent source", st.Act)
	}
}

func TestStatusShowsWhatIsStopped(t *testing.T) {
	r := world(t)
	w := routing.Switch{At: at(170), By: "ann", Why: "test"}
	body := routing.PlayState{Mode: routing.Observe, ModeBy: &w, Paused: &w, Tripped: &w, Changes: []routing.Switch{w}}
	put(t, r, routing.PlayKey("mql"), body)
	for _, p := range must(take(t, r.Stack).Status(t.Context()))(t).Plays {
		if p.Play != "mql" {
			continue
		}
		want := report.PlayStatus{Play: "mql", Mode: "observe", Policy: "live", ModeBy: &w, Paused: &w, Tripped: &w, Limit: "50 per 1h", Max: 50, Per: 3600, Changes: []routing.Switch{w}}
		if d := cmp.Diff(want, p); d != "" {
			t.Errorf("mql (-want +got):\n%s", d)
		}
	}
}

func TestFind(t *testing.T) {
	snap := take(t, world(t).Stack)
	for _, who := range []string{
		"initech.com", "https://www.Initech.com/pricing", "ann@initech.com", "Ann@Initech.com", "email:ann@initech.com", "account:initech.com",
		"Initech", "init", "006A", "opportunity:salesforce/006A",
	} {
		a, err := snap.Find(t.Context(), who)
		if err != nil || a.ID != "account:initech.com" {
			t.Errorf("Find(%q): got %v, %v, want account:initech.com", who, a, err)
		}
	}
	q := must(snap.Queue(t.Context(), report.QueueFilter{}))(t)
	if a, err := snap.Find(t.Context(), q.Handoffs[0].ID); err != nil || a.ID != "account:initech.com" {
		t.Errorf("by handoff: got %v, %v", a, err)
	}
	for _, who := range []string{"", "nobody.example", "zoe@initech.example", "hof_nothing"} {
		if a, err := snap.Find(t.Context(), who); !errors.Is(err, report.ErrUnknown) && !errors.As(err, new(*report.Several)) {
			t.Errorf("Find(%q): got %v, %v, want ErrUnknown", who, a, err)
		}
	}
	var several *report.Several
	if _, err := snap.Find(t.Context(), ".com"); !errors.As(err, &several) || len(several.Accounts) != 3 {
		t.Errorf("Find(.com): got %v, want three to choose from", several)
	}
}

func TestDossier(t *testing.T) {
	snap := take(t, world(t).Stack)
	a := must(snap.Find(t.Context(), "initech.com"))(t)
	d := must(snap.Dossier(t.Context(), a, 2))(t)
	if d.TouchCount != 5 || len(d.Touches) != 2 { // three of Ann's, the deal's, and the answer of enrich
		t.Fatalf("got %d touches and %d listed, want 5 and 2: %+v", d.TouchCount, len(d.Touches), d.Touches)
	}
	if d.Touches[0].Kind != "opportunity_created" || d.Touches[1].Kind != "demo_requested" || d.Touches[1].Who != "Ann Lee" {
		t.Errorf("latest touches: got %+v, want the deal's and Ann's demo request", d.Touches)
	}
	if m := d.Members[0]; m.Name != "Ann Lee" || m.Title != "CTO" || m.Count != 3 || !m.Last.Equal(at(0)) {
		t.Errorf("first member: got %+v, want Ann, three touches, the last at noon", m)
	}
	facts := map[string]report.Fact{}
	for _, f := range d.Firmographic {
		facts[f.Field] = f
	}
	want := report.Fact{Field: "employees", Value: "120", Source: "acme.app", Touch: rig.TouchID("a2", "demo_requested"), At: at(0)}
	if d := cmp.Diff(want, facts["employees"]); d != "" {
		t.Errorf("employees (-want +got):\n%s", d)
	}
	if len(d.Places) != 1 || d.Places[0].Stage != "SALES_QUALIFIED_LEAD" || len(d.Places[0].Why) == 0 {
		t.Errorf("stages: got %+v, want sales qualified with its reason", d.Places)
	}
	if len(d.Handoffs) != 1 || !d.Handoffs[0].Overdue || len(d.Deals) != 1 || d.Review.IsZero() {
		t.Errorf("got handoffs %+v, deals %+v, review %s; want one late, one open, and a review", d.Handoffs, d.Deals, d.Review)
	}
}

func TestNow(t *testing.T) {
	r := world(t)
	now := func() time.Time { return must(report.Now(t.Context(), r.Stack))(t) }
	if got := now(); !got.Equal(at(180)) {
		t.Errorf("unstamped: got %s, want the runtime's time", got)
	}
	if err := report.Stamp(t.Context(), r.Stack, at(170)); err != nil {
		t.Fatal(err)
	}
	if err := report.Stamp(t.Context(), r.Stack, at(175)); err != nil { // a second replay into the folder
		t.Fatal(err)
	}
	r.Advance(100 * 24 * time.Hour)
	if got := now(); !got.Equal(at(175)) {
		t.Errorf("long after a replay: got %s, want where it ended", got)
	}
	r.Send(rig.Say("new", "page_viewed", "user:1", r.Runtime.Now()))
	if got := now(); !got.Equal(r.Runtime.Now()) {
		t.Errorf("after a live event: got %s, want the runtime's time", got)
	}
}

func TestSums(t *testing.T) {
	for want, s := range map[string]report.Sums{
		"none":                         nil,
		"10.00 USD":                    {usd(1000)},
		"5.00 EUR and 10.00 USD":       {{Minor: 500, Currency: "EUR"}, usd(1000)},
		"5.00 EUR, 7 JPY and 0.01 USD": {{Minor: 500, Currency: "EUR"}, {Minor: 7, Currency: "JPY"}, usd(1)},
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
