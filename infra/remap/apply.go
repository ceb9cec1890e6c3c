package remap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// revision is one row to be appended.
type revision struct {
	touch touch.Touch
	kind  string
}

// chunk is how many rows, or events, go in one call.
const chunk = 100

// Do looks, appends the revisions, and asks score to fold what they change.
func Do(ctx context.Context, s *stack.Stack, ask Ask) (*Plan, error) {
	p, err := Look(ctx, s, ask)
	if err != nil || p.Nothing() {
		return p, err
	}
	if err := p.append(ctx, s); err != nil {
		return p, err
	}
	if err := p.ask(ctx, s, ask); err != nil {
		return p, err
	}
	p.Applied = true
	p.Settled, err = s.Transit.Settle(ctx)
	return p, err
}

// append writes the rows in order. Each is a new key, so a row that stands there is another remap's.
func (p *Plan) append(ctx context.Context, s *stack.Stack) error {
	now := s.Now().UTC().Truncate(time.Millisecond)
	for list := range slices.Chunk(p.write, chunk) {
		rows := make([]ledger.Row, len(list))
		for i := range list {
			t := &list[i].touch
			t.RecordedAt = now
			body, err := json.Marshal(t)
			if err != nil {
				return fmt.Errorf("encode touch %s: %w", t.ID, err)
			}
			rows[i] = ledger.Row{Owner: t.Subject, Type: ledger.Touch, Time: t.Time, ID: t.ID.String(), Revision: t.Revision, RecordedAt: now, Body: body}
		}
		var errs []error
		for i, res := range s.Ledger.Append(ctx, rows) {
			switch {
			case res.Err != nil:
				errs = append(errs, res.Err)
			case res.Existing != nil:
				errs = append(errs, fmt.Errorf("revision %d of touch %s of %s was appended by somebody else meanwhile: run the same command again", rows[i].Revision, rows[i].ID, rows[i].Owner))
			}
		}
		if len(errs) > 0 {
			return fmt.Errorf("append revisions: %w", errs[0])
		}
	}
	return nil
}

// marker is the event that asks score to make anew what a subject's touches say. It is made of the revisions alone.
func marker(contract, id string, revised []*touch.Touch) (event.Revised, ledger.Row) {
	var names []string
	touches := map[touch.ID]bool{}
	at := time.Time{}
	for _, t := range revised {
		names = append(names, fmt.Sprintf("%s %s/%d", t.ID, t.Time.UTC().Format(time.RFC3339Nano), t.Revision))
		touches[t.ID] = true
		if t.RecordedAt.After(at) {
			at = t.RecordedAt
		}
	}
	slices.Sort(names)
	d := event.Revised{
		ID: touch.NewID("remap", contract, id+" "+strings.Join(names, " "), 0).String(), At: at.UTC().Format(time.RFC3339Nano),
		Subject: id, Mapping: contract, Touches: len(touches),
	}
	return d, ledger.Row{Owner: id, Type: ledger.Touch, Time: at, ID: touch.NewID("operator", event.TouchesRevised, d.ID, 0).String()}
}

// unasked finds the subjects with revisions, of a remap that died, that score was not asked about.
func (p *Plan) unasked(ctx context.Context, s *stack.Stack, stood *stood) error {
	for id, revised := range stood.revised {
		if subject.KindOf(id) == subject.Campaign {
			continue // spend is in no facts: reports read it from the ledger
		}
		_, row := marker(p.Source, id, revised)
		switch _, err := s.Ledger.Get(ctx, row); {
		case errors.Is(err, store.ErrNotFound):
			p.Waiting = append(p.Waiting, id)
		case err != nil:
			return fmt.Errorf("look for what was asked of %s: %w", id, err)
		}
	}
	slices.Sort(p.Waiting)
	return nil
}

// ask reads back which subjects have revisions by now, and puts an event for each that nobody asked about.
func (p *Plan) ask(ctx context.Context, s *stack.Stack, a Ask) error {
	stood, err := p.recorded(ctx, s, &raw{})
	if err != nil {
		return err
	}
	p.Waiting = []string{}
	if err := p.unasked(ctx, s, stood); err != nil {
		return err
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	var out []event.Envelope
	for _, id := range p.Waiting {
		// Answers first: what says that all of this subject is done must come after them.
		told, err := answers(stood.revised[id], now)
		if err != nil {
			return err
		}
		out = append(out, told...)
		d, _ := marker(p.Source, id, stood.revised[id])
		d.By, d.Why = a.By, a.Why
		body, err := json.Marshal(d)
		if err != nil {
			return err
		}
		out = append(out, event.Envelope{Source: event.Operator, DetailType: event.TouchesRevised, Time: now, Detail: body})
	}
	for list := range slices.Chunk(out, chunk) {
		if _, err := s.Put(ctx, list); err != nil {
			return err
		}
	}
	p.Waiting = []string{}
	return nil
}
