package report

import (
	"cmp"
	"math"
	"slices"

	"handoff/shared/condition"
	"handoff/shared/funnel"
)

// unknown is the time of something that is known to have been, not when.
const unknown = math.MaxInt64

// trace is how far one account got in one funnel: per stage of the road, since when (unix ms, or unknown).
type trace struct {
	reached int // the furthest stage of the road, as an index into the road
	since   []int64
}

// road are the indexes of a funnel's stages that are not aside.
func road(f *funnel.Funnel) []int {
	var out []int
	for i := range f.Stages {
		if !f.Stages[i].Aside {
			out = append(out, i)
		}
	}
	return out
}

// trace finds how far an account got, from where it stands, the decisions about it and the milestones it reached.
func (s *Snapshot) trace(a *Assessed, f *funnel.Funnel, met []placed) trace {
	on := road(f)
	at := map[string]int{}
	for i, stage := range on {
		at[f.Stages[stage].Name] = i
	}
	t := trace{since: make([]int64, len(on))}
	for i := range t.since {
		t.since[i] = unknown
	}
	saw := func(stage int, since int64) {
		t.reached = max(t.reached, stage)
		t.since[stage] = min(t.since[stage], since)
	}
	for _, el := range a.View.Facts.First {
		saw(0, el.Time)
	}
	if i, ok := at[a.Evaluation.Stages[f.Name]]; ok {
		saw(i, unknown)
	}
	for _, d := range met {
		if i, ok := at[d.stages[f.Name]]; ok {
			saw(i, d.at.UnixMilli())
		}
	}
	for i, stage := range on {
		if when := f.Stages[stage].When; when != nil {
			if since, ok := s.passed(a, f, stage, when); ok && since <= s.At.UnixMilli() {
				saw(i, since)
			}
		}
	}
	for i := len(t.since) - 2; i >= 0; i-- { // who was further on had come by here, by then at the latest
		t.since[i] = min(t.since[i], t.since[i+1])
	}
	return t
}

// passed is since when an account can be said to have met the condition of a stage, and every gate before it.
func (s *Snapshot) passed(a *Assessed, f *funnel.Funnel, stage int, when *condition.Condition) (since int64, ok bool) {
	since, ok = s.entered(a, when)
	for i := 0; ok && i <= stage; i++ {
		if gate := f.Stages[i].Gate; gate != nil {
			var at int64
			at, ok = s.entered(a, gate)
			since = max(since, at)
		}
	}
	return since, ok
}

// entered is since when a condition can be said to have held at some time, by what facts keep for ever; ok is false where
// they cannot tell.
func (s *Snapshot) entered(a *Assessed, c *condition.Condition) (since int64, ok bool) {
	switch {
	case len(c.All) > 0:
		for i := range c.All {
			if c.All[i].Not != nil {
				continue
			}
			at, known := s.entered(a, &c.All[i])
			if !known {
				return 0, false
			}
			since, ok = max(since, at), true
		}
		return since, ok
	case len(c.Any) > 0:
		since = unknown
		for i := range c.Any {
			if at, known := s.entered(a, &c.Any[i]); known {
				since, ok = min(since, at), true
			}
		}
		return since, ok
	case c.Reached != "":
		el, ok := a.View.Facts.First[c.Reached]
		return el.Time, ok
	case c.Customer != nil && *c.Customer:
		return s.entered(a, &s.Policy.Funnels.Customer)
	case len(c.Deal) > 0:
		since = unknown
		for _, d := range a.View.Deals {
			if len(c.DealType) > 0 && !slices.Contains(c.DealType, cmp.Or(d.Type, newBusiness)) {
				continue
			}
			if slices.Contains(c.Deal, "open") && !d.Created.IsZero() { // won or lost, it was open before
				since, ok = min(since, d.Created.UnixMilli()), true
			}
			if slices.Contains(c.Deal, d.Status) && !d.Closed.IsZero() {
				since, ok = min(since, d.Closed.UnixMilli()), true
			}
		}
		return since, ok
	}
	return 0, false
}

// buying is the stage of the road at which an account becomes a customer: the first whose condition asks for that, else
// the last on the road's part that is called decision.
func buying(f *funnel.Funnel) int {
	last := -1
	for i, stage := range road(f) {
		st := &f.Stages[stage]
		if st.When != nil && asksCustomer(st.When) {
			return i
		}
		if st.Road == "decision" {
			last = i
		}
	}
	return last
}

func asksCustomer(c *condition.Condition) bool {
	return c.Customer != nil && *c.Customer || slices.ContainsFunc(c.All, func(k condition.Condition) bool { return asksCustomer(&k) }) ||
		slices.ContainsFunc(c.Any, func(k condition.Condition) bool { return asksCustomer(&k) })
}
