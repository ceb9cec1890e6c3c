package score

import (
	"context"
	"errors"
	"fmt"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// sweepPage is how many due items one shard is read by.
const sweepPage = 100

// sweep looks at what is due without a new touch: a score that has decayed, a window that has closed, a silence, a
// renewal, a wait for enrichment that is over, a refold that a crash left undone, a policy that has yet to reach accounts.
func (h *Handler) sweep(ctx context.Context, rules Rules, e *event.Envelope) error {
	now := e.Time
	var errs []error
	var due, earliest int64
	passing := false
	for shard := range store.Shards {
		cursor := ""
		for {
			page, err := h.Accounts.DueBefore(ctx, shard, now, sweepPage, cursor)
			if err != nil {
				return fmt.Errorf("score: read the time index: %w", err)
			}
			for _, rec := range page.Records {
				if rec.Key == policy.PassKey {
					passing = true
				}
				if rec.Sort != account.Sort {
					continue // a handoff's deadline: route's
				}
				if due++; earliest == 0 || rec.Due < earliest {
					earliest = rec.Due
				}
				if err := h.look(ctx, rules, rec.Partition, e); err != nil && !errors.Is(err, store.ErrConflict) {
					errs = append(errs, err)
				}
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	if tally := metric.From(ctx); tally != nil {
		tally.Set(metric.AccountsDue, due)
		tally.Set(metric.SweepLag, 0)
		if due > 0 {
			tally.Set(metric.SweepLag, max(now.Unix()-earliest, 0))
		}
	}
	if passing { // last: what is due comes before what can wait
		errs = append(errs, h.onward(ctx, rules, now))
	}
	return errors.Join(errs...)
}

// look evaluates one account at the hour of the tick. A conflict means a touch was faster; the next minute finds the
// account again if it is still due.
func (h *Handler) look(ctx context.Context, rules Rules, id string, tick *event.Envelope) error {
	now := tick.Time
	s := h.session(rules, open{})
	it, err := s.Item(ctx, id)
	if err != nil || it.Version == 0 || it.Due == 0 || it.Due > now.Unix() {
		return err
	}
	w := work{touch: &touch.Touch{RecordedAt: now}, meta: event.Meta{Causation: tick.ID, Trace: tick.Trace}}
	refolded := true
	switch {
	case len(it.Refold) > 0:
		err = s.resume(ctx, it, now, w.meta)
	case it.Next != nil:
		err = s.refold(ctx, id, it.Next.Cause, now, w.meta)
	case it.Fold != "" && it.Fold != rules.Memory().Hash():
		_, err = s.renew(ctx, it, now, w.meta)
	default:
		refolded = false
	}
	if refolded {
		if err != nil {
			return err
		}
		return s.verify(ctx, now, w.meta)
	}
	it.Due = 0
	s.mark(it, true)
	s.review[id] = true
	if err := s.judgeAt(ctx, it, now, w.meta, judged{}); err != nil {
		return err
	}
	return s.flush(ctx)
}
