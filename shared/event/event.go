// Package event is the one place that knows how an event looks on the bus: EventBridge's envelope, the detail types
// of our own, and the two ports every function is made of, a Handler that consumes and a Publisher that emits.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Source is the envelope's source on everything that we publish.
const Source = "handoff"

// Envelope is an event as EventBridge delivers it. Its ID changes on every republish: it is evidence of a delivery,
// never an identity to dedupe on.
type Envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       time.Time       `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`

	// Trace is the X-Ray header that the event came with, or is to go out with. It is the delivery's, no part of the event.
	Trace string `json:"-"`
}

// Handler consumes a batch of events that one queue delivered together. It answers an error per event, nil where the
// event is done with for good; an event with an error is delivered again. len(result) == len(batch).
type Handler interface {
	Handle(ctx context.Context, batch []Envelope) []error
}

// Publisher puts events on the bus. It returns nil when all were accepted, *Leftover when some were not after its own
// retries; other errors mean the outcome of all is unknown. The bus gives each event its ID; a zero Time means now.
type Publisher interface {
	Publish(ctx context.Context, events []Envelope) error
}

// Leftover says which events the bus did not take.
type Leftover struct {
	Events []Envelope
	Cause  error
	// Final is why the bus takes an event at no other try either, by its index in Events; nil where it may take it later, or
	// does not tell.
	Final []error
}

// Again gives those of Events that the bus may take at another try.
func (l *Leftover) Again() []Envelope {
	if l.Final == nil {
		return l.Events
	}
	var out []Envelope
	for i := range l.Events {
		if l.Final[i] == nil {
			out = append(out, l.Events[i])
		}
	}
	return out
}

func (l *Leftover) Error() string {
	return fmt.Sprintf("publish: %d events not accepted: %v", len(l.Events), l.Cause)
}

func (l *Leftover) Unwrap() error { return l.Cause }

// Sweep is the detail type of the scheduled rule's tick, as EventBridge names it.
const Sweep = "Scheduled Event"

// Tick reports whether an event is the one-minute sweep.
func Tick(e *Envelope) bool { return e.DetailType == Sweep && e.Source == "aws.events" }

// Meta runs through a chain of events. Correlation is the touch id of the event from outside that began it; that id is
// made of the producer's own, so it is the same for every delivery. Where nothing from outside did (a renewal that
// approaches), it is the id of the tick that found it due. Causation names what directly caused the event: for
// TouchRecorded the delivery from outside, after that a touch, a decision, a conversion's revision or a tick.
type Meta struct {
	Correlation string `json:"correlation_id,omitempty"`
	Causation   string `json:"causation_id,omitempty"`

	// Trace is the header of the event that the chain is at: see Envelope.
	Trace string `json:"-"`
}
