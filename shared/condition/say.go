package condition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/touch"
)

// Clause is a part of the sentence that a rep reads. It follows a name: "viewed pricing", " twice between 2 and 4 March".
type Clause struct {
	Does  string // without its time: a clause that says the same, of more touches, takes its place
	When  string
	Times int
	By    touch.ID // the newest touch, where it is about touches
}

// Speech gathers what makes a condition hold, as a rep would say it. It has no names of rules, stages or signals in it.
type Speech struct {
	Clauses  []Clause
	Customer bool // being a customer is part of it
}

// Speaker says what was made of the account in a frame.
type Speaker interface {
	SaySignal(f *Frame, mask uint64, s *Speech)
	SayScore(f *Frame, s *Speech)
	SayPQL(f *Frame, mask uint64, s *Speech)
}

// Add puts a clause in, once.
func (s *Speech) Add(c Clause) {
	if c.Does == "" {
		return
	}
	i := slices.IndexFunc(s.Clauses, func(have Clause) bool { return have.Does == c.Does })
	switch {
	case i < 0:
		s.Clauses = append(s.Clauses, c)
	case s.Clauses[i].Times < c.Times:
		s.Clauses[i] = c
	}
}

func (s *Speech) say(format string, args ...any) { s.Add(Clause{Does: fmt.Sprintf(format, args...)}) }

// Say gathers why the test holds, in words; the caller has seen that it does. What is absent goes without saying, but for
// what is missing of a purchase.
func (t *Test) Say(f *Frame, d Speaker, s *Speech) {
	switch t.op {
	case opAll, opAny:
		for i := range t.kids {
			if t.kids[i].Holds(f) {
				t.kids[i].Say(f, d, s)
			}
		}
	case opNot:
		t.kids[0].lacks(f, s)
	case opTouch:
		s.Add(t.Touched(f, f.Elements(t.slot)[:t.n]))
	case opReached:
		e, _ := f.Reached(t.index)
		s.Add(t.Touched(f, []account.Element{e}))
	case opSilence:
		e, _ := f.Reached(t.index)
		s.say("has shown no sign of life since %s", Day(e.Time, f.AsOf))
	case opUsage:
		days, today, over := &f.View.Facts.Days, account.Day(f.AsOf), int32(t.over)
		s.say("used the product on %d of the last %d days, after %d of the %d before",
			days.Between(today-over, today), over, days.Between(today-2*over, today-over), over)
	case opActive:
		days, today, over := &f.View.Facts.Days, account.Day(f.AsOf), int32(t.over)
		s.say("used the product on %d of the last %d days", days.Between(today-over, today), over)
	case opDate:
		t.sayDate(f, s)
	case opIs, opIsNot, opKnown, opWords, opNumber:
		t.sayField(f, s)
	case opDeal:
		for i := range f.View.Deals {
			if x := &f.View.Deals[i]; listed(t.values, x.Status) && (t.types == nil || listed(t.types, x.Type)) {
				s.say("has a deal that is %s%s", x.Status, called(x))
				break
			}
		}
	case opCommittee:
		text, _ := t.members(f)
		s.say("has %s", strings.TrimPrefix(text, "of the committee: "))
	case opChecklist:
		deal := t.asked(f)
		s.say("has answered %d of %d of %s%s", t.checklist.answers(deal), len(t.checklist.Fields), acronym(t.checklist.Name), called(deal))
	case opCustomer:
		s.Customer = s.Customer || t.want
	case opSignal:
		d.SaySignal(f, t.mask&f.Signals, s)
	case opBand, opQuadrant, opScore:
		d.SayScore(f, s)
	case opPQL:
		d.SayPQL(f, t.mask&f.PQL, s)
	case opStage:
		var names []string
		for _, v := range t.values {
			names = append(names, stageWords(v))
		}
		s.say("has come to %s", strings.Join(names, " or "))
	case opOverdue:
		if t.want {
			s.Clauses = slices.DeleteFunc(s.Clauses, func(c Clause) bool { return strings.HasPrefix(c.Does, "has come to ") })
			s.say("has been at %s since %s, overdue since %s", stageWords(t.values[f.Stages[t.index]]),
				Day(f.Since[t.index], f.AsOf), Day(f.Due[t.index], f.AsOf))
		}
	}
}

// stageWords is a stage as people say it: marketing qualified lead, MQL.
func stageWords(name string) string {
	if len(name) <= 4 {
		return name
	}
	return words(name)
}

