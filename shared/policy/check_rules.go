package policy

import (
	"fmt"
	"slices"

	"handoff/shared/condition"
	"handoff/shared/funnel"
	"handoff/shared/routing"
	"handoff/shared/scoring"
	"handoff/shared/touch"
)

// mend is what to do about what can never hold.
const mend = "; change that, or take the whole out"

// scores finds rules, playbooks and bands that can never be.
func (c *checker) scores() {
	s := &c.p.Scoring
	for g, group := range []*scoring.Group{&s.Fit, &s.Interest} {
		sum := interval{}
		for i := range group.Rules {
			r, path := &group.Rules[i], fmt.Sprintf("$.%s.rules[%d]", scoring.Groups[g], i)
			q := r.Condition
			if q.Counted() {
				q.AtMost = nil // there it says how often a touch counts
			}
			if why := c.never(&q); why != "" {
				c.add(Error, "scoring.yaml", path, "the rule %s never gives points: %s%s", r.Name, why, mend)
				continue
			}
			for j := range i {
				if o := &group.Rules[j]; same(o.Condition, r.Condition) {
					c.add(Warning, "scoring.yaml", path, "the rule %s asks what %s asks at line %d, so an account gets both; keep one, with the points of both", r.Name, o.Name,
						c.l.docs["scoring.yaml"].line(fmt.Sprintf("$.%s.rules[%d]", scoring.Groups[g], j)))
				}
			}
			one := most(r)
			sum = interval{sum.lo + one.lo, sum.hi + one.hi}
		}
		if group.AtMost != nil {
			sum.hi = min(sum.hi, *group.AtMost)
			sum.lo = min(sum.lo, sum.hi)
		}
		c.points[g+1] = sum
		if group.High <= 0 && len(group.Rules) > 0 {
			c.add(Error, "scoring.yaml", "$."+scoring.Groups[g]+".high", "%s is high from %d points, so for everybody who did nothing, too; write high: and from how many points on the quadrant says so", scoring.Groups[g], group.High)
		}
		if sum.hi < group.High {
			c.add(Warning, "scoring.yaml", "$."+scoring.Groups[g]+".high", "%s is high from %d points, and its rules give %d at most; lower high, or give more points", scoring.Groups[g], group.High, sum.hi)
		}
	}
	c.points[0] = interval{c.points[1].lo + c.points[2].lo, c.points[1].hi + c.points[2].hi}
	if s.AtMost != nil {
		c.points[0].hi = min(c.points[0].hi, *s.AtMost)
		c.points[0].lo = min(c.points[0].lo, c.points[0].hi)
	}
	can := c.reachable()
	for i, b := range s.Bands {
		if j := slices.IndexFunc(s.Bands, func(o scoring.Band) bool { return o.Name == b.Name }); j < i {
			c.add(Error, "scoring.yaml", fmt.Sprintf("$.bands[%d].name", i), "two bands are called %q, the other at line %d; give each a name of its own",
				b.Name, c.l.docs["scoring.yaml"].line(fmt.Sprintf("$.bands[%d]", j)))
		}
		if slices.Contains(can, i) {
			continue
		}
		path := fmt.Sprintf("$.bands[%d]", i)
		if b.From > c.points[0].hi {
			c.add(Error, "scoring.yaml", path, "no account comes into the band %s: it begins at %d, and all rules together give %d at most; lower it, or give more points", b.Name, b.From, c.points[0].hi)
		} else {
			c.add(Error, "scoring.yaml", path, "no account is ever in the band %s: the lowest score there is, %d, is in the band before; raise that band, or drop this one", b.Name, c.points[0].lo)
		}
	}
	for i := range s.Signals {
		c.possible("scoring.yaml", fmt.Sprintf("$.signals[%d].when", i), "the signal "+s.Signals[i].Name, &s.Signals[i].When)
	}
	for i := range s.Playbooks {
		c.playbook(&s.Playbooks[i], fmt.Sprintf("$.playbooks[%d]", i))
	}
}

