package attribution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	credit "handoff/shared/attribution"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/store"
)

// item is what stands in the accounts table under {conversion id, "credits"}.
type item struct {
	Conversion event.Conversion `json:"conversion"` // the newest revision seen
	Digest     string           `json:"digest"`     // of the credit row that counts
	Pending    bool             `json:"pending"`    // its RevenueAttributed may not have been published yet
	// Cause is what the credits go on from where that is not the conversion itself: a journey that changed.
	Cause *event.Meta `json:"cause,omitempty"`
}

// Key is where the item of a conversion stands in the accounts table.
func Key(conversion string) store.Key { return store.Key{Partition: conversion, Sort: "credits"} }

// row names the credit row that counts, without its body.
func (it *item) row() ledger.Row {
	return ledger.Row{Owner: it.Conversion.Account, Type: ledger.Credit, Time: it.Conversion.Time, ID: it.Conversion.ID + "@" + it.Digest}
}

func load(ctx context.Context, table store.Table, conversion string) (it item, version int64, err error) {
	rec, err := table.Get(ctx, Key(conversion))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return item{}, 0, nil
	case err != nil:
		return item{}, 0, fmt.Errorf("attribution: load the credits of %s: %w", conversion, err)
	}
	if err := json.Unmarshal(rec.Body, &it); err != nil {
		return item{}, 0, fmt.Errorf("attribution: decode the credits of %s: %w", conversion, err)
	}
	return it, rec.Version, nil
}

// save answers *store.Conflict where the item is no longer at the version.
func (h *Handler) save(ctx context.Context, it *item, version int64) error {
	body, err := json.Marshal(it)
	if err != nil {
		return fmt.Errorf("attribution: encode the credits of %s: %w", it.Conversion.ID, err)
	}
	if err := h.Accounts.Put(ctx, store.Record{Key: Key(it.Conversion.ID), Version: version, Body: body}); err != nil {
		return fmt.Errorf("attribution: save the credits of %s: %w", it.Conversion.ID, err)
	}
	return nil
}

// attempts bounds how often a conversion is computed again after another writer was faster.
const attempts = 8

// The outcomes of settling.
const (
	credited  = "credited"
	unchanged = "unchanged" // the same digest
	known     = "known"     // a duplicate, or an older revision
	contended = "contended"
)

// settle brings a conversion's credits up to date.
func (h *Handler) settle(ctx context.Context, models *credit.Models, ref event.PolicyRef, j *job) (outcome string, err error) {
	for range attempts {
		outcome, err = h.try(ctx, models, ref, j)
		if !errors.Is(err, store.ErrConflict) {
			return outcome, err
		}
		metric.From(ctx).Add(metric.Conflicts, 1)
	}
	return contended, err
}

// try is one attempt. The item's version is read before the journey: whoever reads a journey that is longer and writes
// first makes this write fail, and then everything is read again. So the credits that stand were made from a journey at
// least as complete as any before.
func (h *Handler) try(ctx context.Context, models *credit.Models, ref event.PolicyRef, j *job) (outcome string, err error) {
	it, version, err := load(ctx, h.Accounts, j.id)
	if err != nil {
		return "", err
	}
	c, fresh := it.Conversion, version == 0 || newer(&j.told, &it.Conversion)
	if fresh {
		c = j.told
	}
	if !fresh && !j.due {
		return known, h.tell(ctx, &it, version, nil)
	}

	a, err := h.attribute(ctx, models, c)
	if err != nil {
		return "", err
	}
	if a.Digest == it.Digest {
		if fresh {
			// The same revenue told anew, after one in between that has not arrived: the sequence must be kept, or
			// that one would count when it comes.
			it.Conversion = c
			if err := h.save(ctx, &it, version); err != nil {
				return "", err
			}
			version++
		}
		return unchanged, h.tell(ctx, &it, version, nil)
	}

	// Row, item, event: in this order. Dead after the row: the redelivered event makes the same row again, finds it,
	// and goes on. Dead after the item: it says pending, and whichever event loads it next (the redelivered one at the
	// latest) publishes. Dead after the publish: it is published twice, under one digest.
	it = item{Conversion: c, Digest: a.Digest, Pending: true}
	if !fresh {
		it.Cause = &j.cause
	}
	row := it.row()
	row.RecordedAt = h.Now()
	if row.Body, err = a.Row(ref); err != nil {
		return "", fmt.Errorf("attribution: encode the credits of %s: %w", c.ID, err)
	}
	if _, err := h.Ledger.AppendOne(ctx, row); err != nil {
		return "", fmt.Errorf("attribution: append the credits of %s: %w", c.ID, err)
	}
	if err := h.save(ctx, &it, version); err != nil {
		return "", err
	}
	return credited, h.tell(ctx, &it, version+1, row.Body)
}

