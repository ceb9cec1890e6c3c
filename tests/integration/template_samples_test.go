package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
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
	event.HandoffReassigned: {"ChatRule", "CrmRule"},
	event.HandoffClosed:     {"CrmRule"},
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
		if e.DetailType == event.TouchRecorded && json.Unmarshal(e.Detail, &d) == nil && slices.Contains(touch.RouteKinds, d.Touch.Kind) {
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

// invocations are the events of the payloads that Lambda invokes each function with, by file.
func invocations(t *testing.T) map[string][][]byte {
	t.Helper()
	files, err := fs.Glob(events.Invocations, "samples/*/*.json")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d payloads: %v", len(files), err)
	}
	out := map[string][][]byte{}
	for _, file := range files {
		raw, err := fs.ReadFile(events.Invocations, file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(file, "samples/")
		if path.Base(file) == "event.json" {
			out[name] = [][]byte{raw}
			continue
		}
		var batch struct{ Records []struct{ Body string } }
		if err := json.Unmarshal(raw, &batch); err != nil || len(batch.Records) == 0 {
			t.Fatalf("%s: %d messages, %v", name, len(batch.Records), err)
		}
		for _, r := range batch.Records {
			out[name] = append(out[name], []byte(r.Body))
		}
	}
	return out
}

// checkInvocations finds events in a function's payloads that no rule would have brought to its queue.
func checkInvocations(d doc, rules map[string]*pattern.Pattern, of map[string][][]byte) (bad []string) {
	for _, file := range slices.Sorted(maps.Keys(of)) {
		function := path.Dir(file)
		queue := strings.ToUpper(function[:1]) + function[1:] + "Queue"
		for _, raw := range of[file] {
			var e event.Envelope
			var parsed pattern.Event
			if err := json.Unmarshal(raw, &e); err != nil {
				bad = append(bad, fmt.Sprintf("%s: %v", file, err))
				continue
			}
			if err := pattern.Parse(raw, &parsed); err != nil {
				bad = append(bad, fmt.Sprintf("%s: %v", file, err))
				continue
			}
			brought := slices.ContainsFunc(d.of("AWS::Events::Rule"), func(rule string) bool {
				matches := d.scheduled(rule) && event.Tick(&e) || rules[rule] != nil && rules[rule].Match(&parsed)
				return matches && slices.ContainsFunc(list(d.properties(rule)["Targets"]), func(target any) bool { return named(at(target, "Arn")) == queue })
			})
			if !brought {
				bad = append(bad, fmt.Sprintf("%s: no rule brings %s of %s to %s", file, e.DetailType, e.Source, queue))
			}
		}
	}
	return bad
}

// Every sample reaches the rules that its header names and no others, destinations included; what tools post to the webhook
// front reaches ingest, and what a function's payload holds would have come to its queue.
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
	// What the webhook front makes of what tools post comes by the bus, like what they put there themselves.
	for tool, raw := range published(t) {
		samples["samples/webhook/"+tool+".json"] = raw
	}
	invoked := invocations(t)
	check := func(d doc) (bad []string) {
		rules := compile(d)
		for file, raw := range samples {
			for _, p := range checkSample(rules, raw) {
				bad = append(bad, file+": "+p)
			}
		}
		return append(bad, checkInvocations(d, rules, invoked)...)
	}
	hold(t, check,
		change{"a rule that hears too much", func(d doc) { remove(d, "RouteRule", "detail-type", "EventPattern") }, "TouchRecorded of handoff reaches [RouteRule ScoreRule], want [ScoreRule]"},
		change{"a rule that hears too little", func(d doc) {
			set(d, "ScoreRule", "detail-type", []any{event.TouchRecorded}, "EventPattern")
		}, "AccountEnriched of handoff reaches [], want [ScoreRule]"},
		change{"a destination that hears of decisions", func(d doc) {
			set(d, "ChatRule", "detail-type", []any{event.DecisionMade}, "EventPattern")
		}, "DecisionMade of handoff reaches [ChatRule RouteRule], want [RouteRule]"},
		change{"a function that hears what its sample is not", func(d doc) {
			set(d, "AttributionRule", "detail-type", []any{event.ConversionRecorded}, "EventPattern")
		}, "attribution/queue.json: no rule brings CreditsDue of handoff to AttributionQueue"},
		change{"a tick that goes to one function alone", func(d doc) {
			p := d.properties("SweepRule")
			p["Targets"] = list(p["Targets"])[:1]
		}, "route/sweep.json: no rule brings Scheduled Event of aws.events to RouteQueue"},
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
