package rig

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"handoff/infra/local"
	"handoff/shared/event"
	"handoff/shared/store"
)

// Flaky makes handlers fail at a seeded choice of their writes and publishes, in the way a process does that loses its
// network: the step is done or not done, unknown to the handler, and everything after it fails too, until the next
// invocation. Nothing is lost by it but the answer, so the queue brings the batch again.
type Flaky struct {
	Failures int // how often a step failed
	// Wait lets a retry wait for its queue's visibility timeout. Otherwise it comes at once, so that the clock and later
	// events are held meanwhile: what differs then differs by the retry alone.
	Wait bool

	rng  *rand.Rand
	one  int
	dead bool
}

// NewFlaky fails one step in n.
func NewFlaky(seed uint64, n int) *Flaky { return &Flaky{rng: rand.New(rand.NewPCG(seed, 3)), one: n} }

// Wire puts the trouble into a configuration.
func (f *Flaky) Wire(c *Config) {
	c.Table = func(t store.Table) store.Table { return &flakyTable{t, f} }
	c.Bus = func(p event.Publisher) event.Publisher { return &flakyBus{p, f} }
	c.Faults.Crash = func(p local.Point) bool {
		if p == local.InvokeBefore {
			f.dead = false
		}
		return false
	}
	c.Wire = func(top *local.Topology) {
		for i := range top.Queues {
			top.Queues[i].MaxReceive = 1000
			if !f.Wait {
				top.Queues[i].Visibility = 0
			}
		}
	}
}

var errFlaky = fmt.Errorf("no answer, by the test's own doing: %w", store.ErrUnavailable)

// step says whether a step is to be done, and whether its answer is lost.
func (f *Flaky) step() (do, lost bool) {
	if f.dead {
		return false, true
	}
	if f.rng.IntN(f.one) > 0 {
		return true, false
	}
	f.Failures++
	f.dead = true
	return f.rng.IntN(2) == 0, true
}

type flakyTable struct {
	store.Table
	f *Flaky
}

func (t *flakyTable) one(write func() error) error {
	do, lost := t.f.step()
	var err error
	if do {
		err = write()
	}
	if lost {
		return errFlaky
	}
	return err
}

func (t *flakyTable) Put(ctx context.Context, r store.Record) error {
	return t.one(func() error { return t.Table.Put(ctx, r) })
}

func (t *flakyTable) PutPair(ctx context.Context, a, b store.Record) error {
	return t.one(func() error { return t.Table.PutPair(ctx, a, b) })
}

func (t *flakyTable) PutMany(ctx context.Context, rs []store.Record) []error {
	do, lost := t.f.step()
	errs := make([]error, len(rs))
	if do {
		errs = t.Table.PutMany(ctx, rs)
	}
	if lost {
		for i := range errs {
			errs[i] = errFlaky
		}
	}
	return errs
}

func (t *flakyTable) Get(ctx context.Context, k store.Key) (store.Record, error) {
	if t.f.dead {
		return store.Record{}, errFlaky
	}
	return t.Table.Get(ctx, k)
}

func (t *flakyTable) GetMany(ctx context.Context, ks []store.Key) ([]store.Record, error) {
	if t.f.dead {
		return nil, errFlaky
	}
	return t.Table.GetMany(ctx, ks)
}

func (t *flakyTable) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if t.f.dead {
		return store.Page{}, errFlaky
	}
	return t.Table.Query(ctx, q)
}

func (t *flakyTable) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	if t.f.dead {
		return store.Page{}, errFlaky
	}
	return t.Table.DueBefore(ctx, shard, until, limit, cursor)
}

type flakyBus struct {
	event.Publisher
	f *Flaky
}

func (b *flakyBus) Publish(ctx context.Context, events []event.Envelope) error {
	do, lost := b.f.step()
	var err error
	if do {
		err = b.Publisher.Publish(ctx, events)
	}
	if lost {
		return errFlaky
	}
	return err
}

// CrashNow lets the process die at one in n of the runtime's own points: while events are put, before or after a batch
// is handled, before its messages are deleted. It counts the deaths.
func CrashNow(c *Config, seed uint64, n int) *int {
	rng, count, before := rand.New(rand.NewPCG(seed, 5)), new(int), c.Faults.Crash
	c.Faults.Crash = func(p local.Point) bool {
		if before != nil && before(p) {
			return true
		}
		if rng.IntN(n) > 0 {
			return false
		}
		*count++
		return true
	}
	return count
}
