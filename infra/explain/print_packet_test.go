package explain_test

import (
	"strings"
	"testing"

	"handoff/infra/explain"
	"handoff/shared/event"
)

// Who has a name comes first, and whoever has none is told by what is known; each open question stands once, under whose
// it is: the economic buyer is a role that nobody fills and an answer of meddic, too.
func TestBriefTellsEachOnce(t *testing.T) {
	a := &explain.Answer{Account: "account:initech.com", Decisions: []explain.Decision{{Decision: event.Decision{Play: "kick_off", Packet: &event.Packet{
		People: []event.PacketPerson{
			{ID: "contact:salesforce/003X"},
			{ID: "email:bob@initech.com", Email: "bob@initech.com"},
			{ID: "email:ann@initech.com", Name: "Ann Lee", Potential: []string{"champion"}},
		},
		Lists: []event.Checklist{{Name: "meddic", Of: 3, Missing: []string{"economic_buyer", "decision_process", "champion"}}, {Name: "bant", Of: 1, Missing: []string{"budget"}}},
		Open:  []string{"who is the economic buyer contact", "who is the legal contact", "economic buyer", "decision process", "champion", "budget", "renewal date"},
	}}}}}
	var b strings.Builder
	if found, err := a.Brief(&b); !found || err != nil {
		t.Fatal(found, err)
	}
	for _, want := range []string{`Who is who:
- Ann Lee: champion by the title
- bob@initech.com
- somebody whose name is not known, in the CRM as lead or contact
  salesforce/003X
`, `Nobody knows yet:
- roles of the buying committee: economic buyer, legal
- answers of meddic: decision process, champion (Ann Lee by the title, not
  confirmed)
- answers of bant: budget
- of the company: renewal date
`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say:\n%s\nbut:\n%s", want, b.String())
		}
	}
}
