package touch

import (
	"time"

	"handoff/shared/money"
)

// Touch is the canonical form that every source contract maps to. It is the ledger's row, the body of
// TouchRecorded, and what rules of the policy are matched against.
//
// Everything but RecordedAt, EventID and Contract comes from the payload. Times are UTC, whole milliseconds.
type Touch struct {
	ID         ID        `json:"id"`
	Revision   int       `json:"revision,omitempty"`  // 0 is the first mapping; remap appends higher ones
	Withdrawn  bool      `json:"withdrawn,omitempty"` // a higher revision moved this touch to another key
	Kind       string    `json:"kind"`                // canonical: see kinds.go
	Time       time.Time `json:"time"`                // the event's own time
	Subject    string    `json:"subject"`             // whom the payload names: see package subject
	Links      []string  `json:"links,omitempty"`     // other subjects the payload says Subject is, or belongs to
	Source     string    `json:"source"`              // the source contract's name
	SourceType string    `json:"source_type"`         // the tool's own event type
	ProducerID string    `json:"producer_id"`         // the tool's own event id
	Ordinal    int       `json:"ordinal,omitempty"`

	Person      map[string]string `json:"person,omitempty"`  // register writes: see subject.PersonFields
	Company     map[string]string `json:"company,omitempty"` // firmographics: see account.CompanyFields
	Opportunity *Opportunity      `json:"opportunity,omitempty"`
	Money       *money.Amount     `json:"money,omitempty"`
	Feedback    *Feedback         `json:"feedback,omitempty"` // a tool's answer to a handoff of ours

	Channel  string         `json:"channel,omitempty"` // direct, organic_search, paid_search, paid_social, email, …
	Campaign string         `json:"campaign,omitempty"`
	URL      string         `json:"url,omitempty"`
	Props    map[string]any `json:"props,omitempty"` // scalars only: string, bool, json number
	Test     bool           `json:"test,omitempty"`  // a test lead: recorded, never acted on

	RecordedAt time.Time `json:"recorded_at"`
	EventID    string    `json:"event_id"` // envelope id of the delivery that recorded it first; evidence, not identity
	Contract   string    `json:"contract"` // name@version
	Digest     string    `json:"digest"`   // of the payload less its volatile fields: hex, 32 characters
}

// Opportunity carries what a touch says of a deal. Empty fields say nothing.
type Opportunity struct {
	ID        string        `json:"id,omitempty"` // a subject of kind opportunity; none where only the invoice is known
	Name      string        `json:"name,omitempty"`
	Stage     string        `json:"stage,omitempty"`
	Status    string        `json:"status,omitempty"` // open, won, lost
	Type      string        `json:"type,omitempty"`   // new, expansion, renewal
	Amount    *money.Amount `json:"amount,omitempty"`
	CloseDate string        `json:"close_date,omitempty"` // YYYY-MM-DD
	Owner     string        `json:"owner,omitempty"`
	Invoice   string        `json:"invoice,omitempty"` // the billing document that pays it
	Sequence  int64         `json:"sequence,omitempty"`
	// Answers to what a checklist asks: see account.DealFields.
	Answers map[string]string `json:"answers,omitempty"`
}

// Feedback names the handoff it answers. Either Handoff, or account (the touch's subject) and Play.
type Feedback struct {
	Handoff string `json:"handoff,omitempty"`
	Play    string `json:"play,omitempty"`
	Rep     string `json:"rep,omitempty"`
	Reason  string `json:"reason,omitempty"`
}
