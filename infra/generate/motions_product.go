package generate

import "time"

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
	var second, limit, looked time.Time
	for i := range s.r.IntN(4) {
		q := s.add(pick(s.r, []persona{engineer, engineer, champion, operator}))
		at := s.when(joined + s.r.between(3, 20) + i*4)
		s.invite(p, q, at, s.r.between(0, 3))
		if i == 1 {
			second = at
		}
		s.span(q, joined+20, days, true, 4)
		team = append(team, q)
	}
	if s.r.chance(65) {
		hit := joined + s.r.between(18, 40)
		limit = s.when(hit)
		s.limit(p, limit, "free")
		looked = s.pricing(p, s.when(hit+1), returning)
		if s.r.chance(50) {
			looked = s.pricing(p, s.when(hit+s.r.between(2, 4)), returning)
		}
	}
	s.using(p, second, limit, looked)
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
	second := s.when(joined + 9)
	s.invite(p, lead, second, 2)
	for _, x := range []*person{p, q, lead} {
		s.span(x, joined+6, days, true, 4)
	}
	hit := joined + s.r.between(20, 45)
	limit := s.when(hit)
	s.limit(p, limit, "free")
	s.pricing(lead, s.when(hit+1), returning)
	s.using(p, second, limit, s.pricing(lead, s.when(hit+4), returning))
	if s.r.chance(40) {
		sub := s.subscribe(p, s.when(hit+5), plans[1], false)
		s.bill(sub, hit+5, days)
	}
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
