package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/functions/ingest"
	"handoff/infra/prose"
	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// EventAnswer says what became of one event: each delivery of it, the touches it made, and the decisions that rest on
// them.
type EventAnswer struct {
	Asked      string     `json:"asked"`
	Deliveries []Delivery `json:"deliveries"`
	Now        time.Time  `json:"now"`
	Untold     string     `json:"untold,omitempty"` // what a deployed stack cannot say: a sentence
}

// Delivery is one envelope that carries the event: in the archive, or where that cannot be read, in the ledger.
type Delivery struct {
	EventID    string    `json:"event_id"`
	Time       time.Time `json:"time"` // of the envelope
	Source     string    `json:"source"`
	DetailType string    `json:"detail_type"` // "" where a touch is all that is known of it
	Parts      []Part    `json:"parts"`       // one per touch, or one where it made none
}

// Part is what became of one touch of a delivery, or of a delivery without any.
type Part struct {
	Outcome   string            `json:"outcome"` // recorded, duplicate, ignored, quarantined, missing
	Reason    string            `json:"reason,omitempty"`
	Failure   *contract.Failure `json:"failure,omitempty"`
	Touch     *TouchLine        `json:"touch,omitempty"`
	Account   string            `json:"account,omitempty"`
	Kept      []string          `json:"kept,omitempty"`      // what facts keep of it, under the policy in force
	Decisions []Line            `json:"decisions,omitempty"` // that it caused, or that rest on it
	Answer    *Answered         `json:"answer,omitempty"`    // where it answers a handoff
}

// Event explains an event by the id of its envelope, of its touch, or the producer's own.
func Event(ctx context.Context, s *stack.Stack, id string) (*EventAnswer, error) {
	now, err := report.Now(ctx, s)
	if err != nil {
		return nil, err
	}
	p, err := s.Policy.Active(ctx)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	out := &EventAnswer{Asked: id, Now: now, Deliveries: []Delivery{}}
	pasts := map[string]*past{}
	for e, err := range s.Transit.Archived(ctx, time.Time{}, time.Time{}) {
		if errors.Is(err, transit.ErrUntold) {
			if err := out.fromLedger(ctx, s, p, pasts); err != nil {
				return nil, err
			}
			break
		}
		if err != nil {
			return nil, fmt.Errorf("explain: read the archive: %w", err)
		}
		parts := ingest.Trace(s.Contracts, &e)
		if e.ID != id && !slices.ContainsFunc(parts, func(t ingest.Traced) bool {
			return t.Touch != nil && (t.Touch.ID.String() == id || t.Touch.ProducerID == id) || t.Failure != nil && named(e.Detail, id)
		}) {
			continue
		}
		d := Delivery{EventID: e.ID, Time: e.Time, Source: e.Source, DetailType: e.DetailType, Parts: []Part{}}
		for i := range parts {
			part, err := tellPart(ctx, s, p, &e, &parts[i], now, pasts)
			if err != nil {
				return nil, err
			}
			d.Parts = append(d.Parts, *part)
		}
		out.Deliveries = append(out.Deliveries, d)
	}
	if len(out.Deliveries) == 0 && out.Untold != "" {
		return nil, fmt.Errorf("%s: nothing in the ledger has that id, as its envelope's, its touch's or its producer's: %w. Try handoff dlq list and handoff status: it may be dead, or on its way", id, ErrUnknown)
	}
	if len(out.Deliveries) == 0 {
		return nil, fmt.Errorf("%s: no event in the archive has that id, as its envelope's, its touch's or its producer's. Try handoff quarantine show, or conserve --list", id)
	}
	return out, nil
}

// named reports whether an event that no contract could read has an id by any field that is called one: MessageId, id,
// event_id. Whoever asks knows it by the id that their tool gave it.
func named(detail json.RawMessage, id string) bool {
	var whole any
	if json.Unmarshal(detail, &whole) != nil {
		return false
	}
	var has func(v any) bool
	has = func(v any) bool {
		switch v := v.(type) {
		case map[string]any:
			for key, x := range v {
				if s, ok := x.(string); ok && s == id && strings.HasSuffix(strings.ToLower(key), "id") || has(x) {
					return true
				}
			}
		case []any:
			return slices.ContainsFunc(v, has)
		}
		return false
	}
	return has(whole)
}

func tellPart(ctx context.Context, s *stack.Stack, p *policy.Policy, e *event.Envelope, tr *ingest.Traced, now time.Time, pasts map[string]*past) (*Part, error) {
	row, err := s.Ledger.Get(ctx, tr.Row)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("explain: event %s: %w", e.ID, err)
	}
	switch {
	case tr.Failure != nil:
		return &Part{Outcome: "quarantined", Reason: tr.Failure.Reason, Failure: tr.Failure}, nil
	case tr.Touch == nil:
		return &Part{Outcome: "ignored", Reason: tr.Ignored}, nil
	case row == nil:
		return &Part{Outcome: "missing", Reason: "The ledger has no row for it: it is in flight, dead-lettered or lost; handoff conserve says which."}, nil
	}
	stands, err := graph.Touch(row)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	part := &Part{Outcome: "recorded"}
	switch {
	case stands.EventID == e.ID:
	case stands.Digest != tr.Touch.Digest:
		part.Outcome, part.Reason = "quarantined", fmt.Sprintf("Its id was taken by another content, recorded on %s.", prose.Stamp(stands.RecordedAt, now))
		if aside, err := s.Ledger.Get(ctx, tr.Reused); err == nil {
			var a ingest.Aside
			if json.Unmarshal(aside.Body, &a) == nil {
				part.Reason, part.Failure = a.Reason, a.Failure
			}
		}
		return part, nil
	default:
		part.Outcome, part.Reason = "duplicate", "The same touch was recorded by the delivery "+stands.EventID+"."
	}
	return part, part.rest(ctx, s, p, stands, now, pasts)
}

