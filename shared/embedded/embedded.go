// Package embedded keeps tables and raw keyspaces in one folder of this machine, on Pebble. It is the store behind
// the local runtime and the tests; no function imports it.
//
// What is promised:
//
//   - One write-ahead log serves the whole folder, and it is replayed in order. After a crash (kill -9, power loss)
//     the folder holds a prefix of the history of all its tables and spaces together: whatever was acknowledged, and
//     never an effect without its cause.
//   - Concurrent writers share an fsync: no lock is held while one is under way. A write can therefore be seen inside
//     the process before it is durable. What a Table answers waits until all that it saw is durable, so nobody can act
//     outside on a write that a crash would take back. A Space answers at once: see there.
//   - One process at a time: Open names the remedy when another one holds the folder.
package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/shared/store"
)

// ErrInUse is wrapped by Open's error when another process holds the folder.
var ErrInUse = errors.New("data folder in use")

// Options of a DB. The zero value is what production wants.
type Options struct {
	// NoSync acknowledges writes before they are durable. A crash may lose the latest ones, though never one from
	// the middle. It is for bulk loads that can be started again.
	NoSync bool
	// Memory is the budget in bytes for cache and unsaved writes together; 0 means 192 MB. It does not grow with the data.
	Memory int64
	// FS stands in for the operating system's files: vfs.NewMem() in tests.
	FS vfs.FS
	// Log receives trouble; nil means slog.Default().
	Log *slog.Logger
}

// DB is one open folder. Its methods are safe for concurrent use.
type DB struct {
	engine engine
	noSync bool

	stripes [1024]stripe // by partition

	indexMu sync.Mutex
	indexes map[string]*horizons // by table

	running atomic.Int64 // operations under way
	closed  atomic.Bool
}

// stripe guards the partitions that hash to it: its mutex makes check and write one step, last is the newest write
// among them that may not be durable yet.
type stripe struct {
	mu   sync.Mutex
	last atomic.Pointer[flight]
}

// flight is a write on its way to the disk. A flight that has landed says the same of all before it: the log is
// written in order.
type flight struct {
	done chan struct{}
	err  error // set before done is closed
}

func (f *flight) wait() error {
	if f == nil {
		return nil
	}
	<-f.done
	return f.err
}

// Open opens or creates a folder.
func Open(dir string, opt Options) (*DB, error) {
	if opt.FS == nil {
		opt.FS = vfs.Default
	}
	if opt.Memory <= 0 {
		opt.Memory = 192 << 20
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if err := opt.FS.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("embedded: create data folder %s: %w", dir, err)
	}
	e, err := openPebble(dir, opt)
	if err != nil {
		return nil, err
	}
	return &DB{engine: e, noSync: opt.NoSync, indexes: map[string]*horizons{}}, nil
}

// OpenMemory opens a DB that keeps nothing beyond Close, for tests.
func OpenMemory() (*DB, error) { return Open("memory", Options{FS: vfs.NewMem(), Memory: 24 << 20}) }

// Close waits for the operations under way, then closes the folder. Later operations answer ErrUnavailable.
func (db *DB) Close() error {
	if db.closed.Swap(true) {
		return nil
	}
	for db.running.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	if err := db.engine.close(); err != nil {
		return fmt.Errorf("embedded: close: %w", err)
	}
	return nil
}

// enter begins an operation; after a nil answer the caller must leave. Operations may be nested (Apply within
// Iterate), which a lock for reading would not survive while Close waits.
func (db *DB) enter() error {
	db.running.Add(1)
	if db.closed.Load() {
		db.running.Add(-1)
		return fmt.Errorf("embedded: the data folder is closed: %w", store.ErrUnavailable)
	}
	return nil
}

func (db *DB) leave() { db.running.Add(-1) }

// unavailable translates what Pebble reports. Its own errors are all about the disk.
func unavailable(op string, err error) error {
	return fmt.Errorf("embedded: %s: %w: %w", op, store.ErrUnavailable, err)
}
