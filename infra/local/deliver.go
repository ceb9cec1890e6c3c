package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/invoke"
)

// deliver hands a batch to its function and settles every message: gone, due again, or dead.
func (rt *Runtime) deliver(ctx context.Context, f *function, batch []*message) error {
	if rt.crash(InvokeBefore) {
		return ErrCrashed
	}
	errs := rt.invoke(ctx, f, batch)
	if rt.crash(InvokeAfter) {
		return ErrCrashed
	}
	if err := rt.settle(ctx, f, batch, errs); err != nil {
		return err
	}
	if rt.crash(Settled) {
		return ErrCrashed
	}
	return nil
}

// invoke answers an error per message.
func (rt *Runtime) invoke(ctx context.Context, f *function, batch []*message) []error {
	if rt.faults.hit(rt.faults.Throttle) {
		return all(len(batch), errThrottled)
	}
	rt.faults.reorder(batch)
	out := make([]error, len(batch))
	take := make([]*message, 0, len(batch))
	at := make([]int, 0, len(batch))
	for i, m := range batch {
		if rt.faults.hit(rt.faults.Fail) {
			out[i] = errors.New("failed, as the runtime's faults told it to")
			continue
		}
		take, at = append(take, m), append(at, i)
	}
	if len(take) == 0 {
		return out
	}
	for j, err := range rt.call(ctx, f, take) {
		out[at[j]] = err
	}
	if rt.faults.hit(rt.faults.Lose) {
		return all(len(batch), errors.New("the answer was lost, as the runtime's faults told it to"))
	}
	if !f.Partial {
		if err := errors.Join(out...); err != nil { // without partial failures the whole batch comes again
			return all(len(batch), err)
		}
	}
	return out
}

// call runs the handler as Lambda would: an overrun fails the whole batch. In virtual time no time passes, so nothing can
// overrun.
func (rt *Runtime) call(ctx context.Context, f *function, batch []*message) []error {
	if h, ok := f.handler.(Isolated); ok {
		return f.queue.apart(ctx, h, batch)
	}
	envs := make([]event.Envelope, len(batch))
	for i, m := range batch {
		envs[i] = *m.env
	}
	if rt.virtual != nil || f.Timeout <= 0 {
		return invoke.Guard(ctx, rt.log, f.handler, envs)
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	inner, done := invoke.Early(ctx)
	defer done()
	errs := invoke.Guard(inner, rt.log, f.handler, envs)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return all(len(envs), fmt.Errorf("%s timed out after %s", f.ID, f.Timeout))
	}
	return errs
}

func all(n int, err error) []error {
	out := make([]error, n)
	for i := range out {
		out[i] = err
	}
	return out
}

// settle deletes what is done, and decides about each failed message: it comes again after the visibility timeout, or
// its receives are used up and it moves to the dead-letter queue, in one step with leaving its own.
func (rt *Runtime) settle(ctx context.Context, f *function, batch []*message, errs []error) error {
	rt.settled.Add(1)
	q, now := f.queue, rt.clock.Now()
	ops := make([]embedded.Op, 0, len(batch))
	var again []*message
	var dying []*message
	for i, m := range batch {
		if errs[i] == nil {
			ops = append(ops, q.remove(m.seq, m.receives > 1 || m.visible > m.arrived)...)
			continue
		}
		m.failure = errs[i].Error()
		rt.log.WarnContext(ctx, "event failed", "function", f.ID, "event_id", m.env.ID, "detail_type", m.env.DetailType,
			"receives", m.receives, "max_receives", q.MaxReceive, "error", m.failure)
		if q.DeadLetter != "" && m.receives >= q.MaxReceive {
			dying = append(dying, m)
			continue
		}
		m.visible = now.Add(q.Visibility).UnixMilli()
		ops = append(ops, q.remember(m))
		again = append(again, m)
	}
	err := apply(ctx, rt.space, ops, false)
	if err == nil && len(dying) > 0 {
		err = rt.bury(ctx, f, dying, now)
	}
	if err != nil {
		// The disk refused. All of the batch comes again in this process, as it would in the next one.
		for _, m := range batch {
			m.visible = now.Add(q.Visibility).UnixMilli()
		}
		q.settle(batch, batch)
		return fmt.Errorf("local: settle a batch of %s: %w", f.ID, err)
	}
	q.settle(batch, again)
	return nil
}

// bury moves messages to the dead-letter queue.
func (rt *Runtime) bury(ctx context.Context, f *function, ms []*message, now time.Time) error {
	to := rt.queues[f.queue.DeadLetter]
	rt.commitMu.Lock()
	defer rt.commitMu.Unlock()
	var ops []embedded.Op
	for _, m := range ms {
		seq, err := rt.seqs.take(ctx, 1)
		if err != nil {
			return err
		}
		r, err := f.queue.stands(m.seq)
		if err != nil {
			return err
		}
		r.arrived = now.UnixMilli()
		r.dead = &dead{Queue: f.queue.ID, Function: f.ID, Arrived: m.arrived, Receives: m.receives, Attributes: map[string]string{
			"ERROR_CODE": "MAX_RECEIVES_EXCEEDED", "ERROR_MESSAGE": m.failure, "RULE_ARN": rt.ruleARN(m.rule),
			"TARGET_ARN": f.queue.ARN, "RETRY_ATTEMPTS": fmt.Sprint(m.receives - 1),
		}}
		ops = append(ops, embedded.Op{Key: queueKey(keyMessage, to.ID, seq), Value: r.append(nil)})
		ops = append(ops, f.queue.remove(m.seq, true)...)
		rt.log.ErrorContext(ctx, "event moved to the dead-letter queue", "function", f.ID, "queue", to.ID, "letter", letterID(to.ID, seq),
			"event_id", m.env.ID, "detail_type", m.env.DetailType, "receives", m.receives, "error", m.failure)
	}
	return apply(ctx, rt.space, ops, true)
}

func (rt *Runtime) ruleARN(id string) string {
	for _, r := range rt.top.Rules {
		if r.ID == id {
			return r.ARN
		}
	}
	return ""
}