// Touched is the clause about touches that make the test hold, newest first.
func (t *Test) Touched(f *Frame, els []account.Element) Clause {
	c := Clause{Does: cmp.Or(t.says, Doing(t.kinds)), Times: len(els), By: els[0].ID}
	if c.Does == "" {
		c.Does = "did what counts as " + t.label
	}
	c.When = Often(els, f.AsOf)
	if who := f.movers(els); who != "" {
		c.When, c.By = c.When+who, touch.ID{} // it befell the account, whoever's touch told of it
	}
	return c
}

// Does is what a milestone is for people, after a name: "became a customer".
func (s *Selector) Does() string { return cmp.Or(s.Says, Doing(s.Kinds), "came to "+s.Label) }

// Doing says what kinds of touch are, after a name, where they are few.
func Doing(kinds []string) string {
	var does []string
	for _, k := range kinds {
		if w := touch.Did(k); !slices.Contains(does, w) {
			does = append(does, w)
		}
	}
	if len(does) > 3 {
		return ""
	}
	return strings.Join(does, " or ")
}

// Often says how often and when: " on 4 March", " twice between 2 and 4 March". els are newest first.
func Often(els []account.Element, asOf int64) string {
	last := Day(els[0].Time, asOf)
	switch n := len(els); n {
	case 1:
		return " on " + last
	case 2:
		return " twice " + between(Day(els[1].Time, asOf), last)
	default:
		return fmt.Sprintf(" %d times %s", n, between(Day(els[n-1].Time, asOf), last))
	}
}

func between(first, last string) string {
	if first == last {
		return "on " + last
	}
	day, month, _ := strings.Cut(first, " ")
	if _, m, _ := strings.Cut(last, " "); m == month {
		first = day
	}
	return "between " + first + " and " + last
}

// lacks says what is missing of a purchase: that is asked for because it matters.
func (t *Test) lacks(f *Frame, s *Speech) {
	switch t.op {
	case opCommittee:
		if t.lo > 1 {
			s.say("has fewer than %d known members of its buying committee", t.lo)
			return
		}
		var roles []string
		for i := range t.committee.roles {
			if t.mask>>i&1 == 1 {
				roles = append(roles, t.committee.roles[i].label)
			}
		}
		sure := ""
		if t.want {
			sure = "confirmed "
		}
		s.say("has no %s%s that is known", sure, strings.Join(roles, " or "))
	case opChecklist:
		for i := range f.View.Deals {
			if x := &f.View.Deals[i]; x.Status == "open" {
				s.say("has answered only %d of %d of %s%s", t.checklist.answers(x), len(t.checklist.Fields), acronym(t.checklist.Name), called(x))
				return
			}
		}
	}
}

func (t *Test) sayDate(f *Frame, s *Speech) {
	t.dates(f, func(day int64) {
		left := day - f.AsOf
		if left > t.hi || left <= t.lo {
			return
		}
		if t.field.name == "renewal_date" {
			s.say("is up for renewal on %s, %s", Day(day, f.AsOf), inDays(left))
			return
		}
		s.say("has its %s on %s", t.field.label, Day(day, f.AsOf))
	})
}

// sayField says what a field says, but for what a rep is told of every company and person anyway.
func (t *Test) sayField(f *Frame, s *Speech) {
	_, value, _ := t.Found(f)
	value = Short(value, 60)
	switch {
	case value == "":
		if t.op == opKnown && !t.want {
			s.say("has no %s that is known", t.field.label)
		}
	case !t.field.person && slices.Contains([]string{"name", "domain", "industry", "employees"}, t.field.name):
	case t.field.person && t.field.name == "title":
		s.say("has %s among its people", article(value))
	case t.field.person:
		s.say("has somebody with the %s %s", t.field.label, value)
	default:
		s.say("has the %s %s", t.field.label, value)
	}
}

// article puts the indefinite one before a title.
func article(title string) string {
	if strings.ContainsRune("AEIOUaeiou", []rune(title)[0]) {
		return "an " + title
	}
	return "a " + title
}

func called(d *account.Deal) string {
	if d == nil || d.Name == "" {
		return ""
	}
	return " (" + Short(d.Name, 60) + ")"
}

// acronym writes a short name in capitals: MEDDIC, BANT.
func acronym(name string) string {
	if len(name) <= 8 {
		return strings.ToUpper(name)
	}
	return words(name)
}

func words(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", " ")) }

// Short is a text on one line, of n characters at most.
func Short(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return s
}
