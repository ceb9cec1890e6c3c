package route

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/watch"
)

// state is a handoffs item as loaded, with the version that a write expects.
type state struct {
	item    *routing.Item
	version int64
}

// load reads an account's handoffs item together with others of the accounts table, tells what an earlier try left
// untold, and takes in the slots of those who now belong to the account. extra's records follow in order.
func (h *Handler) load(ctx context.Context, account string, former []string, extra ...store.Key) (*state, []store.Record, error) {
	keys := []store.Key{routing.HandoffsKey(account)}
	for _, f := range former {
		if k := routing.HandoffsKey(f); f != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	items := len(keys)
	recs, err := h.Accounts.GetMany(ctx, append(keys, extra...))
	if err != nil {
		return nil, nil, fmt.Errorf("route: read the handoffs of %s: %w", watch.Discreet(account), err)
	}
	s, err := h.open(ctx, account, recs[0])
	if err != nil {
		return nil, nil, err
	}
	for i := 1; i < items; i++ {
		if recs[i].Version == 0 {
			continue
		}
		f, err := h.open(ctx, keys[i].Partition, recs[i])
		if err != nil {
			return nil, nil, err
		}
		if err := h.join(ctx, s, f); err != nil {
			return nil, nil, err
		}
	}
	return s, recs[items:], nil
}

// open decodes an item and repairs what is pending in it.
func (h *Handler) open(ctx context.Context, account string, rec store.Record) (*state, error) {
	item, err := routing.Decode(account, rec.Body)
	if err != nil {
		return nil, fmt.Errorf("route: %w", err)
	}
	s := &state{item: item, version: rec.Version}
	if item.Pending != nil {
		// A try before this one died between its write and its publish, or is still at it. Telling again is harmless:
		// ids and bodies are frozen.
		return s, h.tell(ctx, s)
	}
	return s, nil
}

// join moves the slots of one who stood alone into the account that it belongs to now, in one transaction, so no handoff
// is at any moment in both or in neither.
func (h *Handler) join(ctx context.Context, s, f *state) error {
	if len(f.item.Slots)+len(f.item.Early)+len(f.item.Contacts)+len(f.item.Seen)+len(f.item.Past)+len(f.item.Held)+len(f.item.Withdrawn) == 0 {
		return nil // it was joined before
	}
	joined := routing.Join(s.item, f.item)
	left := &routing.Item{Account: f.item.Account, Forward: s.item.Account}
	a, err := record(&state{joined, s.version})
	if err != nil {
		return err
	}
	b, err := record(&state{left, f.version})
	if err != nil {
		return err
	}
	if err := h.Accounts.PutPair(ctx, a, b); err != nil {
		return fmt.Errorf("route: join the handoffs of %s to %s: %w", watch.Discreet(f.item.Account), watch.Discreet(s.item.Account), err)
	}
	s.item, s.version = joined, s.version+1
	return nil
}

func record(s *state) (store.Record, error) {
	body, err := s.item.Encode()
	return store.Record{Key: routing.HandoffsKey(s.item.Account), Version: s.version, Due: s.item.Due(), Body: body}, err
}

// commit writes the item with what is to be told frozen in it, and the team's counters in the same transaction where
// they move; then it tells it.
//
// Where persist meets publish: a crash before the write leaves nothing, and the event is delivered again. A crash after
// it leaves Pending in the item; the redelivery, any other event of the account, or the sweep two minutes later finds it
// and tells it. If the outcome of the write is unknown, the redelivery sees by the item whether it took place.
func (h *Handler) commit(ctx context.Context, s *state, team *store.Record, p *routing.Pending) error {
	s.item.Pending = p
	rec, err := record(s)
	if err != nil {
		return err
	}
	if team != nil {
		err = h.Accounts.PutPair(ctx, rec, *team)
	} else {
		err = h.Accounts.Put(ctx, rec)
	}
	if err != nil {
		return fmt.Errorf("route: write the handoffs of %s: %w", watch.Discreet(s.item.Account), err)
	}
	s.version++
	if err := h.tell(ctx, s); err != nil && !errors.Is(err, store.ErrConflict) {
		return err
	}
	return nil // a conflict: all was told, and whoever wrote since has found and cleared it
}

// tell does what is pending: the ids that lead to the account, the ledger's rows, the events; then it clears it. The ids
// go first, so nobody can answer a handoff that does not lead anywhere, and the rows before the events, so nothing is
// sent that the ledger does not know. Each step may be repeated. A crash before the clearing publishes the same events,
// with the same ids, once more: destinations upsert on them.
func (h *Handler) tell(ctx context.Context, s *state) error {
	p := s.item.Pending
	if err := h.point(ctx, s.item.Account, p.Handoffs); err != nil {
		return err
	}
	if err := h.record(ctx, p.Rows); err != nil {
		return err
	}
	if len(p.Events) > 0 {
		if err := h.Bus.Publish(ctx, p.Events); err != nil {
			return fmt.Errorf("route: tell what became of %s: %w", watch.Discreet(s.item.Account), err)
		}
	}
	s.item.Pending = nil
	rec, err := record(s)
	if err != nil {
		return err
	}
	if err := h.Accounts.Put(ctx, rec); err != nil {
		return fmt.Errorf("route: clear what was told of %s: %w", watch.Discreet(s.item.Account), err)
	}
	s.version++
	return nil
}

// point lets handoff ids lead to their account. One that does already is left: the account's item leads on.
func (h *Handler) point(ctx context.Context, account string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	body, err := json.Marshal(routing.Pointer{Account: account})
	if err != nil {
		return err
	}
	recs := make([]store.Record, len(ids))
	for i, id := range ids {
		recs[i] = store.Record{Key: routing.HandoffKey(id), Body: body}
	}
	for i, err := range h.Accounts.PutMany(ctx, recs) {
		if err != nil && !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("route: let %s lead to its account: %w", ids[i], err)
		}
	}
	return nil
}

