package policy

import (
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/funnel"
	"handoff/shared/routing"
)

// Outcome is what an evaluation comes to, without its explanation: cheap enough to be made after every touch.
type Outcome struct {
	Score, Fit, Interest int
	Band                 string
	Quadrant             string
	Motion               string
	Stages               map[string]string // funnel → stage; shared: not to be changed
	Plays                []Held            // whose condition holds, in the policy's order
}

// Held is a play whose condition holds.
type Held struct {
	Play      string
	Funnel    string
	HandRaise bool
	Waits     bool // may wait for enrichment
	// Newest is the newest touch by which it holds, or, with a zero ID, the hour at which a silence, an age, a renewal
	// or a fall of usage came due: act_within counts from here. Where only fields speak it is the latest sign of life.
	// Of a nurture it is the newest that a person did: what a company did is no reason to write to somebody.
	Newest account.Element
	// Impersonal says that it holds by signals of the company alone (see touch.AccountKinds).
	Impersonal bool
}

// frame lays a view out and evaluates it. Give it back with done.
func (p *Policy) frame(v *account.View) *condition.Frame {
	f := p.frames.Get().(*condition.Frame)
	f.Load(p.plan, p.moved(v))
	p.evaluate(f)
	return f
}

func (p *Policy) done(f *condition.Frame) {
	f.View = nil
	p.frames.Put(f)
}

// evaluate makes of a frame all that can be made, each part of those before it.
func (p *Policy) evaluate(f *condition.Frame) {
	p.funnel.Belong(f)
	p.score.Signal(f)
	p.score.Score(f)
	p.funnel.Place(f, (*explainer)(p))
}

// holds reports whether a play is due, by its index: its condition holds, for an account that is in its funnel.
func (p *Policy) holds(f *condition.Frame, play int) bool {
	return p.funnel.In(f, p.of[play]) && p.plays[play].Holds(f)
}

// Outcome evaluates a view.
func (p *Policy) Outcome(v *account.View) Outcome {
	f := p.frame(v)
	defer p.done(f)
	o := Outcome{
		Score: int(f.Score), Fit: int(f.Fit), Interest: int(f.Interest), Band: p.names.Bands[f.Band],
		Quadrant: p.names.Quadrants[f.Quadrant], Motion: p.names.Motions[f.Motion], Stages: p.stageNames(f),
	}
	for i := range p.plays {
		if p.holds(f, i) {
			c := &p.Plays[i]
			o.Plays = append(o.Plays, Held{Play: c.Name, Funnel: c.Funnel, HandRaise: c.HandRaise, Waits: c.WaitForEnrichment})
			p.since(f, i, &o.Plays[len(o.Plays)-1])
		}
	}
	return o
}

// since tells since when a play holds, and whether by anybody's doing.
func (p *Policy) since(f *condition.Frame, play int, h *Held) {
	c := &f.Brief
	*c = condition.Cause{Brief: true}
	p.plays[play].Because(f, (*explainer)(p), c)
	h.Newest = p.dated(f, c.Newest)
	switch acted := c.Acted != (account.Element{}); {
	case !acted:
		h.Impersonal = c.Newest != (account.Element{})
	case p.Plays[play].Outcome == routing.Nurture:
		h.Newest = c.Acted
	}
}

// dated falls back to the latest sign of life. Without any, nothing says that the evidence is fresh: it counts as old
// as can be, so that it never acts.
func (p *Policy) dated(f *condition.Frame, newest account.Element) account.Element {
	if newest != (account.Element{}) {
		return newest
	}
	if e, ok := f.Reached(p.plan.Activity); ok {
		return e
	}
	return account.Element{Time: 1}
}

// stageNames finds the map of one combination of stages; there are few, so each is made once.
func (p *Policy) stageNames(f *condition.Frame) map[string]string {
	if m, ok := p.stages.Load(f.Stages); ok {
		return m.(map[string]string)
	}
	m := make(map[string]string, len(p.names.Funnels))
	for i, name := range p.names.Funnels {
		if p.funnel.In(f, i) {
			m[name] = p.names.Stages[i][f.Stages[i]]
		}
	}
	p.stages.Store(f.Stages, m)
	return m
}

