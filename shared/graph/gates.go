package graph

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Gates reads what is true of an account and a person at the moment of acting.
type Gates struct {
	*Graph
	Now func() time.Time
	// Customer is the policy's word on whether an account buys from us.
	Customer func(ctx context.Context, v *account.View) (bool, error)
}

// Accounts at which a person may have been contacted are looked up as far back as a cap may span, and up to this many.
const maxElsewhere = 32

// Check reads the account, its deals and the person, consistently. An account that nobody knows has no gate closed.
//
// What is promised: a gate counts if score had written it, under whichever of the person's ids, and the links that make
// these ids one, when Check began; the order in which they came does not matter. What is written while Check reads may or
// may not be seen, and what is written after it is not: a contact that is on its way then goes out, as if the person had
// spoken a moment later. Who withdraws consent then is told to route besides, which ends what is open about them; consent,
// competitor and test are asked again before each reminder.
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
	out.Competitor = rival(v.Facts)
	var latest time.Time
	for _, d := range v.Deals {
		if d.Status == "open" && subject.KindOf(d.ID) == subject.Opportunity {
			out.OpenOpportunity = true
			if d.Owner != "" && !d.Created.Before(latest) {
				out.DealOwner, latest = d.Owner, d.Created
			}
		}
	}
	if out.Customer, err = g.Customer(ctx, v); err != nil {
		return out, fmt.Errorf("gates: %w", err)
	}
	if person == "" {
		return out, nil
	}
	who, err := r.Person(ctx, person, now.UnixMilli(), now.Add(-routing.MaxCapSpan.Duration()).UnixMilli())
	if err != nil {
		return out, fmt.Errorf("gates: read the person: %w", err)
	}
	out.Person, out.Known, out.TooMany = who.Strongest, who.IDs, who.Many
	for _, a := range who.Accounts {
		if a != p.Root && a != acct {
			out.Elsewhere = append(out.Elsewhere, a)
		}
	}
	out.TooMany = out.TooMany || len(out.Elsewhere) > maxElsewhere
	out.Unsubscribed, out.Bounced = who.Unsubscribed(), who.Bounced()
	out.ConsentWithdrawn, out.Consented, out.Test = who.ConsentWithdrawn(), who.Consented(), who.Test()
	if !out.Competitor {
		out.Competitor, err = r.competes(ctx, who.IDs, p.Root, now.UnixMilli())
	}
	return out, err
}

// competes reports whether the person is with a competitor by another id than the account's: a contact that a CRM lists
// there. A former address says nothing of that.
func (r *Reader) competes(ctx context.Context, ids []string, root string, at int64) (bool, error) {
	for _, id := range ids {
		if subject.KindOf(id) == subject.Email {
			continue
		}
		p, err := r.At(ctx, id, at)
		if err != nil {
			return false, fmt.Errorf("gates: resolve %s: %w", id, err)
		}
		if p.Root == root {
			continue
		}
		it, err := r.Item(ctx, p.Root)
		if err != nil {
			return false, fmt.Errorf("gates: read %s: %w", p.Root, err)
		}
		if rival(&it.Facts) {
			return true, nil
		}
	}
	return false, nil
}

func rival(f *account.Facts) bool {
	return yes(f.Field("competitor")) || f.Field("type") == "competitor"
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

// Who answers the ids of the person whom a touch is about, the strongest first, and the account that each counts for now,
// also where score has not written the touch yet: by what the touch says itself, and by whom its subject led to then. A
// device's other users are not the person; nor is whom an operator has parted from the subject.
func (g *Gates) Who(ctx context.Context, t *touch.Touch) ([]routing.Identity, error) {
	r := g.Reader()
	parted, err := r.Parted(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("who is touch %s about: %w", t.ID, err)
	}
	who := subject.StrongestPerson(t, parted...)
	if who == "" {
		return nil, nil
	}
	then, err := r.At(ctx, who, t.Time.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("who is touch %s about: %w", t.ID, err)
	}
	ids := []string{cmp.Or(then.Person, who)}
	for _, id := range subject.Named(t) {
		if through(id) && !slices.Contains(parted, id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	now := g.Now().UnixMilli()
	out := make([]routing.Identity, len(ids))
	for i, id := range ids {
		p, err := r.At(ctx, id, now)
		if err != nil {
			return nil, fmt.Errorf("who is touch %s about: %w", t.ID, err)
		}
		out[i] = routing.Identity{ID: id, Account: p.Root}
	}
	return out, nil
}
