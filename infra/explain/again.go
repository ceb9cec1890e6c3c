package explain

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"handoff/functions/score"
	"handoff/infra/sheet"
	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// folder folds touches again. The one history that it is given is folded once, as far as was asked for yet: each
// question is answered by a fork of that, to which it adds what it asks about besides. Questions that come in the order
// of time cost what they add.
type folder struct {
	stack   *stack.Stack
	history []*touch.Touch // in the order of recording
	base    *again
	done    int // touches of the history that are in base
}

// fold gives touches folded in the order given, under a policy: what was known, which is in the order of recording and
// most often a beginning of the history, and then more.
func (f *folder) fold(ctx context.Context, p *policy.Policy, known, more []*touch.Touch) (*again, error) {
	n := 0
	for n < len(known) && n < len(f.history) && known[n] == f.history[n] {
		n++
	}
	if f.base == nil || f.base.policy.FoldHash != p.FoldHash || f.base.policy.EvalHash != p.EvalHash || f.done > n {
		base, err := newAgain(f.stack, p, sheet.New(), sheet.New())
		if err != nil {
			return nil, err
		}
		f.base, f.done = base, 0
	}
	base := f.base
	f.base = nil // until all of it went well
	if err := base.add(ctx, known[f.done:n]); err != nil {
		return nil, err
	}
	f.base, f.done = base, n
	fork, err := base.fork(f.stack)
	if err != nil {
		return nil, err
	}
	if err := fork.add(ctx, known[n:]); err != nil {
		return nil, err
	}
	return fork, fork.add(ctx, more)
}

// again is a store of its own into which touches are folded as score folded them: registers of people, links, refolds
// and all. What it decides is kept, and never acted on.
type again struct {
	accounts, rows *sheet.Table
	graph          *graph.Graph
	ledger         *ledger.Ledger
	score          *score.Handler
	policy         *policy.Policy
	now            time.Time
	// decided are the decisions that folding made, by id. One may be made in the middle of a touch, after its links and
	// before its fields: no view shows that moment again.
	decided map[string]event.Evaluation
}

// listener keeps the decisions that are published and drops the rest.
type listener struct{ decided map[string]event.Evaluation }

func (l listener) Publish(_ context.Context, events []event.Envelope) error {
	for i := range events {
		if events[i].DetailType != event.DecisionMade {
			continue
		}
		d, err := event.Decode[event.Decision](&events[i], event.DecisionMade)
		if err != nil {
			return err
		}
		l.decided[d.ID] = d.Evaluation
	}
	return nil
}

func newAgain(s *stack.Stack, p *policy.Policy, accounts, rows *sheet.Table) (*again, error) {
	a := &again{accounts: accounts, rows: rows, policy: p, decided: map[string]event.Evaluation{}, ledger: &ledger.Ledger{Table: rows}}
	a.graph = &graph.Graph{Accounts: accounts, Ledger: a.ledger, Implied: s.Graph.Implied}
	var err error
	a.score, err = score.New(score.Config{Accounts: accounts, Ledger: a.ledger, Bus: listener{a.decided}, Implied: s.Graph.Implied,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return a.now },
		Policy: func(context.Context) (score.Rules, error) { return p, nil }})
	if err != nil {
		return nil, fmt.Errorf("explain: fold again: %w", err)
	}
	return a, nil
}

// fork goes on from here in a store of its own.
func (a *again) fork(s *stack.Stack) (*again, error) {
	b, err := newAgain(s, a.policy, a.accounts.Fork(), a.rows.Fork())
	if err != nil {
		return nil, err
	}
	b.now = a.now
	maps.Copy(b.decided, a.decided)
	return b, nil
}

// foldBatch is how many touches are folded at once.
const foldBatch = 500

func (a *again) add(ctx context.Context, touches []*touch.Touch) error {
	for len(touches) > 0 {
		batch := touches[:min(foldBatch, len(touches))]
		touches = touches[len(batch):]
		rows := make([]ledger.Row, len(batch))
		events := make([]event.Envelope, len(batch))
		for i, t := range batch {
			var err error
			if rows[i], events[i], err = graph.Recorded(t, t.RecordedAt); err != nil {
				return fmt.Errorf("explain: fold again: %w", err)
			}
		}
		a.now = batch[len(batch)-1].RecordedAt
		for _, res := range a.ledger.Append(ctx, rows) {
			if res.Err != nil {
				return fmt.Errorf("explain: fold again: %w", res.Err)
			}
		}
		for i, err := range a.score.Handle(ctx, events) {
			if err != nil {
				return fmt.Errorf("explain: fold %s again: %w", batch[i].ID, err)
			}
		}
	}
	return nil
}

// view is an account as these touches make it.
func (a *again) view(ctx context.Context, id string, asOf time.Time) (*account.View, error) {
	r := a.graph.Reader()
	p, err := r.At(ctx, id, asOf.Add(time.Hour).UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("explain: fold again: %w", err)
	}
	it, err := r.Item(ctx, p.Root)
	if err != nil {
		return nil, fmt.Errorf("explain: fold again: %w", err)
	}
	return r.View(ctx, p.Root, &it.Facts, asOf)
}
