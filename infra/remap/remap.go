// Package remap reads the raw events of a source again, after a mapping that was valid but wrong has been mended, and sets
// the ledger right: what changes gets another revision, what has moved to another subject or time leaves a withdrawn
// one. Nothing is edited. It shows first what would change, and which handoffs rested on what was wrong.
//
// The revisions are appended before anything is said of them; then one event per subject asks score to make everything
// anew that its touches say. That event is made of the revisions themselves, so that the same command after a crash
// appends what is missing and asks for what nobody was asked for, and a second time does nothing.
package remap

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Ask is what is to be read again.
type Ask struct {
	Source string                           // a contract's name
	Since  time.Time                        // by the envelopes of the deliveries
	Until  time.Time                        // zero: now
	Events iter.Seq2[event.Envelope, error] // raw events, instead of the archive's
	By     string
	Why    string
}

// Plan is what changes, or changed.
type Plan struct {
	Source    string           `json:"source"`
	Contract  string           `json:"contract"` // name@version that reads now
	Since     time.Time        `json:"since"`
	Until     time.Time        `json:"until,omitzero"`
	Events    int              `json:"events"`    // raw events of the source that were read
	Touches   int              `json:"touches"`   // they make now
	Same      int              `json:"same"`      // of these, as recorded
	Changed   int              `json:"changed"`   // other content, where they stand
	Moved     int              `json:"moved"`     // another subject or time
	Added     int              `json:"added"`     // not recorded before
	Withdrawn int              `json:"withdrawn"` // recorded, and no longer made
	Refused   int              `json:"refused"`   // events with touches that break the contract now: these are left
	Others    int              `json:"others"`    // touches whose id the ledger has from another event: left
	Fields    []Count          `json:"fields"`    // by kind and field
	Accounts  []string         `json:"accounts"`  // that gain, lose or keep changed touches
	Waiting   []string         `json:"waiting"`   // subjects whose revisions score was not asked to fold yet
	Handoffs  []rested.Handoff `json:"handoffs"`
	Answers   []Answer         `json:"answers"` // to handoffs, that are read otherwise
	Applied   bool             `json:"applied"`
	Settled   bool             `json:"settled"`

	write []revision
}

// Count is how many touches of a kind differ in a field.
type Count struct {
	Kind    string `json:"kind"` // as recorded; of an added touch, as it is now
	Field   string `json:"field"`
	Touches int    `json:"touches"`
	From    string `json:"from,omitempty"` // an example
	To      string `json:"to,omitempty"`
}

// Answer is what a tool said of a handoff, by the mapping of then and by that of now.
type Answer struct {
	Touch   touch.ID  `json:"touch"`
	At      time.Time `json:"at"`
	Was     string    `json:"was,omitempty"` // kind; empty: it was none
	Is      string    `json:"is,omitempty"`  // kind; empty: it is none
	Handoff string    `json:"handoff,omitempty"`
	Account string    `json:"account,omitempty"` // that has the handoff now, as the rest
	Play    string    `json:"play,omitempty"`
	Owner   string    `json:"owner,omitempty"`
	State   string    `json:"state,omitempty"`
	// Stays says that what the answer was taken for goes on counting: a handoff is not opened again by a mapping.
	Stays bool `json:"stays,omitempty"`
}

// Nothing reports whether there is nothing to do.
func (p *Plan) Nothing() bool { return len(p.write) == 0 && len(p.Waiting) == 0 }

// Look reads everything and compares. It changes nothing.
func Look(ctx context.Context, s *stack.Stack, ask Ask) (*Plan, error) {
	p := &Plan{Source: ask.Source, Since: ask.Since, Until: ask.Until, Fields: []Count{}, Accounts: []string{}, Waiting: []string{}, Handoffs: []rested.Handoff{}, Answers: []Answer{}}
	names := []string{}
	for _, c := range s.Contracts.Contracts() {
		names = append(names, c.Name)
		if c.Name == ask.Source {
			p.Contract = fmt.Sprintf("%s@%d", c.Name, c.Version)
		}
	}
	if p.Contract == "" {
		slices.Sort(names)
		return nil, fmt.Errorf("no contract is called %q; there are %s", ask.Source, strings.Join(names, ", "))
	}
	raw, err := p.read(ctx, s, ask)
	if err != nil {
		return nil, err
	}
	stood, err := p.recorded(ctx, s, raw)
	if err != nil {
		return nil, err
	}
	p.compare(raw, stood)
	if err := p.unasked(ctx, s, stood); err != nil {
		return nil, err
	}
	return p, p.weigh(ctx, s)
}

