package local

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

func TestCoarseTicks(t *testing.T) {
	due := time.Time{}
	s := newStage(t, func(c *Config) {
		c.NextDue = func(time.Time) (time.Time, bool) { return due, !due.IsZero() }
	})
	s.two.answer = func(e event.Envelope) error {
		if !due.IsZero() && !e.Time.Before(due) { // done
			due = time.Time{}
		}
		return nil
	}
	due = start.Add(90*time.Minute + 20*time.Second) // 10:30:20, so the tick of 10:31 finds it
	s.advance(3 * time.Hour)
	var got []string
	for _, b := range s.two.batches {
		got = append(got, b[0].Time.Format("15:04"))
	}
	if d := cmp.Diff([]string{"10:00", "10:31", "11:00", "12:00"}, got); d != "" {
		t.Errorf("ticks (-want +got)\n%s", d)
	}
}

func TestDuePastTicksEveryMinute(t *testing.T) {
	s := newStage(t, func(c *Config) {
		c.NextDue = func(time.Time) (time.Time, bool) { return start.Add(-time.Hour), true }
	})
	s.advance(5 * time.Minute)
	if got := len(s.two.batches); got != 5 {
		t.Errorf("%d ticks in 5 minutes while something stays due, want 5", got)
	}
}

func TestHalfAYearIsQuick(t *testing.T) {
	s := newStage(t, func(c *Config) { c.NextDue = func(time.Time) (time.Time, bool) { return time.Time{}, false } })
	s.advance(180 * 24 * time.Hour)
	if got := len(s.two.types()); got != 180*24 {
		t.Errorf("%d ticks in half a year of nothing due, want one an hour: %d", got, 180*24)
	}
}

func TestAdvanceNeverGoesBack(t *testing.T) {
	s := newStage(t)
	if err := s.rt.AdvanceTo(context.Background(), start.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := s.clock.Now(); !got.Equal(start) {
		t.Errorf("the clock stands at %s, want %s", got, start)
	}
}

// TestHandlersPublish runs a chain: what one handler publishes, another hears in the same drain.
func TestHandlersPublish(t *testing.T) {
	s := newStage(t)
	s.one.answer = func(e event.Envelope) error {
		return s.rt.Publisher().Publish(context.Background(), []event.Envelope{ev("ours", "from "+e.DetailType, `{}`)})
	}
	s.put("test", numbered(2)...)
	s.drain()
	if d := cmp.Diff([]string{"from 0", "from 1"}, s.two.types()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func wall(t *testing.T) *stage {
	s := newStage(t, func(c *Config) { c.Clock = Wall{} })
	return s
}

// running runs a stage by the wall clock until the test ends.
func (s *stage) running() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.rt.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, ErrCrashed) {
			s.t.Errorf("run: %v", err)
		}
	})
}

func TestWallTime(t *testing.T) {
	s := wall(t)
	s.one.answer = func(e event.Envelope) error {
		return s.rt.Publisher().Publish(context.Background(), []event.Envelope{ev("ours", e.DetailType, `{}`)})
	}
	s.running()
	for range 20 {
		s.put("test", numbered(25)...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.rt.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	ours := 0
	for _, b := range s.two.batches {
		for _, e := range b {
			if e.Source == "ours" {
				ours++
			}
		}
	}
	if ours != 500 {
		t.Errorf("%d events came through both functions, want 500", ours)
	}
}

func TestWallConcurrencyIsBounded(t *testing.T) {
	s := wall(t) // MaximumConcurrency: 2
	var now, most atomic.Int32
	s.one.before = func() {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
	}
	s.running()
	s.put("test", numbered(60)...)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.rt.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if got := most.Load(); got != 2 {
		t.Errorf("%d batches at once, want 2", got)
	}
}

func TestWallTimeout(t *testing.T) {
	s := wall(t)
	s.cfg.Topology.Functions[0].Timeout = 20 * time.Millisecond
	s.open()
	s.one.before = func() { time.Sleep(40 * time.Millisecond) }
	s.running()
	s.put("test", numbered(1)...)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.rt.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if got := s.inFlight(); got != 1 {
		t.Errorf("%d messages are left, want the one whose handler ran over its time", got)
	}
}

func TestModesAreNotMixed(t *testing.T) {
	if err := newStage(t).rt.Run(context.Background()); err == nil {
		t.Error("Run took a virtual clock")
	}
	if err := wall(t).rt.AdvanceTo(context.Background(), start); err == nil {
		t.Error("AdvanceTo took the wall clock")
	}
}
