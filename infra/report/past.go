package report

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/functions/ingest"
	"handoff/shared/ledger"
	"handoff/shared/money"
	"handoff/shared/routing"
	"handoff/shared/touch"
)

// past is what reports need of the ledger, gathered in one walk.
type past struct {
	decisions []placed
	packets   map[string]bool   // handoffs whose decision brings a packet
	offers    map[string]*offer // by handoff
	bills     map[string]*bill  // by the billing tool's invoice id
	sources   map[string]*heard
	kinds     map[string]map[string]bool // contract@version, then also contract and source type → kinds it made
	aside     map[asideKey]*Aside
	reasons   map[string]string // by the touch that sent a handoff back
	answers   heardAnswers
	first     time.Time // of the touches, by their own time
	last      time.Time
	touches   int
}

// placed is where a decision found an account.
type placed struct {
	account string
	at      time.Time
	stages  map[string]string
}

// offer is a handoff's way from the offer to the first outreach.
type offer struct {
	owner, team, play string
	account           string
	catchAll          bool // nobody of the team could take it
	at, outreach      time.Time

	accepted bool
	closed   time.Time // zero while it holds its place
	state    string    // how it was closed: rejected, recycled, completed
	answer   string    // the touch that closed it, "" for the clock
	end      routing.End
	told     string // why the clock closed it, as its row says
}

// bill is an invoice that was paid.
type bill struct {
	id, deal string // deal: the CRM's id of the opportunity it bills, as the billing tool has it
	account  string // subject that paid
	paid     money.Amount
	refunded map[string]money.Amount // by what gave it back: each is a running total, the highest counts
}

func (b *bill) net() money.Amount {
	n := b.paid
	for _, r := range b.refunded {
		if r.Currency == n.Currency {
			n.Minor -= r.Minor
		}
	}
	return n
}

// heard is when a source's touches were recorded.
type heard struct {
	at     []int64 // unix milliseconds
	recent time.Time
}

func (s *Snapshot) read(ctx context.Context) (*past, error) {
	if s.past != nil {
		return s.past, nil
	}
	p := &past{packets: map[string]bool{}, offers: map[string]*offer{}, bills: map[string]*bill{}, sources: map[string]*heard{}, kinds: map[string]map[string]bool{}, aside: map[asideKey]*Aside{}, reasons: map[string]string{}, answers: newHeardAnswers()}
	for recs, err := range pages(ctx, s.History) {
		if err != nil {
			return nil, fmt.Errorf("report: walk the ledger: %w", err)
		}
		for i := range recs {
			row, ok, err := s.Ledger.Decode(ctx, recs[i])
			if err != nil {
				return nil, fmt.Errorf("report: %w", err)
			}
			if !ok || row.RecordedAt.After(s.At) {
				continue
			}
			if err := p.take(row); err != nil {
				return nil, fmt.Errorf("report: %s %s of %s: %w", row.Type, row.ID, row.Owner, err)
			}
		}
	}
	slices.SortFunc(p.decisions, func(a, b placed) int {
		return cmp.Or(compare(a.account, b.account), a.at.Compare(b.at))
	})
	s.past = p
	return p, nil
}

func (p *past) take(row *ledger.Row) error {
	switch row.Type {
	case ledger.Touch:
		return p.touch(row)
	case ledger.Decision:
		var d struct {
			ID         string    `json:"id"`
			Account    string    `json:"account"`
			AsOf       time.Time `json:"as_of"`
			Evaluation struct {
				Stages map[string]string `json:"stages"`
			} `json:"evaluation"`
			Packet *struct{} `json:"packet"`
		}
		if err := json.Unmarshal(row.Body, &d); err != nil {
			return err
		}
		if d.Packet != nil {
			p.packets[routing.HandoffID(d.ID)] = true
		}
		p.decisions = append(p.decisions, placed{d.Account, d.AsOf, d.Evaluation.Stages})
	case ledger.Handoff:
		var r routing.Record
		if err := json.Unmarshal(row.Body, &r); err != nil {
			return err
		}
		p.handoff(row, &r)
	case ledger.Quarantine, ledger.Ignored:
		var a ingest.Aside
		if err := json.Unmarshal(row.Body, &a); err != nil {
			return err
		}
		p.turnedAway(row, &a)
	}
	return nil
}

