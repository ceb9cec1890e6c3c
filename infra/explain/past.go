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
	members, err := s.Graph.Dependents(ctx, root)
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
			case ledger.Handoff, ledger.Receipt:
				var r routing.Record
				if err := json.Unmarshal(row.Body, &r); err != nil {
					return nil, fmt.Errorf("explain: handoff row %s of %s: %w", row.ID, row.Owner, err)
				}
				if row.ID == r.Decision {
					if outcomes[row.ID] == nil {
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

// until is what was recorded by a decision: everything before the touch that caused it, and that touch. Touches of one
// delivery carry one time of recording; whole takes all of them, otherwise those after the causing one are left out.
func (p *past) until(d *made, whole bool) []*touch.Touch {
	cause, err := touch.ParseID(d.decision.Causation)
	c := p.byID[cause]
	if err != nil || c == nil {
		return p.by(d.at)
	}
	var out []*touch.Touch
	for _, t := range p.touches {
		if t.RecordedAt.After(c.RecordedAt) {
			break
		}
		if whole || t.RecordedAt.Before(c.RecordedAt) || !t.Time.After(c.Time) {
			out = append(out, t)
		}
	}
	return out
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

// happened is what happened at or before a time, whenever it was recorded. An answer about the company has no time of
// its own: it counts always.
func (p *past) happened(at time.Time) []*touch.Touch {
	var out []*touch.Touch
	for _, t := range p.touches {
		if !t.Time.After(at) {
			out = append(out, t)
		}
	}
	return out
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
