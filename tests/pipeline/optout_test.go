package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/storetest"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// stops is what keeps the person who asks by the address ann@initech.example from being contacted, and the gate.
var stops = []struct {
	kind, gate string
	with       rig.With
}{
	{touch.Unsubscribed, routing.GateUnsubscribed, nil},
	{touch.EmailBounced, routing.GateBounced, nil},
	{touch.ConsentWithdrawn, routing.GateConsent, nil},
	{touch.ContactUpdated, routing.GateTest, rig.Person("test", "true")},
	{touch.ContactUpdated, routing.GateConsent, rig.Person("consent", "no")},
	{touch.ContactUpdated, routing.GateUnsubscribed, rig.Person("unsubscribed", "true")},
	{touch.ContactUpdated, routing.GateBounced, rig.Person("bounced", "2026-03-01")}, // Salesforce tells the day
}

// ids under which it is said, and what makes the id the same person as the address.
var ids = []struct {
	id    string
	links [][2]string // who, and whom it leads to
	gates []string    // that hold; none: all
}{
	{"email:ann@initech.example", nil, nil},
	{"contact:hubspot/51", [][2]string{{"contact:hubspot/51", "email:ann@initech.example"}}, nil},
	{"user:7", [][2]string{{"user:7", "email:ann@initech.example"}}, nil},
	{"customer:stripe/cus_7", [][2]string{{"customer:stripe/cus_7", "email:ann@initech.example"}}, nil},
	{"anon:segment/a7", [][2]string{{"anon:segment/a7", "email:ann@initech.example"}}, nil},
	{"anon:segment/a7", [][2]string{{"anon:segment/a7", "user:7"}, {"user:7", "email:ann@initech.example"}}, nil},
	{"contact:hubspot/51", [][2]string{{"contact:hubspot/51", "contact:hubspot/52"}, {"contact:hubspot/52", "email:ann@initech.example"}}, nil},
	// The old address of somebody who changed jobs: what is the person's goes along, what is the address's does not.
	{"email:ann@globex.example", [][2]string{{"contact:hubspot/51", "email:ann@globex.example"}, {"contact:hubspot/51", "email:ann@initech.example"}},
		[]string{routing.GateUnsubscribed, routing.GateConsent, routing.GateTest}},
	{"user:7", [][2]string{{"user:7", "email:ann@globex.example"}, {"contact:hubspot/51", "email:ann@globex.example"}, {"contact:hubspot/51", "email:ann@initech.example"}},
		[]string{routing.GateUnsubscribed, routing.GateConsent, routing.GateTest}},
}

// gated says which of a decision's records are gated by it.
func gated(rec *routing.Record, gate string) bool {
	return slices.ContainsFunc(rec.Stops, func(s routing.Stop) bool { return s.Outcome == routing.Gated+gate })
}

