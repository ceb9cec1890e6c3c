package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/condition"
)

// fields finds ways that ask of one field what no value can be. A company has one value of each; people have one each,
// and every question may be met by another person, so of theirs only that somebody's is known and nobody's excludes.
func fields(w way) string {
	byName := map[string][]literal{}
	var names []string
	for _, l := range w {
		if l.q.Field == "" {
			continue
		}
		name := fieldOf(l.q)
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], l)
	}
	for _, name := range names {
		if asked := byName[name]; impossible(asked, strings.HasPrefix(name, "company.")) {
			var said []string
			for _, l := range asked {
				said = append(said, show(l))
			}
			return fmt.Sprintf("no %s can be all of: %s", strings.ReplaceAll(name[strings.IndexByte(name, '.')+1:], "_", " "), strings.Join(said, "; "))
		}
	}
	return ""
}

// impossible reports whether no value of one field, known or not, answers all so.
func impossible(asked []literal, one bool) bool {
	var known, unknown bool
	var allowed []string // nil: any
	var forbidden []string
	room := interval{math.MinInt64, math.MaxInt64}
	due := interval{math.MinInt64, math.MaxInt64}
	for _, l := range asked {
		q := l.q
		switch {
		case q.Known != nil:
			if *q.Known != l.not {
				known = true
			} else {
				unknown = true
			}
			continue
		case l.not && q.Is != nil:
			forbidden = append(forbidden, folded(q.Is)...)
		}
		if l.not {
			continue // an unknown field answers no to all of these
		}
		known = true
		switch {
		case q.Is != nil && allowed == nil:
			allowed = folded(q.Is)
		case q.Is != nil:
			allowed = slices.DeleteFunc(allowed, func(s string) bool { return !slices.Contains(folded(q.Is), s) })
		case q.IsNot != nil:
			forbidden = append(forbidden, folded(q.IsNot)...)
		case isNumber(q):
			room = room.and(numbers(q))
		case q.DueWithin != 0:
			from := int64(math.MinInt64)
			if q.ButNotWithin != 0 {
				from = int64(q.ButNotWithin) + 1
			}
			due = due.and(interval{from, int64(q.DueWithin)})
		}
	}
	if known && unknown {
		return true
	}
	if !one {
		return false
	}
	allowedNone := allowed != nil && within(allowed, forbidden)
	return allowedNone || room.empty() || due.empty()
}

func isNumber(q *condition.Condition) bool {
	return q.Field != "" && (q.MoreThan != nil || q.LessThan != nil || q.AtLeast != nil || q.AtMost != nil)
}

// numbers is the range that a question about a number asks for.
func numbers(q *condition.Condition) interval {
	r := interval{math.MinInt64, math.MaxInt64}
	if q.AtLeast != nil {
		r.lo = max(r.lo, *q.AtLeast)
	}
	if q.MoreThan != nil {
		r.lo = max(r.lo, *q.MoreThan+1)
	}
	if q.AtMost != nil {
		r.hi = min(r.hi, *q.AtMost)
	}
	if q.LessThan != nil {
		r.hi = min(r.hi, *q.LessThan-1)
	}
	return r
}

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

// notNumber says why no value of the field is the number that the question asks for, "" where some may be.
func notNumber(q *condition.Condition) string {
	if !isNumber(q) || slices.Contains([]string{"company.employees", "company.revenue"}, fieldOf(q)) {
		return ""
	}
	return fmt.Sprintf("%s is no number, so this can never hold; write is, is_not, has_any_of or known", strings.ReplaceAll(q.Field, "_", " "))
}

// unreadable says why hardly any value of the field is what the question reads, "" where some may be. A text is read as a
// date where it is one, so this depends on what tools write.
func unreadable(q *condition.Condition) string {
	name := fieldOf(q)
	switch asks := ""; {
	case q.Field == "":
		return ""
	case name == "company.employees":
		for _, s := range slices.Concat(q.Is, q.IsNot, q.HasAnyOf) {
			if !strings.ContainsAny(s, "0123456789") {
				asks = s
			}
		}
		if asks != "" {
			return fmt.Sprintf("employees is a number, never %q; write more_than, at_least, at_most or less_than", asks)
		}
	case (q.DueWithin != 0) && name != "company.renewal_date":
		return fmt.Sprintf("%s is no date; due_within goes with renewal_date", strings.ReplaceAll(q.Field, "_", " "))
	}
	return ""
}
