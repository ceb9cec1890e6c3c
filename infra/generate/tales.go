package generate

import (
	"time"

	"handoff/shared/money"
)

// tale is a fixed story: the same in every journey that begins on the same weekday, whatever the seed, but for ids and
// minutes. README and tests lean on them by domain.
type tale struct {
	name, domain, industry string
	employees              int
	place                  int // of places
	budget                 int // most events, ordinary days included
	unknown                bool
	tell                   func(*script)
}

// Domains of the tales that others refer to.
const (
	ThursdayDomain  = "meridianloom.example" // contacted on the first Thursday at or after day 60: 12 March 2026 for the bundled start
	ReferenceDomain = "paperkite.example"    // its one lead scores 90 by the reference rules
	JobChangeFrom   = "tallship.example"
	JobChangeTo     = "bluejar.example"
	ChurnDomain     = "stonepier.example"
	ReturnsDomain   = "hollowlamp.example"
	RefundDomain    = "kitsunetrade.example"
	EditedDomain    = "nordkai.example"
	RivalDomain     = "rivalroute.example"
	ConsentDomain   = "glasshouse.example"
	TestDomain      = "internal-qa.example"
	BoothDomain     = "datasummit.example"
)

// tales fills itself in init: the stories refer back to the table.
var tales []tale

func init() {
	tales = []tale{
		{"Meridian Loom", ThursdayDomain, "SaaS", 620, 2, 260, false, (*script).thursdayTale},
		{"Paperkite", ReferenceDomain, "SaaS", 250, 3, 12, false, (*script).referenceTale},
		{"Tallship", JobChangeFrom, "Logistics", 340, 9, 150, false, (*script).jobChangeTale},
		{"Bluejar", JobChangeTo, "SaaS", 180, 9, 25, false, (*script).jobTargetTale},
		{"Stonepier", ChurnDomain, "Fintech", 95, 1, 150, false, (*script).churnTale},
		{"Hollowlamp", ReturnsDomain, "Education", 140, 4, 60, false, (*script).returnsTale},
		{"Kitsune Trade", RefundDomain, "E-commerce", 75, 11, 110, false, (*script).refundTale},
		{"Nordkai", EditedDomain, "Manufacturing", 1800, 6, 140, false, (*script).editedTale},
		{"Rivalroute", RivalDomain, "SaaS", 210, 0, 30, false, (*script).rivalTale},
		{"Glasshouse", ConsentDomain, "Media", 130, 5, 30, false, (*script).consentTale},
		{"Internal QA", TestDomain, "SaaS", 400, 2, 24, true, (*script).testTale},
		{"Datasummit", BoothDomain, "Media", 12, 2, 40, true, (*script).boothTale},
	}
}

// company puts the tale's facts on the account.
func (t *tale) company(a *company) {
	a.name, a.domain, a.industry, a.employees, a.place = t.name, t.domain, t.industry, t.employees, places[t.place]
	a.revenue, a.known, a.weight = int64(t.employees)*140_000, !t.unknown, max(1, t.budget/6)
	a.tech = []string{"aws", "kubernetes", "segment"}
}

// named brings a person with a fixed name into the tale.
func (s *script) named(first, last, title string, p persona) *person {
	x := s.add(p)
	x.first, x.last, x.title = first, last, title
	x.email = x.address(s.a.domain)
	return x
}

// thursday is the first Thursday at or after a day.
func (s *script) thursday(n int) int {
	for s.day(n).Weekday() != time.Thursday {
		n++
	}
	return n
}

