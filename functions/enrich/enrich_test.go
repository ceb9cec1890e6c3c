package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/touch"
)

const initech = "account:initech.example"

// world is the ledger, the bus and a provider that can be told what to say.
type world struct {
	t       testing.TB
	table   *embedded.Table
	ledger  *ledger.Ledger
	handler *Handler
	sent    []event.TouchDetail
	now     time.Time

	mu    sync.Mutex
	asked []string
	says  func(domain string) (map[string]string, bool, error)
}

func (w *world) Publish(_ context.Context, events []event.Envelope) error {
	for _, e := range events {
		var d event.TouchDetail
		if err := json.Unmarshal(e.Detail, &d); err != nil || e.DetailType != event.AccountEnriched || e.Source != event.Source {
			w.t.Errorf("published %s from %s: %s (%v)", e.DetailType, e.Source, e.Detail, err)
		}
		w.sent = append(w.sent, d)
	}
	return nil
}

func (w *world) Lookup(_ context.Context, domain string) (map[string]string, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, domain)
	return w.says(domain)
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := embedded.Open("data", embedded.Options{FS: vfs.NewMem(), NoSync: true, Memory: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{t: t, table: db.Table("ledger"), now: time.Date(2026, 5, 4, 10, 30, 0, 0, time.UTC)}
	w.ledger = &ledger.Ledger{Table: w.table}
	w.says = func(domain string) (map[string]string, bool, error) {
		if domain != "initech.example" {
			return nil, false, nil
		}
		return map[string]string{"name": "Initech", "employees": "250", "industry": "SaaS"}, true, nil
	}
	w.handler = w.process(w.table, w)
	return w
}

func (w *world) process(table store.Table, bus event.Publisher) *Handler {
	w.t.Helper()
	h, err := New(Config{
		Ledger: &ledger.Ledger{Table: table}, Bus: bus, Provider: Chain{{"test", w}},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

func wanted(account, domain string) event.Envelope {
	b, err := json.Marshal(event.EnrichmentWantedDetail{
		Meta: event.Meta{Correlation: "c-1", Causation: "c-2"}, Account: account, Domain: domain, AsOf: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC),
	})
	if err != nil {
		panic(err)
	}
	return event.Envelope{ID: "e-1", DetailType: event.EnrichmentWanted, Source: event.Source, Detail: b}
}

func (w *world) handle(events ...event.Envelope) {
	w.t.Helper()
	for i, err := range w.handler.Handle(context.Background(), events) {
		if err != nil {
			w.t.Fatalf("event %d: %v", i, err)
		}
	}
}

func (w *world) rows(account string) []ledger.Row {
	w.t.Helper()
	var out []ledger.Row
	for row, err := range w.ledger.Timeline(context.Background(), account, time.Time{}, time.Time{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, *row)
	}
	return out
}

func TestAnswerIsRecordedAndPublished(t *testing.T) {
	w := newWorld(t)
	w.handle(wanted(initech, "initech.example"))
	if len(w.sent) != 1 {
		t.Fatalf("published %d events, want 1", len(w.sent))
	}
	d := w.sent[0]
	got := d.Touch
	if got.Kind != touch.AccountEnriched || got.Subject != initech || got.Source != "enrich" || !got.RecordedAt.Equal(w.now) || got.EventID != "e-1" || d.Correlation != "c-1" {
		t.Errorf("published %+v", d)
	}
	if diff := cmp.Diff(map[string]string{"name": "Initech", "employees": "250", "industry": "SaaS"}, got.Company); diff != "" {
		t.Errorf("company (-want +got):\n%s", diff)
	}
	if got.Props["provider"] != "test" || got.Props["outcome"] != "found" {
		t.Errorf("props = %v, want who answered what", got.Props)
	}
	if !got.Time.Equal(Undated) || len(got.Digest) != 32 || got.ID == (touch.ID{}) {
		t.Errorf("time %v, digest %q, id %v", got.Time, got.Digest, got.ID)
	}
	rows := w.rows(initech)
	if len(rows) != 1 || rows[0].Type != ledger.Enrichment || rows[0].ID != got.ID.String() || !rows[0].RecordedAt.Equal(w.now) {
		t.Fatalf("rows = %+v, want the published touch", rows)
	}
	var stored touch.Touch
	if err := json.Unmarshal(rows[0].Body, &stored); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, stored); diff != "" {
		t.Errorf("(-published +recorded):\n%s", diff)
	}
}

func TestNobodyIsAskedTwice(t *testing.T) {
	w := newWorld(t)
	w.handle(wanted(initech, "initech.example"), wanted(initech, "initech.example"))
	w.now = w.now.Add(time.Hour)
	w.says = func(string) (map[string]string, bool, error) {
		return map[string]string{"name": "Someone else"}, true, nil
	}
	w.handle(wanted(initech, "initech.example"))
	if diff := cmp.Diff([]string{"initech.example"}, w.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if len(w.sent) != 2 || len(w.rows(initech)) != 1 {
		t.Fatalf("published %d, %d rows; want the one answer again", len(w.sent), len(w.rows(initech)))
	}
	if diff := cmp.Diff(w.sent[0], w.sent[1]); diff != "" {
		t.Errorf("the redelivery published something else (-first +second):\n%s", diff)
	}
}

func TestWhoIsNotAsked(t *testing.T) {
	cases := []struct{ name, domain, outcome string }{
		{"free mail", "gmail.com", "free_mail"},
		{"disposable", "mailinator.com", "disposable"},
		{"no domain", "", "invalid"},
		{"localhost", "localhost", "invalid"},
		{"a public suffix", "co.uk", "invalid"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.handle(wanted("account:x", c.domain))
			if len(w.asked) != 0 {
				t.Errorf("asked about %v", w.asked)
			}
			if len(w.sent) != 1 || w.sent[0].Touch.Props["outcome"] != c.outcome || len(w.sent[0].Touch.Company) != 0 {
				t.Errorf("published %+v, want the answer %s", w.sent, c.outcome)
			}
		})
	}
}

func TestNotFoundIsAnAnswer(t *testing.T) {
	w := newWorld(t)
	w.handle(wanted("account:nobody.example", "nobody.example"))
	if len(w.sent) != 1 || w.sent[0].Touch.Props["outcome"] != "not_found" || w.sent[0].Touch.Company != nil {
		t.Errorf("published %+v, want not_found", w.sent)
	}
	if rows := w.rows("account:nobody.example"); len(rows) != 1 {
		t.Errorf("%d rows, want 1: the account need not wait any longer", len(rows))
	}
}

func TestUnusableFieldsAreLeftOut(t *testing.T) {
	w := newWorld(t)
	w.says = func(string) (map[string]string, bool, error) {
		return map[string]string{
			"name": "  Initech ", "employees": "51-200", "revenue": "4,200,000", "country": " ", "owner": "mallory", "consent": "yes",
		}, true, nil
	}
	w.handle(wanted(initech, "initech.example"))
	if diff := cmp.Diff(map[string]string{"name": "Initech", "revenue": "4200000"}, w.sent[0].Touch.Company); diff != "" {
		t.Errorf("company (-want +got):\n%s", diff)
	}
}

func TestAProviderThatFailsIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	down := errors.New("down")
	well := w.says
	w.says = func(domain string) (map[string]string, bool, error) {
		if domain == "initech.example" {
			return nil, false, down
		}
		return well(domain)
	}
	events := []event.Envelope{wanted("account:other.example", "other.example"), wanted(initech, "initech.example")}
	errs := w.handler.Handle(context.Background(), events)
	if errs[0] != nil || !errors.Is(errs[1], down) || len(w.sent) != 1 || len(w.rows(initech)) != 0 {
		t.Fatalf("errs = %v, %d published; want only the failing one to come again, and no answer for it", errs, len(w.sent))
	}
	w.says = well
	w.handle(events[1])
	if len(w.rows(initech)) != 1 || len(w.sent) != 2 {
		t.Errorf("after the repair %d rows, %d published; want 1 and 2", len(w.rows(initech)), len(w.sent))
	}
}

func TestBadEventsAreNamed(t *testing.T) {
	w := newWorld(t)
	errs := w.handler.Handle(context.Background(), []event.Envelope{
		{ID: "a", DetailType: event.EnrichmentWanted, Detail: []byte(`[`)},
		wanted("", "initech.example"),
		{ID: "c", DetailType: event.CreditsDue, Detail: []byte(`{}`)},
		wanted(initech, "initech.example"),
	})
	for i, part := range []string{"event a: detail of EnrichmentWanted", "account is missing", "sends it astray"} {
		if errs[i] == nil || !strings.Contains(errs[i].Error(), part) {
			t.Errorf("event %d: %v, want %q", i, errs[i], part)
		}
	}
	if errs[3] != nil || len(w.sent) != 1 {
		t.Errorf("the sound event: %v, %d published", errs[3], len(w.sent))
	}
}

// In every crash the provider changes its mind before the redelivery; still what was recorded is what was published.
func TestCrashTable(t *testing.T) {
	events := []event.Envelope{wanted(initech, "initech.example"), wanted("account:nobody.example", "nobody.example")}
	run := func(t *testing.T, fuse *storetest.Fuse) {
		w := newWorld(t)
		w.handler = w.process(fuse.Table(w.table), fuse.Publisher(w))
		todo := events
		for try := 0; len(todo) > 0; try++ {
			if try > 3 {
				t.Fatal("the batch never succeeds")
			}
			w.says = func(string) (map[string]string, bool, error) {
				return map[string]string{"name": fmt.Sprint("try ", try)}, true, nil
			}
			var again []event.Envelope
			for i, err := range w.handler.Handle(context.Background(), todo) {
				if err != nil {
					again = append(again, todo[i])
				}
			}
			todo = again
			fuse.Reset()
		}
		published := map[string]string{}
		for _, d := range w.sent {
			published[d.Touch.ID.String()] = d.Touch.Subject
		}
		recorded := map[string]string{}
		for _, account := range []string{initech, "account:nobody.example"} {
			rows := w.rows(account)
			if len(rows) != 1 {
				t.Errorf("%s has %d answers, want 1", account, len(rows))
			}
			for _, r := range rows {
				recorded[r.ID] = account
			}
		}
		if diff := cmp.Diff(recorded, published); diff != "" {
			t.Errorf("(-recorded +published):\n%s", diff)
		}
	}
	count := storetest.NewFuse(0, storetest.NotStored)
	run(t, count)
	if count.Steps() != 2 {
		t.Fatalf("the fault-free run has %d steps, want 2: append and publish", count.Steps())
	}
	for step := 1; step <= count.Steps(); step++ {
		for _, mode := range storetest.Modes {
			t.Run(fmt.Sprintf("crash at step %d, %s", step, mode), func(t *testing.T) { run(t, storetest.NewFuse(step, mode)) })
			t.Run(fmt.Sprintf("glitch at step %d, %s", step, mode), func(t *testing.T) { run(t, storetest.NewGlitch(step, mode)) })
		}
	}
}

func TestNoGoroutineOutlivesTheCall(t *testing.T) {
	w := newWorld(t)
	ignore := goleak.IgnoreCurrent()
	var events []event.Envelope
	for i := range 40 {
		d := fmt.Sprintf("c%d.example", i)
		events = append(events, wanted("account:"+d, d))
	}
	w.handle(events...)
	goleak.VerifyNone(t, ignore)
	if len(w.asked) != 40 || len(w.sent) != 40 {
		t.Errorf("asked %d, published %d; want 40 each", len(w.asked), len(w.sent))
	}
	for i, d := range w.sent {
		if want := fmt.Sprintf("account:c%d.example", i); d.Touch.Subject != want {
			t.Errorf("published number %d is of %s, want %s: the batch's order", i, d.Touch.Subject, want)
		}
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := New(Config{Now: time.Now})
	for _, name := range []string{"Ledger", "Bus", "Provider", "Log"} {
		if err == nil || !strings.Contains(err.Error(), name+" is missing") {
			t.Errorf("New = %v, want it to name %s", err, name)
		}
	}
}
