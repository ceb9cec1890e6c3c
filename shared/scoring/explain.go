package scoring

import (
	"cmp"
	"fmt"
	"slices"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
)

// contribution explains one rule that gave points.
func (r *rule) contribution(f *condition.Frame, d condition.Derived, group string, points int64) event.Contribution {
	c := event.Contribution{Rule: r.name, Group: group, Points: int(points)}
	switch {
	case r.counted:
		els := r.evidence(f)
		c.Text = condition.Sentence(condition.Times(r.name, els, f.AsOf))
		for _, e := range els {
			c.Evidence = append(c.Evidence, e.ID)
		}
		if full := r.points * int64(len(r.fresh(f))); full != points {
			c.Text += fmt.Sprintf(" (%d of %d points left)", points, full)
		}
	case r.test.IsField():
		var text string
		text, c.Value, _ = r.test.Found(f)
		c.Text = condition.Sentence(text)
	default:
		var why condition.Cause
		r.test.Because(f, d, &why)
		c.Text, c.Evidence = condition.Sentence(r.name), why.Evidence
		for i, t := range why.Texts {
			if i == 0 {
				c.Text += ": " + t
			} else {
				c.Text += "; " + t
			}
		}
	}
	return c
}

func capped(group string, over, limit int64) event.Contribution {
	return event.Contribution{
		Rule: "at most " + fmt.Sprint(limit), Group: group, Points: int(-over),
		Text: fmt.Sprintf("The %s counts %d points at most", group, limit),
	}
}

// BecauseScore gathers the touches that the score rests on. Fields have no say in how new it is: they are registers,
// and enriching an old account must not make its history look like news.
func (m *Model) BecauseScore(f *condition.Frame, c *condition.Cause) {
	for g := range m.groups {
		m.groups[g].rests(f, within{m}, c)
	}
}

func (g *group) rests(f *condition.Frame, d condition.Derived, c *condition.Cause) {
	for i := range g.rules {
		r := &g.rules[i]
		if r.value(f) <= 0 {
			continue
		}
		if r.counted {
			r.test.Rests(c, r.evidence(f)...)
			continue
		}
		texts := c.Texts
		r.test.Because(f, d, c)
		c.Texts = texts // the score's own sentence says it
	}
}

// inReason is how many rules a sentence for a rep names.
const inReason = 4

// Weightiest says, after a colon, which rules weigh most; nothing where none gave points.
func Weightiest(fired []event.Contribution) (text string) {
	fired = slices.DeleteFunc(slices.Clone(fired), func(r event.Contribution) bool { return r.Points <= 0 })
	slices.SortStableFunc(fired, func(a, b event.Contribution) int { return cmp.Compare(b.Points, a.Points) })
	for i, r := range fired[:min(len(fired), inReason)] {
		text += [...]string{": ", "; "}[min(i, 1)] + r.Text
	}
	return text
}

// Committee says who takes which role of a purchase; nil where nobody takes one.
func (m *Model) Committee(v *account.View) *event.Committee { return m.committee.Seats(v) }

// Checklists says how far each open deal answers each checklist.
func (m *Model) Checklists(v *account.View) []event.Checklist {
	return condition.Coverage(m.checklists, v)
}

// BecausePQL gathers why the playbooks of the mask hold.
func (m *Model) BecausePQL(f *condition.Frame, mask uint64, c *condition.Cause) {
	for i := range m.playbooks {
		if mask>>i&1 == 1 && m.playbooks[i].holds(f) {
			m.playbooks[i].because(f, within{m}, c)
		}
	}
}
