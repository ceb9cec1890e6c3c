package account

import (
	"time"

	"handoff/shared/money"
)

// View is all that an evaluation may look at. People and deals are read from their own items and joined here, at
// evaluation, never at fold: a title that changes re-evaluates and needs no refold.
type View struct {
	Account string // the root subject
	Facts   *Facts
	People  []Person // the latest active first
	Deals   []Deal
	Moves   []Move    // of its people, from it or to it
	AsOf    time.Time // whole hours, UTC
}

// Move is a person of the account who has come from another company, or gone to one. It is made anew of the links at
// every evaluation, so that a link which comes late, or is undone, needs no correction, and is a touch to the rules of
// the policy (champion_left, champion_arrived): Element is the touch that told of the new company.
type Move struct {
	Person string // as known there
	Left   bool
	Other  string // the other account
	Element
}

// Person is one member of the account with the registers of the person's item.
type Person struct {
	ID     string            // the person's root subject: email:ann@initech.com
	Fields map[string]string // see PersonFields
}

// PersonFields are the registers of a person that rules may read. role is the part that the CRM, or who met the person,
// says they take in a purchase, and role_deal the deal it is said of, a subject; none where it is said of no deal.
var PersonFields = []string{
	"name", "email", "title", "phone", "country", "city", "persona", "role", "company", "time_zone", "linkedin", "owner",
	"consent", "unsubscribed", "bounced", "test", "status", "lead_source", "role_deal",
}

// Deal is an opportunity by its latest registers.
type Deal struct {
	ID      string
	Name    string
	Status  string // open, won, lost
	Stage   string
	Type    string // new, expansion, renewal
	Owner   string
	Amount  money.Amount
	Created time.Time         // earliest touch of the deal
	Closed  time.Time         // when it reached won or lost, zero while open
	Answers map[string]string // what sales has found out, by DealFields; nil while nothing
}

// DealFields are the answers about a deal that a CRM may give: what the checklists MEDDIC, MEDDPICC and BANT ask for.
var DealFields = []string{
	"metrics", "economic_buyer", "decision_criteria", "decision_process", "paper_process", "identify_pain", "champion", "competition",
	"budget", "authority", "need", "timeline",
}

// IsDealField reports whether a register of a deal is one of DealFields.
func IsDealField(name string) bool { return dealFields[name] }

var dealFields = func() map[string]bool {
	m := make(map[string]bool, len(DealFields))
	for _, f := range DealFields {
		m[f] = true
	}
	return m
}()
