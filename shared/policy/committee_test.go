package policy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// purchase is the reference lead's account in a purchase: three people, of whom the CRM confirms one, and two deals.
func purchase(t failer, edits ...string) (pol interface {
	Evaluate(*account.View) event.Evaluation
	Reason(*account.View, *event.Evaluation, string, policy.Actor) string
}, v *account.View) {
	pol, v = reference(t, edits...)
	v.People = []account.Person{
		{ID: "email:sue@initech.com", Fields: map[string]string{"title": "Senior Software Engineer"}},
		{ID: "email:bea@initech.com", Fields: map[string]string{"title": "VP Finance", "role": "Economic Buyer", "role_deal": "opportunity:crm/1"}},
		{ID: "email:joe@initech.com", Fields: map[string]string{"title": "Legal counsel"}},
	}
	v.Deals = []account.Deal{
		{ID: "opportunity:crm/1", Name: "Initech, new", Status: "open", Answers: map[string]string{"metrics": "2 h a day", "champion": "Sue", "economic_buyer": "unknown", "budget": "80,000 USD"}},
		{ID: "opportunity:crm/0", Name: "Initech, pilot", Status: "lost", Answers: map[string]string{"metrics": "x"}},
	}
	return pol, v
}

// The default policy shows committee and checklists with an evaluation, and nothing scores by them: the reference lead
// keeps its 90 points.
func TestCommitteeAndChecklistsAreShown(t *testing.T) {
	p, v := purchase(t)
	e := p.Evaluate(v)
	if e.Score != 90 || e.Fit != 45 {
		t.Errorf("score %d, fit %d; want 90 and 45 as without a committee", e.Score, e.Fit)
	}
	want := &event.Committee{Covered: 4, Confirmed: 1, Of: 6, Seats: []event.Seat{
		{Role: "champion"},
		{Role: "economic_buyer", Confirmed: []string{"email:bea@initech.com"}},
		{Role: "technical", Potential: []string{"email:sue@initech.com"}},
		{Role: "legal", Potential: []string{"email:joe@initech.com"}},
		{Role: "security"},
		{Role: "finance", Potential: []string{"email:bea@initech.com"}},
	}}
	if d := cmp.Diff(want, e.Committee); d != "" {
		t.Errorf("committee (-want +got):\n%s", d)
	}
	// Of MEDDIC's six, metrics and champion; an economic buyer who is unknown is no answer. Of BANT's four, budget.
	if d := cmp.Diff([]event.Checklist{
		{Name: "meddic", Deal: "opportunity:crm/1", Answered: 2, Of: 6, Missing: []string{"economic_buyer", "decision_criteria", "decision_process", "identify_pain"}},
		{Name: "bant", Deal: "opportunity:crm/1", Answered: 1, Of: 4, Missing: []string{"authority", "need", "timeline"}},
	}, e.Checklists); d != "" {
		t.Errorf("checklists (-want +got):\n%s", d)
	}
}

// A rule that asks gives its points, and says who made it hold.
func TestCommitteeAndChecklistsOnRequest(t *testing.T) {
	rules := `
    - rule: Buyer confirmed
      committee: economic_buyer
      confirmed: true
      points: 7
    - rule: Four at the table
      committee_at_least: 4
      points: 3
    - rule: Security at the table
      committee: security
      points: 50
    - rule: Well understood
      checklist: meddic
      at_least: 2
      points: 2
    - rule: Fully understood
      checklist: bant
      points: 50
`
	p, v := purchase(t, "scoring.yaml", "\ninterest:", rules+"\ninterest:")
	e := p.Evaluate(v)
	if e.Fit != 45+7+3+2 {
		t.Errorf("fit %d, want 57", e.Fit)
	}
	texts := map[string]string{}
	for _, r := range e.Rules {
		texts[r.Rule] = r.Text
	}
	for rule, want := range map[string]string{
		"Buyer confirmed":   "Buyer confirmed: of the committee: economic buyer (confirmed)",
		"Four at the table": "Four at the table: 4 of 6 roles of the committee: economic buyer (confirmed), technical (Senior Software Engineer), legal (Legal counsel), finance (VP Finance)",
		"Well understood":   "Well understood: meddic 2 of 6 for the deal Initech, new",
	} {
		if texts[rule] != want {
			t.Errorf("%s says %q, want %q", rule, texts[rule], want)
		}
	}
	if d := cmp.Diff([]string{"Security at the table", "Fully understood", "Demo requested"}, e.NotFired); d != "" {
		t.Errorf("not fired (-want +got):\n%s", d)
	}
	// The deal is lost: with it goes what was confirmed on it, and what was answered for it. Her title stays.
	v.Deals[0].Status = "lost"
	if e := p.Evaluate(v); e.Fit != 45+3 || e.Committee.Confirmed != 0 || e.Committee.Covered != 4 || e.Checklists != nil {
		t.Errorf("after the loss: fit %d, committee %v, checklists %v; want 48, 4 roles of which none is confirmed, none", e.Fit, e.Committee, e.Checklists)
	}
}

