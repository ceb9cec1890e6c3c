package route

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
)

func want[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := New(Config{Log: slog.New(slog.DiscardHandler)})
	for _, name := range []string{"Accounts", "Ledger", "Bus", "Policy", "Gates", "Resolver", "Now"} {
		if err == nil || !strings.Contains(err.Error(), "route: "+name+" is not set") {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}

// The life of a handoff from the offer to the end of its cool-down.
func TestLife(t *testing.T) {
	w := plain(t)
	const a = "account:a.example"
	w.do(w.decided("d1", a, "call"))
	id := routing.HandoffID("d1")
	d := w.detail(w.bus.events[0])
	want(t, "the offer", event.HandoffDetail{
		Meta: event.Meta{Correlation: "c-d1", Causation: "d1"}, ID: id, Decision: "d1", Account: a, Person: "email:p@" + a,
		Funnel: "sales", Play: "call", Mode: "live", Team: "sales", Owner: "ann@x.example", State: "open", Reason: "Because.",
		OpenedAt: noon, DueAt: noon.Add(time.Hour), Context: event.Context{Name: a},
	}, d)
	want(t, "the team", map[string]int{"ann@x.example": 1}, w.team().Open)

	w.clock = noon.Add(time.Minute)
	w.do(w.answer("r1", touch.HandoffReceived, a, touch.Feedback{Handoff: id}))
	w.do(w.answer("f1", touch.HandoffAccepted, "contact:crm/9", touch.Feedback{Handoff: id, Rep: "ann"})) // a contact we never linked
	w.clock = noon.Add(45 * time.Minute)
	w.do(tick())
	w.do(tick())
	w.clock = noon.Add(61 * time.Minute)
	w.do(tick())
	w.clock = noon.Add(70 * time.Minute)
	w.do(w.answer("f2", touch.FirstOutreach, a, touch.Feedback{Handoff: id}))
	w.clock = noon.Add(5 * time.Hour)
	w.do(tick())
	w.do(w.answer("f3", touch.HandoffCompleted, a, touch.Feedback{Handoff: id, Reason: "meeting booked"}))
	w.clock = noon.Add(6 * time.Hour)
	w.do(w.decided("d2", a, "call"))
	want(t, "what was told", []string{
		"HandoffOffered account:a.example call open",
		"HandoffReminded account:a.example call accepted ann@x.example",
		"HandoffEscalated account:a.example call accepted boss@x.example",
		"HandoffClosed account:a.example call completed",
	}, w.told())
	want(t, "the ledger", []string{
		"handoff offered", "handoff accepted", "receipt received", "handoff reminded", "handoff escalated", "handoff first_outreach",
		"handoff completed", "handoff cooling",
	}, w.rows(a))
	if n := len(w.team().Open); n != 0 {
		t.Errorf("%d reps hold something after the end", n)
	}
	w.clock = noon.Add(5*time.Hour).AddDate(0, 0, 30)
	w.do(w.decided("d3", a, "call"))
	if got := w.told(); got[len(got)-1] != "HandoffOffered account:a.example call open" || len(got) != 5 {
		t.Errorf("after the cool-down: %q", got)
	}
	if got := w.detail(w.bus.events[4]).Owner; got != "bob@x.example" {
		t.Errorf("the second went to %s, whose turn it was not", got)
	}
}

func TestStopsAreRecordedAndSendNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		play  string
		given func(*world)
		want  string
	}{
		{"observe", "watch", nil, "observed"},
		{"hold", "wait", nil, "held"},
		{"no such play", "gone", nil, "unknown_play"},
		{"consent", "call", func(w *world) {
			w.gates.persons["email:p@account:a.example"] = routing.GateState{ConsentWithdrawn: true}
		}, "gated:consent_withdrawn"},
		{"customer", "call", func(w *world) { w.gates.accounts["account:a.example"] = routing.GateState{Customer: true} }, "gated:customer"},
		{"paused", "call", func(w *world) {
			if err := Pause(context.Background(), w.accounts, "call", routing.Switch{At: noon, By: "kim", Why: "wrong list"}); err != nil {
				w.t.Fatal(err)
			}
		}, "paused"},
		{"set to observe by hand", "call", func(w *world) {
			if err := SetMode(context.Background(), w.accounts, "call", routing.Observe, routing.Switch{By: "kim"}); err != nil {
				w.t.Fatal(err)
			}
		}, "observed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := plain(t)
			if c.given != nil {
				c.given(w)
			}
			e := w.decided("d1", "account:a.example", c.play)
			w.do(e)
			w.do(e)
			want(t, "the ledger", []string{"handoff " + c.want}, w.rows("account:a.example"))
			if len(w.bus.events) > 0 || len(w.item("account:a.example").Slots) > 0 || len(w.team().Open) > 0 {
				t.Errorf("told %q, item %+v", w.told(), w.item("account:a.example"))
			}
		})
	}
}

