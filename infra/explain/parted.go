package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"handoff/infra/stack"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Apart is a decision about somebody of the account that was made under another, of which they counted then by a link that
// an operator has undone. It stays in that account's history, which tells it in full.
type Apart struct {
	Line
	Person string `json:"person"`
	Owner  string `json:"owner,omitempty"`
}

// readApart reads what was decided about those of the account who were parted from another: one query for each other.
func (p *past) readApart(ctx context.Context, s *stack.Stack) error {
	asked := map[string]bool{p.root: true}
	for _, t := range p.touches {
		if t.Kind != touch.SubjectsUnlinked || len(t.Links) != 1 {
			continue
		}
		if ours, err := p.holds(ctx, t.Subject, t.Time); err != nil || !ours {
			if err != nil {
				return err
			}
			continue
		}
		from, err := p.who.At(ctx, t.Links[0], t.Time.UnixMilli())
		if err != nil {
			return fmt.Errorf("explain: whose is %s: %w", t.Links[0], err)
		}
		if asked[from.Root] {
			continue
		}
		asked[from.Root] = true
		if err := p.apartUnder(ctx, s, from.Root); err != nil {
			return err
		}
	}
	slices.SortStableFunc(p.apart, func(a, b *made) int { return a.at.Compare(b.at) })
	return nil
}

// apartUnder reads the decisions of another account that are about persons of this one, or (elsewhere) rest on what they
// did.
func (p *past) apartUnder(ctx context.Context, s *stack.Stack, account string) error {
	outcomes := map[string]*routing.Record{}
	var found []*made
	for row, err := range s.Ledger.Timeline(ctx, account, time.Time{}, time.Time{}) {
		if err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		switch row.Type {
		case ledger.Decision:
			d := &made{at: row.RecordedAt}
			if err := json.Unmarshal(row.Body, &d.decision); err != nil {
				return fmt.Errorf("explain: decision %s of %s: %w", row.ID, row.Owner, err)
			}
			d.elsewhere = true
			if who := d.decision.Person; who != "" {
				ours, err := p.holds(ctx, who, madeAt(&d.decision))
				if err != nil {
					return err
				}
				d.elsewhere = !ours
			}
			if !d.elsewhere || slices.ContainsFunc(p.touches, func(t *touch.Touch) bool { return d.restsOn(t.ID) }) {
				found = append(found, d)
			}
		case ledger.Handoff:
			var rec routing.Record
			if err := json.Unmarshal(row.Body, &rec); err != nil {
				return fmt.Errorf("explain: handoff row %s of %s: %w", row.ID, row.Owner, err)
			}
			if row.ID == rec.Decision {
				outcomes[row.ID] = &rec
			}
		}
	}
	for _, d := range found {
		d.outcome = outcomes[d.decision.ID]
	}
	p.apart = append(p.apart, found...)
	return nil
}

// apart tells those of the time asked about; without one, all.
func (t *teller) apart(ctx context.Context) {
	for _, d := range t.past.apart {
		if w := t.answer.When; d.elsewhere || w != nil && !w.contains(d.at) || !t.asKnown.IsZero() && d.at.After(t.asKnown) {
			continue
		}
		a := Apart{Line: line(d), Person: t.name(ctx, d.decision.Person)}
		a.Account = d.decision.Account
		if d.outcome != nil && d.outcome.Choice != nil {
			a.Owner = t.person(d.outcome.Choice.Owner)
		}
		t.answer.Apart = append(t.answer.Apart, a)
	}
}

func (l *Line) acted() bool { return l.Outcome == routing.Offered || l.Outcome == routing.EnrolledIn }

// apart says what was decided about somebody under an account of which they are no more.
func (p *printer) apart() {
	for i := range p.Apart {
		a := &p.Apart[i]
		how := "nobody was contacted by it"
		switch a.Outcome {
		case routing.Offered:
			how = "it went to " + or(a.Owner, "a rep")
		case routing.EnrolledIn:
			how = "they were enrolled in a sequence by e-mail"
		}
		ask := a.Handoff
		if ask == "" {
			ask = a.ID
		}
		p.line("", "", "%s, %s was decided on about %s, who counted for %s then: %s. Why: handoff explain %s.",
			capital(p.at(a.MadeAt)), a.Play, a.Person, subject.KeyOf(a.Account), how, ask)
	}
	if len(p.Apart) > 0 {
		p.gap()
	}
}
