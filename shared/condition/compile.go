package condition

import (
	"strings"

	"handoff/shared/problem"
)

// Vocabulary is the names that conditions may use, in the policy's order; a frame knows them by index.
type Vocabulary struct {
	Signals, Bands, Quadrants, Playbooks, Motions []string
	Funnels                                       []string
	Stages                                        [][]string // per funnel
	Committee                                     []Role
	Checklists                                    []Checklist
}

// Compiler turns conditions into tests and gathers the selectors they need, each canonical pattern once.
type Compiler struct {
	Vocabulary

	plan  Plan
	names map[string]bool // taken in facts
	seats *Committee      // of the vocabulary, compiled at the first question
}

// Plan is what the tests compiled so far read.
func (c *Compiler) Plan() *Plan { return &c.plan }

type op uint8

const (
	opNever op = iota // what did not compile
	opAlways
	opAll
	opAny
	opNot
	opTouch
	opReached
	opWords // a person's or the company's field, by words
	opIs
	opIsNot
	opKnown
	opNumber
	opDate
	opSilence
	opUsage
	opActive
	opDeal
	opCustomer
	opBand
	opQuadrant
	opPQL
	opMotion
	opScore
	opStage
	opCommittee
	opChecklist
	opSignal
	opOverdue
)

// Test is a compiled condition.
type Test struct {
	op      op
	kids    []Test
	slot    Slot
	n       int   // at least so many
	within  int64 // ms; 0: no window
	older   int64 // ms; 0: no window
	later   []int // milestones
	field   field
	phrases []phrase
	values  []string
	types   []string
	lo, hi  int64 // bounds of a number, inclusive; of a date: ms before it
	static  int   // where the frame remembers the answer
	mask    uint64
	index   int // funnel, or which score: 0 score, 1 fit, 2 interest
	want    bool
	signal  bool  // only signals of a company meet it
	over    int64 // days
	percent int64
	label   string
	kinds   []string // of touch and reached
	says    string   // of a milestone, as the policy has it
	// What is asked about of a purchase.
	committee *Committee
	checklist *Checklist
}

// Always is the test that holds.
func Always() Test { return Test{op: opAlways} }

// field is where a value stands.
type field struct {
	name   string
	person bool
	label  string
}

// Milestone declares one; its index is how tests and frames know it.
func (c *Compiler) Milestone(name string, kinds []string, raw map[string]any, path string, out *problem.List) int {
	if len(kinds) == 0 && len(raw) == 0 {
		out.Add(path, "milestone %q names no touch; write touch: or pattern:", name)
		return 0
	}
	s := selector(kinds, raw, path, out)
	s.Name, s.Label = name, strings.ReplaceAll(name, "_", " ")
	c.plan.Milestones = append(c.plan.Milestones, s)
	return len(c.plan.Milestones) - 1
}

// Says gives a milestone its words in what a rep reads.
func (c *Compiler) Says(milestone int, words string) { c.plan.Milestones[milestone].Says = words }

// SignsOfLife names the milestone whose latest touch ends a silence.
func (c *Compiler) SignsOfLife(milestone int) { c.plan.Activity = milestone }

// Select registers a selector that keeps at least k (MaxKept at most), and answers where a frame holds it.
func (c *Compiler) Select(kinds []string, raw map[string]any, k int, path string, out *problem.List) (Slot, *Selector) {
	s := selector(kinds, raw, path, out)
	s.K = min(max(k, 1), MaxKept)
	for i := range c.plan.Rules {
		if c.plan.Rules[i].Canonical == s.Canonical {
			c.plan.Rules[i].K = max(c.plan.Rules[i].K, s.K)
			return Slot{at: i}, &s
		}
	}
	if s.K == 1 { // a milestone keeps the latest already
		for i := range c.plan.Milestones {
			if c.plan.Milestones[i].Canonical == s.Canonical {
				return Slot{at: i, milestone: true}, &s
			}
		}
	}
	if c.names == nil {
		c.names = map[string]bool{}
	}
	n := 5
	for c.names[short(s.Canonical, n)] {
		n++
	}
	s.Name = short(s.Canonical, n)
	c.names[s.Name] = true
	c.plan.Rules = append(c.plan.Rules, s)
	return Slot{at: len(c.plan.Rules) - 1}, &s
}

// Compile turns one condition into a test. It adds to out whatever is wrong, at the YAML path of the condition.
func (c *Compiler) Compile(q *Condition, path string, scope Scope, out *problem.List) Test {
	b := builder{c: c, q: q, path: path, scope: scope, out: out}
	return b.build()
}
