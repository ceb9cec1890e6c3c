package local

import (
	"bytes"
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"handoff/shared/store"
)

// What a queue holds in memory, however long it is on disk.
const (
	windowMessages = 8192
	windowBytes    = 32 << 20
	maxInvocation  = 6 << 20 // bytes of a batch: the limit of a synchronous invocation
	maxHidden      = 120_000 // messages received or waiting for a retry: SQS's limit, beyond which it hands out no more
)

// queue is the memory of one queue: a window on the messages that stand in the keyspace. Messages that do not fit
// into the window are read from there when its turn comes.
type queue struct {
	Queue
	space Space
	wake  chan struct{} // holds one token when there may be something to receive
	token chan struct{} // held by the one worker that waits for a batch

	mu       sync.Mutex
	ready    []*message // in order; ready[head:] are left
	head     int
	bytes    int     // of the loaded events in ready
	hidden   retries // not visible before their time
	inflight map[uint64]bool
	loaded   uint64 // the highest sequence number that has been in memory
	spilled  bool   // there may be messages after loaded that are only on disk
}

// openQueue takes up a queue as it stands in the keyspace.
func openQueue(space Space, q Queue) (*queue, error) {
	out := &queue{Queue: q, space: space, wake: make(chan struct{}, 1), token: make(chan struct{}, 1),
		inflight: map[uint64]bool{}, spilled: true}
	var bad error
	from, until := queueRange(keyState, q.ID, 0)
	err := space.Iterate(from, until, func(k, v []byte) bool {
		var s state
		if bad = json.Unmarshal(v, &s); bad != nil {
			return false
		}
		out.hidden = append(out.hidden, &message{seq: seqOf(k), visible: s.Visible, receives: s.Receives, failure: s.Failure})
		return true
	})
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("local: open queue %s: %w", q.ID, err)
	}
	heap.Init(&out.hidden)
	return out, nil
}

// add takes a message that was just stored. Sequence numbers come in rising order.
func (q *queue) add(m *message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case m.seq <= q.loaded: // a refill was quicker
	case m.visible > m.arrived:
		if q.spilled { // a refill will find it by its state record
			return
		}
		q.loaded = m.seq
		m.env, m.size = nil, 0
		heap.Push(&q.hidden, m)
	case q.spilled || len(q.ready)-q.head >= windowMessages || q.bytes+m.size > windowBytes && q.bytes > 0:
		q.spilled = true
	default:
		q.loaded = m.seq
		q.push(m)
	}
	q.notify()
}

func (q *queue) push(m *message) {
	if q.head > 0 && q.head == len(q.ready) {
		q.ready, q.head = q.ready[:0], 0
	} else if q.head > windowMessages {
		q.ready, q.head = append(q.ready[:0], q.ready[q.head:]...), 0
	}
	q.ready = append(q.ready, m)
	q.bytes += m.size
}

func (q *queue) notify() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// surface moves messages whose time has come to the end of the window.
func (q *queue) surface(now int64) {
	for len(q.hidden) > 0 && q.hidden[0].visible <= now {
		q.push(heap.Pop(&q.hidden).(*message))
	}
}

// refill reads further messages from disk when the window runs low.
func (q *queue) refill(want int) error {
	if !q.spilled || len(q.ready)-q.head >= want {
		return nil
	}
	waiting := make(map[uint64]bool, len(q.hidden))
	for _, m := range q.hidden {
		waiting[m.seq] = true
	}
	for _, m := range q.ready[q.head:] {
		waiting[m.seq] = true
	}
	var bad error
	more := false
	from, until := queueRange(keyMessage, q.ID, q.loaded+1)
	err := q.space.Iterate(from, until, func(k, v []byte) bool {
		if len(q.ready)-q.head >= windowMessages || q.bytes >= windowBytes {
			more = true
			return false
		}
		seq := seqOf(k)
		q.loaded = seq
		if waiting[seq] || q.inflight[seq] {
			return true
		}
		m := &message{seq: seq}
		if bad = q.decode(m, v); bad != nil {
			return false
		}
		q.push(m)
		return true
	})
	q.spilled = more
	if err = errors.Join(err, bad); err != nil {
		q.spilled = true
		return fmt.Errorf("local: read queue %s: %w", q.ID, err)
	}
	return nil
}

