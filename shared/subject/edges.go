package subject

import (
	"slices"

	"handoff/shared/touch"
)

// Edge is one link that a touch states: From is, or belongs to, To.
type Edge struct{ From, To string }

// Edges derives the links a touch states from the ids it names, and from nothing else. Among the persons named, every
// weaker id leads to the strongest (a device to a user id, a user id to an e-mail address); among companies
// likewise; the strongest person, or the deal, leads to the strongest company.
func Edges(t *touch.Touch) []Edge {
	if len(t.Links) == 0 {
		return nil
	}
	person, company := "", ""
	for _, id := range Named(t) {
		switch {
		case IsCompany(id):
			company = stronger(company, id)
		case KindOf(id) != Opportunity:
			person = stronger(person, id)
		}
	}
	var out []Edge
	for _, id := range Named(t) {
		switch {
		case id == person || id == company:
		case IsCompany(id):
			out = append(out, Edge{id, company})
		case KindOf(id) != Opportunity:
			out = append(out, Edge{id, person})
		case company != "":
			out = append(out, Edge{id, company})
		case person != "":
			out = append(out, Edge{id, person})
		}
	}
	if person != "" && company != "" && KindOf(t.Subject) != Opportunity {
		out = append(out, Edge{person, company})
	}
	return append(out, attributes(t, person, company)...)
}

// attributes derives what a touch says of its subject: its company's name, its country, its parent. An account carries a
// name; a person, or an account of which the touch names no domain, asks by it.
func attributes(t *touch.Touch, person, company string) []Edge {
	var out, named []Edge // where it is comes first: it decides between accounts of one name
	account := KindOf(t.Subject) == CRMAccount || KindOf(t.Subject) == Account
	for _, target := range t.Links {
		switch kind := KindOf(target); {
		case !attribute(kind) || KeyOf(target) == "":
		case account && kind == Name:
			if named = append(named, Edge{target, t.Subject}); KindOf(company) == CRMAccount {
				named = append(named, Edge{t.Subject, target})
			}
		case account && kind == Country:
			out = append(out, Edge{t.Subject, target})
		case account && kind == Parent && company != KeyOf(target) && IsCompany(KeyOf(target)):
			out = append(out, Edge{company, target})
		case person == "" || company != "" || KindOf(t.Subject) == Opportunity:
		case kind == Country:
			out = append(out, Edge{person, target})
		case kind == Name:
			named = append(named, Edge{person, target})
		}
	}
	return append(out, named...)
}

// Named lists the subjects a touch names, the first being its own, without repeats and without invalid ones.
func Named(t *touch.Touch) []string {
	out := make([]string, 0, 1+len(t.Links))
next:
	for i := -1; i < len(t.Links); i++ {
		id := t.Subject
		if i >= 0 {
			id = t.Links[i]
		}
		if !Valid(id) || KindOf(id) == Name {
			continue // a name is nobody
		}
		for _, have := range out {
			if have == id {
				continue next
			}
		}
		out = append(out, id)
	}
	return out
}

// StrongestPerson is the person a touch's registers are about, "" if it names none but those who are parted from its
// subject (see Heard).
func StrongestPerson(t *touch.Touch, parted ...string) string {
	best := ""
	for _, id := range Named(t) {
		if (IsPerson(id) || KindOf(id) == Anonymous) && !slices.Contains(parted, id) {
			best = stronger(best, id)
		}
	}
	return best
}

// stronger keeps the id of the higher rank, the earlier of equals.
func stronger(have, id string) string {
	if have == "" || rank[KindOf(id)] > rank[KindOf(have)] {
		return id
	}
	return have
}
