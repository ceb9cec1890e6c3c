package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

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