// compare goes through all touches by id.
func (p *Plan) compare(raw *raw, stood *stood) {
	ids := map[touch.ID]bool{}
	for id := range raw.made {
		ids[id] = true
	}
	for id := range stood.byID {
		ids[id] = true
	}
	refused := map[string]bool{}
	for _, rows := range stood.byID {
		for _, r := range rows {
			if fine, read := raw.events[r.EventID]; read && !fine && !r.Withdrawn {
				refused[r.EventID] = true
			}
		}
	}
	p.Refused, p.Touches = len(refused), len(raw.made)
	order := slices.SortedFunc(maps.Keys(ids), func(a, b touch.ID) int { return strings.Compare(a.String(), b.String()) })
	fields := map[[2]string]*Count{}
	for _, id := range order {
		p.one(raw, stood.byID[id], raw.made[id], fields)
	}
	for _, c := range fields {
		p.Fields = append(p.Fields, *c)
	}
	slices.SortFunc(p.Fields, func(a, b Count) int {
		return cmp.Or(b.Touches-a.Touches, strings.Compare(a.Kind, b.Kind), strings.Compare(a.Field, b.Field))
	})
}

// one compares the rows of one id with what the events make of it now.
func (p *Plan) one(raw *raw, rows []*touch.Touch, made []*touch.Touch, fields map[[2]string]*Count) {
	now := choose(rows, made)
	if now == nil && len(made) > 0 {
		p.Others++ // the ledger has the id from another event, and the first come counts
		return
	}
	var at *touch.Touch // the row where it belongs
	var before *touch.Touch
	for _, r := range rows {
		if now != nil && r.Subject == now.Subject && r.Time.Equal(now.Time) {
			at = r
		}
		if !r.Withdrawn && (before == nil || at == r) {
			before = r
		}
	}
	switch {
	case now == nil && before == nil:
		return
	case now == nil:
		if !raw.ours(before) {
			return // recorded by a delivery that was not read
		}
		p.Withdrawn++
		count(fields, before.Kind, "no longer made", "", "")
	case before == nil:
		p.Added++
		count(fields, now.Kind, "added", "", "")
	case before != at:
		p.Moved++
		differ(fields, before, now)
	default:
		if n := differ(fields, at, now); n == 0 && live(rows) == 1 {
			p.Same++
			return
		} else if n == 0 {
			p.Moved++ // another row of it is left to be withdrawn
		} else {
			p.Changed++
		}
	}
	p.answer(before, now)
	// First where it belongs, then away from where it does not: at no moment is it nowhere.
	if now != nil && (at == nil || at.Withdrawn || !same(at, now)) {
		next := *now
		if next.Revision = 1; at != nil {
			next.Revision = at.Revision + 1
		}
		if before != nil {
			next.EventID = before.EventID
		}
		p.write = append(p.write, revision{touch: next, kind: now.Kind})
	}
	for _, r := range rows {
		if r != at && !r.Withdrawn {
			gone := *r
			gone.Revision, gone.Withdrawn = r.Revision+1, true
			p.write = append(p.write, revision{touch: gone, kind: r.Kind})
		}
	}
}

func live(rows []*touch.Touch) (n int) {
	for _, r := range rows {
		if !r.Withdrawn {
			n++
		}
	}
	return n
}

// choose picks the event that an id is of: the one that its row came from, else one with the same content; where nothing
// is recorded, the first.
func choose(rows, made []*touch.Touch) *touch.Touch {
	if len(rows) == 0 && len(made) > 0 {
		return made[0]
	}
	for _, m := range made {
		if slices.ContainsFunc(rows, func(r *touch.Touch) bool { return r.EventID == m.EventID }) {
			return m
		}
	}
	for _, m := range made {
		if slices.ContainsFunc(rows, func(r *touch.Touch) bool { return r.Digest == m.Digest }) {
			return m
		}
	}
	return nil
}

// weigh finds the accounts concerned and the handoffs that rested on what is revised.
func (p *Plan) weigh(ctx context.Context, s *stack.Stack) error {
	r := s.Graph.Reader()
	ids, roots := map[touch.ID]bool{}, map[string]bool{}
	for i := range p.write {
		t := &p.write[i].touch
		if subject.KindOf(t.Subject) == subject.Campaign {
			continue
		}
		ids[t.ID] = true
		place, err := r.At(ctx, t.Subject, t.Time.UnixMilli())
		if err != nil {
			return fmt.Errorf("whose is touch %s: %w", t.ID, err)
		}
		roots[place.Root] = true
	}
	p.Accounts = slices.Sorted(maps.Keys(roots))
	if err := p.answered(ctx, s, r); err != nil {
		return err
	}
	var err error
	p.Handoffs, err = rested.Handoffs(ctx, s, p.Accounts, rested.Of{Touches: ids})
	return err
}
