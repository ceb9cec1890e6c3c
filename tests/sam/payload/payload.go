// Package payload knows what each function does with the payloads of events/samples/<function>, on empty tables: what it
// writes and what it publishes. Tests drive the built functions with them over the Runtime API; make sam-local does in
// SAM's containers.
package payload

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"handoff/events"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
)

// Payload is one file of events/samples/<function>.
type Payload struct {
	Function string // ingest, …
	File     string // ingest/queue.json
	Body     []byte
	Want     Effect
}

// Effect is what an invocation leaves behind.
type Effect struct {
	Rows map[string]int // of the ledger, by type; of handoffs and answers, with their outcome
	Told map[string]int // events on the bus, by detail type
}

// effects are what the samples should come to. Their events are of March 2026: score decides as of then, and route, which
// acts now, finds the evidence older than the play's act_within.
var effects = map[string]Effect{
	// Three tools' events make a touch each; the fourth has no id and goes to quarantine.
	"ingest/queue.json": {rows(ledger.Touch, 3, ledger.Quarantine, 1), told{event.TouchRecorded: 3}},
	"ingest/event.json": {rows(ledger.Touch, 1), told{event.TouchRecorded: 1}},
	// Asked twice, answered once; there is no provider, so the answer is that nobody knows.
	"enrich/queue.json": {rows(ledger.Enrichment, 1), told{event.AccountEnriched: 1}},
	"enrich/event.json": {rows(ledger.Enrichment, 1), told{event.AccountEnriched: 1}},
	// The demo request links the user to an address and to a browser, and the address to its domain's account, which wants
	// firmographics and a call. The page view before it links the user to a browser of another id.
	"score/queue.json": {rows(ledger.Link, 4, ledger.Decision, 1), told{event.EnrichmentWanted: 1, event.DecisionMade: 1}},
	"score/event.json": {rows(ledger.Link, 3, ledger.Decision, 1), told{event.EnrichmentWanted: 1, event.DecisionMade: 1}},
	"score/sweep.json": {rows(), told{}},
	// The answer names a handoff that nobody knows here.
	"route/queue.json": {rows("handoff: "+routing.Stale, 1, "handoff: "+routing.Unmatched, 1), told{}},
	"route/event.json": {rows("handoff: "+routing.Stale, 1), told{}},
	"route/sweep.json": {rows(), told{}},
	// There is no journey: all of the revenue is unattributed, and CreditsDue after it changes nothing.
	"attribution/queue.json": {rows(ledger.Conversion, 1, ledger.Credit, 1), told{event.RevenueAttributed: 1}},
	"attribution/event.json": {rows(ledger.Conversion, 1, ledger.Credit, 1), told{event.RevenueAttributed: 1}},
}

type told = map[string]int

// All lists the payloads.
func All() ([]Payload, error) {
	files, err := fs.Glob(events.Invocations, "samples/*/*.json")
	if err != nil {
		return nil, err
	}
	var out []Payload
	for _, f := range files {
		p := Payload{Function: path.Base(path.Dir(f)), File: strings.TrimPrefix(f, "samples/")}
		if p.Body, err = fs.ReadFile(events.Invocations, f); err != nil {
			return nil, err
		}
		want, ok := effects[p.File]
		if !ok {
			return nil, fmt.Errorf("nobody says what %s comes to: add it to tests/sam/payload", p.File)
		}
		p.Want = want
		out = append(out, p)
	}
	if len(out) != len(effects) {
		return nil, fmt.Errorf("%d payloads, and %d have an effect in tests/sam/payload", len(out), len(effects))
	}
	return out, nil
}

// Answer checks what the function answered: of a batch, that no message failed; of an event alone, nothing.
func (p *Payload) Answer(out []byte) error {
	if path.Base(p.File) == "event.json" {
		if s := strings.TrimSpace(string(out)); s != "null" && s != "" {
			return fmt.Errorf("%s: the function answered %s, want nothing", p.File, s)
		}
		return nil
	}
	var answer struct {
		Failures *[]struct{ ItemIdentifier string } `json:"batchItemFailures"`
	}
	switch err := json.Unmarshal(out, &answer); {
	case err != nil || answer.Failures == nil:
		return fmt.Errorf("%s: the function answered %s, want batchItemFailures", p.File, out)
	case len(*answer.Failures) > 0:
		return fmt.Errorf("%s: messages failed: %v", p.File, *answer.Failures)
	}
	return nil
}

func rows(pairs ...any) map[string]int {
	out := map[string]int{}
	for i := 0; i < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1].(int)
	}
	return out
}
