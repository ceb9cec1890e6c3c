package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/infra/whose"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
)

// Reports show what stands: facts and handoffs as they are, seen at an hour. At an hour before the newest of what is shown
// they would show what came later as if it had been so then, so whoever asks for an earlier hour asks first what is newest.

// Newest is when a row of these types was last recorded in the ledger, of all types where none is named; zero where none
// was.
func (s *Snapshot) Newest(ctx context.Context, types ...ledger.Type) (time.Time, error) {
	var last time.Time
	for recs, err := range pages(ctx, s.History) {
		if err != nil {
			return last, fmt.Errorf("report: walk the ledger: %w", err)
		}
		for i := range recs {
			row, ok, err := s.Ledger.Decode(ctx, recs[i])
			if err != nil {
				return last, fmt.Errorf("report: %w", err)
			}
			if !ok || len(types) > 0 && !slices.Contains(types, row.Type) {
				continue
			}
			last = later(last, row.RecordedAt)
		}
	}
	return last, nil
}

// NewestOf is the time of the newest touch of an account up to now, by the touch's own time, or of what last became of one
// of its handoffs, whichever is later.
func (s *Snapshot) NewestOf(ctx context.Context, a *Assessed) (time.Time, error) {
	var last time.Time
	r := s.Graph.Reader()
	_, err := whose.Read(ctx, s.Graph, r, a.ID, func(row *ledger.Row) error {
		if row.Type != ledger.Touch && row.Type != ledger.Enrichment || row.Time.After(s.At) || !row.Time.After(last) {
			return nil
		}
		t, err := graph.Touch(row)
		if err != nil {
			return err
		}
		place, err := r.At(ctx, t.Subject, t.Time.UnixMilli())
		if err == nil && place.Root == a.ID {
			last = t.Time
		}
		return err
	})
	if err != nil {
		return last, fmt.Errorf("report: what is newest of %s: %w", a.ID, err)
	}
	for _, id := range append([]string{a.ID}, a.Item.Told.Former...) {
		rec, err := s.Stack.Accounts.Get(ctx, routing.HandoffsKey(id))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return last, fmt.Errorf("report: read the handoffs of %s: %w", id, err)
		}
		item, err := routing.Decode(id, rec.Body)
		if err != nil {
			return last, fmt.Errorf("report: %w", err)
		}
		for i := range item.Slots {
			sl := &item.Slots[i]
			last = later(last, sl.OpenedAt)
			for _, m := range []*routing.Mark{sl.AcceptedM, sl.OutreachM, sl.RejectedM, sl.CompletedM, sl.RecycledM, sl.MovedM} {
				if m != nil {
					last = later(last, m.At)
				}
			}
		}
	}
	return last.UTC(), nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
