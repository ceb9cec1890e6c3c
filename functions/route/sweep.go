package route

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/watch"
)

// sweepPage is how many items of a shard are read at once.
const sweepPage = 100

// sweep does what is due by the time index: reminders, escalations, recycling, and the repair of what a crash left
// untold. Accounts are done one by one, and one that fails does not hold up the rest; the tick is then delivered again.
func (h *Handler) sweep(ctx context.Context, e *event.Envelope, n *watch.Note) error {
	now := h.now()
	n.Outcome, n.Correlation = swept, e.ID
	var errs []error
	var due, earliest int64
	for shard := range store.Shards {
		cursor := ""
		for {
			page, err := h.Accounts.DueBefore(ctx, shard, now, sweepPage, cursor)
			if err != nil {
				errs = append(errs, fmt.Errorf("route: read what is due in shard %d: %w", shard, err))
				break
			}
			for i := range page.Records {
				rec := &page.Records[i]
				if rec.Sort != routing.HandoffsSort {
					continue // score's
				}
				if due++; earliest == 0 || rec.Due < earliest {
					earliest = rec.Due
				}
				done, err := h.tend(ctx, rec.Partition, e.ID)
				n.Published += done
				errs = append(errs, err)
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	return errors.Join(append(errs, h.gauge(ctx, due, earliest, now))...)
}

// gauge states how the handoffs stand, where somebody counts.
func (h *Handler) gauge(ctx context.Context, due, earliest int64, now time.Time) error {
	tally := metric.From(ctx)
	if tally == nil {
		return nil
	}
	tally.Set(metric.HandoffsDue, due)
	tally.Set(metric.SweepLag, 0)
	if due > 0 {
		tally.Set(metric.SweepLag, max(now.Unix()-earliest, 0))
	}
	roster, err := h.Policy.Roster(ctx)
	if err != nil {
		return fmt.Errorf("route: read the policy: %w", err)
	}
	teams := roster.Teams()
	keys := make([]store.Key, len(teams))
	for i, t := range teams {
		keys[i] = routing.TeamKey(t)
	}
	recs, err := h.Accounts.GetMany(ctx, keys)
	if err != nil {
		return fmt.Errorf("route: read the counters of the teams: %w", err)
	}
	open := 0
	for i, rec := range recs {
		team, err := routing.DecodeTeam(teams[i], rec.Body)
		if err != nil {
			return fmt.Errorf("route: %w", err)
		}
		for _, n := range team.Open {
			open += n
		}
	}
	tally.Set(metric.HandoffsOpen, int64(open))
	return nil
}

// maxSteps bounds what one sweep does for one account; the next goes on.
const maxSteps = 64

// tend does what is due for one account, one step and one write at a time, and answers how many steps.
func (h *Handler) tend(ctx context.Context, account, tick string) (int, error) {
	for n := range maxSteps {
		var more bool
		err := retry(ctx, func() (err error) {
			more, err = h.step(ctx, account, tick)
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
func (h *Handler) step(ctx context.Context, account, tick string) (more bool, err error) {
	account, gates, err := h.check(ctx, account, "")
	if err != nil {
		return false, err
	}
	s, _, err := h.load(ctx, account, gates.Former)
	if err != nil {
		return false, err
	}
	now := h.now()
	if held := s.item.Ripe(now); held != nil {
		return true, h.ripe(ctx, s, held)
	}
	unmet := s.item.Unmet(now)
	var gateErr error
	e, ok := s.item.Tend(now, func(slot *routing.Slot) string {
		g := gates
		if slot.Person != "" {
			_, g, gateErr = h.check(ctx, account, slot.Person)
		}
		g.ConsentWithdrawn = g.ConsentWithdrawn || s.item.Withdrew(cmp.Or(slot.Person, slot.Account), &g)
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
	if err := announce(p, account, &e, tick, now); err != nil {
		return false, err
	}
	if err := h.commit(ctx, s, team, p); err != nil {
		return true, err
	}
	tally := metric.From(ctx)
	tally.Add(clocked[e.Record.Outcome], 1)
	tally.Add(metric.SLABreaches, unmet-s.item.Unmet(now))
	return true, nil
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
