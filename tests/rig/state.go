package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"handoff/functions/attribution"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// records yields every record of a table.
func (r *Rig) records(t store.Table) iter.Seq[store.Record] {
	return func(yield func(store.Record) bool) {
		for cursor := ""; ; {
			page, err := t.(store.Scanner).Scan(context.Background(), 1000, cursor)
			if err != nil {
				r.t.Fatalf("scan: %v", err)
			}
			for _, rec := range page.Records {
				if !yield(rec) {
					return
				}
			}
			if cursor = page.Cursor; cursor == "" {
				return
			}
		}
	}
}

// Items yields every subject's item.
func (r *Rig) Items() iter.Seq[*account.Item] {
	return func(yield func(*account.Item) bool) {
		for rec := range r.records(r.Accounts) {
			if rec.Sort != "item" || !subject.Valid(rec.Partition) && subject.KindOf(rec.Partition) != "invoice" {
				continue // a team's, a play's, or where a handoff's id leads
			}
			it, err := account.FromRecord(rec)
			if err != nil {
				r.t.Fatalf("item of %s: %v", rec.Partition, err)
			}
			if !yield(it) {
				return
			}
		}
	}
}

// Facts are every account's facts as stored, encoded, by account. Work that is left undone fails the test: facts are
// compared when all is quiet.
func (r *Rig) Facts() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for it := range r.Items() {
		if len(it.Refold) > 0 || it.Next != nil || len(it.Told.Pending) > 0 {
			r.t.Errorf("%s: left undone: refold %v, a generation under way %v, %d messages pending", it.ID, it.Refold, it.Next != nil, len(it.Told.Pending))
		}
		if !it.Facts.Empty() {
			out[it.ID] = string(it.Facts.Encode())
			if it.Due == 0 {
				r.t.Errorf("%s has facts and no place in the time index: no new policy would reach it", it.ID)
			}
		}
	}
	return out
}

// Touches yields every touch of the ledger as it counts now: the highest revision, without the withdrawn.
func (r *Rig) Touches() iter.Seq[*touch.Touch] {
	return func(yield func(*touch.Touch) bool) {
		latest := map[string]*touch.Touch{}
		var order []string
		for row := range r.Rows() {
			if row.Type != ledger.Touch && row.Type != ledger.Enrichment {
				continue
			}
			t, err := graph.Touch(row)
			if err != nil {
				r.t.Fatal(err)
			}
			key := row.Owner + " " + row.Time.String() + " " + row.ID
			if have, ok := latest[key]; !ok || t.Revision > have.Revision {
				if !ok {
					order = append(order, key)
				}
				latest[key] = t
			}
		}
		for _, key := range order {
			if t := latest[key]; !t.Withdrawn && !yield(t) {
				return
			}
		}
	}
}

// Rows yields every row of the ledger.
func (r *Rig) Rows() iter.Seq[*ledger.Row] {
	return func(yield func(*ledger.Row) bool) {
		for rec := range r.records(r.History) {
			row, ok, err := r.Ledger.Decode(context.Background(), rec)
			if err != nil {
				r.t.Fatalf("ledger row %s %s: %v", rec.Partition, rec.Sort, err)
			}
			if ok && !yield(row) {
				return
			}
		}
	}
}

// Rebuilt is what the ledger alone says the facts are: every touch folded once where it belongs by the final links.
func (r *Rig) Rebuilt() map[string]string {
	r.t.Helper()
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	reader := r.Graph.Reader()
	facts := map[string]*account.Facts{}
	var scratch []account.Keep
	for t := range r.Touches() {
		place, as, err := reader.Whose(context.Background(), t)
		if err != nil {
			r.t.Fatal(err)
		}
		f := facts[place.Root]
		if f == nil {
			f = &account.Facts{}
			facts[place.Root] = f
		}
		_, scratch = f.Absorb(t, as, p.Memory(), scratch)
	}
	out := make(map[string]string, len(facts))
	for id, f := range facts {
		if !f.Empty() {
			out[id] = string(f.Encode())
		}
	}
	return out
}

// Evaluations are every account's outcome and explanation at one hour, as JSON, by account.
func (r *Rig) Evaluations(asOf time.Time) map[string]string {
	r.t.Helper()
	out := map[string]string{}
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	reader := r.Graph.Reader()
	for it := range r.Items() {
		if it.Facts.Empty() {
			continue
		}
		v, err := reader.View(context.Background(), it.ID, &it.Facts, asOf)
		if err != nil {
			r.t.Fatal(err)
		}
		outcome, evaluation := p.Outcome(v), p.Evaluate(v)
		out[it.ID] = r.json(struct {
			Outcome    any
			Evaluation event.Evaluation
			Review     time.Time
		}{outcome, evaluation, p.ReviewAt(v)})
	}
	return out
}

