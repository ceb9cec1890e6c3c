package explain

import (
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
)

// signals says which held, and the touches behind each that were not told already.
func (p *printer) signals(list []Inferred, told []TouchLine, decided time.Time, in string) {
	for i := range list {
		s := &list[i]
		p.line(in, in, "Signal %s: %s%s", s.Name, s.Text, ruleText(s.Policy))
		for _, t := range s.Touches {
			if !slices.ContainsFunc(told, func(g TouchLine) bool { return g.ID == t.ID }) {
				p.line(in+"- ", in+"  ", "%s", p.touch(t, decided))
			}
		}
	}
}

// playbooks says how those that give points come to them. Of one that has none there is nothing to say.
func (p *printer) playbooks(e *event.Evaluation, first, in string) {
	for i := range e.Playbooks {
		b := &e.Playbooks[i]
		if len(b.Rules) == 0 {
			continue
		}
		says := "does not hold"
		if b.Holds {
			says = "holds"
		}
		p.line(first, in, "Playbook %s %s: %s.", b.Name, says, b)
		for _, r := range b.Rules {
			p.line(fmt.Sprintf("   %+4d  ", r.Points), "         ", "%s (%s)", r.Text, r.Group)
		}
	}
}

// places says which stages are overdue, and which gates held the account back.
func (p *printer) places(e *event.Evaluation, at time.Time, first, in string) {
	for i := range e.Standings {
		s := &e.Standings[i]
		if s.Overdue {
			p.line(first, in, "Overdue at %s (%s), for which %s answers: there since %s, and over its SLA since %s.", s.Stage, s.Funnel, s.Owner, p.near(s.Since, at), p.near(s.Due, at))
		}
		if held := s.Held(); held != "" {
			p.line(first, in, "%s (%s); else it would stand at %s.", capital(held), s.Funnel, s.Else)
		}
	}
}
