// Package whose says in words how subjects come to be of an account where that is no matter of course: by the company's
// name, by the parent of a subsidiary, or not at all since a name is ambiguous or an id is shared. It decides nothing:
// it tells what the one resolution came to.
package whose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/graph"
	"handoff/shared/subject"
)

// maxSaid bounds how many sentences are made of one account.
const maxSaid = 20

// Of says it of an account, and of the subjects that lead to it, at a time.
func Of(ctx context.Context, r *graph.Reader, root string, members []string, at int64) ([]string, error) {
	if !slices.Contains(members, root) {
		members = append([]string{root}, members...)
	}
	var out []string
	for _, id := range members {
		if subject.KindOf(id) == subject.Name || !subject.Valid(id) {
			continue
		}
		p, err := r.At(ctx, id, at)
		if err != nil {
			return nil, err
		}
		it, err := r.Item(ctx, id)
		if err != nil {
			return nil, err
		}
		said := Match(id, p.Match)
		switch {
		case p.Root != root:
			continue
		case said == "" && it.Links.Shared:
			said = fmt.Sprintf("%s is shared and links nobody: it leads to %s.", id, it.Links.Overrun(id))
		case said == "" && subject.KindOf(id) == subject.CRMAccount && p.Root != id:
			said = namesake(id, p)
		case said == "" && subject.KindOf(id) == subject.Account && p.Root != id:
			said = fmt.Sprintf("%s counts for %s.", id, p.Root)
		}
		if said != "" && !slices.Contains(out, said) {
			out = append(out, said)
		}
		if len(out) == maxSaid {
			return append(out, "And more."), nil
		}
	}
	return out, nil
}

// Match says what came of asking by a company's name; "" where nobody asked.
func Match(id string, m *subject.Match) string {
	if m == nil {
		return ""
	}
	among := strings.Join(m.Among, ", ")
	switch {
	case m.By == subject.ByName:
		return fmt.Sprintf("%s gives no address at a company but its name, %q: only %s carries it.", id, m.Name, m.Account)
	case m.By == subject.ByCountry:
		return fmt.Sprintf("%s gives no address at a company but its name, %q. It is carried by %s; by name and country (%s) it is %s.",
			id, m.Name, among, m.Country, m.Account)
	case m.TooMany:
		return fmt.Sprintf("%s gives no address at a company but its name, %q, which more accounts carry than are counted: it matches no account for sure.", id, m.Name)
	case len(m.Among) == 0:
		return fmt.Sprintf("%s gives no address at a company but its name, %q, which no account carries.", id, m.Name)
	}
	where := "and no country is known"
	if m.Country != "" {
		where = "and not just one of them in its country (" + m.Country + ")"
	}
	return fmt.Sprintf("%s matches no account for sure: the company it names, %q, may be %s, %s.", id, m.Name, strings.Join(m.Among, " or "), where)
}

// namesake says by which name a CRM's account without a domain came to be another.
func namesake(id string, p subject.Place) string {
	for _, step := range p.Path {
		if subject.KindOf(step) == subject.Name {
			return fmt.Sprintf("%s has no domain; it is taken for %s, which carries its name %q.", id, p.Root, subject.KeyOf(step))
		}
	}
	return ""
}
