package pipeline

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// named are two companies of one name, a CRM's account without a domain, and two leads who write the name and give no
// address at a company.
func named() []event.Envelope {
	at := func(minutes int) time.Time { return rig.Noon.Add(time.Duration(minutes) * time.Minute) }
	return []event.Envelope{
		rig.Say("c1", touch.AccountUpdated, "crm:crm/1", at(0), rig.Links("name:Raviga Inc.", "country:USA"), rig.With{"company": rig.With{"name": "Raviga Inc.", "country": "USA"}}),
		rig.Say("l1", touch.LeadCreated, "contact:crm/1", at(1), rig.Links("email:kim@gmail.com", "name:raviga", "country:US")),
		rig.Say("l2", touch.LeadCreated, "contact:crm/2", at(2), rig.Links("email:lou@gmail.com", "name:RAVIGA, Inc")),
		rig.Say("p1", touch.PricingViewed, "email:kim@gmail.com", at(3)),
		rig.Say("p2", touch.DemoRequested, "email:lou@gmail.com", at(4)),
		rig.Say("c2", touch.AccountUpdated, "crm:crm/2", at(5), rig.Links("account:raviga.example", "name:Raviga", "country:Deutschland"), rig.With{"company": rig.With{"name": "Raviga"}}),
		rig.Say("p3", touch.PricingViewed, "email:lou@gmail.com", at(6)),
		rig.Say("o1", touch.OpportunityCreated, "opportunity:crm/1", at(7), rig.Links("crm:crm/1"), rig.Deal("crm/1", "open", 900000)),
		rig.Say("o2", touch.OpportunityWon, "opportunity:crm/1", at(60), rig.Deal("crm/1", "won", 0)),
	}
}

// Whether the second company of a name is heard of first or last, whether a lead is: in the end each belongs where the
// whole of the evidence puts them, and where it does not decide, nowhere.
func TestNamesMatchAlikeInAnyOrder(t *testing.T) {
	end := rig.Noon.Add(80 * time.Hour)
	play := func(t testing.TB, events []event.Envelope) *rig.Rig {
		r := rig.Open(t, rig.Config{Dataset: known})
		r.AdvanceTo(rig.Noon.Add(2 * time.Hour))
		for _, e := range events {
			r.Send(rig.Late(e, r.Now()))
		}
		r.AdvanceTo(end)
		r.Quiet()
		return r
	}
	inOrder := play(t, named())
	whole(t, inOrder)
	reader := inOrder.Graph.Reader()
	for id, want := range map[string]string{
		"contact:crm/1": "crm:crm/1", // the one of two in her country
		"contact:crm/2": "email:lou@gmail.com",
		"crm:crm/1":     "crm:crm/1", // a namesake in another country is no domain of its own
		"crm:crm/2":     "account:raviga.example",
	} {
		p, err := reader.At(context.Background(), id, end.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		if p.Root != want {
			t.Errorf("%s belongs to %s, want %s (%+v)", id, p.Root, want, p.Match)
		}
	}
	facts, evaluations, credits := inOrder.Facts(), inOrder.Evaluations(end), inOrder.Credits()
	if len(credits) == 0 {
		t.Error("no deal was credited: nothing is compared")
	}
	rig.Check(t, 100, func(rt *rapid.T) {
		events := rapid.Permutation(named()).Draw(rt, "order")
		r := play(t, append(events, events[:rapid.IntRange(0, 3).Draw(rt, "twice")]...))
		for what, d := range map[string]string{
			"facts": rig.Diff(facts, r.Facts()), "facts folded again": rig.Diff(r.Rebuilt(), r.Facts()),
			"evaluations": rig.Diff(evaluations, r.Evaluations(end)), "credits": rig.Diff(credits, r.Credits()),
		} {
			if d != "" {
				rt.Fatalf("%s differ: -in order +in another\n%s", what, d)
			}
		}
		raised := 0
		for _, rec := range r.Records() {
			if rec.Play == "hand_raise" && rec.Outcome == "offered" {
				raised++
			}
		}
		if raised != 1 {
			rt.Fatalf("one request for a demo was offered %d times", raised)
		}
		r.Close()
	})
}

// A CRM's account without a domain is the company with one that alone carries its name: from then on what either did, and
// what follows, counts for both, and before it too.
func TestAccountWithoutDomainIsItsNamesake(t *testing.T) {
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play([]event.Envelope{
		rig.Say("c1", touch.AccountUpdated, "crm:crm/9", rig.Noon, rig.Links("name:Initech GmbH"), rig.With{"company": rig.With{"name": "Initech GmbH"}}),
		rig.Say("o1", touch.OpportunityCreated, "opportunity:crm/9", rig.Noon.Add(time.Minute), rig.Links("crm:crm/9"), rig.Deal("crm/9", "open", 5000)),
		rig.Say("a1", touch.PricingViewed, "email:ann@initech.example", rig.Noon.Add(time.Hour)), // enrichment names the company
		rig.Say("l1", touch.LeadCreated, "contact:crm/3", rig.Noon.Add(2*time.Hour), rig.Links("email:kim@gmail.com", "name:Initech")),
	})
	r.Advance(time.Hour)
	r.Quiet()
	for _, id := range []string{"crm:crm/9", "opportunity:crm/9", "contact:crm/3", "email:kim@gmail.com"} {
		p, err := r.Graph.Reader().At(context.Background(), id, r.Now().UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		if want := initech; p.Root != want {
			t.Errorf("%s belongs to %s, want %s: %s", id, p.Root, want, fmt.Sprintf("%+v", p.Match))
		}
	}
	whole(t, r)
}
