package funnel

import (
	"fmt"
	"slices"

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
	stages []condition.Test // Never for those aside
	aside  []bool
	moves  []move
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
		m.motions = append(m.motions, comp.Compile(&c.Motions[i].When, path+".when", condition.OfMembers, &out))
		m.Motions = append(m.Motions, c.Motions[i].Name)
	}
	if len(c.Active()) == 0 || len(c.Active()) > condition.MaxFunnels {
		out.Add("$.funnels", "%d funnels are active; 1 to %d may be", len(c.Active()), condition.MaxFunnels)
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
	l := ladder{config: f}
	for i := range f.Stages {
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

// Place fills in the motion and the stage in each active funnel; it comes after the score. It allocates nothing.
func (m *Model) Place(f *condition.Frame) {
	f.Motion = 0
	for i := range m.motions {
		if m.motions[i].Holds(f) {
			f.Motion = i + 1
			break
		}
	}
	for i := range m.funnels {
		f.Stages[i], _ = m.funnels[i].place(f)
	}
}

// place finds the stage and the move that led there, -1 for none.
func (l *ladder) place(f *condition.Frame) (stage, by int) {
	stage = l.highest(f)
	for i := range l.moves {
		if mv := &l.moves[i]; mv.from>>stage&1 == 1 && mv.test.Holds(f) {
			if mv.to >= 0 {
				stage = mv.to
			}
			return stage, i
		}
	}
	return stage, -1
}

func (l *ladder) highest(f *condition.Frame) int {
	for i := len(l.stages) - 1; i > 0; i-- {
		if !l.aside[i] && l.stages[i].Holds(f) {
			return i
		}
	}
	return 0
}

// Timed appends the questions of stages, moves, motions and of being a customer whose answer time alone can change.
func (m *Model) Timed(dst []*condition.Test) []*condition.Test {
	dst = m.customer.Timed(dst)
	for i := range m.motions {
		dst = m.motions[i].Timed(dst)
	}
	for i := range m.funnels {
		l := &m.funnels[i]
		for j := range l.stages {
			dst = l.stages[j].Timed(dst)
		}
		for j := range l.moves {
			dst = l.moves[j].test.Timed(dst)
		}
	}
	return dst
}

// Placement is where an account stands in one funnel, and why.
type Placement struct {
	Funnel string
	Stage  *Stage
	Index  int    // of the stage
	Reason string // of the declared move: churned; "" on the straight road
	From   string // the stage it would stand at without the move
	Why    condition.Cause
}

// Placements explains every active funnel. The frame has been placed.
func (m *Model) Placements(f *condition.Frame, d condition.Derived) []Placement {
	out := make([]Placement, len(m.funnels))
	for i := range m.funnels {
		l := &m.funnels[i]
		stage, by := l.place(f)
		p := Placement{Funnel: l.config.Name, Stage: &l.config.Stages[stage], Index: stage}
		if by >= 0 {
			p.Reason = l.config.Moves[by].Reason
			p.From = l.config.Stages[l.highest(f)].Name
		}
		m.BecauseStage(f, i, d, &p.Why)
		out[i] = p
	}
	return out
}

// BecauseStage gathers why the account stands at its stage in a funnel.
func (m *Model) BecauseStage(f *condition.Frame, funnel int, d condition.Derived, c *condition.Cause) {
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
		for j := range m.funnels[i].stages {
			dst = m.funnels[i].stages[j].Unknown(f, dst)
		}
		for j := range m.funnels[i].moves {
			dst = m.funnels[i].moves[j].test.Unknown(f, dst)
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
