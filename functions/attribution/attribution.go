// Package attribution credits a conversion's journey by all models of the policy, to the cent, and keeps the credits
// right when the conversion or its journey changes.
//
// It consumes ConversionRecorded (revenue, in its latest revision) and CreditsDue (a journey changed from a time on),
// both from score; it publishes RevenueAttributed. It appends conversion and credit rows under the account to the
// ledger, never edits one, and keeps one item per conversion in the accounts table that names the credit row which
// counts.
//
// A duplicate, or an older revision that arrives late, changes nothing. An edit, a refund, a deal lost again or a late
// touch makes a new credit row that takes the place of the old one. The same inputs make the same digest, for which
// nothing is written or published twice.
package attribution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	credit "handoff/shared/attribution"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// Journey yields every touch that belongs to an account, whichever subject its payload named, from inclusive, until
// exclusive, in any order. It sees every touch that was appended and linked before the call.
type Journey interface {
	Touches(ctx context.Context, account string, from, until time.Time) iter.Seq2[*touch.Touch, error]
}

// Policy answers with the models in force and the policy that they are of.
type Policy func(ctx context.Context) (*credit.Models, event.PolicyRef, error)

// Config is what a Handler is made of. Everything is needed.
type Config struct {
	Ledger   *ledger.Ledger
	Accounts store.Table
	Bus      event.Publisher
	Journey  Journey
	Policy   Policy
	Log      *slog.Logger
	Now      func() time.Time
}

// Handler is the attribution function.
type Handler struct{ Config }

// New checks the configuration, all of it at once.
func New(c Config) (*Handler, error) {
	var errs []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"Ledger", c.Ledger != nil}, {"Accounts", c.Accounts != nil}, {"Bus", c.Bus != nil}, {"Journey", c.Journey != nil},
		{"Policy", c.Policy != nil}, {"Log", c.Log != nil}, {"Now", c.Now != nil},
	} {
		if !need.ok {
			errs = append(errs, fmt.Errorf("attribution: %s is missing", need.name))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Handler{c}, nil
}

// job is one conversion to settle, for all events of the batch that ask for it.
type job struct {
	id     string
	told   event.Conversion // the newest revision that the batch or the ledger knows
	due    bool             // its journey changed: compute even where the revision is known
	events []int
}

// batch is the work of one Handle.
type batch struct {
	errs   []error
	events []event.Envelope
	jobs   []*job
	byID   map[string]*job
}

// Handle settles each conversion that a batch concerns once.
func (h *Handler) Handle(ctx context.Context, events []event.Envelope) []error {
	b := &batch{errs: make([]error, len(events)), events: events, byID: map[string]*job{}}
	models, ref, err := h.Policy(ctx)
	if err != nil {
		for i := range b.errs {
			b.errs[i] = fmt.Errorf("attribution: read the active policy: %w", err)
		}
		return b.errs
	}
	h.record(ctx, b)
	h.find(ctx, b)
	for _, j := range b.jobs {
		start := h.Now()
		outcome, err := h.settle(ctx, models, ref, j)
		for _, i := range j.events {
			if b.errs[i] == nil {
				b.errs[i] = err
			}
		}
		h.logged(ctx, b, j, outcome, h.Now().Sub(start), err)
	}
	return b.errs
}

// add joins an event's wish to settle a conversion to those of the batch.
func (b *batch) add(i int, c event.Conversion, due bool) {
	j := b.byID[c.ID]
	if j == nil {
		j = &job{id: c.ID, told: c}
		b.byID[c.ID] = j
		b.jobs = append(b.jobs, j)
	}
	if newer(&c, &j.told) {
		j.told = c
	}
	j.due = j.due || due
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
			b.add(i, told[k], false)
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
		a := accounts[d.Account]
		if a == nil {
			a = &due{from: d.From}
			accounts[d.Account] = a
			order = append(order, d.Account)
		}
		if d.From.Before(a.from) {
			a.from = d.From
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
				b.add(i, c, true)
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

func (h *Handler) logged(ctx context.Context, b *batch, j *job, outcome string, took time.Duration, err error) {
	e := &b.events[j.events[0]]
	attrs := []any{
		"event_id", e.ID, "detail_type", e.DetailType, "correlation_id", j.told.Correlation, "account_id", j.told.Account,
		"conversion", j.id, "outcome", outcome, "duration_ms", took.Milliseconds(),
	}
	if err != nil {
		h.Log.ErrorContext(ctx, "conversion not settled", append(attrs, "error", err)...)
		return
	}
	h.Log.InfoContext(ctx, "conversion settled", attrs...)
}
