// Package bench measures the pipeline: whole, hop by hop, by the size of an account. Each benchmark says in its comment
// what one operation is; run.sh prints the machine, the input and the commands with the results.
package bench

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handoff/infra/stack"
	"handoff/shared/event"
)

// shifted is the wall clock moved to a journey's end, so that what the journey comes to does not hang on the day on
// which it is measured.
type shifted time.Duration

func (s shifted) Now() time.Time { return time.Now().UTC().Add(time.Duration(s)) }

// troubles shows what goes wrong: a figure of a run in which something did is worth little.
var troubles = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))

// counted is the bus with a count of the touches that were published.
type counted struct {
	event.Publisher
	touches *atomic.Int64
}

func (c counted) Publish(ctx context.Context, events []event.Envelope) error {
	for i := range events {
		if events[i].DetailType == event.TouchRecorded {
			c.touches.Add(1)
		}
	}
	return c.Publisher.Publish(ctx, events)
}

// BenchmarkBatches is the whole pipeline by the wall clock: one operation puts a generated journey in batches of 500
// while every function runs, durably, and ends when nothing is left to do.
func BenchmarkBatches(b *testing.B) { pipeline(b, 500, 1) }

// BenchmarkSingles is the same with one event a call, by 16 producers at once.
func BenchmarkSingles(b *testing.B) { pipeline(b, 1, 16) }

func pipeline(b *testing.B, size, producers int) {
	t := generated(b)
	var touches atomic.Int64
	work := newMeter(b)
	resetPeak()
	for b.Loop() {
		b.StopTimer()
		dir, err := os.MkdirTemp(b.TempDir(), "")
		if err != nil {
			b.Fatal(err)
		}
		ctx := context.Background()
		s, err := stack.Open(ctx, stack.Config{
			Dir: dir, Dataset: t.dataset, Clock: shifted(time.Until(t.end)), Log: troubles,
			Bus: func(p event.Publisher) event.Publisher { return counted{p, &touches} },
		})
		if err != nil {
			b.Fatal(err)
		}
		run, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- s.Runtime.Run(run) }()
		b.StartTimer()
		work.start()
		feed := make(chan []event.Envelope, producers)
		failed := make(chan error, producers)
		var wg sync.WaitGroup
		for range producers {
			wg.Go(func() {
				for batch := range feed {
					if _, err := s.Put(ctx, batch); err != nil {
						failed <- err
						for range feed {
						}
						return
					}
				}
			})
		}
		err = t.batches(size, func(batch []event.Envelope) error { feed <- batch; return nil })
		close(feed)
		wg.Wait()
		close(failed)
		for e := range failed {
			err = e
		}
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Runtime.Drain(ctx); err != nil {
			b.Fatal(err)
		}
		work.stop()
		b.StopTimer()
		stop()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		nothingLeft(b, s)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	work.report(t.events, "event", "events")
	work.report(int(touches.Load())/b.N, "touch", "touches")
	b.ReportMetric(peak(), "peak-MB")
}

// nothingLeft fails unless every queue is empty: a figure counts only if all of the work was done.
func nothingLeft(b *testing.B, s *stack.Stack) {
	b.Helper()
	all, err := s.Runtime.Status(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range all {
		if q.Messages > 0 {
			b.Fatalf("%s holds %d messages at the end, %d of them failed and waiting", q.Queue, q.Messages, q.Waiting)
		}
	}
}