// thursdayTale: engineers of a 620-person firm use the product by themselves for weeks; their CTO attends a webinar
// on a Wednesday and looks harmless; on Thursday morning the team hits its limit, the CTO reads the prices twice and
// asks for a demo. Why did we contact this customer on that Thursday? This is why.
func (s *script) thursdayTale() {
	s.steady, s.cases = true, []string{CaseThursday}
	day := s.thursday(60)
	maya := s.named("Maya", "Lindholm", "Platform Lead", champion)
	theo := s.named("Theo", "Abara", "Data Analyst", operator)
	nora := s.named("Nora", "Castillo", "CTO", buyer)

	s.visit(maya, s.exactly(day-52, 11, 4), arrivals["paid_search"][1], "/blog/exactly-once", "/docs")
	s.visit(maya, s.exactly(day-45, 15, 31), arrivals["referral"][0], "/docs/quickstart")
	s.join(maya, s.exactly(day-38, 10, 12), returning, "free")
	s.activate(maya, s.exactly(day-36, 14, 3))
	s.invite(maya, theo, s.exactly(day-24, 9, 41), 1)
	s.span(maya, day-35, day-1, true, 3)
	s.span(theo, day-20, day-1, true, 2)
	s.visit(nora, s.exactly(day-17, 17, 22), arrivals["paid_social"][1], "/", "/customers")
	s.webinar(nora, s.exactly(day-8, 8, 55), s.exactly(day-1, 12, 0), true)
	s.crmAccount(s.exactly(day-10, 9, 30), "Prospect", nil)

	s.limit(maya, s.exactly(day, 9, 38), "free")
	s.pricing(nora, s.exactly(day, 9, 58), arrivals["email"][1])
	asked := s.raise(nora, s.exactly(day, 10, 21), "Demo Requested", returning)
	answer := func(at time.Time, kind, c string) {
		s.canonical(at, kind, "account:"+s.a.domain, "crm", o("feedback", o("play", playHandRaise, "rep", s.a.rep.email)), c)
	}
	answer(asked.Add(23*time.Minute), "handoff_accepted", CaseAccepted)
	answer(asked.Add(41*time.Minute), "first_outreach", CaseOutreach)
	s.task(asked.Add(42*time.Minute), nora, "Call", "Call: demo request")
	s.enter(asked.Add(55*time.Minute), nora, maya)

	d := s.opportunity(s.exactly(day+4, 11, 15), nora, "New Business", money.Amount{Minor: 120_000_00, Currency: "USD"}, 60, "Web")
	s.convert(nora, s.exactly(day+4, 11, 20), d)
	s.meeting(s.exactly(day+4, 11, 32), nora, "Demo", 24*time.Hour)
	for i, st := range stages {
		s.stage(s.exactly(day+11+i*11, 16, 5), d, st.name, st.probability)
	}
	ravi, june := s.named("Ravi", "Osei", "Security Architect", security), s.named("June", "Haddad", "General Counsel", legal)
	s.visit(ravi, s.exactly(day+24, 13, 10), returning, "/security", "/docs/api")
	s.visit(june, s.exactly(day+36, 10, 48), returning, "/legal/dpa", "/security")
	s.won(s.exactly(day+60, 15, 2), d)
	s.crmUpdate(s.exactly(day+60, 15, 30), o("Type", "Customer", "Renewal_Date__c", s.day(day+425).Format("2006-01-02")), CaseRenewal)
	s.personal(s.exactly(day+75, 12, 0), maya, "onboarding_completed", "success", o("props", o("score", 9)))
	s.invoice(nora, s.exactly(day+80, 9, 5), d.sum, nil, d.id, true)
	s.amend(s.exactly(day+88, 10, 40), d, money.Amount{Minor: 114_000_00, Currency: "USD"}, CaseAmountEdited)
	for _, p := range []*person{maya, theo} {
		s.span(p, day+1, 10_000, true, 4)
	}
}

// referenceTale: a Senior Software Engineer at a 250-person SaaS firm views pricing and attends a webinar:
// 20 + 15 + 10 + 30 + 15 = 90 by the reference rules, and nothing else happens.
func (s *script) referenceTale() {
	s.steady, s.cases = true, []string{CaseReferenceLead}
	day := s.thursday(81) - 1
	p := s.named("Petra", "Novak", "Senior Software Engineer", engineer)
	s.visit(p, s.exactly(day-20, 10, 20), arrivals["organic_search"][0], "/blog/schema-drift")
	s.webinar(p, s.exactly(day-12, 9, 15), s.exactly(day-6, 10, 0), true)
	s.visit(p, s.exactly(day, 14, 26), returning, "/pricing")
}

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
	s.canonical(asked.Add(20*time.Minute), "handoff_rejected", "account:"+s.a.domain, "crm",
		o("feedback", o("play", playHandRaise, "rep", s.a.rep.email, "reason", "no budget this year")), CaseRejected)
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
	for i, k := range []string{"handoff_accepted", "first_outreach"} {
		s.canonical(asked.Add(time.Duration(26+i*2)*time.Hour), k, "account:"+s.a.domain, "crm",
			o("feedback", o("play", playHandRaise, "rep", s.a.rep.email)), []string{CaseAccepted, CaseOutreach}[i])
	}
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