// P9: whatever a person said of being contacted holds for all ids of the person, in whichever order it, the links and a
// reason to contact them were heard, and wherever the process died meanwhile. Once all is delivered nobody contacts them.
func TestWhoSaidNoIsNotContactedByAnyID(t *testing.T) {
	// Nobody may be called in spite of unsubscribing here: see TestWhoUnsubscribedAndAsksIsCalled.
	strict := rig.Edited(t, "plays.yaml", ", unsubscribed]\n", "]\n")
	rig.Check(t, 100, func(rt *rapid.T) {
		stop := rapid.SampledFrom(stops).Draw(rt, "stop")
		id := rapid.SampledFrom(ids).Draw(rt, "id")
		if id.gates != nil && !slices.Contains(id.gates, stop.gate) {
			rt.Skip("belongs to the address")
		}
		at := func(name string) time.Time {
			return rig.Noon.Add(-time.Duration(rapid.IntRange(1, 55).Draw(rt, name)) * time.Minute)
		}
		events := []event.Envelope{
			rig.Say("stop", stop.kind, id.id, at("stopped"), stop.with),
			rig.Say("ask", touch.DemoRequested, "email:ann@initech.example", at("asked")),
		}
		linked := at("linked")
		for i, l := range id.links {
			// A later job is heard of later; else one event says all at its time.
			events = append(events, rig.Say(fmt.Sprint("link", i), touch.ContactUpdated, l[0], linked.Add(time.Duration(i)*time.Second), rig.Links(l[1])))
		}
		events = rapid.Permutation(events).Draw(rt, "order")
		mode := storetest.NotStored
		if rapid.Bool().Draw(rt, "stored") {
			mode = storetest.Stored
		}
		fuse := storetest.NewFuse(rapid.IntRange(0, 40).Draw(rt, "dies at"), mode)
		r := rig.Open(t, rig.Config{Policy: strict, Fuse: fuse})
		defer r.Close()
		if rapid.Bool().Draw(rt, "at once") {
			for i := range events {
				events[i].Time = rig.Noon
			}
			r.Send(events...)
		} else {
			for _, e := range events {
				e.Time = rig.Noon
				r.Send(e)
				r.Advance(time.Second)
			}
		}
		r.Advance(3 * time.Minute)
		r.Forget()
		since := r.Now()
		r.At(rig.Say("later", touch.DemoRequested, "email:ann@initech.example", since.Add(time.Minute)))
		r.Advance(time.Minute)
		if told := r.Told(event.HandoffOffered, event.NurtureEnrolled); len(told) > 0 {
			rt.Fatalf("%s of %s: contacted: %.400s", stop.gate, id.id, told[0].Detail)
		}
		decided := 0
		for _, rec := range r.Records() {
			if rec.Play != "hand_raise" || rec.At.Before(since) || rec.Decision == "" {
				continue
			}
			if decided++; !gated(&rec, stop.gate) {
				rt.Fatalf("%s of %s: the later request was stopped only by %+v", stop.gate, id.id, rec.Stops)
			}
		}
		if decided != 1 {
			rt.Fatalf("%d decisions of the later request, want one: the test shows nothing", decided)
		}
	})
}

// P9: what is open about somebody is closed in the moment in which consent is withdrawn, by whichever id: of those that lead
// to the person by then, or that the touch itself says do. Nobody waits for a reminder.
func TestWhoWithdrawsConsentIsLetGoAtOnce(t *testing.T) {
	const ann, bob = "email:ann@initech.example", "email:bob@initech.example"
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	closed := func(t *testing.T, withdraws rig.With, id string, links [][2]string) {
		t.Helper()
		r := rig.Open(t, rig.Config{})
		defer r.Close()
		events := []event.Envelope{rig.Say("ask", touch.DemoRequested, ann, at(0))}
		for i, l := range links {
			events = append(events, rig.Say(fmt.Sprint("link", i), touch.ContactUpdated, l[0], at(1+i), rig.Links(l[1])))
		}
		r.Play(events)
		r.AdvanceTo(at(10))
		r.Forget()
		e := rig.Say("stop", touch.ConsentWithdrawn, id, at(10), withdraws)
		e.Time = at(10)
		r.Send(e, e)
		r.Drain()
		told := r.Told(event.HandoffClosed)
		if len(told) != 1 || !told[0].Time.Equal(at(10)) || !strings.Contains(string(told[0].Detail), "consent was withdrawn") {
			t.Errorf("told %v of what was open; want its end at %s; records %+v", told, at(10), r.Records())
		}
		r.Forget()
		r.Advance(3 * time.Hour)
		if told := r.Told(event.HandoffReminded, event.HandoffEscalated, event.HandoffClosed); len(told) > 0 {
			t.Errorf("told of it later: %.300s", told[0].Detail)
		}
	}
	for _, id := range ids {
		t.Run(fmt.Sprint(id.id, " by ", len(id.links), " links"), func(t *testing.T) { closed(t, nil, id.id, id.links) })
	}
	for _, id := range []string{"contact:hubspot/51", "user:7", "anon:segment/a7"} {
		t.Run(id+" by its own word", func(t *testing.T) { closed(t, rig.Links(ann), id, nil) })
	}
	for name, events := range map[string][]event.Envelope{
		"a colleague": {rig.Say("1", touch.ConsentWithdrawn, bob, at(10))},
		"another user of the device": {
			rig.Say("1", touch.Identified, "anon:segment/kiosk", at(5), rig.Links(bob)),
			rig.Say("2", touch.Identified, "anon:segment/kiosk", at(8), rig.Links(ann)),
			rig.Late(rig.Say("3", touch.ConsentWithdrawn, "anon:segment/kiosk", at(7)), at(10)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.Open(t, rig.Config{})
			r.Play(append([]event.Envelope{rig.Say("ask", touch.DemoRequested, ann, at(0))}, events...))
			if told := r.Told(event.HandoffClosed); len(r.Offered()) != 1 || len(told) > 0 {
				t.Errorf("offered %v, closed %v; want one that stays open", r.Offered(), told)
			}
		})
	}
}

