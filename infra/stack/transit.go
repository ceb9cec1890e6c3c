package stack

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"handoff/infra/local"
	"handoff/infra/transit"
	"handoff/shared/event"
	"handoff/shared/retry"
)

// Transit is what operating a pipeline asks of its bus, queues and archive. The runtime of one machine answers all of
// it; infra/deployed answers what AWS tells, and ends the rest in an error that wraps transit.ErrUntold.
type Transit interface {
	// Put puts events from outside onto the pipeline's bus. With an error, those that were accepted are counted.
	Put(ctx context.Context, batch []event.Envelope) (transit.Taken, error)
	// Settle lets what was put be handled. It answers false where functions go on with it by themselves and nobody waits.
	Settle(ctx context.Context) (bool, error)
	// Queues says what stands in every queue.
	Queues(ctx context.Context) ([]transit.Queue, error)
	// InFlight yields what stands in the functions' queues. With the letters these are all events not done with.
	InFlight(ctx context.Context) iter.Seq2[transit.Message, error]
	// Letters yields the dead letters, none of which is lost by looking. An error ends it.
	Letters(ctx context.Context) iter.Seq2[transit.Letter, error]
	// Letter returns one, or an error that wraps store.ErrNotFound.
	Letter(ctx context.Context, id string) (transit.Letter, error)
	// Replay sends letters again, each to the queue of the one function that failed. A letter may go twice where the
	// process dies in between, never not at all.
	Replay(ctx context.Context, ids ...string) error
	// Discard deletes letters for good.
	Discard(ctx context.Context, ids ...string) error
	// Archived yields the raw events that the archive keeps, by the time of their envelopes; zero times are no bound.
	Archived(ctx context.Context, from, until time.Time) iter.Seq2[event.Envelope, error]
}

// Mover is a Transit that can send all dead letters again without reading them.
type Mover interface {
	// Move begins to send the letters of the queues again whose names have part in them, and answers about how many.
	Move(ctx context.Context, part string) (transit.Moved, error)
}

// Ager is a Transit whose Queues tell no ages, since another service has them.
type Ager interface {
	// Ages fills in since when the oldest message of each queue stands there, or why that is not known.
	Ages(ctx context.Context, queues []transit.Queue)
}

// machine is the Transit of one machine.
type machine struct {
	*local.Runtime
	stack *Stack
}

// busy is how a put is repeated that the bus was too busy for.
var busy = retry.Policy{Tries: 6, First: 50 * time.Millisecond, Most: time.Second}

func (m machine) Put(ctx context.Context, batch []event.Envelope) (transit.Taken, error) {
	var out transit.Taken
	for again := busy.Begin(ctx); ; {
		ids, err := m.Runtime.Put(ctx, m.Bus(), batch)
		for _, id := range ids {
			if id != "" {
				out.Accepted++
			}
		}
		left, ok := errors.AsType[*event.Leftover](err)
		if !ok || !errors.Is(err, local.ErrBusy) || !again.Again() {
			return out, err
		}
		batch = left.Events
	}
}

// Settle delivers until nothing is to be done any more: by itself, or waiting while Run does. What a handler refused
// stays in its queue and comes back after its visibility timeout, when the pipeline runs again.
func (m machine) Settle(ctx context.Context) (bool, error) { return true, m.stack.settle(ctx) }

func (m machine) Queues(ctx context.Context) ([]transit.Queue, error) { return m.Status(ctx) }

func (m machine) InFlight(context.Context) iter.Seq2[transit.Message, error] {
	return m.Runtime.InFlight()
}

func (m machine) Letters(context.Context) iter.Seq2[transit.Letter, error] {
	return m.DeadLetters()
}

func (m machine) Letter(_ context.Context, id string) (transit.Letter, error) {
	return m.DeadLetter(id)
}

func (m machine) Archived(_ context.Context, from, until time.Time) iter.Seq2[event.Envelope, error] {
	return m.Runtime.Archived(from, until)
}

// Put sends events from outside onto the pipeline's bus.
func (s *Stack) Put(ctx context.Context, batch []event.Envelope) (transit.Taken, error) {
	out, err := s.Transit.Put(ctx, batch)
	if err != nil {
		return out, fmt.Errorf("put %d events on the bus: %w", len(batch), err)
	}
	return out, nil
}

// Counter is a Transit whose archive tells how many events it holds, though not which.
type Counter interface {
	// Counted is the archive's own count, up to a day old.
	Counted(ctx context.Context) (int64, error)
}
