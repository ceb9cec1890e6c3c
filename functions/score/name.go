package score

import "handoff/shared/account"

// DecisionID is how score calls the decision for a play of an account that holds by newest: handoffs, and the answers to
// them, are called by it.
func DecisionID(account string, p Held, newest account.Element) string {
	return decisionID(account, p, newest)
}
