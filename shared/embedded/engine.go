package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// engine is what this package uses of Pebble. Pebble's own types stay behind it, for the sake of whoever builds this
// project: they hold generic code, and the compiler makes that code again for each package that can see one of them,
// be it as a hidden field of a DB.
type engine interface {
	// get returns a value that belongs to the caller.
	get(key []byte) (value []byte, found bool, err error)
	// iterate walks the keys from lower, inclusive, to upper, exclusive.
	iterate(ctx context.Context, lower, upper []byte) (iterator, error)
	newBatch() batch
	// sync returns when all that was written before is durable.
	sync() error
	// compact rewrites the keys from, inclusive, until, exclusive.
	compact(ctx context.Context, from, until []byte) error
	close() error
}

// iterator has the methods of Pebble's.
type iterator interface {
	First() bool
	Next() bool
	Last() bool
	Prev() bool
	Key() []byte
	Value() []byte
	Error() error
	Close() error
}

// batch gathers changes that are made together or not at all.
type batch interface {
	set(key, value []byte) error
	// reserve makes room for a key and its value, to be filled before the next call.
	reserve(key, value int) (k, v []byte)
	delete(key []byte) error
	deleteRange(from, until []byte) error
	// commit applies the batch, and waits until it is durable if told to.
	commit(sync bool) error
	// apply makes the batch visible; wait then returns when it is durable.
	apply() error
	wait() error
	close()
}

// openPebble opens the folder and locks it against other processes.
func openPebble(dir string, opt Options) (engine, error) {
	lock, err := pebble.LockDirectory(dir, opt.FS)
	if err != nil {
		if inUse(err) {
			return nil, fmt.Errorf("embedded: another handoff runs on %s: stop it, ask it instead, or choose another folder with --data: %w", dir, ErrInUse)
		}
		return nil, fmt.Errorf("embedded: lock data folder %s: %w", dir, err)
	}
	db, err := pebble.Open(dir, settings(opt, lock))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("embedded: open data folder %s: %w", dir, err), lock.Close())
	}
	return &onPebble{db: db, lock: lock}, nil
}

func settings(opt Options, lock *pebble.Lock) *pebble.Options {
	o := &pebble.Options{
		FS:                          opt.FS,
		Lock:                        lock,
		FormatMajorVersion:          pebble.FormatNewest,
		Logger:                      logger{opt.Log},
		CacheSize:                   opt.Memory / 2,
		MemTableSize:                uint64(opt.Memory / 6),
		MemTableStopWritesThreshold: 3,
		L0StopWritesThreshold:       24,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
	}
	// Most appends are of keys that are not there: the filter answers that without reading the tables.
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return o
}

// inUse tells a held lock from other failures. Pebble names a lock held by this very process in words only.
func inUse(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || strings.Contains(err.Error(), "lock held by current process")
}

type onPebble struct {
	db   *pebble.DB
	lock *pebble.Lock
}

func (p *onPebble) get(key []byte) ([]byte, bool, error) {
	v, closer, err := p.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer closer.Close()
	return bytes.Clone(v), true, nil
}

func (p *onPebble) iterate(ctx context.Context, lower, upper []byte) (iterator, error) {
	it, err := p.db.NewIterWithContext(ctx, &pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, err
	}
	return it, nil
}

func (p *onPebble) newBatch() batch { return &pebbleBatch{db: p.db, Batch: p.db.NewBatch()} }

func (p *onPebble) sync() error { return p.db.LogData(nil, pebble.Sync) }

func (p *onPebble) compact(ctx context.Context, from, until []byte) error {
	if err := p.db.Flush(); err != nil {
		return err
	}
	return p.db.Compact(ctx, from, until, true)
}

func (p *onPebble) close() error { return errors.Join(p.db.Close(), p.lock.Close()) }

type pebbleBatch struct {
	db *pebble.DB
	*pebble.Batch
}

func (b *pebbleBatch) set(key, value []byte) error { return b.Set(key, value, nil) }

// reserve does without the Finish of Pebble's deferred operation: that puts the key in the index of a batch that can
// be read, and these cannot.
func (b *pebbleBatch) reserve(key, value int) (k, v []byte) {
	op := b.SetDeferred(key, value)
	return op.Key, op.Value
}

func (b *pebbleBatch) delete(key []byte) error { return b.Delete(key, nil) }

func (b *pebbleBatch) deleteRange(from, until []byte) error { return b.DeleteRange(from, until, nil) }

func (b *pebbleBatch) commit(sync bool) error {
	if sync {
		return b.Commit(pebble.Sync)
	}
	return b.Commit(pebble.NoSync)
}

func (b *pebbleBatch) apply() error { return b.db.ApplyNoSyncWait(b.Batch, pebble.Sync) }

func (b *pebbleBatch) wait() error { return b.SyncWait() }

// close gives the batch's memory back. It has nothing to report of a batch in memory.
func (b *pebbleBatch) close() { _ = b.Close() }

// logger passes Pebble's troubles on and drops its chatter.
type logger struct{ log *slog.Logger }

func (logger) Infof(string, ...any) {}

func (l logger) Errorf(format string, args ...any) {
	l.log.Error("embedded store", "trouble", fmt.Sprintf(format, args...))
}

// Fatalf ends the process, as Pebble requires: the log cannot be written, so nothing can be acknowledged any more.
func (l logger) Fatalf(format string, args ...any) {
	l.log.Error("embedded store cannot go on", "trouble", fmt.Sprintf(format, args...))
	os.Exit(1)
}
