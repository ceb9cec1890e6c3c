package route

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/routing"
)

// hold keeps a decision for a person's word, and tells of the one that no longer waits because of it.
func (h *Handler) hold(ctx context.Context, s *state, d *event.Decision, v *routing.Verdict, now time.Time) error {
	held := slices.Clone(s.item.Held)
	lost := v.Hold(s.item, d, now)
	if lost == nil {
		return h.conclude(ctx, s, d, &v.Record)
	}
	if lost.Decision == d.ID {
		return h.conclude(ctx, s, d, lost)
	}
	i := slices.IndexFunc(held, func(b routing.HeldBack) bool { return b.Decision.ID == lost.Decision })
	was := &held[i].Decision
	kept, err := row(d.Account, ledger.Handoff, d.AsOf, d.ID, &v.Record)
	if err != nil {
		return err
	}
	gone, err := row(was.Account, ledger.Handoff, was.AsOf, was.ID, lost)
	if err != nil {
		return err
	}
	return h.commit(ctx, s, nil, &routing.Pending{Since: now, Rows: []ledger.Row{kept, gone}})
}

// conclude writes an item with the one row that says what became of a decision. The row stands under the decision's own
// key, whose later revision tells what became of it after it was held.
func (h *Handler) conclude(ctx context.Context, s *state, d *event.Decision, r *routing.Record) error {
	line, err := row(d.Account, ledger.Handoff, d.AsOf, d.ID, r)
	if err != nil {
		return err
	}
	return h.commit(ctx, s, nil, &routing.Pending{Since: r.At, Rows: []ledger.Row{line}})
}

// ripe does what is due of a decision that was held: it is let go, dropped, or has become too old. One that is let go
// passes all gates as they are now; the breaker counts it like any other, under the decision's id. A crash before the
// write leaves it as it was and the next sweep does it again; after the write it is no longer held, and what is pending
// is told by whoever loads the item.
func (h *Handler) ripe(ctx context.Context, s *state, held *routing.HeldBack) error {
	roster, err := h.Policy.Roster(ctx)
	if err != nil {
		return fmt.Errorf("route: read the policy: %w", err)
	}
	d, now := held.Decision, h.now()
	if held.Word == nil || held.Word.Drop {
		end := held.Ends(s.item.Account, roster.Ref, now)
		s.item.Unhold(d.ID)
		metric.From(ctx).Add(metric.Suppressed, 1)
		metric.From(ctx).AddBy(metric.SuppressedBy, 1, end.Outcome)
		return h.conclude(ctx, s, &d, &end)
	}
	word := *held.Word
	c, err := h.gather(ctx, &d, s.item.Account, roster)
	if err != nil {
		return err
	}
	s, c.Released = c.state, true
	if s.item.Knows(d.ID) {
		s.item.Unhold(d.ID) // it was acted on elsewhere, before the accounts were joined
		return h.commit(ctx, s, nil, &routing.Pending{Since: now})
	}
	v := routing.Decide(c.Case)
	if v.Act {
		if err := h.count(ctx, &v, c.Switch, c.play, now); err != nil {
			return err
		}
	}
	if why := v.Blocked(); why != "" {
		h.Log.LogAttrs(ctx, slog.LevelWarn, "route: released, and still held", slog.String("play", d.Play), slog.String("why", why))
		s.item.Wait(d.ID, why)
		return h.commit(ctx, s, nil, &routing.Pending{Since: now})
	}
	v.Released(&word)
	s.item.Unhold(d.ID)
	if !v.Act {
		metric.From(ctx).Add(metric.Suppressed, 1)
		metric.From(ctx).AddBy(metric.SuppressedBy, 1, v.Record.Outcome)
		return h.conclude(ctx, s, &d, &v.Record)
	}
	if err := h.offer(ctx, &d, &v, s, c.Team, c.team, now); err != nil {
		return err
	}
	which := metric.Offered
	if v.Slot.Nurture {
		which = metric.Enrolled
	}
	metric.From(ctx).Add(which, 1)
	return nil
}
