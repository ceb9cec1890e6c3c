package routing

import "slices"

// Gates, by the name that a policy, a ledger row and explain use. They beat any score.
const (
	GateTest            = "test"              // a test lead
	GateConsent         = "consent_withdrawn" // the person withdrew consent
	GateUnsubscribed    = "unsubscribed"
	GateBounced         = "bounced"
	GateCompetitor      = "competitor"
	GateOpenOpportunity = "open_opportunity"
	GateCustomer        = "customer"
	GateImpersonal      = "impersonal"   // signals of a company alone, of a play that writes to a person
	GateManyIDs         = "too_many_ids" // more ids lead to the person than can be asked before acting
)

// Overridable are the gates that a play may pass by `despite`: a renewal play is for customers, and one about a champion
// who left begins with a bounce. Who unsubscribed from our mail and then asks to be called is called, and told apart:
// only a hand-raise may pass that gate, and no sequence does. The others protect people, and no play passes them.
var Overridable = []string{GateCustomer, GateOpenOpportunity, GateBounced, GateUnsubscribed}

// AnswerOnly is what a rep is told of somebody who asked in spite of being out of our mail.
const AnswerOnly = "Unsubscribed from marketing mail: answer the request only."

// GateState is what is true of an account and a person at the moment of acting.
type GateState struct {
	Unsubscribed     bool
	Bounced          bool
	ConsentWithdrawn bool
	Competitor       bool
	OpenOpportunity  bool
	Customer         bool
	Test             bool
	TooMany          bool
	// Consented is the person's last word on consent where it is yes, zero where it is no or there is none.
	Consented Spoken
	// Person is the strongest id of the person now, Known all ids that are this person, Elsewhere the accounts besides
	// this one that they belonged to of late: contacts made there count for the same person.
	Person    string
	Known     []string
	Elsewhere []string
	// Forward is the account it now belongs to, "" where it stands for itself.
	Forward string
	// Owner is the CRM's owner of the account now, DealOwner that of its latest open opportunity; "" if none is known.
	Owner     string
	DealOwner string
	// Former are subjects that now lead to this account and may hold handoffs from when they stood alone: a person
	// who was an account of one. Their slots join the account's before anything new is opened.
	Former []string
}

// Closed lists the gates that stop a play, in the order in which they are told.
func (g *GateState) Closed(despite []string) []Stop {
	var out []Stop
	for _, c := range [...]struct {
		shut      bool
		name, why string
	}{
		{g.Test, GateTest, "this is a test lead"},
		{g.TooMany, GateManyIDs, "more ids lead to the person than can be asked for an opt-out"},
		{g.ConsentWithdrawn, GateConsent, "consent was withdrawn"},
		{g.Unsubscribed, GateUnsubscribed, "the person unsubscribed"},
		{g.Bounced, GateBounced, "the person's e-mail bounced"},
		{g.Competitor, GateCompetitor, "the account is a competitor"},
		{g.OpenOpportunity, GateOpenOpportunity, "sales already works on an open opportunity"},
		{g.Customer, GateCustomer, "the account is a customer already"},
	} {
		if c.shut && !slices.Contains(despite, c.name) {
			out = append(out, Stop{Outcome: Gated + c.name, Why: c.why})
		}
	}
	return out
}
