package route

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// feedback takes a team's or a destination's answer to a handoff.
func (h *Handler) feedback(ctx context.Context, e *event.Envelope) (outcome, error) {
	d, err := decode[event.TouchDetail](e)
	if err != nil {
		return outcome{what: "malformed"}, err
	}
	t := &d.Touch
	o := outcome{account: t.Subject, correlation: d.Correlation}
	if !isFeedback(t.Kind) || t.Withdrawn {
		o.what = "ignored: no answer to a handoff"
		return o, nil
	}
	if t.Subject == "" || t.Time.IsZero() {
		o.what = "malformed"
		return o, fmt.Errorf("route: TouchRecorded %s lacks its subject or its time", e.ID)
	}
	a := routing.Answer{Touch: t.ID.String(), Kind: t.Kind, At: t.Time}
	if f := t.Feedback; f != nil {
		a.Handoff, a.Play, a.Rep, a.Reason = f.Handoff, f.Play, f.Rep, f.Reason
	}
	o.play, o.handoff = a.Play, a.Handoff
	err = retry(func() error { return h.answer(ctx, t, a, &o) })
	return o, err
}

// answer is one try.
func (h *Handler) answer(ctx context.Context, t *touch.Touch, a routing.Answer, o *outcome) error {
	account, former, err := h.whose(ctx, t, a)
	if err != nil {
		return err
	}
	o.account = account
	s, _, err := h.load(ctx, account, former)
	if err != nil {
		return err
	}
	now := h.now()
	e := s.item.Apply(a, now)
	o.what = e.Record.Outcome
	if e.Slot != nil {
		o.handoff, o.play = e.Slot.ID, e.Slot.Play
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
	return h.commit(ctx, s, team, p)
}

// whose finds the account whose item holds the handoff that an answer means. The handoff's own id leads to it first,
// and on through joins; otherwise the touch's subject resolves to it.
func (h *Handler) whose(ctx context.Context, t *touch.Touch, a routing.Answer) (account string, former []string, err error) {
	if a.Handoff != "" {
		if account, err = h.follow(ctx, a.Handoff); err == nil || !errors.Is(err, store.ErrNotFound) {
			return account, nil, err
		}
	}
	account, err = h.Resolver.Resolve(ctx, t.Subject, t.Time)
	if errors.Is(err, store.ErrNotFound) || err == nil && account == "" {
		account, err = t.Subject, nil // nobody knows it: the answer is recorded there, unmatched
	}
	if err != nil {
		return "", nil, fmt.Errorf("route: resolve %s: %w", discreet(t.Subject), err)
	}
	account, gates, err := h.check(ctx, account, "")
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
