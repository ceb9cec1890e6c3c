package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/shared/watch"
	"handoff/tests/rig"
)

// heard keeps what the functions publish.
type heard struct {
	event.Publisher
	sent *[]event.Envelope
}

func (h heard) Publish(ctx context.Context, events []event.Envelope) error {
	*h.sent = append(*h.sent, events...)
	return h.Publisher.Publish(ctx, events)
}

// meta reads the ids of one of our events.
func meta(t *testing.T, e *event.Envelope) event.Meta {
	t.Helper()
	var m event.Meta
	if err := json.Unmarshal(e.Detail, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// One event from outside, a deal won at a company that nobody has heard of, goes through all five functions. Every line
// of their logs and every event of theirs that it led to has its correlation id, and each names what caused it.
func TestOneEventIsFollowedThroughAllFunctions(t *testing.T) {
	var log bytes.Buffer
	var sent []event.Envelope
	r := rig.Open(t, rig.Config{
		Dataset: known, Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Bus: func(p event.Publisher) event.Publisher { return heard{p, &sent} },
	})
	won := rig.Say("w1", touch.OpportunityWon, "opportunity:crm/7", rig.Noon, rig.Links("account:globex.example"), rig.Deal("crm/7", "won", 500000))
	other := rig.Say("x1", touch.PageViewed, "anon:web/9", rig.Noon)
	r.Play([]event.Envelope{other, won})
	r.Quiet()

	first := event.Meta{}
	for i := range sent {
		if sent[i].DetailType == event.TouchRecorded && strings.Contains(string(sent[i].Detail), `"producer_id":"w1"`) {
			first = meta(t, &sent[i])
		}
	}
	if first.Correlation == "" {
		t.Fatalf("no touch was made of the deal: %d events published", len(sent))
	}

	var functions []string
	outside := ""
	for text := range bytes.Lines(log.Bytes()) {
		var line map[string]any
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatal(err)
		}
		if line["msg"] != watch.Message || line["correlation_id"] != first.Correlation {
			continue
		}
		function := line["function"].(string)
		if !slices.Contains(functions, function) {
			functions = append(functions, function)
		}
		if function == "ingest" {
			outside = line["event_id"].(string)
		}
	}
	slices.Sort(functions)
	if d := cmp.Diff([]string{"attribution", "enrich", "ingest", "route", "score"}, functions); d != "" {
		t.Errorf("functions whose lines have the id (-want +got):\n%s", d)
	}
	if first.Causation == "" || first.Causation != outside {
		t.Errorf("the touch was caused by %q, want the event that ingest was given, %q", first.Causation, outside)
	}

	told := map[string]bool{}
	for i := range sent {
		if m := meta(t, &sent[i]); m.Correlation == first.Correlation {
			told[sent[i].DetailType] = true
			if m.Causation == "" || m.Causation == m.Correlation && sent[i].DetailType == event.TouchRecorded {
				t.Errorf("%s names no cause: %s", sent[i].DetailType, sent[i].Detail)
			}
		}
	}
	for _, want := range []string{event.TouchRecorded, event.EnrichmentWanted, event.AccountEnriched, event.DecisionMade, event.ConversionRecorded, event.RevenueAttributed} {
		if !told[want] {
			t.Errorf("no %s has the id; those that have: %v", want, told)
		}
	}
}

// Everything that the story makes the functions say says where it began and what caused it: what the clock, an answer or
// a late touch led to, too.
func TestEveryEventHasItsIDs(t *testing.T) {
	var sent []event.Envelope
	tell(t, rig.Config{Bus: func(p event.Publisher) event.Publisher { return heard{p, &sent} }})
	known, kinds := map[string]bool{}, map[string]int{}
	for i := range sent {
		if sent[i].DetailType == event.TouchRecorded {
			d, err := event.ReadTouch(sent[i].Detail)
			if err != nil {
				t.Fatal(err)
			}
			known[d.Touch.ID.String()] = true
		}
	}
	for i := range sent {
		e := &sent[i]
		kinds[e.DetailType]++
		switch m := meta(t, e); {
		case m.Correlation == "" || m.Causation == "":
			t.Errorf("%s lacks an id: %s", e.DetailType, e.Detail)
		case !known[m.Correlation] && strings.Contains(string(e.Detail), `"play":"onboarding_stalled"`): // a silence: see below
		case !known[m.Correlation]:
			t.Errorf("%s began with %s, which is no touch: %s", e.DetailType, m.Correlation, e.Detail)
		}
	}
	for _, kind := range event.DetailTypes {
		if kinds[kind] == 0 && kind != event.PolicyActivated && kind != event.HandoffReassigned { // an operator has these said
			t.Errorf("the story publishes no %s", kind)
		}
	}
}

// What nothing from outside led to begins with the tick that found it due.
func TestASilenceBeginsWithItsTick(t *testing.T) {
	var sent []event.Envelope
	r := rig.Open(t, rig.Config{Dataset: known, Bus: func(p event.Publisher) event.Publisher { return heard{p, &sent} }})
	r.Play([]event.Envelope{rig.Say("w1", touch.OpportunityWon, "opportunity:crm/7", rig.Noon, rig.Links("account:globex.example"), rig.Deal("crm/7", "won", 500000))})
	r.AdvanceTo(rig.Noon.Add(20 * 24 * time.Hour)) // nobody came on board in two weeks
	r.Quiet()
	for i := range sent {
		if sent[i].DetailType != event.DecisionMade || !strings.Contains(string(sent[i].Detail), `"onboarding_stalled"`) {
			continue
		}
		var d event.Decision
		if err := json.Unmarshal(sent[i].Detail, &d); err != nil || d.Play != "onboarding_stalled" {
			continue
		}
		if _, err := touch.ParseID(d.Causation); err == nil || d.Causation == "" || d.Correlation != d.Causation {
			t.Errorf("it was caused by %q and began with %q, want a tick", d.Causation, d.Correlation)
		}
		return
	}
	t.Error("nobody noticed that the customer did not come on board")
}
