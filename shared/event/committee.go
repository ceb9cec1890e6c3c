package event

import (
	"fmt"
	"strings"
)

// Committee is which roles of a purchase are taken by the account's latest active people.
type Committee struct {
	Covered   int    `json:"covered"`   // roles that somebody takes, for all that is known
	Confirmed int    `json:"confirmed"` // of these, the ones that the CRM confirms
	Of        int    `json:"of"`
	Seats     []Seat `json:"seats"` // every role, in the policy's order
}

// Seat is one role and who takes it: persons, by their subject.
type Seat struct {
	Role      string   `json:"role"`
	Confirmed []string `json:"confirmed,omitempty"`
	Potential []string `json:"potential,omitempty"` // by their titles
}

// Missing are the roles that nobody takes.
func (c *Committee) Missing() []string {
	var out []string
	for _, s := range c.Seats {
		if len(s.Confirmed)+len(s.Potential) == 0 {
			out = append(out, s.Role)
		}
	}
	return out
}

// String says it in a line: "4 of 6 roles, 1 confirmed: legal and finance missing".
func (c *Committee) String() string {
	s := fmt.Sprintf("%d of %d roles, %d confirmed", c.Covered, c.Of, c.Confirmed)
	return s + missing(c.Missing())
}

// Checklist is how far an open deal answers a list of what should be asked.
type Checklist struct {
	Name     string   `json:"name"`
	Deal     string   `json:"deal"` // a subject of kind opportunity
	Answered int      `json:"answered"`
	Of       int      `json:"of"`
	Missing  []string `json:"missing,omitempty"` // fields of the deal
}

// String says it in a line: "meddic 4 of 6: decision process and champion missing".
func (c *Checklist) String() string {
	return fmt.Sprintf("%s %d of %d", c.Name, c.Answered, c.Of) + missing(c.Missing)
}

func missing(names []string) string {
	if len(names) == 0 {
		return ""
	}
	last := len(names) - 1
	text := names[last]
	if last > 0 {
		text = strings.Join(names[:last], ", ") + " and " + text
	}
	return ": " + strings.ReplaceAll(text, "_", " ") + " missing"
}
