// Package condition is the one language in which policies ask about an account: plain words in YAML, compiled once
// into tests over facts. Scoring rules, playbooks, stages of a funnel and plays all ask in it. What it asks about
// touches compiles to patterns of the bus's own language; a raw pattern is there for the rest.
//
// A test is a pure function of facts, people, deals and the hour of evaluation, and knows the next hour at which its
// answer changes though nothing new happens.
package condition

import (
	"handoff/shared/span"
)

// Condition is one question, as written in YAML. Exactly one of the questions is asked; modifiers narrow it.
//
// Windows include their edge: a touch exactly seven days old is within 7d, and one is older than 7d only after that.
// A field that nobody has told us answers no to every question but known: false.
type Condition struct {
	// Several questions in one.
	All []Condition `yaml:"all" json:"all,omitempty"`
	Any []Condition `yaml:"any" json:"any,omitempty"` // at_least: 2 asks for two of them
	Not *Condition  `yaml:"not" json:"not,omitempty"`

	// Did touches of one of these kinds happen, at least so often? pattern narrows them, or stands alone.
	Touch   []string       `yaml:"touch" json:"touch,omitempty"`
	Pattern map[string]any `yaml:"pattern" json:"pattern,omitempty"`

	// Was a milestone reached, and later than these others were last reached?
	Reached   string   `yaml:"reached" json:"reached,omitempty"`
	LaterThan []string `yaml:"later_than" json:"later_than,omitempty"`

	// Narrow touch and reached by the age of what happened last; with at_least, of the n-th last.
	Within    span.Span `yaml:"within" json:"within,omitempty"`
	OlderThan span.Span `yaml:"older_than" json:"older_than,omitempty"`

	// What does a field of the company, or of one of its people, say? Write person.country or company.country where
	// both have it.
	Field        string    `yaml:"field" json:"field,omitempty"`
	Is           []string  `yaml:"is" json:"is,omitempty"`                 // one of these, whatever the case
	IsNot        []string  `yaml:"is_not" json:"is_not,omitempty"`         // known, and none of these
	HasAnyOf     []string  `yaml:"has_any_of" json:"has_any_of,omitempty"` // words: cto is not in director
	Known        *bool     `yaml:"known" json:"known,omitempty"`
	MoreThan     *int64    `yaml:"more_than" json:"more_than,omitempty"`
	LessThan     *int64    `yaml:"less_than" json:"less_than,omitempty"`
	AtLeast      *int64    `yaml:"at_least" json:"at_least,omitempty"`     // of a number; for touches: how often; of a checklist, or of any
	AtMost       *int64    `yaml:"at_most" json:"at_most,omitempty"`       // of a number; in a scoring rule on touches: times counted
	DueWithin    span.Span `yaml:"due_within" json:"due_within,omitempty"` // of a date: it comes this soon, and is not past
	ButNotWithin span.Span `yaml:"but_not_within" json:"but_not_within,omitempty"`

	// Has there been no sign of life (see activity in funnels.yaml) for so long?
	NoTouchFor span.Span `yaml:"no_touch_for" json:"no_touch_for,omitempty"`

	// Did the number of active days fall by so many percent, comparing the last over days with those before? at_least
	// says how many active days the earlier period must have had.
	UsageFellBy int `yaml:"usage_fell_by" json:"usage_fell_by,omitempty"`
	// Was the product used on at least so many of the last over days, today left out?
	ActiveDays int       `yaml:"active_days" json:"active_days,omitempty"`
	Over       span.Span `yaml:"over" json:"over,omitempty"`

	// Is there a deal in one of these states (open, won, lost), of one of these types (new, expansion, renewal)?
	Deal     []string `yaml:"deal" json:"deal,omitempty"`
	DealType []string `yaml:"deal_type" json:"deal_type,omitempty"`

	// Is a role of the buying committee (see scoring.yaml) taken, one of these, or so many of all? By a title or, with
	// confirmed: true, by what the CRM says.
	Committee        []string `yaml:"committee" json:"committee,omitempty"`
	CommitteeAtLeast *int64   `yaml:"committee_at_least" json:"committee_at_least,omitempty"`
	Confirmed        *bool    `yaml:"confirmed" json:"confirmed,omitempty"`
	// Does an open deal answer this checklist (see scoring.yaml), at_least so many of its fields?
	Checklist string `yaml:"checklist" json:"checklist,omitempty"`

	// What has been made of the account so far?
	Customer        *bool    `yaml:"customer" json:"customer,omitempty"`
	Signal          []string `yaml:"signal" json:"signal,omitempty"` // names of signals (see scoring.yaml), or any
	Band            []string `yaml:"band" json:"band,omitempty"`
	Quadrant        []string `yaml:"quadrant" json:"quadrant,omitempty"`
	ScoreAtLeast    *int64   `yaml:"score_at_least" json:"score_at_least,omitempty"`
	FitAtLeast      *int64   `yaml:"fit_at_least" json:"fit_at_least,omitempty"`
	InterestAtLeast *int64   `yaml:"interest_at_least" json:"interest_at_least,omitempty"`
	PQL             []string `yaml:"pql" json:"pql,omitempty"` // names of playbooks, or any
	Motion          []string `yaml:"motion" json:"motion,omitempty"`
	Stage           []string `yaml:"stage" json:"stage,omitempty"`
	Funnel          string   `yaml:"funnel" json:"funnel,omitempty"` // of stage and stage_overdue; the first active one unless told
	// Has it stood at its stage for longer than the stage's sla?
	StageOverdue *bool `yaml:"stage_overdue" json:"stage_overdue,omitempty"`
}

// Counted reports whether the question is about touches, so that a scoring rule may count them.
func (c *Condition) Counted() bool { return len(c.Touch) > 0 || len(c.Pattern) > 0 }

// Scope says which of the things made of an account so far a condition may ask about; what is decided later cannot be
// asked about earlier.
type Scope int

// Scopes, each with all before it.
const (
	OfFacts   Scope = iota // facts, fields, deals
	OfMembers              // and whether it is a customer
	OfSignals              // and signals
	OfScores               // and score, band, quadrant, playbooks, motion
	OfStages               // and stages, and whether they are overdue
)

// Limits of what can be asked.
const (
	MaxKept  = 16  // elements kept for one question about touches
	MaxOver  = 60  // days: two periods must fit into the bitmap of active days
	MaxNames = 63  // bands, playbooks, plays, stages of one funnel
	MaxText  = 200 // words in one list
)
