package pipeline

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/explain"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// explained is what explain says of an account, on one line.
func explained(t *testing.T, r *rig.Rig, who string) string {
	t.Helper()
	a, err := explain.Story(context.Background(), r.Stack, who, "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := a.Print(&b); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// The people and the deal come from the CRM, in whatever order; whoever is handed the account reads who takes part in the
// purchase and what is not asked yet.
func TestCommitteeOfAPurchase(t *testing.T) {
	const initech = "account:initech.example"
	crm := func(id, who, at string, more ...rig.With) event.Envelope {
		when, err := time.Parse(time.TimeOnly, at)
		if err != nil {
			t.Fatal(err)
		}
		y, m, d := rig.Noon.Date()
		kind := touch.ContactUpdated
		if strings.HasPrefix(who, "opportunity:") {
			kind = touch.OpportunityUpdated
		}
		return rig.Say(id, kind, who, time.Date(y, m, d, when.Hour(), when.Minute(), 0, 0, time.UTC), more...)
	}
	deal := func(status string, answers map[string]string) rig.With {
		o := map[string]any{"id": "opportunity:crm/1", "answers": answers}
		if status != "" {
			o["status"], o["name"] = status, "Initech, new"
		}
		return rig.With{"opportunity": o}
	}
	events := []event.Envelope{
		crm("p1", "email:sue@initech.example", "12:00:00", rig.Person("name", "Sue", "title", "Staff Engineer")),
		crm("p2", "email:bea@initech.example", "12:01:00", rig.Person("name", "Bea", "title", "VP Finance")),
		crm("o1", "opportunity:crm/1", "12:02:00", rig.Links(initech), deal("open", map[string]string{"metrics": "2 h a day", "budget": "80,000 USD"})),
		crm("r1", "email:bea@initech.example", "12:03:00", rig.Person("role", "Economic Buyer", "role_deal", "opportunity:crm/1")),
		crm("o2", "opportunity:crm/1", "12:04:00", deal("", map[string]string{"champion": "Sue", "budget": "none"})),
	}
	ask := rig.Say("x", touch.DemoRequested, "email:sue@initech.example", rig.Noon.Add(10*time.Minute))
	// By titles: engineer is technical; VP is an economic buyer, which the CRM confirms; finance is in Bea's title.
	const committee = "3 of 6 roles, 1 confirmed: champion, legal and security missing"
	const lists = "meddic 2 of 6: economic buyer, decision criteria, decision process and identify pain missing; bant 0 of 4: budget, authority, need and timeline missing"
	for name, order := range map[string][]int{"in order": {0, 1, 2, 3, 4}, "backward": {4, 3, 2, 1, 0}, "roles first": {3, 0, 4, 2, 1}} {
		t.Run(name, func(t *testing.T) {
			r := rig.Open(t, rig.Config{})
			for _, i := range order {
				r.Send(rig.Late(events[i], rig.Noon.Add(9*time.Minute)))
			}
			r.Send(ask)
			r.Quiet()
			made := 0
			for _, d := range r.Decisions() {
				if d.Play != "hand_raise" {
					continue
				}
				made++
				if diff := cmp.Diff(map[string]string{"committee": committee, "checklists": lists}, d.Context.Fields); diff != "" {
					t.Errorf("what a handoff tells the rep (-want +got):\n%s", diff)
				}
			}
			if made != 1 {
				t.Errorf("%d decisions by the demo, want one", made)
			}
			text := explained(t, r, "initech.example")
			for _, want := range []string{"Buying committee: " + committee + ".", "Deal crm/1: meddic 2 of 6:", "missing. Bant 0 of 4:"} {
				if !strings.Contains(text, want) {
					t.Errorf("explain does not say %q:\n%s", want, text)
				}
			}
		})
	}
}

// A company raises money: that counts for it and shows in its explanation, whoever works there. It makes nobody be
// written to, until a person does something; a rep may be handed the account.
func TestSignalsOfACompanyWriteToNobody(t *testing.T) {
	const cy, hooli = "email:cy@hooli.example", "account:hooli.example"
	scoring := `
    - {rule: Funding raised, touch: funding_raised, within: 90d, points: 45}
    - {rule: Hires for the job, touch: job_posted, within: 90d, points: 40}
`
	open := func(t *testing.T) *rig.Rig {
		r := rig.Open(t, rig.Config{Policy: rig.Edited(t, "scoring.yaml", "\n# A band is", scoring+"\n# A band is")})
		r.Send(rig.Say("c1", touch.ContactUpdated, cy, rig.Noon, rig.Person("name", "Cy", "title", "Nurse"))) // a contact of the CRM
		return r
	}
	funding := rig.Say("f1", touch.FundingRaised, hooli, rig.Noon.Add(time.Hour))
	job := rig.Say("j1", touch.JobPosted, hooli, rig.Noon.Add(2*time.Hour))
	end := rig.Noon.Add(48 * time.Hour) // whoever waits for enrichment has waited

	t.Run("nobody is written to", func(t *testing.T) {
		r := open(t)
		r.At(funding)
		r.AdvanceTo(end)
		r.Quiet()
		if told := r.Told(event.NurtureEnrolled, event.HandoffOffered); len(told) > 0 {
			t.Errorf("somebody was contacted: %s", told[0].Detail)
		}
		e := r.Evaluation(hooli)
		if e.Score != 45 || e.Band != "nurture" || len(e.Rules) != 1 || e.Rules[0].Evidence[0] != rig.TouchID("f1", touch.FundingRaised) {
			t.Errorf("score %d, band %s, rules %+v; want 45 by the funding", e.Score, e.Band, e.Rules)
		}
		recs := r.Records()
		if len(recs) != 1 || recs[0].Outcome != routing.Gated+routing.GateImpersonal || recs[0].Person != "" {
			t.Errorf("records %+v; want one decision stopped, about no person", recs)
		}
		text := explained(t, r, "hooli.example")
		for _, want := range []string{"Stopped (gate impersonal): only signals of the company are behind it", "hooli.example raised funding"} {
			if !strings.Contains(text, want) {
				t.Errorf("explain does not say %q:\n%s", want, text)
			}
		}
	})
	t.Run("a rep gets the account", func(t *testing.T) {
		r := open(t)
		r.At(funding)
		r.At(job)
		r.AdvanceTo(end)
		r.Quiet()
		told := r.Told(event.NurtureEnrolled, event.HandoffOffered)
		if len(told) != 1 || told[0].DetailType != event.HandoffOffered {
			t.Fatalf("%d were contacted, want one offer to a rep: %+v", len(told), r.Records())
		}
		d, err := event.Decode[event.HandoffDetail](&told[0], event.HandoffOffered)
		if err != nil || d.Account != hooli || d.Person != "" || d.Play != "mql" {
			t.Errorf("offered %+v (%v); want hooli by mql, and no person", d, err)
		}
	})
	t.Run("somebody there acted", func(t *testing.T) {
		r := open(t)
		r.At(rig.Say("w1", touch.WebinarAttended, cy, rig.Noon.Add(30*time.Minute)))
		r.At(funding)
		r.AdvanceTo(end)
		r.Quiet()
		told := r.Told(event.NurtureEnrolled)
		if len(told) != 1 {
			t.Fatalf("%d were enrolled, want one: %+v", len(told), r.Records())
		}
		d, err := event.Decode[event.HandoffDetail](&told[0], event.NurtureEnrolled)
		if err != nil || d.Person != cy {
			t.Errorf("enrolled %+v (%v), want cy", d, err)
		}
	})
}
