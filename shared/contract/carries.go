package contract

import (
	"slices"

	"handoff/shared/touch"
)

// Carries is what the contracts of a set can tell, by contract: which kinds of touch they make and which fields they fill.
// Validation of a policy asks whether anything feeds a rule.
type Carries struct {
	Sources []string            // the contracts' names
	Kinds   map[string][]string // by kind of touch
	Open    []string            // contracts that leave the kind to the event
	Person  map[string][]string // by field of a person
	Company map[string][]string // by firmographic
}

// Carries lists it.
func (s *Set) Carries() Carries {
	out := Carries{Kinds: map[string][]string{}, Person: map[string][]string{}, Company: map[string][]string{}}
	for _, c := range s.Contracts() {
		out.Sources = append(out.Sources, c.Name)
		add := func(to map[string][]string, key string) {
			if !slices.Contains(to[key], c.Name) {
				to[key] = append(to[key], c.Name)
			}
		}
		for i := range c.rules {
			r := &c.rules[i]
			if closed := r.kind.eachText(func(k string) { add(out.Kinds, k) }); !closed {
				if !slices.Contains(out.Open, c.Name) {
					out.Open = append(out.Open, c.Name)
				}
				for _, k := range touch.Kinds {
					if k != touch.AccountEnriched { // our own answer, by no tool
						add(out.Kinds, k)
					}
				}
			}
			for _, f := range r.person {
				add(out.Person, f.name)
			}
			for _, f := range r.company {
				add(out.Company, f.name)
			}
		}
	}
	return out
}
