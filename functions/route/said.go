package route

import (
	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/watch"
)

// Outcomes of an event besides those of a decision and of an answer, which routing names.
const (
	duplicate = "duplicate" // a decision that was routed before
	ignored   = "ignored"   // an event that is none of route's
	swept     = "swept"     // a tick
	withdrew  = "withdrew"  // a person is not to be contacted any more: what was open about them is closed
	outdated  = "outdated"  // a person was not to be contacted any more, and has given consent since
)

// clocked says what a step of the clock counts as.
var clocked = map[string]metric.ID{
	routing.Reminded: metric.Reminders, routing.Escalated: metric.Escalations, string(routing.Recycled): metric.Recycled,
}

// count counts what became of an event that is done.
func count(tally *metric.Tally, e *event.Envelope, n *watch.Note) {
	switch {
	case n.Outcome == ignored, n.Outcome == swept:
	case n.Outcome == withdrew, n.Outcome == outdated: // no answers; what was closed is counted there
	case n.Outcome == duplicate, n.Outcome == routing.Repeated:
		tally.Add(metric.Duplicates, 1)
	case e.DetailType == event.TouchRecorded:
		if n.Outcome == routing.Unmatched || n.Outcome == routing.TooLate {
			tally.Add(metric.UnmatchedAnswers, 1)
		} else {
			tally.Add(metric.Answers, 1)
		}
	case n.Outcome == routing.Offered:
		tally.Add(metric.Offered, 1)
	case n.Outcome == routing.EnrolledIn:
		tally.Add(metric.Enrolled, 1)
	default:
		tally.Add(metric.Suppressed, 1)
		tally.AddBy(metric.SuppressedBy, 1, n.Outcome)
	}
}
