package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/functions/attribution"
	credit "handoff/shared/attribution"
	"handoff/shared/ledger"
)

// Revenue is credited money by channel, model beside model.
type Revenue struct {
	At         time.Time         `json:"at"`
	Models     []string          `json:"models"`
	Currencies []CurrencyRevenue `json:"currencies"`
}

// CurrencyRevenue is the revenue in one currency. For every model the channels and Unattributed sum to Total; Broken
// names the models for which they do not, which must not be.
type CurrencyRevenue struct {
	Currency     string        `json:"currency"`
	Conversions  int           `json:"conversions"`
	Total        int64         `json:"total"` // minor units, of the conversions' current revisions
	Channels     []ChannelLine `json:"channels"`
	Unattributed []int64       `json:"unattributed"` // by model
	Broken       []string      `json:"broken,omitempty"`
	From         time.Time     `json:"from,omitzero"` // of the earliest and the latest conversion
	Until        time.Time     `json:"until,omitzero"`
}

// ChannelLine is one channel's credit under each model, in minor units.
type ChannelLine struct {
	Channel string  `json:"channel"`
	Minor   []int64 `json:"minor"`
}

// credits yields the credits that count now.
func (s *Snapshot) credits(ctx context.Context, f func(*credit.Stored) error) error {
	r := &attribution.Reader{Ledger: &ledger.Ledger{Table: s.History}, Accounts: s.Accounts}
	for recs, err := range pages(ctx, s.Accounts) {
		if err != nil {
			return fmt.Errorf("report: walk the credits: %w", err)
		}
		for i := range recs {
			c, ok, err := r.FromRecord(ctx, recs[i])
			if err == nil && ok && !c.Conversion.Time.After(s.At) {
				err = f(c)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Revenue sums the current credits by channel under each of the models. A model that the policy does not compute is an
// error.
func (s *Snapshot) Revenue(ctx context.Context, models []string) (*Revenue, error) {
	runs := s.Policy.Attribution.Models
	if len(runs) == 0 {
		runs = credit.Names
	}
	for _, m := range models {
		if !slices.Contains(runs, m) {
			return nil, fmt.Errorf("there is no model %q in the policy; it computes %s", m, strings.Join(runs, ", "))
		}
	}
	out := &Revenue{At: s.At, Models: models, Currencies: []CurrencyRevenue{}}
	by := map[string]*CurrencyRevenue{}
	channels := map[[2]string]*ChannelLine{}
	err := s.credits(ctx, func(c *credit.Stored) error {
		cur := c.Attributed.Amount.Currency
		r := by[cur]
		if r == nil {
			r = &CurrencyRevenue{Currency: cur, Unattributed: make([]int64, len(models)), Channels: []ChannelLine{}}
			by[cur] = r
		}
		if c.Attributed.Amount.Minor != 0 {
			r.Conversions++
		}
		r.Total += c.Attributed.Amount.Minor
		if r.From.IsZero() || c.Conversion.Time.Before(r.From) {
			r.From = c.Conversion.Time
		}
		if c.Conversion.Time.After(r.Until) {
			r.Until = c.Conversion.Time
		}
		for i, m := range models {
			mc, ok := c.Attributed.Models[m]
			if !ok {
				r.Unattributed[i] += c.Attributed.Amount.Minor // credited before the policy had this model
				continue
			}
			r.Unattributed[i] += mc.Unattributed
			for _, share := range mc.Credits {
				line := channels[[2]string{cur, share.Channel}]
				if line == nil {
					line = &ChannelLine{Channel: share.Channel, Minor: make([]int64, len(models))}
					channels[[2]string{cur, share.Channel}] = line
				}
				line.Minor[i] += share.Minor
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for key, line := range channels {
		by[key[0]].Channels = append(by[key[0]].Channels, *line)
	}
	for _, cur := range slices.Sorted(maps.Keys(by)) {
		r := by[cur]
		slices.SortFunc(r.Channels, func(a, b ChannelLine) int {
			for i := range a.Minor {
				if a.Minor[i] != b.Minor[i] {
					return cmp.Compare(b.Minor[i], a.Minor[i])
				}
			}
			return compare(a.Channel, b.Channel)
		})
		for i, m := range models {
			sum := r.Unattributed[i]
			for _, line := range r.Channels {
				sum += line.Minor[i]
			}
			if sum != r.Total {
				r.Broken = append(r.Broken, m)
			}
		}
		out.Currencies = append(out.Currencies, *r)
	}
	slices.SortStableFunc(out.Currencies, func(a, b CurrencyRevenue) int { return cmp.Compare(b.Conversions, a.Conversions) })
	return out, nil
}

// earned is the revenue of new customers: by motion and currency.
func (s *Snapshot) earned(ctx context.Context) (map[string]Sums, map[string]int, error) {
	sums, count := map[string]Sums{}, map[string]int{}
	err := s.credits(ctx, func(c *credit.Stored) error {
		if c.Conversion.Type != newBusiness || c.Conversion.Amount.Minor == 0 {
			return nil
		}
		a, err := s.account(ctx, c.Conversion.Account)
		if err != nil || a == nil {
			return err
		}
		for _, m := range []string{EveryMotion, s.motion(a)} {
			sums[m] = sums[m].add(c.Conversion.Amount)
		}
		count[c.Conversion.Amount.Currency]++
		return nil
	})
	return sums, count, err
}

const newBusiness = "new"
