package route

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// watched is a route function of which every word is kept.
type watched struct {
	*world
	log, metrics bytes.Buffer
	handler      event.Handler
}

func watchWorld(t *testing.T) *watched {
	w := &watched{world: plain(t)}
	w.handler = &watch.Handler{Function: "route", Next: w.Handler, Log: slog.New(slog.NewJSONHandler(&w.log, nil)), Metrics: &w.metrics, Namespace: "N",
		Now: func() time.Time { return w.clock }}
	return w
}

// hear handles a batch and answers what was counted, by name, and by reason behind a slash.
func (w *watched) hear(batch ...event.Envelope) map[string]float64 {
	w.t.Helper()
	w.metrics.Reset()
	for _, err := range w.handler.Handle(context.Background(), batch) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	got := map[string]float64{}
	for text := range bytes.Lines(w.metrics.Bytes()) {
		var doc map[string]any
		if err := json.Unmarshal(text, &doc); err != nil {
			w.t.Fatal(err)
		}
		for name, v := range doc {
			n, ok := v.(float64)
			if reason, labelled := doc["Reason"].(string); labelled && name == "Suppressed" && ok {
				name += "/" + reason
			}
			if ok && name != "Events" && name != "FailedEvents" && name != "StoreThrottles" && name != "PublishThrottles" { // always there, for alarms
				got[name] = n
			}
		}
	}
	return got
}

func (w *watched) counts(t *testing.T, what string, want map[string]float64, batch ...event.Envelope) {
	t.Helper()
	got := w.hear(batch...)
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s: %s is %v, want %v: %v", what, name, got[name], n, got)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is counted, too: %v", what, name, got)
		}
	}
}

func TestWhatBecomesOfHandoffsIsCounted(t *testing.T) {
	w := watchWorld(t)
	const a, b, c = "account:a.example", "account:b.example", "account:c.example"
	w.gates.accounts[c] = routing.GateState{Customer: true}
	first := w.decided("d1", a, "call")
	w.counts(t, "decisions", map[string]float64{"Offered": 2, "Enrolled": 1, "Suppressed": 2, "Suppressed/observed": 1, "Suppressed/gated": 1},
		first, w.decided("d2", b, "call"), w.decided("d3", b, "watch"), w.decided("d4", "account:d.example", "care"), w.decided("d5", c, "call"))
	w.counts(t, "a duplicate", map[string]float64{"Duplicates": 1}, first)
	w.counts(t, "a tick with nothing due", map[string]float64{"HandoffsOpen": 2, "HandoffsDue": 0, "SweepLag": 0}, tick())

	w.clock = noon.Add(50 * time.Minute) // reminders went out at 45
	w.counts(t, "reminders", map[string]float64{"Reminders": 2, "HandoffsOpen": 2, "HandoffsDue": 2, "SweepLag": 300}, tick())
	w.clock = noon.Add(55 * time.Minute)
	w.counts(t, "an answer", map[string]float64{"Answers": 1}, w.answer("f1", touch.FirstOutreach, b, touch.Feedback{Play: "call"}))
	w.clock = noon.Add(time.Hour) // the deadline
	w.counts(t, "a deadline", map[string]float64{"Escalations": 1, "SLABreaches": 1, "HandoffsOpen": 2, "HandoffsDue": 1, "SweepLag": 0}, tick())
	w.clock = noon.Add(3 * time.Hour)
	w.counts(t, "hours after", map[string]float64{"HandoffsOpen": 2, "HandoffsDue": 0, "SweepLag": 0}, tick())
	w.counts(t, "an answer that fits nothing", map[string]float64{"UnmatchedAnswers": 1},
		w.answer("f2", touch.HandoffAccepted, "contact:crm/9", touch.Feedback{Handoff: "hof_0000000000000000"}))
	w.clock = noon.AddDate(0, 0, 60)
	if got := w.hear(tick()); got["Recycled"] != 2 || got["HandoffsOpen"] != 0 || got["SLABreaches"] != 0 {
		t.Errorf("after sixty days: %v, want both recycled and none left", got)
	}
	w.gates.accounts[a] = routing.GateState{}
	for i, d := range []string{"d6", "d7", "d8", "d9"} { // at most three an hour
		got := w.hear(w.decided(d, "account:"+d+".example", "call"))
		if want := map[bool]float64{true: 1}[i == 3]; got["BreakersTripped"] != want {
			t.Errorf("decision %d of an hour that takes three: %v", i+1, got)
		}
	}
}

// An outreach after the deadline breaks the SLA also where the sweep was late to see it; one in time that is heard of
// late does not.
func TestALateOutreachIsABreachOnce(t *testing.T) {
	for after, want := range map[time.Duration]float64{59 * time.Minute: 0, 61 * time.Minute: 1} {
		w := watchWorld(t)
		w.hear(w.decided("d1", "account:a.example", "call"))
		w.clock = noon.Add(after)
		answer := w.answer("f1", touch.FirstOutreach, "account:a.example", touch.Feedback{Play: "call"})
		w.clock = noon.Add(2 * time.Hour)
		if got := w.hear(answer); got["SLABreaches"] != want || got["Answers"] != 1 {
			t.Errorf("an outreach after %s: %v, want %v breaches", after, got, want)
		}
		if got := w.hear(answer, tick()); got["SLABreaches"] != 0 {
			t.Errorf("an outreach after %s is counted again: %v", after, got)
		}
	}
}

func TestLinesNameNobody(t *testing.T) {
	w := watchWorld(t)
	w.hear(w.decided("d1", "email:pat@gmail.example", "call"), w.answer("f1", touch.HandoffAccepted, "email:pat@gmail.example", touch.Feedback{Rep: "Ann Lee"}))
	if s := w.log.String(); strings.Contains(s, "pat") || strings.Contains(s, "Ann") || strings.Count(s, "\n") != 2 {
		t.Errorf("two events left\n%s", s)
	}
	var line map[string]any
	if err := json.Unmarshal(w.log.Bytes()[:bytes.IndexByte(w.log.Bytes(), '\n')], &line); err != nil || line["outcome"] != "offered" || line["play"] != "call" ||
		line["correlation_id"] != "c-d1" || line["handoff"] != routing.HandoffID("d1") {
		t.Errorf("%v: %v", err, line)
	}
}

// What the clock does names the tick, what an answer does names its touch; both go on from the event that began it all.
func TestTellingsNameTheirCause(t *testing.T) {
	w := plain(t)
	w.do(w.decided("d1", "account:a.example", "call"))
	w.clock = noon.Add(time.Hour)
	w.do(tick())
	answer := w.answer("f1", touch.HandoffRejected, "account:a.example", touch.Feedback{Play: "call"})
	w.do(answer)
	var got []string
	for _, e := range w.bus.events {
		d := w.detail(e)
		got = append(got, e.DetailType+" "+d.Correlation+" "+d.Causation)
	}
	want(t, "told", []string{"HandoffOffered c-d1 d1", "HandoffEscalated c-d1 tick", "HandoffClosed c-d1 " + touch.NewID("crm", touch.HandoffRejected, "f1", 0).String()}, got)
}