// What was said of an address, by a stranger, or by another user of a device does not gate the person.
func TestWhatIsNotThePersonsDoesNotGate(t *testing.T) {
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	const ann, contact = "email:ann@initech.example", "contact:hubspot/51"
	ask := rig.Say("ask", touch.DemoRequested, ann, at(30))
	for name, events := range map[string][]event.Envelope{
		"a bounce of the old address": {
			rig.Say("1", touch.ContactUpdated, contact, at(0), rig.Links("email:ann@globex.example")),
			rig.Say("2", touch.EmailBounced, contact, at(1)),
			rig.Say("3", touch.EmailBounced, "email:ann@globex.example", at(2)),
			rig.Say("4", touch.ContactUpdated, contact, at(3), rig.Links(ann)),
		},
		"another user of the device": {
			rig.Say("1", touch.Identified, "anon:segment/kiosk", at(0), rig.Links("email:bob@initech.example")),
			rig.Say("2", touch.ConsentWithdrawn, "anon:segment/kiosk", at(1)),
			rig.Say("3", touch.Identified, "anon:segment/kiosk", at(2), rig.Links(ann)),
		},
		"a colleague": {rig.Say("1", touch.ConsentWithdrawn, "email:bob@initech.example", at(0))},
		"consent given again, under another id": {
			rig.Say("1", touch.ContactUpdated, contact, at(0), rig.Links(ann)),
			rig.Say("2", touch.ConsentWithdrawn, contact, at(1)),
			rig.Say("3", touch.ConsentGiven, ann, at(2)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.Open(t, rig.Config{})
			r.Play(append(slices.Clone(events), ask))
			if got := r.Offered(); len(got) != 1 {
				t.Errorf("offered %v, want the one request; records %+v", got, r.Records())
			}
		})
	}
}

// A CRM whose record says "not opted out" with every change takes nothing back that the person said elsewhere; giving
// consent does.
func TestARecordDoesNotTakeBackAnOptOut(t *testing.T) {
	strict := rig.Edited(t, "plays.yaml", ", unsubscribed]\n", "]\n")
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	for _, who := range []string{"email:ann@initech.example", "contact:hubspot/51"} {
		for consent, want := range map[bool]int{false: 0, true: 1} {
			r := rig.Open(t, rig.Config{Policy: strict})
			r.Play([]event.Envelope{
				rig.Say("1", touch.Unsubscribed, who, at(0)),
				rig.Say("2", touch.ContactUpdated, "contact:hubspot/51", at(1), rig.Links("email:ann@initech.example"), rig.Person("unsubscribed", "false")),
			})
			if consent {
				r.At(rig.Say("3", touch.ConsentGiven, "email:ann@initech.example", at(2)))
			}
			r.At(rig.Say("4", touch.DemoRequested, "email:ann@initech.example", at(3)))
			if got := r.Offered(); len(got) != want {
				t.Errorf("unsubscribed as %s, consent given since %v: offered %v, want %d", who, consent, got, want)
			}
		}
	}
}

