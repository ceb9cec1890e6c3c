// Package unmerge undoes a link between subjects that was wrong, and makes one that is missing. It looks before it does:
// whose the touches would be, what the account would then stand at, and which handoffs rested on them. The doing is an
// event of its own on the bus, as any other: score takes it, folds what moved again, and has credits settled anew.
package unmerge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/explain"
	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/shared/company"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/subject"
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

// named is the subject that a word names. A link may be made of and to whom nothing is known of yet: a subsidiary before its
// first visitor.
func named(ctx context.Context, s *stack.Stack, word string, link bool) (string, error) {
	found, err := explain.Find(ctx, s, word)
	switch {
	case err == nil && found.Decision == "":
		return found.Subject, nil
	case err == nil:
		return "", fmt.Errorf("%q names a handoff or a decision; name an account or a person", word)
	case !link || !errors.Is(err, explain.ErrUnknown):
		return "", err
	case subject.Valid(word):
		return word, nil
	}
	class := company.ClassOf(word)
	if domain, ok := company.Domain(word); ok && class == company.Business {
		if strings.Contains(word, "@") {
			return subject.New(subject.Email, strings.ToLower(strings.TrimSpace(word))), nil
		}
		return subject.New(subject.Account, domain), nil
	}
	return "", err
}

// unlink finds the links by which Who leads to From.
func (p *Plan) unlink(ctx context.Context, s *stack.Stack) error {
	place, pairs, barred, err := p.between(ctx, s)
	if err != nil {
		return err
	}
	p.Pairs = append(p.Pairs, pairs...)
	return p.certain(place, len(barred) > 0)
}