// playbook finds playbooks, and rules of theirs, that can never hold.
func (c *checker) playbook(b *scoring.Playbook, path string) {
	if b.When != nil {
		c.possible("scoring.yaml", path+".when", "the playbook "+b.Name, b.When)
	}
	total := int64(0)
	for g, name := range scoring.Parts {
		part, sum := b.Part(g), int64(0)
		for i := range part.Rules {
			r, at := &part.Rules[i], fmt.Sprintf("%s.%s.rules[%d]", path, name, i)
			q := r.Condition
			if q.Counted() {
				q.AtMost = nil // there it says how often a touch counts
			}
			if why := c.never(&q); why != "" {
				c.add(Error, "scoring.yaml", at, "the rule %s of the playbook %s never gives points: %s%s", r.Name, b.Name, why, mend)
				continue
			}
			sum += most(r).hi
		}
		if part.AtMost != nil {
			sum = min(sum, *part.AtMost)
		}
		total += sum
	}
	if b.Scored() && total < b.From {
		c.add(Error, "scoring.yaml", path+".from", "the playbook %s holds from %d points, and its rules give %d at most; lower from, or give more points", b.Name, b.From, total)
	}
}

func (c *checker) possible(file, path, what string, q *condition.Condition) bool {
	why := c.never(q)
	if why != "" {
		c.add(Error, file, path, "%s can never hold: %s%s", what, why, mend)
	}
	return why == ""
}

// life refuses as signs of life what is heard of a company: by nobody's doing it would end a silence, and date what only
// fields say, so that somebody would be written to for it.
func (c *checker) life() {
	for i, kind := range c.p.Funnels.Activity {
		if slices.Contains(touch.AccountKinds, kind) {
			c.add(Error, "funnels.yaml", fmt.Sprintf("$.activity[%d]", i), "%s is heard of a company and is nobody's doing, so it is no sign of life; drop it here, and give it points or ask for it in a play", kind)
		}
	}
}

// members checks who is a customer, and the motions.
func (c *checker) members() {
	f := &c.p.Funnels
	c.possible("funnels.yaml", "$.customer", "customer", &f.Customer)
	for i := range f.Motions {
		m, path := &f.Motions[i], fmt.Sprintf("$.motions[%d]", i)
		if !c.possible("funnels.yaml", path+".when", "the motion "+m.Name, &m.When) {
			continue
		}
		for j := range i {
			if f.Motions[j].Name == m.Name {
				c.add(Error, "funnels.yaml", path+".name", "two motions are called %q, the other at line %d; give each a name of its own, or put both conditions under any:",
					m.Name, c.l.docs["funnels.yaml"].line(fmt.Sprintf("$.motions[%d]", j)))
				break
			}
			if b := &f.Motions[j]; c.implied(&m.When, &b.When) {
				c.add(Error, "funnels.yaml", path, "no account moves by %s: wherever it holds, %s at line %d holds and comes first; put the narrower before the broader",
					m.Name, b.Name, c.l.docs["funnels.yaml"].line(fmt.Sprintf("$.motions[%d]", j)))
				break
			}
		}
	}
}

// ladders checks the stages and moves of every funnel, also of the templates.
func (c *checker) ladders() {
	for i := range c.p.Funnels.Funnels {
		f, path := &c.p.Funnels.Funnels[i], fmt.Sprintf("$.funnels[%d]", i)
		if f.For != nil {
			c.possible("funnels.yaml", path+".for", "being in the funnel "+f.Name, f.For)
		}
		for j := range f.Stages {
			c.stage(f, path, j)
		}
		for j := range f.Moves {
			c.move(f, path, j)
		}
	}
}

