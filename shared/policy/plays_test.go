package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/touch"
)

// A window includes its edge: hand_raise looks back two days.
func TestWindowEdge(t *testing.T) {
	p := shipped(t)
	for _, c := range []struct {
		name string
		when time.Time
		want bool
	}{
		{"exactly two days ago", at(8, 0), true},
		{"a millisecond before that", at(8, 0).Add(-time.Millisecond), false},
		{"in the hour that as_of cut off", at(10, 0).Add(59 * time.Minute), true},
	} {
		v := view(p, at(10, 0), happened(touch.DemoRequested, c.when))
		if got := slices.Contains(held(p.Outcome(v)), "hand_raise"); got != c.want {
			t.Errorf("%s: hand_raise holds: %t, want %t", c.name, got, c.want)
		}
	}
	v := view(p, at(10, 0), happened(touch.DemoRequested, at(9, 7)))
	if got, want := p.ReviewAt(v), at(11, 8); !got.Equal(want) { // at(11, 7) is exactly two days: it still holds
		t.Errorf("ReviewAt %s, want %s", got, want)
	}
}

func TestPlaysForCustomers(t *testing.T) {
	p := shipped(t)
	won := happened(touch.OpportunityWon, at(0, 9))
	onboarded := happened(touch.OnboardingCompleted, at(5, 9))
	var steady []touch.Touch // used every day of the first two weeks
	for d := range 14 {
		steady = append(steady, happened(touch.FeatureUsed, at(d, 12)))
	}
	var some []touch.Touch
	for _, d := range []int{0, 1, 2, 14, 15} {
		some = append(some, happened(touch.FeatureUsed, at(d, 12)))
	}
	for _, c := range []struct {
		name    string
		asOf    time.Time
		touches []touch.Touch
		plays   []string
		newest  time.Time // of the first
	}{
		{"kick-off", at(0, 10), []touch.Touch{won, onboarded}, []string{"kick_off"}, at(0, 9)},
		{"kick-off is over after three days", at(3, 10), []touch.Touch{won, onboarded}, nil, time.Time{}},
		{"onboarding stalls after fourteen days", at(14, 10), []touch.Touch{won}, []string{"onboarding_stalled"}, at(14, 10)},
		{"not at exactly fourteen days", at(14, 9), []touch.Touch{won}, nil, time.Time{}},
		{"not when onboarded", at(14, 10), []touch.Touch{won, onboarded}, nil, time.Time{}},
		// Used on 14 of 14 days, then never: at midnight of day 21 it was on 7 of the last 14 and on 7 of the 14 before
		// (days -7 to 6); of day 22 on 6 against 8, of day 23 on 5 against 9, of day 24 on 4 against 10: halved.
		{"usage has not halved yet", at(23, 3), append(steady, won, onboarded), nil, time.Time{}},
		{"usage halved", at(24, 3), append(steady, won, onboarded), []string{"usage_falling"}, at(24, 0)},
		{"usage halved, two days on", at(26, 3), append(steady, won, onboarded), []string{"usage_falling"}, at(24, 0)},
		// With the onboarding of day 5 on 4 of the 14 days before, on 2 of the last 14: exactly half, ever since day 20.
		{"usage fell by exactly half", at(28, 0), append(some, won, onboarded), []string{"usage_falling"}, at(20, 0)},
		{"a bounce", at(20, 0), []touch.Touch{won, onboarded, happened(touch.EmailBounced, at(19, 0))}, []string{"champion_left"}, at(19, 0)},
		{"a limit", at(20, 0), []touch.Touch{won, onboarded, happened(touch.UsageLimitReached, at(19, 0))}, []string{"expansion"}, at(19, 0)},
		{"sixty-one days to the renewal", at(30, 0), []touch.Touch{won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")}, []string{"renewal_90"}, at(1, 0)},
		{"sixty days to the renewal", at(31, 0), []touch.Touch{won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")}, []string{"renewal_60"}, at(31, 0)},
		{"the day itself", at(91, 23), []touch.Touch{won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")}, []string{"renewal_30"}, at(61, 0)},
		{"the day after", at(92, 0), []touch.Touch{won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")}, nil, time.Time{}},
		{"won back", at(40, 0), []touch.Touch{won, happened(touch.SubscriptionCanceled, at(5, 0)), happened(touch.PricingViewed, at(39, 0))}, []string{"win_back"}, at(39, 0)},
		{"sent back, and interested again", at(40, 0), []touch.Touch{happened(touch.HandoffRejected, at(5, 0)), happened(touch.PricingViewed, at(39, 0))}, []string{"recycled"}, at(39, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := p.Outcome(view(p, c.asOf, c.touches...))
			if d := cmp.Diff(c.plays, held(o)); d != "" {
				t.Fatalf("plays (-want +got):\n%s", d)
			}
			if len(o.Plays) > 0 && o.Plays[0].Newest.Time != c.newest.UnixMilli() {
				t.Errorf("%s holds since %s, want %s", o.Plays[0].Play, time.UnixMilli(o.Plays[0].Newest.Time).UTC(), c.newest)
			}
		})
	}
}

// An account whose fit became known today does not look like news: what counts is its behaviour. Where there was none,
// the evidence counts as older than any act_within.
func TestEnrichmentIsNoNews(t *testing.T) {
	p := shipped(t)
	facts := company(at(20, 0), "employees", "250", "industry", "SaaS")
	for _, c := range []struct {
		name    string
		touches []touch.Touch
		newest  int64
	}{
		{"an old webinar", []touch.Touch{happened(touch.WebinarAttended, at(1, 0)), facts}, at(1, 0).UnixMilli()},
		{"an old visit that gives no points", []touch.Touch{happened(touch.PageViewed, at(2, 0)), facts}, at(2, 0).UnixMilli()},
		{"no behaviour at all", []touch.Touch{facts}, 1},
	} {
		v := view(p, at(20, 1), c.touches...)
		v.People = []account.Person{person("title", "Engineer")}
		o := p.Outcome(v)
		if len(o.Plays) != 1 || o.Plays[0].Play != "nurture" || o.Plays[0].Newest.Time != c.newest {
			t.Errorf("%s: plays %+v; want nurture since %d", c.name, o.Plays, c.newest)
		}
	}
	if got := p.Play("nurture").AssetFor("saas "); got != "case-study-saas" {
		t.Errorf("SaaS gets %s", got)
	}
	if got := p.Play("nurture").AssetFor("Mining"); got != "case-study-general" {
		t.Errorf("another industry gets %s", got)
	}
}

func TestStages(t *testing.T) {
	p := shipped(t)
	open := account.Deal{ID: "opportunity:salesforce/1", Status: "open"}
	ts := func(kinds ...string) (out []touch.Touch) { // one a day
		for i, k := range kinds {
			out = append(out, happened(k, at(i, 0)))
		}
		return out
	}
	daily := ts(touch.SubscriptionStarted)
	for d := range 12 {
		daily = append(daily, happened(touch.SignedIn, at(d, 5)))
	}
	for _, c := range []struct {
		name          string
		asOf          int
		touches       []touch.Touch
		deals         []account.Deal
		stage, reason string
		motion        string
	}{
		{"a visitor", 1, ts(touch.PageViewed), nil, "ANONYMOUS_VISITOR", "", ""},
		{"known", 1, ts(touch.FormSubmitted), nil, "KNOWN_LEAD", "", ""},
		{"hand raised", 1, ts(touch.ContactSales), nil, "MARKETING_QUALIFIED_LEAD", "", "sales_led"},
		{"accepted", 2, ts(touch.DemoRequested, touch.HandoffAccepted), nil, "SALES_QUALIFIED_LEAD", "", "sales_led"},
		{"a deal", 2, ts(touch.SignedUp, touch.OpportunityCreated), []account.Deal{open}, "SALES_QUALIFIED_LEAD", "", "hybrid"},
		{"won", 3, ts(touch.SignedUp, touch.OpportunityWon), nil, "ACTIVE_CUSTOMER", "", "product_led"},
		{"power user", 13, daily, nil, "POWER_USER", "", ""},
		{"recycled", 3, ts(touch.DemoRequested, touch.HandoffAccepted, touch.HandoffRejected), nil, "KNOWN_LEAD", "recycled by sales", "sales_led"},
		{"raised again after that", 4, ts(touch.DemoRequested, touch.HandoffAccepted, touch.HandoffRejected, touch.ContactSales), nil, "SALES_QUALIFIED_LEAD", "", "sales_led"},
		{"lost", 4, ts(touch.FormSubmitted, touch.OpportunityCreated, touch.HandoffAccepted, touch.OpportunityLost), nil, "KNOWN_LEAD", "lost", "sales_led"},
		{"quiet", 62, ts(touch.FormSubmitted), nil, "KNOWN_LEAD", "gone quiet", ""},
		{"churned", 3, ts(touch.FormSubmitted, touch.OpportunityWon, touch.SubscriptionCanceled), nil, "CHURNED", "churned", ""},
		{"churned, with a new deal", 3, ts(touch.FormSubmitted, touch.OpportunityWon, touch.SubscriptionCanceled), []account.Deal{open}, "SALES_QUALIFIED_LEAD", "", ""},
		{"won back", 4, ts(touch.FormSubmitted, touch.OpportunityWon, touch.SubscriptionCanceled, touch.OpportunityWon), nil, "ACTIVE_CUSTOMER", "won back", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(p, at(c.asOf, 0), c.touches...)
			v.Deals = c.deals
			o := p.Outcome(v)
			if o.Stages["marketing_automation"] != c.stage || o.Motion != c.motion || len(o.Stages) != 1 {
				t.Errorf("stages %v, motion %q; want %s, %q", o.Stages, o.Motion, c.stage, c.motion)
			}
			if got := p.Placements(v)[0]; got.Stage.Name != c.stage || got.Reason != c.reason {
				t.Errorf("placed at %s by %q, want %s by %q", got.Stage.Name, got.Reason, c.stage, c.reason)
			}
		})
	}
}

// A touch that reaches two milestones is not later than itself.
func TestLaterThanItself(t *testing.T) {
	p := with(t, "plays.yaml", "{reached: won, within: 3d}", "{reached: accepted, later_than: sales}")
	v := view(p, at(1, 0), happened(touch.DemoRequested, at(0, 0)), happened(touch.MeetingBooked, at(0, 5)))
	if slices.Contains(held(p.Outcome(v)), "kick_off") {
		t.Error("the meeting counts as later than itself")
	}
	v = view(p, at(1, 0), happened(touch.DemoRequested, at(0, 0)), happened(touch.HandoffAccepted, at(0, 5)))
	if !slices.Contains(held(p.Outcome(v)), "kick_off") {
		t.Error("the acceptance does not count as later than the request")
	}
}

func TestQuadrants(t *testing.T) {
	p := shipped(t)
	fits := company(at(0, 0), "employees", "51", "industry", "SaaS") // 25
	for _, c := range []struct {
		touches []touch.Touch
		want    string
	}{
		{[]touch.Touch{fits, happened(touch.PricingViewed, at(0, 0))}, "high/high"},
		{[]touch.Touch{fits, happened(touch.WebinarAttended, at(0, 0))}, "high/low"},
		{[]touch.Touch{happened(touch.PricingViewed, at(0, 0))}, "low/high"},
		{[]touch.Touch{company(at(0, 0), "employees", "51")}, "low/low"},
	} {
		if got := p.Outcome(view(p, at(1, 0), c.touches...)).Quadrant; got != c.want {
			t.Errorf("quadrant %s, want %s", got, c.want)
		}
	}
}

func TestCapsAreContributions(t *testing.T) {
	p := with(t, "scoring.yaml", "  high: 30\n", "  high: 30\n  at_most: 60\n", "scoring.yaml", "# A band is", "at_most: 70\n# A band is")
	v := view(p, at(2, 0), happened(touch.DemoRequested, at(1, 0)), happened(touch.PricingViewed, at(1, 0)), company(at(0, 0), "employees", "51"))
	e := p.Evaluate(v)
	if e.Interest != 60 || e.Fit != 15 || e.Score != 70 {
		t.Errorf("interest %d, fit %d, score %d; want 60, 15, 70", e.Interest, e.Fit, e.Score)
	}
	var got []int
	for _, r := range e.Rules {
		got = append(got, r.Points)
	}
	if want := []int{15, 30, 50, -20, -5}; !slices.Equal(got, want) { // 80 capped at 60, then 75 at 70
		t.Errorf("contributions %v, want %v", got, want)
	}
}

func TestDecayAndCounting(t *testing.T) {
	p := with(t, "scoring.yaml", "within: 90d           #", "at_most: 3\n      half_life: 10d           #")
	v := view(p, at(20, 0), happened(touch.PricingViewed, at(20, 0)), happened(touch.PricingViewed, at(10, 0)), happened(touch.PricingViewed, at(0, 0)), happened(touch.PricingViewed, at(0, 1)))
	// The latest three: 30 now, 15 after ten days, 7.5 after 19 days and 23 hours, rounded to 8 (30·2^(-479/240) = 7.52).
	e := p.Evaluate(v)
	if e.Interest != 53 {
		t.Errorf("interest %d, want 53", e.Interest)
	}
	if got, want := e.Rules[0].Text, "Pricing page viewed 3 times, last on 21 May (53 of 90 points left)"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}
