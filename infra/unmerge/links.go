package unmerge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/explain"
	"handoff/infra/stack"
	"handoff/shared/company"
	"handoff/shared/graph"
	"handoff/shared/subject"
)

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
