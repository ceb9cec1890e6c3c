package explain

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/infra/whose"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/touch"
)

// past is everything the ledger says of an account and of all who were ever counted in it: one query per subject.
type past struct {
	touches   []*touch.Touch // in the order in which they were recorded
	byID      map[touch.ID]*touch.Touch
	decisions []*made // in the order in which they were made
	members   []string
	revenue   []Revenue // by time
}

// made is a decision with its rows.
type made struct {
	decision event.Decision
	at       time.Time       // when it was recorded
	outcome  *routing.Record // nil while nothing was done with it
	after    []step          // what followed, by time
}

// step is a later row of a handoff.
type step struct {
	time    time.Time // the answer's own
	kind    ledger.Type
	record  routing.Record
	touched *touch.Touch
}

// readPast reads it.
func readPast(ctx context.Context, s *stack.Stack, root string) (*past, error) {
	members, err := whose.Members(ctx, s.Graph, root)
	if err != nil {
		return nil, fmt.Errorf("explain: who belongs to %s: %w", root, err)
	}
	p := &past{byID: map[touch.ID]*touch.Touch{}, members: members}
	outcomes := map[string]*routing.Record{}
	after := map[string][]step{}
	seen := map[string]bool{}
	for _, m := range members {
		for row, err := range s.Ledger.Timeline(ctx, m, time.Time{}, time.Time{}) {
			if err != nil {
				return nil, fmt.Errorf("explain: %w", err)
			}
			switch row.Type {
			case ledger.Touch, ledger.Enrichment:
				t, err := graph.Touch(row)
				if err != nil {
					return nil, fmt.Errorf("explain: %w", err)
				}
				p.touches = append(p.touches, t)
				p.byID[t.ID] = t
			case ledger.Decision:
				d := &made{at: row.RecordedAt}
				if err := json.Unmarshal(row.Body, &d.decision); err != nil {
					return nil, fmt.Errorf("explain: decision %s of %s: %w", row.ID, row.Owner, err)
				}
				if !seen[row.ID] { // two accounts may have told one decision
					seen[row.ID] = true
					p.decisions = append(p.decisions, d)
				}
			case ledger.Conversion:
				if err := p.told(row); err != nil {
					return nil, err
				}
			case ledger.Handoff, ledger.Receipt:
				var r routing.Record
				if err := json.Unmarshal(row.Body, &r); err != nil {
					return nil, fmt.Errorf("explain: handoff row %s of %s: %w", row.ID, row.Owner, err)
				}
				if row.ID == r.Decision {
					// A later revision tells what became of one that was held. Two accounts may have told one decision.
					if outcomes[row.ID] == nil || row.Revision > 0 {
						outcomes[row.ID] = &r
					}
				} else if r.Handoff != "" {
					after[r.Handoff] = append(after[r.Handoff], step{time: row.Time, kind: row.Type, record: r})
				}
			}
		}
	}
	for _, d := range p.decisions {
		d.outcome = outcomes[d.decision.ID]
		if d.outcome == nil {
			continue
		}
		d.after = after[d.outcome.Handoff]
		for i := range d.after {
			if id, err := touch.ParseID(d.after[i].record.Touch); err == nil {
				d.after[i].touched = p.byID[id]
			}
		}
		slices.SortStableFunc(d.after, func(a, b step) int { return a.time.Compare(b.time) })
	}
	slices.SortStableFunc(p.decisions, func(a, b *made) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.decision.ID, b.decision.ID))
	})
	slices.SortStableFunc(p.touches, func(a, b *touch.Touch) int {
		return cmp.Or(a.RecordedAt.Compare(b.RecordedAt), a.Time.Compare(b.Time), strings.Compare(a.ID.String(), b.ID.String()), cmp.Compare(a.Revision, b.Revision))
	})
	return p, nil
}

// told takes one revision of a conversion.
func (p *past) told(row *ledger.Row) error {
	var c event.Conversion
	if err := json.Unmarshal(row.Body, &c); err != nil {
		return fmt.Errorf("explain: conversion %s of %s: %w", row.ID, row.Owner, err)
	}
	i := slices.IndexFunc(p.revenue, func(r Revenue) bool { return r.ID == c.ID })
	if i < 0 {
		i = len(p.revenue)
		p.revenue = append(p.revenue, Revenue{ID: c.ID})
	}
	r := &p.revenue[i]
	r.told = append(r.told, c)
	slices.SortFunc(r.told, func(a, b event.Conversion) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), strings.Compare(a.Revision, b.Revision))
	})
	last := r.told[len(r.told)-1]
	r.Type, r.Time, r.Amount, r.First = last.Type, last.Time, last.Amount, r.told[0].Amount
	return nil
}

// before splits what was recorded by a decision: what certainly was, and what carries the very time of recording at
// which it was made. One batch gives all of its touches one time, and in a replay a whole step does; which of them came
// before the decision is then not recorded.
func (p *past) before(d *made) (certain, maybe []*touch.Touch) {
	at := d.at
	if c := p.byID[cause(d)]; c != nil {
		at = c.RecordedAt
	}
	for _, t := range p.touches {
		switch c := t.RecordedAt.Compare(at); {
		case c < 0:
			certain = append(certain, t)
		case c == 0:
			maybe = append(maybe, t)
		}
	}
	return certain, maybe
}

// cause is the touch at which a decision was made; the zero id for a sweep.
func cause(d *made) touch.ID {
	id, err := touch.ParseID(d.decision.Causation)
	if err != nil {
		return touch.ID{}
	}
	return id
}

// by is what was recorded at or before a time.
func (p *past) by(at time.Time) []*touch.Touch {
	n, _ := slices.BinarySearchFunc(p.touches, at, func(t *touch.Touch, at time.Time) int {
		if t.RecordedAt.After(at) {
			return 1
		}
		return -1
	})
	return p.touches[:n]
}

// late is what had happened by a time and was recorded only after it.
func (p *past) late(at time.Time, heard time.Time) []*touch.Touch {
	var out []*touch.Touch
	for _, t := range p.touches {
		if !t.Time.After(at) && t.RecordedAt.After(heard) {
			out = append(out, t)
		}
	}
	return out
}
