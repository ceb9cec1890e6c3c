package route

import (
	"context"
	"errors"
	"fmt"

	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
)

// sweepPage is how many items of a shard are read at once.
const sweepPage = 100

// sweep does what is due by the time index: reminders, escalations, recycling, and the repair of what a crash left
// untold. Accounts are done one by one, and one that fails does not hold up the rest; the tick is then delivered again.
func (h *Handler) sweep(ctx context.Context) (outcome, error) {
	now := h.now()
	var errs []error
	done := 0
	for shard := range store.Shards {
		cursor := ""
		for {
			page, err := h.Accounts.DueBefore(ctx, shard, now, sweepPage, cursor)
			if err != nil {
				errs = append(errs, fmt.Errorf("route: read what is due in shard %d: %w", shard, err))
				break
			}
			for i := range page.Records {
				if page.Records[i].Sort != routing.HandoffsSort {
					continue // score's
				}
				n, err := h.tend(ctx, page.Records[i].Partition)
				done += n
				errs = append(errs, err)
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	return outcome{what: fmt.Sprintf("swept: %d steps", done)}, errors.Join(errs...)
}

// maxSteps bounds what one sweep does for one account; the next goes on.
const maxSteps = 64

// tend does what is due for one account, one step and one write at a time, and answers how many steps.
func (h *Handler) tend(ctx context.Context, account string) (int, error) {
	for n := range maxSteps {
		var more bool
		err := retry(func() (err error) {
			more, err = h.step(ctx, account)
			return err
		})
		if err != nil || !more {
			return n, err
		}
	}
	return maxSteps, nil
}

// step is one try at the first thing that is due. The index may lag, so the item is read again, consistently, before
// anything is done; so are the gates, as a reminder makes somebody call.
func (h *Handler) step(ctx context.Context, account string) (more bool, err error) {
	account, gates, err := h.check(ctx, account, "")
	if err != nil {
		return false, err
	}
	s, _, err := h.load(ctx, account, gates.Former)
	if err != nil {
		return false, err
	}
	now := h.now()
	var gateErr error
	e, ok := s.item.Tend(now, func(slot *routing.Slot) string {
		g := gates
		if slot.Person != "" {
			_, g, gateErr = h.check(ctx, account, slot.Person)
		}
		return withdrawn(&g)
	})
	if gateErr != nil {
		return false, gateErr
	}
	if !ok {
		return false, nil
	}
	var team *store.Record
	if e.Released {
		if team, err = h.released(ctx, e.Slot); err != nil {
			return false, err
		}
	}
	p := &routing.Pending{Since: now}
	r, err := row(account, ledger.Handoff, now, e.Slot.ID+"/"+e.Record.Outcome, &e.Record)
	if err != nil {
		return false, err
	}
	p.Rows = append(p.Rows, r)
	if err := announce(p, account, &e, now); err != nil {
		return false, err
	}
	return true, h.commit(ctx, s, team, p)
}

// withdrawn says why a handoff that is open may no longer be worked. An open deal or a purchase is no such reason: it is
// what the handoff was for. Nor is an unsubscription, which is about e-mail.
func withdrawn(g *routing.GateState) string {
	switch {
	case g.ConsentWithdrawn:
		return "consent was withdrawn"
	case g.Competitor:
		return "the account is a competitor"
	case g.Test:
		return "this is a test lead"
	}
	return ""
}
