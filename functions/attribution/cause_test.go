package attribution

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/storetest"
)

// Credits go on from what they answer to: the deal, or the touch that came late, also where another delivery than the one
// that died tells them.
func TestCreditsNameTheirCause(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	c := conversion(1, 1000)
	c.Meta = event.Meta{Correlation: "deal", Causation: "won"}
	w.handle(envelope(event.ConversionRecorded, c))
	w.ad(bob, 2, 3, "social")
	late := envelope(event.CreditsDue, event.CreditsDueDetail{Meta: event.Meta{Correlation: "late", Causation: "touch"}, Account: acme, From: day(3), Cause: "touch"})
	fuse := storetest.NewFuse(3, storetest.NotStored) // credit row, item, publish
	if err := w.process(fuse.Table(w.accounts), fuse.Table(w.history), fuse.Publisher(w)).Handle(context.Background(), []event.Envelope{late})[0]; err == nil {
		t.Fatal("the process did not die at the publish")
	}
	w.handle(envelope(event.ConversionRecorded, c)) // a duplicate finds it untold
	var got []event.Meta
	for _, a := range w.sent {
		got = append(got, a.Meta)
	}
	want := []event.Meta{{Correlation: "deal", Causation: c.ID + "/" + c.Revision}, {Correlation: "late", Causation: "touch"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
