package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/infra/local"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/invoke"
	"handoff/shared/pattern"
)

func TestInvocationsAreGenerated(t *testing.T) {
	samples, err := fs.Sub(events.Samples, "samples")
	if err != nil {
		t.Fatal(err)
	}
	want, err := makeInvocations(samples)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	err = fs.WalkDir(events.Invocations, "samples", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			got[strings.TrimPrefix(p, "samples/")], err = fs.ReadFile(events.Invocations, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range want {
		if !bytes.Equal(text, got[file]) {
			t.Errorf("events/samples/%s is not what its samples make: run go generate ./events", file)
		}
	}
	for file := range got {
		if want[file] == nil {
			t.Errorf("events/samples/%s is made of nothing: name its samples in events/prepare", file)
		}
	}
}

// Every function has a batch and a bare event, in Lambda's own shapes, and each event in them is one that the template's
// rules send to that function.
func TestInvocationsReachTheirFunction(t *testing.T) {
	text, err := stack.FindTemplate()
	if err != nil {
		t.Fatal(err)
	}
	top, err := local.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range top.Functions {
		if f.Queue == "" {
			continue // driven by no queue, so by no event of the bus
		}
		stage := strings.ToLower(strings.TrimSuffix(f.ID, "Function"))
		for _, file := range []string{"queue.json", "event.json", "sweep.json"} {
			payload, err := fs.ReadFile(events.Invocations, path.Join("samples", stage, file))
			swept := slices.ContainsFunc(top.Rules, func(r local.Rule) bool { return r.Every > 0 && targets(r, f.Queue) })
			if file == "sweep.json" && !swept {
				if err == nil {
					t.Errorf("%s has a sweep.json, and no schedule reaches it", stage)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", stage, err)
				continue
			}
			for _, body := range bodies(t, file, payload) {
				e, err := invoke.Envelope(body)
				if err != nil {
					t.Errorf("%s/%s: %v", stage, file, err)
					continue
				}
				if !reaches(t, top, &e, body, f.Queue) {
					t.Errorf("%s/%s: no rule sends %s of %s to %s", stage, file, e.DetailType, e.Source, f.Queue)
				}
				if (file == "sweep.json") != event.Tick(&e) {
					t.Errorf("%s/%s holds %s", stage, file, e.DetailType)
				}
			}
		}
	}
}

// bodies are the events of a payload, which must be what Lambda's own types know and nothing else.
func bodies(t *testing.T, file string, payload []byte) [][]byte {
	t.Helper()
	strict := func(v any) {
		t.Helper()
		dec := json.NewDecoder(bytes.NewReader(payload))
		dec.DisallowUnknownFields()
		if err := dec.Decode(v); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if file == "event.json" {
		strict(new(lambdaevents.EventBridgeEvent))
		return [][]byte{payload}
	}
	var batch lambdaevents.SQSEvent
	strict(&batch)
	var out [][]byte
	ids := map[string]bool{}
	for _, r := range batch.Records {
		ids[r.MessageId] = true
		keys := []string{"ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"}
		var got []string
		for k := range r.Attributes {
			got = append(got, k)
		}
		slices.Sort(got)
		if d := cmp.Diff(keys, got); d != "" || r.EventSource != "aws:sqs" || len(r.MessageId) != 36 {
			t.Errorf("%s: message %s from %s: attributes (-want +got):\n%s", file, r.MessageId, r.EventSource, d)
		}
		out = append(out, []byte(r.Body))
	}
	if len(ids) != len(batch.Records) || len(ids) == 0 {
		t.Errorf("%s: %d ids for %d messages", file, len(ids), len(batch.Records))
	}
	return out
}

func targets(r local.Rule, queue string) bool {
	return slices.ContainsFunc(r.Targets, func(t local.Target) bool { return t.Queue == queue })
}

func reaches(t *testing.T, top *local.Topology, e *event.Envelope, raw []byte, queue string) bool {
	t.Helper()
	for _, r := range top.Rules {
		if !targets(r, queue) {
			continue
		}
		if r.Pattern == nil && event.Tick(e) {
			return true
		}
		if r.Pattern == nil {
			continue
		}
		p, err := pattern.Compile(r.Pattern)
		if err != nil {
			t.Fatal(err)
		}
		var parsed pattern.Event
		if err := pattern.Parse(raw, &parsed); err != nil {
			t.Fatal(err)
		}
		if p.Match(&parsed) {
			return true
		}
	}
	return false
}