// touch reads of a touch only what some report needs: most touches are decoded in part.
func (p *past) touch(row *ledger.Row) error {
	var t struct {
		ID         string        `json:"id"`
		Kind       string        `json:"kind"`
		Subject    string        `json:"subject"`
		Source     string        `json:"source"`
		SourceType string        `json:"source_type"`
		Contract   string        `json:"contract"`
		Revision   int           `json:"revision"`
		Money      *money.Amount `json:"money"`
		Test       bool          `json:"test"`
		Feedback   struct {
			Reason string `json:"reason"`
		} `json:"feedback"`
		Props struct {
			Invoice     any `json:"invoice"`
			Opportunity any `json:"opportunity"`
			RefundOf    any `json:"refund_of"`
		} `json:"props"`
	}
	if err := json.Unmarshal(row.Body, &t); err != nil {
		return err
	}
	if t.Revision == 0 {
		p.touches++
	}
	if p.first.IsZero() || row.Time.Before(p.first) {
		p.first = row.Time
	}
	if row.Time.After(p.last) {
		p.last = row.Time
	}
	p.hear(t.Source, row.RecordedAt)
	p.makes(t.Contract, t.Kind)
	p.makes(t.Contract+" "+t.SourceType, t.Kind)
	p.answers.touch(t.ID, t.Kind)
	if t.Feedback.Reason != "" {
		p.reasons[t.ID] = t.Feedback.Reason
	}
	invoice := text(t.Props.Invoice)
	if t.Money == nil || t.Test || invoice == "" {
		return nil
	}
	b := p.bills[invoice]
	if b == nil {
		b = &bill{id: invoice, refunded: map[string]money.Amount{}}
		p.bills[invoice] = b
	}
	switch t.Kind {
	case touch.InvoicePaid:
		b.paid, b.deal, b.account = *t.Money, text(t.Props.Opportunity), t.Subject
	case touch.RefundIssued:
		of := text(t.Props.RefundOf)
		if have := b.refunded[of]; t.Money.Minor > have.Minor {
			b.refunded[of] = *t.Money
		}
	}
	return nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func (p *past) makes(by, kind string) {
	if p.kinds[by] == nil {
		p.kinds[by] = map[string]bool{}
	}
	p.kinds[by][kind] = true
}

func (p *past) hear(source string, at time.Time) {
	h := p.sources[source]
	if h == nil {
		h = &heard{}
		p.sources[source] = h
	}
	h.at = append(h.at, at.UnixMilli())
	if at.After(h.recent) {
		h.recent = at
	}
}

func (p *past) handoff(row *ledger.Row, r *routing.Record) {
	p.answers.row(row, r)
	if r.Handoff == "" {
		return
	}
	o := p.offers[r.Handoff]
	if o == nil {
		o = &offer{}
		p.offers[r.Handoff] = o
	}
	switch r.Outcome {
	case routing.Offered:
		o.at, o.play, o.account = r.At, r.Play, r.Account
		if r.Choice != nil {
			o.owner, o.team, o.catchAll = r.Choice.Owner, r.Choice.Team, r.Choice.How == routing.ByCatchAll
		}
	case string(routing.Accepted):
		o.accepted = true
	case string(routing.Rejected), string(routing.Recycled), string(routing.Completed):
		if o.closed.IsZero() || row.Time.Before(o.closed) {
			o.closed, o.state, o.answer, o.end, o.told = row.Time, r.Outcome, r.Touch, r.End, r.Reason
		}
	case touch.FirstOutreach:
		if o.outreach.IsZero() || row.Time.Before(o.outreach) { // the row's time is the answer's own
			o.outreach = row.Time
		}
	}
}

// goesOn reports whether another handoff of the account goes on in its stead: the two are one.
func (o *offer) goesOn() bool { return o.end == routing.EndTakenOver || o.end == routing.EndJoined }

// contractName is the contract's name without its version.
func contractName(id string) string {
	name, _, _ := strings.Cut(id, "@")
	return name
}

func compare(a, b string) int { return cmp.Compare(a, b) }
