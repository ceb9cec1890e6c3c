package condition

import (
	"handoff/shared/account"
)

// Holds answers the question. It allocates nothing.
func (t *Test) Holds(f *Frame) bool {
	switch t.op {
	case opAlways:
		return true
	case opAll:
		for i := range t.kids {
			if !t.kids[i].Holds(f) {
				return false
			}
		}
		return true
	case opAny:
		n := 0
		for i := range t.kids {
			if t.kids[i].Holds(f) {
				if n++; n >= t.n {
					return true
				}
			}
		}
		return false
	case opNot:
		return !t.kids[0].Holds(f)
	case opTouch:
		e := f.Elements(t.slot)
		return len(e) >= t.n && t.aged(f, e[t.n-1].Time)
	case opReached:
		e, ok := f.Reached(t.index)
		if !ok || !t.aged(f, e.Time) {
			return false
		}
		for _, m := range t.later {
			if o, ok := f.Reached(m); ok && e.Compare(o) <= 0 {
				return false
			}
		}
		return true
	case opSilence:
		e, ok := f.Reached(t.index)
		return ok && !f.within(e.Time, t.within)
	case opUsage:
		return t.fell(&f.View.Facts.Days, account.Day(f.AsOf))
	case opActive:
		return t.used(&f.View.Facts.Days, account.Day(f.AsOf))
	case opDate:
		return t.due(f)
	case opCustomer:
		return f.Customer == t.want
	case opSignal:
		return t.mask&f.Signals != 0
	case opBand:
		return t.mask>>f.Band&1 == 1
	case opQuadrant:
		return t.mask>>f.Quadrant&1 == 1
	case opPQL:
		return t.mask&f.PQL != 0
	case opMotion:
		return t.mask>>f.Motion&1 == 1
	case opScore:
		return [...]int64{f.Score, f.Fit, f.Interest}[t.index] >= t.lo
	case opStage:
		return t.mask>>f.Stages[t.index]&1 == 1
	case opOverdue:
		return f.AsOf >= f.Due[t.index] == t.want
	case opIs, opIsNot, opKnown, opWords, opNumber, opDeal, opCommittee, opChecklist:
		return t.remembered(f)
	}
	return false
}

func (t *Test) aged(f *Frame, at int64) bool {
	return (t.within == 0 || f.within(at, t.within)) && (t.older == 0 || !f.within(at, t.older))
}

// due reports whether one of the dates comes within hi and not within lo.
func (t *Test) due(f *Frame) bool {
	is := false
	t.dates(f, func(day int64) {
		left := day - f.AsOf
		is = is || left <= t.hi && left > t.lo
	})
	return is
}

// dates visits the dates that the field holds.
func (t *Test) dates(f *Frame, visit func(day int64)) {
	if !t.field.person {
		if d, ok := date(f.View.Facts.Field(t.field.name)); ok {
			visit(d)
		}
		return
	}
	for i := range f.View.People {
		if d, ok := date(f.View.People[i].Fields[t.field.name]); ok {
			visit(d)
		}
	}
}

// fell compares the active days of the last whole days before today with those of as many days before.
func (t *Test) fell(days *account.Days, today int32) bool {
	over := int32(t.over)
	before := int64(days.Between(today-2*over, today-over))
	if before < max(t.lo, 1) {
		return false
	}
	now := int64(days.Between(today-over, today))
	return now*100 <= before*(100-t.percent)
}

// used counts the active days among the last whole days before today.
func (t *Test) used(days *account.Days, today int32) bool {
	return int64(days.Between(today-int32(t.over), today)) >= t.lo
}

// Timed appends the questions inside the test whose answer time alone can change. What was made of the account (score,
// stages …) is not looked into: its own questions are.
func (t *Test) Timed(dst []*Test) []*Test {
	for i := range t.kids {
		dst = t.kids[i].Timed(dst)
	}
	switch t.op {
	case opTouch, opReached:
		if t.within == 0 && t.older == 0 {
			return dst
		}
	case opSilence, opDate, opUsage, opActive:
	default:
		return dst
	}
	for _, have := range dst {
		if have.op == t.op && have.slot == t.slot && have.n == t.n && have.index == t.index && have.within == t.within && have.older == t.older &&
			have.field == t.field && have.lo == t.lo && have.hi == t.hi && have.over == t.over && have.percent == t.percent {
			return dst
		}
	}
	return append(dst, t)
}

// Next is the first hour after the frame's, in unix milliseconds, at which the answer to a timed question may change
// though nothing new happens; Never if it does not.
func (t *Test) Next(f *Frame) int64 {
	next := int64(Never)
	switch t.op {
	case opTouch:
		if e := f.Elements(t.slot); len(e) >= t.n {
			next = t.ages(f, e[t.n-1].Time)
		}
	case opReached:
		if e, ok := f.Reached(t.index); ok {
			next = t.ages(f, e.Time)
		}
	case opSilence:
		if e, ok := f.Reached(t.index); ok {
			next = after(f, pastHour(e.Time, t.within))
		}
	case opDate:
		t.dates(f, func(day int64) {
			next = min(next, after(f, atHour(day-t.hi)), after(f, atHour(day-t.lo)))
		})
	case opUsage:
		next = t.nextDay(f, t.fell)
	case opActive:
		next = t.nextDay(f, t.used)
	}
	return next
}

func (t *Test) ages(f *Frame, at int64) int64 {
	next := int64(Never)
	if t.within != 0 {
		next = after(f, pastHour(at, t.within))
	}
	if t.older != 0 {
		next = min(next, after(f, pastHour(at, t.older)))
	}
	return next
}

// after is hour if it is still to come.
func after(f *Frame, hour int64) int64 {
	if hour > f.AsOf {
		return hour
	}
	return Never
}

// nextDay looks for the midnight at which the answer about active days turns. Once all periods lie behind the last
// active day it turns no more. What it finds holds until that midnight, so a frame looks once.
func (t *Test) nextDay(f *Frame, holds func(*account.Days, int32) bool) int64 {
	if turn := f.turns[t.static]; turn > f.AsOf {
		return turn
	}
	days := &f.View.Facts.Days
	today := account.Day(f.AsOf)
	is := holds(days, today)
	next := int64(Never)
	for d := today + 1; d <= days.Latest+2*int32(t.over)+1; d++ {
		if holds(days, d) != is {
			next = int64(d) * 24 * HourMS
			break
		}
	}
	f.turns[t.static] = next
	return next
}
