package policy

import (
	"math/bits"
	"slices"

	"handoff/shared/condition"
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
