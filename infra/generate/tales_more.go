package generate

import (
	"time"

	"handoff/shared/money"
)

// jobChangeTale: the champion of a customer leaves for another company and takes the user id along.
func (s *script) jobChangeTale() {
	ingrid, emil := s.named("Ingrid", "Dahl", "Head of Platform", champion), s.named("Emil", "Eklund", "Backend Developer", engineer)
	ingrid.joined, emil.joined = s.start.AddDate(-1, 0, 0), s.start.AddDate(-1, 0, 0)
	s.crmAccount(s.exactly(1, 10, 0), "Customer", o("Renewal_Date__c", s.day(150).Format("2006-01-02")), CaseRenewal)
	s.enter(s.exactly(2, 10, 0), ingrid, emil)
	for i, p := range []*person{ingrid, emil} {
		s.appIdentify(p, s.exactly(2, 11+i, 0))
		s.appGroup(p, s.exactly(2, 11+i, 1))
	}
	const left = 98
	s.span(ingrid, 0, left, true, 4)
	s.span(emil, 0, 10_000, true, 3)
	s.fill(s.a.story.budget)

	ingrid.newEmail, ingrid.moved = ingrid.address(JobChangeTo), s.exactly(left+10, 9, 0)
	s.hubContact(ingrid, s.exactly(left-60, 9, 5))
	s.change(s.exactly(left+2, 16, 0), "Contact", "UPDATE", ingrid.contact, o("Title", "Former employee"), CaseJobChange)
	s.appIdentify(ingrid, ingrid.moved, CaseJobChange)
	old := ingrid.email
	ingrid.email, ingrid.title = ingrid.newEmail, "VP Engineering"
	s.identify(ingrid, s.exactly(left+10, 9, 20), "/", o("title", ingrid.title, "company", o("name", "Bluejar", "domain", JobChangeTo)), CaseJobChange)
	s.hubProperty(ingrid, s.exactly(left+11, 9, 0), "email", ingrid.email, CaseJobChange)
	s.pricing(ingrid, s.exactly(left+12, 15, 0), arrivals["direct"][0])
	s.pricing(ingrid, s.exactly(left+13, 11, 0), arrivals["organic_search"][0])
	ingrid.email = old
}

func (s *script) jobTargetTale() {
	p := s.named("Sven", "Larsen", "Frontend Developer", engineer)
	s.visit(p, s.exactly(70, 10, 0), arrivals["organic_search"][1], "/docs", "/docs/api")
	s.download(p, s.exactly(80, 10, 0), returning)
	s.span(p, 70, 10_000, false, 1)
}

// churnTale: usage falls by half in March, the renewal comes close, the subscription is canceled in May.
func (s *script) churnTale() {
	s.cases = []string{CaseUsageFalls}
	p, q := s.named("Omar", "Grant", "Director of Engineering", champion), s.named("Lucia", "Reyes", "Data Engineer", engineer)
	long := s.start.AddDate(-1, 0, 0)
	p.joined, q.joined = long, long
	s.crmAccount(s.exactly(1, 9, 0), "Customer", o("Renewal_Date__c", s.day(140).Format("2006-01-02")), CaseRenewal)
	s.enter(s.exactly(1, 9, 30), p, q)
	s.appIdentify(p, s.exactly(1, 10, 0))
	s.appIdentify(q, s.exactly(1, 10, 5))
	s.appGroup(p, s.exactly(1, 10, 6))
	s.appGroup(q, s.exactly(1, 10, 7))
	for d := 0; d < 70; d++ { // every working day, then every third
		s.usage(q, d)
		s.usage(p, d)
	}
	for d := 70; d < 125; d += 3 {
		s.usage(q, d)
	}
	sub := &subscription{id: "sub_1" + s.r.text(base62, 23), plan: plans[2], user: p, from: long}
	s.a.inStripe = true
	s.bill(sub, 9, 128)
	s.support(q, s.exactly(66, 11, 0))
	s.cancel(sub, s.exactly(128, 10, 0))
}

// usage is one sign-in on a working day.
func (s *script) usage(p *person, day int) {
	if w := s.day(day).Weekday(); w != time.Saturday && w != time.Sunday {
		s.app(p, s.exactly(day, s.r.between(9, 16), s.r.IntN(60)), "Signed In", o("method", "sso"))
	}
}

// returnsTale: looked hard in January, silent for three months, back in May and asking for sales.
func (s *script) returnsTale() {
	s.cases = []string{CaseReturns}
	p := s.named("Grace", "Walsh", "IT Manager", operator)
	s.visit(p, s.exactly(7, 10, 0), arrivals["paid_search"][0], "/", "/product", "/compare")
	s.download(p, s.exactly(11, 13, 0), arrivals["paid_social"][0])
	s.pricing(p, s.exactly(14, 9, 0), returning)
	s.span(p, 7, 28, false, 1)
	s.visit(p, s.exactly(121, 10, 0), arrivals["email"][0], "/", "/customers")
	asked := s.raise(p, s.exactly(123, 10, 30), "Contact Sales Requested", returning)
	s.say(p, asked.Add(20*time.Minute), playHandRaise, "handoff_rejected", "no budget this year")
}

