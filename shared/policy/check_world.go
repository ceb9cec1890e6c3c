package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"handoff/shared/condition"
	"handoff/shared/routing"
	"handoff/shared/scoring"
	"handoff/shared/touch"
)

// fed finds questions that nothing can ever answer: numbers asked of texts, and, where it is known what tools carry,
// touches that no tool makes and fields that none has.
func (c *checker) fed() {
	s := &c.p.Scoring
	for i := range s.Fit.Rules {
		c.asks("scoring.yaml", fmt.Sprintf("$.fit.rules[%d]", i), &s.Fit.Rules[i].Condition)
	}
	for i := range s.Interest.Rules {
		c.asks("scoring.yaml", fmt.Sprintf("$.interest.rules[%d]", i), &s.Interest.Rules[i].Condition)
	}
	for i := range s.Signals {
		c.asks("scoring.yaml", fmt.Sprintf("$.signals[%d].when", i), &s.Signals[i].When)
	}
	for i := range s.Playbooks {
		b, path := &s.Playbooks[i], fmt.Sprintf("$.playbooks[%d]", i)
		if b.When != nil {
			c.asks("scoring.yaml", path+".when", b.When)
		}
		for g, part := range scoring.Parts {
			for j := range b.Part(g).Rules {
				c.asks("scoring.yaml", fmt.Sprintf("%s.%s.rules[%d]", path, part, j), &b.Part(g).Rules[j].Condition)
			}
		}
	}
	f := &c.p.Funnels
	for _, name := range slices.Sorted(maps.Keys(f.Milestones)) {
		m := f.Milestones[name]
		c.selects("funnels.yaml", "$.milestones."+name, m.Touch, m.Pattern)
	}
	c.selects("funnels.yaml", "$.activity", f.Activity, nil)
	c.selects("funnels.yaml", "$.usage", f.Usage, nil)
	c.asks("funnels.yaml", "$.customer", &f.Customer)
	for i := range f.Motions {
		c.asks("funnels.yaml", fmt.Sprintf("$.motions[%d].when", i), &f.Motions[i].When)
	}
	for i := range f.Funnels {
		if !f.Funnels[i].Active {
			continue // a template may be for other tools
		}
		if q := f.Funnels[i].For; q != nil {
			c.asks("funnels.yaml", fmt.Sprintf("$.funnels[%d].for", i), q)
		}
		for j := range f.Funnels[i].Stages {
			if q := f.Funnels[i].Stages[j].Gate; q != nil {
				c.asks("funnels.yaml", fmt.Sprintf("$.funnels[%d].stages[%d].gate", i, j), q)
			}
		}
		for j := range f.Funnels[i].Stages {
			if q := f.Funnels[i].Stages[j].When; q != nil {
				c.asks("funnels.yaml", fmt.Sprintf("$.funnels[%d].stages[%d].when", i, j), q)
			}
		}
		for j := range f.Funnels[i].Moves {
			c.asks("funnels.yaml", fmt.Sprintf("$.funnels[%d].moves[%d].when", i, j), &f.Funnels[i].Moves[j].When)
		}
	}
	for i := range c.p.Plays {
		if q := c.p.Plays[i].When; q != nil {
			c.asks("plays.yaml", fmt.Sprintf("$.plays[%d].when", i), q)
		}
		for j, r := range c.p.Plays[i].Assets.Rules {
			if r.When != nil {
				c.asks("plays.yaml", fmt.Sprintf("$.plays[%d].assets[%d].when", i, j), r.When)
			}
		}
	}
}

// asks looks at each question of a condition, at its own line.
func (c *checker) asks(file, path string, q *condition.Condition) {
	for i := range q.All {
		c.asks(file, fmt.Sprintf("%s.all[%d]", path, i), &q.All[i])
	}
	for i := range q.Any {
		c.asks(file, fmt.Sprintf("%s.any[%d]", path, i), &q.Any[i])
	}
	if q.Not != nil {
		c.asks(file, path+".not", q.Not)
	}
	if why := notNumber(q); why != "" {
		c.add(Error, file, path+".field", "%s", why)
	}
	if c.w.Carried == nil {
		return
	}
	if q.Counted() {
		c.selects(file, path, q.Touch, q.Pattern)
	}
	if why := unreadable(q); why != "" {
		c.add(Warning, file, path+".field", "%s", why)
	}
	if q.Field != "" {
		name := fieldOf(q)
		kind, bare, _ := strings.Cut(name, ".")
		by := c.w.Carried.Company[bare]
		if kind == "person" {
			by = c.w.Carried.Person[bare]
		}
		c.source(file, path+".field", fmt.Sprintf("the %s's %s", kind, strings.ReplaceAll(bare, "_", " ")), "carries", by, "map it in events/sources")
	}
}

