package attribution

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	credit "handoff/shared/attribution"
	"handoff/shared/ledger"
	"handoff/shared/store"
)

// Reader reads the credits that count now. Older rows stay in the ledger, where they answer what was known then.
type Reader struct {
	Ledger   *ledger.Ledger
	Accounts store.Table
}

// Credits returns those of one conversion, or store.ErrNotFound.
func (r *Reader) Credits(ctx context.Context, conversion string) (*credit.Stored, error) {
	it, version, err := load(ctx, r.Accounts, conversion)
	if err != nil {
		return nil, err
	}
	if version == 0 {
		return nil, fmt.Errorf("credits of %s: %w", conversion, store.ErrNotFound)
	}
	return r.stored(ctx, &it)
}

// FromRecord is Credits for a record that a scan of the accounts table gave; ok is false for other items.
func (r *Reader) FromRecord(ctx context.Context, rec store.Record) (s *credit.Stored, ok bool, err error) {
	if rec.Sort != Key("").Sort {
		return nil, false, nil
	}
	var it item
	if err := json.Unmarshal(rec.Body, &it); err != nil {
		return nil, false, fmt.Errorf("attribution: decode the credits of %s: %w", rec.Partition, err)
	}
	s, err = r.stored(ctx, &it)
	return s, err == nil, err
}

// Account yields the credits of an account's conversions in [from, until), zero times being no bound. One that was
// recorded and not yet credited is left out: it is in flight.
func (r *Reader) Account(ctx context.Context, account string, from, until time.Time) iter.Seq2[*credit.Stored, error] {
	return func(yield func(*credit.Stored, error) bool) {
		found, err := conversions(ctx, r.Ledger, account, from, until)
		if err != nil {
			yield(nil, fmt.Errorf("attribution: credits of %s: %w", account, err))
			return
		}
		for _, c := range found {
			it, version, err := load(ctx, r.Accounts, c.ID)
			if err != nil {
				yield(nil, err)
				return
			}
			// A later revision may have moved it to another account or out of the period.
			now := it.Conversion
			if version == 0 || now.Account != account || !from.IsZero() && now.Time.Before(from) || !until.IsZero() && !now.Time.Before(until) {
				continue
			}
			s, err := r.stored(ctx, &it)
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) stored(ctx context.Context, it *item) (*credit.Stored, error) {
	row, err := r.Ledger.Get(ctx, it.row())
	if err != nil {
		return nil, fmt.Errorf("attribution: read the credit row %s: %w", it.row().ID, err)
	}
	s, err := credit.Parse(row.Body)
	if err != nil {
		return nil, fmt.Errorf("attribution: %w", err)
	}
	return s, nil
}
