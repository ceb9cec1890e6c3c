package generate

import (
	"time"

	"handoff/shared/money"
)

// play tells the account's journey: a script by its motion, then as many ordinary days as the budget of events allows.
func (s *script) play(budget int) {
	days := int(s.end.Sub(s.start) / (24 * time.Hour))
	m := s.a.motion
	if m != fixed && budget < floors[m] {
		m = visitors // too few events for the story of this motion: it stays with a few page views
	}
	s.ship.summary.Motions[string(m)]++
	first := s.r.IntN(max(1, days*3/5))
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
		s.hybrid(first/2, days)
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
	if s.r.chance(45) {
		day := met + s.r.between(5, 30)
		s.webinar(p, s.when(day), s.a.local(s.workday(day+6), 16, 0), s.r.chance(60))
	}
	if s.r.chance(25) {
		s.pricing(p, s.when(met+s.r.between(3, 40)), returning)
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
	met := first + s.r.between(9, 20)
	s.download(p, s.when(met), arrive(s.r))
	if s.r.chance(60) {
		s.webinar(p, s.when(met+3), s.a.local(s.workday(met+9), 16, 0), s.r.chance(75))
	}
	s.visit(b, s.when(met+s.r.between(5, 12)), arrive(s.r), "/", "/customers", "/pricing")
	s.pricing(p, s.when(met+s.r.between(8, 14)), returning)
	day := met + s.r.between(14, 24)
	asked := s.raise(pick(s.r, []*person{p, p, b}), s.when(day), pick(s.r, []string{"Demo Requested", "Demo Requested", "Contact Sales Requested"}), returning)
	s.span(p, first, day+40, false, 2)
	s.span(b, met+5, day+60, false, 1)
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

func (s *script) productLed(first, days int) {
	p := s.add(engineer)
	s.visit(p, s.when(first), arrive(s.r), pick(s.r, readingPages), "/docs/quickstart")
	joined := first + s.r.between(1, 12)
	s.join(p, s.when(joined), arrive(s.r), "free")
	s.span(p, joined, days, true, 5)
	if s.r.chance(25) {
		return // signed up, never got going
	}
	s.activate(p, s.when(joined+s.r.between(1, 4)))
	team := []*person{p}
	for i := range s.r.IntN(4) {
		q := s.add(pick(s.r, []persona{engineer, engineer, champion, operator}))
		s.invite(p, q, s.when(joined+s.r.between(3, 20)+i*4), s.r.between(0, 3))
		s.span(q, joined+20, days, true, 4)
		team = append(team, q)
	}
	if s.r.chance(65) {
		s.limit(p, s.when(joined+s.r.between(18, 40)), "free")
		s.pricing(p, s.when(joined+s.r.between(19, 41)), returning)
	}
	if s.r.chance(50) {
		paid := joined + s.r.between(25, 50)
		pl := plans[s.r.IntN(3)]
		s.track(p, s.when(paid-14), "Trial Started", "/pricing", o("plan", pl.name, "trial_days", 14), returning)
		sub := s.subscribe(p, s.when(paid-14), pl, true)
		stop := days
		if s.r.chance(20) {
			stop = paid + s.r.between(35, 100)
			s.cancel(sub, s.when(stop))
		}
		s.bill(sub, paid, stop)
	}
	if s.r.chance(25) {
		s.support(pick(s.r, team), s.when(joined+s.r.between(10, 80)))
	}
}

// hybrid is the seam: engineers of a large company use the product by themselves, and one day somebody with a budget
// comes to the site.
func (s *script) hybrid(first, days int) {
	if s.a.employees < 400 {
		s.a.employees += 420
	}
	p, q := s.add(engineer), s.add(engineer)
	s.visit(p, s.when(first), arrive(s.r), "/blog/exactly-once", "/docs/quickstart")
	joined := first + s.r.between(2, 10)
	s.join(p, s.when(joined), returning, "free")
	s.activate(p, s.when(joined+2))
	s.invite(p, q, s.when(joined+5), 1)
	lead := s.add(champion)
	s.invite(p, lead, s.when(joined+9), 2)
	for _, x := range []*person{p, q, lead} {
		s.span(x, joined+6, days, true, 4)
	}
	hit := joined + s.r.between(20, 45)
	s.limit(p, s.when(hit), "free")
	s.pricing(lead, s.when(hit+1), returning)
	s.pricing(lead, s.when(hit+4), returning)
	sub := s.subscribe(p, s.when(hit+5), plans[1], false)
	s.bill(sub, hit+5, days)
	b := s.add(buyer)
	s.visit(b, s.when(hit+8), arrive(s.r), "/", "/customers", "/security", "/pricing")
	if s.r.chance(60) {
		s.webinar(b, s.when(hit+10), s.a.local(s.workday(hit+16), 16, 0), s.r.chance(70))
	}
	if !s.r.chance(70) {
		return
	}
	asked := s.raise(b, s.when(hit+20), "Contact Sales Requested", returning)
	if !s.answer(b, asked, playHandRaise) {
		return
	}
	s.enter(s.when(hit+22), b, lead, p)
	won := s.r.chance(55)
	d, ended := s.sell(b, hit+26, "New Business", s.price(), won)
	if won {
		s.land(b, d, ended)
	}
}

func (s *script) customer(days int) {
	p, e, b := s.add(champion), s.add(engineer), s.add(buyer)
	renewal := s.r.between(40, 260)
	s.crmAccount(s.when(s.r.between(0, 4)), "Customer", o("Renewal_Date__c", s.day(renewal).Format("2006-01-02")), CaseRenewal)
	s.enter(s.when(5), p, b)
	long := s.start.AddDate(-1, 0, 0)
	p.joined, e.joined = long, long
	for _, x := range []*person{p, e} {
		s.appIdentify(x, s.when(s.r.between(0, 3)))
		s.appGroup(x, s.when(4))
	}
	falls := days + 1
	switch x := s.r.IntN(100); {
	case x < 25:
		falls = s.r.between(days/3, days*2/3)
		s.cases = append(s.cases, CaseUsageFalls)
		s.span(p, falls, days, true, 1)
		s.span(e, falls, days, true, 2)
	case x < 40: // the workspace sleeps for a season and wakes up
		s.span(e, 100, days, true, 5)
		falls = 30
		s.cases = append(s.cases, CaseReturns)
	}
	s.span(p, 0, min(days, falls), true, 4)
	s.span(e, 0, min(days, falls), true, 5)
	s.span(b, 0, days, false, 1)
	sub := &subscription{id: "sub_1" + s.r.text(base62, 23), plan: plans[2], user: p, from: long}
	s.a.inStripe = true
	stop := days
	if falls < days && s.r.chance(40) {
		stop = falls + 40
		s.cancel(sub, s.when(stop))
	}
	s.bill(sub, s.r.IntN(28), stop)
	if s.r.chance(40) {
		s.support(e, s.when(s.r.IntN(days)))
	}
	switch {
	case stop < days:
	case renewal < days-20:
		d, ended := s.sell(b, max(1, renewal-70), "Renewal", s.price(), s.r.chance(85))
		s.crmUpdate(s.when(ended+1), o("Renewal_Date__c", s.day(renewal).AddDate(1, 0, 0).Format("2006-01-02")), CaseRenewal)
		s.amend(s.when(ended+14), d, d.sum, CaseAmountEdited)
	case s.r.chance(50):
		s.limit(e, s.when(days/4), "business")
		s.sell(b, days/3, "Expansion", s.price(), s.r.chance(60))
	}
}

func (s *script) rival(first, days int) {
	s.cases = append(s.cases, CaseCompetitor)
	p := s.add(operator)
	s.crmAccount(s.when(first), "Competitor", nil)
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
	s.raise(p, s.when(first), "Demo Requested", returning)
}
