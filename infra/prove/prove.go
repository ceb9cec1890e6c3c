// Package prove shows that the pipeline keeps its promises on the data that is there: that no accepted event was lost,
// that money is whole, and that folding the ledger again gives the accounts that stand.
//
// Every hop is proved by evidence rather than by counters. An accepted event must have left the rows that the contracts
// name; a touch must be inside its account's facts, which is so exactly when joining it again changes nothing; a decision
// must have the row that says what was done or why nothing was; a conversion must have the credits of its newest
// revision. What has no evidence must stand in a queue, in a dead-letter queue, or in an item as work still owed. The
// rest is unaccounted for, by id.
package prove

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/infra/stack"
)

// Classes of what was found, the names of the terms.
const (
	Recorded    = "recorded"
	Duplicate   = "duplicates"
	Ignored     = "ignored"
	Quarantined = "quarantined"
	Dead        = "dead-lettered"
	InFlight    = "in flight"
	Unaccounted = "unaccounted"
	// Undecided is what has no evidence while queues hold messages that nobody can look into, as SQS's do.
	Undecided = "in flight or lost"

	Absorbed   = "absorbed"
	Spend      = "spend, for the reports"
	Superseded = "replaced by a later revision"
	Kept       = "an operator's, done"
	Refold     = "awaiting a refold"
	Acted      = "acted on"
	Stopped    = "stopped, with the reason"
	Credited   = "credited"
)

// Classes are those of events, in the order of the sum.
var Classes = []string{Recorded, Duplicate, Ignored, Quarantined, Dead, InFlight, Unaccounted}

// Conservation is the proof of P1 and P4.
type Conservation struct {
	Events      Hop     `json:"events"`      // accepted events = what became of them
	Made        int     `json:"made"`        // touches that the recorded events made: one event can make none or many
	Touches     Hop     `json:"touches"`     // the ledger's touches = those inside facts and the rest
	Decisions   Hop     `json:"decisions"`   // = acted on, or stopped with a reason
	Conversions Hop     `json:"conversions"` // told by accounts = credited
	Money       []Money `json:"money"`       // by currency and model
	// Untold says, a sentence each, what the proof could not see. On one machine it sees everything.
	Untold []string `json:"untold,omitempty"`
}

// Hop is one sum: Total is the sum of its Terms.
type Hop struct {
	Total int    `json:"total"`
	Terms []Term `json:"terms"`
	Lost  []Item `json:"unaccounted"` // the first MaxLost
	Open  []Item `json:"undecided,omitempty"`
}

// MaxLost bounds how many of the unaccounted a Hop lists; their count is in the terms.
const MaxLost = 1000

// Term is one summand, with what it is made of where that is known: codes of quarantine, reasons of stops.
type Term struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Of    []Term `json:"of,omitempty"`
}

// Item is one thing by id.
type Item struct {
	ID      string    `json:"id"`               // of the envelope, touch, decision or conversion
	Time    time.Time `json:"time"`             // its own
	Source  string    `json:"source,omitempty"` // of an event
	Kind    string    `json:"kind"`             // detail type, kind of touch, play, type of conversion
	Subject string    `json:"subject,omitempty"`
	Why     string    `json:"why,omitempty"`
}

// Money is P4 for one currency and model, in minor units: Revenue = Credits + Unattributed + Difference.
type Money struct {
	Currency     string   `json:"currency"`
	Model        string   `json:"model"`
	Revenue      int64    `json:"revenue"`
	Credits      int64    `json:"credits"`
	Unattributed int64    `json:"unattributed"`
	Difference   int64    `json:"difference"`        // 0, or money is lost
	Wrong        []string `json:"wrong,omitempty"`   // conversions whose own sum is off
	Conversions  int      `json:"conversions_count"` // how many went in
}

// Unexplained counts everything that has no evidence, and every conversion whose credits do not add up: normally 0.
func (c *Conservation) Unexplained() int {
	n := 0
	for _, h := range []*Hop{&c.Events, &c.Touches, &c.Decisions, &c.Conversions} {
		n += h.Of(Unaccounted)
	}
	wrong := map[string]bool{}
	for i := range c.Money {
		for _, id := range c.Money[i].Wrong {
			wrong[id] = true
		}
	}
	return n + len(wrong)
}

// Open counts what the proof could not decide: normally 0, and so soon after the queues are empty.
func (c *Conservation) Open() int {
	n := 0
	for _, h := range []*Hop{&c.Events, &c.Touches, &c.Decisions, &c.Conversions} {
		n += h.Of(Undecided)
	}
	return n
}

// Of is the count of one term, 0 if it is not there.
func (h *Hop) Of(class string) int {
	for i := range h.Terms {
		if h.Terms[i].Name == class {
			return h.Terms[i].Count
		}
	}
	return 0
}

// add counts one; of names what it is made of, or is empty.
func (h *Hop) add(class, of string) {
	h.Total++
	t := term(&h.Terms, class)
	t.Count++
	if of != "" {
		term(&t.Of, of).Count++
	}
}

func term(list *[]Term, name string) *Term {
	i := slices.IndexFunc(*list, func(t Term) bool { return t.Name == name })
	if i < 0 {
		i = len(*list)
		*list = append(*list, Term{Name: name})
	}
	return &(*list)[i]
}

// lose counts one as unaccounted and lists it.
func (h *Hop) lose(it Item) {
	h.add(Unaccounted, "")
	if len(h.Lost) < MaxLost {
		h.Lost = append(h.Lost, it)
	}
}

// order puts the terms into a fixed order, those that must be told even when they are 0 included.
func (h *Hop) order(names ...string) {
	if h.Of(Undecided) > 0 {
		names = append(names, Undecided)
	}
	for _, n := range names {
		term(&h.Terms, n)
	}
	slices.SortStableFunc(h.Terms, func(a, b Term) int { return slices.Index(names, a.Name) - slices.Index(names, b.Name) })
	for i := range h.Terms {
		slices.SortStableFunc(h.Terms[i].Of, func(a, b Term) int { return b.Count - a.Count })
	}
	if h.Lost == nil {
		h.Lost = []Item{}
	}
}

// Conserve proves that nothing is lost. It reads every archived event, the ledger and the accounts once, in pages.
func Conserve(ctx context.Context, s *stack.Stack) (*Conservation, error) {
	return Each(ctx, s, nil)
}

// Each is Conserve; each, if given, is told of every accepted event and of the class it fell into.
func Each(ctx context.Context, s *stack.Stack, each func(class string, it Item)) (*Conservation, error) {
	p, err := s.Policy.Active(ctx)
	if err != nil {
		return nil, fmt.Errorf("prove: %w", err)
	}
	if each == nil {
		each = func(string, Item) {}
	}
	c := &check{Stack: s, memory: p.Memory(), each: each, out: &Conservation{}}
	for _, step := range []func(context.Context) error{c.events, c.ledger, c.finishEvents, c.finishTouches, c.finishDecisions, c.conversions} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	out := c.out
	out.Events.order(Classes...)
	touches := []string{Absorbed, Spend, Superseded, Refold, Dead, InFlight, Unaccounted}
	if out.Touches.Of(Kept) > 0 {
		touches = slices.Insert(touches, 3, Kept)
	}
	out.Touches.order(touches...)
	out.Decisions.order(Acted, Stopped, Dead, InFlight, Unaccounted)
	out.Conversions.order(Credited, Dead, InFlight, Unaccounted)
	return out, nil
}
