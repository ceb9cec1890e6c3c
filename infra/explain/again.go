package explain

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/functions/score"
	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// again is a store of its own into which touches are folded as score folded them: registers of people, links, refolds
// and all. What it decides is kept, and never acted on.
type again struct {
	db     *embedded.DB
	graph  *graph.Graph
	ledger *ledger.Ledger
	score  *score.Handler
	policy *policy.Policy
	now    time.Time
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

// foldAgain folds touches in the order given, which is that of recording.
func foldAgain(ctx context.Context, s *stack.Stack, p *policy.Policy, touches []*touch.Touch) (_ *again, err error) {
	log := slog.New(slog.DiscardHandler)
	db, err := embedded.Open("again", embedded.Options{FS: vfs.NewMem(), NoSync: true, Memory: 16 << 20, Log: log})
	if err != nil {
		return nil, fmt.Errorf("explain: fold again: %w", err)
	}
	a := &again{db: db, policy: p, decided: map[string]event.Evaluation{}}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	a.ledger = &ledger.Ledger{Table: db.Table("ledger")}
	accounts := db.Table("accounts")
	a.graph = &graph.Graph{Accounts: accounts, Ledger: a.ledger, Implied: s.Graph.Implied}
	a.score, err = score.New(score.Config{Accounts: accounts, Ledger: a.ledger, Bus: listener{a.decided}, Implied: s.Graph.Implied, Log: log,
		Now: func() time.Time { return a.now }, Policy: func(context.Context) (score.Rules, error) { return p, nil }})
	if err != nil {
		return nil, err
	}
	return a, a.add(ctx, touches)
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

func (a *again) close() error { return a.db.Close() }
