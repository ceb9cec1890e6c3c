package route

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// feedback takes a team's or a destination's answer to a handoff, or a person's word that ends all that are about them.
func (h *Handler) feedback(ctx context.Context, e *event.Envelope, n *watch.Note) error {
	d, err := decode[event.TouchDetail](e)
	if err != nil {
		return err
	}
	t := &d.Touch
	*n = watch.Note{Account: t.Subject, Touch: t.ID, Correlation: d.Correlation, Causation: d.Causation}
	withdraws := slices.Contains(touch.WithdrawalKinds, t.Kind)
	if !withdraws && !isFeedback(t.Kind) || t.Withdrawn {
		n.Outcome = ignored // neither an answer to a handoff nor the end of one
		return nil
	}
	if t.Subject == "" || t.Time.IsZero() {
		return fmt.Errorf("route: TouchRecorded %s lacks its subject or its time", e.ID)
	}
	if withdraws {
		return h.withdrawal(ctx, t, n)
	}
	a := routing.Answer{Touch: t.ID.String(), Kind: t.Kind, At: t.Time, Revised: t.Revision > 0}
	if f := t.Feedback; f != nil {
		a.Handoff, a.Play, a.Rep, a.Reason = f.Handoff, f.Play, f.Rep, f.Reason
	}
	n.Handoff, n.Play = a.Handoff, a.Play
	if t.Kind == touch.HandoffReassign {
		return retry(ctx, func() error { return h.reassign(ctx, t, a, n) })
	}
	return retry(ctx, func() error { return h.answer(ctx, t, a, n) })
}

// answer is one try.
func (h *Handler) answer(ctx context.Context, t *touch.Touch, a routing.Answer, n *watch.Note) error {
	account, former, err := h.whose(ctx, t, &a)
	if err != nil {
		return err
	}
	n.Account = account
	s, _, err := h.load(ctx, account, former)
	if err != nil {
		return err
	}
	now := h.now()
	unmet := s.item.Unmet(a.At)
	e := s.item.Apply(a, now)
	n.Outcome = e.Record.Outcome
	if e.Slot != nil {
		n.Handoff, n.Play = e.Slot.ID, e.Slot.Play
	}
	if !e.Changed {
		// Nothing to write but that it was heard. The row's key is the touch's: a repeat finds it there.
		r, err := answerRow(account, &e)
		if err != nil {
			return err
		}
		if _, err := h.Ledger.AppendOne(ctx, r); err != nil {
			return fmt.Errorf("route: %w", err)
		}
		return nil
	}
	var team *store.Record
	if e.Released {
		if team, err = h.released(ctx, e.Slot); err != nil {
			return err
		}
	}
	p := &routing.Pending{Since: now}
	if err := h.taken(p, account, &e, now); err != nil {
		return err
	}
	n.Published = len(p.Events)
	if err := h.commit(ctx, s, team, p); err != nil {
		return err
	}
	metric.From(ctx).Add(metric.SLABreaches, unmet-s.item.Unmet(a.At)) // by an outreach that the sweep did not wait for
	return nil
}

// whose finds the account whose item holds the handoff that an answer means. The handoff's own id leads to it first,
// and on through joins; otherwise the touch's subject resolves to it.
func (h *Handler) whose(ctx context.Context, t *touch.Touch, a *routing.Answer) (account string, former []string, err error) {
	if routing.IsHandoff(a.Handoff) {
		if account, err = h.follow(ctx, a.Handoff); err == nil || !errors.Is(err, store.ErrNotFound) {
			return account, nil, err
		}
	}
	account, err = h.Resolver.Resolve(ctx, t.Subject, t.Time)
	if errors.Is(err, store.ErrNotFound) || err == nil && account == "" {
		account, err = t.Subject, nil // nobody knows it: the answer is recorded there, unmatched
	}
	if err != nil {
		return "", nil, fmt.Errorf("route: resolve %s: %w", watch.Discreet(t.Subject), err)
	}
	person := ""
	if a.Handoff == "" && a.Play == "" && subject.IsPerson(t.Subject) {
		person = t.Subject
	}
	account, gates, err := h.check(ctx, account, person)
	a.People = gates.Known
	return account, gates.Former, err
}

// follow leads from a handoff's id to the item that holds it now.
func (h *Handler) follow(ctx context.Context, id string) (string, error) {
	rec, err := h.Accounts.Get(ctx, routing.HandoffKey(id))
	if err != nil {
		return "", fmt.Errorf("route: follow %s: %w", id, err)
	}
	var p routing.Pointer
	if err := json.Unmarshal(rec.Body, &p); err != nil || p.Account == "" {
		return "", fmt.Errorf("route: %s leads to no account: %s, %v", id, rec.Body, err)
	}
	account := p.Account
	for range 8 {
		rec, err := h.Accounts.Get(ctx, routing.HandoffsKey(account))
		if errors.Is(err, store.ErrNotFound) {
			return account, nil
		}
		if err != nil {
			return "", fmt.Errorf("route: follow %s: %w", id, err)
		}
		item, err := routing.Decode(account, rec.Body)
		if err != nil {
			return "", fmt.Errorf("route: follow %s: %w", id, err)
		}
		if item.Has(id) || item.Forward == "" {
			return account, nil
		}
		account = item.Forward
	}
	return account, nil
}
