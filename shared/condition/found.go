package condition

import (
	"fmt"
	"strings"
	"time"

	"handoff/shared/account"
)

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
		return t.field.label + " contains " + phraseIn(t.phrases, *v).text + ": " + *v, *v, person
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
	case opCommittee:
		if !titled(f.View) {
			dst = append(dst, "title")
		}
		return dst
	case opChecklist:
		return t.unanswered(f, dst)
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
		if !readable(f.View.Facts.Field(t.field.name)) {
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
