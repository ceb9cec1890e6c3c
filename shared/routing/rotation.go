package routing

import (
	"cmp"
	"maps"
)

// Turn is a member's place in a rotation.
type Turn struct {
	Served int64 `json:"served"` // turns taken so far
	// Behind is what is owed of a share, in parts of a turn; negative for one who is ahead of it. A team's sum is nought.
	Behind int64 `json:"behind,omitempty"`
}

// turn is one turn in such parts: all whole numbers to 24 divide it, so the shares of most teams are exact, and of others to
// a five thousand millionth.
const turn = 5_354_228_880

// TeamState is a team's counters, kept in the team's own item and moved with the slots in one transaction.
type TeamState struct {
	Open  map[string]int             `json:"open,omitempty"`  // open handoffs by owner
	Pools map[string]map[string]Turn `json:"pools,omitempty"` // rotation by territory ("" for those without), by e-mail
}

// seat is a member in a rotation while it is worked out.
type seat struct {
	*Member
	Turn
	weight int64
}

// later reports whether the turn after o's is due before the one after s's.
func (s *seat) later(o *seat) bool { return (turn-o.Behind)*s.weight < (turn-s.Behind)*o.weight }

// rotate gives the turn to one of the pool. Each turn adds to everybody who could take it their share of it, w of the sum
// of their weights, and takes a whole one from who takes it. Of those who are owed something the turn is the one's whose
// next is due first; the earlier in the roster wins a tie. That is earliest-deadline scheduling of proportionate shares:
// while the same members are free, every count stays within one of its share at every moment, where the plain fewest for
// their weight do not.
//
// Whoever is out or full, or begins to work only after the deadline that another could keep, is passed over: nothing is
// owed for that turn, and what was owed stays. So nobody comes back to a flood, nobody gains by going, and however often
// members come and go the counts stay within two of the shares of those turns that each could take.
func (s *squad) rotate(c *Choice, pool string, members []int, ask *Ask, state *TeamState) bool {
	all := make([]seat, len(members))
	for k, i := range members {
		m := &s.Members[i]
		all[k] = seat{m, state.Pools[pool][m.Email], int64(max(m.Weight, 1))}
	}
	level(all)
	free := s.free(c, members, all, ask, state)
	if len(free) == 0 {
		return false
	}
	var sum int64
	for _, f := range free {
		sum += f.weight
	}
	rest := int64(turn)
	for _, f := range free {
		share := turn * f.weight / sum
		f.Behind += share
		rest -= share
	}
	var best, most *seat
	for _, f := range free {
		if most == nil || f.Behind > most.Behind {
			most = f
		}
		if f.Behind > 0 && (best == nil || best.later(f)) {
			best = f
		}
	}
	best = cmp.Or(best, most) // all are ahead, of those who are away
	best.Served++
	best.Behind += rest - turn
	c.Owner, c.Pool, c.turns = best.Email, pool, make(map[string]Turn, len(all))
	for _, f := range free {
		if f != best {
			c.reject(f.Email, "not their turn (%d taken at weight %d)", f.Served, f.weight)
		}
	}
	for i := range all {
		c.turns[all[i].Email] = all[i].Turn
	}
	return true
}

// free are those of a pool who can take a turn; why the others cannot is in the choice.
func (s *squad) free(c *Choice, members []int, all []seat, ask *Ask, state *TeamState) []*seat {
	var free []*seat
	var here []int
	for k, i := range members {
		m := &s.Members[i]
		if until, out := m.out(s.calendars[i].on(ask.At)); out {
			c.reject(m.Email, "out until %s", until)
			continue
		}
		if open := state.Open[m.Email]; m.Capacity > 0 && open >= m.Capacity {
			c.reject(m.Email, "has %d of %d open handoffs", open, m.Capacity)
			continue
		}
		here, free = append(here, i), append(free, &all[k])
	}
	return s.inTime(c, here, free, ask)
}

// inTime leaves out those who begin to work only after the earliest deadline. Whoever has that deadline stays, so somebody
// does.
func (s *squad) inTime(c *Choice, members []int, free []*seat, ask *Ask) []*seat {
	first := s.first(members, ask)
	if first.IsZero() {
		return free
	}
	in := free[:0]
	for k, i := range members {
		if cal := s.calendars[i]; cal.Next(ask.At).After(first) {
			c.reject(free[k].Email, "works from %s, after the deadline of others", cal.Next(ask.At).In(cal.Zone).Format("Mon 15:04"))
			continue
		}
		in = append(in, free[k])
	}
	return in
}

// level shares out among a pool what somebody left behind who is no longer of it, so that the sum is nought again.
func level(all []seat) {
	var owed, sum int64
	for i := range all {
		owed, sum = owed+all[i].Behind, sum+all[i].weight
	}
	for i := range all {
		part := owed * all[i].weight / sum
		all[i].Behind -= part
		owed, sum = owed-part, sum-all[i].weight
	}
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
