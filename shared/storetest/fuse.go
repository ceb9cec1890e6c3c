package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"handoff/shared/event"
	"handoff/shared/store"
)

// ErrDead is what everything behind a blown Fuse answers. To the caller it looks like a store out of reach: the outcome
// of the write is unknown.
var ErrDead = fmt.Errorf("the process died here: %w", store.ErrUnavailable)

// Mode says what of the fatal step was done.
type Mode int

// The modes.
const (
	NotStored Mode = iota // nothing
	Stored                // everything, but the caller never hears of it
	Half                  // of a batch the second, fourth, … item; of a pair and of a single item nothing
)

// Modes lists them, for crash tables.
var Modes = []Mode{NotStored, Stored, Half}

func (m Mode) String() string {
	return [...]string{"not stored", "stored but errored", "half stored"}[m]
}

// Fuse stands for one process among tables and publishers. It counts steps (a write call or a publish call, however
// many items it has); at the given one the process dies: that step is done as Mode says, and then every call, reading
// or writing, answers ErrDead until Reset.
type Fuse struct {
	mode  Mode
	at    int
	alive bool // after the fault: see NewGlitch

	mu    sync.Mutex
	steps int
	dead  bool
}

// NewFuse blows at the at-th step, counted from 1; 0 never blows, and counts.
func NewFuse(at int, mode Mode) *Fuse { return &Fuse{at: at, mode: mode} }

// NewGlitch fails at one step alone and lets the process live. A publisher then says by *event.Leftover what was not
// sent of a half.
func NewGlitch(at int, mode Mode) *Fuse { return &Fuse{at: at, mode: mode, alive: true} }

// Steps is how many steps were begun.
func (f *Fuse) Steps() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.steps
}

// Blown tells whether the fatal step was reached.
func (f *Fuse) Blown() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at > 0 && f.steps >= f.at
}

// Reset starts the process again. The fuse does not blow a second time; steps count on.
func (f *Fuse) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = false
}

// check is asked before a call that reads.
func (f *Fuse) check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return ErrDead
	}
	return nil
}

// step is asked before a call that writes: may it go on, and is it the fatal one?
func (f *Fuse) step() (fatal bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		return false, ErrDead
	}
	f.steps++
	fatal = f.steps == f.at
	f.dead = fatal && !f.alive
	return fatal, nil
}

// one runs a write that is done or not done.
func (f *Fuse) one(write func() error) error {
	fatal, err := f.step()
	switch {
	case err != nil:
		return err
	case !fatal:
		return write()
	case f.mode == Stored:
		write() // its answer is lost with the process
	}
	return ErrDead
}

// Table puts a table behind the fuse.
func (f *Fuse) Table(t store.Table) store.Table { return &fusedTable{t, f} }

type fusedTable struct {
	table store.Table
	fuse  *Fuse
}

func (t *fusedTable) Get(ctx context.Context, k store.Key) (store.Record, error) {
	if err := t.fuse.check(); err != nil {
		return store.Record{}, err
	}
	return t.table.Get(ctx, k)
}

func (t *fusedTable) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	if err := t.fuse.check(); err != nil {
		return nil, err
	}
	return t.table.GetMany(ctx, keys)
}

func (t *fusedTable) Put(ctx context.Context, r store.Record) error {
	return t.fuse.one(func() error { return t.table.Put(ctx, r) })
}

func (t *fusedTable) PutPair(ctx context.Context, a, b store.Record) error {
	return t.fuse.one(func() error { return t.table.PutPair(ctx, a, b) })
}

func (t *fusedTable) PutMany(ctx context.Context, rs []store.Record) []error {
	fatal, err := t.fuse.step()
	if err == nil && !fatal {
		return t.table.PutMany(ctx, rs)
	}
	if fatal && t.fuse.mode != NotStored {
		done, _ := split(rs, t.fuse.mode)
		t.table.PutMany(ctx, done)
	}
	errs := make([]error, len(rs))
	for i := range errs {
		errs[i] = ErrDead
	}
	return errs
}

func (t *fusedTable) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if err := t.fuse.check(); err != nil {
		return store.Page{}, err
	}
	return t.table.Query(ctx, q)
}

func (t *fusedTable) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	if err := t.fuse.check(); err != nil {
		return store.Page{}, err
	}
	return t.table.DueBefore(ctx, shard, until, limit, cursor)
}

// Publisher puts a publisher behind the fuse.
func (f *Fuse) Publisher(p event.Publisher) event.Publisher { return &fusedPublisher{p, f} }

type fusedPublisher struct {
	publisher event.Publisher
	fuse      *Fuse
}

func (p *fusedPublisher) Publish(ctx context.Context, events []event.Envelope) error {
	fatal, err := p.fuse.step()
	switch {
	case err != nil:
		return err
	case !fatal:
		return p.publisher.Publish(ctx, events)
	}
	done, rest := split(events, p.fuse.mode)
	if len(done) > 0 {
		if err := p.publisher.Publish(ctx, done); err != nil {
			return fmt.Errorf("%w (and before that: %v)", ErrDead, err)
		}
	}
	if p.fuse.alive && p.fuse.mode == Half && len(rest) > 0 {
		return &event.Leftover{Events: rest, Cause: ErrDead}
	}
	return ErrDead
}

// split divides a batch into what the fatal step still does and what it does not. Half takes every second item, so
// that whoever relies on a batch being done in order is found out.
func split[T any](items []T, m Mode) (done, rest []T) {
	for i, v := range items {
		if m == Stored || m == Half && i%2 == 1 {
			done = append(done, v)
		} else {
			rest = append(rest, v)
		}
	}
	return done, rest
}
