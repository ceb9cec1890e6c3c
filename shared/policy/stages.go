package policy

import (
	"encoding/json"
	"slices"

	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/funnel"
	"handoff/shared/scoring"
)

// StagesChanged lists the stages of active funnels that mean something else under the policy after: those added and
// removed, those whose own entry or a move from or to them differs, and those whose conditions ask about what differs:
// the score, a playbook, a milestone, who is a customer. Each names its owner, who is told.
func StagesChanged(before, after *Policy) []event.StageChanged {
	d := &delta{before: before, after: after, known: map[string]bool{}}
	out := []event.StageChanged{}
	for _, f := range after.Funnels.Active() {
		old := activeFunnel(before, f.Name)
		for i := range f.Stages {
			s := &f.Stages[i]
			c := event.StageChanged{Funnel: f.Name, Stage: s.Name, Owner: s.Owner}
			was := stageOf(old, s.Name)
			if was == nil {
				c.Change = "added"
				out = append(out, c)
				continue
			}
			if was.Owner != s.Owner {
				c.Was = was.Owner
			}
			if c.What = d.stage(old, f, was, s); len(c.What) > 0 {
				c.Change = "changed"
				out = append(out, c)
			}
		}
	}
	for _, old := range before.Funnels.Active() {
		f := activeFunnel(after, old.Name)
		for i := range old.Stages {
			if s := &old.Stages[i]; stageOf(f, s.Name) == nil {
				out = append(out, event.StageChanged{Funnel: old.Name, Stage: s.Name, Owner: s.Owner, Change: "removed"})
			}
		}
	}
	return out
}

