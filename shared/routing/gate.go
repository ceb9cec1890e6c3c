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
)

// Overridable are the gates that a play may pass by `despite`: a renewal play is for customers, and one about a champion
// who left begins with a bounce. The others protect people, and no play passes them.
var Overridable = []string{GateCustomer, GateOpenOpportunity, GateBounced}

// GateState is what is true of an account and a person at the moment of acting.
type GateState struct {
	Unsubscribed     bool
	Bounced          bool
	ConsentWithdrawn bool
	Competitor       bool
	OpenOpportunity  bool
	Customer         bool
	Test             bool
	// Forward is the account it now belongs to, "" where it stands for itself.
	Forward string
	// Owner is the CRM's owner of the account now, "" if none is known.
	Owner string
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
