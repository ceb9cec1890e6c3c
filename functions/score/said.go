package score

import (
	"time"

	"handoff/shared/event"
	"handoff/shared/metric"
)

// Outcomes of an event.
const (
	folded    = "folded"    // its touch changed the account, or may change what is made of it
	unchanged = "unchanged" // the account knew it, or keeps nothing of it
	ignored   = "ignored"   // nobody's behaviour
	swept     = "swept"     // a tick
)

// count counts what became of a batch's touches.
func count(tally *metric.Tally, todo []work, errs []error, now time.Time) {
	if tally == nil {
		return
	}
	for _, w := range todo {
		if errs[w.index] != nil {
			continue
		}
		switch w.note.Outcome {
		case folded:
			tally.Add(metric.Folded, 1)
		case unchanged:
			tally.Add(metric.Unchanged, 1)
		}
		tally.Observe(metric.TouchLatency, now.Sub(w.touch.RecordedAt))
	}
}

// published says what a message of ours counts as.
var published = map[string]metric.ID{
	event.DecisionMade: metric.Decisions, event.ConversionRecorded: metric.Conversions, event.EnrichmentWanted: metric.EnrichmentsWanted,
	event.CreditsDue: metric.CreditsWanted,
}
