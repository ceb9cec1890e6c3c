// Package ingest turns what tools send into touches.
//
// It consumes every event from outside; it publishes TouchRecorded. It appends touches to the ledger, and what makes no
// touch as ignored rows (by a contract's own rule, with its reason) or quarantine rows (whole, with what broke).
//
// A duplicate is answered by the row that stands, and published again as that row has it: the first delivery may have
// died between the append and the publish, and who hears a touch twice knows it. A late event is an event like any
// other. The same id with another content goes to quarantine: within one key the first come wins.
package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// Config is what a Handler is made of. Everything is needed.
type Config struct {
	Ledger    *ledger.Ledger
	Bus       event.Publisher
	Contracts *contract.Set
	Now       func() time.Time
}

// Handler is the ingest function.
type Handler struct{ Config }

// New checks the configuration, all of it at once.
func New(c Config) (*Handler, error) {
	var errs []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"Ledger", c.Ledger != nil && c.Ledger.Table != nil}, {"Bus", c.Bus != nil}, {"Contracts", c.Contracts != nil},
		{"Now", c.Now != nil},
	} {
		if !need.ok {
			errs = append(errs, fmt.Errorf("ingest: %s is missing", need.name))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Handler{c}, nil
}

// entry is one row that an event makes.
type entry struct {
	index   int // of its event in the batch
	touch   *touch.Touch
	outcome *contract.Outcome
}

// Handle reads a batch: one append for all its rows, one publish for all its touches. An event fails as a whole and is
// delivered again as a whole; what it left behind by then is met as a duplicate.
func (h *Handler) Handle(ctx context.Context, batch []event.Envelope) []error {
	errs := make([]error, len(batch))
	says := newSaid(ctx, batch)
	started := h.Now().UTC().Truncate(time.Millisecond)
	var rows []ledger.Row
	var entries []entry
	for i := range batch {
		for _, out := range h.Contracts.Read(&batch[i]) {
			made, err := h.rows(&batch[i], &out, started)
			if err != nil {
				errs[i] = err
				break
			}
			for j := range made {
				e := entry{index: i, outcome: &out}
				if out.Failure == nil && out.Ignored == "" {
					e.touch = &out.Touches[j]
				}
				rows, entries = append(rows, made[j]), append(entries, e)
			}
		}
	}
	publish, from := h.settle(ctx, batch, rows, entries, errs, says)
	if len(publish) > 0 {
		// The ledger has the touches. If the bus does not take them, or this process dies here, the queue delivers the
		// events again, they are duplicates then, and are published from their rows.
		var left *event.Leftover
		switch err := h.Bus.Publish(ctx, publish); {
		case errors.As(err, &left):
			failed := make(map[string]bool, len(left.Events))
			for _, e := range left.Events {
				failed[string(e.Detail)] = true
			}
			for j, e := range publish {
				if failed[string(e.Detail)] {
					errs[from[j]] = fmt.Errorf("ingest: publish: %w", err)
				}
			}
		case err != nil:
			for _, i := range from {
				errs[i] = fmt.Errorf("ingest: publish: %w", err)
			}
		}
	}
	says.count()
	return errs
}

// rows are what one outcome leaves in the ledger: its touches, or one ignored or quarantine row.
func (h *Handler) rows(e *event.Envelope, out *contract.Outcome, now time.Time) ([]ledger.Row, error) {
	if out.Failure != nil || out.Ignored != "" {
		row := asideRow(e, out)
		row.RecordedAt = now
		body, err := json.Marshal(asideOf(out))
		if err != nil {
			return nil, fmt.Errorf("ingest: event %s: encode its %s row: %w", e.ID, row.Type, err)
		}
		row.Body = body
		return []ledger.Row{row}, nil
	}
	made := make([]ledger.Row, len(out.Touches))
	for i := range out.Touches {
		t := &out.Touches[i]
		t.RecordedAt, t.EventID = now, e.ID
		body, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("ingest: event %s: encode touch %s: %w", e.ID, t.ID, err)
		}
		made[i] = touchRow(t)
		made[i].RecordedAt, made[i].Body = now, body
	}
	return made, nil
}

