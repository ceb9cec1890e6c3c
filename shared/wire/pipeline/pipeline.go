// Package pipeline makes ingest's handler, which alone reads source contracts, and all five together. It stands apart from
// package wire so that the other four functions, at each of their starts, do not wait for the JSON Schema library, which
// takes milliseconds to initialise.
package pipeline

import (
	"errors"
	"fmt"
	"sync"

	"handoff/events"
	"handoff/functions/ingest"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/wire"
)

// Contracts are the source contracts that the build ships, read once: they are never changed.
func Contracts() (*contract.Set, error) { return contracts() }

var contracts = sync.OnceValues(func() (*contract.Set, error) {
	// As prepared: a function reads them at every cold start.
	set, err := contract.LoadPrepared(events.Contracts, events.Schemas, "schemas")
	if err != nil {
		return nil, fmt.Errorf("wire: the built-in contracts: %w", err)
	}
	return set, nil
})

// Ingest makes that function, which reads by the contracts that the build ships. It needs no Accounts.
func Ingest(p *wire.Parts) (event.Handler, error) {
	set, err := Contracts()
	if err != nil {
		return nil, err
	}
	return intake(p, set)
}

func intake(p *wire.Parts, set *contract.Set) (event.Handler, error) {
	h, err := ingest.New(ingest.Config{Ledger: p.Ledger, Bus: p.Publisher(), Contracts: set, Now: p.Now})
	return p.Watched("ingest", h, err)
}

// Handlers makes all five, by their logical ids in the template; ingest reads by the given contracts.
func Handlers(p *wire.Parts, set *contract.Set) (map[string]event.Handler, error) {
	out := map[string]event.Handler{}
	var errs []error
	for id, build := range map[string]func() (event.Handler, error){
		"IngestFunction": func() (event.Handler, error) { return intake(p, set) },
		"EnrichFunction": p.Enrich, "ScoreFunction": p.Score, "RouteFunction": p.Route, "AttributionFunction": p.Attribution,
	} {
		h, err := build()
		out[id], errs = h, append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}
