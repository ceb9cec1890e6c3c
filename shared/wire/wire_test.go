package wire

import (
	"context"
	"errors"
	"testing"

	"handoff/shared/event"
	"handoff/shared/metric"
)

type publisher func([]event.Envelope) error

func (p publisher) Publish(_ context.Context, events []event.Envelope) error { return p(events) }

func TestPublishedAndFailed(t *testing.T) {
	for name, c := range map[string]struct {
		err           error
		taken, failed int64
	}{
		"all taken":     {nil, 3, 0},
		"one left over": {&event.Leftover{Events: make([]event.Envelope, 1), Cause: errors.New("throttled")}, 2, 1},
		"nobody knows":  {errors.New("cut"), 0, 3},
	} {
		var tally metric.Tally
		p := Parts{Bus: publisher(func([]event.Envelope) error { return c.err }), Metrics: t.Output()}
		err := p.Publisher().Publish(metric.With(context.Background(), &tally), make([]event.Envelope, 3))
		if err != c.err || tally.Count(metric.PublishedEvents) != c.taken || tally.Count(metric.PublishFailures) != c.failed {
			t.Errorf("%s: %v, %d published, %d failed; want %d and %d", name, err, tally.Count(metric.PublishedEvents), tally.Count(metric.PublishFailures), c.taken, c.failed)
		}
	}
	if (&Parts{Metrics: t.Output()}).Publisher() != nil {
		t.Error("a missing bus is hidden")
	}
}
