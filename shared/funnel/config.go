// Package funnel places an account in its funnels. A funnel is configuration: stages with the condition on which an
// account enters, an owner and a deadline, and the backward moves that are declared with a reason. An account's stage
// is a pure function of its facts at one hour; no path is remembered, so it is the same whatever order events came in.
package funnel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"handoff/shared/condition"
	"handoff/shared/problem"
	"handoff/shared/span"
	"handoff/shared/touch"
)

// Config is funnels.yaml.
type Config struct {
	// Milestones are what stages are made of: the first and the last touch of each are kept for ever.
	Milestones map[string]Milestone `yaml:"milestones" json:"milestones"`
	// Activity is the kinds of touch that are a sign of life from the buyer's side.
	Activity []string `yaml:"activity" json:"activity"`
	// Usage is the kinds of touch that make a day one of product use.
	Usage []string `yaml:"usage" json:"usage"`
	// Customer says who is a customer now.
	Customer condition.Condition `yaml:"customer" json:"customer"`
	// Motions are tried in order; the first that holds names how the account moves.
	Motions []Motion `yaml:"motions" json:"motions,omitempty"`
	Funnels []Funnel `yaml:"funnels" json:"funnels"`
}

// Milestone selects the touches that reach it.
type Milestone struct {
	Touch   []string       `yaml:"touch" json:"touch,omitempty"`
	Pattern map[string]any `yaml:"pattern" json:"pattern,omitempty"`
	// Says is what a rep reads of who reached it, after a name: became a customer. Without it the kinds of touch say it.
	Says string `yaml:"says" json:"says,omitempty"`
}

// Motion is how an account moves through the funnel: sales_led, product_led, hybrid.
type Motion struct {
	Name string              `yaml:"name" json:"name"`
	When condition.Condition `yaml:"when" json:"when"`
}

// Funnel is one vocabulary over the milestones. Templates ship with active: false; they are checked all the same.
type Funnel struct {
	Name   string `yaml:"name" json:"name"`
	Active bool   `yaml:"active" json:"active"`
	// For says whose funnel it is: of a product, a persona, a motion. Another account is not in it: it has no stage, and
	// no play of the funnel is due. Nil: everybody's.
	For    *condition.Condition `yaml:"for" json:"for,omitempty"`
	Stages []Stage              `yaml:"stages" json:"stages"`
	Moves  []Move               `yaml:"moves" json:"moves,omitempty"`
}

// Stage is one step. An account stands at the last stage whose condition holds; the first has none. It comes no further
// than before the first stage whose gate does not hold, whatever else does.
type Stage struct {
	Name  string               `yaml:"name" json:"name"`
	Road  string               `yaml:"road" json:"road"`             // awareness, interest, decision or expansion: what funnels share
	Owner string               `yaml:"owner" json:"owner"`           // the function that answers for it, told when it changes
	SLA   span.Span            `yaml:"sla" json:"sla,omitempty"`     // overdue once the newest evidence for standing here is older
	Aside bool                 `yaml:"aside" json:"aside,omitempty"` // beside the road: entered by a move only
	Gate  *condition.Condition `yaml:"gate" json:"gate,omitempty"`
	When  *condition.Condition `yaml:"when" json:"when,omitempty"`
}

// Move leads from a stage that the account would stand at to another, or (without to) explains why it stands where it
// does. The first whose condition holds counts; none leads past a gate that does not hold, but to a stage aside.
type Move struct {
	Reason string              `yaml:"reason" json:"reason"`
	From   []string            `yaml:"from" json:"from"`
	To     string              `yaml:"to" json:"to,omitempty"`
	When   condition.Condition `yaml:"when" json:"when"`
}

// Roads are the parts of the road that all funnels share.
var Roads = []string{"awareness", "interest", "decision", "expansion"}

// NoMotion is the motion of an account for which no other holds.
const NoMotion = ""

// Active lists the funnels in use, in order.
func (c *Config) Active() []*Funnel {
	var out []*Funnel
	for i := range c.Funnels {
		if c.Funnels[i].Active {
			out = append(out, &c.Funnels[i])
		}
	}
	return out
}

// StageNames lists a funnel's stages in order.
func (f *Funnel) StageNames() []string {
	var out []string
	for i := range f.Stages {
		out = append(out, f.Stages[i].Name)
	}
	return out
}

