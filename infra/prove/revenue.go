package prove

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/functions/attribution"
	"handoff/shared/account"
	credit "handoff/shared/attribution"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// said is the last word of the accounts on a conversion.
type said struct {
	id, account, revision string
	sequence              int64
	at                    time.Time
}

// conversions holds what the accounts have told of revenue against the credits that count.
func (c *check) conversions(ctx context.Context) error {
	last := map[string]said{}
	if err := scan(ctx, c.Accounts, func(rec store.Record) error {
		if rec.Sort != account.Key("").Sort || !subject.Valid(rec.Partition) {
			return nil
		}
		it, err := account.FromRecord(rec)
		if err != nil {
			return fmt.Errorf("prove: read %s: %w", rec.Partition, err)
		}
		for id, r := range it.Told.Revenue {
			number, revision, _ := strings.Cut(r.Value, " ")
			sequence, err := strconv.ParseInt(number, 10, 64)
			if err != nil || revision == "" {
				continue // another account told it, and this one will when it has something to add
			}
			if have, ok := last[id]; !ok || cmp.Or(cmp.Compare(sequence, have.sequence), strings.Compare(revision, have.revision)) > 0 {
				last[id] = said{id, it.ID, revision, sequence, time.UnixMilli(r.Element.Time).UTC()}
			}
		}
		return nil
	}); err != nil {
		return err
	}
	var missed []*missing
	reader := &attribution.Reader{Ledger: c.Ledger, Accounts: c.Accounts}
	for _, w := range sorted(last) {
		credits, ok, err := current(ctx, reader, w)
		if err != nil {
			return err
		}
		if ok {
			c.sum(credits)
			c.out.Conversions.add(Credited, "")
			continue
		}
		missed = append(missed, &missing{
			Item: Item{ID: w.id, Time: w.at, Kind: "conversion", Subject: w.account, Why: "its newest revision has no credits"},
			keys: []string{"conversion:" + w.id},
			again: func(ctx context.Context) (string, string, error) {
				credits, ok, err := current(ctx, reader, w)
				if err != nil || !ok {
					return "", "", err
				}
				c.sum(credits)
				return Credited, "", nil
			},
		})
	}
	if err := c.settle(ctx, missed, &c.out.Conversions); err != nil {
		return err
	}
	slices.SortFunc(c.out.Money, func(a, b Money) int {
		return cmp.Or(strings.Compare(a.Currency, b.Currency), slices.Index(credit.Names, a.Model)-slices.Index(credit.Names, b.Model))
	})
	if c.out.Money == nil {
		c.out.Money = []Money{}
	}
	return nil
}

func sorted(m map[string]said) []said {
	out := make([]said, 0, len(m))
	for _, w := range m {
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b said) int { return strings.Compare(a.id, b.id) })
	return out
}

// current reads the credits that count; ok is false where they are of another revision than the one told.
func current(ctx context.Context, r *attribution.Reader, w said) (*credit.Stored, bool, error) {
	s, err := r.Credits(ctx, w.id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("prove: credits of %s: %w", w.id, err)
	}
	return s, s.Conversion.Revision == w.revision, nil
}

// sum adds one conversion to the totals of its currency and notes the models that do not give out all of it.
func (c *check) sum(s *credit.Stored) {
	revenue := s.Conversion.Amount
	for model, mc := range s.Attributed.Models {
		i := slices.IndexFunc(c.out.Money, func(m Money) bool { return m.Currency == revenue.Currency && m.Model == model })
		if i < 0 {
			i = len(c.out.Money)
			c.out.Money = append(c.out.Money, Money{Currency: revenue.Currency, Model: model})
		}
		m := &c.out.Money[i]
		var credits int64
		for _, cr := range mc.Credits {
			credits += cr.Minor
		}
		m.Conversions++
		m.Revenue += revenue.Minor
		m.Credits += credits
		m.Unattributed += mc.Unattributed
		if off := revenue.Minor - credits - mc.Unattributed; off != 0 {
			m.Difference += off
			m.Wrong = append(m.Wrong, s.Conversion.ID)
		}
	}
}
