package unmerge

import (
	"context"
	"slices"

	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/shared/graph"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

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
