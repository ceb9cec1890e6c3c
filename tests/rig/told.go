package rig

import (
	"context"
	"slices"

	"handoff/functions/attribution"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
)

// Attributed are the credits that count now, by conversion.
func (r *Rig) Attributed() map[string]event.Attributed {
	r.t.Helper()
	out := map[string]event.Attributed{}
	reader := &attribution.Reader{Ledger: r.Ledger, Accounts: r.Accounts}
	for rec := range r.records(r.Accounts) {
		s, ok, err := reader.FromRecord(context.Background(), rec)
		if err != nil {
			r.t.Fatal(err)
		}
		if ok {
			a := s.Attributed
			a.Meta = event.Meta{} // which event led to them is told's, and differs by order
			out[a.Conversion] = a
		}
	}
	return out
}

// Credits are the credits that count now, as JSON, by conversion.
func (r *Rig) Credits() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for id, a := range r.Attributed() {
		out[id] = r.json(a)
	}
	return out
}

// Handoff is what a team or an e-mail tool was told of one handoff.
type Handoff struct{ Kind, ID, Account, Play, Decision, Team, Owner string }

// Offered are the handoffs and enrolments that the bus took, each once, by handoff id. A repeat must say the same.
func (r *Rig) Offered() map[string]Handoff {
	r.t.Helper()
	out := map[string]Handoff{}
	for _, e := range r.Told(event.HandoffOffered, event.NurtureEnrolled) {
		var d event.HandoffDetail
		r.decode(e.Detail, &d)
		h := Handoff{e.DetailType, d.ID, d.Account, d.Play, d.Decision, d.Team, d.Owner}
		if have, ok := out[d.ID]; ok && have != h {
			r.t.Errorf("handoff %s was told twice, and not the same: %+v, then %+v", d.ID, have, h)
		}
		out[d.ID] = h
	}
	return out
}

// Told are the events of the given detail types that the bus took, in order, repeats included; all without a type.
func (r *Rig) Told(detailTypes ...string) []event.Envelope {
	var out []event.Envelope
	for _, e := range r.told {
		if len(detailTypes) == 0 || slices.Contains(detailTypes, e.DetailType) {
			out = append(out, e)
		}
	}
	return out
}

// Forget lets Told, Offered and Everything begin anew with what is told from now on.
func (r *Rig) Forget() { r.told = nil }

// Decisions are the decision rows of the ledger, by id.
func (r *Rig) Decisions() map[string]event.Decision {
	r.t.Helper()
	out := map[string]event.Decision{}
	for row := range r.Rows() {
		if row.Type == ledger.Decision {
			var d event.Decision
			r.decode(row.Body, &d)
			if _, ok := out[d.ID]; ok {
				r.t.Errorf("decision %s has two rows", d.ID)
			}
			out[d.ID] = d
		}
	}
	return out
}

// Records are route's records of what became of decisions and handoffs, in no order.
func (r *Rig) Records() []routing.Record {
	r.t.Helper()
	var out []routing.Record
	for row := range r.Rows() {
		if row.Type == ledger.Handoff || row.Type == ledger.Receipt {
			var rec routing.Record
			r.decode(row.Body, &rec)
			out = append(out, rec)
		}
	}
	return out
}
