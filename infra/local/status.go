package local

import (
	"context"
	"slices"
	"time"

	"handoff/infra/transit"
)

// Status says what stands in every queue, in the template's order. It reads them through.
func (rt *Runtime) Status(ctx context.Context) ([]transit.Queue, error) {
	var out []transit.Queue
	for _, cfg := range rt.top.Queues {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q := rt.queues[cfg.ID]
		s := transit.Queue{Queue: cfg.ID, Function: rt.driven(cfg.ID), Dead: rt.isDead(cfg.ID)}
		err := q.each(func(_ uint64, r *record) bool {
			if at := time.UnixMilli(r.arrived).UTC(); s.Messages == 0 || at.Before(s.Oldest) {
				s.Oldest = at
			}
			s.Messages++
			return true
		})
		if err != nil {
			return nil, err
		}
		q.mu.Lock()
		q.surface(rt.clock.Now().UnixMilli())
		s.InFlight, s.Waiting = len(q.inflight), len(q.hidden)
		q.mu.Unlock()
		out = append(out, s)
	}
	return out, nil
}

func (rt *Runtime) driven(queue string) string {
	for _, f := range rt.top.Functions {
		if f.Queue == queue {
			return f.ID
		}
	}
	return ""
}

func (rt *Runtime) isDead(queue string) bool {
	if slices.Contains(rt.top.Letterboxes, queue) {
		return true
	}
	for _, q := range rt.top.Queues {
		if q.DeadLetter == queue {
			return true
		}
	}
	for _, r := range rt.top.Rules {
		for _, t := range r.Targets {
			if t.DeadLetter == queue {
				return true
			}
		}
	}
	return false
}

// InFlight yields every event that stands in a function's queue: waiting, being handled, or failed and due again.
// With the dead letters these are all events that are not done with. An error ends it.
func (rt *Runtime) InFlight() func(yield func(transit.Message, error) bool) {
	return func(yield func(transit.Message, error) bool) {
		for _, cfg := range rt.top.Queues {
			if rt.isDead(cfg.ID) {
				continue
			}
			q, stopped := rt.queues[cfg.ID], false
			err := q.each(func(_ uint64, r *record) bool {
				env, _, err := q.event(r)
				if err != nil {
					yield(transit.Message{}, err)
					stopped = true
					return false
				}
				stopped = !yield(transit.Message{Queue: cfg.ID, Rule: r.rule, Arrived: time.UnixMilli(r.arrived).UTC(), Event: *env}, nil)
				return !stopped
			})
			if err != nil && !stopped {
				yield(transit.Message{}, err)
				return
			}
			if stopped {
				return
			}
		}
	}
}
