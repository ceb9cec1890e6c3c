package condition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/problem"
)

// Role is a part that somebody takes in a purchase. Whoever has a fitting title may take it: a potential member. Who the
// CRM names in it is a confirmed one.
type Role struct {
	Name string `yaml:"role" json:"role"`
	// HasAnyOf are words of a title.
	HasAnyOf []string `yaml:"has_any_of" json:"has_any_of,omitempty"`
	// ConfirmedAs are words of the role that the CRM gives a contact, beside this role's own name.
	ConfirmedAs []string `yaml:"confirmed_as" json:"confirmed_as,omitempty"`
}

// Committee is a policy's roles, ready to be looked for among the people of an account. A person may take several.
type Committee struct{ roles []role }

type role struct {
	name, label string
	titles      []phrase
	confirmed   []phrase // of what the CRM says; the first is the role's own name
}

// CompileCommittee makes a committee and reports what is wrong with it, at the YAML path of the list.
func CompileCommittee(roles []Role, path string, out *problem.List) *Committee {
	if len(roles) > MaxNames {
		out.Add(path, "there are %d roles; %d are the limit", len(roles), MaxNames)
		return &Committee{}
	}
	c, seen := &Committee{}, map[string]bool{}
	for i := range roles {
		r, at := &roles[i], fmt.Sprintf("%s[%d]", path, i)
		own := newPhrase(r.Name)
		if len(own.words) == 0 || seen[r.Name] {
			out.Add(at+".role", "a role needs a name of its own, it has %q", r.Name)
		}
		seen[r.Name] = true
		if len(r.HasAnyOf)+len(r.ConfirmedAs) > MaxText {
			out.Add(at, "the role lists %d texts; %d are the limit", len(r.HasAnyOf)+len(r.ConfirmedAs), MaxText)
		}
		c.roles = append(c.roles, role{
			name: r.Name, label: strings.ReplaceAll(r.Name, "_", " "), titles: phrases(r.HasAnyOf, at+".has_any_of", out),
			confirmed: append([]phrase{own}, phrases(r.ConfirmedAs, at+".confirmed_as", out)...),
		})
	}
	return c
}

func phrases(texts []string, path string, out *problem.List) []phrase {
	var list []phrase
	for i, s := range texts {
		p := newPhrase(s)
		if len(p.words) == 0 {
			out.Add(fmt.Sprintf("%s[%d]", path, i), "%q holds no word", s)
		}
		list = append(list, p)
	}
	return list
}

// takes reports whether a person may take the role, and whether that is confirmed: by the role that the CRM gives the
// contact on a deal that is open, or that somebody who met them states of no deal in particular.
func (r *role) takes(v *account.View, p *account.Person) (may, confirmed bool) {
	if said := p.Fields["role"]; said != "" && phraseIn(r.confirmed, said) != nil {
		if deal := p.Fields["role_deal"]; deal == "" || open(v, deal) {
			return true, true
		}
	}
	if title := p.Fields["title"]; title != "" && phraseIn(r.titles, title) != nil {
		return true, false
	}
	persona := p.Fields["persona"]
	return persona != "" && (phraseIn(r.confirmed[:1], persona) != nil || phraseIn(r.titles, persona) != nil), false
}

func open(v *account.View, deal string) bool {
	for i := range v.Deals {
		if v.Deals[i].ID == deal {
			return v.Deals[i].Status == "open"
		}
	}
	return false
}

// taken reports whether one of the people takes the role.
func (r *role) taken(v *account.View, confirmed bool) bool {
	for i := range v.People {
		if may, sure := r.takes(v, &v.People[i]); may && (sure || !confirmed) {
			return true
		}
	}
	return false
}

// Seats says who takes which role; nil where the policy has no committee, or none of its roles is taken.
func (c *Committee) Seats(v *account.View) *event.Committee {
	out := event.Committee{Of: len(c.roles)}
	for i := range c.roles {
		r := &c.roles[i]
		seat := event.Seat{Role: r.name}
		for j := range v.People {
			switch may, sure := r.takes(v, &v.People[j]); {
			case sure:
				seat.Confirmed = append(seat.Confirmed, v.People[j].ID)
			case may:
				seat.Potential = append(seat.Potential, v.People[j].ID)
			}
		}
		if len(seat.Confirmed)+len(seat.Potential) > 0 {
			out.Covered++
		}
		if len(seat.Confirmed) > 0 {
			out.Confirmed++
		}
		out.Seats = append(out.Seats, seat)
	}
	if out.Covered == 0 {
		return nil
	}
	return &out
}

// committee compiles a question about who takes part.
func (b *builder) committee() Test {
	t := Test{op: opCommittee, committee: b.c.committee(), static: b.remember(), lo: 1, want: b.q.Confirmed != nil && *b.q.Confirmed}
	all := len(t.committee.roles)
	if all == 0 {
		b.bad("", "scoring.yaml names no committee: list its roles there first")
		return Test{}
	}
	if b.q.Confirmed != nil && !*b.q.Confirmed {
		b.bad("confirmed", "a potential member counts anyway; leave confirmed: false out")
	}
	if n := b.q.CommitteeAtLeast; n != nil {
		t.mask, t.lo = uint64(1)<<all-1, *n
		if *n < 1 || *n > int64(all) {
			b.bad("committee_at_least", "the committee has %d roles, so committee_at_least is a number from 1 to %d, not %d", all, all, *n)
		}
		return t
	}
	var known []string
	for i := range t.committee.roles {
		known = append(known, t.committee.roles[i].name)
	}
	t.mask = b.mask("committee", b.q.Committee, known)
	return t
}

// covers counts the roles asked for that are taken.
func (t *Test) covers(f *Frame) bool {
	n := int64(0)
	for i := range t.committee.roles {
		if t.mask>>i&1 == 1 && t.committee.roles[i].taken(f.View, t.want) {
			if n++; n >= t.lo {
				return true
			}
		}
	}
	return false
}

// members says who makes the answer to a question about the committee yes.
func (t *Test) members(f *Frame) (text, person string) {
	var says []string
	for i := range t.committee.roles {
		r := &t.committee.roles[i]
		if t.mask>>i&1 == 0 || !r.taken(f.View, t.want) {
			continue
		}
		best, sure := -1, false
		for j := range f.View.People {
			if may, confirmed := r.takes(f.View, &f.View.People[j]); may && (best < 0 || confirmed && !sure) {
				best, sure = j, confirmed
			}
		}
		p := &f.View.People[best]
		if person == "" {
			person = p.ID
		}
		how := cmp.Or(p.Fields["title"], p.Fields["persona"])
		if sure {
			how = "confirmed"
		}
		says = append(says, r.label+" ("+how+")")
	}
	if t.lo > 1 {
		return fmt.Sprintf("%d of %d roles of the committee: %s", len(says), len(t.committee.roles), strings.Join(says, ", ")), person
	}
	return "of the committee: " + strings.Join(says, ", "), person
}

// committee is compiled once for all questions; scoring.yaml's own reader reports what is wrong with it.
func (c *Compiler) committee() *Committee {
	if c.seats == nil {
		c.seats = CompileCommittee(c.Committee, "", &problem.List{})
	}
	return c.seats
}

// titled reports whether a title of anybody is known.
func titled(v *account.View) bool {
	return slices.ContainsFunc(v.People, func(p account.Person) bool { return p.Fields["title"] != "" })
}
