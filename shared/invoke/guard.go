package invoke

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"handoff/shared/event"
)

// Guard runs a handler and holds it to its contract: an answer for every event. A panic, or a wrong number of answers, says
// nothing about which events are done, so the batch is handled again in halves, until what is wrong stands alone: one event
// that no handler survives must not use up the receives of those that happen to come with it. Handling an event again is
// what a redelivery does.
func Guard(ctx context.Context, log *slog.Logger, h event.Handler, events []event.Envelope) []error {
	if len(events) == 0 {
		return nil
	}
	errs, broken := once(ctx, log, h, events)
	if broken == nil {
		return errs
	}
	if len(events) > 1 && ctx.Err() == nil {
		half := len(events) / 2
		return append(Guard(ctx, log, h, events[:half:half]), Guard(ctx, log, h, events[half:])...)
	}
	errs = make([]error, len(events))
	for i := range errs {
		errs[i] = broken
	}
	return errs
}

func once(ctx context.Context, log *slog.Logger, h event.Handler, events []event.Envelope) (errs []error, broken error) {
	defer func() {
		if p := recover(); p != nil {
			if len(events) == 1 { // else the halves will tell which
				log.ErrorContext(ctx, "handler panicked", "event_id", events[0].ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			}
			errs, broken = nil, fmt.Errorf("invoke: the handler panicked: %v", p)
		}
	}()
	if errs = h.Handle(ctx, events); len(errs) != len(events) {
		return nil, fmt.Errorf("invoke: the handler answered %d results for %d events", len(errs), len(events))
	}
	return errs, nil
}

// margin is kept of an invocation's time for the answer.
const margin = time.Second

// Early is a context whose time is over before the invocation's. At its end Lambda ends the process: nothing of the batch
// is reported as done, nothing is logged, and all of it comes again. A handler that is told in time answers for what it
// did, and says what took the time.
func Early(ctx context.Context) (context.Context, context.CancelFunc) {
	at, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, at.Add(-min(margin, time.Until(at)/4)))
}