// selects looks at the kinds and the sources of touches that a question selects.
func (c *checker) selects(file, path string, kinds []string, raw map[string]any) {
	if c.w.Carried == nil {
		return
	}
	at := path
	if len(kinds) > 0 && raw == nil {
		at = path + ".touch"
	}
	if names, ok := texts(raw["kind"]); ok {
		kinds = names
	}
	var by []string
	for _, k := range kinds {
		by = append(by, c.w.Carried.Kinds[k]...)
	}
	found := slices.ContainsFunc(kinds, func(k string) bool { return slices.Contains(touch.FoundKinds, k) })
	if len(kinds) > 0 && !found {
		c.source(file, at, "touches of the kind "+strings.Join(kinds, " or "), "makes", by, "map them in events/sources")
	}
	if sources, ok := texts(raw["source"]); ok {
		c.sources(file, path+".pattern", sources, kinds, by)
	}
}

// source reports what no tool feeds, or only an event of one's own.
func (c *checker) source(file, path, what, verb string, by []string, do string) {
	open := c.w.Carried.Open
	own := !slices.ContainsFunc(by, func(name string) bool { return !slices.Contains(open, name) })
	switch {
	case !own:
	case len(open) > 0:
		c.add(Warning, file, path, "no tool's contract %s %s: only an event of your own under the contract %s can; send such, %s, or drop this", verb, what, strings.Join(open, " or "), do)
	default:
		c.add(Warning, file, path, "no source contract %s %s, so this never holds; %s, or drop this", verb, what, do)
	}
}

// sources reports names of tools in a pattern that no contract knows, or whose contract never makes such touches.
func (c *checker) sources(file, path string, sources, kinds, by []string) {
	for _, s := range sources {
		switch {
		case !slices.Contains(c.w.Carried.Sources, s):
			c.add(Warning, file, path, "there is no source contract %q%s; write the name of a file in events/sources, or of a tool of your own that sends Touch events",
				s, suggest(s, c.w.Carried.Sources))
		case len(kinds) > 0 && !slices.Contains(by, s) && !slices.Contains(c.w.Carried.Open, s):
			c.add(Warning, file, path, "the contract %s never makes touches of the kind %s; map them in events/sources/%s.yaml, or drop this", s, strings.Join(kinds, " or "), s)
		}
	}
}

// texts reads what a pattern lists outright, nil and false where it says more than that.
func texts(v any) ([]string, bool) {
	list, ok := v.([]any)
	var out []string
	for _, x := range list {
		s, text := x.(string)
		if !text {
			return nil, false
		}
		out = append(out, s)
	}
	return out, ok && len(out) > 0
}

// staffed looks at teams and at the deadlines that plays give them.
func (c *checker) staffed() {
	if c.w.Now.IsZero() {
		return
	}
	teams := &c.p.Teams
	for i := range teams.Teams {
		t, path := &teams.Teams[i], fmt.Sprintf("$.teams[%d]", i)
		switch until, free := teams.Away(t.Name, c.w.Now); {
		case len(t.Members) == 0:
			c.add(Warning, "teams.yaml", path, "team %s has no member, so its catch_all %s takes every handoff; list who works it", t.Name, t.CatchAll)
		case free:
			c.add(Warning, "teams.yaml", path, "nobody of team %s works before %s: all are out, or the days are holidays or not theirs; handoffs wait until then, so add somebody", t.Name, until)
		}
	}
	for i := range c.p.Plays {
		p := &c.p.Plays[i]
		if p.Outcome != routing.Handoff || p.SLA.Working {
			continue
		}
		o := teams.Outside(p.Team, p.SLA, c.w.Now)
		if o.Ends == 0 {
			continue
		}
		c.add(Warning, "plays.yaml", fmt.Sprintf("$.plays[%d].sla", i),
			"the play %s gives %s, nights and weekends included: of a week's handoffs in working hours, %d %% are due when nobody of %s works (%s is due %s); write working time, such as 4h working",
			p.Name, p.SLA, o.Ends*100/o.Of, p.Team, o.From, o.Due)
	}
}
