package score

import (
	"context"
	"testing"

	"handoff/shared/event"
	"handoff/shared/storetest"
	"handoff/shared/touch"
)

// What an account has to say and did not get said is said by the next sweep, though nothing more is heard of the
// account: a decision made by a tick has no touch that would come again.
func TestSweepSaysWhatIsPending(t *testing.T) {
	demo := &touch.Touch{ID: touch.NewID("t", "t", "1", 0), Kind: touch.DemoRequested, Subject: "user:1", Time: day(59), RecordedAt: day(60)}
	steps := storetest.NewFuse(0, storetest.NotStored)
	whole, done := newBench(t)
	defer done()
	whole.use(t, steps.Table(whole.accounts), steps.Table(whole.history), steps.Publisher(whole), plain{})
	whole.record(t, demo)
	whole.fold(t, []*touch.Touch{demo}, 1)
	// The last steps are: the account, the decision's row, the publish, the account again.
	for at := steps.Steps() - 2; at <= steps.Steps(); at++ {
		b, done := newBench(t)
		b.record(t, demo)
		fuse := storetest.NewFuse(at, storetest.NotStored)
		b.use(t, fuse.Table(b.accounts), fuse.Table(b.history), fuse.Publisher(b), plain{})
		if err := b.handler.Handle(context.Background(), envelopes([]*touch.Touch{demo}))[0]; err == nil {
			t.Fatalf("step %d did no harm", at)
		}
		fuse.Reset()
		tick := event.Envelope{Source: "aws.events", DetailType: event.Sweep, Time: b.now}
		for range 2 { // the second finds nothing left to say
			if err := b.handler.Handle(context.Background(), []event.Envelope{tick})[0]; err != nil {
				t.Fatal(err)
			}
		}
		b.facts(t) // which fails on what is left pending
		if got := plays(t, b.sent); len(got) != 1 || got[0] != "hand_raise" {
			t.Errorf("died at step %d: after the sweep %v was decided, want one hand_raise", at, got)
		}
		done()
	}
}