func activeFunnel(p *Policy, name string) *funnel.Funnel {
	for _, f := range p.Funnels.Active() {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func stageOf(f *funnel.Funnel, name string) *funnel.Stage {
	if f == nil {
		return nil
	}
	for i := range f.Stages {
		if f.Stages[i].Name == name {
			return &f.Stages[i]
		}
	}
	return nil
}

// delta tells what differs between two policies, by the names that conditions use.
type delta struct {
	before, after *Policy
	known         map[string]bool // by what is asked: whether it differs
}

// stage says what of a stage differs: its own words, then what they and its moves ask about.
func (d *delta) stage(old, f *funnel.Funnel, was, s *funnel.Stage) []string {
	var what []string
	for _, field := range []struct {
		name     string
		was, now any
	}{
		{"owner", was.Owner, s.Owner}, {"road", was.Road, s.Road}, {"sla", was.SLA, s.SLA}, {"aside", was.Aside, s.Aside},
		{"when", was.When, s.When}, {"gate", gatesOf(old, s.Name), gatesOf(f, s.Name)}, {"for", old.For, f.For}, {"moves", movesOf(old, s.Name), movesOf(f, s.Name)},
	} {
		if differ(field.was, field.now) {
			what = append(what, field.name)
		}
	}
	var asked []question
	if s.When != nil {
		asked = asks(s.When, asked)
	}
	if f.For != nil {
		asked = asks(f.For, asked)
	}
	for _, g := range gatesOf(f, s.Name) {
		asked = asks(g, asked)
	}
	for _, m := range movesOf(f, s.Name) {
		asked = asks(&m.When, asked)
	}
	for _, q := range asked {
		if name := q.String(); d.differs(q) && !slices.Contains(what, name) {
			what = append(what, name)
		}
	}
	return what
}

// gatesOf are the gates that an account passes on its way to a stage, the stage's own included.
func gatesOf(f *funnel.Funnel, stage string) []*condition.Condition {
	var out []*condition.Condition
	for i := range f.Stages {
		if s := &f.Stages[i]; s.Gate != nil {
			out = append(out, s.Gate)
		}
		if f.Stages[i].Name == stage {
			break
		}
	}
	return out
}

// movesOf are the moves that lead from a stage or to it.
func movesOf(f *funnel.Funnel, stage string) []funnel.Move {
	var out []funnel.Move
	for _, m := range f.Moves {
		if m.To == stage || slices.Contains(m.From, stage) {
			out = append(out, m)
		}
	}
	return out
}

// question is something that a condition asks about and that the policy defines elsewhere.
type question struct{ kind, name string }

func (q question) String() string {
	if q.name == "" {
		return q.kind
	}
	return q.kind + " " + q.name
}

// asks appends what a condition asks about.
func asks(c *condition.Condition, out []question) []question {
	for i := range c.All {
		out = asks(&c.All[i], out)
	}
	for i := range c.Any {
		out = asks(&c.Any[i], out)
	}
	if c.Not != nil {
		out = asks(c.Not, out)
	}
	if c.Reached != "" {
		out = append(out, question{"milestone", c.Reached})
	}
	for _, m := range c.LaterThan {
		out = append(out, question{"milestone", m})
	}
	for _, s := range c.Signal {
		out = append(out, question{"signal", s})
	}
	for _, p := range c.PQL {
		out = append(out, question{"playbook", p})
	}
	for _, m := range c.Motion {
		out = append(out, question{"motion", m})
	}
	if len(c.Band)+len(c.Quadrant) > 0 || c.ScoreAtLeast != nil || c.FitAtLeast != nil || c.InterestAtLeast != nil {
		out = append(out, question{"score", ""})
	}
	if c.Customer != nil {
		out = append(out, question{"customer", ""})
	}
	if c.NoTouchFor != 0 {
		out = append(out, question{"activity", ""})
	}
	if c.Committee != nil || c.CommitteeAtLeast != nil {
		out = append(out, question{"committee", ""})
	}
	if c.Checklist != "" {
		out = append(out, question{"checklist", c.Checklist})
	}
	if c.UsageFellBy != 0 || c.ActiveDays != 0 {
		out = append(out, question{"usage", ""})
	}
	return out
}

// differs reports whether the answer to a question is found otherwise, at whatever depth. The policy compiles, so no
// question leads back to itself.
func (d *delta) differs(q question) bool {
	is, ok := d.known[q.String()]
	if !ok {
		is = d.look(q)
		d.known[q.String()] = is
	}
	return is
}

func (d *delta) look(q question) bool {
	a, b := d.before, d.after
	var asked []question
	different := false
	switch q.kind {
	case "milestone":
		if _, own := b.Funnels.Milestones[q.name]; !own {
			return d.differs(question{"activity", ""}) // the one milestone that is not written as such
		}
		was, is := a.Funnels.Milestones[q.name], b.Funnels.Milestones[q.name]
		was.Says, is.Says = "", "" // how it is told changes nothing about who reached it
		different = differ(was, is)
	case "activity":
		different = differ(a.Funnels.Activity, b.Funnels.Activity)
	case "usage":
		different = differ(a.Funnels.Usage, b.Funnels.Usage)
	case "customer":
		different = differ(a.Funnels.Customer, b.Funnels.Customer)
		asked = asks(&b.Funnels.Customer, nil)
	case "score":
		s, t := a.Scoring, b.Scoring
		s.Playbooks, t.Playbooks, s.Signals, t.Signals = nil, nil, nil, nil
		s.Committee, t.Committee, s.Checklists, t.Checklists = nil, nil, nil, nil // rules that ask for them say so below
		different = differ(s, t)
		for i := range b.Scoring.Fit.Rules {
			asked = asks(&b.Scoring.Fit.Rules[i].Condition, asked)
		}
		for i := range b.Scoring.Interest.Rules {
			asked = asks(&b.Scoring.Interest.Rules[i].Condition, asked)
		}
	case "committee":
		different = differ(a.Scoring.Committee, b.Scoring.Committee)
	case "checklist":
		different = differ(checklist(a, q.name), checklist(b, q.name))
	case "playbook":
		if q.name == "any" {
			different = len(a.Scoring.Playbooks) != len(b.Scoring.Playbooks)
			for i := range b.Scoring.Playbooks {
				asked = append(asked, question{"playbook", b.Scoring.Playbooks[i].Name})
			}
			break
		}
		was, now := playbook(a, q.name), playbook(b, q.name)
		different = differ(was, now)
		if now != nil {
			asked = asksOf(now, asked)
		}
	case "signal":
		if q.name == "any" {
			different = len(a.Scoring.Signals) != len(b.Scoring.Signals)
			for i := range b.Scoring.Signals {
				asked = append(asked, question{"signal", b.Scoring.Signals[i].Name})
			}
			break
		}
		was, now := signal(a, q.name), signal(b, q.name)
		different = differ(was, now)
		if now != nil {
			asked = asks(&now.When, asked)
		}
	case "motion":
		different = differ(a.Funnels.Motions, b.Funnels.Motions) // which holds depends on those before it
		for i := range b.Funnels.Motions {
			asked = asks(&b.Funnels.Motions[i].When, asked)
		}
	}
	return different || slices.ContainsFunc(asked, d.differs)
}

// asksOf appends what a playbook asks about, in its condition and its rules.
func asksOf(b *scoring.Playbook, out []question) []question {
	if b.When != nil {
		out = asks(b.When, out)
	}
	for i := range scoring.Parts {
		for j := range b.Part(i).Rules {
			out = asks(&b.Part(i).Rules[j].Condition, out)
		}
	}
	return out
}

func signal(p *Policy, name string) *scoring.Signal {
	for i := range p.Scoring.Signals {
		if p.Scoring.Signals[i].Name == name {
			return &p.Scoring.Signals[i]
		}
	}
	return nil
}

func playbook(p *Policy, name string) *scoring.Playbook {
	for i := range p.Scoring.Playbooks {
		if p.Scoring.Playbooks[i].Name == name {
			return &p.Scoring.Playbooks[i]
		}
	}
	return nil
}

func checklist(p *Policy, name string) *condition.Checklist {
	for i := range p.Scoring.Checklists {
		if p.Scoring.Checklists[i].Name == name {
			return &p.Scoring.Checklists[i]
		}
	}
	return nil
}

// differ compares parts of policies by their JSON, of which the hashes are made, too.
func differ(a, b any) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA != nil || errB != nil || string(x) != string(y)
}
