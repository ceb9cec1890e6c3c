// Package account is what is known of an account: facts, a bounded join-semilattice of touches, and told, the memory
// of what was decided and is still to be published. Facts are equal whatever the order and number of deliveries;
// told is not part of that comparison.
package account

import (
	"slices"

	"handoff/shared/money"
	"handoff/shared/touch"
)

// Element is a touch as facts keep it. Elements are immutable and totally ordered by (Time, ID).
type Element struct {
	Time int64 // unix milliseconds
	ID   touch.ID
}

// Register is a field whose last write by (Time, ID) wins. Only items that are never evicted hold registers.
type Register struct {
	Value string
	Element
}

// Active is a subject and the last day it was seen on. Keeping the K latest of them is a join: a subject's rank is its
// own maximum, so one that fell out can only return by a later day.
type Active struct {
	ID  string
	Day int32 // days since 1970-01-01 UTC
}

// Bought is a conversion the account keeps in view: invoices when billing is canonical, won deals otherwise.
type Bought struct {
	ID     string // conversion id
	Amount money.Amount
	Element
}

// Limits of the facts.
const (
	MaxPeople        = 8
	MaxOpportunities = 8
	MaxInvoices      = 8
	MaxConversions   = 8
	MaxDays          = 128 // of the active-day bitmap, counted back from the latest
)

// Facts is what an account's touches add up to.
type Facts struct {
	Rules         map[string][]Element // per rule of the fold policy: the latest K, newest first
	First         map[string]Element   // per milestone: the earliest
	Last          map[string]Element   // per milestone: the latest
	Days          Days                 // days with product usage
	Company       map[string]Register  // firmographics, by CompanyFields: what is said of the account itself
	Below         map[string]Register  // likewise, of companies that count for it: see subject.Place
	People        []Active             // the latest active people, newest first, then by id
	Opportunities []Active             // likewise the deals
	Invoices      []Active             // and what was billed: apart, so that bills cannot crowd an open deal out
	LastDay       int32                // the latest day with a touch of any kind, days since 1970; 0: none
}

// Holds reports whether an element is among those that rules and milestones keep.
func (f *Facts) Holds(el Element) bool {
	for _, els := range f.Rules {
		if slices.Contains(els, el) {
			return true
		}
	}
	for _, marks := range []map[string]Element{f.First, f.Last} {
		for _, have := range marks {
			if have == el {
				return true
			}
		}
	}
	return false
}

// CompanyFields are the firmographics that rules may read.
var CompanyFields = []string{
	"name", "domain", "industry", "employees", "country", "region", "revenue", "technologies", "owner", "type",
	"competitor", "use_case", "parent", "renewal_date", "crm_id",
}

// Memory says what facts keep of a touch. The policy compiles one; Hash changes with anything that would make facts
// differ, and then only a refold brings old facts up to it.
type Memory interface {
	Hash() string
	// Match appends to dst what to keep of t. It must not depend on anything but t.
	Match(t *touch.Touch, dst []Keep) []Keep
}

// Keep is one thing to remember of a touch: an element of a rule's latest K, or a milestone's first and last.
type Keep struct {
	Name      string
	K         int // for a rule: how many to keep; 0 for a milestone
	Milestone bool
	Usage     bool // counts towards the active days
}
