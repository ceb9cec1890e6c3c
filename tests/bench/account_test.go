package bench

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// BenchmarkTouchOnAccount is promise P6: one operation folds one more touch into an account that has 10 already, one into
// an account of 1,000 and one into an account of 100,000. Each store holds 100,000 touches in all, so that accounts are
// compared and not stores; it is in memory and compacted before, so that the work is compared and not the disk. The three
// take turns, fifty touches each, so that what else the machine does meets all of them alike; and what is told is the
// median of the turns, which one collection of garbage does not move.
func BenchmarkTouchOnAccount(b *testing.B) {
	var sizes []*sized
	for _, touches := range []int{10, 1_000, 100_000} {
		s := newSized(b, touches, 100_000/touches)
		defer s.hop.close(b)
		sizes = append(sizes, s)
	}
	runtime.GC()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b.ResetTimer()
	for done := 0; done < b.N; done += turn {
		for i := range sizes {
			// Whoever comes first finds what the one before left in the processor's caches: each does in its time.
			sizes[(done/turn+i)%len(sizes)].take(b)
		}
	}
	b.ReportMetric(0, "ns/op") // of three accounts together: says nothing
	least := sizes[0].median()
	for _, s := range sizes {
		of := fmt.Sprintf("-on-%d", s.touches)
		b.ReportMetric(s.median(), "cpu-µs"+of)
		b.ReportMetric(100*s.median()/least, "%-of-smallest"+of)
		b.ReportMetric(float64(s.hop.accounts.read)/float64(s.folded), "items-read"+of)
		b.ReportMetric(float64(s.hop.accounts.written)/float64(s.folded), "items-written"+of)
	}
}

// turn is how many touches an account size folds before the next one's turn.
const turn = 50

// sized is a store whose accounts all have the same number of touches. They take turns too, so that none grows by more
// than a little while it is measured.
type sized struct {
	touches, accounts int
	hop               *hop
	score             event.Handler
	at                time.Time
	n, acct, folded   int
	turns             []float64 // processor time of a touch in microseconds, the mean of each turn
}

func newSized(b *testing.B, touches, accounts int) *sized {
	b.Helper()
	s := &sized{touches: touches, accounts: accounts, at: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	s.hop = newHop(b, func() time.Time { return s.at }, embedded.Options{FS: vfs.NewMem(), NoSync: true})
	s.hop.out.drop = true
	s.score = s.hop.score(b)
	for acct := range accounts {
		for done := 0; done < touches; done += 500 {
			handle(b, s.score, s.deliveries(b, min(500, touches-done), func() int { return acct }))
		}
	}
	if err := s.hop.db.Compact(b.Context()); err != nil {
		b.Fatal(err)
	}
	s.hop.accounts.read, s.hop.accounts.written = 0, 0
	return s
}

func (s *sized) deliveries(b *testing.B, count int, account func() int) []event.Envelope {
	b.Helper()
	batch := make([]*touch.Touch, count)
	for i := range batch {
		s.n++
		s.at = s.at.Add(time.Second)
		batch[i] = viewOf(account(), s.n, s.at)
	}
	return s.hop.recorded(b, batch)
}

// take folds one turn's touches, each in a batch of its own.
func (s *sized) take(b *testing.B) {
	b.Helper()
	ready := s.deliveries(b, turn, func() int { s.acct = (s.acct + 1) % s.accounts; return s.acct })
	began := threadTime()
	for i := range ready {
		handle(b, s.score, ready[i:i+1])
	}
	s.turns = append(s.turns, float64((threadTime()-began).Nanoseconds())/1000/turn)
	s.folded += turn
}

func (s *sized) median() float64 {
	sorted := slices.Sorted(slices.Values(s.turns))
	return sorted[len(sorted)/2]
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
