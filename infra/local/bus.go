package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/pattern"
)

// MaxEntry is what one PutEvents request may hold, in bytes. AWS says less than 1 MB and accepts exactly as much; an
// event that near to it does not fit into a queue's message any more once its envelope is around it.
const MaxEntry = 1 << 20

// The reasons for which the bus does not take an event.
var (
	ErrNoBus     = errors.New("there is no such event bus")
	ErrMalformed = errors.New("detail is malformed")
	ErrTooLarge  = errors.New("event is over the limit of 1 MB")
	ErrBusy      = errors.New("the bus is busy and turned it away, as its faults told it to: send it again")
	ErrCrashed   = errors.New("the runtime has crashed, as its faults told it to")
)

func compile(p []byte) (*pattern.Pattern, error) { return pattern.Compile(p) }

// bus matches events with the rules and the archive of one bus.
type bus struct {
	Bus
	rules   []*Rule // enabled, with a pattern; set has them in this order, then the archive's
	set     *pattern.Set
	archive int // index in the set; -1 for none
}

func newBus(t *Topology, b Bus) (*bus, error) {
	out := &bus{Bus: b, archive: -1}
	var ps []*pattern.Pattern
	add := func(id string, raw json.RawMessage) error {
		p, err := compile(raw)
		if err != nil {
			return fmt.Errorf("local: pattern of %s: %w", id, err)
		}
		ps = append(ps, p)
		return nil
	}
	for i := range t.Rules {
		r := &t.Rules[i]
		if r.Bus != b.Name || r.Disabled || r.Pattern == nil {
			continue
		}
		if err := add(r.ID, r.Pattern); err != nil {
			return nil, err
		}
		out.rules = append(out.rules, r)
	}
	if a := t.Archive; a != nil && a.Bus == b.Name {
		raw := a.Pattern
		if raw == nil {
			raw = json.RawMessage(`{"source":[{"exists":true}]}`)
		}
		out.archive = len(ps)
		if err := add(a.ID, raw); err != nil {
			return nil, err
		}
	}
	out.set = pattern.NewSet(ps)
	return out, nil
}

// delivery is an event on its way into queues.
type delivery struct {
	env    *event.Envelope
	body   []byte
	number uint64
	kept   bool // goes to the archive
	hops   []hop
}

type hop struct {
	queue *queue
	rule  string
}

var parsed = sync.Pool{New: func() any { return new(pattern.Event) }}

// Put puts events on a bus (a name or an ARN) as a producer outside does. It answers an id per event, in order; an
// event that is not taken has no id and is in the error, a *event.Leftover. When Put returns, what was taken is
// durable: in the archive, if that keeps it, and in every queue that a rule leads to. Unlike PutEvents over HTTP it
// takes sources that begin with "aws.": it stands for the forwarding of partner buses.
func (rt *Runtime) Put(ctx context.Context, busName string, events []event.Envelope) ([]string, error) {
	away := rt.faults.turnAway(len(events))
	if away == nil {
		return rt.accept(ctx, busName, events)
	}
	left := &event.Leftover{Cause: ErrBusy}
	var taken []event.Envelope
	for i, e := range events {
		if away[i] {
			left.Events = append(left.Events, e)
		} else {
			taken = append(taken, e)
		}
	}
	some, err := rt.accept(ctx, busName, taken)
	var malformed *event.Leftover
	if errors.As(err, &malformed) {
		left.Events, left.Cause = append(left.Events, malformed.Events...), errors.Join(left.Cause, malformed.Cause)
	} else if err != nil {
		return nil, err
	}
	ids := make([]string, len(events))
	for i := range events {
		if !away[i] {
			ids[i], some = some[0], some[1:]
		}
	}
	return ids, left
}

// accept is Put by a bus that is never too busy.
func (rt *Runtime) accept(ctx context.Context, busName string, events []event.Envelope) ([]string, error) {
	ids, err := rt.put(ctx, busName, events, false)
	var left *event.Leftover
	if err != nil && !errors.As(err, &left) {
		return nil, err
	}
	if len(events) == 0 || left != nil && len(left.Events) == len(events) {
		return ids, err
	}
	if syncErr := rt.space.Apply(ctx, nil, true); syncErr != nil {
		return nil, fmt.Errorf("local: sync events: %w", syncErr)
	}
	if rt.crash(PutSynced) {
		return nil, ErrCrashed
	}
	return ids, err
}