func (c *checker) stage(f *funnel.Funnel, path string, i int) {
	s, at := &f.Stages[i], fmt.Sprintf("%s.stages[%d]", path, i)
	if s.Gate != nil {
		c.possible("funnels.yaml", at+".gate", "the gate of "+s.Name, s.Gate)
	}
	led := slices.ContainsFunc(f.Moves, func(m funnel.Move) bool { return m.To == s.Name })
	switch {
	case i == 0:
	case s.Aside:
		if !led {
			c.add(Error, "funnels.yaml", at, "no account ever stands at %s: it is aside, and no move leads to it; add a move, or drop the stage", s.Name)
		}
	case !c.possible("funnels.yaml", at+".when", "the stage "+s.Name, s.When):
	case led: // a move may lead there, whatever stage comes after
	default:
		for j := i + 1; j < len(f.Stages); j++ {
			if f.Stages[j].Gate != nil {
				return // whom the gate holds back stands here
			}
			if later := &f.Stages[j]; !later.Aside && later.When != nil && c.implied(s.When, later.When) {
				c.add(Error, "funnels.yaml", at, "no account ever stands at %s: wherever it holds, the later stage %s at line %d holds, and the last that holds counts; narrow the later one, or change their order",
					s.Name, later.Name, c.l.docs["funnels.yaml"].line(fmt.Sprintf("%s.stages[%d]", path, j)))
				return
			}
		}
	}
}

func (c *checker) move(f *funnel.Funnel, path string, i int) {
	m, at := &f.Moves[i], fmt.Sprintf("%s.moves[%d]", path, i)
	if !c.possible("funnels.yaml", at+".when", "the move "+m.Reason, &m.When) {
		return
	}
	for j := range i {
		if b := &f.Moves[j]; within(m.From, b.From) && c.implied(&m.When, &b.When) {
			c.add(Error, "funnels.yaml", at, "the move %s never counts: from the same stages, wherever it holds, the move %s at line %d holds and comes first; put the narrower before the broader",
				m.Reason, b.Reason, c.l.docs["funnels.yaml"].line(fmt.Sprintf("%s.moves[%d]", path, j)))
			return
		}
	}
}

// due checks when plays are due.
func (c *checker) due() {
	for i := range c.p.Plays {
		p, path := &c.p.Plays[i], fmt.Sprintf("$.plays[%d]", i)
		q := p.When
		if len(p.Bands) > 0 && !p.HandRaise {
			narrow := condition.Condition{Band: p.Bands}
			if q == nil {
				q = &narrow
			} else {
				q = &condition.Condition{All: []condition.Condition{*q, narrow}}
			}
		}
		if q == nil || !c.possible("plays.yaml", path+".when", "the play "+p.Name, q) {
			continue
		}
		c.gated(p, path, q)
		c.content(p, path)
	}
}

// content finds rules for a play's content that never choose it.
func (c *checker) content(p *Play, path string) {
	for i := range p.Assets.Rules {
		r, at := &p.Assets.Rules[i], fmt.Sprintf("%s.assets[%d]", path, i)
		if r.When == nil || !c.possible("plays.yaml", at+".when", "the rule for the asset "+r.Asset, r.When) {
			continue
		}
		for j := range i {
			if b := &p.Assets.Rules[j]; b.When != nil && c.implied(r.When, b.When) {
				c.add(Error, "plays.yaml", at, "the asset %s is never chosen: wherever its rule holds, that of %s at line %d holds and comes first; put the narrower before the broader",
					r.Asset, b.Asset, c.l.docs["plays.yaml"].line(fmt.Sprintf("%s.assets[%d]", path, j)))
				break
			}
		}
	}
}

// gated finds plays that a hard gate stops whenever they are due.
func (c *checker) gated(p *Play, path string, q *condition.Condition) {
	yes := true
	for _, g := range []struct {
		gate, what string
		asks       condition.Condition
	}{
		{routing.GateCustomer, "customers", condition.Condition{Customer: &yes}},
		{routing.GateOpenOpportunity, "accounts with an open deal", condition.Condition{Deal: []string{"open"}}},
	} {
		if !slices.Contains(p.Despite, g.gate) && c.implied(q, &g.asks) {
			c.add(Warning, "plays.yaml", path+".when", "the play %s is due only for %s, and the gate %s stops it for each of them; write despite: [%s]", p.Name, g.what, g.gate, g.gate)
		}
	}
}