// A decision that was stopped stays stopped: a redelivery after the pause must not act on what explain says was not done.
func TestResumeDoesNotActOnWhatWasStopped(t *testing.T) {
	w, ctx := plain(t), context.Background()
	if err := Pause(ctx, w.accounts, "call", routing.Switch{At: noon, By: "kim", Why: "wrong list"}); err != nil {
		t.Fatal(err)
	}
	e := w.decided("d1", "account:a.example", "call")
	w.do(e)
	if err := Resume(ctx, w.accounts, "call", routing.Switch{At: noon, By: "kim"}); err != nil {
		t.Fatal(err)
	}
	w.do(e)
	want(t, "told", nil, w.told())
	w.do(w.decided("d2", "account:a.example", "call"))
	want(t, "told", []string{"HandoffOffered account:a.example call open"}, w.told())
	s, err := Switches(ctx, w.accounts, []string{"call", "demo"})
	if err != nil || len(s["call"].Changes) != 2 || s["call"].Paused != nil || len(s["demo"].Changes) != 0 {
		t.Errorf("switches %+v, %v", s, err)
	}
	if err := Resume(ctx, w.accounts, "call", routing.Switch{At: noon, By: "kim"}); !errors.Is(err, ErrRuns) {
		t.Errorf("a play that runs was resumed: %v", err)
	}
	if again, err := Switches(ctx, w.accounts, []string{"call", "demo"}); err != nil || cmp.Diff(s, again) != "" {
		t.Errorf("it changed: %+v, %v", again, err)
	}
	if err := SetMode(ctx, w.accounts, "call", "loud", routing.Switch{}); err == nil {
		t.Error("the mode loud was set")
	}
}

func TestBreakerTripsOnceAndCountsNothingTwice(t *testing.T) {
	w := plain(t)
	for i := range 5 {
		e := w.decided(fmt.Sprintf("d%d", i), fmt.Sprintf("account:a%d.example", i), "call")
		w.do(e)
		w.do(e)
	}
	want(t, "told", []string{
		"HandoffOffered account:a0.example call open", "HandoffOffered account:a1.example call open", "HandoffOffered account:a2.example call open",
	}, w.told())
	want(t, "the fourth", []string{"handoff breaker"}, w.rows("account:a3.example"))
	want(t, "the fifth", []string{"handoff breaker"}, w.rows("account:a4.example"))
	if err := Resume(context.Background(), w.accounts, "call", routing.Switch{At: noon, By: "kim", Why: "it was a launch"}); err != nil {
		t.Fatal(err)
	}
	w.do(w.decided("d9", "account:a9.example", "call"))
	if n := len(w.bus.events); n != 4 {
		t.Errorf("%d told after the resume, want 4", n)
	}
}

func TestBatchWithADuplicate(t *testing.T) {
	w := plain(t)
	stop, offer := w.decided("d1", "account:a.example", "watch"), w.decided("d2", "account:a.example", "call")
	batch := []event.Envelope{stop, offer, stop, offer, {DetailType: "Something"}, {DetailType: event.DecisionMade, Detail: []byte(`{"id":7}`)}}
	errs := w.Handle(context.Background(), batch)
	for i, err := range errs {
		if (err != nil) != (i == 5) {
			t.Errorf("event %d: %v", i, err)
		}
	}
	want(t, "told", []string{"HandoffOffered account:a.example call open"}, w.told())
	want(t, "the ledger", []string{"handoff observed", "handoff offered"}, w.rows("account:a.example"))
}

func TestBadEvents(t *testing.T) {
	w := plain(t)
	for _, c := range []struct{ kind, detail, says string }{
		{event.DecisionMade, `{`, "cannot be read"},
		{event.DecisionMade, `{"id":"d","account":"a","play":"p","newer_field":1}`, "newer_field"},
		{event.DecisionMade, `{"id":"d","account":"account:a.example"}`, "lacks one of"},
		{event.TouchRecorded, `[]`, "cannot be read"},
		{event.TouchRecorded, `{"touch":{"id":"0000000000000000","kind":"first_outreach"}}`, "lacks its subject"},
	} {
		err := w.Handle(context.Background(), []event.Envelope{{DetailType: c.kind, Detail: []byte(c.detail)}})[0]
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v; want one that says %q", c.kind, c.detail, err, c.says)
		}
	}
	w.do(envelopeOf(t, event.TouchRecorded, event.TouchDetail{Touch: touch.Touch{Kind: touch.PageViewed, Subject: "email:x@y.z", Time: noon}}))
	if n := len(w.everything()); n != 0 {
		t.Errorf("bad events left %d items", n)
	}
	w.gates.err = store.ErrUnavailable
	if err := w.Handle(context.Background(), []event.Envelope{w.decided("d", "account:a.example", "call")})[0]; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("gates out of reach: %v", err)
	}
}

func TestFeedbackThatFitsNothing(t *testing.T) {
	w := plain(t)
	e := w.answer("f1", touch.HandoffAccepted, "contact:crm/9", touch.Feedback{Handoff: "hof_0000000000000000"})
	w.do(e)
	w.do(e)
	want(t, "the ledger", []string{"handoff unmatched"}, w.rows("contact:crm/9"))
}