// attribute reads the journey and divides the amount.
func (h *Handler) attribute(ctx context.Context, models *credit.Models, c event.Conversion) (*credit.Attribution, error) {
	from, until := models.Window(&c)
	var touches []credit.Touch
	for t, err := range h.Journey.Touches(ctx, c.Account, from, until) {
		if err != nil {
			return nil, fmt.Errorf("attribution: journey of %s to %s: %w", c.Account, c.ID, err)
		}
		if read, ok := models.Read(t); ok {
			touches = append(touches, read)
		}
	}
	return models.Attribute(c, touches), nil
}

// maxDetail is what a RevenueAttributed may weigh: EventBridge takes less than 1 MB a call, and bills by 64 KB.
const maxDetail = 200 << 10

// tell publishes what is pending and then says so in the item. body is the credit row's where the caller has it.
func (h *Handler) tell(ctx context.Context, it *item, version int64, body []byte) error {
	if !it.Pending {
		return nil
	}
	if body == nil {
		row, err := h.Ledger.Get(ctx, it.row())
		if err != nil {
			return fmt.Errorf("attribution: read the credit row %s: %w", it.row().ID, err)
		}
		body = row.Body
	}
	stored, err := credit.Parse(body)
	if err != nil {
		return fmt.Errorf("attribution: %w", err)
	}
	said := stored.Attributed
	if it.Cause != nil {
		said.Meta = *it.Cause
	}
	detail, err := json.Marshal(said)
	if err == nil && len(detail) > maxDetail {
		detail, err = json.Marshal(credit.Roll(said))
	}
	if err != nil {
		return fmt.Errorf("attribution: encode %s of %s: %w", event.RevenueAttributed, said.Conversion, err)
	}
	if err := h.Bus.Publish(ctx, []event.Envelope{{DetailType: event.RevenueAttributed, Source: event.Source, Detail: detail}}); err != nil {
		return fmt.Errorf("attribution: publish the credits of %s: %w", said.Conversion, err)
	}
	it.Pending, it.Cause = false, nil
	// A conflict here means that another writer loaded the item since: it found pending too and has published the
	// same, or has put newer credits in its place. There is nothing left to do.
	if err := h.save(ctx, it, version); err != nil && !errors.Is(err, store.ErrConflict) {
		return err
	}
	return nil
}

// conversions lists an account's conversions that have a revision at a time in [from, until), each in its newest
// revision among those rows, in order of time. Zero times are no bound.
func conversions(ctx context.Context, l *ledger.Ledger, account string, from, until time.Time) ([]event.Conversion, error) {
	var out []event.Conversion
	at := map[string]int{}
	for row, err := range l.Timeline(ctx, account, from, until) {
		if err != nil {
			return nil, err
		}
		if row.Type != ledger.Conversion {
			continue
		}
		var c event.Conversion
		if err := json.Unmarshal(row.Body, &c); err != nil {
			return nil, fmt.Errorf("conversion row %s of %s: %w", row.ID, account, err)
		}
		i, ok := at[c.ID]
		if !ok {
			at[c.ID] = len(out)
			out = append(out, c)
		} else if newer(&c, &out[i]) {
			out[i] = c
		}
	}
	return out, nil
}