// Who unsubscribed and asks to be called is called, and the rep is told to answer the request only. No sequence begins.
func TestWhoUnsubscribedAndAsksIsCalled(t *testing.T) {
	r := rig.Open(t, rig.Config{Dataset: known})
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	r.Play([]event.Envelope{
		rig.Say("1", touch.Unsubscribed, "contact:hubspot/51", at(0)),
		rig.Say("2", touch.ContactUpdated, "contact:hubspot/51", at(1), rig.Links("email:ann@initech.example"), rig.Person("title", "Staff Engineer")),
		rig.Say("3", touch.WebinarAttended, "email:ann@initech.example", at(2)),
	})
	if got := r.Offered(); len(got) != 0 {
		t.Fatalf("before she asked: %v", got)
	}
	if !slices.ContainsFunc(r.Records(), func(rec routing.Record) bool {
		return rec.Play == "nurture" && gated(&rec, routing.GateUnsubscribed)
	}) {
		t.Fatalf("no sequence was stopped by the gate, the test shows nothing: %+v", r.Records())
	}
	r.At(rig.Say("4", touch.DemoRequested, "email:ann@initech.example", at(3)))
	told := r.Told(event.HandoffOffered, event.NurtureEnrolled)
	if len(told) != 1 || told[0].DetailType != event.HandoffOffered {
		t.Fatalf("told %v, want one handoff", told)
	}
	var d event.HandoffDetail
	if err := json.Unmarshal(told[0].Detail, &d); err != nil {
		t.Fatal(err)
	}
	if d.Play != "hand_raise" || !strings.Contains(d.Reason, routing.AnswerOnly) {
		t.Errorf("play %s, reason %q, want a hand_raise that says %q", d.Play, d.Reason, routing.AnswerOnly)
	}
}

// Somebody who is already a customer, or in a deal, and asks to talk reaches whoever owns the relation.
func TestACustomersRequestReachesWhoOwnsIt(t *testing.T) {
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	const ann, in = "email:ann@initech.example", "account:initech.example"
	roster, err := rig.Open(t, rig.Config{}).Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	member := map[string]string{}
	for _, team := range roster.Teams.Teams {
		member[team.Name] = team.Members[len(team.Members)-1].Email
	}
	won := rig.Say("won", touch.OpportunityWon, "opportunity:salesforce/0061", at(-60), rig.Links(in), rig.Deal("salesforce/0061", "won", 100_00))
	deal := func(owner string) event.Envelope {
		d := rig.Deal("salesforce/0062", "open", 100_00)
		d["opportunity"].(map[string]any)["owner"] = owner
		return rig.Say("deal", touch.OpportunityCreated, "opportunity:salesforce/0062", at(-50), rig.Links(in), d)
	}
	owns := func(who string) event.Envelope {
		return rig.Say("owner", touch.AccountUpdated, in, at(-40), rig.Company("owner", who))
	}
	for _, tc := range []struct {
		name        string
		events      []event.Envelope
		team, owner string
	}{
		{"a customer without an owner", []event.Envelope{won}, "success", ""},
		{"a customer whose owner is of success", []event.Envelope{won, owns(member["success"])}, "success", member["success"]},
		{"a customer whose owner is of sales", []event.Envelope{won, owns(member["sales"])}, "sales", member["sales"]},
		{"an open deal", []event.Envelope{deal(member["sales"])}, "sales", member["sales"]},
		{"an open deal without an owner", []event.Envelope{deal("")}, "sales", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := rig.Open(t, rig.Config{Start: at(-60)})
			r.Play(append(slices.Clone(tc.events), rig.Say("ask", touch.DemoRequested, ann, at(0))))
			var got []rig.Handoff
			for _, h := range r.Offered() {
				if h.Play == "hand_raise" {
					got = append(got, h)
				}
			}
			if len(got) != 1 || got[0].Team != tc.team || tc.owner != "" && got[0].Owner != tc.owner {
				t.Errorf("offered %+v, want one to %s %s; records %+v", got, tc.team, tc.owner, r.Records())
			}
		})
	}
}

