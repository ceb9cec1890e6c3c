package route

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// withdrawal ends what is open about a person who is not to be contacted any more, on whatever account it stands.
//
// Score is told of the same touch at the same time and writes the gates from it, so the gates are asked only who the
// person is and whether consent was given since. The word is kept in the handoffs item of each account of the person: a
// decision that asked the gates just before meets it there, or its write meets ours and it is tried again. A crash
// between two handoffs leaves the others to the redelivery, which finds the word kept and goes on.
func (h *Handler) withdrawal(ctx context.Context, t *touch.Touch, n *watch.Note) error {
	who, err := h.Resolver.Who(ctx, t)
	if err != nil {
		return fmt.Errorf("route: %w", err)
	}
	if len(who) == 0 {
		n.Outcome = ignored // about nobody
		return nil
	}
	n.Account = who[0].Account
	w := routing.Withdrawal{Spoken: routing.Spoken{At: t.Time.UTC().Truncate(time.Millisecond), Touch: t.ID.String()}, Heard: h.now()}
	for _, id := range who {
		w.IDs = append(w.IDs, id.ID)
	}
	slices.Sort(w.IDs)
	accounts, known, stands, err := h.about(ctx, who, &w)
	if err != nil {
		return err
	}
	if !stands {
		n.Outcome = outdated
		return nil
	}
	n.Outcome = withdrew
	for _, account := range accounts {
		for more := true; more; {
			err := retry(ctx, func() (err error) {
				more, err = h.withdraw(ctx, account, w, known, n)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// about gathers the accounts at which a person may have been handed over, and all ids of the person. stands is false where
// the person has given consent since.
func (h *Handler) about(ctx context.Context, who []routing.Identity, w *routing.Withdrawal) (accounts, known []string, stands bool, err error) {
	for _, id := range who {
		account, gates, err := h.check(ctx, id.Account, id.ID)
		if err != nil {
			return nil, nil, false, err
		}
		if !w.Stands(&gates) {
			return nil, nil, false, nil
		}
		accounts = append(append(accounts, account), gates.Elsewhere...)
		known = append(known, gates.Known...)
	}
	slices.Sort(accounts)
	return slices.Compact(accounts), known, true, nil
}

// withdraw is one try at the first handoff of an account that is open about the person; more says that it closed one.
func (h *Handler) withdraw(ctx context.Context, account string, w routing.Withdrawal, known []string, n *watch.Note) (more bool, err error) {
	account, gates, err := h.check(ctx, account, "")
	if err != nil {
		return false, err
	}
	s, _, err := h.load(ctx, account, gates.Former)
	if err != nil {
		return false, err
	}
	now := h.now()
	unmet := s.item.Unmet(now)
	e := s.item.Withdraw(w, known, now)
	if e.Slot == nil {
		if !e.Changed {
			return false, nil
		}
		rec, err := record(s)
		if err != nil {
			return false, err
		}
		if err := h.Accounts.Put(ctx, rec); err != nil {
			return false, fmt.Errorf("route: write the handoffs of %s: %w", watch.Discreet(account), err)
		}
		return false, nil
	}
	var team *store.Record
	if team, err = h.released(ctx, e.Slot); err != nil {
		return false, err
	}
	p := &routing.Pending{Since: now}
	r, err := row(account, ledger.Handoff, now, e.Slot.ID+"/"+w.Touch, &e.Record)
	if err != nil {
		return false, err
	}
	p.Rows = append(p.Rows, r)
	if err := announce(p, account, &e, w.Touch, now); err != nil {
		return false, err
	}
	if err := h.commit(ctx, s, team, p); err != nil {
		return false, err
	}
	n.Handoff, n.Play = e.Slot.ID, e.Slot.Play
	n.Published += len(p.Events)
	metric.From(ctx).Add(metric.Recycled, 1)
	metric.From(ctx).Add(metric.SLABreaches, unmet-s.item.Unmet(now))
	return true, nil
}
