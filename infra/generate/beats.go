package generate

import (
	"strconv"
	"time"

	"handoff/shared/money"
)

// beats are the things that happen in many journeys, told by all the tools that would see them.

// download trades an e-mail address for a guide.
func (s *script) download(p *person, at time.Time, from arrival) {
	at = s.visit(p, at, from, "/blog/schema-drift", "/guides/routing")
	at = s.soon(at, 1, 4)
	s.identify(p, at, "/guides/routing", p.traits())
	s.track(p, at.Add(2*time.Second), "Content Downloaded", "/guides/routing",
		o("asset", "guide-routing-leads", "title", "Guide: routing leads", "email", p.email), returning)
	s.hubContact(p, s.soon(at, 1, 3))
}

// webinar registers the person, and on the session's day the webinar tool says whether they came.
func (s *script) webinar(p *person, registered, session time.Time, attended bool) {
	name := "Replay without fear"
	s.identify(p, registered, "/webinars/replay", p.traits())
	s.track(p, registered.Add(3*time.Second), "Webinar Registered", "/webinars/replay", o("webinar", name, "webinar_id", "web-2026-1", "email", p.email), arrivals["email"][0])
	s.hubContact(p, s.soon(registered, 1, 3))
	if attended {
		s.personal(session.Add(50*time.Minute), p, "webinar_attended", "webinars", o("person", s.who(p), "channel", "webinar", "campaign", "replay-without-fear",
			"props", o("webinar", name, "minutes", s.r.between(12, 50), "questions", s.r.IntN(3))))
	}
}

// who is what a tool of one's own says of a person.
func (s *script) who(p *person) object {
	x := o("name", p.name(), "title", p.title)
	if p.company.business() {
		x = append(x, field{"company", p.company.name})
	}
	return x
}

// pricing looks at the prices.
func (s *script) pricing(p *person, at time.Time, from arrival) time.Time {
	return s.visit(p, at, from, "/product", "/pricing")
}

// raise asks for a demo or for sales: the CRM gets a lead within a minute.
func (s *script) raise(p *person, at time.Time, event string, from arrival) time.Time {
	at = s.soon(s.visit(p, at, from, "/pricing", "/demo"), 1, 4)
	s.identify(p, at, "/demo", p.traits())
	s.track(p, at.Add(1500*time.Millisecond), event, "/demo", o("email", p.email, "title", p.title, "company", p.company.name,
		"use_case", pick(s.r, []string{"lead routing", "attribution", "product-led sales"}), "form_id", "form-demo"), returning, CaseHandRaise)
	s.hubContact(p, s.soon(at, 1, 2))
	s.crmLead(p, s.soon(at, 1, 2), "Web")
	p.asked = true
	return at
}

// join signs the person up on the site and in the product.
func (s *script) join(p *person, at time.Time, from arrival, plan string) {
	at = s.soon(s.visit(p, at, from, "/docs/quickstart", "/signup"), 1, 5)
	p.joined = at
	s.identify(p, at, "/signup", p.traits())
	s.track(p, at.Add(800*time.Millisecond), "Signed Up", "/signup", o("plan", plan, "method", "email", "email", p.email), returning)
	s.appIdentify(p, s.soon(at, 1, 3))
	s.appGroup(p, s.soon(at, 3, 4))
	s.app(p, s.soon(at, 4, 8), "Signed In", o("method", "password"))
}

// activate reaches first value.
func (s *script) activate(p *person, at time.Time) {
	s.app(p, at, "Source Connected", o("kind", pick(s.r, []string{"segment", "stripe", "webhook"})))
	s.app(p, s.soon(at, 3, 12), "Pipeline Created", o("items", 1))
	s.server(p, s.soon(at, 13, 40), "Activated", o("first_events", s.r.between(10, 900)))
}

// invite brings q into the workspace, some days later.
func (s *script) invite(p, q *person, at time.Time, days int) {
	s.server(p, at, "Invite Sent", o("invitee_role", "member"))
	joined := s.soon(at.AddDate(0, 0, days), 5, 300)
	q.joined = joined
	s.appIdentify(q, joined)
	s.appGroup(q, s.soon(joined, 1, 2))
	s.server(q, s.soon(joined, 2, 4), "Invite Accepted", o("invited_by", p.user))
}

