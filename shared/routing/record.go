package routing

import (
	"time"

	"handoff/shared/event"
)

// Outcomes of a decision, as the ledger's handoff rows name them. Gated is followed by the gate.
const (
	Offered     = "offered"
	EnrolledIn  = "enrolled"
	Observed    = "observed"
	Held        = "held"
	Stale       = "stale"
	OffBand     = "band"
	Paused      = "paused"
	Broken      = "breaker"
	AlreadyOpen = "already_open"
	Cooling     = "cooling"
	Capped      = "capped"
	UnknownPlay = "unknown_play"
)

// Outcomes of what comes after: an answer of the team's tools, or of the clock. An answer that is taken has its touch's
// kind less the "handoff_": accepted, rejected, first_outreach, completed, received.
const (
	Reminded  = "reminded"
	Escalated = "escalated"
	Repeated  = "repeated"  // said before
	Early     = "early"     // names a play of which no handoff is known yet: kept for a week
	TooLate   = "late"      // the handoff was closed or replaced before
	Unmatched = "unmatched" // names no handoff that we know
)

// End is why a handoff was recycled on our side, not by an answer. Taken over and joined are no failure: another handoff
// of the account goes on in its stead.
type End string

// The ends.
const (
	EndUnreached  End = "unreached"  // nobody reached out in time
	EndUnfinished End = "unfinished" // nobody finished it in time after the first outreach
	EndUnworkable End = "unworkable" // it may no longer be worked
	EndTakenOver  End = "taken_over" // by another play's handoff
	EndJoined     End = "joined"     // its account was joined with another, whose handoff keeps the place
)

// Record is the body of the ledger's handoff rows: why something was done, or nothing, for explain.
type Record struct {
	Handoff  string `json:"handoff,omitempty"`
	Decision string `json:"decision,omitempty"`
	Account  string `json:"account"`
	Person   string `json:"person,omitempty"`
	Funnel   string `json:"funnel,omitempty"`
	Play     string `json:"play,omitempty"`
	Mode     Mode   `json:"mode,omitempty"` // in force when it was decided to act or not
	Outcome  string `json:"outcome"`
	Reason   string `json:"reason"` // one sentence
	// Stops are all things that stood against acting, the one that gave the outcome first.
	Stops  []Stop  `json:"stops,omitempty"`
	Choice *Choice `json:"choice,omitempty"` // who would take it or took it, and who was passed over
	// Open are the account's other handoffs that were open then, where the decision brings a packet.
	Open   []event.PacketHandoff `json:"open,omitempty"`
	State  State                 `json:"state,omitempty"` // of the handoff after this
	End    End                   `json:"end,omitempty"`   // why it was recycled, where no answer said so
	DueAt  time.Time             `json:"due_at,omitzero"`
	Touch  string                `json:"touch,omitempty"` // the answer's touch id
	By     string                `json:"by,omitempty"`    // who answered, or whom a reminder addresses
	Policy event.PolicyRef       `json:"policy,omitzero"` // in force when route acted; the decision's own is in its evaluation
	At     time.Time             `json:"at"`
}
