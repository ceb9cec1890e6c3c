package retry_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"handoff/shared/retry"
)

// run repeats a try that takes that long until it may not be repeated, and gives the pauses between.
func run(ctx context.Context, p retry.Policy, takes time.Duration) (sent int, pauses []time.Duration) {
	p.Sleep = func(ctx context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		time.Sleep(d)
		return ctx.Err()
	}
	for again := p.Begin(ctx); ; {
		sent++
		time.Sleep(takes)
		if !again.Again() {
			return sent, pauses
		}
	}
}

func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, pauses := run(t.Context(), retry.Policy{Tries: 8, First: 100 * time.Millisecond, Most: time.Second}, 0)
		most := []time.Duration{100, 200, 400, 800, 1000, 1000, 1000}
		if sent != 8 || len(pauses) != len(most) {
			t.Fatalf("%d tries, pauses %v, want 8 with %d between", sent, pauses, len(most))
		}
		for i, d := range pauses {
			if ms := most[i] * time.Millisecond; d < ms/2 || d > ms {
				t.Errorf("pause %d: %v, want %v to %v", i+1, d, ms/2, ms)
			}
		}
	})
}

// Pauses differ between callers: of a hundred, no ten come back in the same millisecond.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := map[time.Duration]int{}
		for range 100 {
			_, pauses := run(t.Context(), retry.Policy{Tries: 2, First: time.Second, Most: time.Second}, 0)
			at[pauses[0].Truncate(time.Millisecond)]++
		}
		for d, n := range at {
			if n >= 10 {
				t.Errorf("%d of 100 callers come back after %v", n, d)
			}
		}
	})
}

func TestWhenToStop(t *testing.T) {
	steady := retry.Policy{Tries: 7, First: time.Second, Most: time.Second}
	for _, c := range []struct {
		name     string
		policy   retry.Policy
		deadline time.Duration // of the caller; 0: none
		takes    time.Duration // each try
		sent     int
		within   time.Duration // when the caller hears, at the latest
	}{
		{"no policy", retry.Policy{}, 0, 0, 1, 0},
		{"tries", steady, 0, 0, 7, 6 * time.Second},
		{"many tries", retry.Policy{Tries: 100, First: 1, Most: time.Second}, 0, 0, 100, 100 * time.Second},
		{"the caller's deadline is not slept through", steady, 900 * time.Millisecond, 600 * time.Millisecond, 1, 600 * time.Millisecond},
		{"the caller's deadline leaves room for a second try", steady, 1500 * time.Millisecond, 400 * time.Millisecond, 2, 1800 * time.Millisecond},
		{"all tries have a limit", retry.Policy{Tries: 7, First: 1, Most: time.Second, Within: 10 * time.Second}, 0, 4 * time.Second, 3, 13 * time.Second},
		{"the caller's time is over", steady, time.Second, 2 * time.Second, 1, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, began := t.Context(), time.Now()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				sent, _ := run(ctx, c.policy, c.takes)
				if took := time.Since(began); sent != c.sent || took > c.within {
					t.Errorf("%d tries in %v, want %d within %v", sent, took, c.sent, c.within)
				}
			})
		})
	}
}

// By the wall clock, without Sleep, a caller that goes away is not waited for.
func TestCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &retry.Policy{Tries: 3, First: time.Hour, Most: time.Hour}
		again, began := p.Begin(ctx), time.Now()
		go func() { time.Sleep(time.Second); cancel() }()
		if again.Again() || time.Since(began) != time.Second {
			t.Errorf("another try after %v, want none after 1s", time.Since(began))
		}
	})
}
