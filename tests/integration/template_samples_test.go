package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"handoff/events"
	"handoff/infra/local"
	"handoff/shared/event"
	"handoff/shared/pattern"
	"handoff/shared/touch"
)

// heard says by which rules each of our detail types is heard on a stack with a CRM and a chat; what tools send, ingest
// hears alone.
var heard = map[string][]string{
	event.TouchRecorded: {"ScoreRule"}, event.AccountEnriched: {"ScoreRule"}, event.EnrichmentWanted: {"EnrichRule"}, event.DecisionMade: {"RouteRule"},
	event.ConversionRecorded: {"AttributionRule"}, event.CreditsDue: {"AttributionRule"},
	event.HandoffOffered: {"ChatRule", "CrmRule"}, event.HandoffReminded: {"ChatRule", "CrmRule"}, event.HandoffEscalated: {"ChatRule", "CrmRule"},
	event.HandoffClosed: {"CrmRule"},
}

// checkSample compares the rules of our bus that a sample matches with those that its header, source and detail type,
// names.
func checkSample(rules map[string]*pattern.Pattern, raw []byte) (bad []string) {
	var e event.Envelope
	var parsed pattern.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return []string{err.Error()}
	}
	if err := pattern.Parse(raw, &parsed); err != nil {
		return []string{err.Error()}
	}
	want := []string{"IngestRule"}
	if e.Source == event.Source {
		want = slices.Clone(heard[e.DetailType])
		var d event.TouchDetail
		if e.DetailType == event.TouchRecorded && json.Unmarshal(e.Detail, &d) == nil && slices.Contains(touch.FeedbackKinds, d.Touch.Kind) {
			want = append(want, "FeedbackRule")
		}
	}
	var got []string
	for id, p := range rules {
		if p.Match(&parsed) {
			got = append(got, id)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		bad = append(bad, fmt.Sprintf("%s of %s reaches %v, want %v", e.DetailType, e.Source, got, want))
	}
	return bad
}

// Every sample reaches the rules that its header names and no others, destinations included.
func TestSamplesReachTheirRules(t *testing.T) {
	compile := func(d doc) map[string]*pattern.Pattern {
		out := map[string]*pattern.Pattern{}
		for _, id := range d.of("AWS::Events::Rule") {
			p := d.properties(id)
			if named(p["EventBusName"]) != "Bus" {
				continue // the sweep, and what is forwarded from other buses
			}
			raw, err := json.Marshal(p["EventPattern"])
			if err == nil {
				out[id], err = pattern.Compile(raw)
			}
			if err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
		return out
	}
	samples := map[string][]byte{}
	err := fs.WalkDir(events.Samples, "samples", func(file string, f fs.DirEntry, err error) error {
		if err != nil || f.IsDir() || !strings.HasSuffix(file, ".json") {
			return err
		}
		samples[file], err = fs.ReadFile(events.Samples, file)
		return err
	})
	if err != nil || len(samples) < 100 {
		t.Fatalf("%d samples: %v", len(samples), err)
	}
	const offered = "samples/HandoffOffered/valid/sales-call.json"
	check := func(d doc) (bad []string) {
		rules := compile(d)
		for file, raw := range samples {
			for _, p := range checkSample(rules, raw) {
				bad = append(bad, file+": "+p)
			}
		}
		return bad
	}
	hold(t, check,
		change{"a rule that hears too much", func(d doc) { remove(d, "RouteRule", "detail-type", "EventPattern") }, "TouchRecorded of handoff reaches [RouteRule ScoreRule], want [ScoreRule]"},
		change{"a rule that hears too little", func(d doc) {
			set(d, "ScoreRule", "detail-type", []any{event.TouchRecorded}, "EventPattern")
		}, "AccountEnriched of handoff reaches [], want [ScoreRule]"},
		change{"a destination that hears of decisions", func(d doc) {
			set(d, "ChatRule", "detail-type", []any{event.DecisionMade}, "EventPattern")
		}, "DecisionMade of handoff reaches [ChatRule RouteRule], want [RouteRule]"},
		change{"ingest that hears us", func(d doc) {
			set(d, "IngestRule", "source", []any{map[string]any{"exists": true}}, "EventPattern")
		}, "reaches [ChatRule CrmRule IngestRule], want [ChatRule CrmRule]"},
	)
	if bad := checkSample(compile(parseDoc(t)), []byte(strings.Replace(string(samples[offered]), `"source": "handoff"`, `"source": "hand-off"`, 1))); len(bad) != 0 {
		t.Errorf("a tool's event with one of our names: %v", bad) // ingest hears it, and no destination
	}
	// The runtime of one machine reads the same patterns.
	top, err := local.Load(templateText(t))
	if err != nil {
		t.Fatal(err)
	}
	whole := compile(parseDoc(t))
	n := 0
	for _, r := range top.Rules {
		if p := whole[r.ID]; p != nil {
			here, err := pattern.Compile(r.Pattern)
			if n++; err != nil || !bytes.Equal(here.Canonical(), p.Canonical()) {
				t.Errorf("%s: another pattern on one machine, %v", r.ID, err)
			}
		}
	}
	if n != 6 {
		t.Errorf("%d rules were compared, want one a function and one for answers", n)
	}
}
