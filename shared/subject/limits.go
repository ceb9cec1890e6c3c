package subject

import "fmt"

// Limit is how many different subjects of a kind one subject may lead to.
type Limit struct {
	Most int
	Why  string // said where there are more
}

// limits are by what leads where. What leads to more is a kiosk, a test account or a constant that somebody sends as an
// id: it is shared, and links nobody. A name that more accounts carry says nothing of which one is meant.
var limits = struct{ alias, persons, employers, companies, names, others Limit }{
	alias:     Limit{1, "a person has one user id; one that is said to be several others is no person's"},
	persons:   Limit{5, "a device is handed on and people have several addresses, but hardly more than five"},
	employers: Limit{16, "people change jobs and consultants work for many, but hardly for more than sixteen"},
	companies: Limit{5, "a company changes its domain or is merged, but hardly more than five times"},
	names:     Limit{8, "a name that more than eight share is a common word"},
	others:    Limit{16, "what is said to be that many is none of them"},
}

// LimitOf is the limit of targets of a kind, for a subject given by its id.
func LimitOf(of, kind string) Limit {
	from := KindOf(of)
	switch {
	case kind == Country:
		return Limit{Most: 1 << 10} // there are no more of them
	case from == Name || kind == Name:
		return limits.names
	case kind == Parent || isStated(kind+":") && IsCompany(of):
		return limits.companies
	case isStated(kind + ":"):
		return limits.employers
	case kind == User && from == User:
		return limits.alias
	case IsIndividual(kind + ":"):
		return limits.persons
	}
	return limits.others
}

// Overrun says which limit a shared subject is over, in words; "" where it is over none, or no longer known.
func (ls *Links) Overrun(of string) string {
	for _, kind := range []string{User, Customer, Contact, Email, Group, CRMAccount, Account} {
		if l := LimitOf(of, kind); ls.Crowded(of, kind) {
			return fmt.Sprintf("more than %d ids of kind %s: %s", l.Most, kind, l.Why)
		}
	}
	return ""
}
