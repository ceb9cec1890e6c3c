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
	"handoff/shared/subject"
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
	time     time.Time // the answer's own
	recorded time.Time
	kind     ledger.Type
	record   routing.Record
	touched  *touch.Touch
}

// reading is a past while it is read.
type reading struct {
	*past
	ledger   *ledger.Ledger
	outcomes map[string]*routing.Record
	after    map[string][]step
	seen     map[string]bool // decisions: two accounts may have told one
}

// readPast reads it. A subject is asked once, for its links and its timeline together. Who only asked by a company's
// name that the account carries, and never was of it for sure, is not of it and is not read.
func readPast(ctx context.Context, s *stack.Stack, root string) (*past, error) {
	p := &past{byID: map[touch.ID]*touch.Touch{}}
	r := &reading{p, s.Ledger, map[string]*routing.Record{}, map[string][]step{}, map[string]bool{}}
	who := s.Graph.Reader()
	queue, met := []string{root}, map[string]bool{root: true}
	byName := map[string]bool{} // found by way of a name
	for i := 0; i < len(queue); i++ {
		id := queue[i]
		named := subject.KindOf(id) == subject.Name
		if byName[id] && !named {
			ivs, err := who.Intervals(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("explain: whose is %s: %w", id, err)
			}
			if !slices.ContainsFunc(ivs, func(iv subject.Interval) bool { return iv.Root == root }) {
				continue
			}
		}
		links, err := r.read(ctx, id, named)
		if err != nil {
			return nil, err
		}
		if !named {
			p.members = append(p.members, id)
		}
		for _, l := range links {
			if !met[l] {
				met[l] = true
				byName[l] = named || byName[id]
				queue = append(queue, l)
			}
		}
	}
	r.join()
	return p, nil
}

// read takes all rows of a subject and answers who is linked to it. Of a name there is nothing but that.
func (r *reading) read(ctx context.Context, id string, named bool) (links []string, err error) {
	rows := r.ledger.Whole(ctx, id)
	if named {
		rows = r.ledger.Links(ctx, id)
	}
	for row, err := range rows {
		if err == nil && row.Type == ledger.Link {
			links = append(links, row.ID)
			continue
		}
		if err == nil {
			err = r.take(row)
		}
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
	}
	return links, nil
}

// take takes one row of a timeline.
func (r *reading) take(row *ledger.Row) error {
	switch row.Type {
	case ledger.Touch, ledger.Enrichment:
		t, err := graph.Touch(row)
		if err != nil {
			return err
		}
		r.touches = append(r.touches, t)
		r.byID[t.ID] = t
	case ledger.Decision:
		d := &made{at: row.RecordedAt}
		if err := json.Unmarshal(row.Body, &d.decision); err != nil {
			return fmt.Errorf("decision %s of %s: %w", row.ID, row.Owner, err)
		}
		if !r.seen[row.ID] {
			r.seen[row.ID] = true
			r.decisions = append(r.decisions, d)
		}
	case ledger.Conversion:
		return r.told(row)
	case ledger.Handoff, ledger.Receipt:
		var rec routing.Record
		if err := json.Unmarshal(row.Body, &rec); err != nil {
			return fmt.Errorf("handoff row %s of %s: %w", row.ID, row.Owner, err)
		}
		if row.ID != rec.Decision {
			if rec.Handoff != "" {
				r.after[rec.Handoff] = append(r.after[rec.Handoff], step{time: row.Time, recorded: row.RecordedAt, kind: row.Type, record: rec})
			}
		} else if r.outcomes[row.ID] == nil || row.Revision > 0 {
			// A later revision tells what became of one that was held. Two accounts may have told one decision.
			r.outcomes[row.ID] = &rec
		}
	}
	return nil
}

// join puts together what was read, in order.
func (r *reading) join() {
	p := r.past
	for _, d := range p.decisions {
		d.outcome = r.outcomes[d.decision.ID]
		if d.outcome == nil {
			continue
		}
		d.after = r.after[d.outcome.Handoff]
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
}

// told takes one revision of a conversion.
func (p *past) told(row *ledger.Row) error {
	var c event.Conversion
	if err := json.Unmarshal(row.Body, &c); err != nil {
		return fmt.Errorf("conversion %s of %s: %w", row.ID, row.Owner, err)
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