// Evaluate is the outcome with everything that explains it.
func (p *Policy) Evaluate(v *account.View) event.Evaluation {
	f := p.frame(v)
	defer p.done(f)
	e := event.Evaluation{
		AsOf: time.UnixMilli(f.AsOf).UTC(), Fit: int(f.Fit), Interest: int(f.Interest), Score: int(f.Score),
		Band: p.names.Bands[f.Band], Quadrant: p.names.Quadrants[f.Quadrant], Motion: p.names.Motions[f.Motion],
		Stages: map[string]string{}, Policy: p.Ref(),
	}
	for funnel, stage := range p.stageNames(f) {
		e.Stages[funnel] = stage
	}
	if len(p.names.Playbooks) > 0 {
		e.PQL = make(map[string]bool, len(p.names.Playbooks))
		for i, name := range p.names.Playbooks {
			e.PQL[name] = f.PQL>>i&1 == 1
		}
	}
	for i := range p.plays {
		if p.holds(f, i) {
			e.Plays = append(e.Plays, p.Plays[i].Name)
		}
	}
	slices.Sort(e.Plays)
	e.Rules, e.NotFired, e.Unknown = p.score.Explain(f)
	e.Unknown = p.funnel.Unknown(f, e.Unknown)
	for i := range p.plays {
		e.Unknown = p.plays[i].Unknown(f, e.Unknown)
	}
	e.Signals, e.Playbooks, e.Standings = p.score.Signals(f), p.score.Playbooks(f), p.standings(f)
	e.Committee, e.Checklists = p.score.Committee(v), p.score.Checklists(v)
	slices.Sort(e.Unknown)
	e.Unknown = slices.Compact(e.Unknown)
	return e
}

// standings says of which funnels there is more to say than the stage.
func (p *Policy) standings(f *condition.Frame) []event.Standing {
	var out []event.Standing
	for _, at := range p.funnel.Standings(f) {
		out = append(out, StandingOf(&at))
	}
	return out
}

// StandingOf says of a placement what people are told beside the stage.
func StandingOf(at *funnel.Placement) event.Standing {
	s := event.Standing{Funnel: at.Funnel, Stage: at.Stage.Name, Owner: at.Stage.Owner, Overdue: at.Overdue}
	if at.Due != 0 {
		s.Since, s.Due = time.UnixMilli(at.Since).UTC(), time.UnixMilli(at.Due).UTC()
	}
	if at.HeldBy != nil {
		s.HeldBy, s.Gate, s.Else = at.HeldBy.Name, words(at.HeldBy.Gate), at.Else.Name
	}
	return s
}

// outcome is what ReviewAt compares: what can change a decision or what people see of the account, not the points.
type outcome struct {
	band, quadrant, motion int
	pql, plays, signals    uint64
	stages                 [condition.MaxFunnels]int
	overdue                [condition.MaxFunnels]bool
}

func (p *Policy) outcome(f *condition.Frame) outcome {
	o := outcome{band: f.Band, quadrant: f.Quadrant, motion: f.Motion, pql: f.PQL, signals: f.Signals, stages: f.Stages}
	for i := range p.names.Funnels {
		o.overdue[i] = f.AsOf >= f.Due[i]
	}
	for i := range p.plays {
		if p.holds(f, i) {
			o.plays |= 1 << i
		}
	}
	return o
}

// maxSteps bounds how many hours ReviewAt evaluates. When they are used up it answers with the hour it got to: a review
// too many does no harm.
const maxSteps = 512

// ReviewAt is the first whole hour after the view's at which the band, the quadrant, the motion, a stage, its being
// overdue, a signal, a playbook or a play differs though nothing new happens; zero if that never comes. Every part knows the next hour at which it
// changes, so only those hours are evaluated.
func (p *Policy) ReviewAt(v *account.View) time.Time {
	f := p.frame(v)
	defer p.done(f)
	now := p.outcome(f)
	for range maxSteps {
		next := p.next(f)
		if next == condition.Never {
			return time.Time{}
		}
		f.AsOf = next
		p.evaluate(f)
		if p.outcome(f) != now {
			break
		}
	}
	return time.UnixMilli(f.AsOf).UTC()
}

func (p *Policy) next(f *condition.Frame) int64 {
	next := min(p.score.Next(f), p.funnel.Next(f))
	for _, t := range p.timed {
		next = min(next, t.Next(f))
	}
	return next
}

// IsCustomer reports whether the account is a customer at the view's hour, as funnels.yaml says.
func (p *Policy) IsCustomer(v *account.View) bool {
	f := p.frame(v)
	defer p.done(f)
	return f.Customer
}

// Placements says where the account stands in every active funnel that it is in, and why: what a backward move is called, and on
// which touches the stage rests.
func (p *Policy) Placements(v *account.View) []funnel.Placement {
	f := p.frame(v)
	defer p.done(f)
	return p.funnel.Placements(f, (*explainer)(p))
}
