package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/shared/contract"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/touch"
)

var (
	ctx = context.Background()
	now = time.Date(2026, 3, 3, 14, 6, 0, 123_456_789, time.UTC)
)

var contracts = sync.OnceValues(func() (*contract.Set, error) {
	return contract.LoadPrepared(events.Contracts, events.Schemas, "schemas")
})

// world is an ingest function over a real store and a bus that keeps what it is given.
type world struct {
	t      *testing.T
	table  store.Table
	set    *contract.Set
	ledger *ledger.Ledger
	sent   []event.Envelope
	h      *Handler
}

func (w *world) Publish(_ context.Context, events []event.Envelope) error {
	w.sent = append(w.sent, events...)
	return nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	set, err := contracts()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, table: db.Table("ledger"), set: set}
	w.ledger = &ledger.Ledger{Table: w.table}
	w.h = w.process(w.table, w)
	return w
}

// process is the function anew, over the same store.
func (w *world) process(table store.Table, bus event.Publisher) *Handler {
	w.t.Helper()
	h, err := New(Config{Ledger: &ledger.Ledger{Table: table}, Bus: bus, Contracts: w.set, Now: func() time.Time { return now }})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

func (w *world) handle(batch ...event.Envelope) {
	w.t.Helper()
	for i, err := range w.h.Handle(ctx, batch) {
		if err != nil {
			w.t.Fatalf("event %d: %v", i, err)
		}
	}
}

// rows is all that stands in the ledger, in a readable form, sorted. Which delivery recorded a touch first is not part
// of it.
func (w *world) rows() []string {
	w.t.Helper()
	var out []string
	cursor := ""
	for {
		page, err := w.table.(store.Scanner).Scan(ctx, 100, cursor)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, rec := range page.Records {
			r, ok, err := w.ledger.Decode(ctx, rec)
			if err != nil {
				w.t.Fatal(err)
			}
			if ok {
				out = append(out, fmt.Sprintf("%s %s %s", r.Type, r.Owner, r.ID))
			}
		}
		if cursor = page.Cursor; cursor == "" {
			slices.Sort(out)
			return out
		}
	}
}

func (w *world) published() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, e := range w.sent {
		d, err := event.Decode[event.TouchDetail](&e, event.TouchRecorded)
		if err != nil {
			w.t.Fatalf("%v\n%s", err, e.Detail)
		}
		if e.Source != event.Source || d.Correlation != d.Touch.ID.String() {
			w.t.Errorf("published by %s with correlation %s for touch %s", e.Source, d.Correlation, d.Touch.ID)
		}
		if d.Causation == "" || d.Causation != d.Touch.EventID {
			w.t.Errorf("published with causation %q for a touch of the event %q", d.Causation, d.Touch.EventID)
		}
		out[d.Touch.ID.String()] = string(e.Detail)
	}
	return out
}

func sample(t testing.TB, file string) event.Envelope {
	t.Helper()
	body, err := fs.ReadFile(events.Samples, path.Join("samples", file))
	if err != nil {
		t.Fatal(err)
	}
	var e event.Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := New(Config{})
	for _, part := range []string{"Ledger", "Bus", "Contracts", "Now"} {
		if err == nil || !strings.Contains(err.Error(), part+" is missing") {
			t.Errorf("error %v does not say that %s is missing", err, part)
		}
	}
}

func TestATouchIsRecordedAndPublished(t *testing.T) {
	w := newWorld(t)
	e := sample(t, "stripe/valid/invoice-paid-test-mode.json")
	w.handle(e)
	id := touch.NewID("stripe", "invoice.paid", "evt_1Pinvoicepaidtestmode", 0)
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC) // created: 1772546400
	row, err := w.ledger.Get(ctx, ledger.Row{Owner: "customer:stripe/cus_Q1", Type: ledger.Touch, Time: at, ID: id.String()})
	if err != nil {
		t.Fatal(err)
	}
	var got touch.Touch
	if err := json.Unmarshal(row.Body, &got); err != nil {
		t.Fatal(err)
	}
	recorded := time.Date(2026, 3, 3, 14, 6, 0, 123_000_000, time.UTC)
	if got.ID != id || !got.Time.Equal(at) || !got.RecordedAt.Equal(recorded) || !row.RecordedAt.Equal(recorded) || got.EventID != e.ID || got.Contract != "stripe@1" || !got.Test {
		t.Errorf("recorded %+v in a row of %s", got, row.RecordedAt)
	}
	want := map[string]string{id.String(): `{"correlation_id":"` + id.String() + `","causation_id":"` + e.ID + `","touch":` + string(row.Body) + `}`}
	if diff := cmp.Diff(want, w.published()); diff != "" {
		t.Errorf("published (-the row as it stands +got):\n%s", diff)
	}
}

