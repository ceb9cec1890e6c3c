package generate

import (
	"strings"
	"time"
)

// What reps say of the handoffs that they get, and which handoffs a story expects besides those that a request makes.

// say is a rep's answer to a handoff: in the CRM on the lead, where there is one, or by the button of one's own tool.
func (s *script) say(p *person, at time.Time, play, kind, reason string) {
	which := map[string]string{
		"handoff_accepted": CaseAccepted, "first_outreach": CaseOutreach, "handoff_rejected": CaseRejected, "handoff_completed": CaseCompleted,
	}[kind]
	if p.asked {
		status := map[string][2]string{
			"handoff_accepted": {"Accepted", "Working"}, "first_outreach": {"Contacted", "Working - Contacted"},
			"handoff_rejected": {"Rejected", "Unqualified"}, "handoff_completed": {"Completed", "Qualified"},
		}[kind]
		s.change(at, "Lead", "UPDATE", p.lead, o("Status", status[1], "Handoff_Status__c", status[0], "Handoff_Play__c", play,
			"Handoff_Reason__c", opt(reason), "OwnerId", s.a.rep.id), which)
		return
	}
	feedback := o("play", play, "rep", s.a.rep.email, "reason", opt(reason))
	if play == playProduct {
		feedback = o("play", play, "reason", opt(reason))
	}
	s.canonical(at, kind, "account:"+s.a.domain, "crm", o("feedback", feedback), which)
}

// answer is what a rep does with a handoff that was made at t, in working hours: most take it and call within the hour,
// some take it and call days later, some take it late or once their manager asks, some send it back with a reason, some
// never answer. What comes of the conversation is told some days after it. The result tells whether the account is being
// worked.
func (s *script) answer(p *person, t time.Time, play string) bool {
	who := s.a.rep
	if play == playProduct {
		who = growth
	}
	var called time.Time
	switch x := s.r.IntN(100); {
	case x < 60:
		at := who.working(s.soon(who.working(t), 6, 50))
		s.say(p, at, play, "handoff_accepted", "")
		called = s.soon(at, 5, 70)
	case x < 66:
		at := who.working(s.soon(who.working(t), 6, 50))
		s.say(p, at, play, "handoff_accepted", "")
		called = who.working(s.soon(at, 24*60, 96*60))
	case x < 78: // past the deadline
		at := who.working(s.soon(t, 20*60, 60*60))
		s.say(p, at, play, "handoff_accepted", "")
		called = who.working(s.soon(at, 30, 600))
	case x < 91:
		s.say(p, who.working(s.soon(t, 30, 900)), play, "handoff_rejected", pick(s.r, []string{"student", "no budget this year", "too small", "already a customer of a partner", "wrong person"}))
		return false
	case x < 96: // the manager, told of the deadline, saw to it
		at := who.working(s.soon(t, 3*24*60, 8*24*60))
		s.say(p, at, play, "handoff_accepted", "")
		called = who.working(s.soon(at, 10, 120))
	default:
		return false
	}
	s.say(p, called, play, "first_outreach", "")
	s.say(p, who.working(s.soon(called, 2*24*60, 9*24*60)), play, "handoff_completed", "")
	return true
}

// qualify answers the handoff that a named person's look at the prices makes, where it lifts the account into the sales
// band by the reference rules. came is whether they attended a webinar before.
func (s *script) qualify(p *person, at time.Time, came bool) {
	score := 30
	if technical(p.title) {
		score += 20
	}
	if came {
		score += 15
	}
	if s.a.known && s.a.employees > 50 {
		score += 15
	}
	if s.a.known && s.a.industry == "SaaS" {
		score += 10
	}
	if score >= 75 {
		s.answer(p, at, playScore)
	}
}

// technical tells whether the reference rules count the title.
func technical(title string) bool {
	for _, w := range strings.Fields(title) {
		switch strings.Trim(w, ",") {
		case "Engineer", "Developer", "CTO", "Architect":
			return true
		}
	}
	return false
}

// using answers the handoff that the account's use of the product makes, if it makes one: in a company of five hundred
// with the second invite or the limit, in others with the second look at the prices. Zero times did not happen.
func (s *script) using(p *person, second, limit, looked time.Time) {
	var at time.Time
	switch {
	case s.a.employees >= 500 && s.heard(second) && (second.Before(limit) || !s.heard(limit)):
		at = second
	case s.a.employees >= 500 && s.heard(limit):
		at = limit
	case s.a.employees < 500 && s.heard(second) && s.heard(limit) && looked.Sub(second) < 25*24*time.Hour:
		at = looked
	}
	if !at.IsZero() {
		s.answer(p, at, playProduct)
	}
}

// heard tells whether the pipeline can read what the servers say of a moment.
func (s *script) heard(at time.Time) bool {
	return !at.IsZero() && (at.Before(s.breakFrom) || !at.Before(s.breakUntil))
}
