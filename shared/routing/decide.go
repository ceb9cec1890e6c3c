package routing

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/touch"
)

// Case is all that the routing of a decision depends on, read at the moment of acting.
type Case struct {
	Decision *event.Decision
	Account  string // that stands now for the decision's account
	Roster   *Roster
	Gates    GateState
	Item     *Item
	// Elsewhere are the handoffs of the other accounts that the person belonged to of late, for the cap.
	Elsewhere []*Item
	Switch    *PlayState
	Team      *TeamState
	Now       time.Time
	// Released says that somebody has let the decision go: that the play is on hold does not stop it.
	Released bool
}

// Verdict is what to do. Act is false when something stops the play; Record says what and why either way.
type Verdict struct {
	Record Record
	Act    bool
	Slot   *Slot // to be opened
	Play   *Play

	asOf time.Time // of the decision
}

// Decide routes a decision. Everything that stands against acting is collected, so the record answers not only what
// stopped it first but what else would have; the owner is chosen even then, so observe mode shows whom it would have
// called.
func Decide(c Case) Verdict {
	d := c.Decision
	v := Verdict{Record: Record{
		Decision: d.ID, Account: c.Account, Person: d.Person, Funnel: d.Funnel, Play: d.Play,
		Policy: c.Roster.Ref, At: c.Now,
	}}
	p := c.Roster.Play(d.Play)
	if p == nil {
		v.stop(Stop{UnknownPlay, fmt.Sprintf("the policy in force has no play %s", d.Play)})
		return v
	}
	if d.Packet != nil {
		v.Record.Open = c.Item.open()
	}
	mode := cmp.Or(c.Switch.Mode, p.Mode)
	v.Play, v.Record.Funnel, v.Record.Mode = p, p.Funnel, mode
	var choice Choice
	if p.Outcome == Handoff {
		team := c.Roster.TeamOf(p, &c.Gates)
		ask := Ask{Context: d.Context, Owner: c.Gates.Owner, Holder: c.Item.holder(team), SLA: p.SLA, At: c.Now}
		if p.HandRaise {
			ask.Deal = c.Gates.DealOwner
		}
		choice = c.Roster.Choose(team, ask, c.Team)
		v.Record.Choice = &choice
	}
	if stops := c.stops(p, mode); len(stops) > 0 {
		v.stop(stops...)
		return v
	}
	v.asOf = d.AsOf
	slot := open(d, c.Account, p, mode, &choice, c.Roster.teams[choice.Team], c.Now)
	if c.Gates.Unsubscribed && !slot.Nurture {
		slot.Reason = strings.TrimSpace(slot.Reason + " " + AnswerOnly)
	}
	v.Act, v.Slot = true, &slot
	r := &v.Record
	r.Handoff, r.State, r.DueAt = slot.ID, slot.State(), slot.DueAt
	if slot.Nurture {
		r.Outcome = EnrolledIn
		r.Reason = fmt.Sprintf("Enrolled for %s: %s", slot.Asset, d.Reason)
		return v
	}
	r.Outcome = Offered
	r.Reason = fmt.Sprintf("Offered to %s of %s (%s), due %s: %s", slot.Owner, slot.Team, choice.Why, stampText(slot.DueAt), slot.Reason)
	if over := c.Item.takenOver(p); len(over) > 0 {
		r.Reason += " It takes over " + strings.Join(over, ", ") + "."
	}
	return v
}

// stops collects what stands against acting. The first gives the outcome: observe before all, because nothing would be
// sent whatever else holds; then what is about the evidence and the people; then the switches; then the account's own
// handoffs.
func (c *Case) stops(p *Play, mode Mode) []Stop {
	var out []Stop
	d := c.Decision
	add := func(outcome, why string, args ...any) { out = append(out, Stop{outcome, fmt.Sprintf(why, args...)}) }
	if mode == Observe {
		add(Observed, "the play only observes%s", c.Switch.ModeWhy())
	}
	if at := newest(d); c.Now.Sub(at) > p.ActWithin.Duration() {
		add(Stale, "the newest evidence is of %s, older than %s", stampText(at), p.ActWithin)
	}
	gates := c.Gates
	gates.Test = gates.Test || d.Test
	for _, it := range append([]*Item{c.Item}, c.Elsewhere...) {
		gates.ConsentWithdrawn = gates.ConsentWithdrawn || it.Withdrew(cmp.Or(d.Person, c.Account), &c.Gates)
	}
	out = append(out, gates.Closed(p.Despite)...)
	if d.Impersonal && p.Outcome == Nurture {
		add(Gated+GateImpersonal, "only signals of the company are behind it, and nobody is written to for what they did not do")
	}
	if !p.Triggers(d.Evaluation.Band, d.HandRaise) {
		add(OffBand, "the band %s does not trigger it", d.Evaluation.Band)
	}
	if mode == Hold && !c.Released {
		add(Held, "the play is on hold%s", c.Switch.ModeWhy())
	}
	if s := c.Switch.Paused; s != nil {
		add(Paused, "%s paused the play on %s: %s", s.By, stampText(s.At), s.reason())
	}
	if s := c.Switch.Tripped; s != nil {
		out = append(out, broken(s))
	}
	c.own(p, add)
	return out
}

