package policy

import (
	"fmt"
	"slices"

	"handoff/shared/condition"
	"handoff/shared/span"
)

// never says why a condition can never hold, "" where it may.
func (c *checker) never(q *condition.Condition) string {
	all, ok := ways(q, false)
	if !ok {
		return ""
	}
	if len(all) == 0 {
		return "any: lists nothing"
	}
	why := ""
	for _, w := range all {
		clash := c.clash(w)
		if clash == "" {
			return ""
		}
		if why == "" {
			why = clash
		}
	}
	if len(all) > 1 {
		return "none of its ways can be: the first, because " + why
	}
	return why
}

// clash says why these cannot all be answered so, "" where they may.
func (c *checker) clash(w way) string {
	for _, l := range w {
		if why := c.alone(l); why != "" {
			return why
		}
	}
	for i, a := range w {
		for _, b := range w[i+1:] {
			if why := c.pair(a, b); why != "" {
				return why
			}
		}
	}
	if why := c.scored(w); why != "" {
		return why
	}
	return fields(w)
}

// alone finds questions whose answer is known before any account is seen.
func (c *checker) alone(l literal) string {
	q := l.q
	switch {
	case l.not:
		return ""
	case q.UsageFellBy != 0 && q.AtLeast != nil && *q.AtLeast > int64(q.Over/span.Day):
		return fmt.Sprintf("%s asks for %d active days among %d", show(l), *q.AtLeast, q.Over/span.Day)
	case q.Within != 0 && q.OlderThan >= q.Within:
		return fmt.Sprintf("%s asks for something that is at most %s old and more than %s", show(l), q.Within, q.OlderThan)
	case q.Reached != "" && slices.Contains(q.LaterThan, q.Reached):
		return fmt.Sprintf("%s asks for %s to be later than itself", show(l), q.Reached)
	case q.Signal != nil && len(c.p.Scoring.Signals) == 0:
		return fmt.Sprintf("%s asks for a signal, and scoring.yaml has none", show(l))
	case q.PQL != nil && len(c.p.Scoring.Playbooks) == 0:
		return fmt.Sprintf("%s asks for a playbook, and scoring.yaml has none", show(l))
	}
	return ""
}

// pair finds two questions of which the one answer excludes the other.
func (c *checker) pair(a, b literal) string {
	if a.not && !b.not {
		a, b = b, a
	}
	clash := fmt.Sprintf("%s and %s exclude each other", show(a), show(b))
	switch {
	case !a.not && b.not:
		if c.follows(a.q, b.q) {
			return clash
		}
		return ""
	case a.not:
		return ""
	}
	switch x, y := a.q, b.q; {
	case x.Customer != nil && y.Customer != nil && *x.Customer != *y.Customer,
		disjoint(x.Band, y.Band), disjoint(x.Quadrant, y.Quadrant), disjoint(x.Motion, y.Motion),
		c.funnel(x) == c.funnel(y) && disjoint(x.Stage, y.Stage),
		c.silent(x, y), c.silent(y, x):
		return clash
	}
	return ""
}

// silent reports whether one asks for a silence and the other for a sign of life inside it.
func (c *checker) silent(q, sign *condition.Condition) bool {
	if q.NoTouchFor == 0 || sign.Within == 0 || sign.Within > q.NoTouchFor {
		return false
	}
	kinds := sign.Touch
	if sign.Reached != "" {
		kinds = c.p.Funnels.Milestones[sign.Reached].Touch
	}
	return len(kinds) > 0 && within(kinds, c.p.Funnels.Activity) // a pattern alone may name any kind
}

func (c *checker) funnel(q *condition.Condition) string {
	if q.Funnel == "" && q.Stage != nil {
		return c.p.funnel.Names[0]
	}
	return q.Funnel
}
