package dynamo

import (
	"context"
	"math/rand/v2"
	"time"
)

// tries bounds how often a request is sent; with the pauses, well under three seconds besides the requests themselves.
// The queue repeats what is left.
const (
	tries      = 7
	firstPause = 25 * time.Millisecond
	maxPause   = time.Second
)

// try sends until the answer is final. It returns the SDK's error of the last try.
func (t *Table) try(ctx context.Context, send func() error) error {
	for n := 1; ; n++ {
		err := send()
		if err == nil || n == tries || ctx.Err() != nil || classify(err) == final {
			return err
		}
		if t.pause(ctx, n) != nil {
			return err
		}
	}
}

// pause waits before the n-th repetition: twice as long each time, the half of it at random, so that those who were
// turned away together do not come back together.
func (t *Table) pause(ctx context.Context, n int) error {
	d := min(firstPause<<(n-1), maxPause)
	d = d/2 + rand.N(d/2)
	if t.Sleep != nil {
		return t.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
