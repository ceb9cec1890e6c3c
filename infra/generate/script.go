package generate

import (
	"strconv"
	"time"
)

// script plays one account's journey: its methods are the things that people do, each told to the tool that would see it.
type script struct {
	c          *Config
	a          *company
	r          random
	ship       *shipper
	start, end time.Time
	emitted    int // records that happened within the journey
	people     []*person
	spans      []span
	sequence   int64 // of the CRM's commits
	steady     bool
	cases      []string // every record of the account counts as these

	renameFrom            time.Time // properties.plan becomes properties.plan_name on the site
	breakFrom, breakUntil time.Time // event becomes eventName on the servers
}

// span is a stretch of days in which somebody keeps coming back; fill draws the account's remaining events from them.
type span struct {
	who      *person
	from, to int // days since the start, to excluded
	app      bool
	weight   int
}

func newScript(c *Config, a *company, ship *shipper) *script {
	s := &script{c: c, a: a, r: stream(c.Seed, 2, uint64(a.n)), ship: ship, start: c.Start.UTC(), end: c.End()}
	s.renameFrom = s.start.AddDate(0, 3, 0)
	s.breakFrom = s.start.AddDate(0, 3, 9)
	s.breakUntil = s.breakFrom.AddDate(0, 0, 14)
	return s
}

// emit hands a record to delivery; what would happen outside the journey does not happen.
func (s *script) emit(r record) {
	if r.at.Before(s.start) || !r.at.Before(s.end) {
		return
	}
	r.steady = r.steady || s.steady
	r.cases = append(r.cases, s.cases...)
	s.emitted++
	s.ship.send(s, r)
}

// day is midnight UTC of a day of the journey; weekends are moved to Monday.
func (s *script) day(n int) time.Time { return s.start.AddDate(0, 0, n) }

// workday is the day, or the Monday after it.
func (s *script) workday(n int) time.Time {
	d := s.day(n)
	switch d.Weekday() {
	case time.Saturday:
		return d.AddDate(0, 0, 2)
	case time.Sunday:
		return d.AddDate(0, 0, 1)
	}
	return d
}

// hours of the company's day, by how much happens in them.
var hours = []int{8, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 12, 13, 13, 14, 14, 14, 15, 15, 15, 16, 16, 17, 18, 20, 21}

// when draws a moment around a day: mostly a weekday in working hours of the company.
func (s *script) when(n int) time.Time {
	d := s.workday(n)
	if s.r.chance(5) {
		d = s.day(n)
	}
	return s.a.local(d, pick(s.r, hours), s.r.IntN(60)).Add(time.Duration(s.r.IntN(60_000)) * time.Millisecond)
}

// soon is a little later: minutes between low and high.
func (s *script) soon(t time.Time, low, high int) time.Time {
	return t.Add(time.Duration(s.r.between(low*60_000, high*60_000)) * time.Millisecond)
}

// exactly is a moment of the company's own day n.
func (s *script) exactly(n, hour, minute int) time.Time {
	return s.a.local(s.day(n), hour, minute).Add(time.Duration(s.r.IntN(60_000)) * time.Millisecond)
}

// add brings another person into the story.
func (s *script) add(p persona) *person {
	x := newPerson(s.a, p, s.r)
	for tries := 0; tries < 20 && s.taken(x.email); tries++ {
		x = newPerson(s.a, p, s.r)
	}
	s.people = append(s.people, x)
	return x
}

func (s *script) taken(email string) bool {
	for _, p := range s.people {
		if p.email == email {
			return true
		}
	}
	return false
}

func (s *script) span(p *person, from, to int, app bool, weight int) {
	last := int(s.end.Sub(s.start) / (24 * time.Hour))
	from, to = max(from, 0), min(to, last)
	if to > from && weight > 0 {
		s.spans = append(s.spans, span{p, from, to, app, weight})
	}
}

// visit reads some pages one after another and returns the end of the visit.
func (s *script) visit(p *person, at time.Time, from arrival, paths ...string) time.Time {
	p.seen = true
	for i, path := range paths {
		if i > 0 {
			at = s.soon(at, 1, 6)
			from = arrival{referrer: site + paths[i-1]}
		}
		s.page(p, at, path, from)
	}
	return at
}

// fill spends the account's remaining events in its spans, a session at a time.
func (s *script) fill(budget int) {
	total := 0
	for _, sp := range s.spans {
		total += sp.weight * (sp.to - sp.from)
	}
	if total == 0 {
		return
	}
	for empty := 0; s.emitted < budget && empty < 100; {
		x := s.r.IntN(total)
		var sp span
		for _, sp = range s.spans {
			w := sp.weight * (sp.to - sp.from)
			if x < w {
				break
			}
			x -= w
		}
		before := s.emitted
		at := s.when(sp.from + s.r.IntN(sp.to-sp.from))
		n := min(s.r.between(1, 6), budget-s.emitted)
		if sp.app {
			s.work(sp.who, at, n)
		} else {
			s.read(sp.who, at, n)
		}
		if empty++; s.emitted > before {
			empty = 0
		}
	}
}

// work is a session of n events in the product.
func (s *script) work(p *person, at time.Time, n int) {
	s.app(p, at, "Signed In", o("method", pick(s.r, []string{"password", "sso", "magic_link"})))
	for range n - 1 {
		at = s.soon(at, 1, 14)
		s.app(p, at, pick(s.r, features), o("items", s.r.between(1, 40)))
	}
}

// read is a session of n events on the site, or in the inbox.
func (s *script) read(p *person, at time.Time, n int) {
	if p.named && n <= 2 && s.r.chance(60) {
		mail := arrivals["email"][s.r.IntN(2)]
		props := o("campaign_id", "cmp-"+strconv.Itoa(s.r.between(1, 24)), "campaign_name", mail.campaign[0].value, "email_subject", "News from Handoff")
		s.track(p, at, "Email Opened", "/", props, mail)
		if n == 2 {
			s.track(p, s.soon(at, 1, 3), "Email Link Clicked", "/", append(props, field{"link_url", site + "/blog/on-call"}), mail)
		}
		return
	}
	from := returning
	if !p.seen || s.r.chance(30) {
		from = arrive(s.r)
	}
	paths := make([]string, 0, 6)
	for range n {
		paths = append(paths, pick(s.r, readingPages))
	}
	s.visit(p, at, from, paths...)
}

func itoa(n int) string { return strconv.Itoa(n) }
