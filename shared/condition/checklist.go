package condition

import (
	"fmt"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/problem"
)

// Checklist is what sales should have asked about a deal: fields of it that the CRM feeds.
type Checklist struct {
	Name   string   `yaml:"name" json:"name"`
	Fields []string `yaml:"fields" json:"fields,omitempty"` // of account.DealFields
}

// CheckChecklists reports what is wrong with checklists, at the YAML path of their list.
func CheckChecklists(lists []Checklist, path string, out *problem.List) {
	seen := map[string]bool{}
	for i, c := range lists {
		at := fmt.Sprintf("%s[%d]", path, i)
		if c.Name == "" || seen[c.Name] {
			out.Add(at+".name", "a checklist needs a name of its own, it has %q", c.Name)
		}
		seen[c.Name] = true
		if len(c.Fields) == 0 {
			out.Add(at+".fields", "the checklist asks for no field of a deal")
		}
		for j, f := range c.Fields {
			where := fmt.Sprintf("%s.fields[%d]", at, j)
			if !slices.Contains(account.DealFields, f) {
				out.Add(where, "a deal has no field %q to be asked for%s", f, OrList(f, account.DealFields))
			}
			if slices.Contains(c.Fields[:j], f) {
				out.Add(where, "%q is listed twice", f)
			}
		}
	}
}

// emptyWords are values that say that nobody knows yet; so does no value at all.
var emptyWords = []string{"false", "no", "none", "unknown", "tbd", "n/a", "0", "-"}

// answered reports whether a field of a deal says something.
func answered(d *account.Deal, field string) bool {
	v := strings.TrimSpace(d.Answers[field])
	return v != "" && !listed(emptyWords, v)
}

func (c *Checklist) answers(d *account.Deal) (n int) {
	for _, f := range c.Fields {
		if answered(d, f) {
			n++
		}
	}
	return n
}

// Coverage says of every open deal how far each checklist is answered.
func Coverage(lists []Checklist, v *account.View) []event.Checklist {
	var out []event.Checklist
	for i := range v.Deals {
		d := &v.Deals[i]
		if d.Status != "open" {
			continue
		}
		for j := range lists {
			c := &lists[j]
			cov := event.Checklist{Name: c.Name, Deal: d.ID, Of: len(c.Fields), Answered: c.answers(d)}
			for _, f := range c.Fields {
				if !answered(d, f) {
					cov.Missing = append(cov.Missing, f)
				}
			}
			out = append(out, cov)
		}
	}
	return out
}

// checklist compiles a question about how much of a checklist is answered for an open deal: all of it unless told.
func (b *builder) checklist() Test {
	i := slices.IndexFunc(b.c.Checklists, func(c Checklist) bool { return c.Name == b.q.Checklist })
	if i < 0 {
		var known []string
		for _, c := range b.c.Checklists {
			known = append(known, c.Name)
		}
		b.bad("checklist", "scoring.yaml has no checklist %q%s", b.q.Checklist, OrList(b.q.Checklist, known))
		return Test{}
	}
	c := &b.c.Checklists[i]
	t := Test{op: opChecklist, checklist: c, lo: int64(len(c.Fields)), static: b.remember()}
	if b.q.AtLeast != nil {
		t.lo = *b.q.AtLeast
		if t.lo < 1 || t.lo > int64(len(c.Fields)) {
			b.bad("at_least", "at_least is a number from 1 to %d, the fields of the checklist %s, not %d", len(c.Fields), c.Name, t.lo)
		}
	}
	return t
}

// asked finds the first open deal of which enough is answered.
func (t *Test) asked(f *Frame) *account.Deal {
	for i := range f.View.Deals {
		if d := &f.View.Deals[i]; d.Status == "open" && int64(t.checklist.answers(d)) >= t.lo {
			return d
		}
	}
	return nil
}

// unanswered appends the fields that no open deal answers, where there is an open deal.
func (t *Test) unanswered(f *Frame, dst []string) []string {
	for _, field := range t.checklist.Fields {
		some, known := false, false
		for i := range f.View.Deals {
			if d := &f.View.Deals[i]; d.Status == "open" {
				some, known = true, known || answered(d, field)
			}
		}
		if some && !known {
			dst = append(dst, field)
		}
	}
	return dst
}
