package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"handoff/shared/embedded"
	"handoff/shared/event"
)

// stands reads a message's record.
func (q *queue) stands(seq uint64) (*record, error) {
	v, err := q.space.Get(queueKey(keyMessage, q.ID, seq))
	if err != nil {
		return nil, err
	}
	r := &record{}
	return r, r.parse(v)
}

// put makes the operations that store a message.
func (q *queue) put(m *message, r *record) []embedded.Op {
	ops := []embedded.Op{{Key: queueKey(keyMessage, q.ID, m.seq), Value: r.append(nil)}}
	if m.visible > m.arrived {
		ops = append(ops, q.remember(m))
	}
	return ops
}

// remember makes the operation that keeps a message's tries.
func (q *queue) remember(m *message) embedded.Op {
	v, _ := json.Marshal(state{m.receives, m.visible, m.failure}) // numbers and a string: cannot fail
	return embedded.Op{Key: queueKey(keyState, q.ID, m.seq), Value: v}
}

// remove makes the operations that delete a message for good.
func (q *queue) remove(seq uint64, tried bool) []embedded.Op {
	ops := []embedded.Op{{Key: queueKey(keyMessage, q.ID, seq), Delete: true}}
	if tried {
		ops = append(ops, embedded.Op{Key: queueKey(keyState, q.ID, seq), Delete: true})
	}
	return ops
}

// each yields every message that stands in the queue, oldest first.
func (q *queue) each(fn func(seq uint64, r *record) bool) error {
	var bad error
	from, until := queueRange(keyMessage, q.ID, 0)
	err := q.space.Iterate(from, until, func(k, v []byte) bool {
		var r record
		if bad = r.parse(v); bad != nil {
			bad = fmt.Errorf("local: message %s: %w", letterID(q.ID, seqOf(k)), bad)
			return false
		}
		return fn(seqOf(k), &r)
	})
	return errors.Join(err, bad)
}

// event returns the event of a record; it belongs to the caller.
func (q *queue) event(r *record) (*event.Envelope, []byte, error) {
	body := r.body
	if r.ref != nil {
		var err error
		if body, err = q.space.Get(r.ref); err != nil {
			return nil, nil, fmt.Errorf("local: archived event of a message in %s: %w", q.ID, err)
		}
	}
	body = append([]byte(nil), body...)
	env, err := parseEnvelope(body)
	return env, body, err
}

// apply is Space.Apply for changes that must be made although the caller's context may be done.
func apply(ctx context.Context, space Space, ops []embedded.Op, sync bool) error {
	return space.Apply(context.WithoutCancel(ctx), ops, sync)
}
