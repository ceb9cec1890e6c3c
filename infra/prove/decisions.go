package prove

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
)

// decided is what of a decision row names its outcome.
type decided struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Play    string    `json:"play"`
	AsOf    time.Time `json:"as_of"`
}

// row is the key of the handoff row that every decision ends in: what was done, or why nothing was.
func (d *decided) row() ledger.Row {
	return ledger.Row{Owner: d.Account, Type: ledger.Handoff, Time: d.AsOf, ID: d.ID}
}

// decisionPage is how many outcomes are looked up at once.
const decisionPage = 256

func (w *walk) decision(ctx context.Context, row *ledger.Row) error {
	var d decided
	if err := json.Unmarshal(row.Body, &d); err != nil {
		return fmt.Errorf("prove: decision %s of %s: %w", row.ID, row.Owner, err)
	}
	if w.batch = append(w.batch, d); len(w.batch) < decisionPage {
		return nil
	}
	return w.outcomes(ctx)
}

// outcomes looks for the outcomes of the decisions gathered so far.
func (w *walk) outcomes(ctx context.Context) error {
	batch := w.batch
	w.batch = nil
	if len(batch) == 0 {
		return nil
	}
	classes, outs, err := w.done(ctx, batch)
	if err != nil {
		return err
	}
	for i, d := range batch {
		if classes[i] != "" {
			w.out.Decisions.add(classes[i], outs[i])
			continue
		}
		w.decisions = append(w.decisions, &missing{
			Item: Item{ID: d.ID, Time: d.AsOf, Kind: d.Play, Subject: d.Account, Why: "no row says what was done with it"},
			keys: []string{"decision:" + d.ID},
			again: func(ctx context.Context) (string, string, error) {
				class, out, err := w.done(ctx, []decided{d})
				if err != nil {
					return "", "", err
				}
				return class[0], out[0], nil
			},
		})
	}
	return nil
}

// done says of each decision whether its outcome is recorded, and which it is.
func (c *check) done(ctx context.Context, batch []decided) (classes, outcomes []string, err error) {
	keys := make([]store.Key, len(batch))
	for i := range batch {
		row := batch[i].row()
		keys[i] = row.Key()
	}
	recs, err := c.History.GetMany(ctx, keys)
	if err != nil {
		return nil, nil, fmt.Errorf("prove: read the outcomes of %d decisions: %w", len(keys), err)
	}
	classes, outcomes = make([]string, len(batch)), make([]string, len(batch))
	for i := range recs {
		if recs[i].Version == 0 {
			continue
		}
		recs[i].Key = keys[i]
		row, _, err := c.Ledger.Decode(ctx, recs[i])
		if err != nil {
			return nil, nil, fmt.Errorf("prove: %w", err)
		}
		var r routing.Record
		if err := json.Unmarshal(row.Body, &r); err != nil {
			return nil, nil, fmt.Errorf("prove: outcome of decision %s: %w", row.ID, err)
		}
		classes[i], outcomes[i] = Stopped, r.Outcome
		if r.Outcome == routing.Offered || r.Outcome == routing.EnrolledIn {
			classes[i] = Acted
		}
	}
	return classes, outcomes, nil
}

func (c *check) finishDecisions(ctx context.Context) error {
	return c.settle(ctx, c.decisions, &c.out.Decisions)
}
