package bench

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// BenchmarkTouchOnAccount is promise P6: one operation folds one more touch into an account that has so many already.
// Each store holds 100,000 touches in all, so that accounts are compared and not stores; it is in memory, so that the
// work is compared and not the disk. Accounts take turns, so none grows by more than a little while it is measured.
func BenchmarkTouchOnAccount(b *testing.B) {
	var least float64 // what it costs on the smallest account
	for _, touches := range []int{10, 1_000, 100_000} {
		b.Run(fmt.Sprint(touches), func(b *testing.B) {
			cost := touchOnAccount(b, touches, 100_000/touches)
			if least == 0 || touches == 10 {
				least = cost
			}
			if least > 0 {
				b.ReportMetric(100*cost/least, "%-of-smallest")
			}
		})
	}
}

// touchOnAccount answers the processor time of a touch in microseconds; the clock's also counts what else the machine does.
func touchOnAccount(b *testing.B, touches, accounts int) (cost float64) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := newHop(b, func() time.Time { return at }, embedded.Options{FS: vfs.NewMem(), NoSync: true})
	defer h.close(b)
	h.out.drop = true
	sc := h.score(b)
	n := 0
	deliveries := func(count int, account func() int) []event.Envelope {
		batch := make([]*touch.Touch, count)
		for i := range batch {
			n++
			at = at.Add(time.Second)
			batch[i] = viewOf(account(), n, at)
		}
		return h.recorded(b, batch)
	}
	for acct := range accounts {
		for done := 0; done < touches; done += 500 {
			handle(b, sc, deliveries(min(500, touches-done), func() int { return acct }))
		}
	}
	acct := 0
	next := func() int { acct = (acct + 1) % accounts; return acct }
	var ready []event.Envelope
	h.accounts.read, h.accounts.written = 0, 0
	var cpu time.Duration
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ReportAllocs()
	for b.Loop() {
		if len(ready) == 0 {
			b.StopTimer()
			ready = deliveries(500, next)
			b.StartTimer()
		}
		began := threadTime()
		handle(b, sc, ready[:1])
		cpu += threadTime() - began
		ready = ready[1:]
	}
	b.ReportMetric(float64(h.accounts.read)/float64(b.N), "items-read/op")
	b.ReportMetric(float64(h.accounts.written)/float64(b.N), "items-written/op")
	cost = float64(cpu.Nanoseconds()) / 1000 / float64(b.N)
	b.ReportMetric(cost, "cpu-µs/op")
	return cost
}

// viewOf is the nth touch, by one of six people of a company.
func viewOf(acct, n int, at time.Time) *touch.Touch {
	kinds := []string{touch.PageViewed, touch.FeatureUsed, touch.PricingViewed, touch.EmailClicked, touch.SignedIn}
	return &touch.Touch{
		ID: touch.NewID("bench", "view", fmt.Sprint(n), 0), Kind: kinds[n%len(kinds)], Time: at, RecordedAt: at,
		Subject: fmt.Sprintf("email:p%d@company%d.example", n%6, acct), Source: "bench", SourceType: "view", ProducerID: fmt.Sprint(n),
		Channel: "direct", URL: "https://handoff.example/pricing", Contract: "bench@1", EventID: fmt.Sprint(n), Digest: "0123456789abcdef0123456789abcdef",
	}
}

// recorded appends touches to the ledger, as ingest does, and makes the deliveries that score gets.
func (h *hop) recorded(b *testing.B, touches []*touch.Touch) []event.Envelope {
	rows := make([]ledger.Row, len(touches))
	out := make([]event.Envelope, len(touches))
	for i, t := range touches {
		body, err := json.Marshal(t)
		if err != nil {
			b.Fatal(err)
		}
		rows[i] = ledger.Row{Owner: t.Subject, Type: ledger.Touch, Time: t.Time, ID: t.ID.String(), RecordedAt: t.RecordedAt, Body: body}
		detail, err := json.Marshal(event.TouchDetail{Touch: *t})
		if err != nil {
			b.Fatal(err)
		}
		out[i] = event.Envelope{Source: event.Source, DetailType: event.TouchRecorded, Time: t.Time, Detail: detail}
	}
	for _, r := range h.ledger().Append(b.Context(), rows) {
		if r.Err != nil {
			b.Fatal(r.Err)
		}
	}
	return out
}