func TestADuplicateIsPublishedAsTheRowStands(t *testing.T) {
	w := newWorld(t)
	e := sample(t, "segment/valid/page-pricing.json")
	w.handle(e)
	first, rows := w.published(), w.rows()
	again := e
	again.ID = "another-delivery"
	w.sent = nil
	w.h.Now = func() time.Time { return now.Add(time.Hour) }
	w.handle(again, e) // twice in one batch, too
	if len(w.sent) != 2 {
		t.Errorf("%d events published for two duplicates, want each once", len(w.sent))
	}
	if diff := cmp.Diff(first, w.published()); diff != "" {
		t.Errorf("published for the duplicates (-as at first +now):\n%s", diff)
	}
	if diff := cmp.Diff(rows, w.rows()); diff != "" {
		t.Errorf("rows (-before the duplicates +after):\n%s", diff)
	}
}

func TestTheSameTouchTwiceInTheFirstBatch(t *testing.T) {
	w := newWorld(t)
	e := sample(t, "segment/valid/page-pricing.json")
	again := e
	again.ID = "another-delivery"
	w.handle(e, again)
	if got := w.rows(); len(got) != 1 || len(w.published()) != 1 {
		t.Errorf("rows %v and %d touches published, want one of each", got, len(w.published()))
	}
	if !strings.Contains(string(w.sent[1].Detail), e.ID) {
		t.Errorf("the second is published as %s, want the first's row", w.sent[1].Detail)
	}
}

func TestAnIDWithAnotherContentIsQuarantined(t *testing.T) {
	for name, together := range map[string]bool{"in a later batch": false, "in the same batch": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := sample(t, "segment/valid/page-pricing.json")
			other := e
			other.ID = "other"
			other.Detail = json.RawMessage(strings.Replace(string(e.Detail), `"variant": "b"`, `"variant": "c"`, 1))
			if together {
				w.handle(e, other)
			} else {
				w.handle(e)
				w.handle(other)
			}
			if got := w.published(); len(got) != 1 || strings.Contains(fmt.Sprint(got), `"variant":"c"`) {
				t.Errorf("published %v, want the first come alone", got)
			}
			a := w.only(ledger.Quarantine)
			if a.Failure.Code != contract.IDReused || a.Failure.Contract != "segment@1" || a.Failure.Owner != "growth-engineering" || a.Event.ID != "other" {
				t.Errorf("quarantined %+v", a)
			}
			if diff := cmp.Diff(compact(t, other.Detail), compact(t, a.Event.Detail)); diff != "" {
				t.Errorf("the event is not kept whole (-sent +kept):\n%s", diff)
			}
			w.handle(other)
			if got := w.rows(); len(got) != 2 {
				t.Errorf("after a redelivery the ledger has %v, want still two rows", got)
			}
		})
	}
}

