package route

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/storetest"
	"handoff/shared/touch"
)

// story is a run through everything that route writes: an offer, a nurture, stops, answers of each kind, one that comes
// early, a breaker that trips, a withdrawal of consent, a reminder, an escalation, a join of two open handoffs, a recycling.
func story(w *world) []func() event.Envelope {
	const a, b, f, person = "account:a.example", "account:b.example", "account:f.example", "email:p@gmail.example"
	at := func(minute int, e func() event.Envelope) func() event.Envelope {
		return func() event.Envelope {
			w.clock = noon.Add(time.Duration(minute) * time.Minute)
			return e()
		}
	}
	decided := func(id, account, play string) func() event.Envelope {
		return func() event.Envelope { return w.decided(id, account, play) }
	}
	answered := func(id, kind, subject string, f touch.Feedback) func() event.Envelope {
		return func() event.Envelope { return w.answer(id, kind, subject, f) }
	}
	return []func() event.Envelope{
		at(0, decided("d1", a, "call")),
		at(1, decided("d2", person, "call")),
		at(2, decided("d3", b, "care")),
		at(3, decided("d4", b, "watch")),
		at(4, answered("f0", touch.FirstOutreach, b, touch.Feedback{Play: "demo"})),
		at(5, decided("d5", b, "demo")),
		at(6, answered("f1", touch.HandoffReceived, a, touch.Feedback{Handoff: routing.HandoffID("d1")})),
		at(7, answered("f2", touch.HandoffAccepted, a, touch.Feedback{Handoff: routing.HandoffID("d1")})),
		at(8, decided("d6", "account:c.example", "call")),
		at(9, decided("d7", "account:e.example", "call")), // trips the breaker
		at(10, answered("f3", touch.HandoffRejected, "account:c.example", touch.Feedback{Play: "call", Reason: "student"})),
		at(11, func() event.Envelope {
			w.gates.accounts[person] = routing.GateState{Forward: a}
			w.gates.accounts[a] = routing.GateState{Former: []string{person}}
			w.gates.resolves[b], w.gates.resolves["account:c.example"] = b, "account:c.example"
			return w.decided("d8", a, "demo")
		}),
		at(45, tick), // reminds, and closes the superseded one
		at(61, tick),
		at(70, decided("d9", f, "demo")),
		at(71, decided("d10", f, "wait")),
		at(72, func() event.Envelope { return w.withdraws("w1", "contact:crm/7", "email:p@"+f) }),
		at(73, decided("d11", f, "care")), // the gates have not heard of it yet
		at(90, answered("f4", touch.HandoffCompleted, b, touch.Feedback{Handoff: routing.HandoffID("d5")})),
		at(31*24*60, tick),   // recycles
		at(31*24*60+2, tick), // nothing, unless a sweep died: the next one finds what it left two minutes later
	}
}

// play runs the story. A delivery that fails is delivered again, with the clock and later events held, as the queue
// would; each event once more at the end of its turn if twice.
func play(t *testing.T, fuse *storetest.Fuse, twice bool) *world {
	t.Helper()
	w := newWorld(t, fuse)
	w.gates.resolves["account:b.example"], w.gates.resolves["account:c.example"] = "account:b.example", "account:c.example"
	w.gates.resolves["email:p@account:f.example"] = "account:f.example"
	for i, step := range story(w) {
		e := step()
		for try := 0; ; try++ {
			err := w.Handle(context.Background(), []event.Envelope{e})[0]
			if err == nil {
				break
			}
			if !errors.Is(err, storetest.ErrDead) || try == 3 {
				t.Fatalf("event %d, try %d: %v", i, try, err)
			}
			fuse.Reset()
		}
		if twice {
			w.do(e)
		}
	}
	return w
}

