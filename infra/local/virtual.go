package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handoff/shared/event"
)

// Drain delivers until nothing is visible any more and nothing is being handled. In virtual time it does so itself,
// one batch of each function in turn, without waiting for a batch to fill; what fails comes back only when the clock
// moves. In wall time it waits while Run does.
func (rt *Runtime) Drain(ctx context.Context) error {
	if rt.virtual == nil {
		return rt.awaitIdle(ctx)
	}
	for progress := true; progress; {
		progress = false
		for _, f := range rt.functions {
			if err := ctx.Err(); err != nil {
				return err
			}
			if rt.crashed.Load() {
				return ErrCrashed
			}
			batch, err := f.queue.receive(rt.clock.Now(), f.Batch)
			if len(batch) > 0 {
				progress = true
				err = errors.Join(err, rt.deliver(ctx, f, batch))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// AdvanceTo moves virtual time to t and stops at every moment on the way at which something is due: a message that
// becomes visible again, a tick of a schedule. At each it drains. It drains before it starts, too.
func (rt *Runtime) AdvanceTo(ctx context.Context, t time.Time) error {
	if rt.virtual == nil {
		return errors.New("local: AdvanceTo: the clock is the wall's; use a Virtual one")
	}
	for {
		if err := rt.Drain(ctx); err != nil {
			return err
		}
		next, ticks := rt.nextMoment(t)
		if next.IsZero() || next.After(t) {
			if t.After(rt.clock.Now()) {
				rt.virtual.set(t)
			}
			return rt.Drain(ctx)
		}
		if next.After(rt.clock.Now()) {
			rt.virtual.set(next)
		}
		for _, r := range ticks {
			rt.ticked[r.ID] = next
			if err := rt.tick(ctx, r, next); err != nil {
				return err
			}
		}
	}
}

// nextMoment is the first moment at which something is due, and the schedules that tick then. It looks no further than
// until: an answer later than that may be too early.
func (rt *Runtime) nextMoment(until time.Time) (time.Time, []*Rule) {
	now := rt.clock.Now()
	var first time.Time
	for _, f := range rt.functions {
		if _, _, _, at := f.queue.pending(now); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	var due time.Time
	limited := rt.nextDue != nil
	if limited {
		due, _ = rt.nextDue(until)
	}
	var ticks []*Rule
	for i := range rt.top.Rules {
		r := &rt.top.Rules[i]
		if r.Every == 0 || r.Disabled || !rt.heard(r) {
			continue
		}
		at := rt.ticked[r.ID].Add(r.Every)
		if limited {
			at = later(at, due, rt.ticked[r.ID].Truncate(rt.coarse).Add(rt.coarse), r.Every)
		}
		switch {
		case first.IsZero() || at.Before(first):
			first, ticks = at, []*Rule{r}
		case at.Equal(first):
			ticks = append(ticks, r)
		}
	}
	return first, ticks
}

// later is the first tick at or after due, not before at and not after latest. A zero due is never.
func later(at, due, latest time.Time, every time.Duration) time.Time {
	if latest.Before(at) {
		return at
	}
	if due.IsZero() || due.After(latest) {
		due = latest
	}
	if !due.After(at) {
		return at
	}
	return at.Add((due.Sub(at) + every - 1) / every * every)
}

// heard says that a tick of the rule reaches a function; without handlers ticks would only pile up.
func (rt *Runtime) heard(r *Rule) bool {
	for _, t := range r.Targets {
		for _, f := range rt.functions {
			if f.Queue == t.Queue {
				return true
			}
		}
	}
	return false
}

// startSchedules sets every schedule as if it had ticked at the last whole interval.
func (rt *Runtime) startSchedules() {
	for _, r := range rt.top.Rules {
		if r.Every > 0 {
			rt.ticked[r.ID] = rt.clock.Now().Truncate(r.Every)
		}
	}
}

// tick delivers a schedule's event to its targets, as EventBridge words it.
func (rt *Runtime) tick(ctx context.Context, r *Rule, at time.Time) error {
	rt.idMu.Lock()
	number, err := rt.ids.take(ctx, 1)
	rt.idMu.Unlock()
	if err != nil {
		return err
	}
	env := &event.Envelope{Version: "0", ID: eventID(rt.seed, number), DetailType: event.Sweep, Source: "aws.events", Account: Account,
		Time: at.UTC().Truncate(time.Second), Region: Region, Resources: []string{r.ARN}, Detail: json.RawMessage(`{}`)}
	d := delivery{env: env, body: appendEnvelope(nil, env), number: number}
	for _, t := range r.Targets {
		if t.Queue != "" {
			d.hops = append(d.hops, hop{rt.queues[t.Queue], r.ID})
		}
	}
	if err := rt.commit(ctx, []delivery{d}, rt.clock.Now()); err != nil {
		return fmt.Errorf("local: tick of %s: %w", r.ID, err)
	}
	return nil
}