// asksAgain reports whether somebody raised a hand after the last handoff was sent back, or ran out: that is heard, as
// nobody has spoken to them. One that was completed keeps its quiet time.
func (c *Case) asksAgain(last *Slot) bool {
	s := last.State()
	return c.Decision.HandRaise && (s == Rejected || s == Recycled) && c.Decision.Newest.After(last.quietFrom())
}

// own adds what the account's own handoffs hold against another.
func (c *Case) own(p *Play, add func(outcome, why string, args ...any)) {
	for _, it := range c.Elsewhere {
		// The person's touches moved here after it was opened there: they changed jobs and it was heard of late.
		if it.Knows(c.Decision.ID) {
			add(AlreadyOpen, "the same evidence was acted on before, for %s", it.Account)
		}
	}
	if s := c.Item.at(p.Funnel, p.Name); s != nil {
		if s.Holds() {
			add(AlreadyOpen, "%s has had it since %s", s.Owner, stampText(s.OpenedAt))
		} else if until := s.CoolUntil(); c.Now.Before(until) && !c.asksAgain(s) {
			add(Cooling, "the play is quiet for this account until %s", stampText(until))
		}
	}
	if p.Outcome == Nurture {
		for i := range c.Item.Slots {
			if s := &c.Item.Slots[i]; s.Funnel == p.Funnel && s.Holds() {
				add(AlreadyOpen, "%s is in touch with the account (play %s); no sequence runs beside that", s.Owner, s.Play)
				break
			}
		}
	}
	limit := p.MaxContacts()
	ids := append([]string{cmp.Or(c.Decision.Person, c.Account)}, c.Gates.Known...)
	since := c.Now.Add(-limit.Per.Duration())
	n := c.Item.contacts(ids, since)
	for _, it := range c.Elsewhere {
		n += it.contacts(ids, since)
	}
	if n >= limit.Max {
		often := fmt.Sprintf("%d times", n)
		if n == 1 {
			often = "once"
		}
		add(Capped, "the person was contacted %s already, and at most %s are allowed", often, limit)
	}
}

// stop makes the verdict one of not acting.
func (v *Verdict) stop(stops ...Stop) {
	v.Act, v.Slot = false, nil
	r := &v.Record
	r.Stops, r.Outcome = stops, stops[0].Outcome
	r.Handoff, r.State, r.DueAt = "", "", time.Time{}
	var whys []string
	for _, s := range stops {
		whys = append(whys, s.Why)
	}
	r.Reason = "Nobody was contacted: " + strings.Join(whys, "; ") + "."
	if stops[0].Outcome == Observed && r.Choice != nil {
		r.Reason = fmt.Sprintf("It would go to %s of %s (%s), but %s.", r.Choice.Owner, r.Choice.Team, r.Choice.Why, strings.Join(whys, "; "))
	}
}

// Trip turns a verdict to act into a stop by the breaker.
func (v *Verdict) Trip(s *PlayState) {
	v.stop(broken(s.Tripped))
}

// broken is the stop of a breaker that tripped; the same for the decision that tripped it, as a retry sees it tripped.
func broken(s *Switch) Stop {
	return Stop{Broken, fmt.Sprintf("the breaker tripped on %s (%s); resume the play to go on", stampText(s.At), s.Why)}
}

// Open places the verdict's slot in the item and counts it for the team. Answers that came before it are taken then;
// their effects follow in order of time.
func (v *Verdict) Open(it *Item, team *TeamState, now time.Time) []Effect {
	it.put(*v.Slot)
	it.takeOver(v.Slot.ID, v.Play)
	if v.Record.Choice != nil {
		team.Take(v.Record.Choice)
	}
	var effects []Effect
	early := fresh(it.Early, now)
	it.Early = nil
	for _, a := range early {
		// An answer from before the decision was made is about something else.
		if s := v.Slot; a.Play != s.Play || a.At.Before(v.asOf) || s.Nurture && a.Kind != touch.HandoffReceived {
			it.Early = keep(it.Early, a)
			continue
		}
		s := it.Slot(v.Slot.ID)
		e := Effect{Record: Record{Account: it.Account, Touch: a.Touch, By: a.Rep, At: now}}
		s.answer(a, &e)
		e.Answer = &a
		if e.Released && v.Record.Choice != nil {
			team.Release(s.Owner)
		}
		effects = append(effects, e)
	}
	v.Slot = it.Slot(v.Slot.ID)
	return effects
}
