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

// past is everything the ledger says of an account and of all who were ever counted in it: one query per subject. Somebody
// who was parted from it, or has moved, has a life of their own in it as well: see made.elsewhere and past.ours.
type past struct {
	root      string
	who       *graph.Reader  // of now
	touches   []*touch.Touch // in the order in which they were recorded
	byID      map[touch.ID]*touch.Touch
	decisions []*made // in the order in which they were made
	apart     []*made // decisions under other accounts, about those who were parted from them
	members   []string
	revenue   []Revenue // by time
}

// made is a decision with its rows.
type made struct {
	decision  event.Decision
	at        time.Time       // when it was recorded
	outcome   *routing.Record // nil while nothing was done with it
	after     []step          // what followed, by time
	elsewhere bool            // it was made about somebody who did not belong to the account then
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
	outcomes map[told]*routing.Record
	after    map[string][]step
	seen     map[string]*made // two accounts may have told one decision
}

// told is a decision as one account told it.
type told struct{ account, decision string }

// readPast reads it: see whose.Read.
func readPast(ctx context.Context, s *stack.Stack, root string) (*past, error) {
	p := &past{root: root, who: s.Graph.Reader(), byID: map[touch.ID]*touch.Touch{}}
	r := &reading{p, map[told]*routing.Record{}, map[string][]step{}, map[string]*made{}}
	var err error
	if p.members, err = whose.Read(ctx, s.Graph, p.who, root, func(row *ledger.Row) error { return r.take(ctx, row) }); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if err := r.join(ctx); err != nil {
		return nil, err
	}
	return p, p.readApart(ctx, s)
}

// take takes one row of a timeline.
func (r *reading) take(ctx context.Context, row *ledger.Row) error {
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
		ours, err := r.holds(ctx, row.Owner, madeAt(&d.decision))
		if err != nil {
			return err
		}
		d.elsewhere = !ours
		if have := r.seen[row.ID]; have == nil {
			r.seen[row.ID] = d
			r.decisions = append(r.decisions, d)
		} else if have.elsewhere && ours {
			*have = *d
		}
	case ledger.Conversion:
		return r.tell(row)
	case ledger.Handoff, ledger.Receipt:
		var rec routing.Record
		if err := json.Unmarshal(row.Body, &rec); err != nil {
			return fmt.Errorf("handoff row %s of %s: %w", row.ID, row.Owner, err)
		}
		if row.ID != rec.Decision {
			if rec.Handoff != "" {
				r.after[rec.Handoff] = append(r.after[rec.Handoff], step{time: row.Time, recorded: row.RecordedAt, kind: row.Type, record: rec})
			}
		} else {
			// A later revision, which is read after the first, tells what became of one that was held.
			r.outcomes[told{row.Owner, row.ID}] = &rec
		}
	}
	return nil
}

// join puts together what was read, in order.
func (r *reading) join(ctx context.Context) error {
	p := r.past
	for _, d := range p.decisions {
		if d.outcome = r.outcome(d); d.outcome == nil {
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
	var ours []Revenue
	for _, x := range p.revenue {
		last := x.told[len(x.told)-1]
		ok, err := p.holds(ctx, last.Account, last.Time)
		if err != nil {
			return err
		}
		if ok { // whoever told it last has it
			ours = append(ours, x)
		}
	}
	p.revenue = ours
	return nil
}

// outcome is what was done with a decision, as the account says whose it is. Where that account says nothing, it was
// acted on under another, before the two were one.
func (r *reading) outcome(d *made) *routing.Record {
	if o := r.outcomes[told{d.decision.Account, d.decision.ID}]; o != nil {
		return o
	}
	for _, m := range r.members {
		if o := r.outcomes[told{m, d.decision.ID}]; o != nil {
			return o
		}
	}
	return nil
}

// madeAt is the time of which a decision is: the hour that it judges, or what came in it.
func madeAt(d *event.Decision) time.Time {
	if d.Newest.After(d.AsOf) {
		return d.Newest
	}
	return d.AsOf
}

// holds reports whether somebody belongs to the account at a time, by all that is known now.
func (p *past) holds(ctx context.Context, id string, at time.Time) (bool, error) {
	if id == p.root {
		return true, nil
	}
	place, err := p.who.At(ctx, id, at.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("explain: whose is %s: %w", id, err)
	}
	return place.Root == p.root, nil
}

// ours reports whether a touch counts for the account, by all that is known now. Our own book-keeping counts for nobody.
func (p *past) ours(ctx context.Context, t *touch.Touch) (bool, error) {
	if touch.Kept(t.Kind) {
		return false, nil
	}
	return p.holds(ctx, t.Subject, t.Time)
}

// leaveOut drops the decisions about who did not belong to it then, but for one that was asked for by its id.
func (p *past) leaveOut(asked string) {
	p.decisions = slices.DeleteFunc(p.decisions, func(d *made) bool {
		return d.elsewhere && (asked == "" || !d.is(asked))
	})
}

// is tells a decision by its id, or by that of its handoff.
func (d *made) is(id string) bool {
	return d.decision.ID == id || routing.HandoffID(d.decision.ID) == id
}

// restsOn reports whether a touch caused a decision, or counted in it.
func (d *made) restsOn(id touch.ID) bool {
	return cause(d) == id || slices.ContainsFunc(d.decision.Evaluation.Rules, func(c event.Contribution) bool { return slices.Contains(c.Evidence, id) })
}

// tell takes one revision of a conversion.
func (p *past) tell(row *ledger.Row) error {
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

// late is what had happened by a time and was recorded only after it, of what counts for the account; and what operators
// have set right since of who is whom, which holds of earlier times too.
func (p *past) late(ctx context.Context, at time.Time, heard time.Time) (late, setRight []*touch.Touch, err error) {
	for _, t := range p.touches {
		if !t.RecordedAt.After(heard) {
			continue
		}
		if t.Kind == touch.SubjectsLinked || t.Kind == touch.SubjectsUnlinked {
			setRight = append(setRight, t)
			continue
		}
		if t.Time.After(at) {
			continue
		}
		ours, err := p.ours(ctx, t)
		if err != nil {
			return nil, nil, err
		}
		if ours {
			late = append(late, t)
		}
	}
	return late, setRight, nil
}