// Vocabulary adds the names that conditions may use.
func (c *Config) Vocabulary(v *condition.Vocabulary) {
	v.Motions = []string{NoMotion}
	for _, m := range c.Motions {
		v.Motions = append(v.Motions, m.Name)
	}
	for _, f := range c.Active() {
		v.Funnels = append(v.Funnels, f.Name)
		v.Stages = append(v.Stages, f.StageNames())
	}
}

const signs = "activity" // the milestone that activity makes

// Declare compiles the milestones; it comes before every other condition of the policy.
func (c *Config) Declare(comp *condition.Compiler) problem.List {
	var out problem.List
	for _, name := range slices.Sorted(maps.Keys(c.Milestones)) {
		path := "$.milestones." + name
		if name == signs || len(name) > 16 {
			out.Add(path, "call the milestone %q something else: %q is taken, and names have at most 16 letters since every account stores them", name, signs)
		}
		m := c.Milestones[name]
		if at := comp.Milestone(name, m.Touch, m.Pattern, path, &out); m.Says != "" && len(m.Touch)+len(m.Pattern) > 0 {
			comp.Says(at, m.Says)
		}
	}
	if len(c.Activity) == 0 {
		out.Add("$.activity", "activity lists no kinds of touch; silence and age could not be told")
	} else {
		comp.SignsOfLife(comp.Milestone(signs, c.Activity, nil, "$.activity", &out))
	}
	for i, k := range c.Usage {
		if !slices.Contains(touch.Kinds, k) {
			out.Add(fmt.Sprintf("$.usage[%d]", i), "there is no kind of touch %q%s", k, condition.DidYouMean(k, touch.Kinds))
		}
	}
	return out
}

// check reports what is wrong with a funnel's shape.
func (f *Funnel) check(path string, out *problem.List) {
	if f.Name == "" {
		out.Add(path+".name", "the funnel has no name")
	}
	if len(f.Stages) == 0 || len(f.Stages) > condition.MaxNames {
		out.Add(path+".stages", "funnel %s has %d stages; 1 to %d are possible", f.Name, len(f.Stages), condition.MaxNames)
	}
	names := f.StageNames()
	for i := range f.Stages {
		s, at := &f.Stages[i], fmt.Sprintf("%s.stages[%d]", path, i)
		if s.Name == "" || slices.Index(names, s.Name) != i {
			out.Add(at+".name", "a stage needs a name of its own, it has %q", s.Name)
		}
		if s.Owner == "" {
			out.Add(at, "stage %s names no owner; somebody must answer for it", s.Name)
		}
		if !slices.Contains(Roads, s.Road) {
			out.Add(at, "stage %s is on road %q; write one of %s", s.Name, s.Road, strings.Join(Roads, ", "))
		}
		if s.Gate != nil && (i == 0 || s.Aside) {
			out.Add(at+".gate", "stage %s has a gate, and nobody comes there by the road: a gate belongs to a later stage, or into the move's when", s.Name)
		}
		switch {
		case i == 0 && (s.When != nil || s.Aside):
			out.Add(at, "the first stage is everybody's: it has no when: and is not aside")
		case i > 0 && s.Aside && s.When != nil:
			out.Add(at+".when", "stage %s is aside, so only moves lead there; put the condition into a move", s.Name)
		case i > 0 && !s.Aside && s.When == nil:
			out.Add(at, "stage %s has no when:, so nobody would ever enter it", s.Name)
		}
	}
	for i := range f.Moves {
		m, at := &f.Moves[i], fmt.Sprintf("%s.moves[%d]", path, i)
		if m.Reason == "" {
			out.Add(at, "the move gives no reason")
		}
		if len(m.From) == 0 {
			out.Add(at, "the move leads from no stage; write from:")
		}
		for j, from := range m.From {
			if !slices.Contains(names, from) {
				out.Add(fmt.Sprintf("%s.from[%d]", at, j), "funnel %s has no stage %q%s", f.Name, from, condition.OrList(from, names))
			}
		}
		if m.To != "" && !slices.Contains(names, m.To) {
			out.Add(at+".to", "funnel %s has no stage %q%s", f.Name, m.To, condition.OrList(m.To, names))
		}
	}
}
