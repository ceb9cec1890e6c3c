package explain_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"handoff/infra/explain"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// asking counts the queries that an answer takes, of the ledger and of the accounts.
func asking(t *testing.T, r *rig.Rig, q explain.Question) (a *explain.Answer, history, accounts map[string]int) {
	t.Helper()
	h, acc := rig.Counted(r.Ledger.Table), rig.Counted(r.Graph.Accounts)
	ledger, graph := r.Ledger.Table, r.Graph.Accounts
	r.Ledger.Table, r.Graph.Accounts = h, acc
	defer func() { r.Ledger.Table, r.Graph.Accounts = ledger, graph }()
	a, err := explain.Ask(context.Background(), r.Stack, q)
	if err != nil {
		t.Fatal(err)
	}
	return a, h.Queries, acc.Queries
}

// However many decisions are told, and whoever belongs to the account, each subject's history is read by one query, and
// the policies of the past by one more.
func TestOneQueryPerSubject(t *testing.T) {
	many := func(r *rig.Rig) { askedByMany(r, 60) }
	for _, c := range []struct {
		name    string
		make    func(*rig.Rig)
		members int
	}{
		{"one person", func(r *rig.Rig) { askedByMany(r, 1) }, 3}, // the account, a person, a device
		{"sixty people with a device each", many, 62},             // the account, the devices, and who did something by their own address
		{"merged", merged, 5},
	} {
		t.Run(c.name, func(t *testing.T) { oneQueryEach(t, rig.Open(t, rig.Config{}), c.make, c.members) })
	}
}

// oneQueryEach asks three times about Initech.
func oneQueryEach(t *testing.T, r *rig.Rig, make func(*rig.Rig), members int) {
	t.Helper()
	make(r)
	for _, q := range []explain.Question{
		{Who: "initech.example"},
		{Who: "initech.example", At: "2026-03-04"},
		{Who: "initech.example", At: "2026-03-04", AsKnown: rig.Noon.Add(time.Hour)},
	} {
		a, history, accounts := asking(t, r, q)
		if len(a.Members) != members || len(a.Decisions)+len(a.Others) == 0 {
			t.Errorf("%+v: members %v and %d decisions, want %d members and a decision", q, a.Members, len(a.Decisions), members)
		}
		want := map[string]int{policy.ActiveKey.Partition: 1}
		for _, m := range a.Members {
			want[m] = 1
		}
		if len(a.Decisions) == 0 {
			delete(want, policy.ActiveKey.Partition) // no policy is cited
		}
		if !maps.Equal(history, want) {
			t.Errorf("%+v: queries of the ledger %v, want one each of %v", q, history, slices.Sorted(maps.Keys(want)))
		}
		if len(accounts) > 0 {
			t.Errorf("%+v: queries of the accounts %v, want none", q, accounts)
		}
	}
}

// askedByMany is n people with a device each, of whom one asks for a demo.
func askedByMany(r *rig.Rig, n int) {
	var events []event.Envelope
	for i := range n {
		who := fmt.Sprintf("email:p%d@initech.example", i)
		events = append(events, rig.Say(fmt.Sprint("v-", i), touch.PricingViewed, fmt.Sprintf("anon:segment/d%d", i), rig.Noon, rig.Links(who)))
	}
	r.Send(events...)
	r.At(rig.Say("d-1", touch.DemoRequested, "email:p0@initech.example", rig.Noon.Add(time.Minute)))
}

// merged is an account into which came, one after the other and each with a past: a person, the CRM's record of it, a
// contact, and a device.
func merged(r *rig.Rig) {
	before := rig.Noon.Add(-time.Hour)
	r.Send(rig.Say("v-1", touch.PricingViewed, ann, before), rig.Say("u-1", touch.AccountUpdated, "crm:salesforce/001A", before),
		rig.Say("c-1", touch.ContactUpdated, "contact:salesforce/003A", before), rig.Say("v-2", touch.DocsViewed, "anon:segment/d9", before))
	r.Send(rig.Say("u-2", touch.AccountUpdated, "crm:salesforce/001A", rig.Noon, rig.Links(initech)))
	r.Send(rig.Say("c-2", touch.ContactUpdated, "contact:salesforce/003A", rig.Noon, rig.Links(ann)))
	r.Send(rig.Say("i-1", touch.Identified, "anon:segment/d9", rig.Noon, rig.Links(ann)))
	r.At(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon.Add(time.Minute)))
}
