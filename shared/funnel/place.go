package funnel

import (
	"fmt"
	"slices"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/problem"
)

// Model is a compiled Config. It is immutable.
type Model struct {
	customer condition.Test
	motions  []condition.Test
	funnels  []ladder
	Names    []string // of the active funnels
	Motions  []string // by index, NoMotion first
}

type ladder struct {
	config *Funnel
	of     condition.Test   // who is in it
	stages []condition.Test // Never for those aside
	aside  []bool
	gates  []gate // in order
	moves  []move
}

type gate struct {
	at   int // the stage
	test condition.Test
}

type move struct {
	from uint64
	to   int // -1: stays
	test condition.Test
}

// Compile turns the configuration into a model; Declare and every Vocabulary came before. Inactive funnels are compiled
// with scratch, so that a template which rots is seen, and nothing is kept for it.
func Compile(c *Config, comp, scratch *condition.Compiler) (*Model, problem.List) {
	var out problem.List
	m := &Model{Motions: []string{NoMotion}}
	m.customer = comp.Compile(&c.Customer, "$.customer", condition.OfFacts, &out)
	for i := range c.Motions {
		path := fmt.Sprintf("$.motions[%d]", i)
		if c.Motions[i].Name == "" {
			out.Add(path+".name", "the motion has no name")
		}
		m.motions = append(m.motions, comp.Compile(&c.Motions[i].When, path+".when", condition.OfSignals, &out))
		m.Motions = append(m.Motions, c.Motions[i].Name)
	}
	if len(c.Active()) == 0 || len(c.Active()) > condition.MaxFunnels {
		out.Add("$.funnels", "%d funnels are active, and 1 to %d may be; write active: true where accounts are to be placed, false elsewhere", len(c.Active()), condition.MaxFunnels)
		return m, out
	}
	seen := map[string]bool{}
	for i := range c.Funnels {
		f, path, with := &c.Funnels[i], fmt.Sprintf("$.funnels[%d]", i), comp
		if seen[f.Name] {
			out.Add(path+".name", "two funnels are called %q", f.Name)
		}
		seen[f.Name] = true
		if !f.Active {
			with = scratch
		}
		f.check(path, &out)
		l := compileLadder(f, path, with, &out)
		if f.Active {
			m.funnels = append(m.funnels, l)
			m.Names = append(m.Names, f.Name)
		}
	}
	return m, out
}

func compileLadder(f *Funnel, path string, comp *condition.Compiler, out *problem.List) ladder {
	l := ladder{config: f, of: condition.Always()}
	if f.For != nil {
		l.of = comp.Compile(f.For, path+".for", condition.OfScores, out)
	}
	for i := range f.Stages {
		if q := f.Stages[i].Gate; q != nil {
			l.gates = append(l.gates, gate{i, comp.Compile(q, fmt.Sprintf("%s.stages[%d].gate", path, i), condition.OfScores, out)})
		}
		t := condition.Always()
		if w := f.Stages[i].When; w != nil {
			t = comp.Compile(w, fmt.Sprintf("%s.stages[%d].when", path, i), condition.OfScores, out)
		}
		l.stages = append(l.stages, t)
		l.aside = append(l.aside, f.Stages[i].Aside)
	}
	names := f.StageNames()
	for i := range f.Moves {
		m := move{to: slices.Index(names, f.Moves[i].To)}
		for _, from := range f.Moves[i].From {
			if at := slices.Index(names, from); at >= 0 {
				m.from |= 1 << at
			}
		}
		m.test = comp.Compile(&f.Moves[i].When, fmt.Sprintf("%s.moves[%d].when", path, i), condition.OfScores, out)
		l.moves = append(l.moves, m)
	}
	return l
}

// Belong fills in whether the account is a customer; it comes before the score.
func (m *Model) Belong(f *condition.Frame) { f.Customer = m.customer.Holds(f) }

