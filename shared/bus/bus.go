// Package bus publishes on EventBridge.
//
// A request takes ten entries and 1 MB; each entry is accepted or not for itself, and only those that were not are sent
// again, some times, with a growing, jittered pause. An event may be published twice where an answer was lost: the bus
// promises no more, and who listens knows duplicates.
package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"handoff/shared/event"
	"handoff/shared/fault"
	"handoff/shared/metric"
	"handoff/shared/retry"
	"handoff/shared/trace"
)

// Limits of one PutEvents request. Its entries must have less than 1 MB together.
const (
	MaxEntries = 10
	MaxBytes   = 1<<20 - 1
)

// How often an entry is sent, and how many requests of one call are under way at once.
const (
	tries      = 6
	firstPause = 50 * time.Millisecond
	maxPause   = time.Second
	within     = 10 * time.Second // all tries of one request: the function must still have time to say that it failed
	parallel   = 4
)

// Client is what this package needs of the SDK's client.
type Client interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Publisher puts events on one bus.
type Publisher struct {
	Client Client
	Bus    string // name or ARN
	// Sleep waits between two tries, or returns the context's error. nil: by the wall clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

var _ event.Publisher = (*Publisher)(nil)

// New gives a publisher. Nothing is sent before the first call.
func New(c Client, bus string) *Publisher { return &Publisher{Client: c, Bus: bus} }

// Publish puts events on the bus. *event.Leftover holds those that were not taken, in the order given: refused, turned away
// until the tries or the caller's time were over, or too large for any request. Any other error means that the answer of
// some request was lost: nobody knows what of it was taken.
func (p *Publisher) Publish(ctx context.Context, events []event.Envelope) error {
	if len(events) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("bus: publish %d events: %w", len(events), err)
	}
	refused := make([]error, len(events)) // why the bus did not take each
	batches := split(events, refused)
	unknown := make([]error, len(batches))
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i, batch := range batches {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			unknown[i] = p.send(ctx, events, batch, refused)
		})
	}
	wg.Wait()
	if err := errors.Join(unknown...); err != nil {
		return fmt.Errorf("bus: publish %d events: %w", len(events), err)
	}
	left := &event.Leftover{}
	var causes []error
	said := map[string]bool{}
	for i, err := range refused {
		if err == nil {
			continue
		}
		left.Events = append(left.Events, events[i])
		var final error
		if f, ok := errors.AsType[*failure](err); ok && f.final {
			final = f
		}
		left.Final = append(left.Final, final)
		if !said[err.Error()] {
			said[err.Error()] = true
			causes = append(causes, err)
		}
	}
	if left.Events == nil {
		return nil
	}
	left.Cause = errors.Join(causes...)
	return left
}

// size is what EventBridge counts of an entry: 14 bytes for a time, and the bytes of source, detail type, detail and
// resources. Bus and trace header are free.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
func size(e *event.Envelope) int {
	n := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if !e.Time.IsZero() {
		n += 14
	}
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}

// split parts the events into requests, by index, in order. An event that no request can hold is refused here.
func split(events []event.Envelope, refused []error) [][]int {
	var batches [][]int
	var batch []int
	bytes := 0
	for i := range events {
		n := size(&events[i])
		if n > MaxBytes {
			refused[i] = &failure{fmt.Sprintf("a %s has %d bytes, of at most %d that EventBridge takes", events[i].DetailType, n, MaxBytes), true}
			continue
		}
		if len(batch) == MaxEntries || bytes+n > MaxBytes {
			batches, batch, bytes = append(batches, batch), nil, 0
		}
		batch, bytes = append(batch, i), bytes+n
	}
	if len(batch) > 0 {
		batches = append(batches, batch)
	}
	return batches
}

// entry carries the event's own trace, or the call's, so that it goes on behind the bus.
func (p *Publisher) entry(ctx context.Context, e *event.Envelope) types.PutEventsRequestEntry {
	out := types.PutEventsRequestEntry{
		EventBusName: &p.Bus, Source: &e.Source, DetailType: &e.DetailType, Detail: aws.String(string(e.Detail)), Resources: e.Resources,
	}
	if !e.Time.IsZero() {
		out.Time = aws.Time(e.Time)
	}
	if header := cmp.Or(e.Trace, trace.From(ctx)); header != "" && len(header) <= maxTrace {
		out.TraceHeader = &header
	}
	return out
}

// maxTrace is the longest trace header that PutEvents takes; a longer one would fail the whole request.
const maxTrace = 500

// once turns the SDK's own retries off: the loop in send repeats requests and entries alike.
func once(o *eventbridge.Options) { o.Retryer = aws.NopRetryer{} }

// send puts one request's events, and those that were not taken again. What the bus did not take is marked in refused; the
// error says that the last try's answer was lost.
func (p *Publisher) send(ctx context.Context, events []event.Envelope, pending []int, refused []error) error {
	policy := &retry.Policy{Tries: tries, First: firstPause, Most: maxPause, Within: within, Sleep: p.Sleep}
	tally := metric.From(ctx)
	for again := policy.Begin(ctx); ; {
		in := &eventbridge.PutEventsInput{Entries: make([]types.PutEventsRequestEntry, len(pending))}
		for j, i := range pending {
			in.Entries[j] = p.entry(ctx, &events[i])
		}
		out, err := p.Client.PutEvents(ctx, in, once)
		if err == nil && len(out.Entries) != len(pending) {
			err = fmt.Errorf("EventBridge answered %d results for %d entries", len(out.Entries), len(pending))
		}
		var lost error
		left := pending[:0:0]
		if err == nil {
			for j, i := range pending {
				code := aws.ToString(out.Entries[j].ErrorCode)
				if refused[i] = nil; code == "" {
					continue
				}
				refused[i] = p.refusal(code, aws.ToString(out.Entries[j].ErrorMessage))
				if fault.Busy(code) {
					tally.Add(metric.PublishThrottles, 1)
				}
				if passing(code) {
					left = append(left, i)
				}
			}
		} else {
			if fault.Busy(fault.Code(err)) {
				tally.Add(metric.PublishThrottles, len(pending))
			}
			why, class := p.translate(err)
			for _, i := range pending {
				refused[i] = why
			}
			if class != fault.Final {
				left = pending
			}
			if class == fault.Lost {
				lost = why
			}
		}
		if len(left) == 0 {
			return nil
		}
		if !again.Again() {
			switch over := ctx.Err(); {
			case lost == nil || over == nil:
				return lost
			case over == context.DeadlineExceeded:
				return &timeout{over, lost}
			default: // the caller went away, and asks for no reasons
				return over
			}
		}
		tally.Add(metric.PublishRetries, len(left))
		pending = left
	}
}
