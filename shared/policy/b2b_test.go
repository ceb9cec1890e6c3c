package policy_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// b2b is the policy for selling to companies, which a build ships beside the reference one and does not put in force.
func b2b(t *testing.T) *policy.Policy {
	t.Helper()
	files, err := policy.ReadFiles(os.DirFS("../../infra/policy/b2b"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Valid(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A fintech of 250 with three people, of whom the CRM confirms the buyer on the open deal.
func fintech(p *policy.Policy, touches ...touch.Touch) *account.View {
	v := view(p, at(20, 0), append(touches, company(at(0, 0), "employees", "250", "industry", "Fintech", "technologies", "AWS, Kafka"))...)
	v.People = []account.Person{
		{ID: "email:bea@initech.com", Fields: map[string]string{"title": "VP Finance", "role": "Economic Buyer", "role_deal": "opportunity:crm/1"}},
		{ID: "email:dan@initech.com", Fields: map[string]string{"title": "Data Engineer"}},
	}
	v.Deals = []account.Deal{{ID: "opportunity:crm/1", Status: "open"}}
	return v
}

func TestB2BScore(t *testing.T) {
	p := b2b(t)
	e := p.Evaluate(fintech(p,
		happened(touch.PricingViewed, at(20, 0)),
		happened(touch.PricingViewed, at(6, 0)),
		happened(touch.DemoRequested, at(10, 0)),
		happened(touch.FundingRaised, at(-40, 0)),
		happened(touch.Unsubscribed, at(1, 0)),
	))
	type line struct {
		Rule   string
		Points int
	}
	var got []line
	for _, r := range e.Rules {
		got = append(got, line{r.Rule, r.Points})
	}
	want := []line{
		{"Decides", 15}, {"Would use it", 10}, {"50 employees or more", 10}, {"200 employees or more", 10}, {"Industry that buys", 10},
		{"Technology that fits", 10}, {"Three roles of the committee", 10}, {"Buyer confirmed", 10}, {"at most 60", -25}, // of 85
		{"Demo requested", 50},
		{"Pricing viewed", 23}, // 15, and of a fortnight ago half, 7.5
		{"Funding raised", 6},  // two months ago: half of 12
		{"Unsubscribed", -20},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rules (-want +got):\n%s", d)
	}
	if e.Fit != 60 || e.Interest != 59 || e.Score != 119 || e.Band != "sales" || e.Quadrant != "high/high" {
		t.Errorf("fit %d, interest %d, score %d, band %s, quadrant %s; want 60, 59, 119, sales, high/high", e.Fit, e.Interest, e.Score, e.Band, e.Quadrant)
	}
}

// Several funnels at once, each for the accounts that are its own.
func TestB2BFunnels(t *testing.T) {
	p := b2b(t)
	created, won, onboarded := happened(touch.OpportunityCreated, at(2, 0)), happened(touch.OpportunityWon, at(10, 0)), happened(touch.OnboardingCompleted, at(12, 0))
	half := map[string]string{"budget": "80,000 USD", "timeline": "this quarter", "need": "unknown"}
	trial := happened(touch.TrialStarted, at(19, 0))
	trial.Props = map[string]any{"product": "analytics"}
	for _, c := range []struct {
		name    string
		touches []touch.Touch
		status  string
		answers map[string]string
		want    map[string]string
	}{
		{"an open deal", []touch.Touch{created}, "open", half, map[string]string{"demand_waterfall": "OPPORTUNITY"}},
		{"an open deal of which little is known", []touch.Touch{created}, "open", map[string]string{"budget": "80,000 USD"}, map[string]string{"demand_waterfall": "SQL"}},
		{"won", []touch.Touch{created, won}, "won", nil, map[string]string{"demand_waterfall": "CUSTOMER", "customer_success": "ONBOARDING"}},
		{"on board", []touch.Touch{created, won, onboarded}, "won", nil, map[string]string{"demand_waterfall": "CUSTOMER", "customer_success": "ADOPTED"}},
		{"left", []touch.Touch{created, won, happened(touch.SubscriptionCanceled, at(15, 0))}, "won", nil, map[string]string{"demand_waterfall": "LEAD", "customer_success": "LEFT"}},
		{"of another product, too", []touch.Touch{created, won, onboarded, trial}, "won", nil, map[string]string{"demand_waterfall": "CUSTOMER", "customer_success": "ADOPTED", "analytics": "TRYING"}},
	} {
		v := fintech(p, c.touches...)
		v.Deals[0].Status, v.Deals[0].Answers = c.status, c.answers
		if d := cmp.Diff(c.want, p.Outcome(v).Stages); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// A month after a deal was opened, sales hears of one whose buyer or whose checklist is missing.
func TestB2BBuyerUnknown(t *testing.T) {
	p := b2b(t)
	created := happened(touch.OpportunityCreated, at(-11, 0)) // thirty days and more before at(20, 0)
	for _, c := range []struct {
		name    string
		title   string
		answers map[string]string
		want    bool
	}{
		{"nobody who signs", "Data Engineer", map[string]string{"metrics": "x", "champion": "x", "identify_pain": "x"}, true},
		{"two of six answered", "CFO", map[string]string{"metrics": "x", "champion": "x"}, true},
		{"buyer and answers are there", "CFO", map[string]string{"metrics": "x", "champion": "x", "identify_pain": "x"}, false},
	} {
		v := view(p, at(20, 0), created)
		v.People = []account.Person{person("title", c.title)}
		v.Deals = []account.Deal{{ID: "opportunity:crm/1", Status: "open", Answers: c.answers}}
		got := false
		for _, h := range p.Outcome(v).Plays {
			if h.Play == "buyer_unknown" {
				got = true
				if want := at(19, 1); h.Newest.Time != want.UnixMilli() { // the first hour at which it is older than 30 days
					t.Errorf("%s: since %v, want %s", c.name, h.Newest, want)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: buyer_unknown holds: %t, want %t", c.name, got, c.want)
		}
	}
}

// The reference policy is the one that a build puts in force; going over to the other folds anew, for it asks more.
func TestB2BIsAnother(t *testing.T) {
	p, ref := b2b(t), shipped(t)
	if p.FoldHash == ref.FoldHash || p.EvalHash == ref.EvalHash {
		t.Error("the two policies are one")
	}
	changed := policy.StagesChanged(ref, p)
	added := map[string]bool{}
	for _, c := range changed {
		added[c.Funnel+" "+c.Change] = true
	}
	for _, want := range []string{"demand_waterfall added", "customer_success added", "marketing_automation removed"} {
		if !added[want] {
			t.Errorf("whoever answers for the stages is not told: %s", want)
		}
	}
}
