package explain

import (
	"context"
	"encoding/json"
	"fmt"

	"handoff/functions/ingest"
	"handoff/infra/prose"
	"handoff/infra/stack"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/store"
)

// fromLedger finds an event by the rows that it left, where the archive cannot be read. It walks the whole ledger: an id
// alone says neither whose a touch is nor when it was.
func (a *EventAnswer) fromLedger(ctx context.Context, s *stack.Stack, p *policy.Policy, pasts map[string]*past) error {
	a.Untold = "the archive of a deployed stack cannot be read, so this is what the event left in the ledger; a delivery that was a duplicate left nothing"
	table, ok := s.History.(store.Scanner)
	if !ok {
		return fmt.Errorf("explain: this ledger cannot be walked: %T is no store.Scanner", s.History)
	}
	for cursor := ""; ; {
		page, err := table.Scan(ctx, 1000, cursor)
		if err != nil {
			return fmt.Errorf("explain: walk the ledger: %w", err)
		}
		for _, rec := range page.Records {
			row, ok, err := s.Ledger.Decode(ctx, rec)
			if err == nil && ok {
				err = a.trace(ctx, s, p, row, pasts)
			}
			if err != nil {
				return fmt.Errorf("explain: %w", err)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return nil
		}
	}
}

// trace adds what one row says of the event.
func (a *EventAnswer) trace(ctx context.Context, s *stack.Stack, p *policy.Policy, row *ledger.Row, pasts map[string]*past) error {
	switch row.Type {
	case ledger.Touch:
		t, err := graph.Touch(row)
		if err != nil {
			return err
		}
		if t.EventID != a.Asked && t.ID.String() != a.Asked && t.ProducerID != a.Asked {
			return nil
		}
		part := Part{Outcome: "recorded"}
		if err := part.rest(ctx, s, p, t, a.Now, pasts); err != nil {
			return err
		}
		d := a.delivery(Delivery{EventID: t.EventID, Time: t.Time, Source: t.Source})
		d.Parts = append(d.Parts, part)
	case ledger.Quarantine, ledger.Ignored:
		var x ingest.Aside
		if err := json.Unmarshal(row.Body, &x); err != nil {
			return fmt.Errorf("read row %s: %w", row.ID, err)
		}
		if x.EventID != a.Asked && row.ID != a.Asked && !says(s, &x, a.Asked) {
			return nil
		}
		part := Part{Outcome: "quarantined", Reason: x.Reason, Failure: x.Failure}
		if row.Type == ledger.Ignored {
			part.Outcome = "ignored"
		}
		d := a.delivery(Delivery{EventID: x.EventID, Time: row.Time, Source: x.Source, DetailType: x.DetailType})
		d.Parts = append(d.Parts, part)
	}
	return nil
}

// says tells whether an event in quarantine would make a touch of that id by the contracts of today.
func says(s *stack.Stack, x *ingest.Aside, id string) bool {
	if x.Event == nil {
		return false
	}
	for _, t := range ingest.Trace(s.Contracts, x.Event) {
		if t.Touch != nil && (t.Touch.ID.String() == id || t.Touch.ProducerID == id) || t.Failure != nil && named(x.Event.Detail, id) {
			return true
		}
	}
	return false
}

// delivery is the one of an envelope, added unless it is there.
func (a *EventAnswer) delivery(d Delivery) *Delivery {
	for i := range a.Deliveries {
		if a.Deliveries[i].EventID == d.EventID {
			return &a.Deliveries[i]
		}
	}
	d.Parts = []Part{}
	a.Deliveries = append(a.Deliveries, d)
	return &a.Deliveries[len(a.Deliveries)-1]
}

func deliveries(n int) string {
	if n == 1 {
		return "one delivery"
	}
	return prose.Of(n, "delivery")
}
