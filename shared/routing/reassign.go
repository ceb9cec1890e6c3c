package routing

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reassigned is the outcome of a handoff that was given to another.
const Reassigned = "reassigned"

// ByName is how an owner was found whom an operator named.
const ByName = "named"

// TellReassigned tells that a handoff has another owner.
const TellReassigned Telling = "reassigned"

// Successor chooses who takes a handoff over from its owner: whom to names, else whom the policy would choose were the
// owner not of the team. ok is false where that is nobody else.
func (r *Roster) Successor(it *Item, s *Slot, to, crmOwner string, state *TeamState, at time.Time) (c Choice, ok bool) {
	team := r.teams[s.Team]
	if to != "" {
		c = Choice{Team: s.Team, Owner: to, How: ByName, Why: "was named"}
		if team != nil {
			if i := team.member(to); i >= 0 {
				c.Owner = team.Members[i].Email
			}
		}
		return c, c.Owner != s.Owner
	}
	if team == nil {
		return Choice{Team: s.Team, Why: "the policy has no team " + s.Team}, false
	}
	ask := Ask{Context: s.Context, Owner: crmOwner, At: at}
	if ask.Owner == "" {
		ask.Owner = s.Context.Owner
	}
	ask.Context.Owner = ""
	if team.denotes(ask.Owner, s.Owner) {
		ask.Owner = ""
	}
	for i := range it.Slots {
		if o := &it.Slots[i]; o.Team == s.Team && o.Owner != s.Owner && o.Holds() {
			ask.Holder = o.Owner
			break
		}
	}
	without := &Roster{Ref: r.Ref, teams: map[string]*squad{s.Team: team.without(s.Owner)}}
	c = without.Choose(s.Team, ask, state)
	c.Rejected = append([]Rejection{{Who: s.Owner, Why: "had it"}}, c.Rejected...)
	return c, c.Owner != "" && c.Owner != s.Owner
}

// denotes reports whether a CRM's owner is the member of that address.
func (s *squad) denotes(who, email string) bool {
	i := s.member(who)
	return strings.EqualFold(who, email) || i >= 0 && s.Members[i].Email == email
}

// without is the team as it would be without one member.
func (s *squad) without(email string) *squad {
	t := *s.Team
	out := &squad{Team: &t, calendar: s.calendar}
	t.Members = nil
	for i := range s.Members {
		if s.Members[i].Email != email {
			t.Members = append(t.Members, s.Members[i])
			out.calendars = append(out.calendars, s.calendars[i])
		}
	}
	return out
}

// Reps lists the e-mail addresses of all members and catch-alls, sorted.
func (r *Roster) Reps() []string {
	var out []string
	for _, t := range r.teams {
		out = append(out, t.CatchAll)
		for i := range t.Members {
			out = append(out, t.Members[i].Email)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Reassign gives a handoff to another, if from still has it: deadline, steps to come and marks stay. choose is asked
// only then. One that may no longer be worked (withdrawn says why) is closed instead: a new rep would call. The team's
// counters move with it in the same transaction.
func (it *Item) Reassign(a Answer, from string, now time.Time, withdrawn func(*Slot) (string, error), team func(*Slot) (*TeamState, error), choose func(*Slot, *TeamState) (Choice, bool)) (e Effect, state *TeamState, err error) {
	e = Effect{Answer: &a, Record: Record{Handoff: a.Handoff, Account: it.Account, Touch: a.Touch, By: from, At: now}}
	r := &e.Record
	s := it.Slot(a.Handoff)
	if s == nil {
		_, r.Outcome, r.Reason = it.match(a)
		return e, nil, nil
	}
	e.Slot = s
	r.Decision, r.Person, r.Funnel, r.Play, r.Mode, r.DueAt, r.State = s.Decision, s.Person, s.Funnel, s.Play, s.Mode, s.DueAt, s.State()
	switch {
	case s.MovedM != nil && s.MovedM.Touch == a.Touch:
		r.Outcome, r.Reason = Repeated, "It was reassigned by this before."
		return e, nil, nil
	case !s.Holds():
		r.Outcome, r.Reason = TooLate, fmt.Sprintf("It was %s by then, so nobody else got it.", s.State())
		return e, nil, nil
	case s.Owner != from:
		r.Outcome, r.Reason = TooLate, fmt.Sprintf("%s had it by then, no longer %s.", s.Owner, from)
		return e, nil, nil
	}
	why, err := withdrawn(s)
	if err != nil {
		return e, nil, err
	}
	if state, err = team(s); err != nil {
		return e, nil, err
	}
	state.Release(from)
	if why != "" {
		s.recycle(&e, now, EndUnworkable, "Nobody else got it, as it may no longer be worked: "+why+".")
		e.Changed, r.State = true, s.State()
		return e, state, nil
	}
	c, ok := choose(s, state)
	r.Choice = &c
	if !ok {
		r.Outcome, r.Reason = Unmatched, fmt.Sprintf("It stays with %s: nobody else of the team %s could take it.", from, s.Team)
		return e, nil, nil
	}
	state.Take(&c)
	s.Owner, s.MovedM = c.Owner, &Mark{At: a.At, Touch: a.Touch, By: from, Reason: a.Reason}
	for i := range s.Steps {
		if s.Steps[i].To == from {
			s.Steps[i].To = c.Owner
		}
	}
	e.Changed, e.Tell, e.To = true, TellReassigned, from
	r.Outcome, r.By = Reassigned, c.Owner
	r.Reason = fmt.Sprintf("Reassigned from %s to %s (%s), deadline kept", from, c.Owner, c.Why)
	if a.Reason != "" {
		r.Reason += ": " + a.Reason
	}
	r.Reason += "."
	return e, state, nil
}