// record appends rows. A row that stands there is this one from an earlier try; where it is another, both are kept, the
// later as a revision: an answer that was recorded as early and is taken now, or two deliveries of one decision at once
// while somebody resumed its play.
func (h *Handler) record(ctx context.Context, rows []ledger.Row) error {
	for range 4 {
		if len(rows) == 0 {
			return nil
		}
		var again []ledger.Row
		for i, r := range h.Ledger.Append(ctx, rows) {
			if r.Err != nil {
				return fmt.Errorf("route: %w", r.Err)
			}
			if r.Existing != nil && !bytes.Equal(r.Existing.Body, rows[i].Body) {
				rows[i].Revision++
				again = append(again, rows[i])
			}
		}
		rows = again
	}
	return fmt.Errorf("route: row %s of %s has four revisions already", rows[0].ID, watch.Discreet(rows[0].Owner))
}

// row makes a ledger row of a record.
func row(owner string, t ledger.Type, at time.Time, id string, r *routing.Record) (ledger.Row, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return ledger.Row{}, fmt.Errorf("route: encode the record of %s: %w", id, err)
	}
	return ledger.Row{
		Owner: owner, Type: t, Time: at.UTC().Truncate(time.Millisecond), ID: id, RecordedAt: r.At, Body: body,
	}, nil
}

// envelope makes one of our events, in texts that destinations can take.
func envelope(detailType string, at time.Time, d event.HandoffDetail) (event.Envelope, error) {
	d.Plain()
	body, err := json.Marshal(d)
	if err != nil {
		return event.Envelope{}, fmt.Errorf("route: encode %s of %s: %w", detailType, d.ID, err)
	}
	return event.Envelope{Source: event.Source, DetailType: detailType, Time: at, Detail: body}, nil
}

var tellings = map[routing.Telling]string{
	routing.TellReminded: event.HandoffReminded, routing.TellEscalated: event.HandoffEscalated, routing.TellClosed: event.HandoffClosed,
	routing.TellReassigned: event.HandoffReassigned,
}

// announce adds the event of an effect, if it has one. cause is the answer's touch, or the tick that found it due.
func announce(p *routing.Pending, account string, e *routing.Effect, cause string, at time.Time) error {
	kind := tellings[e.Tell]
	if kind == "" {
		return nil
	}
	d := e.Slot.Detail(account)
	d.Reason, d.To, d.Causation = e.Record.Reason, e.To, cause
	env, err := envelope(kind, at, d)
	if err == nil {
		p.Events = append(p.Events, env)
	}
	return err
}

// released loads the counters of a slot's team with one handoff less, for the transaction that closes it.
func (h *Handler) released(ctx context.Context, s *routing.Slot) (*store.Record, error) {
	recs, err := h.Accounts.GetMany(ctx, []store.Key{routing.TeamKey(s.Team)})
	if err != nil {
		return nil, fmt.Errorf("route: read the counters of the team %s: %w", s.Team, err)
	}
	team, err := routing.DecodeTeam(s.Team, recs[0].Body)
	if err != nil {
		return nil, fmt.Errorf("route: %w", err)
	}
	team.Release(s.Owner)
	return teamRecord(s.Team, &team, recs[0].Version)
}

func teamRecord(name string, t *routing.TeamState, version int64) (*store.Record, error) {
	body, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("route: encode the counters of the team %s: %w", name, err)
	}
	return &store.Record{Key: routing.TeamKey(name), Version: version, Body: body}, nil
}
