package score

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/money"
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

// forgetful keeps no touches: a second one of the same deal and day changes no facts.
type (
	forgetful struct{ plain }
	keepNone  struct{ keepThree }
)

func (p forgetful) Memory() account.Memory { return keepNone{keepThree{"none"}} }

func (keepNone) Match(_ *touch.Touch, dst []account.Keep) []account.Keep { return dst }

// A deal's item is written before its account. Dead in between, the redelivered touch changes neither the item nor any
// facts, and is told all the same.
func TestEditIsToldThoughItsItemStands(t *testing.T) {
	deal := func(i int, kind string, minor int64) *touch.Touch {
		return &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: kind, Subject: "opportunity:crm/1", Links: []string{"account:initech.example"},
			Time: day(50).Add(time.Duration(i) * time.Minute), RecordedAt: day(60), Opportunity: &touch.Opportunity{ID: "opportunity:crm/1", Amount: &money.Amount{Minor: minor, Currency: "USD"}}}
	}
	journey := []*touch.Touch{deal(1, touch.OpportunityWon, 500), deal(2, touch.OpportunityUpdated, 700), deal(3, touch.OpportunityUpdated, 900)}
	for _, mode := range storetest.Modes {
		for at := 1; ; at++ {
			b, done := newBench(t)
			b.record(t, journey...)
			fuse := storetest.NewFuse(at, mode)
			b.use(t, fuse.Table(b.accounts), fuse.Table(b.history), fuse.Publisher(b), forgetful{})
			for _, x := range journey {
				for b.handler.Handle(context.Background(), envelopes([]*touch.Touch{x}))[0] != nil {
					fuse.Reset()
				}
			}
			told := map[int64]bool{}
			for _, e := range b.sent {
				var c event.Conversion
				if err := json.Unmarshal(e.Detail, &c); err != nil {
					t.Fatal(err)
				}
				if e.DetailType == event.ConversionRecorded {
					told[c.Amount.Minor] = true
				}
			}
			if len(told) != 3 {
				t.Errorf("%v at step %d: told %v, want 500, 700 and 900", mode, at, told)
			}
			done()
			if !fuse.Blown() {
				break
			}
		}
	}
}
