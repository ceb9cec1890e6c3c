package watch

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/shared/trace"
)

var (
	errPanicked = errors.New("the handler panicked")
	errShort    = errors.New("the handler answered fewer results than it was given events")
)

// Message is the message of an event's line.
const Message = "event"

// Fields are the fields of an event's line, in their order, besides those that the logger gives every line (time, level,
// message, function, and on Lambda requestId and traceId). What is empty is left out. A person, an address or a payload
// is in none of them.
var Fields = []string{
	"event_id", "source", "detail_type", "correlation_id", "causation_id", "account_id", "outcome", "reason", "play", "handoff",
	"touches", "published", "batch", "latency_ms", "duration_ms", "error",
}

// Failed is the outcome of an event that comes again.
const Failed = "failed"

// line writes the line of one event. duration_ms is the whole batch's, whose events are handled together.
func (h *Handler) line(ctx context.Context, inv *invocation, batch []event.Envelope, i int, err error, now time.Time, took time.Duration) {
	level := h.Level
	if err != nil {
		level = slog.LevelError
	}
	if !h.Log.Enabled(ctx, level) {
		return
	}
	e, n := &batch[i], &inv.notes[i]
	attrs := inv.attrs[:0]
	add := func(name, v string) {
		if v != "" {
			attrs = append(attrs, slog.String(name, v))
		}
	}
	number := func(name string, v int64) {
		if v != 0 {
			attrs = append(attrs, slog.Int64(name, v))
		}
	}
	add("event_id", e.ID)
	add("source", e.Source)
	add("detail_type", e.DetailType)
	add("correlation_id", n.correlation())
	add("causation_id", n.Causation)
	add("account_id", Discreet(n.Account))
	if err != nil {
		n.Outcome = Failed
	}
	add("outcome", cmp.Or(n.Outcome, "done"))
	add("reason", n.Reason)
	add("play", n.Play)
	add("handoff", n.Handoff)
	number("touches", int64(n.Touches))
	number("published", int64(n.Published))
	attrs = append(attrs, slog.Int("batch", len(batch)))
	if !e.Time.IsZero() {
		attrs = append(attrs, slog.Int64("latency_ms", max(now.Sub(e.Time).Milliseconds(), 0)))
	}
	attrs = append(attrs, slog.Int64("duration_ms", took.Milliseconds()))
	if err != nil {
		attrs = append(attrs, slog.String("error", Mask(err.Error())))
	}
	inv.attrs = attrs
	h.Log.LogAttrs(trace.With(ctx, e.Trace), level, Message, attrs...)
}

func (n *Note) correlation() string {
	if n.Correlation == "" && n.Touch != (touch.ID{}) {
		return n.Touch.String()
	}
	return n.Correlation
}
