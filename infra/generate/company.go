package generate

import (
	"strconv"
	"strings"
	"time"
)

// motion is the way an account goes.
type motion string

const (
	visitors   motion = "visitors"   // come to read; few ever say who they are
	individual motion = "individual" // a free-mail user of the product
	nurture    motion = "nurture"    // content and a webinar, no hand raised
	salesLed   motion = "sales_led"
	productLed motion = "product_led"
	hybrid     motion = "hybrid" // self-serve users inside a company that sales then wins
	customer   motion = "customer"
	rival      motion = "competitor"
	tester     motion = "test_lead"
	fixed      motion = "story"
)

// company is an account, or a lone individual when domain is a free-mail provider's.
type company struct {
	n            int
	motion       motion
	name, domain string
	industry     string
	employees    int
	revenue      int64 // annual, US dollars
	tech         []string
	place
	known  bool // the enrichment dataset has a row
	weight int  // share of the events
	begins int  // when its story begins, in thousandths of the journey: as many late as early, so a journey ends amid life
	story  *tale

	crm, group, stripe string // ids of its account in Salesforce, workspace in the product, customer in Stripe
	rep                rep
	inCRM, inStripe    bool
}

// person is somebody of a company.
type person struct {
	first, last, title string
	persona            persona
	email              string
	user               string // the product's user id, given at sign-up
	anon, appAnon      string // browser ids of the site and of the app
	contact, lead      string // ids in Salesforce
	hub                int    // id in HubSpot
	agent              string
	ip                 string
	company            *company
	inHub, named, seen bool      // HubSpot knows the person; the site was told the e-mail address; came to the site before
	asked              bool      // the CRM has a lead of the person
	joined             time.Time // of the sign-up, zero before it
	moved              time.Time // of a change of jobs, with the address from then on
	newEmail           string
	phone              string
}

var freeMail = []string{"gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me"}

var headcounts = []struct{ low, high int }{{3, 19}, {20, 49}, {51, 120}, {121, 400}, {401, 1500}, {1501, 9000}}

// newCompany is the n-th account. It is a pure function of the configuration's seed and n.
func newCompany(c *Config, n int) *company {
	r := stream(c.Seed, 1, uint64(n))
	a := &company{n: n, place: pick(r, places)}
	a.name, a.domain = companyName(c.Seed, n)
	a.industry = pick(r, industries)
	size := headcounts[pick(r, []int{0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5})]
	a.employees = r.between(size.low, size.high)
	a.revenue = int64(a.employees) * int64(r.between(90, 260)) * 1000
	for _, t := range technologies {
		if r.chance(25) {
			a.tech = append(a.tech, t)
		}
	}
	a.known = r.chance(85)
	a.motion = drawMotion(r)
	a.crm = "001" + r.text(base62, 15)
	a.group = "ws_" + r.text(hexDigits, 12)
	a.stripe = "cus_" + r.text(base62, 14)
	a.weight = weights[a.motion] * pick(r, []int{4, 5, 6, 7, 8, 10, 12, 16, 24, 40})
	if n < len(tales) {
		a.motion, a.story = fixed, &tales[n]
		a.story.company(a)
	}
	a.rep = repOf(a, r)
	a.begins = r.IntN(1000)
	if a.motion != fixed && a.motion != customer {
		a.weight = max(1, a.share(a.weight)) // who comes late has less time to make events
	}
	if a.motion == individual {
		a.domain, a.known = pick(r, freeMail), false
		a.employees = 0
	}
	return a
}

// weights are how many events an account of the motion makes, against the others.
var weights = map[motion]int{visitors: 2, individual: 3, nurture: 3, salesLed: 8, productLed: 9, hybrid: 12, customer: 13, rival: 2, tester: 1, fixed: 10}

func drawMotion(r random) motion {
	shares := []struct {
		m       motion
		percent int
	}{{visitors, 22}, {individual, 8}, {nurture, 17}, {salesLed, 22}, {productLed, 12}, {hybrid, 9}, {customer, 7}, {rival, 2}, {tester, 1}}
	x := r.IntN(100)
	for _, s := range shares {
		if x < s.percent {
			return s.m
		}
		x -= s.percent
	}
	return visitors
}

// share is the part of n that is left for the company from when it begins, with a little more, as beginnings are busy.
func (a *company) share(n int) int { return n * (1200 - a.begins) / 1000 }

// business tells whether the company has a domain of its own.
func (a *company) business() bool { return a.motion != individual }

// row is the company's line of companies.csv.
func (a *company) row() []string {
	return []string{a.domain, a.name, a.industry, strconv.Itoa(a.employees), a.country, a.region,
		strconv.FormatInt(a.revenue, 10), strings.Join(a.tech, ";")}
}

// local is a moment of the company's own day.
func (a *company) local(midnight time.Time, hour, minute int) time.Time {
	return midnight.Add(time.Duration((hour-a.offset)*60+minute) * time.Minute)
}

// newPerson adds somebody to the company.
func newPerson(a *company, p persona, r random) *person {
	x := &person{first: pick(r, firstNames), last: pick(r, lastNames), persona: p, company: a, title: pick(r, titles[p])}
	x.email = x.address(a.domain)
	x.user = "usr_" + r.text(hexDigits, 16)
	if a.motion == individual {
		x.email = lower(x.first) + "." + lower(x.last) + strconv.Itoa(r.between(10, 9999)) + "@" + a.domain
	}
	x.anon, x.appAnon = r.uuid(), r.uuid()
	x.contact, x.lead = "003"+r.text(base62, 15), "00Q"+r.text(base62, 15)
	x.hub = r.between(10_000_000, 99_999_999)
	x.agent = pick(r, agents)
	x.ip = pick(r, []string{"203.0.113.", "198.51.100.", "192.0.2."}) + strconv.Itoa(r.between(1, 254)) // RFC 5737
	x.phone = "+1-555-01" + strconv.Itoa(r.between(10, 99))
	return x
}

// address is the person's e-mail address at a domain.
func (p *person) address(domain string) string {
	return lower(p.first) + "." + lower(p.last) + "@" + domain
}

// emailAt is the person's address at a time.
func (p *person) emailAt(at time.Time) string {
	if p.newEmail != "" && !at.Before(p.moved) {
		return p.newEmail
	}
	return p.email
}

// signedUp tells whether the person has a user id at a time.
func (p *person) signedUp(at time.Time) bool { return !p.joined.IsZero() && !at.Before(p.joined) }

func (p *person) name() string { return p.first + " " + p.last }

var agents = []string{
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	"Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
}
