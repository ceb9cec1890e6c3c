package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"handoff/infra/lambda"
	"handoff/shared/event"
)

// invocations are the payloads that Lambda invokes each function with, made of the samples of events: queue.json is a
// batch of its queue, event.json an event without a queue around it, sweep.json the queue with the schedule's tick.
var invocations = map[string][]string{
	"ingest/queue.json": {"segment/valid/track-demo-requested", "stripe/valid/invoice-paid", "Touch/valid/whole", "Touch/invalid/no-id"},
	"ingest/event.json": {"segment/valid/page-pricing"},
	// The second message is the first once more: a queue delivers at least once.
	"enrich/queue.json":      {"EnrichmentWanted/valid/initech", "EnrichmentWanted/valid/initech"},
	"enrich/event.json":      {"EnrichmentWanted/valid/initech"},
	"score/queue.json":       {"TouchRecorded/valid/pricing-viewed", "TouchRecorded/valid/demo-requested", "AccountEnriched/valid/dataset"},
	"score/event.json":       {"TouchRecorded/valid/demo-requested"},
	"score/sweep.json":       {sweep},
	"route/queue.json":       {"DecisionMade/valid/hand-raise", "TouchRecorded/valid/handoff-accepted"},
	"route/event.json":       {"DecisionMade/valid/hand-raise"},
	"route/sweep.json":       {sweep},
	"attribution/queue.json": {"ConversionRecorded/valid/deal", "CreditsDue/valid/late-touch"},
	"attribution/event.json": {"ConversionRecorded/valid/deal"},
}

// sweep stands for the tick of the template's schedule, which is EventBridge's own event.
const sweep = "the sweep's tick"

// makeInvocations makes the files, by their path under samples.
func makeInvocations(samples fs.FS) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, file := range slices.Sorted(maps.Keys(invocations)) {
		payload, err := invocation(samples, file)
		if err != nil {
			return nil, fmt.Errorf("samples/%s: %w", file, err)
		}
		var text bytes.Buffer
		if err := json.Indent(&text, payload, "", "  "); err != nil {
			return nil, fmt.Errorf("samples/%s: %w", file, err)
		}
		text.WriteByte('\n')
		out[file] = text.Bytes()
	}
	return out, nil
}

func invocation(samples fs.FS, file string) ([]byte, error) {
	var messages []lambda.Message
	region, function := "", path.Dir(file)
	for i, name := range invocations[file] {
		body, err := sample(samples, name)
		if err != nil {
			return nil, err
		}
		var e event.Envelope
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if region == "" {
			region = e.Region
		}
		sum := sha256.Sum256(fmt.Append(nil, file, i))
		sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80 // a UUID's version and variant
		id := fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
		messages = append(messages, lambda.Message{ID: id, Body: body, Receives: 1, Sent: e.Time, First: e.Time.Add(200 * time.Millisecond)})
	}
	if path.Base(file) == "event.json" {
		return messages[0].Body, nil
	}
	arn := "arn:aws:sqs:" + region + ":" + account + ":handoff-" + queues[function]
	return lambda.Batch(arn, region, messages), nil
}

// account is nobody's; the samples have it, too.
const account = "123456789012"

var queues = map[string]string{"ingest": "IngestQueue", "enrich": "EnrichQueue", "score": "ScoreQueue", "route": "RouteQueue", "attribution": "AttributionQueue"}

// sample is an event on one line, as the bus delivers it.
func sample(samples fs.FS, name string) ([]byte, error) {
	if name == sweep {
		return json.Marshal(event.Envelope{
			Version: "0", ID: "6a7e8feb-b491-4cf7-a9f1-000000000900", DetailType: event.Sweep, Source: "aws.events", Account: account,
			Time: time.Date(2026, 3, 3, 14, 6, 0, 0, time.UTC), Region: "eu-central-1",
			Resources: []string{"arn:aws:events:eu-central-1:" + account + ":rule/handoff-SweepRule"}, Detail: json.RawMessage("{}"),
		})
	}
	text, err := fs.ReadFile(samples, name+".json")
	if err != nil {
		return nil, err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return line.Bytes(), nil
}