// rest finds the account that a touch counts in, and the decisions that rest on it.
func (part *Part) rest(ctx context.Context, s *stack.Stack, p *policy.Policy, x *touch.Touch, now time.Time, pasts map[string]*past) error {
	place, err := s.Graph.Reader().At(ctx, x.Subject, x.Time.UnixMilli())
	if err != nil {
		return fmt.Errorf("explain: whose is touch %s: %w", x.ID, err)
	}
	part.Account = place.Root
	if part.Answer, err = answered(ctx, s, x, place.Root); err != nil {
		return err
	}
	for _, k := range p.Memory().Match(x, nil) {
		switch label := p.Fold.Label(k.Name); {
		case k.Usage:
			part.Kept = append(part.Kept, "a day of use")
		case k.Milestone:
			part.Kept = append(part.Kept, "milestone "+k.Name)
		case label != "":
			part.Kept = append(part.Kept, label)
		default:
			part.Kept = append(part.Kept, k.Name)
		}
	}
	h := pasts[place.Root]
	if h == nil {
		if h, err = readPast(ctx, s, place.Root); err != nil {
			return err
		}
		pasts[place.Root] = h
	}
	t := &teller{Stack: s, answer: &Answer{Now: now}, past: h, policy: p, reader: s.Graph.Reader(), names: map[string]string{}}
	l := t.touchLine(ctx, x)
	part.Touch = &l
	for _, d := range slices.Concat(h.decisions, h.apart) {
		if d.restsOn(x.ID) {
			l := line(d)
			if d.decision.Account != place.Root {
				l.Account = d.decision.Account
			}
			part.Decisions = append(part.Decisions, l)
		}
	}
	slices.SortStableFunc(part.Decisions, func(a, b Line) int { return a.MadeAt.Compare(b.MadeAt) })
	return nil
}

// Print writes the answer for people.
func (a *EventAnswer) Print(w io.Writer) error {
	var b strings.Builder
	say := func(first, rest, format string, args ...any) {
		b.WriteString(prose.Wrap(first, rest, fmt.Sprintf(format, args...)) + "\n")
	}
	if a.Untold == "" {
		say("", "", "%s came %s.", a.Asked, times(len(a.Deliveries)))
	} else {
		say("", "", "%s left traces of %s.", a.Asked, deliveries(len(a.Deliveries)))
	}
	for _, d := range a.Deliveries {
		say("- ", "  ", "%s, %s, envelope %s:", prose.Stamp(d.Time, a.Now), strings.TrimSpace(d.Source+" "+d.DetailType), d.EventID)
		for _, p := range d.Parts {
			say("  ", "  ", "%s", p.sentence(a.Now))
			if p.Outcome != "recorded" {
				continue
			}
			for _, l := range p.Decisions {
				of := ""
				if l.Account != "" {
					of = ", of " + subject.KeyOf(l.Account)
				}
				say("    ", "    ", "%s %s%s: %s (%s)", prose.Stamp(l.MadeAt, a.Now), l.Play, of, strings.ReplaceAll(l.Outcome, "_", " "), l.ID)
			}
		}
	}
	if a.Untold != "" {
		say("", "", "%s.", capital(a.Untold))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return prose.Of(n, "time")
}

// sentence tells one part.
func (p *Part) sentence(now time.Time) string {
	switch {
	case p.Failure != nil:
		return fmt.Sprintf("Quarantined, %s: %s", p.Failure.Code, p.Reason)
	case p.Touch == nil:
		return capital(p.Outcome) + ": " + p.Reason
	case p.Outcome == "duplicate":
		return "A duplicate. " + p.Reason
	}
	what := does(p.Touch.Who, p.Touch.Kind)
	switch {
	case p.Answer != nil && p.Touch.Kind != touch.HandoffReassign:
		what = "the answer " + kindWords(p.Touch.Kind)
	case p.Answer != nil:
		what = "an operator asked for somebody else to have a handoff"
	}
	s := fmt.Sprintf("Recorded on %s as touch %s: %s on %s. It counts for %s", prose.Stamp(p.Touch.RecordedAt, now), p.Touch.ID,
		what, prose.Stamp(p.Touch.Time, now), p.Account)
	switch {
	case len(p.Kept) > 0:
		s += " as " + prose.List(p.Kept)
	case p.Answer == nil:
		s += ", and no rule asks for it"
	}
	if p.Answer != nil {
		s += ". " + p.Answer.sentence(p.Touch.Kind)
	}
	switch n := len(p.Decisions); n {
	case 0:
		if p.Answer != nil {
			return s + "."
		}
		return s + ". No decision rests on it."
	case 1:
		return s + ". 1 decision rests on it:"
	default:
		return s + ". " + prose.Of(n, "decision") + " rest on it:"
	}
}
