package prove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handoff/functions/ingest"
	"handoff/infra/transit"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
)

// eventPage is how many archived events are looked up at once.
const eventPage = 512

// events goes through the archive and looks for the rows that each event must have left. Where the archive cannot be
// read, the walk through the ledger gathers events instead: see seen.
func (c *check) events(ctx context.Context) error {
	page := make([]event.Envelope, 0, eventPage)
	flush := func() error {
		defer func() { page = page[:0] }()
		return c.lookUp(ctx, page)
	}
	for e, err := range c.Transit.Archived(ctx, time.Time{}, time.Time{}) {
		if errors.Is(err, transit.ErrUntold) {
			c.seen = &seen{fates: map[uint64]fate{}, check: c}
			return nil
		}
		if err != nil {
			return fmt.Errorf("prove: read the archive: %w", err)
		}
		if page = append(page, e); len(page) == eventPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (c *check) lookUp(ctx context.Context, page []event.Envelope) error {
	traced := make([][]ingest.Traced, len(page))
	rows := rowSet{ledger: c.Ledger, held: map[store.Key]*stands{}}
	for i := range page {
		traced[i] = ingest.Trace(c.Contracts, &page[i])
		for j := range traced[i] {
			rows.want(&traced[i][j].Row)
		}
	}
	if err := rows.read(ctx); err != nil {
		return err
	}
	// Where the expected row is not there, or is another event's, the event stands aside: in quarantine, because its
	// id was taken or because the contract was mended since; or among the ignored, for the same reason.
	for i := range page {
		for j := range traced[i] {
			if t := &traced[i][j]; rows.expected(&page[i], t) == "" {
				for _, r := range aside(&page[i], t) {
					rows.want(&r)
				}
			}
		}
	}
	if err := rows.read(ctx); err != nil {
		return err
	}
	for i := range page {
		e := &page[i]
		v := rows.judge(e, traced[i])
		c.out.Made += v.made
		it := Item{ID: e.ID, Time: e.Time, Source: e.Source, Kind: e.DetailType, Why: v.why}
		if v.class != "" {
			c.each(v.class, it)
			c.out.Events.add(v.class, v.of)
			continue
		}
		kept := traced[i]
		env := *e
		m := &missing{Item: it, keys: []string{"event:" + e.ID}, again: func(ctx context.Context) (string, string, error) {
			again := rowSet{ledger: c.Ledger, held: map[store.Key]*stands{}}
			for j := range kept {
				again.want(&kept[j].Row)
				for _, r := range aside(&env, &kept[j]) {
					again.want(&r)
				}
			}
			if err := again.read(ctx); err != nil {
				return "", "", err
			}
			v := again.judge(&env, kept)
			c.out.Made += v.made
			return v.class, v.of, nil
		}}
		for j := range kept {
			if t := kept[j].Touch; t != nil {
				m.keys, m.contract = append(m.keys, "touch:"+t.ID.String()), t.Contract
			}
		}
		c.events_ = append(c.events_, m)
	}
	return nil
}

func (c *check) finishEvents(ctx context.Context) error {
	if c.seen != nil {
		return c.seen.finish(ctx)
	}
	return c.settle(ctx, c.events_, &c.out.Events)
}

// aside names the rows at which an event, or a part of one, stands if it made no touch.
func aside(e *event.Envelope, t *ingest.Traced) []ledger.Row {
	id := t.Row.ID
	if t.Touch != nil {
		id = t.Reused.ID
	}
	at := e.Time.UTC()
	return []ledger.Row{
		{Owner: ledger.DayOwner(ledger.Quarantine, at, id), Type: ledger.Quarantine, Time: at, ID: id},
		{Owner: ledger.DayOwner(ledger.Ignored, at, id), Type: ledger.Ignored, Time: at, ID: id},
	}
}

// stands is what of a row says whose it is.
type stands struct {
	there    bool
	EventID  string            `json:"event_id"`
	Digest   string            `json:"digest"`
	Contract string            `json:"contract"`
	Failure  *contract.Failure `json:"failure"`
	Reason   string            `json:"reason"`
}

// rowSet reads rows in batches.
type rowSet struct {
	ledger *ledger.Ledger
	held   map[store.Key]*stands
	keys   []store.Key
}

func (r *rowSet) want(row *ledger.Row) {
	k := row.Key()
	if _, ok := r.held[k]; !ok {
		r.held[k] = &stands{}
		r.keys = append(r.keys, k)
	}
}

func (r *rowSet) read(ctx context.Context) error {
	keys := r.keys
	r.keys = nil
	if len(keys) == 0 {
		return nil
	}
	recs, err := r.ledger.Table.GetMany(ctx, keys)
	if err != nil {
		return fmt.Errorf("prove: read %d rows of the ledger: %w", len(keys), err)
	}
	for i := range recs {
		if recs[i].Version == 0 {
			continue
		}
		recs[i].Key = keys[i]
		row, _, err := r.ledger.Decode(ctx, recs[i])
		if err != nil {
			return fmt.Errorf("prove: %w", err)
		}
		at := r.held[keys[i]]
		if err := json.Unmarshal(row.Body, at); err != nil {
			return fmt.Errorf("prove: read row %s of %s: %w", row.ID, row.Owner, err)
		}
		at.there = true
	}
	return nil
}

// expected says what the row that the contracts name today proves: "" if it proves nothing for this event.
func (r *rowSet) expected(e *event.Envelope, t *ingest.Traced) string {
	at := r.held[t.Row.Key()]
	switch {
	case !at.there:
		return ""
	case at.EventID == e.ID && t.Touch != nil:
		return Recorded
	case at.EventID == e.ID && t.Failure != nil:
		return Quarantined
	case at.EventID == e.ID:
		return Ignored
	case t.Touch != nil && at.Digest != t.Touch.Digest:
		return "" // its id was taken by another content
	}
	return Duplicate
}

// verdict is what became of one event. class is "" while a row is missing, and why then says which.
type verdict struct {
	class, of, why string
	made           int
}

// judge puts an event's parts together. A part in quarantine makes the event one of quarantine, since somebody has to
// look at it; a part without any row makes it missing.
func (r *rowSet) judge(e *event.Envelope, parts []ingest.Traced) verdict {
	var v verdict
	found := map[string]bool{}
	counted := map[store.Key]bool{}
	for i := range parts {
		t := &parts[i]
		class := r.expected(e, t)
		code, reason := "", t.Ignored
		if class == Quarantined {
			code, reason = t.Failure.Code, t.Failure.Reason
		}
		if class == "" {
			class, code, reason = r.stoodAside(e, t)
		}
		switch class {
		case "":
			v.why = fmt.Sprintf("no row %s of %s for it", t.Row.ID, t.Row.Owner)
			return verdict{why: v.why}
		case Recorded:
			if k := t.Row.Key(); !counted[k] {
				counted[k] = true
				v.made++
			}
		case Quarantined:
			v.of, v.why = code, reason
		case Ignored:
			if !found[Quarantined] {
				v.of, v.why = reason, reason
			}
		}
		found[class] = true
	}
	for _, class := range []string{Quarantined, Recorded, Ignored, Duplicate} {
		if found[class] {
			if v.class = class; class == Recorded || class == Duplicate {
				v.of, v.why = "", ""
			}
			return v
		}
	}
	v.why = "the contracts make nothing of it, not even a reason"
	return v
}

// stoodAside looks for an event where it stands if it made no touch, or none under the contracts of its time.
func (r *rowSet) stoodAside(e *event.Envelope, t *ingest.Traced) (class, code, reason string) {
	for i, row := range aside(e, t) {
		at := r.held[row.Key()]
		switch {
		case at == nil || !at.there:
			continue
		case at.EventID != e.ID:
			return Duplicate, "", ""
		case i == 0 && at.Failure != nil:
			return Quarantined, at.Failure.Code, at.Reason
		case i == 0:
			return Quarantined, "", at.Reason
		}
		return Ignored, "", at.Reason
	}
	if at := r.held[t.Row.Key()]; at.there && t.Touch != nil && at.Contract != t.Touch.Contract {
		return Duplicate, "", "" // digests of two versions of a contract cannot be compared
	}
	return "", "", ""
}
