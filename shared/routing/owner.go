package routing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
)

// How an owner was found.
const (
	ByOwner     = "owner"     // the CRM's owner of the account
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

// Turn is a member's place in a rotation.
type Turn struct {
	Served int64 `json:"served"`
	Weight int64 `json:"weight"` // under which Served was counted
}

// TeamState is a team's counters, kept in the team's own item and moved with the slots in one transaction.
type TeamState struct {
	Open  map[string]int             `json:"open,omitempty"`  // open handoffs by owner
	Pools map[string]map[string]Turn `json:"pools,omitempty"` // rotation by territory ("" for those without), by e-mail
}

// Ask is what a choice depends on, besides the roster and the counters.
type Ask struct {
	Context event.Context
	Owner   string // the CRM's owner now; Context.Owner counts if it is empty
	Holder  string // who of this team holds an open handoff of the account
	At      time.Time
}

// Choose finds the owner for a handoff: whoever owns the account, else whoever already works it, else the turn of the
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
		if s.rotate(c, t.Name, pool, ask.At, state) {
			c.How, c.Why = ByTerritory, fmt.Sprintf("their turn in the territory %s", t.Name)
			return true
		}
		c.reject("territory "+t.Name, "claims the account and has nobody free")
		break // the first that claims it counts
	}
	pool := s.pool(func(m *Member) bool { return len(m.Territories) == 0 })
	if s.rotate(c, "", pool, ask.At, state) {
		c.How, c.Why = ByRotation, "their turn in the rotation"
		return true
	}
	return false
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

// seat is a member in a rotation while it is worked out.
type seat struct {
	*Member
	served, weight int64
	joined         bool // was not in the rotation before
}

// rotate gives the turn to one of the pool. Weights w with sum W are shares; after n turns a share is n·w/W. Among those
// who are not ahead of their share (served·W < (n+1)·w), the turn is the one's whose next is due first, which is the
// lowest (served+1)/w; the earlier in the roster wins a tie. That is earliest-deadline scheduling of proportionate
// shares: every count stays within one of its share at every moment, where the plain lowest served/w does not.
//
// Whoever is out or full is passed over and keeps no backlog, and whoever is new begins level with the others: nobody
// comes back to a flood.
func (s *squad) rotate(c *Choice, pool string, members []int, at time.Time, state *TeamState) bool {
	var free, away []seat
	var n, sum int64 // turns and weights of those free who are in the rotation already
	for _, i := range members {
		m := &s.Members[i]
		se := seat{Member: m, weight: int64(max(m.Weight, 1))}
		t, ok := state.Pools[pool][m.Email]
		if ok && t.Weight > 0 {
			se.served = t.Served * se.weight / t.Weight
		}
		se.joined = !ok
		if until, out := m.out(s.calendars[i].on(at)); out {
			c.reject(m.Email, "out until %s", until)
			away = append(away, se)
			continue
		}
		if open := state.Open[m.Email]; m.Capacity > 0 && open >= m.Capacity {
			c.reject(m.Email, "has %d of %d open handoffs", open, m.Capacity)
			away = append(away, se)
			continue
		}
		if !se.joined {
			n, sum = n+se.served, sum+se.weight
		}
		free = append(free, se)
	}
	if len(free) == 0 {
		return false
	}
	n, sum = level(free, n, sum)
	best := -1
	for i := range free {
		f := &free[i]
		if f.served*sum < (n+1)*f.weight && (best < 0 || (f.served+1)*free[best].weight < (free[best].served+1)*f.weight) {
			best = i
		}
	}
	c.Owner, c.Pool, c.turns = free[best].Email, pool, make(map[string]Turn, len(members))
	free[best].served++
	for i, f := range free {
		if i != best {
			c.reject(f.Email, "not their turn (%d taken at weight %d)", f.served, f.weight)
		}
		c.turns[f.Email] = Turn{Served: f.served, Weight: f.weight}
	}
	for _, a := range away {
		c.turns[a.Email] = Turn{Served: max(a.served, (n+1)*a.weight/sum), Weight: a.weight}
	}
	return true
}

// level sets those who are new where the others' shares are, and answers turns and weights of all.
func level(free []seat, n, sum int64) (int64, int64) {
	turns, weights := n, sum
	for i := range free {
		f := &free[i]
		if !f.joined {
			continue
		}
		if sum > 0 {
			f.served = n * f.weight / sum
		}
		turns, weights = turns+f.served, weights+f.weight
	}
	return turns, weights
}

// Take counts a choice: one more open handoff for the owner and, where a turn was taken, the rotation after it.
func (s *TeamState) Take(c *Choice) {
	s.Open = maps.Clone(s.Open)
	if s.Open == nil {
		s.Open = map[string]int{}
	}
	s.Open[c.Owner]++
	if c.turns != nil {
		s.Pools = maps.Clone(s.Pools)
		if s.Pools == nil {
			s.Pools = map[string]map[string]Turn{}
		}
		s.Pools[c.Pool] = c.turns
	}
}

// Release counts one open handoff less for the owner.
func (s *TeamState) Release(owner string) {
	s.Open = maps.Clone(s.Open)
	if s.Open[owner] > 1 {
		s.Open[owner]--
	} else {
		delete(s.Open, owner)
	}
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
