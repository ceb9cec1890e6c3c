// Package rested finds what was decided on evidence that turned out wrong: the handoffs that rested on certain touches or
// persons, and who has them now.
package rested

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// Handoff is a decision that was acted on, and how it stands.
type Handoff struct {
	ID       string    `json:"id"`
	Decision string    `json:"decision"`
	Account  string    `json:"account"` // that has it now
	Person   string    `json:"person,omitempty"`
	Play     string    `json:"play"`
	MadeAt   time.Time `json:"made_at"`
	Outcome  string    `json:"outcome"` // offered, or enrolled
	Owner    string    `json:"owner,omitempty"`
	Team     string    `json:"team,omitempty"`
	State    string    `json:"state"` // now; "replaced" where a later handoff has taken its place
	Open     bool      `json:"open"`
	DueAt    time.Time `json:"due_at,omitzero"`
	Touches  int       `json:"touches"` // how many of the touches it rested on
}

// Of is what to look for: decisions that count one of Touches as evidence, or that are about one of Persons.
type Of struct {
	Touches map[touch.ID]bool
	Persons map[string]bool
}

// Handoffs lists them for accounts, and for those who were accounts of their own before they became theirs: what is open
// first, the most urgent first.
func Handoffs(ctx context.Context, s *stack.Stack, accounts []string, of Of) ([]Handoff, error) {
	out, seen := []Handoff{}, map[string]bool{}
	for _, account := range accounts {
		members, err := s.Graph.Dependents(ctx, account)
		if err != nil {
			return nil, fmt.Errorf("who belongs to %s: %w", account, err)
		}
		for _, m := range members {
			for row, err := range s.Ledger.Timeline(ctx, m, time.Time{}, time.Time{}) {
				if err != nil {
					return nil, fmt.Errorf("read the decisions of %s: %w", m, err)
				}
				if row.Type != ledger.Decision || seen[row.ID] {
					continue
				}
				var d event.Decision
				if err := json.Unmarshal(row.Body, &d); err != nil {
					return nil, fmt.Errorf("read decision %s of %s: %w", row.ID, m, err)
				}
				n := of.counts(&d)
				if n == 0 && !of.Persons[d.Person] {
					continue
				}
				seen[row.ID] = true
				h, err := stands(ctx, s, &d)
				if err != nil {
					return nil, err
				}
				if h != nil {
					h.MadeAt, h.Touches = row.RecordedAt, n
					out = append(out, *h)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Handoff) int {
		return cmp.Or(last(a.Open)-last(b.Open), a.DueAt.Compare(b.DueAt), a.MadeAt.Compare(b.MadeAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

func last(open bool) int {
	if open {
		return 0
	}
	return 1
}

// counts is how many of the touches a decision counts as evidence.
func (of *Of) counts(d *event.Decision) int {
	found := map[touch.ID]bool{}
	note := func(id touch.ID) {
		if of.Touches[id] {
			found[id] = true
		}
	}
	for i := range d.Evaluation.Rules {
		for _, id := range d.Evaluation.Rules[i].Evidence {
			note(id)
		}
	}
	for _, text := range []string{d.Correlation, d.Causation} {
		if id, err := touch.ParseID(text); err == nil {
			note(id)
		}
	}
	return len(found)
}

// stands says what became of a decision; nil where nobody was contacted by it.
func stands(ctx context.Context, s *stack.Stack, d *event.Decision) (*Handoff, error) {
	row, err := s.Ledger.Get(ctx, ledger.Row{Owner: d.Account, Type: ledger.Handoff, Time: d.AsOf, ID: d.ID})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil // not routed yet
	}
	if err != nil {
		return nil, fmt.Errorf("read what was done with %s: %w", d.ID, err)
	}
	var r routing.Record
	if err := json.Unmarshal(row.Body, &r); err != nil {
		return nil, fmt.Errorf("read what was done with %s: %w", d.ID, err)
	}
	if r.Handoff == "" {
		return nil, nil
	}
	h := &Handoff{ID: r.Handoff, Decision: d.ID, Account: r.Account, Person: d.Person, Play: d.Play, Outcome: r.Outcome, State: "replaced", DueAt: r.DueAt}
	if r.Choice != nil {
		h.Owner, h.Team = r.Choice.Owner, r.Choice.Team
	}
	item, err := Item(ctx, s, r.Handoff)
	if err != nil {
		return nil, err
	}
	if item == nil {
		return h, nil
	}
	h.Account = item.Account
	if slot := item.Slot(r.Handoff); slot != nil {
		h.Owner, h.Team, h.State, h.Open, h.DueAt = slot.Owner, slot.Team, string(slot.State()), slot.Holds(), slot.DueAt
	}
	return h, nil
}

// Item follows a handoff's id to the item that holds it now, through joins; nil where it leads to none.
func Item(ctx context.Context, s *stack.Stack, handoff string) (*routing.Item, error) {
	rec, err := s.Accounts.Get(ctx, routing.HandoffKey(handoff))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", handoff, err)
	}
	var p routing.Pointer
	if err := json.Unmarshal(rec.Body, &p); err != nil {
		return nil, fmt.Errorf("follow %s: %w", handoff, err)
	}
	for range 8 {
		rec, err := s.Accounts.Get(ctx, routing.HandoffsKey(p.Account))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("follow %s: %w", handoff, err)
		}
		item, err := routing.Decode(p.Account, rec.Body)
		if err != nil || item.Has(handoff) || item.Forward == "" {
			return item, err
		}
		p.Account = item.Forward
	}
	return nil, nil
}
