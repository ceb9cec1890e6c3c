package policy

import (
	"fmt"
	"slices"
	"strings"

	"handoff/shared/scoring"
)

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

// most is the most and the least that a rule gives.
func most(r *scoring.Rule) interval {
	times := int64(1)
	if r.Counted() && r.AtMost != nil {
		times = *r.AtMost
	}
	return interval{min(0, r.Points*times), max(0, r.Points*times)}
}
