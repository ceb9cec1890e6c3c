package dynamo

import (
	"context"
	"time"

	"handoff/shared/fault"
	"handoff/shared/metric"
	"handoff/shared/retry"
)

// tries bounds how often a request is sent; with the pauses, well under two seconds besides the requests themselves. The
// queue repeats what is left.
const (
	tries      = 7
	firstPause = 25 * time.Millisecond
	maxPause   = time.Second
	// within is the time for all tries of one request. Where a network swallows requests, each takes the client's whole
	// timeout; the function must still have time to say so.
	within = 10 * time.Second
)

func (t *Table) begin(ctx context.Context) *retry.Tries {
	p := &retry.Policy{Tries: tries, First: firstPause, Most: maxPause, Within: within, Sleep: t.Sleep}
	return p.Begin(ctx)
}

// try sends until the answer is final. It returns the SDK's error of the last try.
func (t *Table) try(ctx context.Context, send func() error) error {
	for again := t.begin(ctx); ; {
		err := send()
		if err != nil && fault.Busy(fault.Code(err)) {
			metric.From(ctx).Add(metric.StoreThrottles, 1)
		}
		if err == nil || classify(err) == fault.Final || !again.Again() {
			return err
		}
		metric.From(ctx).Add(metric.StoreRetries, 1)
	}
}
