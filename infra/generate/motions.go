package generate

import (
	"time"

	"handoff/shared/money"
)

// play tells the account's journey: a script by its motion, then as many ordinary days as the budget of events allows.
func (s *script) play(budget int) {
	days := int(s.end.Sub(s.start) / (24 * time.Hour))
	m := s.a.motion
	if m != fixed && budget < min(floors[m], s.a.share(floors[m])) {
		m = visitors // too few events for the story of this motion: it stays with a few page views
	}
	s.ship.summary.Motions[string(m)]++
	first := days * s.a.begins / 1000
	switch m {
	case visitors:
		s.visitors(first, days, budget)
	case individual:
		s.individual(first, days)
	case nurture:
		s.nurture(first, days)
	case salesLed:
		s.salesLed(first, days)
	case productLed:
		s.productLed(first, days)
	case hybrid:
		s.hybrid(first, days)
	case customer:
		s.customer(days)
	case rival:
		s.rival(first, days)
	case tester:
		s.tester(first)
	case fixed:
		s.a.story.tell(s)
		budget = min(budget, s.a.story.budget)
	}
	s.fill(budget)
}

// floors are the fewest events with which a motion's script makes sense.
var floors = map[motion]int{individual: 12, nurture: 16, salesLed: 30, productLed: 30, hybrid: 45, customer: 30, rival: 8, tester: 6}

func (s *script) visitors(first, days, budget int) {
	p := s.add(pick(s.r, []persona{engineer, operator, champion}))
	s.visit(p, s.when(first), arrive(s.r), pick(s.r, readingPages))
	s.span(p, first, min(days, first+s.r.between(5, 90)), false, 1)
	if s.r.chance(30) {
		s.span(s.add(engineer), first+10, days, false, 1)
	}
	if budget > 8 && s.r.chance(15) {
		s.download(p, s.when(first+s.r.between(3, 25)), returning)
	}
}

func (s *script) individual(first, days int) {
	p := s.add(operator)
	s.visit(p, s.when(first), arrive(s.r), "/blog/exactly-once", "/")
	s.join(p, s.when(first+s.r.between(0, 9)), returning, "free")
	s.activate(p, s.when(first+s.r.between(9, 14)))
	s.span(p, first+10, days, true, 2)
	if s.r.chance(20) {
		sub := s.subscribe(p, s.when(first+30), plans[0], false)
		s.bill(sub, first+30, days)
	}
}

func (s *script) nurture(first, days int) {
	p := s.add(pick(s.r, []persona{champion, engineer, operator, buyer}))
	s.visit(p, s.when(first), arrive(s.r), "/blog/on-call", "/product")
	s.visit(p, s.when(first+s.r.between(2, 9)), arrive(s.r), "/customers")
	met := first + s.r.between(8, 25)
	s.download(p, s.when(met), arrive(s.r))
	s.span(p, first, min(days, met+s.r.between(20, 110)), false, 2)
	var came bool
	if s.r.chance(45) {
		day := met + s.r.between(5, 30)
		came = s.r.chance(60)
		s.webinar(p, s.when(day), s.a.local(s.workday(day+6), 16, 0), came)
	}
	if s.r.chance(25) {
		s.qualify(p, s.pricing(p, s.when(met+s.r.between(3, 40)), returning), came)
	}
	if s.r.chance(30) {
		q := s.add(pick(s.r, []persona{engineer, buyer}))
		s.download(q, s.when(met+s.r.between(4, 30)), arrive(s.r))
		s.span(q, met, days, false, 1)
	}
	leave := met + s.r.between(20, 60)
	switch x := s.r.IntN(100); {
	case x < 8:
		s.track(p, s.when(leave), "Unsubscribed", "/", o("email", p.email, "list_name", "newsletter"), arrivals["email"][0], CaseUnsubscribed)
		s.hubProperty(p, s.when(leave+1), "hs_email_optout", "true", CaseUnsubscribed)
	case x < 13:
		s.track(p, s.when(leave), "Email Bounced", "/", o("email", p.email, "campaign_name", "monthly-newsletter"), arrivals["email"][0], CaseBounced)
		s.hubProperty(p, s.when(leave+1), "hs_email_hard_bounce_reason_enum", "UNKNOWN_USER", CaseBounced)
	case x < 17:
		s.personal(s.when(leave), p, "consent_withdrawn", "consent", o("props", o("purpose", "marketing")), CaseConsent)
	}
}

// price draws a contract's yearly worth by the size of the company.
func (s *script) price() money.Amount {
	thousands := 12 + min(s.a.employees, 3000)/s.r.between(14, 30)
	return s.a.amount(int64(thousands) * 100_000)
}

func (s *script) salesLed(first, days int) {
	p, b := s.add(champion), s.add(buyer)
	s.visit(p, s.when(first), arrive(s.r), "/", "/product", "/customers")
	s.visit(p, s.when(first+s.r.between(2, 8)), arrive(s.r), "/blog/on-call", "/compare")
	if s.r.chance(25) { // somebody told them about us: they come to ask
		s.ask(p, b, first+s.r.between(1, 6), first, days)
		return
	}
	met := first + s.r.between(9, 20)
	s.download(p, s.when(met), arrive(s.r))
	var came bool
	if s.r.chance(60) {
		came = s.r.chance(75)
		s.webinar(p, s.when(met+3), s.a.local(s.workday(met+9), 16, 0), came)
	}
	s.visit(b, s.when(met+s.r.between(5, 12)), arrive(s.r), "/", "/customers", "/pricing")
	s.qualify(p, s.pricing(p, s.when(met+s.r.between(8, 14)), returning), came)
	s.span(b, met+5, days, false, 1)
	s.ask(p, b, met+s.r.between(14, 24), first, days)
}

// ask is the way from the request of one of the two on the day to a deal won or lost.
func (s *script) ask(p, b *person, day, first, days int) {
	asked := s.raise(pick(s.r, []*person{p, p, b}), s.when(day), pick(s.r, []string{"Demo Requested", "Demo Requested", "Contact Sales Requested"}), returning)
	s.span(p, first, day+40, false, 2)
	if !s.answer(p, asked, playHandRaise) {
		return
	}
	s.enter(s.when(day+2), p, b)
	won := s.r.chance(40)
	d, ended := s.sell(p, day+s.r.between(4, 12), "New Business", s.price(), won)
	s.convert(p, s.when(day+3), d)
	if !won {
		s.span(p, ended+75, days, false, 1)
		return
	}
	s.land(p, d, ended)
	e := s.add(engineer)
	s.join(e, s.when(ended+4), returning, "business")
	s.activate(e, s.when(ended+8))
	s.span(e, ended+5, days, true, 6)
}

func (s *script) rival(first, days int) {
	s.cases = append(s.cases, CaseCompetitor)
	p := s.add(operator)
	s.crmAccount(s.when(first), "Competitor", o("Competitor__c", true))
	s.pricing(p, s.when(first+1), arrive(s.r))
	s.download(p, s.when(first+2), returning)
	s.pricing(p, s.when(first+4), returning)
	s.span(p, first, days, false, 1)
}

// tester is our own marketing team trying the forms.
func (s *script) tester(first int) {
	s.cases = append(s.cases, CaseTestLead)
	p := s.add(operator)
	p.first, p.last, p.title = "Test", "Test", "CTO"
	p.email = "test+" + s.r.text("0123456789", 4) + "@" + s.a.domain
	at := s.when(first)
	s.personal(at.Add(-15*time.Minute), p, "identified", "qa", o("person", o("name", "Test Test", "test", "true"), "test", true))
	s.raise(p, at, "Demo Requested", returning)
}
