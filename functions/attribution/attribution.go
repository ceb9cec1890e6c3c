// Package attribution credits a conversion's journey by all models of the policy, to the cent, and keeps the credits
// right when the conversion or its journey changes.
//
// It consumes ConversionRecorded (revenue, in its latest revision) and CreditsDue (a journey changed from a time on),
// both from score; it publishes RevenueAttributed. It appends conversion and credit rows under the account to the
// ledger, never edits one, and keeps one item per conversion in the accounts table that names the credit row which
// counts.
//
// A duplicate, or an older revision that arrives late, changes nothing. An edit, a refund, a deal lost again or a late
// touch makes a new credit row that takes the place of the old one. The same inputs make the same digest, for which
// nothing is written or published twice.
package attribution

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	credit "handoff/shared/attribution"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/trace"
	"handoff/shared/watch"
)

// Journey yields every touch that belongs to an account, whichever subject its payload named, from inclusive, until
// exclusive, in any order. It sees every touch that was appended and linked before the call.
type Journey interface {
	Touches(ctx context.Context, account string, from, until time.Time) iter.Seq2[*touch.Touch, error]
}

// Policy answers with the models in force and the policy that they are of.
type Policy func(ctx context.Context) (*credit.Models, event.PolicyRef, error)

// Config is what a Handler is made of. Everything is needed.
type Config struct {
	Ledger   *ledger.Ledger
	Accounts store.Table
	Bus      event.Publisher
	Journey  Journey
	Policy   Policy
	Now      func() time.Time
}

// Handler is the attribution function.
type Handler struct{ Config }

// New checks the configuration, all of it at once.
func New(c Config) (*Handler, error) {
	var errs []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"Ledger", c.Ledger != nil}, {"Accounts", c.Accounts != nil}, {"Bus", c.Bus != nil}, {"Journey", c.Journey != nil},
		{"Policy", c.Policy != nil}, {"Now", c.Now != nil},
	} {
		if !need.ok {
			errs = append(errs, fmt.Errorf("attribution: %s is missing", need.name))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Handler{c}, nil
}

// Handle settles each conversion that a batch concerns once.
func (h *Handler) Handle(ctx context.Context, events []event.Envelope) []error {
	b := &batch{errs: make([]error, len(events)), events: events, notes: watch.Notes(ctx, events), byID: map[string]*job{}}
	models, ref, err := h.Policy(ctx)
	if err != nil {
		for i := range b.errs {
			b.errs[i] = fmt.Errorf("attribution: read the active policy: %w", err)
		}
		return b.errs
	}
	h.record(ctx, b)
	h.find(ctx, b)
	tally := metric.From(ctx)
	for _, j := range b.jobs {
		// What a job publishes goes on in the trace of the first event that asked for it.
		outcome, err := h.settle(trace.With(ctx, events[j.events[0]].Trace), models, ref, j)
		for _, i := range j.events {
			if b.errs[i] == nil {
				b.errs[i] = err
			}
			note(&b.notes[i], outcome)
		}
		if err == nil {
			tally.Add(counted[outcome], 1)
		}
	}
	return b.errs
}

// counted says what an outcome counts as.
var counted = map[string]metric.ID{credited: metric.Credited, unchanged: metric.Unchanged, known: metric.Duplicates}

// note says what came of an event. One that concerns several conversions tells of the most that was done.
func note(n *watch.Note, outcome string) {
	if n.Outcome != credited {
		n.Outcome = outcome
	}
	if outcome == credited {
		n.Published++
	}
}