// A person counts once for the cap, by whichever id and at whichever company.
func TestTheCapIsThePersons(t *testing.T) {
	policy := rig.Edited(t, "plays.yaml", "    despite: [customer, open_opportunity, unsubscribed]\n",
		"    despite: [customer, open_opportunity, unsubscribed]\n    per_person: {max: 1, per: 30d}\n")
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	const contact, old, now = "contact:hubspot/51", "email:ann@globex.example", "email:ann@initech.example"
	for name, events := range map[string][]event.Envelope{
		"another id, linked after the first contact": {
			rig.Say("1", touch.DemoRequested, contact, at(0)),
			rig.Say("2", touch.ContactUpdated, contact, at(10), rig.Links(now)),
			rig.Say("3", touch.DemoRequested, now, at(20)),
		},
		"an alias": {
			rig.Say("1", touch.DemoRequested, "email:a.lee@initech.example", at(0)),
			rig.Say("2", touch.ContactUpdated, "email:a.lee@initech.example", at(10), rig.Links(now)),
			rig.Say("3", touch.DemoRequested, now, at(20)),
		},
		"a new job": {
			rig.Say("4", touch.ContactUpdated, contact, at(1), rig.Links(old)),
			rig.Say("1", touch.DemoRequested, old, at(5)),
			rig.Say("2", touch.ContactUpdated, contact, at(10), rig.Links(now)),
			rig.Say("3", touch.DemoRequested, now, at(20)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.Open(t, rig.Config{Policy: policy})
			r.Play(events)
			if got := r.Offered(); len(got) != 1 {
				t.Errorf("contacted %d times, want once: %v", len(got), got)
			}
			if !slices.ContainsFunc(r.Records(), func(rec routing.Record) bool {
				return slices.ContainsFunc(rec.Stops, func(s routing.Stop) bool { return s.Outcome == routing.Capped })
			}) {
				t.Errorf("the cap stopped nothing: %+v", r.Records())
			}
		})
	}
}

// Of what one person's ids say of a field the latest counts, whichever id sorts last.
func TestThePersonsLatestTitleCounts(t *testing.T) {
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	for _, tc := range []struct {
		first, then string
		want        bool // a technical title in the end
	}{
		{"user:7", "contact:hubspot/51", true}, {"contact:hubspot/51", "user:7", true},
		{"user:7", "contact:hubspot/51", false}, {"contact:hubspot/51", "user:7", false},
	} {
		titles := []string{"Office Clerk", "Staff Engineer"}
		if !tc.want {
			slices.Reverse(titles)
		}
		r := rig.Open(t, rig.Config{})
		r.Play([]event.Envelope{
			rig.Say("1", touch.ContactUpdated, tc.first, at(0), rig.Links("email:ann@initech.example")),
			rig.Say("2", touch.ContactUpdated, tc.then, at(1), rig.Links("email:ann@initech.example")),
			rig.Say("3", touch.ContactUpdated, tc.first, at(2), rig.Person("title", titles[0])),
			rig.Say("4", touch.ContactUpdated, tc.then, at(3), rig.Person("title", titles[1])),
		})
		got := slices.ContainsFunc(r.Evaluation("account:initech.example").Rules, func(c event.Contribution) bool {
			return c.Rule == "Technical title" && c.Points > 0
		})
		if got != tc.want {
			t.Errorf("%s says %q, then %s says %q: a technical title is %v, want %v", tc.first, titles[0], tc.then, titles[1], got, tc.want)
		}
	}
}
