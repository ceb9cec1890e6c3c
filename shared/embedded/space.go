package embedded

import (
	"bytes"
	"context"
	"fmt"

	"handoff/shared/store"
)

// Space is a raw ordered keyspace beside the tables, for the local runtime's queues, archive and state. It shares the
// folder's log and its group commit.
//
// A Space does not wait: what Get and Iterate show may not be durable yet. That is safe for an effect that is itself
// written to the folder, because it stands behind its cause in the log; whoever tells the outside first calls Sync.
type Space struct {
	db     *DB
	prefix []byte
}

// Op is one change: Value under Key, or no Key if Delete is set. Until turns a Delete into that of the range from Key
// to Until, exclusive.
type Op struct {
	Key    []byte
	Value  []byte
	Delete bool
	Until  []byte
}

// Space returns the keyspace of that name, which follows the rules of table names.
func (db *DB) Space(name string) *Space {
	checkName("space", name)
	return &Space{db: db, prefix: []byte("s" + name + "\x00")}
}

func (s *Space) key(k []byte) []byte {
	return append(s.prefix[:len(s.prefix):len(s.prefix)], k...)
}

// Get returns a value that belongs to the caller, or ErrNotFound.
func (s *Space) Get(key []byte) ([]byte, error) {
	if err := s.db.enter(); err != nil {
		return nil, err
	}
	defer s.db.leave()
	v, found, err := s.db.engine.get(s.key(key))
	if err != nil {
		return nil, unavailable("read", err)
	}
	if !found {
		return nil, fmt.Errorf("embedded: key %q: %w", key, store.ErrNotFound)
	}
	return v, nil
}

// Apply makes all changes or none, in order. With sync it returns when they are durable, and with them everything
// applied before; without, a crash may lose them, but never while keeping something applied later.
func (s *Space) Apply(ctx context.Context, ops []Op, sync bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(ops) == 0 && !sync {
		return nil
	}
	if len(ops) == 0 {
		return s.db.Sync()
	}
	if err := s.db.enter(); err != nil {
		return err
	}
	defer s.db.leave()
	b := s.db.engine.newBatch()
	defer b.close()
	for _, op := range ops {
		var err error
		switch {
		case op.Delete && op.Until != nil:
			err = b.deleteRange(s.key(op.Key), s.key(op.Until))
		case op.Delete:
			err = b.delete(s.key(op.Key))
		default:
			err = b.set(s.key(op.Key), op.Value)
		}
		if err != nil {
			return unavailable("write", err)
		}
	}
	if err := b.commit(sync && !s.db.noSync); err != nil {
		return unavailable("write", err)
	}
	return nil
}

// Iterate calls fn in order of keys, from inclusive, until exclusive (nil: no bound), as they stood when it began,
// until fn answers false. Key and value are good only during the call of fn.
func (s *Space) Iterate(from, until []byte, fn func(k, v []byte) bool) error {
	lower, upper := s.key(from), after(s.prefix)
	if until != nil {
		upper = s.key(until)
	}
	if bytes.Compare(lower, upper) >= 0 {
		return nil
	}
	if err := s.db.enter(); err != nil {
		return err
	}
	defer s.db.leave()
	it, err := s.db.engine.iterate(context.Background(), lower, upper)
	if err != nil {
		return unavailable("read", err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		if !fn(it.Key()[len(s.prefix):], it.Value()) {
			break
		}
	}
	if err := it.Error(); err != nil {
		return unavailable("read", err)
	}
	return nil
}

// Sync returns when everything written to the folder before, by whomever, is durable. It is also the way to make the
// tail of a NoSync load safe.
func (db *DB) Sync() error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	if err := db.engine.sync(); err != nil {
		return unavailable("sync", err)
	}
	return nil
}

// Compact rewrites the folder, so that deleted bytes leave its tables. A forgotten person's bytes may stand in a
// recycled log file until that is overwritten.
func (db *DB) Compact(ctx context.Context) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.leave()
	if err := db.engine.compact(ctx, []byte("s"), []byte("u")); err != nil {
		return unavailable("compact", err)
	}
	return nil
}