func TestStory(t *testing.T) {
	w := play(t, storetest.NewFuse(0, storetest.NotStored), false)
	want(t, "told", []string{
		"HandoffOffered account:a.example call open",
		"HandoffOffered email:p@gmail.example call open",
		"NurtureEnrolled account:b.example care enrolled",
		"HandoffOffered account:b.example demo first_outreach",
		"HandoffOffered account:c.example call open",
		"HandoffClosed account:c.example call rejected",
		"HandoffOffered account:a.example demo open",
		"HandoffClosed account:a.example call recycled",
		"HandoffReminded account:a.example call accepted ann@x.example",
		"HandoffEscalated account:a.example call accepted boss@x.example",
		"HandoffOffered account:f.example demo open",
		"HandoffClosed account:f.example demo recycled",
		"HandoffClosed account:b.example demo completed",
		// After a month without a sweep the escalation of the demo has been overtaken.
		"HandoffClosed account:a.example demo recycled",
		"HandoffClosed account:a.example call recycled",
	}, w.told())
	// Decisions of one hour stand by their ids: d10 was held and became too old, d11 was stopped, d9 offered.
	want(t, "the one who withdrew", []string{"handoff held", "handoff stale", "handoff gated:consent_withdrawn", "handoff offered", "handoff recycled"},
		w.rows("account:f.example"))
}

// Die at every write and every publish, in every way; after the redelivery everything is as if nothing had happened.
func TestCrashTable(t *testing.T) {
	counter := storetest.NewFuse(0, storetest.NotStored)
	whole := play(t, counter, false).everything()
	steps := counter.Steps()
	if steps < 50 {
		t.Fatalf("the story has only %d steps", steps)
	}
	t.Logf("%d steps, %d items and events", steps, len(whole))
	for _, mode := range storetest.Modes {
		for at := 1; at <= steps; at++ {
			for name, fuse := range map[string]*storetest.Fuse{"dies": storetest.NewFuse(at, mode), "errs": storetest.NewGlitch(at, mode)} {
				w := play(t, fuse, false)
				if !fuse.Blown() {
					t.Fatalf("step %d was never reached", at)
				}
				if d := cmp.Diff(whole, w.everything()); d != "" {
					t.Fatalf("%s at step %d, %s (-fault-free +after):\n%s", name, at, mode, d)
				}
			}
		}
	}
}

func TestEverythingTwice(t *testing.T) {
	whole := play(t, storetest.NewFuse(0, storetest.NotStored), false)
	twice := play(t, storetest.NewFuse(0, storetest.NotStored), true)
	want(t, "what the stores hold and was told", whole.everything(), twice.everything())
	want(t, "told, one by one", whole.told(), twice.told())
}

// The sweep alone repairs what a crash left untold, if the redelivery never comes.
func TestSweepRepairs(t *testing.T) {
	// Steps of an offer: breaker, slot and team, pointer, rows, publish, clear.
	for at := 3; at <= 6; at++ {
		fuse := storetest.NewFuse(at, storetest.NotStored)
		w := newWorld(t, fuse)
		if err := w.Handle(context.Background(), []event.Envelope{w.decided("d1", "account:a.example", "call")})[0]; err == nil {
			t.Fatalf("step %d did no harm", at)
		}
		fuse.Reset()
		w.clock = noon.Add(2 * time.Minute)
		w.do(tick())
		if got := w.told(); got[0] != "HandoffOffered account:a.example call open" || w.item("account:a.example").Pending != nil {
			t.Errorf("after a crash at step %d: %q, pending %v", at, got, w.item("account:a.example").Pending)
		}
		want(t, "the ledger", []string{"handoff offered"}, w.rows("account:a.example"))
	}
}

// Many deliveries at once, of many decisions and of the same: each is offered once, and the counters add up.
func TestConcurrentDeliveries(t *testing.T) {
	w := plain(t)
	var wg sync.WaitGroup
	events := make([]event.Envelope, 12)
	for i := range events {
		events[i] = w.decided(fmt.Sprintf("d%d", i), fmt.Sprintf("account:a%d.example", i%6), "demo")
	}
	for worker := range 4 {
		wg.Go(func() {
			for i := range events {
				e := events[(i+worker*3)%len(events)]
				var err error
				for range 20 {
					if err = w.Handle(context.Background(), []event.Envelope{e})[0]; err == nil {
						break
					}
				}
				if err != nil {
					t.Errorf("worker %d, event %d: %v", worker, i, err)
				}
			}
		})
	}
	wg.Wait()
	offered := map[string]bool{}
	for _, e := range w.bus.events {
		offered[w.detail(e).ID] = true
	}
	open := 0
	for _, n := range w.team().Open {
		open += n
	}
	if len(offered) != 6 || open != 6 {
		t.Errorf("%d handoffs offered, %d counted open; want 6 of each, one per account", len(offered), open)
	}
}
