package embedded

import (
	"context"
	"fmt"

	"handoff/shared/store"
)

// Table is one table of the folder.
type Table struct {
	db     *DB
	prefix []byte
	due    *horizons
}

var (
	_ store.Table   = (*Table)(nil)
	_ store.Scanner = (*Table)(nil)
	_ store.Eraser  = (*Table)(nil)
)

// Table returns the table of that name, which need not exist before. The name is a constant of the program: lower
// case letters, digits, - and _; another one panics.
func (db *DB) Table(name string) *Table {
	checkName("table", name)
	db.indexMu.Lock()
	defer db.indexMu.Unlock()
	if db.indexes[name] == nil {
		db.indexes[name] = new(horizons)
	}
	return &Table{db: db, prefix: []byte("t" + name + "\x00"), due: db.indexes[name]}
}

// stripe of a partition. Tables share stripes; a collision costs a wait, never a wrong answer.
func (t *Table) stripe(partition string) uint32 {
	h := uint32(2166136261)
	for _, c := range t.prefix {
		h = (h ^ uint32(c)) * 16777619
	}
	for i := range len(partition) {
		h = (h ^ uint32(partition[i])) * 16777619
	}
	return h % uint32(len(t.db.stripes))
}

// read returns what stands at k, with Version 0 for nothing. It may not be durable yet.
func (t *Table) read(k store.Key) (store.Record, error) {
	v, found, err := t.db.engine.get(t.itemKey(k))
	if err != nil {
		return store.Record{}, unavailable("read "+k.Partition+" / "+k.Sort, err)
	}
	if !found {
		return store.Record{Key: k}, nil
	}
	return parseValue(k, v)
}

// settle waits until all that was seen of a partition is durable. Call it after reading.
func (t *Table) settle(partition string) error {
	if t.db.noSync {
		return nil
	}
	return t.db.stripes[t.stripe(partition)].last.Load().wait()
}

// Get returns one item, or ErrNotFound.
func (t *Table) Get(ctx context.Context, k store.Key) (store.Record, error) {
	r, err := t.GetMany(ctx, []store.Key{k})
	if err != nil {
		return store.Record{}, err
	}
	if r[0].Version == 0 {
		return store.Record{}, fmt.Errorf("embedded: %s / %s: %w", k.Partition, k.Sort, store.ErrNotFound)
	}
	return r[0], nil
}

// GetMany returns an answer per key in the same order; Version 0 stands for "not found".
func (t *Table) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, k := range keys {
		if err := k.Check(); err != nil {
			return nil, fmt.Errorf("embedded: %w", err)
		}
	}
	if err := t.db.enter(); err != nil {
		return nil, err
	}
	defer t.db.leave()
	out := make([]store.Record, len(keys))
	for i, k := range keys {
		var err error
		if out[i], err = t.read(k); err != nil {
			return nil, err
		}
	}
	for _, k := range keys {
		if err := t.settle(k.Partition); err != nil {
			return nil, err
		}
	}
	return out, nil
}
