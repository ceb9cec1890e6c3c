package local

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Run delivers by the wall clock until ctx is done, then lets the batches under way finish and returns nil. Each
// function has up to Workers batches in hand. Only one Run may be under way.
func (rt *Runtime) Run(ctx context.Context) error {
	if rt.virtual != nil {
		return errors.New("local: Run: the clock is virtual; use Drain and AdvanceTo")
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	for _, f := range rt.functions {
		for range min(rt.workers, f.Concurrency) {
			wg.Go(func() { rt.work(ctx, stop, f) })
		}
	}
	for i := range rt.top.Rules {
		if r := &rt.top.Rules[i]; r.Every > 0 && !r.Disabled && rt.heard(r) {
			wg.Go(func() { rt.schedule(ctx, r) })
		}
	}
	wg.Wait()
	if rt.crashed.Load() {
		return ErrCrashed
	}
	return nil
}

// work is one of a function's concurrent executions.
func (rt *Runtime) work(ctx context.Context, stop func(), f *function) {
	for {
		batch, err := rt.await(ctx, f)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			rt.log.ErrorContext(ctx, "queue cannot be read", "queue", f.queue.ID, "error", err)
		}
		if len(batch) > 0 {
			// A batch that was begun is finished, though the runtime is stopping.
			if err := rt.deliver(context.WithoutCancel(ctx), f, batch); err != nil && !errors.Is(err, ErrCrashed) {
				rt.log.ErrorContext(ctx, "batch could not be settled", "function", f.ID, "error", err)
			}
		}
		if rt.crashed.Load() {
			stop()
			return
		}
		if err != nil && !sleep(ctx, time.Second) {
			return
		}
	}
}

// await waits for a batch: a full one, or what there is once the first message has waited for the window.
func (rt *Runtime) await(ctx context.Context, f *function) ([]*message, error) {
	q := f.queue
	select {
	case q.token <- struct{}{}: // one worker waits, the others wait for it
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-q.token }()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		now := rt.clock.Now()
		visible, since, spilled, next := q.pending(now)
		left := f.Window - now.Sub(since)
		if visible >= f.Batch || spilled || visible > 0 && (left <= 0 || rt.draining.Load() > 0) {
			batch, err := q.receive(now, f.Batch)
			if len(batch) > 0 || err != nil {
				return batch, err
			}
			if spilled {
				continue // nothing was on disk after all; now memory knows
			}
			left = 50 * time.Millisecond // too many messages are hidden to hand out more
		}
		wait := time.Hour
		if visible > 0 {
			wait = left
		}
		if !next.IsZero() {
			wait = min(wait, max(next.Sub(now), time.Millisecond))
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// schedule ticks at whole intervals.
func (rt *Runtime) schedule(ctx context.Context, r *Rule) {
	for {
		at := rt.clock.Now().Truncate(r.Every).Add(r.Every)
		if !sleep(ctx, at.Sub(rt.clock.Now())) {
			return
		}
		if err := rt.tick(context.WithoutCancel(ctx), r, at); err != nil {
			rt.log.ErrorContext(ctx, "tick was lost", "rule", r.ID, "error", err)
		}
	}
}

// sleep waits and says whether ctx is still good.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// awaitIdle waits until no function's queue holds anything visible or in flight. Meanwhile batches do not wait to fill.
func (rt *Runtime) awaitIdle(ctx context.Context) error {
	rt.draining.Add(1)
	defer rt.draining.Add(-1)
	for {
		// A batch that ends while the queues are looked at may have filled one that was empty a moment ago.
		busy, before := false, rt.settled.Load()
		for _, f := range rt.functions {
			idle, err := f.queue.idle(rt.clock.Now())
			if err != nil {
				return err
			}
			if !idle {
				busy = true
				f.queue.notify()
			}
		}
		if rt.crashed.Load() {
			return ErrCrashed
		}
		if !busy && before == rt.settled.Load() {
			return nil
		}
		if !sleep(ctx, 2*time.Millisecond) {
			return ctx.Err()
		}
	}
}
