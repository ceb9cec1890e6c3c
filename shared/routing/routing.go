// Package routing decides who is to reach out to an account, by when, and what becomes of it: plays and teams as the
// policy has them, the choice of an owner, working-time deadlines, and the slots in which an account's handoffs stand.
// It is pure: no clock, no store.
package routing

import (
	_ "time/tzdata" // a Lambda image need not hold the time zones; a deadline must not depend on that
)

// Stop is one thing that keeps a play from acting.
type Stop struct {
	Outcome string `json:"outcome"` // see the outcomes
	Why     string `json:"why"`     // half a sentence, for people
}

// Gated begins the outcome of a decision that a hard gate stopped: gated:competitor.
const Gated = "gated:"
