// Package score folds touches into accounts and decides.
//
// It consumes TouchRecorded, AccountEnriched and the one-minute sweep; it publishes DecisionMade, ConversionRecorded,
// CreditsDue and EnrichmentWanted, and PolicyActivated for the operator who activated one. It owns the items of subjects
// and accounts, and appends link and decision rows.
//
// A duplicate changes no facts and therefore writes and publishes nothing. A late touch joins like any other; where it
// or a late link moves touches between accounts, the accounts concerned are folded again.
package score

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/trace"
	"handoff/shared/watch"
)

// Rules is the policy as score needs it, and *policy.Policy is one. Implementations are immutable and safe for
// concurrent use.
type Rules interface {
	Memory() account.Memory
	Keep(rule string) int // a rule's K
	Ref() event.PolicyRef
	// Outcome is the cheap part of an evaluation: what can cause a decision.
	Outcome(v *account.View) Outcome
	// Evaluate is the whole, with its explanation.
	Evaluate(v *account.View) event.Evaluation
	// ReviewAt is the first hour after v.AsOf at which Outcome differs without new evidence; zero: never.
	ReviewAt(v *account.View) time.Time
	// Reason is the sentence a rep reads. by made the touch at which the play came to hold.
	Reason(v *account.View, e *event.Evaluation, play string, by policy.Actor) string
	// Asset is the content of a play, and why that; both empty where it has none.
	Asset(v *account.View, play string) (asset, because string)
	// Packet is the story of an account for a play that asks for it, nil for the others. first looks a touch up.
	Packet(v *account.View, e *event.Evaluation, play string, first policy.First) *event.Packet
	// Canonical reports whether conversions of this type are counted from this kind of deal: "opportunity" or "invoice".
	Canonical(conversionType, deal string) bool
}

// Outcome is what an evaluation comes to, and Held a play whose condition holds.
type (
	Outcome = policy.Outcome
	Held    = policy.Held
)

// Config is what a Handler is made of.
type Config struct {
	Accounts store.Table
	Ledger   *ledger.Ledger
	Bus      event.Publisher
	Policy   func(ctx context.Context) (Rules, error) // the policy in force
	Implied  func(email string) string                // company.AccountOf
	Now      func() time.Time
	Log      *slog.Logger
	Hold     time.Duration // how long a decision may wait for enrichment; 0: 10 minutes
}

// Handler is the score function.
type Handler struct {
	Config
	graph *graph.Graph
	turn  sync.Mutex // of folding a batch
}

// New checks the configuration, all of it at once.
func New(c Config) (*Handler, error) {
	var errs []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"Accounts", c.Accounts != nil}, {"Ledger", c.Ledger != nil}, {"Bus", c.Bus != nil},
		{"Policy", c.Policy != nil}, {"Implied", c.Implied != nil}, {"Now", c.Now != nil}, {"Log", c.Log != nil},
	} {
		if !need.ok {
			errs = append(errs, fmt.Errorf("score: %s is missing", need.name))
		}
	}
	if c.Hold == 0 {
		c.Hold = 10 * time.Minute
	}
	return &Handler{Config: c, graph: &graph.Graph{Accounts: c.Accounts, Ledger: c.Ledger, Implied: c.Implied}}, errors.Join(errs...)
}

// work is one touch of a batch.
type work struct {
	index int // in the batch
	touch *touch.Touch
	meta  event.Meta
	note  *watch.Note
}

// Handle folds a batch: every account is loaded and written once, but evaluated after each touch, so that no decision
// depends on how events were batched.
func (h *Handler) Handle(ctx context.Context, batch []event.Envelope) []error {
	errs := make([]error, len(batch))
	rules, err := h.Policy(ctx)
	if err != nil {
		return fill(errs, fmt.Errorf("score: read the active policy: %w", err))
	}
	notes := watch.Notes(ctx, batch)
	var todo []work
	for i := range batch {
		e := &batch[i]
		switch {
		case event.Tick(e):
			notes[i] = watch.Note{Outcome: swept, Correlation: e.ID}
			errs[i] = h.sweep(trace.With(ctx, e.Trace), rules, e)
		case e.DetailType == event.TouchRecorded || e.DetailType == event.AccountEnriched:
			d, err := event.ReadTouch(e.Detail)
			if err != nil {
				errs[i] = fmt.Errorf("score: event %s: detail of %s: %w", e.ID, e.DetailType, err)
				continue
			}
			meta := d.Meta
			if meta.Correlation == "" {
				meta.Correlation = d.Touch.ID.String()
			}
			notes[i] = watch.Note{Touch: d.Touch.ID, Correlation: meta.Correlation, Causation: meta.Causation}
			meta.Causation, meta.Trace = d.Touch.ID.String(), e.Trace
			todo = append(todo, work{i, &d.Touch, meta, &notes[i]})
		default:
			errs[i] = fmt.Errorf("score: event %s: no such detail type here: %s from %s; a rule of the template sends it astray", e.ID, e.DetailType, e.Source)
		}
	}
	if len(todo) > 0 {
		h.fold(ctx, rules, todo, errs)
		count(metric.From(ctx), todo, errs, h.Now())
	}
	return errs
}

// retries bounds how often a touch is folded again after another writer was faster.
const retries = 16

// fold folds a batch. In one process batches take turns: two at once would meet in the busiest accounts, and one of them
// would have worked for nothing.
func (h *Handler) fold(ctx context.Context, rules Rules, todo []work, errs []error) {
	h.turn.Lock()
	defer h.turn.Unlock()
	h.try(ctx, rules, todo, open{}, errs, retries)
}

// try folds and writes. Where another process was faster, the halves are tried by themselves: the smaller a batch, the
// less it is in anybody's way, and what it has to do again. Nothing of a touch is lost by folding it again: what it
// already joined does not change any more, and what it already decided waits in the item, to be published by this load.
func (h *Handler) try(ctx context.Context, rules Rules, todo []work, o open, errs []error, left int) {
	s := h.session(rules, o)
	err := s.run(ctx, todo, errs)
	if left > 0 && errors.Is(err, store.ErrConflict) {
		metric.From(ctx).Add(metric.Conflicts, 1)
		half := len(todo) / 2
		if half > 0 {
			h.try(ctx, rules, todo[:half], s.open, errs, left-1)
			s.open = open{}
		}
		h.try(ctx, rules, todo[half:], s.open, errs, left-1)
		return
	}
	if err != nil {
		for _, w := range todo {
			errs[w.index] = err
		}
	}
}

func fill(errs []error, err error) []error {
	for i := range errs {
		errs[i] = err
	}
	return errs
}
