package condition

import (
	"cmp"
	"strings"

	"handoff/shared/account"
	"handoff/shared/subject"
)

// movers says of moves who it was, and where from or to: ": Ann Lee (CTO), now at globex.com".
func (f *Frame) movers(els []account.Element) string {
	var who []string
	for _, e := range els {
		for _, m := range f.View.Moves {
			if m.Element != e {
				continue
			}
			where := ", from " + subject.KeyOf(m.Other)
			if m.Left {
				where = ", now at " + subject.KeyOf(m.Other)
			}
			who = append(who, f.nameOf(m.Person)+where)
		}
	}
	if len(who) == 0 {
		return ""
	}
	return ": " + strings.Join(who, "; ")
}

func (f *Frame) nameOf(person string) string {
	for i := range f.View.People {
		p := &f.View.People[i]
		if p.ID != person {
			continue
		}
		name := cmp.Or(p.Fields["name"], p.Fields["email"], subject.KeyOf(person))
		if title := p.Fields["title"]; title != "" {
			name += " (" + title + ")"
		}
		return name
	}
	return subject.KeyOf(person)
}