// Owners of stages hear of another committee only where a rule asks for it.
func TestStagesFollowTheCommitteeThatRulesAskFor(t *testing.T) {
	edit := []string{"scoring.yaml", "has_any_of: [Legal, Counsel", "has_any_of: [Jurist, Legal, Counsel"}
	if got := policy.StagesChanged(with(t), with(t, edit...)); len(got) > 0 {
		t.Errorf("stages changed by a committee that nothing asks for: %+v", got)
	}
	asks := []string{"scoring.yaml", "      field: employees\n      more_than: 50", "      committee: legal"}
	got := policy.StagesChanged(with(t, asks...), with(t, slices.Concat(asks, edit)...))
	if len(got) == 0 || !slices.Contains(got[0].What, "score") {
		t.Errorf("a rule of the score asks for the committee; stages changed: %+v", got)
	}
}

// Points below nothing count like any: they lower their group, a cap comes after them, and they are explained.
func TestNegativePoints(t *testing.T) {
	rules := `
    - rule: Student
      field: title
      has_any_of: [Student, Intern]
      points: -40
`
	loss := `
    - rule: Unsubscribed
      touch: unsubscribed
      within: 90d
      points: -25
    - rule: Bounced mail
      touch: email_bounced
      at_most: 3
      half_life: 10d
      points: -8
`
	p := with(t, "scoring.yaml", "\ninterest:", rules+"\ninterest:", "scoring.yaml", "\n# A band is", loss+"\n# A band is")
	v := view(p, at(12, 0), happened(touch.DemoRequested, at(11, 0)), happened(touch.Unsubscribed, at(11, 5)),
		happened(touch.EmailBounced, at(2, 0)), happened(touch.EmailBounced, at(12, 0)))
	v.People = []account.Person{person("title", "Engineering intern, developer tools")}
	e := p.Evaluate(v)
	// Fit: 20 for the developer, -40 for the intern. Interest: 50 - 25 - 8 of today; of the bounce ten days ago half, -4.
	if e.Fit != -20 || e.Interest != 13 || e.Score != -7 || e.Band != "none" || e.Quadrant != "low/low" {
		t.Errorf("fit %d, interest %d, score %d, band %s, quadrant %s; want -20, 13, -7, none, low/low", e.Fit, e.Interest, e.Score, e.Band, e.Quadrant)
	}
	sum, points := 0, map[string]int{}
	for _, r := range e.Rules {
		sum += r.Points
		points[r.Rule] = r.Points
	}
	if sum != e.Score || points["Student"] != -40 || points["Unsubscribed"] != -25 || points["Bounced mail"] != -12 {
		t.Errorf("rules %v sum to %d; want Student -40, Unsubscribed -25, Bounced mail -12, and the score", points, sum)
	}
}

// What a company does counts for it, and is no doing of a person's.
func TestSignalsOfACompany(t *testing.T) {
	rules := `
    - rule: Funding raised
      touch: funding_raised
      within: 90d
      points: 30
    - rule: Hires in our field
      touch: [job_posted, technology_adopted]
      within: 90d
      points: 25
`
	p := with(t, "scoring.yaml", "\n# A band is", rules+"\n# A band is")
	funding, job := happened(touch.FundingRaised, at(9, 0)), happened(touch.JobPosted, at(10, 0))
	pricing := happened(touch.PricingViewed, at(3, 0))
	for _, c := range []struct {
		name       string
		touches    []touch.Touch
		score      int
		play       string
		newest     touch.Touch
		impersonal bool
	}{
		{"signals alone", []touch.Touch{funding, job}, 55, "nurture", job, true},
		// Who viewed pricing may be written to; how fresh that is counts from the view, not from the news.
		{"and a person's own touch", []touch.Touch{funding, pricing}, 60, "nurture", pricing, false},
		// A rep is handed the account: there the news is what makes it new.
		{"for a rep", []touch.Touch{pricing, funding, job}, 85, "mql", job, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(p, at(10, 1), c.touches...)
			o := p.Outcome(v)
			if o.Score != c.score || len(o.Plays) != 1 || o.Plays[0].Play != c.play {
				t.Fatalf("score %d, plays %+v; want %d, %s", o.Score, o.Plays, c.score, c.play)
			}
			if h := o.Plays[0]; h.Newest != account.Of(&c.newest) || h.Impersonal != c.impersonal {
				t.Errorf("since %v, impersonal %t; want %v, %t", h.Newest, h.Impersonal, account.Of(&c.newest), c.impersonal)
			}
			e := p.Evaluate(v)
			found := false
			for _, r := range e.Rules {
				found = found || r.Rule == "Funding raised" && r.Points == 30 && r.Text == "Funding raised on 10 May" && slices.Equal(r.Evidence, []touch.ID{funding.ID})
			}
			if !found {
				t.Errorf("the explanation does not tell of the funding: %+v", e.Rules)
			}
		})
	}
}