// between finds the links by which Who leads to From, and those that an operator has barred.
func (p *Plan) between(ctx context.Context, s *stack.Stack) (place subject.Place, pairs, barred []Pair, err error) {
	r, now := s.Graph.Reader(), s.Now().UnixMilli()
	if place, err = r.At(ctx, p.Who, now); err != nil {
		return place, nil, nil, err
	}
	ids, err := p.ids(ctx, r, place)
	if err != nil {
		return place, nil, nil, err
	}
	if !subject.IsCompany(p.Who) {
		// What else is known of the same person may lead there by a way of its own, such as the company's name.
		others, err := s.Graph.Dependents(ctx, p.Who)
		if err != nil {
			return place, nil, nil, err
		}
		for _, id := range others {
			if !slices.Contains(ids, id) && !subject.IsCompany(id) {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		it, err := r.Item(ctx, id)
		if err != nil {
			return place, nil, nil, err
		}
		if it.Links.Shared && id != p.Who && !slices.Contains(place.Path, id) {
			continue // one of the others, which leads nowhere
		}
		if it.Links.Shared {
			return place, nil, nil, fmt.Errorf("%s is shared and links nobody (it leads to %s), so %w", id, it.Links.Overrun(id), errNothing)
		}
		targets := []string{}
		for _, l := range it.Links.List {
			targets = append(targets, subject.Linked(l.Target))
		}
		if subject.KindOf(id) == subject.Email {
			targets = append(targets, s.Graph.Implied(id))
		}
		for _, to := range targets {
			pair := Pair{id, to}
			if to == "" || slices.Contains(pairs, pair) || slices.Contains(barred, pair) {
				continue
			}
			leads := to == p.From
			if !leads && subject.IsCompany(to) && subject.IsCompany(p.From) {
				way, err := r.At(ctx, to, now)
				if err != nil {
					return place, nil, nil, err
				}
				leads = slices.Contains(way.Path, p.From)
			}
			switch {
			case !leads:
			case it.Links.Barred(to, p.effective()):
				barred = append(barred, pair)
			default:
				pairs = append(pairs, pair)
			}
		}
	}
	return place, pairs, barred, nil
}

// ids lists those of Who itself on its way. A person's are all that are no company's: the way of a company is that
// company's. A company's end with its first domain, or where it belongs to a parent: what that one belongs to is not
// Who's to be undone.
func (p *Plan) ids(ctx context.Context, r *graph.Reader, place subject.Place) ([]string, error) {
	ids := []string{p.Who}
	if !subject.IsCompany(p.Who) {
		for _, id := range place.Path {
			if id != p.Who && !subject.IsCompany(id) {
				ids = append(ids, id)
			}
		}
		return ids, nil
	}
	for _, id := range place.Path {
		last := ids[len(ids)-1]
		it, err := r.Item(ctx, last)
		if err != nil {
			return nil, err
		}
		stated := slices.ContainsFunc(it.Links.List, func(l subject.Link) bool { return l.Target == id && !l.Unlink })
		if subject.KindOf(last) != subject.Account && stated && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// effective is the time that a bar is looked up at.
func (p *Plan) effective() int64 {
	if p.At.IsZero() {
		return 0
	}
	return p.At.UnixMilli()
}

// certain refuses what could mean two things.
func (p *Plan) certain(place subject.Place, barred bool) error {
	own := slices.ContainsFunc(p.Pairs, func(x Pair) bool { return x.Subject == p.Who })
	switch {
	case len(p.Pairs) == 0 && barred:
		p.Done = fmt.Sprintf("%s was unlinked from %s before.", p.Who, p.From)
		return nil
	case len(p.Pairs) == 0 && place.Root != p.From:
		return fmt.Errorf("%s does not lead to %s but to %s: %w", p.Who, p.From, place.Root, errNothing)
	case len(p.Pairs) == 0:
		return fmt.Errorf("%s leads to %s by another: %s. Name that one: %w", p.Who, p.From, strings.Join(place.Path, " → "), errNothing)
	case !own && subject.KindOf(p.Who) == subject.Anonymous && place.Person != p.Who:
		return fmt.Errorf("%s is a device of %s, who leads to %s. Say which link is wrong: unmerge %s --from %s if it is not this person's device, unmerge %s --from %s if the person is not of that account",
			p.Who, place.Person, p.From, p.Who, place.Person, place.Person, p.From)
	}
	return nil
}

// link takes the one pair.
func (p *Plan) link(ctx context.Context, s *stack.Stack) error {
	switch {
	case p.Who == p.From:
		return fmt.Errorf("%s is itself", p.Who)
	case subject.IsCompany(p.Who) && !subject.IsCompany(p.From):
		return fmt.Errorf("%s is a company and %s is none: a company belongs to a company", p.Who, p.From)
	case subject.KindOf(p.From) == subject.Anonymous || subject.KindOf(p.From) == subject.Opportunity:
		return fmt.Errorf("nobody belongs to %s: name a person or an account", p.From)
	}
	p.Pairs = []Pair{{p.Who, p.From}}
	// What an unmerge parted beside it is taken back with it.
	if _, _, barred, err := p.between(ctx, s); err == nil {
		for _, pair := range barred {
			if !slices.Contains(p.Pairs, pair) {
				p.Pairs = append(p.Pairs, pair)
			}
		}
	} else if !errors.Is(err, errNothing) {
		return err
	}
	return nil
}

// acts are the links as score will add them.
func (p *Plan) acts(at time.Time) map[string][]subject.Link {
	out := map[string][]subject.Link{}
	for _, pair := range p.Pairs {
		l := subject.Link{Target: pair.Target, Time: p.effective(), Act: at.UnixMilli(), Unlink: !p.Link}
		if p.Link && p.At.IsZero() {
			l.Time = l.Act
		}
		out[pair.Subject] = append(out[pair.Subject], l)
	}
	return out
}

// weigh resolves everybody concerned with and without the links, and says what moves.
func (p *Plan) weigh(ctx context.Context, s *stack.Stack) error {
	before, after := s.Graph.Reader(), s.Graph.Reader()
	var dependents []string
	for id, links := range p.acts(s.Now()) {
		it, err := after.Item(ctx, id)
		if err != nil {
			return err
		}
		for _, l := range links {
			it.Links.Add(id, l)
		}
		after.Changed(id)
		ds, err := s.Graph.Dependents(ctx, id)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if !slices.Contains(dependents, d) {
				dependents = append(dependents, d)
			}
		}
	}
	slices.Sort(dependents)
	moved := map[touch.ID]bool{}
	roots := map[string]bool{}
	for _, d := range dependents {
		if err := p.moves(ctx, s, before, after, d, moved, roots); err != nil {
			return err
		}
	}
	accounts := []string{}
	for root := range roots {
		accounts = append(accounts, root)
	}
	slices.Sort(accounts)
	for _, root := range accounts {
		a, err := stand(ctx, s, before, after, root, dependents)
		if err != nil {
			return err
		}
		p.Accounts = append(p.Accounts, *a)
	}
	persons := map[string]bool{}
	for _, pair := range p.Pairs {
		persons[pair.Subject] = !p.Link
	}
	var err error
	p.Handoffs, err = rested.Handoffs(ctx, s, accounts, rested.Of{Touches: moved, Persons: persons})
	return err
}

// moves counts the touches of a subject that change accounts.
func (p *Plan) moves(ctx context.Context, s *stack.Stack, before, after *graph.Reader, id string, moved map[touch.ID]bool, roots map[string]bool) error {
	was, err := before.Intervals(ctx, id)
	if err != nil {
		return err
	}
	is, err := after.Intervals(ctx, id)
	if err != nil {
		return err
	}
	for _, left := range subject.Left(was, is) {
		for t, err := range s.Graph.Timeline(ctx, id, left.FromTime(), left.UntilTime()) {
			if err != nil {
				return err
			}
			to, err := after.At(ctx, id, t.Time.UnixMilli())
			if err != nil {
				return err
			}
			roots[left.Root], roots[to.Root] = true, true
			if to.Root == left.Root {
				continue // it stays, as a subsidiary's or no longer as one
			}
			moved[t.ID] = true
			i := slices.IndexFunc(p.Moves, func(m Move) bool { return m.Subject == id && m.From == left.Root && m.To == to.Root })
			if i < 0 {
				i = len(p.Moves)
				p.Moves = append(p.Moves, Move{Subject: id, From: left.Root, To: to.Root})
			}
			p.Moves[i].Touches++
		}
	}
	return nil
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
