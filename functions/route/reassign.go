package route

import (
	"cmp"
	"context"
	"fmt"

	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// reassign gives a handoff to another, as an operator asked: to whom he named, else to whom the policy chooses now. One
// transaction moves the slot and the team's counters. Where somebody else has it by then, or it is closed, only that is
// recorded; so a repeat does nothing.
func (h *Handler) reassign(ctx context.Context, t *touch.Touch, a routing.Answer, n *watch.Note) error {
	from, _ := t.Props["from"].(string)
	if from == "" || !routing.IsHandoff(a.Handoff) {
		return fmt.Errorf("route: %s names no handoff or nobody who has it", t.ID)
	}
	roster, err := h.Policy.Roster(ctx)
	if err != nil {
		return fmt.Errorf("route: read the policy: %w", err)
	}
	account, former, err := h.whose(ctx, t, &a)
	if err != nil {
		return err
	}
	_, gates, err := h.check(ctx, account, "") // who owns the account in the CRM now
	if err != nil {
		return err
	}
	n.Account = account
	s, _, err := h.load(ctx, account, former)
	if err != nil {
		return err
	}
	now := h.now()
	var version int64
	e, team, err := s.item.Reassign(a, from, now, func(slot *routing.Slot) (string, error) {
		_, g, err := h.check(ctx, account, slot.Person)
		g.ConsentWithdrawn = g.ConsentWithdrawn || s.item.Withdrew(cmp.Or(slot.Person, slot.Account), &g)
		return withdrawn(&g), err
	}, func(slot *routing.Slot) (*routing.TeamState, error) {
		recs, err := h.Accounts.GetMany(ctx, []store.Key{routing.TeamKey(slot.Team)})
		if err != nil {
			return nil, fmt.Errorf("route: read the counters of the team %s: %w", slot.Team, err)
		}
		version = recs[0].Version
		state, err := routing.DecodeTeam(slot.Team, recs[0].Body)
		return &state, err
	}, func(slot *routing.Slot, state *routing.TeamState) (routing.Choice, bool) {
		return roster.Successor(s.item, slot, a.Rep, gates.Owner, state, now)
	})
	if err != nil {
		return err
	}
	n.Outcome = e.Record.Outcome
	if e.Slot != nil {
		n.Play = e.Slot.Play
	}
	if !e.Changed {
		r, err := answerRow(account, &e)
		if err != nil {
			return err
		}
		if _, err := h.Ledger.AppendOne(ctx, r); err != nil {
			return fmt.Errorf("route: %w", err)
		}
		return nil
	}
	rec, err := teamRecord(e.Slot.Team, team, version)
	if err != nil {
		return err
	}
	p := &routing.Pending{Since: now}
	if err := h.taken(p, account, &e, now); err != nil {
		return err
	}
	n.Published = len(p.Events)
	return h.commit(ctx, s, rec, p)
}
