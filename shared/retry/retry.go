// Package retry repeats requests: how long to wait, and when to stop. Stores, buses and queues share it, so that all of
// them back off alike. What an error means for another try is the caller's to say; of AWS's, see shared/fault.
//
// Callers turn the SDK's own retries off. Only the loop that saw every answer can tell a lost one from a refused one.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// Policy says how often and how fast. The zero value does not repeat.
type Policy struct {
	Tries int           // requests at most
	First time.Duration // the longest first pause
	Most  time.Duration // the longest pause
	// Within bounds all tries together; 0 is no bound. A network that swallows requests costs a timeout for each, and a
	// function that spends its whole time on one of them reports nothing about any.
	Within time.Duration
	// Sleep waits between two tries, or returns the context's error. nil: the package's Sleep.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Tries is one request being repeated.
type Tries struct {
	policy *Policy
	ctx    context.Context
	until  time.Time // no try begins after it; zero: whenever
	sent   int
}

// Begin is called before the first try.
func (p *Policy) Begin(ctx context.Context) *Tries {
	t := &Tries{policy: p, ctx: ctx}
	if p.Within > 0 {
		t.until = time.Now().Add(p.Within)
	}
	if at, ok := ctx.Deadline(); ok && (t.until.IsZero() || at.Before(t.until)) {
		t.until = at
	}
	return t
}

// Again waits, after a try that failed, until the next may be sent, and says whether it may. It does not wait for a moment
// at which the caller's time would be over: who has a second left should hear of the error in that second.
//
// The n-th pause is up to twice as long as the one before, and the half of it is left to chance, so that those who were
// turned away together do not come back together.
func (t *Tries) Again() bool {
	if t.sent++; t.sent >= t.policy.Tries || t.ctx.Err() != nil {
		return false
	}
	d := t.policy.Most
	if n := t.sent - 1; n < 32 { // beyond that the shift overflows
		d = min(t.policy.First<<n, t.policy.Most)
	}
	if d > 1 {
		d = d/2 + rand.N(d/2)
	}
	if !t.until.IsZero() && time.Now().Add(d).After(t.until) {
		return false
	}
	sleep := t.policy.Sleep
	if sleep == nil {
		sleep = Sleep
	}
	return sleep(t.ctx, d) == nil
}

// Sleep waits by the wall clock, or returns the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