// refundTale: self-serve in yen, one month refunded in part.
func (s *script) refundTale() {
	p := s.named("Haruto", "Kimura", "Lead Developer", champion)
	s.visit(p, s.exactly(10, 11, 0), arrivals["organic_search"][0], "/docs/quickstart")
	s.join(p, s.exactly(12, 14, 0), returning, "free")
	s.activate(p, s.exactly(13, 10, 0))
	s.track(p, s.exactly(20, 10, 0), "Trial Started", "/pricing", o("plan", "team", "trial_days", 14), returning)
	sub := s.subscribe(p, s.exactly(20, 10, 1), plans[1], true)
	sum := s.a.amount(sub.plan.price)
	for i := range 5 {
		in := s.invoice(p, s.exactly(34+30*i, 10, 2), sum, sub, "", true)
		if i == 2 {
			s.refund(p, s.exactly(99, 15, 0), in, sum, money.Amount{Minor: sum.Minor / 3, Currency: sum.Currency})
		}
	}
	s.span(p, 14, 10_000, true, 3)
}

// editedTale: a deal in euros, won in April, corrected in May, invoiced.
func (s *script) editedTale() {
	p, b := s.named("Lena", "Vogel", "Head of Growth Engineering", champion), s.named("Viktor", "Brandt", "COO", buyer)
	s.visit(p, s.exactly(3, 10, 0), arrivals["event"][0], "/", "/product")
	s.download(p, s.exactly(8, 10, 0), arrivals["email"][1])
	s.webinar(p, s.exactly(11, 9, 0), s.exactly(17, 16, 0), true)
	asked := s.raise(b, s.exactly(29, 11, 0), "Demo Requested", arrivals["paid_search"][0])
	s.say(b, asked.Add(26*time.Hour), playHandRaise, "handoff_accepted", "")
	s.say(b, asked.Add(28*time.Hour), playHandRaise, "first_outreach", "")
	s.enter(s.exactly(31, 9, 0), b, p)
	d := s.opportunity(s.exactly(35, 10, 0), b, "New Business", money.Amount{Minor: 84_000_00, Currency: "EUR"}, 60, "Web")
	for i, st := range stages {
		s.stage(s.exactly(42+i*14, 15, 0), d, st.name, st.probability)
	}
	s.won(s.exactly(100, 16, 0), d)
	s.crmUpdate(s.exactly(100, 16, 5), o("Type", "Customer", "Renewal_Date__c", s.day(465).Format("2006-01-02")), CaseRenewal)
	s.invoice(b, s.exactly(114, 10, 0), d.sum, nil, d.id, true)
	s.amend(s.exactly(121, 10, 0), d, money.Amount{Minor: 79_800_50, Currency: "EUR"}, CaseAmountEdited)
	s.span(p, 3, 10_000, false, 1)
}

func (s *script) rivalTale() {
	s.rival(20, 180)
}

// consentTale: asks for a demo two weeks after withdrawing consent, and a colleague whose mail bounces.
func (s *script) consentTale() {
	p, q := s.named("Edith", "Marsh", "VP of Operations", buyer), s.named("Sam", "Cole", "Growth Marketer", operator)
	s.download(p, s.exactly(40, 10, 0), arrivals["organic_search"][0])
	s.personal(s.exactly(60, 9, 0), p, "consent_withdrawn", "consent", o("props", o("purpose", "marketing")), CaseConsent)
	s.pricing(p, s.exactly(73, 10, 0), returning)
	s.raise(p, s.exactly(74, 11, 0), "Demo Requested", returning)
	s.download(q, s.exactly(45, 10, 0), arrivals["paid_social"][0])
	s.track(q, s.exactly(50, 8, 0), "Email Bounced", "/", o("email", q.email, "campaign_name", "monthly-newsletter"), arrivals["email"][0], CaseBounced)
	s.track(q, s.exactly(52, 8, 0), "Unsubscribed", "/", o("email", q.email, "list_name", "newsletter"), arrivals["email"][0], CaseUnsubscribed)
}

func (s *script) testTale() {
	s.tester(15)
	s.tester(95)
}

// boothTale: a tablet at a fair on which thirty people leave their address: one anonymous id, many people. Whoever
// merges by device merges them all.
func (s *script) boothTale() {
	at := s.exactly(58, 9, 30)
	tablet := s.add(operator)
	for i := range 30 {
		a := newCompany(s.c, len(tales)+i)
		x := newPerson(a, engineer, s.r)
		x.anon, x.agent, x.ip = tablet.anon, tablet.agent, tablet.ip
		s.identify(x, at, "/demo", x.traits(), CaseSharedDevice)
		at = s.soon(at, 4, 12)
	}
}
