// Package scoring says how well an account fits and how interested it is, in whole points: rules over fields and over
// touches, decay per whole hour from a table, caps per group and in total, bands, the fit × interest quadrant, playbooks
// for accounts whose use of the product qualifies them, and signals, inferences from touches that have a name. It is pure.
package scoring

import (
	"fmt"

	"handoff/shared/condition"
	"handoff/shared/problem"
	"handoff/shared/span"
)

// Config is scoring.yaml.
type Config struct {
	// Signals are found first: rules, playbooks, stages and plays may ask for them.
	Signals   []Signal   `yaml:"signals" json:"signals,omitempty"`
	Fit       Group      `yaml:"fit" json:"fit"`
	Interest  Group      `yaml:"interest" json:"interest"`
	AtMost    *int64     `yaml:"at_most" json:"at_most,omitempty"` // cap on the total
	Bands     []Band     `yaml:"bands" json:"bands"`
	Playbooks []Playbook `yaml:"playbooks" json:"playbooks,omitempty"`
	// Committee and Checklists are shown with an account. They give points only where a rule asks for them.
	Committee  []condition.Role      `yaml:"committee" json:"committee,omitempty"`
	Checklists []condition.Checklist `yaml:"checklists" json:"checklists,omitempty"`
}

// Group is one of the two sides of a score.
type Group struct {
	High   int64  `yaml:"high" json:"high"`                 // from here on the quadrant says high
	AtMost *int64 `yaml:"at_most" json:"at_most,omitempty"` // cap on the group
	Rules  []Rule `yaml:"rules" json:"rules"`
}

// Rule gives points. Asked about touches it counts each of the latest at_most (1 unless told) that lie within the
// window, once there are at_least of them; asked about anything else it counts once.
type Rule struct {
	Name                string `yaml:"rule" json:"rule"`
	condition.Condition `yaml:",inline"`
	Points              int64     `yaml:"points" json:"points"`
	HalfLife            span.Span `yaml:"half_life" json:"half_life,omitempty"`   // each touch's points halve in this time
	FadesOver           span.Span `yaml:"fades_over" json:"fades_over,omitempty"` // or go down evenly to none
}

// Band names a range of scores by its lower bound: 75 is in the band from 75.
type Band struct {
	Name string `yaml:"name" json:"name"`
	From int64  `yaml:"from" json:"from"`
}

// Signal is an inference from touches: "they roll the product out". It holds while its condition does, and points at the
// touches by which it does.
type Signal struct {
	Name        string              `yaml:"name" json:"name"`
	Description string              `yaml:"description" json:"description,omitempty"`
	When        condition.Condition `yaml:"when" json:"when"`
}

// Playbook says when events qualify an account (a product-qualified lead): when a condition holds, when its own score of
// fit, usage and intent comes to From, or both where it has both.
type Playbook struct {
	Name        string               `yaml:"name" json:"name"`
	Description string               `yaml:"description" json:"description,omitempty"`
	When        *condition.Condition `yaml:"when" json:"when,omitempty"`
	From        int64                `yaml:"from" json:"from,omitempty"`
	AtMost      *int64               `yaml:"at_most" json:"at_most,omitempty"` // cap on its score
	Fit         Part                 `yaml:"fit" json:"fit,omitzero"`
	Usage       Part                 `yaml:"usage" json:"usage,omitzero"`
	Intent      Part                 `yaml:"intent" json:"intent,omitzero"`
}

// Part is one of the three sides of a playbook's score. Its rules are those of any score.
type Part struct {
	AtMost *int64 `yaml:"at_most" json:"at_most,omitempty"` // cap on the part
	Rules  []Rule `yaml:"rules" json:"rules,omitempty"`
}

// Parts are the sides of a playbook's score, as policies and explanations name them.
var Parts = [3]string{"fit", "usage", "intent"}

// Part is one of Parts, by its index.
func (p *Playbook) Part(i int) *Part { return [...]*Part{&p.Fit, &p.Usage, &p.Intent}[i] }

// Scored reports whether the playbook has rules that give points.
func (p *Playbook) Scored() bool { return len(p.Fit.Rules)+len(p.Usage.Rules)+len(p.Intent.Rules) > 0 }

// Quadrants, fit before interest, in the order a frame knows them by.
var Quadrants = []string{"low/low", "low/high", "high/low", "high/high"}

// maxPoints keeps sums far from any overflow.
const maxPoints = 10_000

// Vocabulary adds the names that conditions may use.
func (c *Config) Vocabulary(v *condition.Vocabulary) {
	v.Quadrants = Quadrants
	for _, s := range c.Signals {
		v.Signals = append(v.Signals, s.Name)
	}
	for _, b := range c.Bands {
		v.Bands = append(v.Bands, b.Name)
	}
	for _, p := range c.Playbooks {
		v.Playbooks = append(v.Playbooks, p.Name)
	}
	v.Committee, v.Checklists = c.Committee, c.Checklists
}

