package meter

import (
	"context"
	"errors"
	"time"

	"handoff/shared/dynamo"
	"handoff/shared/store"
)

// The operations, as DynamoDB names them.
const (
	GetItem            = "GetItem"
	BatchGetItem       = "BatchGetItem"
	PutItem            = "PutItem"
	TransactWriteItems = "TransactWriteItems"
	Query              = "Query"
	QueryIndex         = "Query (time index)"
)

// What DynamoDB takes at once.
const (
	writeUnit = 1 << 10
	readUnit  = 4 << 10
	batchKeys = 100
	pageBytes = 1 << 20
)

// Table counts what is asked of a table. What stood before a write is read without being counted.
func (m *Meter) Table(name string, t store.Table) store.Table { return m.Beside(name, t, t) }

// Beside does so, and reads what stood before by another way to the same table.
func (m *Meter) Beside(name string, t, look store.Table) store.Table { return &table{t, look, m, name} }

type table struct {
	next, look store.Table
	m          *Meter
	name       string
}

func started(bytes, unit int) int64 { return max(1, int64((bytes+unit-1)/unit)) }

// read is the use of reading so many bytes at once; what finds nothing costs the least that a read can.
func read(requests int64, bytes int, consistent bool) Use {
	u := Use{Requests: requests, HalfReads: started(bytes, readUnit)}
	if consistent {
		u.HalfReads *= 2
	}
	if bytes == 0 {
		u.Absent = u.HalfReads
	}
	return u
}

func (t *table) Get(ctx context.Context, k store.Key) (store.Record, error) {
	began := t.m.clock()
	r, err := t.next.Get(ctx, k)
	t.m.waits(ctx, began)
	bytes := 0
	if err == nil {
		bytes, _ = dynamo.Size(r)
	}
	u := read(1, bytes, true)
	u.Absent = 0 // counted by DynamoDB Local, too
	t.m.use(ctx, t.name, GetItem, k, u)
	return r, err
}

func (t *table) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	began := t.m.clock()
	rs, err := t.next.GetMany(ctx, keys)
	t.m.waits(ctx, began)
	seen := make(map[store.Key]bool, len(keys))
	for i, k := range keys {
		if seen[k] {
			continue // asked once
		}
		requests, bytes := 0, 0
		if len(seen)%batchKeys == 0 {
			requests = 1
		}
		seen[k] = true
		if err == nil && rs[i].Version > 0 {
			bytes, _ = dynamo.Size(rs[i])
		}
		t.m.use(ctx, t.name, BatchGetItem, k, read(int64(requests), bytes, true))
	}
	return rs, err
}

func (t *table) Query(ctx context.Context, q store.Query) (store.Page, error) {
	began := t.m.clock()
	page, err := t.next.Query(ctx, q)
	t.m.waits(ctx, began)
	bytes := 0
	for _, r := range page.Records {
		n, _ := dynamo.Size(r)
		bytes += n
	}
	t.m.use(ctx, t.name, Query, store.Key{Partition: q.Partition, Sort: q.From}, read(started(bytes, pageBytes), bytes, true))
	return page, err
}

func (t *table) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	began := t.m.clock()
	page, err := t.next.DueBefore(ctx, shard, until, limit, cursor)
	t.m.waits(ctx, began)
	bytes := 0
	for _, r := range page.Records {
		_, n := dynamo.Size(r)
		bytes += n
	}
	t.m.use(ctx, t.name, QueryIndex, store.Key{}, read(1, bytes, false))
	return page, err
}

// write is what one write uses, given what stood there; nil for nothing.
func write(old *store.Record, r store.Record, err error) Use {
	r.Version++ // as it stands then
	item, index := dynamo.Size(r)
	stood, entry := 0, 0
	if old != nil {
		stood, entry = dynamo.Size(*old)
	}
	u := Use{Writes: started(max(item, stood), writeUnit)}
	switch {
	case err != nil:
		u.Refused = u.Writes
		return u
	case old != nil && old.Due == r.Due: // the index holds keys alone: its entry stays as it is
	default:
		if entry > 0 {
			u.Index += started(entry, writeUnit)
		}
		if index > 0 {
			u.Index += started(index, writeUnit)
		}
	}
	u.Items = 1
	u.Writes += u.Index
	return u
}

// stood reads what writes will replace.
func (t *table) stood(ctx context.Context, rs ...store.Record) []*store.Record {
	out := make([]*store.Record, len(rs))
	for i, r := range rs {
		if r.Version == 0 {
			continue // nothing, or the conflict says what
		}
		if old, err := t.look.Get(ctx, r.Key); err == nil {
			out[i] = &old
		}
	}
	return out
}

// written notes one write that was tried.
func (t *table) written(ctx context.Context, old *store.Record, r store.Record, err error) {
	var c *store.Conflict
	if errors.As(err, &c) && c.Existing != nil {
		old = c.Existing
	}
	u := write(old, r, err)
	u.Requests = 1
	t.m.use(ctx, t.name, PutItem, r.Key, u)
}

func (t *table) Put(ctx context.Context, r store.Record) error {
	old := t.stood(ctx, r)
	began := t.m.clock()
	err := t.next.Put(ctx, r)
	t.m.waits(ctx, began)
	t.written(ctx, old[0], r, err)
	return err
}

func (t *table) PutMany(ctx context.Context, rs []store.Record) []error {
	old := t.stood(ctx, rs...)
	began := t.m.clock()
	errs := t.next.PutMany(ctx, rs)
	t.m.waits(ctx, began)
	for i, err := range errs {
		t.written(ctx, old[i], rs[i], err)
	}
	return errs
}

func (t *table) PutPair(ctx context.Context, a, b store.Record) error {
	old := t.stood(ctx, a, b)
	began := t.m.clock()
	err := t.next.PutPair(ctx, a, b)
	t.m.waits(ctx, began)
	for i, r := range []store.Record{a, b} {
		u := write(old[i], r, err)
		u.Double = u.Writes
		u.Writes, u.Index = 2*u.Writes, 2*u.Index
		if err != nil {
			u.Refused = u.Writes
		}
		u.Requests = int64(1 - i)
		t.m.use(ctx, t.name, TransactWriteItems, r.Key, u)
	}
	return err
}
