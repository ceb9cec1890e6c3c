package scoring

import (
	"fmt"

	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/problem"
)

// playbook is a compiled Playbook.
type playbook struct {
	name      string
	when      condition.Test
	scored    bool // the rest applies
	from, cap int64
	parts     [3]group
}

func (m *Model) compilePlaybooks(list []Playbook, comp *condition.Compiler, out *problem.List) {
	if len(list) > condition.MaxNames {
		out.Add("$.playbooks", "there are %d playbooks; %d are the limit", len(list), condition.MaxNames)
	}
	seen := map[string]bool{"any": true}
	for i := range list {
		p, path := &list[i], fmt.Sprintf("$.playbooks[%d]", i)
		if p.Name == "" || seen[p.Name] {
			out.Add(path+".name", "a playbook needs a name of its own (and not any), it has %q", p.Name)
		}
		seen[p.Name] = true
		m.playbooks = append(m.playbooks, compilePlaybook(p, path, comp, out))
	}
}

func compilePlaybook(p *Playbook, path string, comp *condition.Compiler, out *problem.List) playbook {
	b := playbook{name: p.Name, when: condition.Always(), scored: p.Scored(), from: p.From, cap: capOf(p.AtMost)}
	if p.When != nil {
		b.when = comp.Compile(p.When, path+".when", condition.OfSignals, out)
	}
	names := map[string]string{}
	for g := range b.parts {
		part := p.Part(g)
		b.parts[g].cap = capOf(part.AtMost)
		for i := range part.Rules {
			at := fmt.Sprintf("%s.%s.rules[%d]", path, Parts[g], i)
			r := compileRule(&part.Rules[i], at, comp, out)
			if other, ok := names[r.name]; ok && r.name != "" {
				out.Add(at+".rule", "two rules of the playbook %s are called %q, the other at %s", p.Name, r.name, other)
			}
			names[r.name] = at
			b.parts[g].rules = append(b.parts[g].rules, r)
		}
		if part.AtMost != nil && len(part.Rules) == 0 {
			out.Add(path+"."+Parts[g]+".at_most", "at_most caps the points of rules, and %s of the playbook %s has none", Parts[g], p.Name)
		}
	}
	switch {
	case !b.scored && p.When == nil:
		out.Add(path, "the playbook %s never says when: write when:, or rules under fit:, usage: and intent:, and from how many points on they qualify", p.Name)
	case b.scored && p.From <= 0:
		out.Add(path+".from", "the playbook %s gives points and not from how many on they qualify; write from: and a whole number above 0", p.Name)
	case !b.scored && p.From != 0:
		out.Add(path+".from", "from says how many points qualify, and the playbook %s has no rules that give any", p.Name)
	case !b.scored && p.AtMost != nil:
		out.Add(path+".at_most", "at_most caps points, and the playbook %s has no rules that give any", p.Name)
	case p.AtMost != nil && *p.AtMost < p.From:
		out.Add(path+".at_most", "the playbook %s holds from %d points and gets %d at most; it would never hold", p.Name, p.From, *p.AtMost)
	}
	return b
}

// score is the playbook's points, and those of its parts.
func (b *playbook) score(f *condition.Frame) (total int64, parts [3]int64) {
	for g := range b.parts {
		parts[g] = b.parts[g].points(f)
		total += parts[g]
	}
	return min(total, b.cap), parts
}

// holds allocates nothing. The requirement comes first: it is mostly what does not hold, and cheaper.
func (b *playbook) holds(f *condition.Frame) bool {
	if !b.when.Holds(f) {
		return false
	}
	if !b.scored {
		return true
	}
	total, _ := b.score(f)
	return total >= b.from
}

// explain says how the score comes about; nil where there is none.
func (b *playbook) explain(f *condition.Frame, d condition.Derived, holds bool) *event.Playbook {
	if !b.scored {
		return nil
	}
	total, parts := b.score(f)
	e := &event.Playbook{Name: b.name, Holds: holds, Score: int(total), From: int(b.from), Fit: int(parts[0]), Usage: int(parts[1]), Intent: int(parts[2])}
	sum := int64(0)
	for g := range b.parts {
		e.Rules, e.NotFired = b.parts[g].explain(f, d, Parts[g], e.Rules, e.NotFired)
		sum += parts[g]
	}
	if sum > b.cap {
		e.Rules = append(e.Rules, capped("playbook", sum-b.cap, b.cap))
	}
	return e
}

// because gathers why the playbook holds.
func (b *playbook) because(f *condition.Frame, d condition.Derived, c *condition.Cause) {
	b.when.Because(f, d, c)
	if !b.scored {
		return
	}
	for g := range b.parts {
		b.parts[g].rests(f, d, c)
	}
	if c.Brief {
		return
	}
	e := b.explain(f, d, true)
	c.Texts = append(c.Texts, fmt.Sprintf("playbook %s at %d points of %d (fit %d, usage %d, intent %d)%s",
		spaced(b.name), e.Score, e.From, e.Fit, e.Usage, e.Intent, Weightiest(e.Rules)))
}

func (b *playbook) unknown(f *condition.Frame, dst []string) []string {
	dst = b.when.Unknown(f, dst)
	for g := range b.parts {
		dst = b.parts[g].unknown(f, dst)
	}
	return dst
}

// timed appends the questions whose answer time alone can change.
func (b *playbook) timed(dst []*condition.Test) []*condition.Test {
	dst = b.when.Timed(dst)
	for g := range b.parts {
		dst = b.parts[g].timed(dst)
	}
	return dst
}
