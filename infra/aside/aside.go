// Package aside is about events that were set aside: in quarantine, because they broke their contract, and among the dead
// letters, because a function could not handle them. Both are kept whole, so both can be processed again; doing so twice
// makes nothing twice, since a touch is known by its own id.
package aside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/functions/ingest"
	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// Event is one event in quarantine.
type Event struct {
	ID         string          `json:"id"` // of the row: names it to show and retry
	EventID    string          `json:"event_id"`
	Time       time.Time       `json:"time"` // of its envelope
	RecordedAt time.Time       `json:"recorded_at"`
	Source     string          `json:"source"`
	DetailType string          `json:"detail_type"`
	Contract   string          `json:"contract,omitempty"`
	Owner      string          `json:"owner,omitempty"` // the team that the contract names
	Code       string          `json:"code"`
	Field      string          `json:"field,omitempty"`
	Reason     string          `json:"reason"`
	Resolved   bool            `json:"resolved"`        // what it says is in the ledger by now
	Event      *event.Envelope `json:"event,omitempty"` // whole
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Contract string    // by name, with or without its version
	Code     string    // of the failure
	Day      time.Time // of the envelope, UTC
	Resolved bool      // also those that are resolved
}

func (f *Filter) takes(e *Event) bool {
	name, _, _ := strings.Cut(e.Contract, "@")
	return (f.Contract == "" || f.Contract == e.Contract || f.Contract == name) &&
		(f.Code == "" || f.Code == e.Code) && (f.Resolved || !e.Resolved)
}

