package explain

import (
	"context"
	"errors"
	"fmt"

	"handoff/shared/routing"
	"handoff/shared/store"
)

// word is what somebody said of a decision that is held, and that nothing came of yet; nil where nobody did. Only the
// account's item has it: the ledger tells what came of it.
func (t *teller) word(ctx context.Context, d *made) (*routing.Word, error) {
	if d.outcome == nil || d.outcome.Outcome != routing.Held {
		return nil, nil
	}
	accounts := []string{d.decision.Account}
	if t.answer.Account != d.decision.Account { // what is held goes along when accounts are joined
		accounts = append(accounts, t.answer.Account)
	}
	for _, id := range accounts {
		rec, err := t.Accounts.Get(ctx, routing.HandoffsKey(id))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("explain: read what is held of %s: %w", id, err)
		}
		item, err := routing.Decode(id, rec.Body)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		for i := range item.Held {
			w := item.Held[i].Word
			if item.Held[i].Decision.ID == d.decision.ID && w != nil && (t.asKnown.IsZero() || !w.At.After(t.asKnown)) {
				return w, nil
			}
		}
	}
	return nil, nil
}
