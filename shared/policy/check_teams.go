package policy

import (
	"fmt"
	"slices"
	"strings"
)

// named checks names in teams and plays that nothing holds to a list: whom they escalate to, and countries.
func (c *checker) named() {
	teams := &c.p.Teams
	var known []string // who can be told without an address: members and queues
	for i := range teams.Teams {
		known = append(known, teams.Teams[i].CatchAll)
		for _, m := range teams.Teams[i].Members {
			known = append(known, m.Name, m.CRM)
		}
	}
	for i := range teams.Teams {
		t, path := &teams.Teams[i], fmt.Sprintf("$.teams[%d]", i)
		c.told("teams.yaml", path, "team "+t.Name, t.EscalateTo, known)
		for j := range t.Territories {
			c.countries(t.Name, t.Territories[j].Name, fmt.Sprintf("%s.territories[%d]", path, j), t.Territories[j].Countries)
		}
	}
	for i := range c.p.Plays {
		p := &c.p.Plays[i]
		c.told("plays.yaml", fmt.Sprintf("$.plays[%d]", i), "play "+p.Name, p.EscalateTo, known)
	}
}

// told reports whom an escalation would not reach.
func (c *checker) told(file, path, who string, to, known []string) {
	for j, name := range to {
		name = strings.TrimSpace(name)
		if name == "" || strings.Contains(name, "@") || slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) }) {
			continue
		}
		c.add(Warning, file, fmt.Sprintf("%s.escalate_to[%d]", path, j),
			"%s escalates to %q, which is no e-mail address and neither a member nor a catch_all of teams.yaml; write an address, such as manager@vendor.example", who, name)
	}
}

// countries reports countries that no tool is likely to write so.
func (c *checker) countries(team, territory, path string, names []string) {
	if c.w.Country == nil {
		return
	}
	for j, name := range names {
		known, near := c.w.Country(name)
		if known {
			continue
		}
		do := near
		if do == "" {
			do = "; write it as accounts have it, such as DE or Germany"
		}
		c.add(Warning, "teams.yaml", fmt.Sprintf("%s.countries[%d]", path, j),
			"team %s: the territory %s claims %q, which is neither a code nor a name of a country%s", team, territory, name, do)
	}
}
