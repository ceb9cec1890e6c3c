package routing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
)

// How an owner was found.
const (
	ByOwner     = "owner"     // the CRM's owner of the account
	ByDeal      = "deal"      // the CRM's owner of its open opportunity
	ByHandoff   = "handoff"   // has another open handoff of this account
	ByTerritory = "territory" // the turn among those who work the territory
	ByRotation  = "rotation"  // the turn among those without a territory
	ByCatchAll  = "catch_all" // nobody else could take it
)

// Choice is who takes a handoff, and everybody who was passed over and why: explain shows it years later.
type Choice struct {
	Team     string      `json:"team"`
	Owner    string      `json:"owner"` // e-mail, or the catch-all
	How      string      `json:"how"`
	Why      string      `json:"why"`
	Pool     string      `json:"pool,omitempty"` // the territory whose rotation it was
	Rejected []Rejection `json:"rejected,omitempty"`

	turns map[string]Turn // the pool's rotation after this choice; nil if no turn was taken
}

// Rejection is somebody who was passed over.
type Rejection struct {
	Who string `json:"who"`
	Why string `json:"why"`
}

// maxRejected bounds the list of a large team; the rest is counted in a last line.
const maxRejected = 24

// Ask is what a choice depends on, besides the roster and the counters.
type Ask struct {
	Context event.Context
	Owner   string // the CRM's owner now; Context.Owner counts if it is empty
	Deal    string // who works on an open opportunity, "" where that does not matter
	Holder  string // who of this team holds an open handoff of the account
	SLA     SLA    // until the first outreach; zero: none
	At      time.Time
}

// TeamOf is the team that takes a play's handoff: for a customer the play's customer_team, if it has one, unless who owns
// the relation is of the play's own team.
func (r *Roster) TeamOf(p *Play, g *GateState) string {
	if p.CustomerTeam == "" || !g.Customer {
		return p.Team
	}
	own, theirs := r.teams[p.Team], r.teams[p.CustomerTeam]
	for _, who := range [...]string{g.DealOwner, g.Owner} {
		switch {
		case theirs.member(who) >= 0:
			return p.CustomerTeam
		case own.member(who) >= 0:
			return p.Team
		}
	}
	return p.CustomerTeam
}

// Choose finds the owner for a handoff: who works on its open opportunity where that is asked for, else whoever owns the account, else whoever already works it, else the turn of the
// territory, else the turn of those without a territory, else the catch-all, which is always there. It changes nothing:
// Take does.
func (r *Roster) Choose(team string, ask Ask, state *TeamState) Choice {
	s := r.teams[team]
	if s == nil {
		// Validation keeps this from happening; a handoff must have an owner all the same.
		return Choice{Team: team, How: ByCatchAll, Why: "the policy has no team " + team}
	}
	c := Choice{Team: team}
	if s.byName(&c, ask) || s.byPool(&c, ask, state) {
		return c
	}
	c.Owner, c.How = s.CatchAll, ByCatchAll
	c.Why = "nobody of the team could take it"
	return c
}

// byName takes the account's owner, or who already works the account, if they are of the team and in the office. Their
// capacity is not asked: it is their account.
func (s *squad) byName(c *Choice, ask Ask) bool {
	owner := ask.Owner
	if owner == "" {
		owner = ask.Context.Owner
	}
	for _, try := range [...]struct{ who, how, why string }{
		{ask.Deal, ByDeal, "works on the open opportunity"},
		{owner, ByOwner, "owns the account in the CRM"},
		{ask.Holder, ByHandoff, "already has an open handoff of this account"},
	} {
		if try.who == "" {
			continue
		}
		i := s.member(try.who)
		switch {
		case i < 0 && try.how == ByHandoff && try.who == s.CatchAll:
			// The desk keeps what the desk has.
			c.Owner, c.How, c.Why = try.who, try.how, try.why
			return true
		case i < 0:
			c.reject(try.who, "%s and is not of the team %s", try.why, s.Name)
		default:
			m := &s.Members[i]
			if until, out := m.out(s.calendars[i].on(ask.At)); out {
				c.reject(m.Email, "%s and is out until %s", try.why, until)
				continue
			}
			c.Owner, c.How, c.Why = m.Email, try.how, try.why
			return true
		}
	}
	return false
}

// byPool takes the turn of the territory that claims the account, else of those without a territory.
func (s *squad) byPool(c *Choice, ask Ask, state *TeamState) bool {
	for i := range s.Territories {
		t := &s.Territories[i]
		if !t.claims(&ask.Context) {
			continue
		}
		pool := s.pool(func(m *Member) bool { return slices.Contains(m.Territories, t.Name) })
		if s.rotate(c, t.Name, pool, &ask, state) {
			c.How, c.Why = ByTerritory, fmt.Sprintf("their turn in the territory %s", t.Name)
			return true
		}
		c.reject("territory "+t.Name, "claims the account and has nobody free")
		break // the first that claims it counts
	}
	pool := s.pool(func(m *Member) bool { return len(m.Territories) == 0 })
	if s.rotate(c, "", pool, &ask, state) {
		c.How, c.Why = ByRotation, "their turn in the rotation"
		return true
	}
	return false
}

// first is the earliest deadline that one of these members could be given: who begins to work only after it would keep
// the buyer waiting for no reason. It is the zero time where there is no SLA.
func (s *squad) first(members []int, ask *Ask) time.Time {
	var first time.Time
	if ask.SLA.Span == 0 {
		return first
	}
	for _, i := range members {
		if due := s.calendars[i].Deadline(ask.At, SLA{Span: ask.SLA.Span, Working: true}); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

func (s *squad) pool(in func(*Member) bool) []int {
	var out []int
	for i := range s.Members {
		if in(&s.Members[i]) {
			out = append(out, i)
		}
	}
	return out
}

// claims reports whether the account is the territory's.
func (t *Territory) claims(c *event.Context) bool {
	if len(t.Countries) > 0 && !oneOf(t.Countries, c.Country) || len(t.Industries) > 0 && !oneOf(t.Industries, c.Industry) {
		return false
	}
	if e := t.Employees; e != nil && (c.Employees <= 0 || c.Employees < e.From || e.To > 0 && c.Employees > e.To) {
		return false
	}
	for f, values := range t.Fields {
		if !oneOf(values, c.Fields[f]) {
			return false
		}
	}
	return true
}

func oneOf(values []string, v string) bool {
	return v != "" && slices.ContainsFunc(values, func(x string) bool { return strings.EqualFold(x, v) })
}

// out reports whether the member is away on a day, and the last day of it.
func (m *Member) out(day Date) (Date, bool) {
	for _, a := range m.Out {
		if a.From <= day && day <= a.Until {
			return a.Until, true
		}
	}
	return "", false
}

func (c *Choice) reject(who, why string, args ...any) {
	switch {
	case len(c.Rejected) < maxRejected:
		c.Rejected = append(c.Rejected, Rejection{Who: who, Why: fmt.Sprintf(why, args...)})
	case len(c.Rejected) == maxRejected:
		c.Rejected = append(c.Rejected, Rejection{Who: "others", Why: "1 more"})
	default:
		var n int
		last := &c.Rejected[maxRejected]
		fmt.Sscanf(last.Why, "%d more", &n)
		last.Why = fmt.Sprintf("%d more", n+1)
	}
}
