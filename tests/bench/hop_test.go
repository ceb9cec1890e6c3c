package bench

import (
	"context"
	"sync"
	"testing"
	"time"

	"handoff/events"
	"handoff/functions/ingest"
	"handoff/functions/score"
	policyfiles "handoff/infra/policy"
	"handoff/shared/contract"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/wire"
)

// outbox keeps what a function published, as deliveries.
type outbox struct {
	mu   sync.Mutex
	sent []event.Envelope
	drop bool
}

func (o *outbox) Publish(_ context.Context, batch []event.Envelope) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.drop {
		o.sent = append(o.sent, batch...)
	}
	return nil
}

// tally is a table that counts what it is asked for.
type tally struct {
	store.Table
	read, written int // items
}

func (t *tally) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	t.read += len(keys)
	return t.Table.GetMany(ctx, keys)
}

func (t *tally) PutMany(ctx context.Context, rs []store.Record) []error {
	t.written += len(rs)
	return t.Table.PutMany(ctx, rs)
}

// hop is one function over a durable store of its own.
type hop struct {
	accounts *tally // score's
	db       *embedded.DB
	out      *outbox
	now      func() time.Time
}

func newHop(b *testing.B, now func() time.Time, opt embedded.Options) *hop {
	b.Helper()
	opt.Log = troubles
	db, err := embedded.Open(b.TempDir(), opt)
	if err != nil {
		b.Fatal(err)
	}
	return &hop{accounts: &tally{Table: db.Table("accounts")}, db: db, out: &outbox{}, now: now}
}

func (h *hop) close(b *testing.B) {
	if err := h.db.Close(); err != nil {
		b.Error(err)
	}
}

func (h *hop) ledger() *ledger.Ledger { return &ledger.Ledger{Table: h.db.Table("ledger")} }

func (h *hop) ingest(b *testing.B) event.Handler {
	b.Helper()
	contracts, err := contract.Load(events.Sources, "sources", "schemas")
	if err != nil {
		b.Fatal(err)
	}
	in, err := ingest.New(ingest.Config{Ledger: h.ledger(), Bus: h.out, Contracts: contracts, Now: h.now})
	if err != nil {
		b.Fatal(err)
	}
	return in
}

func (h *hop) score(b *testing.B) event.Handler {
	b.Helper()
	rules, err := policy.Load(policyfiles.Default)
	if err != nil {
		b.Fatal(err)
	}
	sc, err := score.New(score.Config{Accounts: h.accounts, Ledger: h.ledger(), Bus: h.out, Implied: wire.Implied,
		Policy: func(context.Context) (score.Rules, error) { return rules, nil }, Log: troubles, Now: h.now})
	if err != nil {
		b.Fatal(err)
	}
	return sc
}

func handle(b *testing.B, h event.Handler, batch []event.Envelope) {
	b.Helper()
	for i, err := range h.Handle(context.Background(), batch) {
		if err != nil {
			b.Fatalf("event %d of %d: %v", i, len(batch), err)
		}
	}
}

// BenchmarkIngest is ingest alone: one operation reads a generated journey in batches of 500.
func BenchmarkIngest(b *testing.B) {
	t := generated(b)
	b.ReportAllocs()
	work := newMeter(b)
	for b.Loop() {
		b.StopTimer()
		h := newHop(b, shifted(time.Until(t.end)).Now, embedded.Options{})
		h.out.drop = true
		in := h.ingest(b)
		b.StartTimer()
		work.start()
		if err := t.batches(500, func(batch []event.Envelope) error { handle(b, in, batch); return nil }); err != nil {
			b.Fatal(err)
		}
		work.stop()
		b.StopTimer()
		h.close(b)
		b.StartTimer()
	}
	work.report(t.events, "event", "events")
}

// BenchmarkScore is score alone: one operation folds the touches of a generated journey in batches of 500.
func BenchmarkScore(b *testing.B) {
	t := generated(b)
	work := newMeter(b)
	touches := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		h := newHop(b, shifted(time.Until(t.end)).Now, embedded.Options{})
		in, sc := h.ingest(b), h.score(b)
		if err := t.batches(500, func(batch []event.Envelope) error { handle(b, in, batch); return nil }); err != nil {
			b.Fatal(err)
		}
		recorded := h.out.sent
		h.out.sent, h.out.drop = nil, true
		touches = len(recorded)
		b.StartTimer()
		work.start()
		for len(recorded) > 0 {
			n := min(500, len(recorded))
			handle(b, sc, recorded[:n])
			recorded = recorded[n:]
		}
		work.stop()
		b.StopTimer()
		h.close(b)
		b.StartTimer()
	}
	work.report(touches, "touch", "touches")
}

// BenchmarkDecode is what reading a touch off the bus costs: once per event and hop.
func BenchmarkDecode(b *testing.B) {
	t := generated(b)
	h := newHop(b, shifted(time.Until(t.end)).Now, embedded.Options{NoSync: true})
	defer h.close(b)
	in := h.ingest(b)
	err := t.batches(500, func(batch []event.Envelope) error {
		if len(h.out.sent) < 5000 {
			handle(b, in, batch)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := event.ReadTouch(h.out.sent[i%len(h.out.sent)].Detail); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
