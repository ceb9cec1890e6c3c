package unmerge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/subject"
)

// Account is one that gains or loses touches: what it stands at before and after, by the policy in force, now.
type Account struct {
	Account string   `json:"account"`
	Before  Standing `json:"before"`
	After   Standing `json:"after"`
	Credits int      `json:"credits"` // conversions whose credits are settled again
}

// Standing is an account's evaluation in short.
type Standing struct {
	Touches int               `json:"touches"`
	Score   int               `json:"score"`
	Band    string            `json:"band"`
	Stages  map[string]string `json:"stages,omitempty"`
}

// stand evaluates an account with and without the links.
func stand(ctx context.Context, s *stack.Stack, before, after *graph.Reader, root string, also []string) (*Account, error) {
	a := &Account{Account: root}
	var err error
	if a.Before, err = standing(ctx, s, before, root, also); err != nil {
		return nil, err
	}
	if a.After, err = standing(ctx, s, after, root, also); err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for row, err := range s.Ledger.Timeline(ctx, root, time.Time{}, time.Time{}) {
		if err != nil {
			return nil, err
		}
		if row.Type == ledger.Conversion {
			told[row.ID] = true
		}
	}
	a.Credits = len(told)
	return a, nil
}

// standing folds an account from the ledger as a reader resolves it, and evaluates it as of when reports do.
func standing(ctx context.Context, s *stack.Stack, r *graph.Reader, root string, also []string) (Standing, error) {
	var out Standing
	p, err := s.Policy.Active(ctx)
	if err != nil {
		return out, err
	}
	members, err := s.Graph.Dependents(ctx, root)
	if err != nil {
		return out, err
	}
	for _, m := range also { // who comes to an account is not on its list yet
		if !slices.Contains(members, m) {
			members = append(members, m)
		}
	}
	var facts account.Facts
	var scratch []account.Keep
	for _, m := range members {
		for t, err := range s.Graph.Timeline(ctx, m, time.Time{}, time.Time{}) {
			if err != nil {
				return out, fmt.Errorf("fold %s: %w", root, err)
			}
			place, as, err := r.Whose(ctx, t)
			if err != nil {
				return out, err
			}
			if place.Root != root || subject.KindOf(m) == subject.Campaign {
				continue
			}
			out.Touches++
			_, scratch = facts.Absorb(t, as, p.Memory(), scratch)
		}
	}
	now, err := report.Now(ctx, s)
	if err != nil {
		return out, err
	}
	v, err := r.View(ctx, root, &facts, now)
	if err != nil {
		return out, err
	}
	o := p.Outcome(v)
	out.Score, out.Band, out.Stages = o.Score, o.Band, o.Stages
	return out, nil
}