// Quarantined yields the events in quarantine, in order of time.
func Quarantined(ctx context.Context, s *stack.Stack, f Filter) ([]Event, error) {
	var out []Event
	add := func(row *ledger.Row) error {
		e, err := read(ctx, s, row)
		if err == nil && f.takes(e) {
			out = append(out, *e)
		}
		return err
	}
	var err error
	if f.Day.IsZero() {
		err = walk(ctx, s, add)
	} else {
		err = day(ctx, s, f.Day, add)
	}
	slices.SortStableFunc(out, func(a, b Event) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, err
}

// day reads one day's rows, shard by shard.
func day(ctx context.Context, s *stack.Stack, at time.Time, add func(*ledger.Row) error) error {
	for _, owner := range ledger.DayOwners(ledger.Quarantine, at) {
		for row, err := range s.Ledger.Timeline(ctx, owner, time.Time{}, time.Time{}) {
			if err == nil {
				err = add(row)
			}
			if err != nil {
				return fmt.Errorf("quarantine of %s: %w", at.Format(time.DateOnly), err)
			}
		}
	}
	return nil
}

// walk reads the rows of all days: there is no list of the days that have some.
func walk(ctx context.Context, s *stack.Stack, add func(*ledger.Row) error) error {
	table, ok := s.History.(store.Scanner)
	if !ok {
		return fmt.Errorf("quarantine: this ledger cannot be walked; name a day")
	}
	for cursor := ""; ; {
		page, err := table.Scan(ctx, 1000, cursor)
		if err != nil {
			return fmt.Errorf("quarantine: walk the ledger: %w", err)
		}
		for _, rec := range page.Records {
			if !strings.HasPrefix(rec.Partition, string(ledger.Quarantine)+":") {
				continue
			}
			row, ok, err := s.Ledger.Decode(ctx, rec)
			if err == nil && ok {
				err = add(row)
			}
			if err != nil {
				return fmt.Errorf("quarantine: %w", err)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return nil
		}
	}
}

func read(ctx context.Context, s *stack.Stack, row *ledger.Row) (*Event, error) {
	var a ingest.Aside
	if err := json.Unmarshal(row.Body, &a); err != nil {
		return nil, fmt.Errorf("read the row of %s: %w", row.ID, err)
	}
	e := &Event{ID: row.ID, EventID: a.EventID, Time: row.Time, RecordedAt: row.RecordedAt, Source: a.Source, DetailType: a.DetailType,
		Contract: a.Contract, Reason: a.Reason, Event: a.Event}
	if f := a.Failure; f != nil {
		e.Code, e.Field, e.Owner = f.Code, f.Field, f.Owner
		if e.Contract == "" {
			e.Contract = f.Contract
		}
	}
	var err error
	e.Resolved, err = resolved(ctx, s, a.Event)
	return e, err
}

// resolved reports whether all that the contracts make of an event today stands in the ledger: its touches with the
// event's own content, or an ignored row.
func resolved(ctx context.Context, s *stack.Stack, e *event.Envelope) (bool, error) {
	if e == nil {
		return false, nil
	}
	parts := ingest.Trace(s.Contracts, e)
	for i := range parts {
		t := &parts[i]
		if t.Failure != nil {
			return false, nil
		}
		row, err := s.Ledger.Get(ctx, t.Row)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return false, nil
		case err != nil:
			return false, err
		case t.Touch == nil:
			continue
		}
		var stands touch.Touch
		if err := json.Unmarshal(row.Body, &stands); err != nil {
			return false, fmt.Errorf("read touch %s: %w", row.ID, err)
		}
		if stands.Digest != t.Touch.Digest {
			return false, nil // its id is still another's
		}
	}
	return len(parts) > 0, nil
}

// ErrUnknown is wrapped when an id names nothing that was set aside.
var ErrUnknown = errors.New("nothing of that id was set aside")

// Find returns quarantined events by the id of their row or of their envelope, or by the beginning of either.
func Find(ctx context.Context, s *stack.Stack, ids ...string) ([]Event, error) {
	all, err := Quarantined(ctx, s, Filter{Resolved: true})
	if err != nil {
		return nil, err
	}
	var out []Event
	for _, id := range ids {
		n := len(out)
		for _, e := range all {
			if e.ID == id || e.EventID == id || len(id) >= 6 && (strings.HasPrefix(e.ID, id) || strings.HasPrefix(e.EventID, id)) {
				out = append(out, e)
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("%s: %w; quarantine list shows the ids", id, ErrUnknown)
		}
	}
	return out, nil
}

// Retried is what came of processing quarantined events again.
type Retried struct {
	Put      int     `json:"put"`      // on the bus again
	Resolved int     `json:"resolved"` // of these, that the ledger has now
	Left     []Event `json:"left"`     // of these, that are still in quarantine, or on their way
	Settled  bool    `json:"settled"`  // none is on its way any more
}

// retryChunk is how many events one put carries.
const retryChunk = 500

// Retry puts quarantined events on the bus again, each as it was kept and at its own time, and looks what became of
// them. One that is refused again stands in the same row, so nothing is doubled; one that is taken leaves the row as
// the record of what happened.
func Retry(ctx context.Context, s *stack.Stack, events []Event) (*Retried, error) {
	out := &Retried{Left: []Event{}}
	var batch []event.Envelope
	flush := func() error {
		_, err := s.Put(ctx, batch)
		if err == nil {
			out.Put += len(batch)
		}
		batch = batch[:0]
		return err
	}
	for i := range events {
		if events[i].Event == nil {
			return out, fmt.Errorf("quarantine: %s was kept without its event", events[i].ID)
		}
		if batch = append(batch, *events[i].Event); len(batch) == retryChunk {
			if err := flush(); err != nil {
				return out, err
			}
		}
	}
	if len(batch) > 0 {
		if err := flush(); err != nil {
			return out, err
		}
	}
	var err error
	if out.Settled, err = s.Transit.Settle(ctx); err != nil {
		return out, fmt.Errorf("quarantine: process %d events again: %w", out.Put, err)
	}
	for _, e := range events {
		done, err := resolved(ctx, s, e.Event)
		if err != nil {
			return out, err
		}
		if done {
			out.Resolved++
		} else {
			out.Left = append(out.Left, e)
		}
	}
	return out, nil
}