// Place fills in the motion, the stage in each active funnel and since when it is overdue; it comes after the score, and
// d explains what stages rest on. It allocates nothing.
func (m *Model) Place(f *condition.Frame, d condition.Derived) {
	f.Motion = 0
	for i := range m.motions {
		if m.motions[i].Holds(f) {
			f.Motion = i + 1
			break
		}
	}
	for i := range m.funnels {
		l := &m.funnels[i]
		f.Stages[i], f.Since[i], f.Due[i] = condition.Outside, 0, condition.Never
		if !l.of.Holds(f) {
			continue
		}
		f.Stages[i], _ = l.place(f)
		if sla := l.config.Stages[f.Stages[i]].SLA; sla > 0 {
			m.time(f, i, sla.Duration().Milliseconds(), d)
		}
	}
}

// time finds since when the account stands at its stage and until when it may. There is no memory of when it came there:
// what counts is the newest evidence by which it stands there now, and where only fields speak the latest sign of life.
func (m *Model) time(f *condition.Frame, funnel int, sla int64, d condition.Derived) {
	c := &f.Brief
	*c = condition.Cause{Brief: true}
	m.BecauseStage(f, funnel, d, c)
	newest := c.Newest
	if newest == (account.Element{}) {
		var ok bool
		if newest, ok = f.SignOfLife(); !ok {
			return // nothing says since when
		}
	}
	f.Since[funnel], f.Due[funnel] = newest.Time, condition.PastHour(newest.Time, sla)
}

// Next is the first hour after the frame's at which a stage comes to be overdue by what it rests on now.
func (m *Model) Next(f *condition.Frame) int64 {
	next := int64(condition.Never)
	for i := range m.funnels {
		if f.Due[i] > f.AsOf {
			next = min(next, f.Due[i])
		}
	}
	return next
}

// In reports whether the account is in a funnel, by its index.
func (m *Model) In(f *condition.Frame, funnel int) bool { return f.Stages[funnel] != condition.Outside }

// place finds the stage and the move that led there, -1 for none.
func (l *ladder) place(f *condition.Frame) (stage, by int) {
	limit := l.limit(f)
	stage = l.highest(f, limit)
	for i := range l.moves {
		mv := &l.moves[i]
		if mv.from>>stage&1 == 0 || mv.to >= limit && !l.aside[mv.to] || !mv.test.Holds(f) {
			continue
		}
		if mv.to >= 0 {
			stage = mv.to
		}
		return stage, i
	}
	return stage, -1
}

// limit is the first stage whose gate does not hold, or the number of stages.
func (l *ladder) limit(f *condition.Frame) int {
	for i := range l.gates {
		if !l.gates[i].test.Holds(f) {
			return l.gates[i].at
		}
	}
	return len(l.stages)
}

// highest is the last stage before the limit whose condition holds.
func (l *ladder) highest(f *condition.Frame, limit int) int {
	for i := limit - 1; i > 0; i-- {
		if !l.aside[i] && l.stages[i].Holds(f) {
			return i
		}
	}
	return 0
}

// held says which gate holds the account back and where it would stand otherwise; ok is false where none does, or where a
// move led it away.
func (l *ladder) held(f *condition.Frame) (at, otherwise int, ok bool) {
	limit := l.limit(f)
	if limit == len(l.stages) {
		return 0, 0, false
	}
	if _, by := l.place(f); by >= 0 && l.moves[by].to >= 0 {
		return 0, 0, false
	}
	otherwise = l.highest(f, len(l.stages))
	return limit, otherwise, otherwise >= limit
}

// Timed appends the questions of stages, gates, moves, motions, of being a customer and of being in a funnel whose answer
// time alone can change.
func (m *Model) Timed(dst []*condition.Test) []*condition.Test {
	dst = m.customer.Timed(dst)
	for i := range m.motions {
		dst = m.motions[i].Timed(dst)
	}
	for i := range m.funnels {
		for _, t := range m.funnels[i].tests() {
			dst = t.Timed(dst)
		}
	}
	return dst
}

