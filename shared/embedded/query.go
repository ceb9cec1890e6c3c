package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"handoff/shared/store"
)

// Where a page ends if the caller's limit does not end it before, as in DynamoDB.
const (
	pageRecords = 1000
	pageBytes   = 1 << 20
)

// Query returns a page of one partition.
func (t *Table) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if q.Partition == "" || len(q.Partition) > store.MaxPartition {
		return store.Page{}, fmt.Errorf("embedded: query: a partition has 1 to %d bytes, got %d: %w", store.MaxPartition, len(q.Partition), store.ErrInvalid)
	}
	base := t.appendPartition(nil, q.Partition)
	lower, upper := append(bytes.Clone(base), q.From...), after(base)
	if q.Until != "" {
		upper = append(bytes.Clone(base), q.Until...)
	}
	mark := fingerprint("query", string(t.prefix), q.Partition, q.From, q.Until, fmt.Sprint(q.Reverse))
	w := walk{table: t, lower: lower, upper: upper, reverse: q.Reverse, limit: q.Limit, mark: mark, cursor: q.Cursor}
	page, err := w.page(ctx, func(key, value []byte) (store.Record, error) {
		return parseValue(store.Key{Partition: q.Partition, Sort: string(key[len(base):])}, bytes.Clone(value))
	})
	if err != nil {
		return store.Page{}, fmt.Errorf("embedded: query %s: %w", q.Partition, err)
	}
	if err := t.settle(q.Partition); err != nil {
		return store.Page{}, err
	}
	return page, nil
}

// DueBefore returns a page of one shard of the time index. As of an index that holds keys alone, the records have Key
// and Due and nothing else.
func (t *Table) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	if shard < 0 || shard >= store.Shards {
		return store.Page{}, fmt.Errorf("embedded: due: shard %d is not within 0 to %d: %w", shard, store.Shards-1, store.ErrInvalid)
	}
	base := t.appendShard(nil, shard)
	end := max(until.Unix(), 0) + 1
	from, still := t.due[shard].look()
	w := walk{
		table: t, lower: binary.BigEndian.AppendUint64(bytes.Clone(base), uint64(from)), upper: binary.BigEndian.AppendUint64(bytes.Clone(base), uint64(end)),
		limit: limit, mark: fingerprint("due", string(t.prefix), fmt.Sprint(shard)), cursor: cursor,
	}
	page, err := w.page(ctx, func(key, _ []byte) (store.Record, error) {
		rest := key[len(base):]
		if len(rest) > 8 {
			if k, ok := parseKey(rest[8:]); ok {
				return store.Record{Key: k, Due: int64(binary.BigEndian.Uint64(rest))}, nil
			}
		}
		return store.Record{}, fmt.Errorf("entry %x of the time index is damaged: %w", key, store.ErrUnavailable)
	})
	if err != nil {
		return store.Page{}, fmt.Errorf("embedded: due in shard %d: %w", shard, err)
	}
	if cursor == "" {
		if len(page.Records) > 0 {
			end = page.Records[0].Due
		}
		t.due[shard].seen(end, still)
	}
	return page, nil
}

// Scan walks the table in order of keys.
func (t *Table) Scan(ctx context.Context, limit int, cursor string) (store.Page, error) {
	base := append(bytes.Clone(t.prefix), kindItem)
	w := walk{table: t, lower: base, upper: after(base), limit: limit, mark: fingerprint("scan", string(t.prefix)), cursor: cursor}
	page, err := w.page(ctx, func(key, value []byte) (store.Record, error) {
		k, ok := parseKey(key[len(base):])
		if !ok {
			return store.Record{}, fmt.Errorf("key %x is damaged: %w", key, store.ErrUnavailable)
		}
		return parseValue(k, bytes.Clone(value))
	})
	if err != nil {
		return store.Page{}, fmt.Errorf("embedded: scan: %w", err)
	}
	for i := range t.db.stripes {
		if err := t.db.stripes[i].last.Load().wait(); err != nil {
			return store.Page{}, err
		}
	}
	return page, nil
}

// walk is one page's way through a range of keys.
type walk struct {
	table        *Table
	lower, upper []byte
	reverse      bool
	limit        int
	mark         uint64 // of the query: a cursor is good for no other
	cursor       string
}

// page reads one. It gives a cursor whenever it stopped before the end of the range, also when nothing may follow.
func (w *walk) page(ctx context.Context, parse func(key, value []byte) (store.Record, error)) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, err
	}
	if w.limit < 0 {
		return store.Page{}, fmt.Errorf("limit %d: must not be negative: %w", w.limit, store.ErrInvalid)
	}
	if w.limit == 0 || w.limit > pageRecords {
		w.limit = pageRecords
	}
	if w.cursor != "" {
		last, err := parseCursor(w.cursor, w.mark)
		if err != nil {
			return store.Page{}, err
		}
		if w.reverse {
			w.upper = last
		} else {
			w.lower = append(last, 0)
		}
	}
	var page store.Page
	if bytes.Compare(w.lower, w.upper) >= 0 {
		return page, nil
	}
	if err := w.table.db.enter(); err != nil {
		return store.Page{}, err
	}
	defer w.table.db.leave()
	it, err := w.table.db.engine.iterate(ctx, w.lower, w.upper)
	if err != nil {
		return store.Page{}, unavailable("read", err)
	}
	defer it.Close()
	first, next := it.First, it.Next
	if w.reverse {
		first, next = it.Last, it.Prev
	}
	size := 0
	for ok := first(); ok; ok = next() {
		r, err := parse(it.Key(), it.Value())
		if err != nil {
			return store.Page{}, err
		}
		page.Records = append(page.Records, r)
		size += len(it.Key()) + len(it.Value())
		if len(page.Records) == w.limit || size >= pageBytes {
			page.Cursor = makeCursor(w.mark, it.Key())
			break
		}
	}
	if err := it.Error(); err != nil {
		return store.Page{}, unavailable("read", err)
	}
	return page, nil
}
