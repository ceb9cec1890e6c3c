package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// reference is the lead of the source: a Senior Software Engineer at a SaaS firm of 250 who viewed pricing and attended
// a webinar.
func reference(t failer, edits ...string) (pol interface {
	Evaluate(*account.View) event.Evaluation
	Reason(*account.View, *event.Evaluation, string, policy.Actor) string
}, v *account.View) {
	p := with(t, edits...)
	v = view(p, at(12, 10),
		happened(touch.WebinarAttended, at(2, 15)),
		happened(touch.PricingViewed, at(11, 9)),
		company(at(11, 9), "employees", "250", "industry", "SaaS"))
	v.People = []account.Person{person("title", "Senior Software Engineer")}
	return p, v
}

func TestReferenceLead(t *testing.T) {
	p, v := reference(t)
	e := p.Evaluate(v)
	if e.Score != 90 || e.Fit != 45 || e.Interest != 45 || e.Band != "sales" || e.Quadrant != "high/high" {
		t.Errorf("got score %d, fit %d, interest %d, band %s, quadrant %s; want 90, 45, 45, sales, high/high", e.Score, e.Fit, e.Interest, e.Band, e.Quadrant)
	}
	pricing, webinar := happened(touch.PricingViewed, at(11, 9)).ID, happened(touch.WebinarAttended, at(2, 15)).ID
	want := []event.Contribution{
		{Rule: "Technical title", Group: "fit", Points: 20, Text: "Title contains Engineer: Senior Software Engineer", Value: "Senior Software Engineer"},
		{Rule: "More than 50 employees", Group: "fit", Points: 15, Text: "Employees more than 50: 250", Value: "250"},
		{Rule: "Industry SaaS", Group: "fit", Points: 10, Text: "Industry is SaaS", Value: "SaaS"},
		{Rule: "Pricing page viewed", Group: "interest", Points: 30, Text: "Pricing page viewed on 12 May", Evidence: []touch.ID{pricing}},
		{Rule: "Webinar attended", Group: "interest", Points: 15, Text: "Webinar attended on 3 May", Evidence: []touch.ID{webinar}},
	}
	if d := cmp.Diff(want, e.Rules); d != "" {
		t.Errorf("reasons (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"Demo requested"}, e.NotFired); d != "" {
		t.Errorf("not fired (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"renewal_date"}, e.Unknown); d != "" {
		t.Errorf("unknown (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"mql"}, e.Plays); d != "" {
		t.Errorf("plays (-want +got):\n%s", d)
	}
	got := p.Reason(v, &e, "mql", policy.Actor{})
	sentence := "initech.com (SaaS, 250 people) viewed pricing on 12 May, attended a webinar on 3 May and has a Senior Software Engineer among its people; score 90."
	if got != sentence {
		t.Errorf("reason:\n got %s\nwant %s", got, sentence)
	}
}

func TestBandIsItsLowerBound(t *testing.T) {
	for points, want := range map[string]string{"14": "nurture", "15": "sales"} { // 45 + 15 + 14 = 74, + 15 = 75
		p, v := reference(t, "scoring.yaml", "points: 30", "points: "+points)
		if e := p.Evaluate(v); e.Band != want {
			t.Errorf("score %d is in band %s, want %s", e.Score, e.Band, want)
		}
	}
	p := shipped(t)
	for _, c := range []struct {
		kinds []string
		band  string
	}{
		{[]string{touch.PricingViewed}, "none"},                                                // 30
		{[]string{touch.PricingViewed, touch.WebinarAttended}, "nurture"},                      // 45
		{[]string{touch.DemoRequested, touch.WebinarAttended}, "nurture"},                      // 65
		{[]string{touch.DemoRequested, touch.PricingViewed}, "sales"},                          // 80
		{[]string{touch.DemoRequested, touch.PricingViewed, touch.WebinarAttended}, "sales"},   // 95
		{[]string{touch.PageViewed}, "none"},                                                   // 0
		{[]string{touch.PricingViewed, touch.PricingViewed, touch.WebinarAttended}, "nurture"}, // 45: views count once
	} {
		var ts []touch.Touch
		for i, k := range c.kinds {
			ts = append(ts, happened(k, at(1, i)))
		}
		if got := p.Outcome(view(p, at(2, 0), ts...)); got.Band != c.band {
			t.Errorf("%v: band %s (score %d), want %s", c.kinds, got.Band, got.Score, c.band)
		}
	}
}

func TestFit(t *testing.T) {
	p := shipped(t)
	for _, c := range []struct {
		name, title, employees, industry string
		want                             int
	}{
		{"cto is not in director", "Director of Sales", "", "", 0},
		{"cto", "CTO & Co-Founder", "", "", 20},
		{"plural", "Head of Developers", "", "", 20},
		{"once for two words", "Software Engineer and Architect", "", "", 20},
		{"engineering is another word", "VP Engineering", "", "", 0},
		{"case", "senior ENGINEER", "", "", 20},
		{"exactly 50", "", "50", "", 0},
		{"51", "", "51", "", 15},
		{"a range begins with what is certain", "", "51-200", "", 15},
		{"thousands", "", "1,200", "", 15},
		{"not a number", "", "many", "", 0},
		{"industry whatever the case", "", "", "saas", 10},
		{"another industry", "", "", "SaaS consulting", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(p, at(2, 0), company(at(1, 0), "employees", c.employees, "industry", c.industry))
			v.People = []account.Person{person("title", "Janitor"), person("title", c.title)}
			if got := p.Outcome(v).Fit; got != c.want {
				t.Errorf("fit %d, want %d", got, c.want)
			}
		})
	}
}

func TestUnknownFieldsAreNamed(t *testing.T) {
	p := shipped(t)
	e := p.Evaluate(view(p, at(2, 0), company(at(1, 0), "employees", "many")))
	if want := []string{"employees", "industry", "renewal_date", "title"}; !slices.Equal(e.Unknown, want) {
		t.Errorf("unknown %v, want %v", e.Unknown, want)
	}
}

func TestHandRaiseBeatsBands(t *testing.T) {
	p := shipped(t)
	demo := happened(touch.DemoRequested, at(1, 9))
	v := view(p, at(1, 9), demo)
	o := p.Outcome(v)
	if o.Score != 50 || o.Band != "nurture" {
		t.Fatalf("score %d, band %s; want 50, nurture", o.Score, o.Band)
	}
	if len(o.Plays) != 1 || o.Plays[0].Play != "hand_raise" || !o.Plays[0].HandRaise || o.Plays[0].Newest != account.Of(&demo) {
		t.Errorf("plays %+v; want hand_raise alone, since the request", o.Plays)
	}
	if p.Play("hand_raise").Team != "sales" {
		t.Errorf("a hand-raise goes to %s, want sales", p.Play("hand_raise").Team)
	}
	e := p.Evaluate(v)
	if got, want := p.Reason(v, &e, "hand_raise", policy.Actor{}), "initech.com asked for a demo on 2 May; score 50."; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
}

func TestProductQualified(t *testing.T) {
	p := shipped(t)
	all := []touch.Touch{
		happened(touch.Activated, at(0, 1)), happened(touch.InviteSent, at(1, 1)), happened(touch.InviteSent, at(1, 2)),
		happened(touch.UsageLimitReached, at(2, 1)), happened(touch.PricingViewed, at(3, 1)), happened(touch.PricingViewed, at(3, 5)),
	}
	if e := p.Evaluate(view(p, at(4, 0), all...)); !e.PQL["product_qualified"] || !slices.Contains(e.Plays, "pql") {
		t.Errorf("pql %v, plays %v; want product_qualified and the play pql", e.PQL, e.Plays)
	}
	for i := range all {
		less := slices.Delete(slices.Clone(all), i, i+1)
		if e := p.Evaluate(view(p, at(4, 0), less...)); e.PQL["product_qualified"] {
			t.Errorf("without %s it qualifies too", all[i].Kind)
		}
	}
	// The first of the two views of pricing, at(3, 1), is seven days old at at(10, 1) and older an hour later.
	for _, c := range []struct {
		asOf time.Time
		want bool
	}{{at(10, 1), true}, {at(10, 2), false}} {
		if got := p.Evaluate(view(p, c.asOf, all...)).PQL["product_qualified"]; got != c.want {
			t.Errorf("at %s product_qualified is %t, want %t", c.asOf, got, c.want)
		}
	}
}
