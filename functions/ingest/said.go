package ingest

import (
	"context"
	"strings"

	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// Outcomes of an event, the least telling first: one event can have several.
const (
	duplicate   = "duplicate"
	ignored     = "ignored"
	recorded    = "recorded"
	quarantined = "quarantined"
)

var telling = map[string]int{duplicate: 1, ignored: 2, recorded: 3, quarantined: 4}

// said is what a batch has to say of itself.
type said struct {
	notes []watch.Note
	tally *metric.Tally

	touches, duplicates, ignored, quarantined int

	source string // whose new events are being counted
	events int
}

func newSaid(ctx context.Context, batch []event.Envelope) *said {
	return &said{notes: watch.Notes(ctx, batch), tally: metric.From(ctx)}
}

// recorded notes a touch that is in the ledger, new or from before.
func (s *said) recorded(i int, id touch.ID, out *contract.Outcome, again bool) {
	n := &s.notes[i]
	if n.Touches == 0 {
		n.Touch = id
	}
	n.Touches++
	n.Published++
	if again {
		s.duplicates++
		s.outcome(n, duplicate, "")
		return
	}
	s.touches++
	if telling[n.Outcome] < telling[recorded] {
		s.heard(source(out))
	}
	s.outcome(n, recorded, "")
}

// aside notes an event, or a record of one, that made no touch.
func (s *said) aside(i int, out *contract.Outcome, again bool) {
	n := &s.notes[i]
	switch {
	case again:
		s.duplicates++
		s.outcome(n, duplicate, "")
	case out.Failure == nil:
		s.ignored++
		s.outcome(n, ignored, "")
	default:
		s.quarantined++
		s.tally.AddBy(metric.QuarantinedBy, 1, source(out), out.Failure.Code)
		if telling[n.Outcome] < telling[recorded] {
			s.heard(source(out))
		}
		s.outcome(n, quarantined, out.Failure.Code)
	}
}

func (s *said) outcome(n *watch.Note, outcome, reason string) {
	if telling[outcome] > telling[n.Outcome] {
		n.Outcome, n.Reason = outcome, reason
	}
}

// unrecognised is the source of what fits no contract. What the envelope calls itself is a stranger's word and no label.
const unrecognised = "unrecognised"

// source is the contract's name.
func source(out *contract.Outcome) string {
	name, _, _ := strings.Cut(out.Contract, "@")
	if name == "" {
		return unrecognised
	}
	return name
}

// heard counts an event of a source. Those of a batch mostly come from one.
func (s *said) heard(source string) {
	if source != s.source {
		s.tally.AddBy(metric.SourceEvents, s.events, s.source)
		s.source, s.events = source, 0
	}
	s.events++
}

// count hands the counts over.
func (s *said) count() {
	s.tally.AddBy(metric.SourceEvents, s.events, s.source)
	s.tally.Add(metric.Touches, s.touches)
	s.tally.Add(metric.Duplicates, s.duplicates)
	s.tally.Add(metric.Ignored, s.ignored)
	s.tally.Add(metric.Quarantined, s.quarantined)
}