// tests are all conditions of a funnel.
func (l *ladder) tests() []*condition.Test {
	out := []*condition.Test{&l.of}
	for j := range l.stages {
		out = append(out, &l.stages[j])
	}
	for j := range l.gates {
		out = append(out, &l.gates[j].test)
	}
	for j := range l.moves {
		out = append(out, &l.moves[j].test)
	}
	return out
}

// Placement is where an account stands in one funnel, and why.
type Placement struct {
	Funnel string
	Stage  *Stage
	Index  int    // of the stage
	Reason string // of the declared move: churned; "" on the straight road
	From   string // the stage it would stand at without the move
	Why    condition.Cause
	// Since is the newest evidence by which it stands there, Due when that is too old for the stage's sla; unix ms, 0 where
	// the stage has none or nothing says since when.
	Since, Due int64
	Overdue    bool
	// HeldBy is the stage whose gate holds it back, nil for none, and Else the one at which it would stand.
	HeldBy, Else *Stage
}

// Placements explains every active funnel that the account is in. The frame has been placed.
func (m *Model) Placements(f *condition.Frame, d condition.Derived) []Placement {
	var out []Placement
	for i := range m.funnels {
		if !m.In(f, i) {
			continue
		}
		p := m.standing(f, i)
		l := &m.funnels[i]
		if _, by := l.place(f); by >= 0 {
			p.Reason = l.config.Moves[by].Reason
			p.From = l.config.Stages[l.highest(f, l.limit(f))].Name
		}
		m.BecauseStage(f, i, d, &p.Why)
		out = append(out, p)
	}
	return out
}

// Standings are the placements, without why, of which there is more to say than the stage: a deadline, a gate.
func (m *Model) Standings(f *condition.Frame) []Placement {
	var out []Placement
	for i := range m.funnels {
		if !m.In(f, i) {
			continue
		}
		if p := m.standing(f, i); p.Due != 0 || p.HeldBy != nil {
			out = append(out, p)
		}
	}
	return out
}

func (m *Model) standing(f *condition.Frame, i int) Placement {
	l := &m.funnels[i]
	p := Placement{Funnel: l.config.Name, Stage: &l.config.Stages[f.Stages[i]], Index: f.Stages[i]}
	if f.Due[i] != condition.Never {
		p.Since, p.Due, p.Overdue = f.Since[i], f.Due[i], f.AsOf >= f.Due[i]
	}
	if at, otherwise, ok := l.held(f); ok {
		p.HeldBy, p.Else = &l.config.Stages[at], &l.config.Stages[otherwise]
	}
	return p
}

// BecauseStage gathers why the account stands at its stage in a funnel.
func (m *Model) BecauseStage(f *condition.Frame, funnel int, d condition.Derived, c *condition.Cause) {
	if !m.In(f, funnel) {
		return
	}
	l := &m.funnels[funnel]
	stage, by := l.place(f)
	if by >= 0 {
		l.moves[by].test.Because(f, d, c)
		if l.moves[by].to >= 0 {
			return
		}
	}
	l.stages[stage].Because(f, d, c)
}

// Unknown appends the fields that conditions of the funnels wanted and nobody has told us.
func (m *Model) Unknown(f *condition.Frame, dst []string) []string {
	for i := range m.funnels {
		for _, t := range m.funnels[i].tests() {
			dst = t.Unknown(f, dst)
		}
	}
	return dst
}

// Stage finds a stage's configuration by names; nil where there is none.
func (m *Model) Stage(funnel, stage string) *Stage {
	for i := range m.funnels {
		if c := m.funnels[i].config; c.Name == funnel {
			for j := range c.Stages {
				if c.Stages[j].Name == stage {
					return &c.Stages[j]
				}
			}
		}
	}
	return nil
}
