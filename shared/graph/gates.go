package graph

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// Gates reads what is true of an account and a person at the moment of acting.
type Gates struct {
	*Graph
	Now func() time.Time
	// Customer is the policy's word on whether an account buys from us.
	Customer func(ctx context.Context, v *account.View) (bool, error)
}

// Check reads the account, its deals and the person, consistently. An account that nobody knows has no gate closed.
func (g *Gates) Check(ctx context.Context, acct, person string) (routing.GateState, error) {
	var out routing.GateState
	r := g.Reader()
	now := g.Now()
	p, err := r.At(ctx, acct, now.UnixMilli())
	if err != nil {
		return out, fmt.Errorf("gates: resolve %s: %w", acct, err)
	}
	root, err := r.Item(ctx, p.Root)
	if err != nil {
		return out, fmt.Errorf("gates: read %s: %w", p.Root, err)
	}
	for _, former := range root.Told.Former {
		// Who was parted from the account again keeps handoffs of his own.
		fp, err := r.At(ctx, former, now.UnixMilli())
		if err != nil {
			return out, fmt.Errorf("gates: resolve %s: %w", former, err)
		}
		if fp.Root == p.Root {
			out.Former = append(out.Former, former)
		}
	}
	if p.Root != acct {
		out.Forward = p.Root
		if !slices.Contains(out.Former, acct) {
			out.Former = append(out.Former, acct)
		}
	}
	v, err := r.View(ctx, p.Root, &root.Facts, now)
	if err != nil {
		return out, fmt.Errorf("gates: read %s: %w", p.Root, err)
	}
	out.Owner = v.Facts.Field("owner")
	out.Competitor = yes(v.Facts.Field("competitor")) || v.Facts.Field("type") == "competitor"
	for _, d := range v.Deals {
		if d.Status == "open" && subject.KindOf(d.ID) == subject.Opportunity {
			out.OpenOpportunity = true
		}
	}
	if out.Customer, err = g.Customer(ctx, v); err != nil {
		return out, fmt.Errorf("gates: %w", err)
	}
	if person == "" {
		return out, nil
	}
	pp, err := r.At(ctx, person, now.UnixMilli())
	if err != nil {
		return out, fmt.Errorf("gates: resolve the person: %w", err)
	}
	regs := map[string]account.Register{}
	for _, id := range append(pp.Path, person) {
		it, err := r.Item(ctx, id)
		if err != nil {
			return out, fmt.Errorf("gates: read the person: %w", err)
		}
		if !subject.IsCompany(id) {
			for f, reg := range it.Fields {
				account.Write(regs, f, reg)
			}
		}
	}
	out.Unsubscribed = yes(regs["unsubscribed"].Value)
	out.Bounced = yes(regs["bounced"].Value)
	out.ConsentWithdrawn = regs["consent"].Value == "withdrawn"
	out.Test = yes(regs["test"].Value)
	return out, nil
}

// Resolve answers the account that a subject's touches of a time belong to; store.ErrNotFound where nothing is known.
func (g *Gates) Resolve(ctx context.Context, id string, at time.Time) (string, error) {
	r := g.Reader()
	p, err := r.At(ctx, id, at.UnixMilli())
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", id, err)
	}
	for _, known := range append(p.Path, p.Root) {
		if it, err := r.Item(ctx, known); err != nil {
			return "", err
		} else if it.Version > 0 {
			return p.Root, nil
		}
	}
	return "", fmt.Errorf("resolve %s: %w", id, store.ErrNotFound)
}

func yes(s string) bool { return s == "true" || s == "yes" || s == "1" }
