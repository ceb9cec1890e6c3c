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
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
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
	pebble *pebble.DB
	lock   *pebble.Lock
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
	return &DB{pebble: db, lock: lock, noSync: opt.NoSync, indexes: map[string]*horizons{}}, nil
}

// OpenMemory opens a DB that keeps nothing beyond Close, for tests.
func OpenMemory() (*DB, error) { return Open("memory", Options{FS: vfs.NewMem(), Memory: 24 << 20}) }

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

// Close waits for the operations under way, then closes the folder. Later operations answer ErrUnavailable.
func (db *DB) Close() error {
	if db.closed.Swap(true) {
		return nil
	}
	for db.running.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(db.pebble.Close(), db.lock.Close()); err != nil {
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
