// Package watch says what a function does: a log line per event, one set of metrics per invocation and, where they are
// wanted, spans. It stands around a handler, which leaves a Note on each event of its batch and counts what it did
// (shared/metric); neither costs anything where nobody looks.
package watch

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/touch"
	"handoff/shared/trace"
)

// Handler is a handler that is watched.
type Handler struct {
	Function string
	Next     event.Handler
	Log      *slog.Logger
	Level    slog.Level // of the line of an event that succeeded; one that failed is an error
	Now      func() time.Time

	Metrics   io.Writer // takes the lines of the embedded metric format; nil: nothing is counted
	Namespace string    // of the metrics
	Spans     *trace.Exporter
}

// Note is what a handler says of one event.
type Note struct {
	Outcome     string // one word of a fixed set
	Reason      string // its class, of a fixed set, where there is one
	Touch       touch.ID
	Correlation string // where it is empty, Touch's
	Causation   string
	Account     string // any subject: the line names nobody
	Play        string
	Handoff     string
	Touches     int // that it made
	Published   int // events of ours that it caused
}

// invocation is what one call gathers.
type invocation struct {
	notes []Note
	tally metric.Tally
	spans []trace.Span
	attrs []slog.Attr
	out   []byte
}

var invocations = sync.Pool{New: func() any { return new(invocation) }}

type key struct{}

// Notes gives a handler the notes of its batch, in the batch's order. Where nobody watches they are read by nobody.
func Notes(ctx context.Context, batch []event.Envelope) []Note {
	if inv, ok := ctx.Value(key{}).(*invocation); ok && len(inv.notes) == len(batch) {
		return inv.notes
	}
	return make([]Note, len(batch))
}

// Handle implements event.Handler.
func (h *Handler) Handle(ctx context.Context, batch []event.Envelope) (errs []error) {
	inv := invocations.Get().(*invocation)
	inv.notes = append(inv.notes[:0], make([]Note, len(batch))...)
	begun := h.Now()
	h.trace(ctx, inv, batch, begun)
	work := context.WithValue(trace.With(ctx, shared(batch)), key{}, inv)
	if h.Metrics != nil {
		work = metric.With(work, &inv.tally)
	}
	done := false
	defer func() {
		// After a panic the batch is handled again in halves, until what panics stands alone: that one is told of.
		if done || len(batch) == 1 {
			h.finish(ctx, inv, batch, errs, begun, done)
		}
		if done {
			inv.tally.Reset()
			invocations.Put(inv)
		}
	}()
	errs = h.Next.Handle(work, batch)
	done = true
	return errs
}

// finish writes everything. Spans go last, and only while there is time: they may be lost, an answer may not.
func (h *Handler) finish(ctx context.Context, inv *invocation, batch []event.Envelope, errs []error, begun time.Time, returned bool) {
	now := h.Now()
	failed := func(i int) error {
		switch {
		case !returned:
			return errPanicked
		case i < len(errs):
			return errs[i]
		}
		return errShort
	}
	for i := range batch {
		h.line(ctx, inv, batch, i, failed(i), now, now.Sub(begun))
	}
	if h.Metrics != nil {
		h.count(inv, batch, failed, now)
		inv.out = inv.tally.AppendEMF(inv.out[:0], h.Namespace, h.Function, now)
		if _, err := h.Metrics.Write(inv.out); err != nil {
			h.Log.WarnContext(ctx, "metrics not written", "error", err)
		}
	}
	if h.Spans != nil && ctx.Err() == nil {
		h.export(ctx, inv, batch, failed, now)
	}
}

// count adds what concerns every function, and sees that what alarms watch is in the line.
func (h *Handler) count(inv *invocation, batch []event.Envelope, failed func(int) error, now time.Time) {
	events, bad := 0, 0
	for i := range batch {
		if event.Tick(&batch[i]) {
			continue
		}
		events++
		if failed(i) != nil {
			bad++
		} else if !batch[i].Time.IsZero() {
			inv.tally.Observe(metric.HopLatency, now.Sub(batch[i].Time))
		}
	}
	inv.tally.Add(metric.Events, events)
	inv.tally.Add(metric.FailedEvents, bad)
	inv.tally.Show(metric.Watched[:]...)
}