func TestFeedbackBeforeItsHandoff(t *testing.T) {
	w := plain(t)
	const a = "account:a.example"
	w.gates.resolves["email:p@a.example"] = a
	decision := w.decided("d1", a, "call")
	w.clock = noon.Add(10 * time.Minute)
	answer := w.answer("f1", touch.FirstOutreach, "email:p@a.example", touch.Feedback{Play: "call"})
	w.do(answer)
	want(t, "told", nil, w.told())
	w.clock = noon.Add(20 * time.Minute)
	w.do(decision)
	w.do(answer)
	want(t, "told", []string{"HandoffOffered account:a.example call first_outreach"}, w.told())
	want(t, "the ledger", []string{"handoff offered", "handoff early", "handoff first_outreach"}, w.rows(a))
	w.clock = noon.Add(3 * time.Hour)
	w.do(tick())
	if n := len(w.bus.events); n != 1 {
		t.Errorf("somebody was reminded of a buyer who was called: %q", w.told())
	}
}

// A person without a company is handed over; then they are linked to one. Nobody is called twice, the deadline stands,
// and answers by the old id still arrive.
func TestPersonJoinsAccount(t *testing.T) {
	const person, company = "email:p@gmail.example", "account:a.example"
	w := plain(t)
	w.do(w.decided("d1", person, "call"))
	id := routing.HandoffID("d1")
	w.gates.accounts[person] = routing.GateState{Forward: company}
	w.gates.accounts[company] = routing.GateState{Former: []string{person}}
	w.gates.resolves[person] = company
	w.clock = noon.Add(5 * time.Minute)
	w.do(w.decided("d2", company, "call"))
	want(t, "told", []string{"HandoffOffered email:p@gmail.example call open"}, w.told())
	want(t, "the ledger", []string{"handoff already_open"}, w.rows(company))
	slot := w.item(company).Slot(id)
	if slot == nil || slot.Owner != "ann@x.example" || !slot.DueAt.Equal(noon.Add(time.Hour)) {
		t.Fatalf("the joined slot is %+v", slot)
	}
	if left := w.item(person); len(left.Slots) != 0 || left.Forward != company {
		t.Errorf("the person's item still holds %+v", left)
	}
	w.do(w.decided("d1", person, "call")) // the first decision again
	w.clock = noon.Add(10 * time.Minute)
	w.do(w.answer("f1", touch.HandoffRejected, "contact:crm/9", touch.Feedback{Handoff: id, Reason: "student"}))
	want(t, "told", []string{"HandoffOffered email:p@gmail.example call open", "HandoffClosed account:a.example call rejected"}, w.told())
	if n := len(w.team().Open); n != 0 {
		t.Errorf("%d reps still hold something", n)
	}
}

// Both had one open: the earlier keeps the place, the other is closed and its rep let go, by the next sweep.
func TestTwoOpenHandoffsJoin(t *testing.T) {
	const person, company = "email:p@gmail.example", "account:a.example"
	w := plain(t)
	w.do(w.decided("d1", person, "call"))
	w.clock = noon.Add(time.Minute)
	w.do(w.decided("d2", company, "call"))
	want(t, "the team", map[string]int{"ann@x.example": 1, "bob@x.example": 1}, w.team().Open)
	w.gates.accounts[person] = routing.GateState{Forward: company}
	w.clock = noon.Add(45 * time.Minute) // the person's reminder makes the sweep look
	w.do(tick())
	want(t, "told", []string{
		"HandoffOffered email:p@gmail.example call open", "HandoffOffered account:a.example call open",
		"HandoffClosed account:a.example call recycled", "HandoffReminded account:a.example call open ann@x.example",
	}, w.told())
	want(t, "the team", map[string]int{"ann@x.example": 1}, w.team().Open)
}

func TestSweepWithdrawsWithoutConsent(t *testing.T) {
	const a = "account:a.example"
	w := plain(t)
	w.do(w.decided("d1", a, "call"))
	w.gates.persons["email:p@"+a] = routing.GateState{ConsentWithdrawn: true}
	w.clock = noon.Add(45 * time.Minute)
	w.do(tick())
	want(t, "told", []string{"HandoffOffered account:a.example call open", "HandoffClosed account:a.example call recycled"}, w.told())
	if n := len(w.team().Open); n != 0 {
		t.Errorf("%d reps still hold something", n)
	}
}

func TestOpenListsWhatWaits(t *testing.T) {
	w := plain(t)
	w.do(w.decided("d1", "account:a.example", "call"))
	w.do(w.decided("d2", "account:b.example", "demo"))
	w.do(w.decided("d3", "account:c.example", "care"))
	w.do(w.decided("d4", "account:d.example", "call"))
	w.do(w.answer("f1", touch.FirstOutreach, "account:b.example", touch.Feedback{Handoff: routing.HandoffID("d2")}))
	w.do(w.answer("f2", touch.HandoffRejected, "account:d.example", touch.Feedback{Handoff: routing.HandoffID("d4")}))
	got := map[string]string{}
	for x, err := range Open(context.Background(), w.accounts) {
		if err != nil {
			t.Fatal(err)
		}
		got[x.Account] = string(x.State())
	}
	want(t, "open", map[string]string{"account:a.example": "open", "account:b.example": "first_outreach"}, got)
}