// settle appends the rows and gathers what to publish, with the index of the event that each message came from.
func (h *Handler) settle(ctx context.Context, batch []event.Envelope, rows []ledger.Row, entries []entry, errs []error, says *said) (publish []event.Envelope, from []int) {
	var reused []ledger.Row
	var reusedBy []entry
	for j, res := range h.Ledger.Append(ctx, rows) {
		e := entries[j]
		switch {
		case errs[e.index] != nil:
			continue
		case res.Err != nil:
			errs[e.index] = fmt.Errorf("ingest: event %s: %w", batch[e.index].ID, res.Err)
			continue
		case e.touch == nil:
			says.aside(e.index, e.outcome, res.Existing != nil)
			continue
		}
		t, body, cause := e.touch, rows[j].Body, e.touch.EventID
		if res.Existing != nil {
			var stands touch.Touch
			if err := touch.Read(res.Existing.Body, &stands); err != nil {
				errs[e.index] = fmt.Errorf("ingest: event %s: read the row that stands for touch %s: %w", batch[e.index].ID, t.ID, err)
				continue
			}
			if stands.Digest != t.Digest {
				row, failed, err := h.reused(&batch[e.index], e.outcome, &stands)
				if err != nil {
					errs[e.index] = err
					continue
				}
				reused, reusedBy = append(reused, row), append(reusedBy, entry{index: e.index, outcome: failed})
				continue
			}
			body, cause = res.Existing.Body, stands.EventID
		}
		says.recorded(e.index, t.ID, e.outcome, res.Existing != nil)
		publish = append(publish, event.Envelope{
			Source: event.Source, DetailType: event.TouchRecorded, Detail: detail(t.ID, cause, body), Trace: batch[e.index].Trace,
		})
		from = append(from, e.index)
	}
	if len(reused) > 0 {
		for j, res := range h.Ledger.Append(ctx, reused) {
			e := reusedBy[j]
			if res.Err != nil {
				errs[e.index] = fmt.Errorf("ingest: event %s: %w", batch[e.index].ID, res.Err)
				continue
			}
			says.aside(e.index, e.outcome, res.Existing != nil)
		}
	}
	return publish, from
}

// detail is a TouchDetail with the touch as its row has it, byte for byte. cause is the delivery that the row came with,
// so a duplicate's says the same.
func detail(id touch.ID, cause string, body []byte) json.RawMessage {
	b := make([]byte, 0, len(body)+len(cause)+80)
	b = append(b, `{"correlation_id":"`...)
	b = append(b, id.String()...)
	if cause != "" {
		b = append(b, `","causation_id":`...)
		b = quoted(b, cause)
		b = append(b, `,"touch":`...)
	} else {
		b = append(b, `","touch":`...)
	}
	b = append(b, body...)
	return append(b, '}')
}

// quoted appends a string as JSON. The bus's ids need no escapes; another's may.
func quoted(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, _ := json.Marshal(s) // a string always can be
			return append(b, text...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// reused is the quarantine row of an event whose id the ledger has with another content, and the outcome that it is of.
func (h *Handler) reused(e *event.Envelope, out *contract.Outcome, stands *touch.Touch) (ledger.Row, *contract.Outcome, error) {
	failed := *out
	failed.Failure = &contract.Failure{
		Code: contract.IDReused, Contract: out.Contract, Owner: out.Owner,
		Reason: fmt.Sprintf("the id %s stands in the ledger since %s with another content; the producer must give each event an id of its own", stands.ProducerID, stands.RecordedAt.Format(time.RFC3339)),
	}
	failed.Touches = nil
	made, err := h.rows(e, &failed, h.Now().UTC().Truncate(time.Millisecond))
	if err != nil {
		return ledger.Row{}, nil, err
	}
	return made[0], &failed, nil
}