func (rt *Runtime) put(ctx context.Context, busName string, events []event.Envelope, trusted bool) ([]string, error) {
	if rt.crashed.Load() {
		return nil, ErrCrashed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, ok := rt.buses[BusName(busName)]
	if !ok {
		return nil, fmt.Errorf("local: put on %q: %w", busName, ErrNoBus)
	}
	now := rt.clock.Now()
	rt.idMu.Lock()
	first, err := rt.ids.take(ctx, len(events))
	rt.idMu.Unlock()
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(events))
	ds := make([]delivery, 0, len(events))
	left := &event.Leftover{}
	for i := range events {
		d := delivery{env: &event.Envelope{}, number: first + uint64(i)}
		*d.env = events[i]
		err := error(nil)
		if !trusted && !json.Valid(events[i].Detail) { // it is spliced into the envelope as it is
			err = fmt.Errorf("%w: not JSON", ErrMalformed)
		}
		if err == nil {
			err = rt.prepare(b, &d, now)
		}
		if err != nil {
			left.Events, left.Cause = append(left.Events, events[i]), err
			continue
		}
		ids[i] = d.env.ID
		ds = append(ds, d)
	}
	if rt.crash(PutBefore) {
		return nil, ErrCrashed
	}
	if err := rt.commit(ctx, ds, now); err != nil {
		return nil, err
	}
	if rt.crash(PutAfter) {
		return nil, ErrCrashed
	}
	if len(left.Events) > 0 {
		return ids, left
	}
	return ids, nil
}

// prepare completes the envelope as the bus does, and finds the queues that the event goes to. The id is given anew
// on every publish.
func (rt *Runtime) prepare(b *bus, d *delivery, now time.Time) error {
	e := d.env
	detail := bytes.TrimSpace(e.Detail)
	if len(detail) < 2 || detail[0] != '{' || detail[len(detail)-1] != '}' {
		return fmt.Errorf("%w: want a JSON object", ErrMalformed)
	}
	if size := entrySize(e, !e.Time.IsZero()); size > MaxEntry {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	e.Version, e.ID, e.Account, e.Region = "0", eventID(rt.seed, d.number), Account, Region
	if e.Time.IsZero() {
		e.Time = now
	}
	e.Time = e.Time.UTC().Truncate(time.Second) // the envelope's resolution
	if e.Resources == nil {
		e.Resources = []string{}
	}
	e.Detail = detail
	d.body = appendEnvelope(make([]byte, 0, len(detail)+320), e)
	e.Detail = d.body[len(d.body)-1-len(detail) : len(d.body)-1 : len(d.body)-1] // the caller's bytes stay the caller's
	p := parsed.Get().(*pattern.Event)
	defer parsed.Put(p)
	if err := pattern.Parse(d.body, p); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	rt.match(b, p, d, 0)
	return nil
}

// match follows the rules of a bus. A rule may lead to another bus, from which EventBridge does not forward again.
func (rt *Runtime) match(b *bus, p *pattern.Event, d *delivery, depth int) {
	var buf [16]int
	hits := b.set.Match(p, buf[:0])
	slices.Sort(hits)
	for _, i := range hits {
		if i == b.archive {
			d.kept = true
			continue
		}
		for _, t := range b.rules[i].Targets {
			switch {
			case t.Queue != "":
				d.hops = append(d.hops, hop{rt.queues[t.Queue], b.rules[i].ID})
			case depth == 0:
				rt.match(rt.buses[t.Bus], p, d, depth+1)
			}
		}
	}
}

// commit stores events and hands the messages to their queues, in the order of their sequence numbers.
func (rt *Runtime) commit(ctx context.Context, ds []delivery, now time.Time) error {
	at := now.UnixMilli()
	var ops []embedded.Op
	type queued struct {
		queue *queue
		m     *message
	}
	var added []queued
	rt.commitMu.Lock()
	defer rt.commitMu.Unlock()
	for i := range ds {
		d := &ds[i]
		var ref []byte
		if d.kept {
			ref = archiveKey(d.env.Time, d.number)
			ops = append(ops, embedded.Op{Key: ref, Value: d.body})
		}
		for _, h := range rt.faults.fanOut(d.hops) {
			seq, err := rt.seqs.take(ctx, 1)
			if err != nil {
				return err
			}
			m := &message{seq: seq, arrived: at, visible: at + (h.queue.Delay + rt.faults.delay()).Milliseconds(),
				rule: h.rule, env: d.env, size: len(d.body)}
			ops = append(ops, h.queue.put(m, &record{arrived: at, rule: h.rule, ref: ref, body: d.body})...)
			added = append(added, queued{h.queue, m})
		}
	}
	if len(ops) == 0 {
		return nil
	}
	if err := apply(ctx, rt.space, ops, false); err != nil {
		return fmt.Errorf("local: store events: %w", err)
	}
	for _, a := range added {
		a.queue.add(a.m)
	}
	return nil
}

// entrySize is how PutEvents counts an entry: 14 bytes for a time, and the bytes of the texts.
func entrySize(e *event.Envelope, timed bool) int {
	n := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if timed {
		n += 14
	}
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}
