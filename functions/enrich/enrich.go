// Package enrich asks a chain of providers who a company is, and records the answer as a fact like any other.
//
// It consumes EnrichmentWanted (score asks once per account) and publishes AccountEnriched. The answer, also "nobody
// knows", is appended to the ledger as a touch of kind account_enriched under the account. Free-mail, disposable and
// invalid domains are answered without asking anybody. A touch never waits for this function; a decision may, until
// the answer comes or score's hold expires.
//
// A redelivered event finds the answer in the ledger and publishes it again; nobody is asked twice, so a provider that
// changed its mind between two deliveries cannot leave an answer behind that was recorded and never published.
package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"handoff/shared/company"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// Provider knows firmographics.
type Provider interface {
	// Lookup answers with a company's fields (see Fields; others are ignored) by its registrable domain. found is
	// false where the provider does not know the company. An error means that it could not say, and to ask again.
	Lookup(ctx context.Context, domain string) (fields map[string]string, found bool, err error)
}

// Config is what a Handler is made of. Everything is needed.
type Config struct {
	Ledger   *ledger.Ledger
	Bus      event.Publisher
	Provider Provider // usually a Chain; an empty Chain for none
	Log      *slog.Logger
	Now      func() time.Time
}

// Handler is the enrich function.
type Handler struct{ Config }

// New checks the configuration, all of it at once.
func New(c Config) (*Handler, error) {
	var errs []error
	for _, need := range []struct {
		name string
		ok   bool
	}{
		{"Ledger", c.Ledger != nil}, {"Bus", c.Bus != nil}, {"Provider", c.Provider != nil}, {"Log", c.Log != nil}, {"Now", c.Now != nil},
	} {
		if !need.ok {
			errs = append(errs, fmt.Errorf("enrich: %s is missing", need.name))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &Handler{c}, nil
}

// want is one account of a batch, for all events that ask about it.
type want struct {
	detail  event.EnrichmentWantedDetail
	events  []int
	touches []touch.Touch // the answer; more than one only where two deliveries ran at once
	known   bool          // it stood in the ledger already
	outcome string
	err     error
}

// Handle answers each account that a batch asks about once.
func (h *Handler) Handle(ctx context.Context, batch []event.Envelope) []error {
	errs := make([]error, len(batch))
	wants := read(batch, errs)
	h.ask(ctx, batch, wants)
	h.record(ctx, wants)
	h.publish(ctx, batch, wants)
	notes := watch.Notes(ctx, batch)
	for _, w := range wants {
		for _, i := range w.events {
			errs[i] = w.err
			notes[i] = watch.Note{Correlation: w.detail.Correlation, Causation: w.detail.Causation, Account: w.detail.Account, Outcome: w.outcome,
				Published: len(w.touches)}
		}
		w.count(metric.From(ctx))
	}
	return errs
}

func read(batch []event.Envelope, errs []error) []*want {
	var wants []*want
	byAccount := map[string]*want{}
	for i := range batch {
		e := &batch[i]
		if e.DetailType != event.EnrichmentWanted {
			errs[i] = fmt.Errorf("enrich: event %s: no such detail type here: %s from %s; a rule of the template sends it astray", e.ID, e.DetailType, e.Source)
			continue
		}
		var d event.EnrichmentWantedDetail
		err := json.Unmarshal(e.Detail, &d)
		if err == nil && d.Account == "" {
			err = errors.New("account is missing")
		}
		if err != nil {
			errs[i] = fmt.Errorf("enrich: event %s: detail of %s: %w", e.ID, e.DetailType, err)
			continue
		}
		w := byAccount[d.Account]
		if w == nil {
			w = &want{detail: d}
			byAccount[d.Account] = w
			wants = append(wants, w)
		}
		w.events = append(w.events, i)
	}
	return wants
}

// parallel bounds how many companies are asked about at a time: a provider may take seconds.
const parallel = 8

// ask finds the answer to each want. All goroutines have ended when it returns; nothing is written here.
func (h *Handler) ask(ctx context.Context, batch []event.Envelope, wants []*want) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for _, w := range wants {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			h.answer(ctx, &batch[w.events[0]], w)
		})
	}
	wg.Wait()
}