// load reads a message's event back where memory does not hold it.
func (q *queue) load(m *message) error {
	if m.env != nil {
		return nil
	}
	v, err := q.space.Get(queueKey(keyMessage, q.ID, m.seq))
	if err == nil {
		err = q.decode(m, v)
	}
	if err != nil {
		return fmt.Errorf("local: message %s: %w", letterID(q.ID, m.seq), err)
	}
	return nil
}

func (q *queue) decode(m *message, v []byte) error {
	var r record
	if err := r.parse(v); err != nil {
		return err
	}
	body := r.body
	if r.ref != nil {
		var err error
		if body, err = q.space.Get(r.ref); err != nil {
			return fmt.Errorf("its archived event: %w", err)
		}
	}
	if r.ref == nil {
		body = bytes.Clone(body) // the iterator's bytes are good during its call only
	}
	env, err := parseEnvelope(body)
	if err != nil {
		return err
	}
	m.arrived, m.rule, m.env, m.size = r.arrived, r.rule, env, len(body)
	return nil
}

// receive takes up to n visible messages. They stay in flight until settled.
func (q *queue) receive(now time.Time, n int) ([]*message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.surface(now.UnixMilli())
	if err := q.refill(n); err != nil {
		return nil, err
	}
	var out []*message
	total := 0
	for len(out) < n && q.head < len(q.ready) && len(q.inflight)+len(q.hidden) < maxHidden {
		m := q.ready[q.head]
		held := m.size
		if err := q.load(m); err != nil {
			if errors.Is(err, store.ErrNotFound) && !q.stored(m.seq) { // deleted meanwhile by a purge
				q.drop(held)
				continue
			}
			return out, err
		}
		if total += m.size; total > maxInvocation && len(out) > 0 {
			q.bytes += m.size - held
			break
		}
		q.drop(held)
		m.receives++
		q.inflight[m.seq] = true
		out = append(out, m)
	}
	if q.head < len(q.ready) || q.spilled {
		q.notify()
	}
	return out, nil
}

func (q *queue) drop(size int) {
	q.ready[q.head] = nil
	q.head++
	q.bytes -= size
}

func (q *queue) stored(seq uint64) bool {
	_, err := q.space.Get(queueKey(keyMessage, q.ID, seq))
	return err == nil
}

// settle takes messages out of flight; those in again come back at their time.
func (q *queue) settle(batch, again []*message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range batch {
		delete(q.inflight, m.seq)
	}
	for _, m := range again {
		m.env, m.size = nil, 0 // a retry may be hours away
		heap.Push(&q.hidden, m)
	}
	if len(again) > 0 {
		q.notify()
	}
}

// pending says how many messages memory knows to be visible now, since when the first is, whether more may be on
// disk, and when the next hidden one becomes visible (zero: none).
func (q *queue) pending(now time.Time) (visible int, since time.Time, spilled bool, next time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.surface(now.UnixMilli())
	visible = len(q.ready) - q.head
	if visible > 0 {
		m := q.ready[q.head]
		since = time.UnixMilli(max(m.arrived, m.visible)).UTC()
	}
	if len(q.hidden) > 0 {
		next = time.UnixMilli(q.hidden[0].visible).UTC()
	}
	return visible, since, q.spilled, next
}

// idle reports that nothing is visible now and nothing in flight.
func (q *queue) idle(now time.Time) (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.surface(now.UnixMilli())
	if err := q.refill(1); err != nil {
		return false, err
	}
	return q.head == len(q.ready) && len(q.inflight) == 0, nil
}
