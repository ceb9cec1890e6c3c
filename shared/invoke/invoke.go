// Package invoke turns a Lambda invocation into a batch for an event.Handler. Three shapes arrive: an SQS batch, the
// usual one, whose failures are reported message by message; a bare EventBridge event; and an array of events, as the
// newer custom bus sends them. Only this package knows them.
package invoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"handoff/shared/event"
)

// ErrPayload is wrapped by errors about a payload, or a message's body, that is none of the three shapes.
var ErrPayload = errors.New("not an event")

// Func is what lambda.Start takes.
type Func func(ctx context.Context, payload json.RawMessage) (any, error)

// batch is what an SQS event source mapping invokes with.
type batch struct {
	Records []record
}

type record struct {
	MessageID   string `json:"messageId"`
	Body        string `json:"body"`
	EventSource string `json:"eventSource"`
	Attributes  struct {
		Trace string `json:"AWSTraceHeader"` // of whoever published the event
	} `json:"attributes"`
}

// Answer tells the event source mapping which messages to deliver again (ReportBatchItemFailures).
type Answer struct {
	Failures []Failure `json:"batchItemFailures"`
}

// Failure names one message.
type Failure struct {
	ID string `json:"itemIdentifier"`
}

// Wrap adapts a handler. For an SQS batch the result is an Answer and the error nil, unless the payload as a whole
// cannot be read; for bare events the result is nil and the error joins all failures, so that Lambda tries again.
func Wrap(h event.Handler) Func {
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		ctx, cancel := Early(ctx)
		defer cancel()
		payload = bytes.TrimSpace(payload)
		if len(payload) == 0 {
			return nil, fmt.Errorf("invoke: %w: the payload is empty", ErrPayload)
		}
		if payload[0] == '[' {
			return nil, array(ctx, h, payload)
		}
		var head struct {
			Records    *json.RawMessage
			DetailType *string `json:"detail-type"`
		}
		if err := json.Unmarshal(payload, &head); err != nil {
			return nil, fmt.Errorf("invoke: %w: the payload is no JSON object or array: %w", ErrPayload, err)
		}
		if head.Records != nil && head.DetailType == nil {
			return messages(ctx, h, payload)
		}
		e, err := Envelope(payload)
		if err != nil {
			return nil, fmt.Errorf("invoke: %w", err)
		}
		return nil, join([]event.Envelope{e}, Guard(ctx, slog.Default(), h, []event.Envelope{e}))
	}
}

// messages handles an SQS batch. A body that is no event fails alone.
func messages(ctx context.Context, h event.Handler, payload []byte) (any, error) {
	var b batch
	if err := json.Unmarshal(payload, &b); err != nil {
		return nil, fmt.Errorf("invoke: %w: SQS batch: %w", ErrPayload, err)
	}
	answer := Answer{Failures: []Failure{}}
	events := make([]event.Envelope, 0, len(b.Records))
	at := make([]int, 0, len(b.Records))
	for i, r := range b.Records {
		if r.MessageID == "" { // a failure could not be reported: fail the batch, or the message would be deleted
			return nil, fmt.Errorf("invoke: %w: record %d of the batch has no messageId", ErrPayload, i)
		}
		e, err := Envelope([]byte(r.Body))
		if err != nil {
			slog.ErrorContext(ctx, "no event in the message", "message_id", r.MessageID, "error", err)
			answer.Failures = append(answer.Failures, Failure{r.MessageID})
			continue
		}
		e.Trace = r.Attributes.Trace
		events, at = append(events, e), append(at, i)
	}
	for j, err := range Guard(ctx, slog.Default(), h, events) {
		if err != nil { // the handler's own line says why
			answer.Failures = append(answer.Failures, Failure{b.Records[at[j]].MessageID})
		}
	}
	return answer, nil
}

// array handles events without messages around them. One failure brings all of them again.
func array(ctx context.Context, h event.Handler, payload []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(payload, &raw); err != nil {
		return fmt.Errorf("invoke: %w: array of events: %w", ErrPayload, err)
	}
	var errs []error
	events := make([]event.Envelope, 0, len(raw))
	for i, b := range raw {
		e, err := Envelope(b)
		if err != nil {
			errs = append(errs, fmt.Errorf("invoke: event %d of %d: %w", i+1, len(raw), err))
			continue
		}
		events = append(events, e)
	}
	return errors.Join(append(errs, join(events, Guard(ctx, slog.Default(), h, events)))...)
}

// Envelope reads one event as the bus delivers it. A body that lacks what every event has is not one.
func Envelope(b []byte) (event.Envelope, error) {
	var e event.Envelope
	if err := json.Unmarshal(b, &e); err != nil {
		return e, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	detail := bytes.TrimSpace(e.Detail)
	switch {
	case e.ID == "":
		return e, fmt.Errorf("%w: it has no id", ErrPayload)
	case e.DetailType == "":
		return e, fmt.Errorf("%w: it has no detail-type", ErrPayload)
	case e.Source == "":
		return e, fmt.Errorf("%w: it has no source", ErrPayload)
	case len(detail) == 0 || detail[0] != '{':
		return e, fmt.Errorf("%w: its detail is no JSON object", ErrPayload)
	}
	return e, nil
}

func join(events []event.Envelope, errs []error) error {
	var out []error
	for i, err := range errs {
		if err != nil {
			out = append(out, fmt.Errorf("invoke: event %s: %w", events[i].ID, err))
		}
	}
	return errors.Join(out...)
}