// Compile turns the configuration into a model. Everything wrong is in the list; then the model is not to be used.
func Compile(c *Config, comp *condition.Compiler) (*Model, problem.List) {
	var out problem.List
	m := &Model{total: capOf(c.AtMost), committee: condition.CompileCommittee(c.Committee, "$.committee", &out), checklists: c.Checklists}
	condition.CheckChecklists(c.Checklists, "$.checklists", &out)
	m.compileSignals(c.Signals, comp, &out)
	names := map[string]string{}
	for g, group := range []*Group{&c.Fit, &c.Interest} {
		path := "$." + Groups[g]
		m.groups[g].high, m.groups[g].cap = group.High, capOf(group.AtMost)
		if group.AtMost != nil && group.High > *group.AtMost {
			out.Add(path+".high", "high is %d, but the group cannot get more than at_most %d points", group.High, *group.AtMost)
		}
		for i := range group.Rules {
			r := compileRule(&group.Rules[i], fmt.Sprintf("%s.rules[%d]", path, i), comp, &out)
			if at, ok := names[r.name]; ok && r.name != "" {
				out.Add(fmt.Sprintf("%s.rules[%d].rule", path, i), "two rules are called %q, the other at %s", r.name, at)
			}
			names[r.name] = fmt.Sprintf("%s.rules[%d]", path, i)
			m.groups[g].rules = append(m.groups[g].rules, r)
		}
	}
	m.bands = compileBands(c.Bands, &out)
	m.compilePlaybooks(c.Playbooks, comp, &out)
	return m, out
}

func compileRule(r *Rule, path string, comp *condition.Compiler, out *problem.List) rule {
	c := rule{name: r.Name, points: r.Points, times: 1}
	if r.Name == "" {
		out.Add(path, "the rule has no name; write rule: and a few words, for explanations show it")
	}
	if r.Points == 0 || r.Points > maxPoints || r.Points < -maxPoints {
		out.Add(path+".points", "points must be a whole number from 1 to %d, or that much below 0, not %d", maxPoints, r.Points)
	}
	q := r.Condition
	if !q.Counted() {
		if r.HalfLife != 0 || r.FadesOver != 0 {
			out.Add(path, "only points for touches fade; this rule asks about something else")
		}
		c.test = comp.Compile(&q, path, condition.OfSignals, out)
		return c
	}
	c.counted, c.least = true, 1
	if q.AtMost != nil {
		if *q.AtMost < 1 || *q.AtMost > condition.MaxKept {
			out.Add(path+".at_most", "at_most says how often the touch counts: from 1 to %d, not %d", condition.MaxKept, *q.AtMost)
		}
		c.times = int(min(max(*q.AtMost, 1), condition.MaxKept))
		q.AtMost = nil
	}
	if q.AtLeast != nil {
		c.least = int(min(max(*q.AtLeast, 1), condition.MaxKept))
	}
	c.within = q.Within.Duration().Milliseconds()
	c.test = comp.Compile(&q, path, condition.OfSignals, out)
	c.slot, _ = comp.Select(q.Touch, q.Pattern, max(c.times, c.least), path, &problem.List{}) // Compile reported it
	switch {
	case r.HalfLife != 0 && r.FadesOver != 0:
		out.Add(path+".fades_over", "points halve or fade evenly, not both")
	case r.HalfLife != 0:
		c.decay = wholeHours(r.HalfLife, path+".half_life", out)
		if c.decay > 0 {
			c.curve = HalfLife(c.decay)
		}
	case r.FadesOver != 0:
		c.decay = wholeHours(r.FadesOver, path+".fades_over", out)
		if c.decay > 0 {
			c.curve = Linear(c.decay)
		}
	}
	return c
}

func wholeHours(s span.Span, path string, out *problem.List) int64 {
	h := int64(s / span.Hour)
	if s%span.Hour != 0 || h < 1 || h > maxHours {
		out.Add(path, "points fade by whole hours, from 1h to %dd, not over %s", maxHours/24, s)
		return 0
	}
	return h
}

func compileBands(bands []Band, out *problem.List) []Band {
	if len(bands) == 0 || len(bands) > condition.MaxNames {
		out.Add("$.bands", "name 1 to %d bands, the highest first", condition.MaxNames)
		return []Band{{}}
	}
	for i, b := range bands {
		path := fmt.Sprintf("$.bands[%d]", i)
		if b.Name == "" {
			out.Add(path, "the band has no name")
		}
		if i > 0 && b.From >= bands[i-1].From {
			out.Add(path+".from", "bands go from the highest to the lowest: %q begins at %d, the one before at %d", b.Name, b.From, bands[i-1].From)
		}
	}
	if low := bands[len(bands)-1]; low.From > 0 {
		out.Add(fmt.Sprintf("$.bands[%d].from", len(bands)-1), "the lowest band, %q, begins at %d, so what scores less is in none; add one from 0", low.Name, low.From)
	}
	return bands
}

const noCap = 1 << 60

func capOf(n *int64) int64 {
	if n == nil {
		return noCap
	}
	return *n
}
