package score

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
)

// What one tick does of a pass. A thousand accounts a minute are a fresh look at each with ten requests of a hundred
// keys, and what there is to write; the time leaves room for one long refold within the function's own.
const (
	passMost = 1000
	passTime = 20 * time.Second
	passPage = 100
	// settle is how long after an activation the walk begins: every process looks for a newer policy once a minute and
	// works on a batch for at most one, so by then none is left that could put an account back under the old one.
	settle = 3 * time.Minute
)

// onward moves the pass that an activation left on. First it tells the owners of stages. Then it brings every account
// under the policy in force, those of which nothing is heard any more too: it walks the time index, where each account
// with facts stands, and folds or evaluates again what is not up to date. A touch does the same to the account it comes
// to, so most are when the walk gets there. Evidence does not become newer by it: what a play's act_within calls too old
// is recorded, and not acted on.
//
// The place that the walk has got to is written last. A crash before repeats the tick's part, where nothing is left to
// be done, and tells the owners again.
func (h *Handler) onward(ctx context.Context, rules Rules, now time.Time) error {
	p, err := policy.ReadPass(ctx, h.Accounts)
	if err != nil {
		return fmt.Errorf("score: %w", err)
	}
	told := len(p.Untold) > 0
	if err := h.tell(ctx, p); err != nil {
		return err
	}
	clock := h.Now() // not the tick's own time, which may have waited in the queue for longer than settle
	switch {
	case p.Done():
		return h.keep(ctx, p, 0)
	case p.From == 0:
		p.From = clock.Add(settle).Unix()
		return h.keep(ctx, p, p.From)
	case told && clock.Unix() < p.From:
		return h.keep(ctx, p, p.From)
	case rules.Ref().Epoch != p.Epoch && told:
		return h.keep(ctx, p, clock.Unix())
	case rules.Ref().Epoch != p.Epoch || clock.Unix() < p.From:
		return nil // this process has not read that policy yet: another tick, or another process, goes on
	}
	err = h.walk(ctx, rules, p, now)
	due := clock.Unix()
	if p.Done() {
		due = 0
	}
	h.Log.InfoContext(ctx, "policy pass", "epoch", p.Epoch, "shard", p.Shard, "looked", p.Looked, "folded", p.Folded, "evaluated", p.Evaluated, "failed", p.Failed, "done", p.Done())
	return errors.Join(err, h.keep(ctx, p, due))
}

// tell publishes the activations that nobody was told of yet.
func (h *Handler) tell(ctx context.Context, p *policy.Pass) error {
	if len(p.Untold) == 0 {
		return nil
	}
	out := make([]event.Envelope, len(p.Untold))
	for i, d := range p.Untold {
		out[i] = event.Envelope{Source: event.Source, DetailType: event.PolicyActivated, Detail: detail(d)}
	}
	if err := h.Bus.Publish(ctx, out); err != nil {
		return fmt.Errorf("score: tell of an activation: %w", err)
	}
	p.Untold = nil
	return nil
}

// keep writes where the pass stands. Where another tick moved it, or an activation put a new one there, that one counts.
func (h *Handler) keep(ctx context.Context, p *policy.Pass, due int64) error {
	rec, err := p.Record(due)
	if err == nil {
		err = h.Accounts.Put(ctx, rec)
	}
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("score: write how far the policy has reached: %w", err)
	}
	return nil
}

// walk goes through some pages of the time index, whenever their items are due.
func (h *Handler) walk(ctx context.Context, rules Rules, p *policy.Pass, now time.Time) error {
	begun, ever := h.Now(), time.Unix(account.Asleep, 0)
	for n := 0; n < passMost && !p.Done() && h.Now().Sub(begun) < passTime; {
		page, err := h.Accounts.DueBefore(ctx, p.Shard, ever, passPage, p.Cursor)
		if errors.Is(err, store.ErrInvalid) && p.Cursor != "" {
			p.Cursor = "" // of a store that counted otherwise: this part again from its beginning
			continue
		}
		if err != nil {
			return fmt.Errorf("score: walk the time index: %w", err)
		}
		if err := h.reachAll(ctx, rules, p, page.Records, now); err != nil {
			return err
		}
		n += max(1, len(page.Records))
		if p.Cursor = page.Cursor; p.Cursor == "" {
			p.Shard++
		}
	}
	return nil
}

// reachAll reads a page's accounts at once and reaches those that need it. One that cannot be read or folded must not
// hold up the rest for ever: it is logged and counted. A store out of reach does: the page is walked again.
func (h *Handler) reachAll(ctx context.Context, rules Rules, p *policy.Pass, index []store.Record, now time.Time) error {
	var keys []store.Key
	for _, rec := range index {
		if rec.Sort == account.Sort {
			keys = append(keys, rec.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	recs, err := h.Accounts.GetMany(ctx, keys)
	if err != nil {
		return fmt.Errorf("score: read accounts for a new policy: %w", err)
	}
	for i, rec := range recs {
		rec.Key = keys[i]
		it, err := account.FromRecord(rec)
		did := ""
		if err == nil && behind(it, rules) {
			did, err = h.reach(ctx, rules, it.ID, now)
		}
		switch {
		case errors.Is(err, store.ErrConflict): // a touch was faster, and brought it under the policy itself
		case errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil:
			return err
		case err != nil:
			p.Failed++
			h.Log.ErrorContext(ctx, "not brought under the policy in force", "account_id", keys[i].Partition, "epoch", p.Epoch, "error", err)
		}
		p.Looked++
		switch did {
		case "folded":
			p.Folded++
		case "evaluated":
			p.Evaluated++
		}
	}
	return nil
}

// behind reports whether an item may have facts or an evaluation of another policy than the one in force.
func behind(it *account.Item, rules Rules) bool {
	return !it.Facts.Empty() && (it.Fold != rules.Memory().Hash() || it.Told.Eval != rules.Ref().Eval)
}

// reach brings one account under the policy in force, and says what it took.
func (h *Handler) reach(ctx context.Context, rules Rules, id string, now time.Time) (did string, err error) {
	s := h.session(rules, open{})
	meta := event.Meta{Causation: fmt.Sprintf("policy:%d", rules.Ref().Epoch)}
	it, err := s.Item(ctx, id)
	if err != nil {
		return "", err
	}
	if len(it.Refold) > 0 {
		did = "folded"
	}
	if err := s.resume(ctx, it, now, meta); err != nil {
		return "", err
	}
	if it, err = s.Item(ctx, id); err != nil {
		return "", err
	}
	switch {
	case it.Next != nil || !behind(it, rules):
		return did, nil // a refold under way is due by itself, and ends under the policy in force
	case it.Fold != rules.Memory().Hash():
		if _, err := s.renew(ctx, it, now, meta); err != nil {
			return "", err
		}
		return "folded", s.verify(ctx, now, meta)
	}
	// What belongs to it only for a time past is nobody's to evaluate.
	if place, err := s.At(ctx, id, now.UnixMilli()); err != nil || place.Root != id {
		return did, err
	}
	it.Due = 0
	s.mark(it, true)
	s.review[id] = true
	if err := s.judgeAt(ctx, it, now, meta, judged{}); err != nil {
		return "", err
	}
	return "evaluated", s.flush(ctx)
}
