package remap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// isAnswer reports whether route hears a touch, and it is a tool's: an operator's are no mapping's.
func isAnswer(t *touch.Touch) bool {
	return t != nil && !t.Withdrawn && slices.Contains(touch.FeedbackKinds, t.Kind) && t.Kind != touch.HandoffReassign
}

// withdraws reports whether a touch ends what is open about its person.
func withdraws(t *touch.Touch) bool {
	return !t.Withdrawn && slices.Contains(touch.WithdrawalKinds, t.Kind)
}

// answers are the events that tell route of answers as they are read now, and of persons who withdraw consent as it is
// read now. Route knows them by their touches: telling it
// twice does nothing, and score, which folds all revisions of a subject at once, passes them by.
func answers(revised []*touch.Touch, now time.Time) (out []event.Envelope, err error) {
	latest := map[touch.ID]*touch.Touch{}
	for _, t := range revised {
		if have := latest[t.ID]; have == nil || t.Revision > have.Revision {
			latest[t.ID] = t
		}
	}
	for _, t := range latest {
		if !isAnswer(t) && !withdraws(t) {
			continue
		}
		_, e, err := graph.Recorded(t, now)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b event.Envelope) int { return cmp.Compare(string(a.Detail), string(b.Detail)) })
	return out, nil
}

// answer notes that what a touch says of a handoff is read otherwise.
func (p *Plan) answer(before, now *touch.Touch) {
	if !isAnswer(before) && !isAnswer(now) || before != nil && now != nil && same(before, now) {
		return
	}
	a, of := Answer{}, before
	if isAnswer(before) {
		a.Was = before.Kind
	}
	if isAnswer(now) {
		a.Is, of = now.Kind, now
	}
	a.Touch, a.At, a.Account = of.ID, of.Time, of.Subject
	if of.Feedback != nil {
		a.Handoff, a.Play = of.Feedback.Handoff, of.Feedback.Play
	}
	p.Answers = append(p.Answers, a)
}

// answered finds the handoffs that the answers mean, and how they stand.
func (p *Plan) answered(ctx context.Context, s *stack.Stack, r *graph.Reader) error {
	for i := range p.Answers {
		a := &p.Answers[i]
		place, err := r.At(ctx, a.Account, a.At.UnixMilli())
		if err != nil {
			return fmt.Errorf("whose is the answer %s: %w", a.Touch, err)
		}
		a.Account = place.Root
		if item, slot, err := meant(ctx, s, a); err != nil {
			return err
		} else if slot != nil {
			a.Account, a.Handoff, a.Play, a.Owner, a.State = item.Account, slot.ID, slot.Play, slot.Owner, string(slot.State())
			a.Stays = a.Was != "" && !gives(a.Was, a.Is)
		}
	}
	slices.SortFunc(p.Answers, func(a, b Answer) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Touch.String(), b.Touch.String()))
	})
	return nil
}

// gives reports whether what an answer was taken for gives way to what it is: one way of closing to another.
func gives(was, is string) bool {
	closing := []string{touch.HandoffRejected, touch.HandoffCompleted, touch.HandoffRecycled}
	return was == is || slices.Contains(closing, was) && slices.Contains(closing, is)
}

// meant is the handoff that an answer marks, by its id or by the mark; nil where there is none yet.
func meant(ctx context.Context, s *stack.Stack, a *Answer) (*routing.Item, *routing.Slot, error) {
	if routing.IsHandoff(a.Handoff) {
		item, err := rested.Item(ctx, s, a.Handoff)
		if err != nil || item == nil {
			return nil, nil, err
		}
		return item, item.Slot(a.Handoff), nil
	}
	rec, err := s.Accounts.Get(ctx, routing.HandoffsKey(a.Account))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the handoffs of %s: %w", a.Account, err)
	}
	item, err := routing.Decode(a.Account, rec.Body)
	if err != nil {
		return nil, nil, err
	}
	for i := range item.Slots {
		slot := &item.Slots[i]
		for _, m := range []*routing.Mark{slot.AcceptedM, slot.OutreachM, slot.RejectedM, slot.CompletedM, slot.RecycledM, slot.ReceivedM} {
			if m != nil && m.Touch == a.Touch.String() {
				return item, slot, nil
			}
		}
	}
	return item, nil, nil
}