// limit meets the plan's limit.
func (s *script) limit(p *person, at time.Time, plan string) {
	s.server(p, at, "Usage Limit Reached", o("limit", "events_per_month", "used", s.r.between(10_000, 12_000), "allowed", 10_000, "plan", plan))
}

// enter makes the account and its people known to the CRM.
func (s *script) enter(at time.Time, people ...*person) {
	if !s.a.inCRM {
		s.crmAccount(at, "Prospect", nil)
	}
	for i, p := range people {
		s.crmContact(p, at.Add(time.Duration(i+1)*3*time.Second))
	}
}

var stages = []struct {
	name        string
	probability int
}{{"Qualification", 20}, {"Evaluation", 40}, {"Proposal", 60}, {"Negotiation", 80}}

// sell takes a deal from its creation on the day to its end, and returns it with the day on which it ended. The
// committee shows up on the way: security and legal read what they must before anybody signs.
func (s *script) sell(p *person, day int, kind string, sum money.Amount, won bool) (*deal, int) {
	at := s.when(day)
	d := s.opportunity(at, p, kind, sum, 60, "Web")
	s.meeting(s.soon(at, 10, 90), p, "Discovery call", 48*time.Hour)
	stop := len(stages)
	if !won {
		stop = s.r.between(1, 3)
	}
	for i, st := range stages[:stop] {
		day += s.r.between(5, 17)
		at = s.when(day)
		s.stage(at, d, st.name, st.probability)
		switch i {
		case 0:
			s.task(s.soon(at, 20, 200), p, "Call", "Call: pains and metrics")
			s.visit(p, s.when(day+1), returning, "/docs/api", "/integrations")
		case 1:
			x := s.add(security)
			s.visit(x, s.when(day+1), returning, "/security", "/docs")
		case 2:
			s.visit(s.add(legal), s.when(day+1), returning, "/legal/dpa", "/security")
			if s.r.chance(35) {
				s.amend(s.when(day+2), d, money.Amount{Minor: sum.Minor / 100 * 90, Currency: sum.Currency})
			}
		case 3:
			s.visit(s.add(finance), s.when(day+1), returning, "/pricing", "/legal/dpa")
			s.task(s.soon(at, 60, 600), p, "Email", "Email: contract draft")
		}
	}
	day += s.r.between(4, 15)
	if !won {
		s.lost(s.when(day), d, pick(s.r, []string{"No budget", "Competitor", "No decision", "Missing feature"}))
		return d, day
	}
	s.won(s.when(day), d)
	return d, day
}

// land is what follows a win: the account becomes a customer, billing sends the invoice that the deal foresaw.
func (s *script) land(p *person, d *deal, day int) {
	renewal := s.day(day).AddDate(1, 0, 0).Format("2006-01-02")
	s.crmUpdate(s.when(day+1), o("Type", "Customer", "Renewal_Date__c", renewal), CaseRenewal)
	s.invoice(p, s.when(day+s.r.between(7, 21)), d.sum, nil, d.id, true)
	if s.r.chance(12) {
		s.amend(s.when(day+s.r.between(10, 30)), d, money.Amount{Minor: d.sum.Minor / 1000 * 950, Currency: d.sum.Currency}, CaseAmountEdited)
	}
	s.personal(s.when(day+20), p, "onboarding_completed", "success", o("props", o("score", s.r.between(6, 10))))
}

// bill pays a subscription month by month until the day, with the odd failure and refund.
func (s *script) bill(sub *subscription, firstDay, untilDay int) {
	sum := sub.user.company.amount(sub.plan.price)
	for day := firstDay; day < untilDay; day += 30 {
		at := s.day(day).Add(time.Duration(s.r.IntN(86400)) * time.Second)
		if s.r.chance(5) {
			s.invoice(sub.user, at, sum, sub, "", false)
			at = s.soon(at, 24*60, 72*60)
		}
		in := s.invoice(sub.user, at, sum, sub, "", true)
		if s.r.chance(3) {
			s.refund(sub.user, s.soon(at, 24*60, 9*24*60), in, sum, money.Amount{Minor: sum.Minor / 2, Currency: sum.Currency})
		}
	}
}

// support asks the help desk.
func (s *script) support(p *person, at time.Time) {
	s.personal(at, p, "support_requested", "helpdesk", o("props", o("ticket", strconv.Itoa(s.r.between(1000, 9999)), "severity", pick(s.r, []string{"low", "normal", "high"}))))
}
