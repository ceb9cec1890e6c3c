package policy

import (
	"slices"
	"strings"

	"handoff/shared/condition"
)

// follows reports whether b holds whenever a does.
func (c *checker) follows(a, b *condition.Condition) bool {
	if same(a, b) {
		return true
	}
	switch {
	case b.Reached != "":
		return c.reached(a, b)
	case b.Counted():
		return a.Counted() && touched(a, b)
	case b.Band != nil:
		return a.Band != nil && within(a.Band, b.Band)
	case b.Quadrant != nil:
		return a.Quadrant != nil && within(a.Quadrant, b.Quadrant)
	case b.Motion != nil:
		return a.Motion != nil && within(a.Motion, b.Motion)
	case b.PQL != nil:
		return a.PQL != nil && (slices.Equal(b.PQL, []string{"any"}) || within(a.PQL, b.PQL))
	case b.Signal != nil:
		return a.Signal != nil && (slices.Equal(b.Signal, []string{"any"}) || within(a.Signal, b.Signal))
	case b.Stage != nil:
		return a.Stage != nil && c.funnel(a) == c.funnel(b) && within(a.Stage, b.Stage)
	case b.Deal != nil:
		return a.Deal != nil && within(a.Deal, b.Deal) && (b.DealType == nil || a.DealType != nil && within(a.DealType, b.DealType))
	case b.ScoreAtLeast != nil:
		return a.ScoreAtLeast != nil && *a.ScoreAtLeast >= *b.ScoreAtLeast
	case b.FitAtLeast != nil:
		return a.FitAtLeast != nil && *a.FitAtLeast >= *b.FitAtLeast
	case b.InterestAtLeast != nil:
		return a.InterestAtLeast != nil && *a.InterestAtLeast >= *b.InterestAtLeast
	case b.NoTouchFor != 0:
		return a.NoTouchFor >= b.NoTouchFor
	case b.ActiveDays != 0:
		return a.ActiveDays >= b.ActiveDays && a.Over == b.Over
	case b.Field != "":
		return a.Field != "" && told(a, b)
	}
	return false
}

// touched is follows for two questions about touches.
func touched(a, b *condition.Condition) bool {
	kinds := same(a.Touch, b.Touch) && same(a.Pattern, b.Pattern)
	wider := kinds || len(b.Pattern) == 0 && len(a.Touch) > 0 && within(a.Touch, b.Touch)
	n, m := often(a), often(b)
	switch {
	case !wider || n < m, b.Within != 0 && (a.Within == 0 || a.Within > b.Within):
		return false
	case b.OlderThan == 0:
		return true
	}
	// Of more kinds, or counted from fewer back, the one that must be old may be a newer one.
	return kinds && n == m && a.OlderThan >= b.OlderThan
}

func often(q *condition.Condition) int64 {
	if q.AtLeast == nil {
		return 1
	}
	return *q.AtLeast
}

// reached is follows for a milestone, which a touch of its kinds reaches, too.
func (c *checker) reached(a, b *condition.Condition) bool {
	if a.Counted() {
		m := c.p.Funnels.Milestones[b.Reached]
		return b.LaterThan == nil && b.OlderThan == 0 && len(m.Pattern) == 0 && len(a.Touch) > 0 && within(a.Touch, m.Touch) &&
			(b.Within == 0 || a.Within != 0 && a.Within <= b.Within)
	}
	return a.Reached == b.Reached && within(b.LaterThan, a.LaterThan) &&
		(b.Within == 0 || a.Within != 0 && a.Within <= b.Within) && (b.OlderThan == 0 || a.OlderThan >= b.OlderThan)
}

// told is follows for two questions about one field.
func told(a, b *condition.Condition) bool {
	if x, y := fieldOf(a), fieldOf(b); x != y {
		return false
	}
	switch {
	case b.Known != nil && *b.Known:
		return a.Known == nil || *a.Known
	case b.Is != nil:
		return a.Is != nil && within(folded(a.Is), folded(b.Is))
	case b.IsNot != nil:
		return a.IsNot != nil && within(folded(b.IsNot), folded(a.IsNot))
	case b.HasAnyOf != nil:
		return a.HasAnyOf != nil && within(folded(a.HasAnyOf), folded(b.HasAnyOf))
	case isNumber(b):
		x, y := numbers(a), numbers(b)
		return isNumber(a) && x.and(y) == x
	case b.DueWithin != 0:
		return a.DueWithin != 0 && a.DueWithin <= b.DueWithin && a.ButNotWithin >= b.ButNotWithin
	}
	return false
}

// implied reports whether b holds whenever a does, for whole conditions.
func (c *checker) implied(a, b *condition.Condition) bool {
	from, ok1 := ways(a, false)
	to, ok2 := ways(b, false)
	if !ok1 || !ok2 {
		return false
	}
	for _, w := range from {
		if c.clash(w) != "" {
			continue
		}
		if !slices.ContainsFunc(to, func(v way) bool { return c.includes(w, v) }) {
			return false
		}
	}
	return true
}

// includes reports whether each of v's answers follows from one of w's.
func (c *checker) includes(w, v way) bool {
	for _, b := range v {
		if !slices.ContainsFunc(w, func(a literal) bool {
			switch {
			case !a.not && !b.not:
				return c.follows(a.q, b.q)
			case a.not && b.not:
				return c.follows(b.q, a.q)
			}
			return !a.not && c.pair(a, literal{q: b.q}) != ""
		}) {
			return false
		}
	}
	return true
}

func disjoint(a, b []string) bool {
	return a != nil && b != nil && !slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// within reports whether all of a are in b.
func within(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}

func folded(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(strings.TrimSpace(s))
	}
	return out
}

func same(a, b any) bool { return !differ(a, b) }
