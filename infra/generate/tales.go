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
	WaitsDomain     = "tidewarden.example"  // asked for a demo on the last Tuesday at least four days before the end, and still waits
	EveningDomain   = "brightferry.example" // asked on the evening of the last Thursday
	DayOffDomain    = "copperlatch.example" // meets the limit on the last Friday: 3 July 2026, when offices in the United States are shut
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
		{"Tidewarden", WaitsDomain, "Logistics", 420, 2, 30, false, (*script).waitsTale},
		{"Brightferry", EveningDomain, "Retail", 260, 2, 20, false, (*script).eveningTale},
		{"Copperlatch", DayOffDomain, "Manufacturing", 910, 6, 40, false, (*script).dayOffTale},
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
	s.say(nora, asked.Add(23*time.Minute), playHandRaise, "handoff_accepted", "")
	s.say(nora, asked.Add(41*time.Minute), playHandRaise, "first_outreach", "")
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
	s.visit(p, s.exactly(day, 11, 26), returning, "/pricing")
	s.say(p, s.exactly(day, 13, 5), playScore, "handoff_accepted", "")
	s.say(p, s.exactly(day, 13, 40), playScore, "first_outreach", "")
}
