package scoring

import (
	"fmt"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
)

// contribution explains one rule that gave points.
func (r *rule) contribution(f *condition.Frame, group string, points int64) event.Contribution {
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
		r.test.Because(f, noneDerived{}, &why)
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

// noneDerived explains nothing: a rule cannot ask about what is made of rules.
type noneDerived struct{}

func (noneDerived) BecauseScore(*condition.Cause)       {}
func (noneDerived) BecausePQL(uint64, *condition.Cause) {}
func (noneDerived) BecauseStage(int, *condition.Cause)  {}

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
		for i := range m.groups[g].rules {
			r := &m.groups[g].rules[i]
			if r.value(f) <= 0 {
				continue
			}
			if r.counted {
				r.test.Rests(c, r.evidence(f)...)
				continue
			}
			texts := c.Texts
			r.test.Because(f, noneDerived{}, c)
			c.Texts = texts // the score's own sentence says it
		}
	}
}

// Committee says who takes which role of a purchase; nil where nobody takes one.
func (m *Model) Committee(v *account.View) *event.Committee { return m.committee.Seats(v) }

// Checklists says how far each open deal answers each checklist.
func (m *Model) Checklists(v *account.View) []event.Checklist {
	return condition.Coverage(m.checklists, v)
}

// BecausePlaybooks gathers why the playbooks of the mask hold.
func (m *Model) BecausePlaybooks(f *condition.Frame, mask uint64, c *condition.Cause) {
	for i := range m.playbooks {
		if mask>>i&1 == 1 && m.playbooks[i].Holds(f) {
			m.playbooks[i].Because(f, noneDerived{}, c)
		}
	}
}
