package condition

import (
	"cmp"
	"fmt"
	"strings"

	"handoff/shared/account"
	"handoff/shared/touch"
)

// Cause is why a condition holds: what a person would say, the touches it rests on, and since when.
type Cause struct {
	Texts    []string
	Evidence []touch.ID
	// Newest is the newest contributing touch, or, with a zero ID, the hour at which a silence, an age or a date came
	// due. Zero where only fields speak.
	Newest account.Element
	// Acted is Newest less the signals of a company (see touch.AccountKinds). Zero beside a Newest that is a touch: nobody
	// did anything, the world did.
	Acted  account.Element
	Person string // the person whose field met a question, if one did
	// Brief asks for Newest alone: then nothing is allocated.
	Brief bool
}

func (c *Cause) say(text func() string) {
	if !c.Brief {
		c.Texts = append(c.Texts, text())
	}
}

// Rests adds the touches by which the test holds.
func (t *Test) Rests(c *Cause, els ...account.Element) {
	for _, e := range els {
		if !c.Brief {
			c.Evidence = append(c.Evidence, e.ID)
		}
		if t.signal {
			if e.Compare(c.Newest) > 0 {
				c.Newest = e
			}
			continue
		}
		c.due(e)
	}
}

func (c *Cause) due(e account.Element) {
	if e.Compare(c.Newest) > 0 {
		c.Newest = e
	}
	if e.Compare(c.Acted) > 0 {
		c.Acted = e
	}
}

// Derived explains what was made of the account in a frame: what its signals, its score, its playbooks and its stages
// rest on.
type Derived interface {
	BecauseSignal(f *Frame, mask uint64, c *Cause)
	BecauseScore(f *Frame, c *Cause)
	BecausePQL(f *Frame, mask uint64, c *Cause)
	BecauseStage(f *Frame, funnel int, c *Cause)
}

// Because gathers why the test holds; the caller has seen that it does.
func (t *Test) Because(f *Frame, d Derived, c *Cause) {
	switch t.op {
	case opAll, opAny:
		for i := range t.kids {
			if t.kids[i].Holds(f) {
				t.kids[i].Because(f, d, c)
			}
		}
	case opNot:
		// What is absent contributes nothing, neither does the hour at which it came to be absent: a play that waits for
		// an old request to lapse must not take the lapse for news. no_touch_for and older_than are for that.
	case opTouch:
		e := f.Elements(t.slot)
		c.say(func() string { return Times(t.label, e[:t.n], f.AsOf) + f.movers(e[:t.n]) })
		t.rest(c, e[:t.n]...)
	case opReached:
		e, _ := f.Reached(t.index)
		c.say(func() string { return Times(t.label, []account.Element{e}, f.AsOf) })
		t.rest(c, e)
	case opSilence:
		e, _ := f.Reached(t.index)
		c.say(func() string { return "no sign of life since " + Day(e.Time, f.AsOf) })
		c.due(account.Element{Time: pastHour(e.Time, t.within)})
	case opUsage:
		t.becauseFell(f, c)
	case opActive:
		days, today, over := &f.View.Facts.Days, account.Day(f.AsOf), int32(t.over)
		c.say(func() string {
			return fmt.Sprintf("active on %d of the last %d days", days.Between(today-over, today), over)
		})
		if e, ok := f.Reached(f.activity); ok {
			c.due(e)
		}
	case opDate:
		t.dates(f, func(day int64) {
			if left := day - f.AsOf; left <= t.hi && left > t.lo {
				c.say(func() string { return fmt.Sprintf("%s on %s, %s", t.field.label, Day(day, f.AsOf), inDays(left)) })
				c.due(account.Element{Time: atHour(day - t.hi)})
			}
		})
	case opIs, opIsNot, opKnown, opWords, opNumber:
		if c.Brief {
			return
		}
		text, _, person := t.Found(f)
		if person != "" && c.Person == "" {
			c.Person = person
		}
		if text != "" {
			c.Texts = append(c.Texts, text)
		}
	case opDeal:
		for i := range f.View.Deals {
			if x := &f.View.Deals[i]; listed(t.values, x.Status) && (t.types == nil || listed(t.types, x.Type)) {
				c.say(func() string { return strings.TrimSpace("deal " + x.Status + " " + x.Name) })
				break
			}
		}
	case opCommittee:
		if c.Brief {
			return
		}
		text, person := t.members(f)
		c.Texts, c.Person = append(c.Texts, text), cmp.Or(c.Person, person)
	case opChecklist:
		c.say(func() string {
			d := t.asked(f)
			return fmt.Sprintf("%s %d of %d for the deal %s", t.checklist.Name, t.checklist.answers(d), len(t.checklist.Fields), cmp.Or(d.Name, d.ID))
		})
	case opCustomer:
		if t.want {
			c.say(func() string { return "a customer" })
		}
	case opSignal:
		d.BecauseSignal(f, t.mask&f.Signals, c)
	case opBand, opQuadrant, opScore:
		d.BecauseScore(f, c)
	case opPQL:
		d.BecausePQL(f, t.mask&f.PQL, c)
	case opStage:
		d.BecauseStage(f, t.index, c)
	case opOverdue:
		if t.want {
			t.becauseOverdue(f, d, c)
		}
	}
}

// becauseOverdue says since when the account stands where it does. The hour at which that came to be too long is news.
func (t *Test) becauseOverdue(f *Frame, d Derived, c *Cause) {
	due := f.Due[t.index]
	c.say(func() string {
		return fmt.Sprintf("at %s since %s, overdue since %s", t.values[f.Stages[t.index]], Day(f.Since[t.index], f.AsOf), Day(due, f.AsOf))
	})
	d.BecauseStage(f, t.index, c)
	c.due(account.Element{Time: due})
}

// rest adds elements; an age that had to be passed came due later than the touch.
func (t *Test) rest(c *Cause, els ...account.Element) {
	t.Rests(c, els...)
	if t.older != 0 {
		c.due(account.Element{Time: pastHour(els[len(els)-1].Time, t.older)})
	}
}

func (t *Test) becauseFell(f *Frame, c *Cause) {
	days, today, over := &f.View.Facts.Days, account.Day(f.AsOf), int32(t.over)
	c.say(func() string {
		return fmt.Sprintf("active on %d of the last %d days, on %d of the %d before",
			days.Between(today-over, today), over, days.Between(today-2*over, today-over), over)
	})
	since := today
	for since > today-2*over && t.fell(days, since-1) {
		since--
	}
	c.due(account.Element{Time: int64(since) * 24 * HourMS})
}
