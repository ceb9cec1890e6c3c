package condition

import (
	"fmt"
	"strings"
	"time"

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
	Person string // the person whose field met a question, if one did
}

// Rests adds touches.
func (c *Cause) Rests(els ...account.Element) {
	for _, e := range els {
		c.Evidence = append(c.Evidence, e.ID)
		c.due(e)
	}
}

func (c *Cause) due(e account.Element) {
	if e.Compare(c.Newest) > 0 {
		c.Newest = e
	}
}

// Derived explains what was made of the account: what its score, its playbooks and its stages rest on.
type Derived interface {
	BecauseScore(c *Cause)
	BecausePQL(mask uint64, c *Cause)
	BecauseStage(funnel int, c *Cause)
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
		t.kids[0].becauseNot(f, c)
	case opTouch:
		e := f.Elements(t.slot)
		c.Texts = append(c.Texts, Times(t.label, e[:t.n], f.AsOf))
		t.rest(c, e[:t.n]...)
	case opReached:
		e, _ := f.Reached(t.index)
		c.Texts = append(c.Texts, Times(t.label, []account.Element{e}, f.AsOf))
		t.rest(c, e)
	case opSilence:
		e, _ := f.Reached(t.index)
		c.Texts = append(c.Texts, "no sign of life since "+Day(e.Time, f.AsOf))
		c.due(account.Element{Time: pastHour(e.Time, t.within)})
	case opUsage:
		t.becauseFell(f, c)
	case opDate:
		t.dates(f, func(day int64) {
			if left := day - f.AsOf; left <= t.hi && left > t.lo {
				c.Texts = append(c.Texts, fmt.Sprintf("%s on %s, %s", t.field.label, Day(day, f.AsOf), inDays(left)))
				c.due(account.Element{Time: atHour(day - t.hi)})
			}
		})
	case opIs, opIsNot, opKnown, opWords, opNumber:
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
				c.Texts = append(c.Texts, strings.TrimSpace("deal "+x.Status+" "+x.Name))
				break
			}
		}
	case opCustomer:
		if t.want {
			c.Texts = append(c.Texts, "a customer")
		}
	case opBand, opQuadrant, opScore:
		d.BecauseScore(c)
	case opPQL:
		d.BecausePQL(t.mask&f.PQL, c)
	case opStage:
		d.BecauseStage(t.index, c)
	}
}

// rest adds elements; an age that had to be passed came due later than the touch.
func (t *Test) rest(c *Cause, els ...account.Element) {
	c.Rests(els...)
	if t.older != 0 {
		c.due(account.Element{Time: pastHour(els[len(els)-1].Time, t.older)})
	}
}

// becauseNot says of a question that is answered no when that came to be, where time brought it.
func (t *Test) becauseNot(f *Frame, c *Cause) {
	var at int64
	switch t.op {
	case opTouch:
		e := f.Elements(t.slot)
		if t.within == 0 || len(e) < t.n {
			return
		}
		at = e[t.n-1].Time
	case opReached:
		e, ok := f.Reached(t.index)
		if t.within == 0 || !ok {
			return
		}
		at = e.Time
	default:
		return
	}
	if !f.within(at, t.within) {
		c.Texts = append(c.Texts, fmt.Sprintf("no %s since %s", t.label, Day(at, f.AsOf)))
		c.due(account.Element{Time: pastHour(at, t.within)})
	}
}

func (t *Test) becauseFell(f *Frame, c *Cause) {
	days, today, over := &f.View.Facts.Days, account.Day(f.AsOf), int32(t.over)
	c.Texts = append(c.Texts, fmt.Sprintf("active on %d of the last %d days, on %d of the %d before",
		days.Between(today-over, today), over, days.Between(today-2*over, today-over), over))
	since := today
	for since > today-2*over && t.fell(days, since-1) {
		since--
	}
	c.due(account.Element{Time: int64(since) * 24 * HourMS})
}

// Found says which value met a question about a field, and whose it is.
func (t *Test) Found(f *Frame) (text, value, person string) {
	if t.op == opDate {
		t.dates(f, func(day int64) {
			if left := day - f.AsOf; left <= t.hi && left > t.lo {
				value = time.UnixMilli(day).UTC().Format(time.DateOnly)
				text = fmt.Sprintf("%s on %s, %s", t.field.label, Day(day, f.AsOf), inDays(left))
			}
		})
		return text, value, ""
	}
	v, who := t.match(f)
	if v == nil {
		if t.op == opKnown && !t.want {
			return t.field.label + " is unknown", "", ""
		}
		return "", "", ""
	}
	if who >= 0 {
		person = f.View.People[who].ID
	}
	switch t.op {
	case opWords:
		return t.field.label + " contains " + t.phraseIn(*v).text + ": " + *v, *v, person
	case opNumber:
		return t.field.label + " " + t.label + ": " + *v, *v, person
	case opIsNot:
		return t.field.label + " is " + *v + ", not " + strings.Join(t.values, " or "), *v, person
	default:
		return t.field.label + " is " + *v, *v, person
	}
}

// Unknown appends the fields that the test wanted and nobody has told us.
func (t *Test) Unknown(f *Frame, dst []string) []string {
	for i := range t.kids {
		dst = t.kids[i].Unknown(f, dst)
	}
	switch t.op {
	case opIs, opIsNot, opWords, opNumber, opDate:
	default:
		return dst
	}
	readable := func(v string) bool {
		ok := v != ""
		switch {
		case ok && t.op == opNumber:
			_, ok = number(v)
		case ok && t.op == opDate:
			_, ok = date(v)
		}
		return ok
	}
	if !t.field.person {
		if !readable(f.View.Facts.Company[t.field.name].Value) {
			dst = append(dst, t.field.name)
		}
		return dst
	}
	for i := range f.View.People {
		if readable(f.View.People[i].Fields[t.field.name]) {
			return dst
		}
	}
	return append(dst, t.field.name)
}

// IsField reports whether the test asks about one field, so that a value explains it.
func (t *Test) IsField() bool { return t.op >= opWords && t.op <= opDate }

// Times says what happened, how often, and when last: "demo requested on 12 May", "pricing viewed 2 times, last on 12
// May". els are newest first.
func Times(label string, els []account.Element, asOf int64) string {
	if len(els) == 1 {
		return label + " on " + Day(els[0].Time, asOf)
	}
	return fmt.Sprintf("%s %d times, last on %s", label, len(els), Day(els[0].Time, asOf))
}

// Day names a day for people, with its year where that is not the evaluation's.
func Day(ms, asOf int64) string {
	t := time.UnixMilli(ms).UTC()
	if t.Year() == time.UnixMilli(asOf).UTC().Year() {
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

func inDays(ms int64) string {
	switch days := -floorDiv(-ms, 24*HourMS); {
	case days <= 0:
		return "today"
	case days == 1:
		return "tomorrow"
	default:
		return fmt.Sprintf("in %d days", days)
	}
}

// Sentence begins with a capital letter.
func Sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