// answer takes the answer that stands in the ledger, else the provider's.
func (h *Handler) answer(ctx context.Context, e *event.Envelope, w *want) {
	for row, err := range h.Ledger.Timeline(ctx, w.detail.Account, Undated, Undated.Add(time.Millisecond)) {
		if err != nil {
			w.err = fmt.Errorf("enrich: look for an earlier answer about %s: %w", w.detail.Account, err)
			return
		}
		if row.Type != ledger.Enrichment {
			continue
		}
		var t touch.Touch
		if err := json.Unmarshal(row.Body, &t); err != nil {
			w.err = fmt.Errorf("enrich: decode the answer %s about %s: %w", row.ID, w.detail.Account, err)
			return
		}
		w.touches, w.known = append(w.touches, t), true
	}
	if w.known {
		w.outcome = "known"
		return
	}
	domain, _ := company.Domain(w.detail.Domain)
	class := company.ClassOf(w.detail.Domain)
	a := answer{provider: "none", outcome: class.String()}
	if class == company.Business {
		fields, found, err := h.Provider.Lookup(ctx, domain)
		if err != nil {
			// The account keeps waiting until score's hold is over; the queue asks again, for hours, and then the
			// event is dead-lettered with this error.
			w.err = fmt.Errorf("enrich: ask about %s: %w", w.detail.Account, err)
			return
		}
		a = h.clean(ctx, domain, fields, found)
	}
	w.outcome = a.outcome
	w.touches = []touch.Touch{a.touch(w.detail.Account, domain, e.ID, h.Now())}
}

// record appends the answers. Two deliveries at once with the same answer make the same row; the touch is then what
// stands there, with its own recorded_at.
func (h *Handler) record(ctx context.Context, wants []*want) {
	var rows []ledger.Row
	var of []*want
	for _, w := range wants {
		if w.err != nil || w.known {
			continue
		}
		row, err := rowOf(&w.touches[0])
		if err != nil {
			w.err = err
			continue
		}
		rows, of = append(rows, row), append(of, w)
	}
	for i, res := range h.Ledger.Append(ctx, rows) {
		w := of[i]
		if res.Err == nil && res.Existing != nil {
			w.touches = make([]touch.Touch, 1)
			res.Err = json.Unmarshal(res.Existing.Body, &w.touches[0])
		}
		if res.Err != nil {
			w.err = fmt.Errorf("enrich: record the answer about %s: %w", w.detail.Account, res.Err)
		}
	}
}

// publish tells of all answers that are recorded. Dead before or during this, or with some refused by the bus: the
// events fail and come again, find their answers in the ledger and publish them, some for the second time.
func (h *Handler) publish(ctx context.Context, batch []event.Envelope, wants []*want) {
	var events []event.Envelope
	var of []*want
	for _, w := range wants {
		if w.err != nil {
			continue
		}
		for i := range w.touches {
			cause := &batch[w.events[0]]
			meta := event.Meta{Correlation: w.detail.Correlation, Causation: cause.ID}
			if meta.Correlation == "" {
				meta.Correlation = w.touches[i].ID.String()
			}
			detail, err := json.Marshal(event.TouchDetail{Meta: meta, Touch: w.touches[i]})
			if err != nil {
				w.err = fmt.Errorf("enrich: encode the answer about %s: %w", w.detail.Account, err)
				break
			}
			events = append(events, event.Envelope{DetailType: event.AccountEnriched, Source: event.Source, Detail: detail, Trace: cause.Trace})
		}
		of = append(of, w)
	}
	if len(events) == 0 {
		return
	}
	if err := h.Bus.Publish(ctx, events); err != nil {
		for _, w := range of {
			if w.err == nil {
				w.err = fmt.Errorf("enrich: publish the answer about %s: %w", w.detail.Account, err)
			}
		}
	}
}

// count counts an answer by what it came to; one that failed is asked for again and counts then.
func (w *want) count(tally *metric.Tally) {
	switch {
	case w.err != nil:
	case w.known:
		tally.Add(metric.Duplicates, 1)
	case w.outcome == found:
		tally.Add(metric.Enriched, 1)
	default:
		tally.Add(metric.NotEnriched, 1)
	}
}
