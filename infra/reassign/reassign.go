// Package reassign gives the open work of a rep to others. It shows first who would get what by the policy in force; the
// doing is one event per handoff on the bus, which route takes as it takes the answers of tools: it chooses then, by the
// counters of then, and does nothing where somebody else has the handoff by that time.
package reassign

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/functions/route"
	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/wire"
)

// Ask is whose work goes to whom.
type Ask struct {
	From string // an address of the roster, or of somebody who is no longer in it
	To   string // "": by the policy
	By   string
	Why  string
}

// Plan is what goes to whom, or went.
type Plan struct {
	From    string `json:"from"`
	To      string `json:"to,omitempty"`
	Moves   []Move `json:"moves"`
	Applied bool   `json:"applied"` // it was asked for, and, where it is settled, at least one moved or ended
	Settled bool   `json:"settled"`
}

// Move is one handoff.
type Move struct {
	Handoff string    `json:"handoff"`
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Play    string    `json:"play"`
	Team    string    `json:"team"`
	State   string    `json:"state"`
	DueAt   time.Time `json:"due_at,omitzero"`
	To      string    `json:"to"`  // who gets it, by the counters as they stand; "": nobody else can
	Why     string    `json:"why"` // half a sentence
	Owner   string    `json:"owner"`
}

// Look lists the open handoffs of a rep and chooses for each, without changing anything.
func Look(ctx context.Context, s *stack.Stack, ask Ask) (*Plan, error) {
	roster, err := wire.Roster(ctx, s.Policy)
	if err != nil {
		return nil, err
	}
	plan := &Plan{From: ask.From, To: ask.To, Moves: []Move{}}
	reps := roster.Reps()
	if ask.To != "" && !slices.ContainsFunc(reps, func(r string) bool { return strings.EqualFold(r, ask.To) }) {
		return nil, fmt.Errorf("%s is in no team of the policy in force; there are %s", ask.To, strings.Join(reps, ", "))
	}
	if strings.EqualFold(ask.From, ask.To) {
		return nil, fmt.Errorf("%s has it already: name another with --to, or nobody, and the policy chooses", ask.To)
	}
	var open []route.Waiting
	owners := []string{}
	for w, err := range route.Open(ctx, s.Accounts) {
		if err != nil {
			return nil, err
		}
		if !slices.Contains(owners, w.Owner) {
			owners = append(owners, w.Owner)
		}
		if strings.EqualFold(w.Owner, ask.From) && !w.Ending() {
			open = append(open, w)
		}
	}
	if len(open) == 0 {
		slices.Sort(owners)
		if !slices.ContainsFunc(reps, func(r string) bool { return strings.EqualFold(r, ask.From) }) {
			return nil, fmt.Errorf("%s is in no team and has no open handoff; open ones are with %s", ask.From, cmp.Or(strings.Join(owners, ", "), "nobody"))
		}
		return plan, nil
	}
	slices.SortFunc(open, func(a, b route.Waiting) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID))
	})
	plan.From = open[0].Owner
	teams := map[string]*routing.TeamState{}
	for i := range open {
		m, err := plan.choose(ctx, s, roster, &open[i], ask.To, teams)
		if err != nil {
			return nil, err
		}
		plan.Moves = append(plan.Moves, *m)
	}
	return plan, nil
}

// choose works out one, and counts it, so that the next is chosen as route will.
func (p *Plan) choose(ctx context.Context, s *stack.Stack, roster *routing.Roster, w *route.Waiting, to string, teams map[string]*routing.TeamState) (*Move, error) {
	if teams[w.Team] == nil {
		recs, err := s.Accounts.GetMany(ctx, []store.Key{routing.TeamKey(w.Team)})
		if err != nil {
			return nil, fmt.Errorf("read the counters of the team %s: %w", w.Team, err)
		}
		state, err := routing.DecodeTeam(w.Team, recs[0].Body)
		if err != nil {
			return nil, err
		}
		teams[w.Team] = &state
	}
	r := s.Graph.Reader()
	place, err := r.At(ctx, w.Account, s.Now().UnixMilli())
	if err != nil {
		return nil, err
	}
	root, err := r.Item(ctx, place.Root)
	if err != nil {
		return nil, err
	}
	item, err := rested.Item(ctx, s, w.ID)
	if err != nil {
		return nil, err
	}
	m := &Move{Handoff: w.ID, Account: w.Account, Name: cmp.Or(w.Context.Name, w.Context.Domain, w.Account), Play: w.Play, Team: w.Team,
		State: string(w.State()), DueAt: w.DueAt, Owner: w.Owner, Why: "nobody else of the team could take it"}
	if item == nil || item.Slot(w.ID) == nil {
		return m, nil // it was closed while this looked
	}
	team := teams[w.Team]
	team.Release(w.Owner)
	c, ok := roster.Successor(item, item.Slot(w.ID), to, root.Facts.Field("owner"), team, s.Now())
	if !ok {
		team.Take(&routing.Choice{Owner: w.Owner})
		return m, nil
	}
	team.Take(&c)
	m.To, m.Why = c.Owner, c.Why
	return m, nil
}

// Do looks, and puts one event per handoff on the bus.
func Do(ctx context.Context, s *stack.Stack, ask Ask) (*Plan, error) {
	p, err := Look(ctx, s, ask)
	if err != nil || len(p.Moves) == 0 {
		return p, err
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	var out []event.Envelope
	for i := range p.Moves {
		m := &p.Moves[i]
		d := event.Reassignment{At: now.Format(time.RFC3339Nano), Account: m.Account, Handoff: m.Handoff, From: m.Owner, To: ask.To, By: ask.By, Why: ask.Why}
		d.ID = touch.NewID(event.ReassignmentWanted, m.Handoff, d.From+" "+d.At, 0).String()
		body, err := json.Marshal(d)
		if err != nil {
			return p, err
		}
		out = append(out, event.Envelope{Source: event.Operator, DetailType: event.ReassignmentWanted, Time: now, Detail: body})
	}
	if _, err := s.Put(ctx, out); err != nil {
		return p, err
	}
	p.Applied = true
	if p.Settled, err = s.Transit.Settle(ctx); err != nil || !p.Settled {
		return p, err
	}
	p.Applied = false
	for i := range p.Moves {
		m := &p.Moves[i]
		was, stood := m.Owner, m.State
		item, err := rested.Item(ctx, s, m.Handoff)
		if err != nil {
			return p, err
		}
		if item != nil {
			if slot := item.Slot(m.Handoff); slot != nil {
				m.Owner, m.State = slot.Owner, string(slot.State())
				if by := slot.RecycledM; by != nil && slot.State() == routing.Recycled {
					m.To, m.Why = "", by.Reason
				}
			}
		}
		p.Applied = p.Applied || m.Owner != was || m.State != stood
	}
	return p, nil
}
