// Package replay feeds a journey to the pipeline in virtual time: the clock stands where the journey's deliveries do, so
// deadlines, decay and sweeps happen as they would have.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"handoff/events/journeys"
	"handoff/infra/stack"
	"handoff/shared/event"
)

// Options of a replay.
type Options struct {
	// Step is the grain of time: what was delivered within one step is put on the bus together at its end.
	// 0 means ten minutes.
	Step time.Duration
	// Progress is told after each step how far the replay is.
	Progress func(done, total int64, at time.Time)
	// Until is where time moves to after the last event; zero leaves it there.
	Until time.Time
}

// Result says what was fed.
type Result struct {
	Events int // accepted by the bus
	First  time.Time
	Last   time.Time
	Bad    []*journeys.LineError // lines that are no events: they were not accepted, and are the sender's to mend
}

// Source yields entries in order of delivery, io.EOF after the last; a *journeys.LineError concerns one line.
// *journeys.Reader is one.
type Source interface {
	Next() (journeys.Entry, error)
	Progress() (done, total int64)
}

// List is a Source over events that are in memory and in order.
type List struct {
	Events []event.Envelope
	next   int
}

// Next implements Source.
func (l *List) Next() (journeys.Entry, error) {
	if l.next == len(l.Events) {
		return journeys.Entry{}, io.EOF
	}
	l.next++
	return journeys.Entry{Event: l.Events[l.next-1]}, nil
}

// Progress implements Source: it counts events.
func (l *List) Progress() (done, total int64) { return int64(l.next), int64(len(l.Events)) }

// Run replays everything r yields.
func Run(ctx context.Context, s *stack.Stack, r Source, o Options) (Result, error) {
	if o.Step <= 0 {
		o.Step = 10 * time.Minute
	}
	var res Result
	var batch []event.Envelope
	var end time.Time // of the step under way
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		at := batch[len(batch)-1].Time
		if at.After(s.Runtime.Now()) {
			if err := s.Runtime.AdvanceTo(ctx, at); err != nil {
				return fmt.Errorf("move time to %s: %w", at.Format(time.RFC3339), err)
			}
		}
		if _, err := s.Put(ctx, batch); err != nil {
			return err
		}
		res.Events += len(batch)
		batch = batch[:0]
		if err := s.Runtime.Drain(ctx); err != nil {
			return err
		}
		if o.Progress != nil {
			done, total := r.Progress()
			o.Progress(done, total, at)
		}
		return nil
	}
	for {
		entry, err := r.Next()
		var bad *journeys.LineError
		switch {
		case errors.Is(err, io.EOF):
			if err := flush(); err != nil {
				return res, err
			}
			if !o.Until.IsZero() {
				return res, s.Runtime.AdvanceTo(ctx, o.Until)
			}
			return res, nil
		case errors.As(err, &bad):
			res.Bad = append(res.Bad, bad)
			continue
		case err != nil:
			return res, err
		}
		at := entry.Event.Time
		if res.First.IsZero() {
			res.First = at
		}
		res.Last = at
		if at.After(end) {
			if err := flush(); err != nil {
				return res, err
			}
			end = at.Truncate(o.Step).Add(o.Step)
		}
		batch = append(batch, entry.Event)
		if err := ctx.Err(); err != nil {
			return res, err
		}
	}
}
