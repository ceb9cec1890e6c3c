package local

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"handoff/infra/transit"
	"handoff/shared/embedded"
	"handoff/shared/store"
)

// dead says why a message is in a dead-letter queue.
type dead struct {
	Queue      string            `json:"queue"` // that it came from
	Function   string            `json:"function"`
	Arrived    int64             `json:"arrived"` // there, unix ms
	Receives   int               `json:"receives"`
	Attributes map[string]string `json:"attributes"`
}

// DeadLetters yields all dead letters, oldest first by queue. An error ends it.
func (rt *Runtime) DeadLetters() func(yield func(transit.Letter, error) bool) {
	return func(yield func(transit.Letter, error) bool) {
		for _, cfg := range rt.top.Queues {
			if !rt.isDead(cfg.ID) {
				continue
			}
			q, stopped := rt.queues[cfg.ID], false
			err := q.each(func(seq uint64, r *record) bool {
				letter, err := rt.letter(q, seq, r)
				stopped = !yield(letter, err) || err != nil
				return !stopped
			})
			if err != nil && !stopped {
				yield(transit.Letter{}, err)
			}
			if err != nil || stopped {
				return
			}
		}
	}
}

// DeadLetter returns one, or an error that wraps store.ErrNotFound.
func (rt *Runtime) DeadLetter(id string) (transit.Letter, error) {
	q, seq, err := rt.findLetter(id)
	if err != nil {
		return transit.Letter{}, err
	}
	r, err := q.stands(seq)
	if err != nil {
		return transit.Letter{}, fmt.Errorf("local: dead letter %s: %w", id, err)
	}
	return rt.letter(q, seq, r)
}

func (rt *Runtime) letter(q *queue, seq uint64, r *record) (transit.Letter, error) {
	env, _, err := q.event(r)
	if err != nil {
		return transit.Letter{}, fmt.Errorf("local: dead letter %s: %w", letterID(q.ID, seq), err)
	}
	out := transit.Letter{ID: letterID(q.ID, seq), Queue: q.ID, Event: *env, DiedAt: time.UnixMilli(r.arrived).UTC()}
	if d := r.dead; d != nil {
		out.Source, out.Function, out.Receives, out.Attributes = d.Queue, d.Function, d.Receives, d.Attributes
		out.Arrived = time.UnixMilli(d.Arrived).UTC()
	}
	return out, nil
}

func (rt *Runtime) findLetter(id string) (*queue, uint64, error) {
	name, num, ok := strings.Cut(id, "/")
	seq, err := strconv.ParseUint(num, 36, 64)
	q := rt.queues[name]
	if !ok || err != nil || q == nil || !rt.isDead(name) {
		return nil, 0, fmt.Errorf("local: %q does not name a dead letter; dlq list shows them: %w", id, store.ErrNotFound)
	}
	return q, seq, nil
}

// Replay sends dead letters again, each to the queue of the one function that failed, with all its receives before
// it. Moving is one durable step, so no crash loses or doubles a letter. Letters before one that fails are moved.
func (rt *Runtime) Replay(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if err := rt.replay(ctx, id); err != nil {
			return err
		}
		rt.log.InfoContext(ctx, "dead letter replayed", "letter", id)
	}
	return nil
}

func (rt *Runtime) replay(ctx context.Context, id string) error {
	if rt.crashed.Load() {
		return ErrCrashed
	}
	from, seq, err := rt.findLetter(id)
	if err != nil {
		return err
	}
	rt.commitMu.Lock()
	defer rt.commitMu.Unlock()
	r, err := from.stands(seq)
	if err != nil {
		return fmt.Errorf("local: dead letter %s: %w", id, err)
	}
	if r.dead == nil || rt.queues[r.dead.Queue] == nil {
		return fmt.Errorf("local: dead letter %s: the queue it came from is no longer in the template", id)
	}
	to := rt.queues[r.dead.Queue]
	env, body, err := from.event(r)
	if err != nil {
		return err
	}
	next, err := rt.seqs.take(ctx, 1)
	if err != nil {
		return err
	}
	now := rt.clock.Now().UnixMilli()
	m := &message{seq: next, arrived: now, visible: now, rule: r.rule, env: env, size: len(body)}
	ops := append(to.put(m, &record{arrived: now, rule: r.rule, ref: r.ref, body: r.body}), from.remove(seq, false)...)
	if err := apply(ctx, rt.space, ops, true); err != nil {
		return fmt.Errorf("local: replay dead letter %s: %w", id, err)
	}
	to.add(m)
	return nil
}

// Discard deletes dead letters for good. It is the operator's decision that what they say will not be handled.
func (rt *Runtime) Discard(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		q, seq, err := rt.findLetter(id)
		if err == nil {
			_, err = q.stands(seq)
		}
		if err == nil {
			err = rt.space.Apply(ctx, []embedded.Op(q.remove(seq, false)), true)
		}
		if err != nil {
			return fmt.Errorf("local: discard dead letter %s: %w", id, err)
		}
		rt.log.WarnContext(ctx, "dead letter discarded", "letter", id)
	}
	return nil
}
