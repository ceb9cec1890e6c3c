// Package unmerge undoes a link between subjects that was wrong, and makes one that is missing. It looks before it does:
// whose the touches would be, what the account would then stand at, and which handoffs rested on them. The doing is an
// event of its own on the bus, as any other: score takes it, folds what moved again, and has credits settled anew.
package unmerge

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/touch"
)

// Ask is what is to be set right.
type Ask struct {
	Who  string    // a person or a device: any word that explain takes
	From string    // whom Who is not: an account, or a device's person
	At   time.Time // from when on; zero: it never was
	Link bool      // make the link instead
	By   string
	Why  string
}

// Plan is what would come of it, or came.
type Plan struct {
	Who      string           `json:"who"`
	From     string           `json:"from"`
	At       time.Time        `json:"at,omitzero"`
	Link     bool             `json:"link,omitempty"`
	Pairs    []Pair           `json:"pairs"` // links that are unlinked, or made
	Done     string           `json:"done,omitempty"`
	Moves    []Move           `json:"moves"`
	Accounts []Account        `json:"accounts"`
	Handoffs []rested.Handoff `json:"handoffs"`
	Applied  bool             `json:"applied"`
	Settled  bool             `json:"settled"` // the accounts stand as it says
}

// Pair is a link from one subject to another.
type Pair struct {
	Subject string `json:"subject"`
	Target  string `json:"target"`
}

// Move says that touches of a subject belong to another account.
type Move struct {
	Subject string `json:"subject"`
	From    string `json:"from"`
	To      string `json:"to"`
	Touches int    `json:"touches"`
}

// errNothing says that Who is not linked as asked.
var errNothing = errors.New("nothing to undo")

// Look works out what an ask comes to. It changes nothing.
func Look(ctx context.Context, s *stack.Stack, ask Ask) (*Plan, error) {
	who, err := named(ctx, s, ask.Who, ask.Link)
	if err != nil {
		return nil, err
	}
	from, err := named(ctx, s, ask.From, ask.Link)
	if err != nil {
		return nil, err
	}
	p := &Plan{Who: who, From: from, At: ask.At, Link: ask.Link, Moves: []Move{}, Accounts: []Account{}, Handoffs: []rested.Handoff{}, Pairs: []Pair{}}
	if ask.Link {
		err = p.link(ctx, s)
	} else {
		err = p.unlink(ctx, s)
	}
	if err != nil || len(p.Pairs) == 0 {
		return p, err
	}
	return p, p.weigh(ctx, s)
}

// Do looks, and puts what it found on the bus.
func Do(ctx context.Context, s *stack.Stack, ask Ask) (*Plan, error) {
	p, err := Look(ctx, s, ask)
	if err != nil {
		return p, err
	}
	if len(p.Pairs) == 0 {
		// Asked before, and perhaps by a command that died: what it left under way is brought to its end.
		p.Settled, err = s.Transit.Settle(ctx)
		return p, err
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	kind := event.SubjectsUnlinked
	if ask.Link {
		kind = event.SubjectsLinked
	}
	var out []event.Envelope
	for _, pair := range p.Pairs {
		d := event.Relation{At: now.Format(time.RFC3339Nano), Subject: pair.Subject, Target: pair.Target, By: ask.By, Why: ask.Why}
		if !ask.At.IsZero() {
			d.From = ask.At.UTC().Format(time.RFC3339Nano)
		}
		d.ID = touch.NewID(kind, pair.Subject, pair.Target+" "+d.At, 0).String()
		body, err := json.Marshal(d)
		if err != nil {
			return p, err
		}
		out = append(out, event.Envelope{Source: event.Operator, DetailType: kind, Time: now, Detail: body})
	}
	if _, err := s.Put(ctx, out); err != nil {
		return p, err
	}
	p.Applied = true
	if p.Settled, err = s.Transit.Settle(ctx); err != nil || !p.Settled {
		return p, err
	}
	// The accounts as they stand now, by what score made of it rather than by what was expected.
	r := s.Graph.Reader()
	for i := range p.Accounts {
		a := &p.Accounts[i]
		if a.After, err = standing(ctx, s, r, a.Account, nil); err != nil {
			return p, err
		}
	}
	return p, nil
}
