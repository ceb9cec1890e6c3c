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
	"handoff/infra/transit"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// raw is what the events make by the present contract.
type raw struct {
	made map[touch.ID][]*touch.Touch // in order of delivery
	// events read by their ids: true for those that the contract takes or ignores, false for those that break it now.
	events map[string]bool
}

// ours reports whether a row came from an event that was read, and that breaks nothing.
func (r *raw) ours(t *touch.Touch) bool { return r.events[t.EventID] }

// ErrUntold is wrapped where the raw events have to be given.
var ErrUntold = errors.New("the raw events of this stack cannot be listed")

// read goes through the raw events.
func (p *Plan) read(ctx context.Context, s *stack.Stack, ask Ask) (*raw, error) {
	out := &raw{made: map[touch.ID][]*touch.Touch{}, events: map[string]bool{}}
	events := ask.Events
	if events == nil {
		events = s.Transit.Archived(ctx, ask.Since, ask.Until)
	}
	for e, err := range events {
		if errors.Is(err, transit.ErrUntold) {
			return nil, fmt.Errorf("%w: EventBridge gives the events of an archive only to a replay. Replay it to a rule of yours whose target is a queue "+
				"(aws events start-replay --replay-name remap --event-source-arn ARN-OF-THE-ARCHIVE --event-start-time %s --event-end-time %s "+
				"--destination '{\"Arn\":\"ARN-OF-THE-BUS\",\"FilterArns\":[\"ARN-OF-THAT-RULE\"]}'), write the bodies of its messages to a file, one a line, and name it: --events FILE",
				ErrUntold, stamp(ask.Since), stamp(ask.Until))
		}
		if err != nil {
			return nil, fmt.Errorf("read the raw events: %w", err)
		}
		if e.Time.Before(ask.Since) || !ask.Until.IsZero() && !e.Time.Before(ask.Until) {
			continue
		}
		p.event(s.Contracts, &e, out)
	}
	return out, nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "NOW"
	}
	return t.UTC().Format(time.RFC3339)
}

func (p *Plan) event(set *contract.Set, e *event.Envelope, out *raw) {
	outcomes := set.Read(e)
	if !slices.ContainsFunc(outcomes, func(o contract.Outcome) bool { return of(o.Contract) == p.Source }) {
		return
	}
	p.Events++
	fine := true
	for i := range outcomes {
		o := &outcomes[i]
		if o.Failure != nil {
			fine = false
			continue
		}
		for j := range o.Touches {
			t := o.Touches[j]
			out.made[t.ID] = append(out.made[t.ID], &t)
		}
	}
	if was, seen := out.events[e.ID]; !seen || was {
		out.events[e.ID] = fine
	}
}

// of is a contract's name without its version.
func of(contract string) string {
	name, _, _ := strings.Cut(contract, "@")
	return name
}

// stood is what the ledger has: of every row that an event read now may have made, the highest revision; and per subject
// all revisions that were ever appended for this source.
type stood struct {
	byID     map[touch.ID][]*touch.Touch
	revised  map[string][]*touch.Touch
	contract string
}

// recorded walks the ledger once: a row whose subject was wrong is found nowhere else.
func (p *Plan) recorded(ctx context.Context, s *stack.Stack, raw *raw) (*stood, error) {
	table, ok := s.History.(store.Scanner)
	if !ok {
		return nil, errors.New("this ledger cannot be walked")
	}
	out := &stood{byID: map[touch.ID][]*touch.Touch{}, revised: map[string][]*touch.Touch{}, contract: p.Contract}
	for cursor := ""; ; {
		page, err := table.Scan(ctx, 1000, cursor)
		if err != nil {
			return nil, fmt.Errorf("walk the ledger: %w", err)
		}
		for _, rec := range page.Records {
			row, ok, err := s.Ledger.Decode(ctx, rec)
			if err != nil {
				return nil, fmt.Errorf("walk the ledger: %w", err)
			}
			if !ok || row.Type != ledger.Touch {
				continue
			}
			t, err := graph.Touch(row)
			if err != nil {
				return nil, err
			}
			if of(t.Contract) == p.Source {
				out.add(t, raw)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return out, nil
		}
	}
}

func (st *stood) add(t *touch.Touch, raw *raw) {
	if t.Revision > 0 {
		st.revised[t.Subject] = append(st.revised[t.Subject], t)
	}
	if _, read := raw.events[t.EventID]; !read && raw.made[t.ID] == nil {
		return
	}
	rows := st.byID[t.ID]
	for i, have := range rows {
		if have.Subject == t.Subject && have.Time.Equal(t.Time) {
			if t.Revision > have.Revision {
				rows[i] = t
			}
			return
		}
	}
	st.byID[t.ID] = append(rows, t)
}

// said is what a touch says, without who recorded it when, by which version.
func said(t *touch.Touch) map[string]string {
	x := *t
	x.Revision, x.Withdrawn, x.RecordedAt, x.EventID, x.Contract, x.Digest = 0, false, time.Time{}, "", "", ""
	b, err := json.Marshal(&x)
	out := map[string]string{}
	var fields map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(b, &fields)
	}
	if err != nil {
		panic(fmt.Sprintf("remap: encode touch %s: %v", t.ID, err)) // it was decoded, or made, a moment ago
	}
	for name, v := range fields {
		var deeper map[string]json.RawMessage
		if json.Unmarshal(v, &deeper) == nil && name != "money" {
			for inner, v := range deeper {
				out[name+"."+inner] = string(v)
			}
			continue
		}
		out[name] = string(v)
	}
	return out
}

func same(a, b *touch.Touch) bool {
	x, y := said(a), said(b)
	if len(x) != len(y) {
		return false
	}
	for k, v := range x {
		if y[k] != v {
			return false
		}
	}
	return true
}

// differ counts the fields in which two differ, and answers how many.
func differ(fields map[[2]string]*Count, was, is *touch.Touch) (n int) {
	x, y := said(was), said(is)
	names := map[string]bool{}
	for k := range x {
		names[k] = true
	}
	for k := range y {
		names[k] = true
	}
	for k := range names {
		if x[k] != y[k] {
			n++
			count(fields, was.Kind, k, x[k], y[k])
		}
	}
	return n
}

func count(fields map[[2]string]*Count, kind, field, from, to string) {
	k := [2]string{kind, field}
	if fields[k] == nil {
		fields[k] = &Count{Kind: kind, Field: field, From: from, To: to}
	}
	fields[k].Touches++
}
