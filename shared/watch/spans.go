package watch

import (
	"context"
	"time"

	"handoff/shared/event"
	"handoff/shared/trace"
)

// trace begins a span for the invocation and one for each event, in the event's own trace, and lets what the handler
// publishes for an event go on from there.
func (h *Handler) trace(ctx context.Context, inv *invocation, batch []event.Envelope, now time.Time) {
	if h.Spans == nil {
		return
	}
	inv.spans = append(inv.spans[:0], trace.Begin(trace.From(ctx), h.Function, trace.Server, now))
	for i := range batch {
		s := trace.Begin(batch[i].Trace, batch[i].DetailType+" process", trace.Consumer, now)
		inv.spans = append(inv.spans, s)
		batch[i].Trace = s.Header()
	}
}

// shared is the header of a batch whose events are all of one delivery's trace; "" where they are not, and what cannot be
// told apart then goes under the invocation's.
func shared(batch []event.Envelope) string {
	if len(batch) == 0 {
		return ""
	}
	for i := range batch {
		if batch[i].Trace != batch[0].Trace {
			return ""
		}
	}
	return batch[0].Trace
}

// export sends the spans. That the collector cannot take them is told once per invocation, and is nobody's failure.
func (h *Handler) export(ctx context.Context, inv *invocation, batch []event.Envelope, failed func(int) error, now time.Time) {
	for i := range inv.spans {
		s := &inv.spans[i]
		s.End = now
		if i == 0 {
			continue
		}
		e, n := &batch[i-1], &inv.notes[i-1]
		s.Link = &inv.spans[0]
		s.Attrs = []trace.Attr{
			{Key: "messaging.system", Value: "aws_sqs"}, {Key: "messaging.operation.type", Value: "process"}, {Key: "messaging.message.id", Value: e.ID},
			{Key: "handoff.source", Value: e.Source}, {Key: "handoff.correlation_id", Value: n.correlation()},
			{Key: "handoff.outcome", Value: n.Outcome}, {Key: "handoff.reason", Value: n.Reason},
		}
		if err := failed(i - 1); err != nil {
			s.Error = Mask(err.Error())
		}
	}
	if err := h.Spans.Export(ctx, inv.spans); err != nil {
		h.Log.WarnContext(ctx, "spans not sent", "error", Mask(err.Error()))
	}
}
