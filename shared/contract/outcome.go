package contract

import (
	"handoff/shared/event"
	"handoff/shared/touch"
)

// Codes of a Failure. The operator groups quarantine by them.
const (
	UnknownSource = "unknown_source" // no contract recognises the event
	Ambiguous     = "ambiguous"      // two contracts do
	Malformed     = "malformed"      // the detail is not a JSON object
	Schema        = "schema"         // a field is missing, or not what the contract says
	Incomplete    = "incomplete"     // the tool sent a notice without the data, or something that only a person can do
	NoID          = "no_id"          // nothing that identifies the event
	NoTime        = "no_time"        // nothing that says when it happened
	FutureTime    = "future_time"    // more than 24 hours ahead of the envelope's time
	NoSubject     = "no_subject"     // nobody whom it concerns
	IDReused      = "id_reused"      // set by ingest: the id stands in the ledger with another content
)

// Codes lists them all.
var Codes = []string{UnknownSource, Ambiguous, Malformed, Schema, Incomplete, NoID, NoTime, FutureTime, NoSubject, IDReused}

// Failure says why an event is in quarantine: which field of which contract, and whose it is to mend.
type Failure struct {
	Code     string `json:"code"`
	Field    string `json:"field,omitempty"` // path in the detail, as the contract writes it
	Reason   string `json:"reason"`          // a sentence
	Contract string `json:"contract,omitempty"`
	Owner    string `json:"owner,omitempty"`
}

// Outcome is what one record of an event makes: exactly one of Touches (one or more), Ignored and Failure.
type Outcome struct {
	// Event is what to keep of it. Where a contract splits an array, it is the envelope with that one record as its
	// detail, which reads the same by itself; else the event as it came.
	Event    *event.Envelope
	Contract string // name@version; empty if no contract recognised it
	Owner    string // the team that the contract names
	Touches  []touch.Touch
	Ignored  string // the contract's own reason
	Failure  *Failure
}