// Evaluation is one account's explanation now.
func (r *Rig) Evaluation(id string) event.Evaluation {
	r.t.Helper()
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		r.t.Fatal(err)
	}
	reader := r.Graph.Reader()
	it, err := reader.Item(context.Background(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	v, err := reader.View(context.Background(), id, &it.Facts, r.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return p.Evaluate(v)
}

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

// delivery is evidence of a delivery, never identity: a repeated put gets new envelope ids.
var delivery = regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"`)

func undelivered(b []byte) []byte { return delivery.ReplaceAll(b, []byte(`"an envelope"`)) }

// Everything is all that the tables hold and the distinct events that were told, for comparing two runs byte for byte.
// Versions are left out, as a repaired write counts more of them, and so are the ids of envelopes.
func (r *Rig) Everything() map[string]string {
	r.t.Helper()
	out := map[string]string{}
	for rec := range r.records(r.Accounts) {
		body := string(rec.Body)
		if rec.Sort == routing.HandoffsSort {
			item, err := routing.Decode(rec.Partition, rec.Body)
			if err != nil {
				r.t.Fatal(err)
			}
			body = r.json(item)
		}
		out["accounts "+rec.Partition+" / "+rec.Sort] = fmt.Sprintf("due %d: %s", rec.Due, body)
	}
	for row := range r.Rows() {
		out[fmt.Sprintf("ledger %s / %s %s %s %d", row.Owner, row.Type, row.Time.Format(time.RFC3339Nano), row.ID, row.Revision)] =
			fmt.Sprintf("recorded %s: %s", row.RecordedAt.Format(time.RFC3339Nano), undelivered(row.Body))
	}
	for _, e := range r.told {
		out["told "+e.DetailType+" "+string(undelivered(e.Detail))] = "told"
	}
	return out
}

// EverythingBeside is Everything, for comparing with a run that had other steps. An account's place in the time index may
// differ between two such runs: it moves later only once it has come, so it can be earlier than the next review by what
// was thought before. It counts as alike as long as it comes no later than the review that the facts ask for.
func (r *Rig) EverythingBeside(want map[string]string) map[string]string {
	r.t.Helper()
	got := r.Everything()
	for rec := range r.records(r.Accounts) {
		key := "accounts " + rec.Partition + " / " + rec.Sort
		_, wanted, _ := strings.Cut(want[key], ": ")
		if _, body, _ := strings.Cut(got[key], ": "); rec.Sort != account.Sort || got[key] == want[key] || body != wanted || rec.Due == 0 {
			continue
		}
		it, err := account.FromRecord(rec)
		if err != nil {
			r.t.Fatal(err)
		}
		rules, err := r.Stack.Policy.Active(context.Background())
		if err != nil {
			r.t.Fatal(err)
		}
		v, err := r.Stack.Graph.Reader().View(context.Background(), it.ID, &it.Facts, time.Unix(it.Told.AsOf, 0).UTC())
		if err != nil {
			r.t.Fatal(err)
		}
		if next := rules.ReviewAt(v); next.IsZero() || rec.Due <= next.Unix() {
			got[key] = want[key]
		}
	}
	return got
}

// Quiet fails the test if any event waits in a queue or lies in a dead-letter queue. A tick that is tried again is no
// event: the next minute brings another.
func (r *Rig) Quiet() {
	r.t.Helper()
	for m, err := range r.Runtime.InFlight() {
		if err != nil {
			r.t.Fatal(err)
		}
		if !event.Tick(&m.Event) {
			r.t.Errorf("%s still holds a %s of %s at the end", m.Queue, m.Event.DetailType, m.Event.Source)
		}
	}
	for letter, err := range r.Runtime.DeadLetters() {
		if err != nil {
			r.t.Fatal(err)
		}
		r.t.Errorf("dead letter %s, a %s of %s: %s", letter.ID, letter.Event.DetailType, letter.Event.Source, letter.Error())
	}
}

func (r *Rig) json(v any) string {
	r.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

func (r *Rig) decode(b []byte, v any) {
	r.t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		r.t.Fatalf("decode %T: %v in %.200s", v, err, b)
	}
}

// Sale is what a deal's or an invoice's own item says of it.
type Sale struct {
	account.Deal
	CRM, Test bool
}

// Sales are all deals and invoices that were ever won or paid.
func (r *Rig) Sales() []Sale {
	var out []Sale
	for it := range r.Items() {
		if _, ok := it.Marks["won"]; !ok {
			continue
		}
		d := Sale{graph.DealOf(it), subject.KindOf(it.ID) == subject.Opportunity, it.Fields["test"].Value != ""}
		if d.Type == "" {
			d.Type = "new"
		}
		out = append(out, d)
	}
	return out
}
