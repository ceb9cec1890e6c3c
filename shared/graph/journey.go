package graph

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// Timeline yields a subject's touches in (time, id) order as they count now: the highest revision of each, without the
// withdrawn and without our own book-keeping, which is in no facts. Zero times are no bound.
func (g *Graph) Timeline(ctx context.Context, id string, from, until time.Time) iter.Seq2[*touch.Touch, error] {
	return func(yield func(*touch.Touch, error) bool) {
		for t, err := range g.Said(ctx, id, from, until) {
			if err == nil && (t.Withdrawn || touch.Kept(t.Kind)) {
				continue
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

// Said yields the highest revision of each of a subject's touches, the withdrawn and our own book-keeping included.
func (g *Graph) Said(ctx context.Context, id string, from, until time.Time) iter.Seq2[*touch.Touch, error] {
	return func(yield func(*touch.Touch, error) bool) {
		var held *touch.Touch // rows of one touch stand together, revisions rising
		flush := func() bool {
			t := held
			held = nil
			return t == nil || yield(t, nil)
		}
		for row, err := range g.Ledger.Timeline(ctx, id, from, until) {
			if err != nil {
				yield(nil, err)
				return
			}
			if row.Type != ledger.Touch && row.Type != ledger.Enrichment {
				continue
			}
			t, err := Touch(row)
			if err != nil {
				yield(nil, err)
				return
			}
			if held != nil && (held.ID != t.ID || !held.Time.Equal(t.Time)) && !flush() {
				return
			}
			held = t
		}
		flush()
	}
}

// Revisions yields every revision of the touches of a subject that have more than the first.
func (g *Graph) Revisions(ctx context.Context, id string) iter.Seq2[*touch.Touch, error] {
	return func(yield func(*touch.Touch, error) bool) {
		var held []*touch.Touch
		flush := func() bool {
			of := held
			held = nil
			if len(of) == 0 || of[len(of)-1].Revision == 0 {
				return true
			}
			for _, t := range of {
				if !yield(t, nil) {
					return false
				}
			}
			return true
		}
		for row, err := range g.Ledger.Timeline(ctx, id, time.Time{}, time.Time{}) {
			var t *touch.Touch
			if err == nil && row.Type != ledger.Touch {
				continue
			}
			if err == nil {
				t, err = Touch(row)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if len(held) > 0 && (held[0].ID != t.ID || !held[0].Time.Equal(t.Time)) && !flush() {
				return
			}
			held = append(held, t)
		}
		flush()
	}
}

// Touch reads the touch that a ledger row records.
func Touch(row *ledger.Row) (*touch.Touch, error) {
	var t touch.Touch
	if err := touch.Read(row.Body, &t); err != nil {
		return nil, fmt.Errorf("graph: touch %s of %s: %w", row.ID, row.Owner, err)
	}
	return &t, nil
}

// Touches returns an account's journey: every touch of its members that belongs to it, in (time, id) order.
func (g *Graph) Touches(ctx context.Context, root string, from, until time.Time) iter.Seq2[*touch.Touch, error] {
	return func(yield func(*touch.Touch, error) bool) {
		r := g.Reader()
		members, err := g.Members(ctx, root)
		if err != nil {
			yield(nil, err)
			return
		}
		if !slices.Contains(members, root) {
			members = append(members, root)
		}
		var all []*touch.Touch
		for _, m := range members {
			for t, err := range g.Timeline(ctx, m, from, until) {
				if err != nil {
					yield(nil, err)
					return
				}
				p, err := r.At(ctx, m, t.Time.UnixMilli())
				if err != nil {
					yield(nil, err)
					return
				}
				if p.Root == root {
					all = append(all, t)
				}
			}
		}
		slices.SortFunc(all, func(a, b *touch.Touch) int {
			if c := account.Of(a).Compare(account.Of(b)); c != 0 {
				return c
			}
			return strings.Compare(a.Subject, b.Subject)
		})
		for _, t := range all {
			if !yield(t, nil) {
				return
			}
		}
	}
}
