package policy

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/scoring"
)

// What follows reasons about conditions without an account. It is careful to one side: what it calls impossible is
// impossible, and what it says to follow follows; it does not find everything that is.

// literal is one question, or its opposite.
type literal struct {
	q   *condition.Condition
	not bool
}

// way is one way in which a condition may hold: all of these.
type way []literal

// maxWays bounds how many are looked at. Beyond it a condition counts as possible, and as following from nothing.
const maxWays = 512

// ways writes a condition, or its opposite, as the ways in which it may hold; ok is false where there are too many.
func ways(q *condition.Condition, not bool) (out []way, ok bool) {
	switch {
	case q.Not != nil:
		return ways(q.Not, !not)
	case q.Any != nil && q.AtLeast != nil && *q.AtLeast > 1:
		return some(q.Any, int(*q.AtLeast), not)
	case q.All != nil && !not, q.Any != nil && not:
		out = []way{{}}
		for i := range kids(q) {
			more, ok := ways(&kids(q)[i], not)
			if !ok || len(out)*len(more) > maxWays {
				return nil, false
			}
			var next []way
			for _, a := range out {
				for _, b := range more {
					next = append(next, append(slices.Clip(slices.Clone(a)), b...))
				}
			}
			out = next
		}
		return out, true
	case q.All != nil, q.Any != nil:
		for i := range kids(q) {
			more, ok := ways(&kids(q)[i], not)
			if !ok || len(out)+len(more) > maxWays {
				return nil, false
			}
			out = append(out, more...)
		}
		return out, true
	case q.Customer != nil && not:
		other := !*q.Customer
		return []way{{{q: &condition.Condition{Customer: &other}}}}, true
	}
	return []way{{{q: q, not: not}}}, true
}

// some writes that n of several hold, or that fewer do: then all but n-1 of them do not.
func some(list []condition.Condition, n int, not bool) ([]way, bool) {
	if not {
		n = len(list) - n + 1
	}
	var out []way
	for mask := range 1 << min(len(list), 10) {
		if bits.OnesCount(uint(mask)) != n || len(list) > 10 {
			continue
		}
		var q condition.Condition
		for i := range list {
			if mask>>i&1 == 1 {
				if not {
					q.All = append(q.All, condition.Condition{Not: &list[i]})
				} else {
					q.All = append(q.All, list[i])
				}
			}
		}
		more, ok := ways(&q, false)
		if !ok || len(out)+len(more) > maxWays {
			return nil, false
		}
		out = append(out, more...)
	}
	return out, len(list) <= 10
}

func kids(q *condition.Condition) []condition.Condition {
	if q.All != nil {
		return q.All
	}
	return q.Any
}

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
	return within(kinds, c.p.Funnels.Activity)
}

func (c *checker) funnel(q *condition.Condition) string {
	if q.Funnel == "" && q.Stage != nil {
		return c.p.funnel.Names[0]
	}
	return q.Funnel
}

// scored finds ways whose bounds of points no score is in.
func (c *checker) scored(w way) string {
	room := c.points
	bands := c.reachable()
	var said []string
	for _, l := range w {
		for i, at := range []*int64{l.q.ScoreAtLeast, l.q.FitAtLeast, l.q.InterestAtLeast} {
			if at == nil {
				continue
			}
			said = append(said, show(l))
			if l.not {
				room[i].hi = min(room[i].hi, *at-1)
			} else {
				room[i].lo = max(room[i].lo, *at)
			}
			if room[i].empty() {
				return fmt.Sprintf("%s asks for points that cannot be: with these rules %s is from %d to %d",
					strings.Join(said, " with "), [...]string{"the score", "fit", "interest"}[i], c.points[i].lo, c.points[i].hi)
			}
		}
	}
	banded := false
	for _, l := range w {
		if l.q.Band == nil {
			continue
		}
		banded = true
		said = append(said, show(l))
		bands = slices.DeleteFunc(bands, func(b int) bool { return slices.Contains(l.q.Band, c.p.Scoring.Bands[b].Name) == l.not })
	}
	if !banded {
		return ""
	}
	for _, b := range bands {
		if !c.band(b).and(room[0]).empty() {
			return ""
		}
	}
	return fmt.Sprintf("%s asks for a band that cannot be: with these rules the score is from %d to %d", strings.Join(said, " with "), c.points[0].lo, c.points[0].hi)
}

// band is the range of scores of a band.
func (c *checker) band(i int) interval {
	r := interval{c.p.Scoring.Bands[i].From, c.points[0].hi}
	if i > 0 {
		r.hi = min(r.hi, c.p.Scoring.Bands[i-1].From-1)
	}
	if i == len(c.p.Scoring.Bands)-1 {
		r.lo = min(r.lo, c.points[0].lo) // what is below the last is in it too
	}
	return r
}

// reachable lists the bands that some score is in.
func (c *checker) reachable() []int {
	var out []int
	for i := range c.p.Scoring.Bands {
		if !c.band(i).and(c.points[0]).empty() {
			out = append(out, i)
		}
	}
	return out
}

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

// fieldOf is a field's full name: person.title, company.employees.
func fieldOf(q *condition.Condition) string {
	switch {
	case strings.Contains(q.Field, "."):
		return q.Field
	case slices.Contains(account.CompanyFields, q.Field):
		return "company." + q.Field
	}
	return "person." + q.Field
}

// show writes a question as the policy does, on one line.
func show(l literal) string {
	text := words(l.q)
	if l.not {
		return "not: " + text
	}
	return text
}

// words writes a part of a policy on one line of YAML, its keys in the order of the policy's own words.
func words(v any) string {
	b, err := json.Marshal(v)
	var tree any
	if err == nil {
		err = yaml.UnmarshalWithOptions(b, &tree, yaml.UseOrderedMap()) // JSON is YAML, and numbers stay whole
	}
	if err != nil {
		return fmt.Sprint(v)
	}
	return inLine(tree)
}

func inLine(v any) string {
	var parts []string
	switch v := v.(type) {
	case yaml.MapSlice:
		for _, item := range v {
			parts = append(parts, fmt.Sprint(item.Key)+": "+inLine(item.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		if len(v) == 1 && !mapped(v[0]) {
			return inLine(v[0])
		}
		for _, e := range v {
			parts = append(parts, inLine(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v)
}

func mapped(v any) bool {
	_, ok := v.(yaml.MapSlice)
	return ok
}

// most is the most and the least that a rule gives.
func most(r *scoring.Rule) interval {
	times := int64(1)
	if r.Counted() && r.AtMost != nil {
		times = *r.AtMost
	}
	return interval{min(0, r.Points*times), max(0, r.Points*times)}
}
