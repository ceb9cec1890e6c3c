package attribution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/watch"
)

// job is one conversion to settle, for all events of the batch that ask for it.
type job struct {
	id     string
	told   event.Conversion // the newest revision that the batch or the ledger knows
	due    bool             // its journey changed: compute even where the revision is known
	cause  event.Meta       // what changed it
	events []int
}

// batch is the work of one Handle.
type batch struct {
	errs   []error
	events []event.Envelope
	notes  []watch.Note // per event
	jobs   []*job
	byID   map[string]*job
}

// add joins an event's wish to settle a conversion to those of the batch. cause is nil for the conversion's own.
func (b *batch) add(i int, c event.Conversion, cause *event.Meta) {
	j := b.byID[c.ID]
	if j == nil {
		j = &job{id: c.ID, told: c}
		b.byID[c.ID] = j
		b.jobs = append(b.jobs, j)
	}
	if newer(&c, &j.told) {
		j.told = c
	}
	if cause != nil {
		j.due, j.cause = true, *cause
	}
	if !slices.Contains(j.events, i) {
		j.events = append(j.events, i)
	}
}

// record appends a conversion row for each revision told, before anything of a journey is read. CreditsDue finds
// conversions by these rows, so whichever of the two events comes first, one of them sees the other's part: were the
// row written after the journey was read, a late touch could fall between the two and stay without credit.
func (h *Handler) record(ctx context.Context, b *batch) {
	var rows []ledger.Row
	var told []event.Conversion        // per row
	events := map[store.Key][]int{}    // per row: the events that tell it, duplicates in one batch included
	sequences := map[store.Key]int64{} // per row: the highest told
	for i := range b.events {
		e := &b.events[i]
		switch e.DetailType {
		case event.CreditsDue:
			continue
		case event.ConversionRecorded:
		default:
			b.errs[i] = fmt.Errorf("attribution: event %s: no such detail type here: %s from %s; a rule of the template sends it astray", e.ID, e.DetailType, e.Source)
			continue
		}
		var c event.Conversion
		err := json.Unmarshal(e.Detail, &c)
		if err == nil {
			err = check(&c)
		}
		if err != nil {
			b.errs[i] = fmt.Errorf("attribution: event %s: detail of %s: %w", e.ID, e.DetailType, err)
			continue
		}
		b.notes[i] = watch.Note{Correlation: c.Correlation, Causation: c.Causation, Account: c.Account}
		c.Time = c.Time.UTC().Truncate(time.Millisecond)
		body, err := json.Marshal(c)
		if err != nil {
			b.errs[i] = fmt.Errorf("attribution: event %s: encode the conversion: %w", e.ID, err)
			continue
		}
		row := ledger.Row{Owner: c.Account, Type: ledger.Conversion, Time: c.Time, ID: c.ID + "@" + c.Revision, RecordedAt: h.Now(), Body: body}
		if events[row.Key()] == nil {
			rows, told = append(rows, row), append(told, c)
		}
		events[row.Key()] = append(events[row.Key()], i)
		sequences[row.Key()] = max(sequences[row.Key()], c.Sequence)
	}
	for k, res := range h.Ledger.Append(ctx, rows) {
		key := rows[k].Key()
		told[k].Sequence = sequences[key]
		for _, i := range events[key] {
			if res.Err != nil { // a row that stands there already is as good
				b.errs[i] = fmt.Errorf("attribution: record conversion %s: %w", told[k].ID, res.Err)
				continue
			}
			b.add(i, told[k], nil)
		}
	}
}

// check refuses what cannot be credited. It ends in the dead-letter queue, where a person sees that score and this
// function disagree; guessing would lose money.
func check(c *event.Conversion) error {
	var errs []error
	for _, f := range []struct {
		name string
		ok   bool
	}{
		{"id", c.ID != ""}, {"account", c.Account != ""}, {"revision", c.Revision != ""}, {"time", !c.Time.IsZero()},
		{"amount.currency", c.Amount.Currency != ""}, {"sequence (1 or more)", c.Sequence > 0},
	} {
		if !f.ok {
			errs = append(errs, fmt.Errorf("%s is missing", f.name))
		}
	}
	return errors.Join(errs...)
}

// find turns CreditsDue into the conversions concerned: those of the account at or after the time from which its
// journey changed. One walk per account serves the whole batch.
func (h *Handler) find(ctx context.Context, b *batch) {
	type due struct {
		from   time.Time
		cause  event.Meta // of the earliest
		events []int
	}
	accounts := map[string]*due{}
	var order []string
	for i := range b.events {
		e := &b.events[i]
		if e.DetailType != event.CreditsDue {
			continue
		}
		var d event.CreditsDueDetail
		err := json.Unmarshal(e.Detail, &d)
		if err == nil && d.Account == "" {
			err = errors.New("account is missing")
		}
		if err != nil {
			b.errs[i] = fmt.Errorf("attribution: event %s: detail of %s: %w", e.ID, e.DetailType, err)
			continue
		}
		b.notes[i] = watch.Note{Correlation: d.Correlation, Causation: d.Causation, Account: d.Account}
		a := accounts[d.Account]
		if a == nil {
			a = &due{from: d.From, cause: d.Meta}
			accounts[d.Account] = a
			order = append(order, d.Account)
		}
		if d.From.Before(a.from) {
			a.from, a.cause = d.From, d.Meta
		}
		a.events = append(a.events, i)
	}
	for _, account := range order {
		a := accounts[account]
		found, err := conversions(ctx, h.Ledger, account, a.from, time.Time{})
		for _, i := range a.events {
			if err != nil {
				b.errs[i] = fmt.Errorf("attribution: find the conversions of %s: %w", account, err)
				continue
			}
			for _, c := range found {
				b.add(i, c, &a.cause)
			}
		}
	}
}

// newer orders the revisions of one conversion; equal sequences (two accounts in one millisecond) by a fixed rule.
func newer(c, than *event.Conversion) bool {
	if c.Sequence != than.Sequence {
		return c.Sequence > than.Sequence
	}
	return c.Revision > than.Revision
}
