package routing

import "maps"

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
// Whoever is out or full, or begins to work only after the deadline that another could keep, is passed over and keeps no
// backlog, and whoever is new begins level with the others: nobody comes back to a flood.
func (s *squad) rotate(c *Choice, pool string, members []int, ask *Ask, state *TeamState) bool {
	var free, away []seat
	var here []int   // neither out nor full
	var n, sum int64 // turns and weights of those free who are in the rotation already
	for _, i := range members {
		m := &s.Members[i]
		se := seat{Member: m, weight: int64(max(m.Weight, 1))}
		t, ok := state.Pools[pool][m.Email]
		if ok && t.Weight > 0 {
			se.served = t.Served * se.weight / t.Weight
		}
		se.joined = !ok
		if until, out := m.out(s.calendars[i].on(ask.At)); out {
			c.reject(m.Email, "out until %s", until)
			away = append(away, se)
			continue
		}
		if open := state.Open[m.Email]; m.Capacity > 0 && open >= m.Capacity {
			c.reject(m.Email, "has %d of %d open handoffs", open, m.Capacity)
			away = append(away, se)
			continue
		}
		here = append(here, i)
		free = append(free, se)
	}
	if len(free) == 0 {
		return false
	}
	free, away = s.inTime(c, here, free, away, ask)
	for i := range free {
		if !free[i].joined {
			n, sum = n+free[i].served, sum+free[i].weight
		}
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

// inTime moves those who begin to work only after the earliest deadline from free to away. Whoever has that deadline
// stays, so somebody does.
func (s *squad) inTime(c *Choice, members []int, free, away []seat, ask *Ask) (in, out []seat) {
	first := s.first(members, ask)
	if first.IsZero() {
		return free, away
	}
	in = free[:0]
	for k, i := range members {
		if cal := s.calendars[i]; cal.Next(ask.At).After(first) {
			c.reject(free[k].Email, "works from %s, after the deadline of others", cal.Next(ask.At).In(cal.Zone).Format("Mon 15:04"))
			away = append(away, free[k])
			continue
		}
		in = append(in, free[k])
	}
	return in, away
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