func compact(t *testing.T, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// only returns the one row of a type that stands under the day of the samples.
func (w *world) only(typ ledger.Type) Aside {
	w.t.Helper()
	var found []Aside
	for _, owner := range ledger.DayOwners(typ, time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)) {
		for r, err := range w.ledger.Timeline(ctx, owner, time.Time{}, time.Time{}) {
			if err != nil {
				w.t.Fatal(err)
			}
			var a Aside
			if err := json.Unmarshal(r.Body, &a); err != nil {
				w.t.Fatal(err)
			}
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d %s rows, want one: %+v", len(found), typ, found)
	}
	return found[0]
}

func TestAnIgnoredEventLeavesItsReason(t *testing.T) {
	w := newWorld(t)
	e := sample(t, "stripe/valid/ignored-payout.json")
	w.handle(e, e)
	want := Aside{EventID: e.ID, Source: e.Source, DetailType: "payout.paid", Contract: "stripe@1", Reason: "The seller's own books say nothing of a buyer."}
	if diff := cmp.Diff(want, w.only(ledger.Ignored)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(w.sent) != 0 {
		t.Errorf("published %d events for it", len(w.sent))
	}
}

func TestWhatDoesNotFitIsKeptWhole(t *testing.T) {
	unknown := sample(t, "segment/valid/page-pricing.json")
	unknown.Source = "acme.unheard-of"
	cut := sample(t, "segment/valid/page-pricing.json")
	cut.Detail = json.RawMessage(`{"type":"page","messageId":`)
	list := sample(t, "segment/valid/page-pricing.json")
	list.Detail = json.RawMessage(`[{"type":"page"}]`)
	deep := sample(t, "segment/valid/page-pricing.json")
	deep.Detail = json.RawMessage(strings.Repeat(`{"a":`, 500) + "1" + strings.Repeat("}", 500))
	for _, c := range []struct {
		name, code, kept string
		event            event.Envelope
	}{
		{"from an unknown source", contract.UnknownSource, compact(t, unknown.Detail), unknown},
		{"with a broken contract", contract.NoID, compact(t, sample(t, "segment/invalid/no-message-id.json").Detail), sample(t, "segment/invalid/no-message-id.json")},
		{"cut off", contract.Malformed, `"{\"type\":\"page\",\"messageId\":"`, cut},
		{"a list", contract.Malformed, string(list.Detail), list},
		{"nested too deeply", contract.Malformed, string(deep.Detail), deep},
		{"without a detail", contract.Malformed, "null", event.Envelope{ID: "e", Source: "acme", DetailType: "x", Time: deep.Time}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.handle(c.event, c.event)
			a := w.only(ledger.Quarantine)
			if a.Failure.Code != c.code || a.Reason == "" || a.Event.ID != c.event.ID || string(a.Event.Detail) != c.kept {
				t.Errorf("quarantined %+v with %s, want code %s and %s", a.Failure, a.Event.Detail, c.code, c.kept)
			}
		})
	}
}

func TestALongEventIsQuarantinedWhole(t *testing.T) {
	w := newWorld(t)
	e := sample(t, "segment/invalid/no-message-id.json")
	e.Detail = json.RawMessage(`{"type":"track","event":"Note Saved","text":"` + strings.Repeat("long ", 180_000) + `"}`)
	w.handle(e)
	if got := w.only(ledger.Quarantine); string(got.Event.Detail) != string(e.Detail) {
		t.Errorf("kept %d bytes of %d", len(got.Event.Detail), len(e.Detail))
	}
}

// half of the bus: it takes every event but the ones that name a subject.
type choosy struct {
	*world
	refuse string
}

func (c choosy) Publish(_ context.Context, events []event.Envelope) error {
	var left []event.Envelope
	for _, e := range events {
		if strings.Contains(string(e.Detail), c.refuse) {
			left = append(left, e)
			continue
		}
		c.sent = append(c.sent, e)
	}
	if len(left) > 0 {
		return &event.Leftover{Events: left, Cause: errors.New("throttled")}
	}
	return nil
}

func TestOnlyWhatFailedIsDeliveredAgain(t *testing.T) {
	w := newWorld(t)
	batch := []event.Envelope{
		sample(t, "segment/valid/page-pricing.json"), sample(t, "stripe/valid/invoice-paid.json"),
		sample(t, "stripe/valid/ignored-payout.json"), sample(t, "segment/invalid/no-message-id.json"), sample(t, "Touch/valid/smallest.json"),
	}
	errs := w.process(w.table, choosy{w, "customer:stripe/cus_Q1"}).Handle(ctx, batch)
	for i, err := range errs {
		if (err != nil) != (i == 1) {
			t.Errorf("event %d: %v; want an error for the invoice alone", i, err)
		}
	}
	w.handle(batch[1])
	if got := len(w.published()); got != 3 {
		t.Errorf("%d touches published after the redelivery, want 3", got)
	}
}

// everySample is one batch of all that the sources' samples have, three duplicates and a reused id.
func everySample(t *testing.T) []event.Envelope {
	t.Helper()
	var batch []event.Envelope
	for _, dir := range []string{"segment", "rudderstack", "stripe", "salesforce", "hubspot", "Touch", "ListMember", "CrmAccount", "CrmContact", "CrmOpportunity", "Spend",
		"SubjectsLinked", "SubjectsUnlinked", "TouchesRevised", "ReassignmentWanted"} {
		files, err := fs.Glob(events.Samples, path.Join("samples", dir, "*", "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("samples of %s: %d, %v", dir, len(files), err)
		}
		for _, f := range files {
			batch = append(batch, sample(t, strings.TrimPrefix(f, "samples/")))
		}
	}
	reused := sample(t, "segment/valid/page-pricing.json")
	reused.Detail = json.RawMessage(strings.Replace(string(reused.Detail), `"variant": "b"`, `"variant": "c"`, 1))
	return append(batch, sample(t, "segment/valid/page-pricing.json"), sample(t, "hubspot/valid/three-records.json"), sample(t, "stripe/valid/ignored-payout.json"), reused)
}

// Each write and each publish dies once, in every way; what failed is delivered again. The ledger and what the bus has
// heard are as if nothing had happened.
func TestCrashTable(t *testing.T) {
	run := func(t *testing.T, fuse *storetest.Fuse) (rows []string, sent map[string]string) {
		w := newWorld(t)
		all := everySample(t)
		for from := 0; from < len(all); from += 40 {
			todo := all[from:min(from+40, len(all))]
			for try := 0; len(todo) > 0; try++ {
				if try > 4 {
					t.Fatal("the batch never succeeds")
				}
				var failed []event.Envelope
				for i, err := range w.process(fuse.Table(w.table), fuse.Publisher(w)).Handle(ctx, todo) {
					if err != nil {
						failed = append(failed, todo[i])
					}
				}
				todo = failed
				fuse.Reset()
			}
		}
		return w.rows(), w.published()
	}
	counting := storetest.NewFuse(0, storetest.NotStored)
	rows, sent := run(t, counting)
	if counting.Steps() < 7 {
		t.Fatalf("the fault-free run has %d steps, want an append and a publish for each of three batches, and one for the reused id", counting.Steps())
	}
	for step := 1; step <= counting.Steps(); step++ {
		for _, mode := range storetest.Modes {
			for kind, fuse := range map[string]*storetest.Fuse{"dies": storetest.NewFuse(step, mode), "errs": storetest.NewGlitch(step, mode)} {
				t.Run(fmt.Sprintf("%s at step %d, %s", kind, step, mode), func(t *testing.T) {
					gotRows, gotSent := run(t, fuse)
					if !fuse.Blown() {
						t.Error("the fuse did not blow")
					}
					if diff := cmp.Diff(rows, gotRows); diff != "" {
						t.Errorf("rows (-fault-free +after redelivery):\n%s", diff)
					}
					if diff := cmp.Diff(sent, gotSent); diff != "" {
						t.Errorf("published (-fault-free +after redelivery):\n%s", diff)
					}
				})
			}
		}
	}
}

// Conservation: what Trace says an event left is what stands in the ledger, no more and no less.
func TestTraceAccountsForEveryRow(t *testing.T) {
	w := newWorld(t)
	all := everySample(t)
	w.handle(all...)
	want := map[string]bool{}
	reused := 0
	for i := range all {
		for _, tr := range Trace(w.set, &all[i]) {
			row, err := w.ledger.Get(ctx, tr.Row)
			if err != nil {
				t.Fatalf("event %s (%s %s): %v", all[i].ID, all[i].Source, all[i].DetailType, err)
			}
			if tr.Touch != nil {
				var stands touch.Touch
				if err := json.Unmarshal(row.Body, &stands); err != nil {
					t.Fatal(err)
				}
				if stands.Digest != tr.Touch.Digest {
					if _, err := w.ledger.Get(ctx, tr.Reused); err != nil {
						t.Errorf("event %s: its id is taken, and it is not in quarantine: %v", all[i].ID, err)
					}
					want[fmt.Sprintf("%s %s %s", tr.Reused.Type, tr.Reused.Owner, tr.Reused.ID)] = true
					reused++
					continue
				}
			}
			want[fmt.Sprintf("%s %s %s", tr.Row.Type, tr.Row.Owner, tr.Row.ID)] = true
		}
	}
	var keys []string
	for k := range want {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if diff := cmp.Diff(keys, w.rows()); diff != "" {
		t.Errorf("rows (-traced +in the ledger):\n%s", diff)
	}
	if reused != 1 {
		t.Errorf("%d events with a reused id, want 1", reused)
	}
}
