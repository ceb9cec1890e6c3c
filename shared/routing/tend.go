package routing

import (
	"fmt"
	"slices"
	"time"
)

// Tend does the one thing that the clock asks for first, of the slots of an account: a reminder, an escalation, a
// recycling, the end of a handoff that another stands for. ok is false when nothing is due. withdrawn says, per slot, why it may no
// longer be worked ("" if it may): a reminder would be a contact, so gates are asked here too.
//
// A step that another, later one has overtaken (the sweep was down) is left out: one message, the highest.
func (it *Item) Tend(now time.Time, withdrawn func(*Slot) string) (e Effect, ok bool) {
	var s *Slot
	for i := range it.Slots {
		next := it.Slots[i].Next()
		if !next.IsZero() && !next.After(now) && (s == nil || next.Before(s.Next())) {
			s = &it.Slots[i]
		}
	}
	if s == nil {
		return e, false
	}
	e = Effect{Slot: s, Changed: true, Record: Record{
		Handoff: s.ID, Decision: s.Decision, Account: it.Account, Person: s.Person, Funnel: s.Funnel, Play: s.Play, Mode: s.Mode,
		DueAt: s.DueAt, At: now,
	}}
	r := &e.Record
	why := withdrawn(s)
	switch {
	case why != "":
		s.recycle(&e, now, EndUnworkable, "It may no longer be worked: "+why+".")
	case s.Superseded != "":
		s.recycle(&e, now, EndJoined, fmt.Sprintf("Its account was joined with another, of which %s holds the place.", s.Superseded))
	case s.TakenOver != "":
		s.recycle(&e, now, EndTakenOver, s.takenBy(it))
	case !s.recycleAt().After(now):
		end, text := EndUnreached, "Nobody reached out within %s, so it was recycled."
		if s.OutreachM != nil {
			end, text = EndUnfinished, "Nobody finished it within %s of the first outreach, so it was recycled."
		}
		s.recycle(&e, now, end, fmt.Sprintf(text, s.RecycleAfter))
	default:
		n := 0
		for n < len(s.Steps) && !s.Steps[n].At.After(now) {
			n++
		}
		step := s.Steps[n-1]
		s.Steps = s.Steps[n:]
		e.To, r.By = step.To, step.To
		if step.Up {
			e.Tell, r.Outcome = TellEscalated, Escalated
			r.Reason = fmt.Sprintf("No outreach by the deadline of %s: %s was told.", stampText(s.DueAt), step.To)
		} else {
			e.Tell, r.Outcome = TellReminded, Reminded
			r.Reason = fmt.Sprintf("No outreach yet and the deadline is %s: %s was reminded.", stampText(s.DueAt), step.To)
		}
		if n > 1 {
			r.Reason += fmt.Sprintf(" Earlier steps that came too late to be of use were left out: %d.", n-1)
		}
	}
	r.State = s.State()
	return e, true
}

// Unmet counts the handoffs whose deadline has come without an outreach while nobody has been told yet: each is a broken
// SLA that has not been counted.
func (it *Item) Unmet(now time.Time) (n int) {
	for i := range it.Slots {
		s := &it.Slots[i]
		if s.Holds() && s.OutreachM == nil && !now.Before(s.DueAt) && slices.ContainsFunc(s.Steps, func(st Step) bool { return st.Up && st.At.Equal(s.DueAt) }) {
			n++
		}
	}
	return n
}

// recycle closes the handoff on behalf of the clock.
func (s *Slot) recycle(e *Effect, now time.Time, end End, why string) {
	s.RecycledM = &Mark{At: now, By: "route", Reason: why}
	s.Steps = nil
	e.Record.Outcome, e.Record.End, e.Record.Reason = string(Recycled), end, why
	e.Released, e.Tell = true, TellClosed
}
