package rig

import (
	"context"
	"iter"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
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
