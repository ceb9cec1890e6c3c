// Package rig runs the whole pipeline in memory and in virtual time for tests: events go in as producers put them, the
// clock moves only where a test moves it, and what the pipeline knows and said can be read as plain values that two runs
// are compared by. It calls no function directly: if the template does not wire it, it does not happen here either.
package rig

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/functions/enrich"
	"handoff/infra/local"
	"handoff/infra/stack"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

// Config says what is special about a run. The zero value is the template and the policy as they ship, and nobody to
// ask about companies.
type Config struct {
	Start   time.Time // where the clock begins; noon of Wednesday 4 March 2026 in New York unless given
	Policy  fs.FS
	Dataset enrich.Provider
	Wire    func(*local.Topology)
	// Contracts read events instead of the sources as they ship.
	Contracts *contract.Set
	Faults    local.Faults
	Seed      uint64
	// Fuse stands before everything that handlers write and publish. When it blows, the process dies: the runtime
	// settles nothing any more, and the rig opens everything again on what was stored.
	Fuse *storetest.Fuse
	Log  *slog.Logger // nothing is logged unless given
	// Dynamo keeps the tables, instead of the store in memory; the queues stay there.
	Dynamo *Dynamo
	// NextDue, for Dynamo, is stack.Config's; unless given, DynamoDB is asked at each step of the clock.
	NextDue func(until time.Time) (time.Time, bool)
	// Table wraps what handlers are given, between them and the fuse.
	Table func(store.Table) store.Table
	Bus   func(event.Publisher) event.Publisher // likewise
}

// Rig is a running pipeline. It is for one goroutine.
type Rig struct {
	*stack.Stack
	Deaths int // how often the process died and was started again

	t     testing.TB
	c     Config
	fs    *vfs.MemFS
	clock *local.Virtual
	told  []event.Envelope
}

// Noon is a Wednesday noon in New York, when every team works.
var Noon = time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)

// Open starts a pipeline on an empty store. It is closed when the test ends.
func Open(t testing.TB, c Config) *Rig {
	t.Helper()
	if c.Start.IsZero() {
		c.Start = Noon
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	r := &Rig{t: t, c: c, fs: vfs.NewMem(), clock: local.NewVirtual(c.Start)}
	r.open()
	t.Cleanup(r.Close)
	return r
}

// Close ends the run.
func (r *Rig) Close() {
	if r.Stack == nil {
		return
	}
	if err := r.Stack.Close(); err != nil {
		r.t.Errorf("close the stack: %v", err)
	}
	r.Stack = nil
}

func (r *Rig) open() {
	r.t.Helper()
	c := stack.Config{
		Dir: "data", FS: r.fs, NoSync: true, Policy: r.c.Policy, Dataset: r.c.Dataset, Clock: r.clock, Wire: r.c.Wire,
		Faults: r.c.Faults, Seed: r.c.Seed, Log: r.c.Log, Contracts: r.c.Contracts,
		Table: func(_ string, t store.Table) store.Table {
			if r.c.Fuse != nil {
				t = r.c.Fuse.Table(t)
			}
			if r.c.Table != nil {
				t = r.c.Table(t)
			}
			return t
		},
		Bus: func(p event.Publisher) event.Publisher {
			p = &recorder{p, r}
			if r.c.Fuse != nil {
				p = r.c.Fuse.Publisher(p)
			}
			if r.c.Bus != nil {
				p = r.c.Bus(p)
			}
			return p
		},
	}
	if d := r.c.Dynamo; d != nil {
		c.Tables, c.NextDue = d.table, d.nextDue
		if r.c.NextDue != nil {
			c.NextDue = r.c.NextDue
		}
	}
	if fuse := r.c.Fuse; fuse != nil {
		// A process that died settles no message. The fuse says "blown" for ever, so ask only about this life.
		deaths := r.Deaths
		faults := c.Faults.Crash
		c.Faults.Crash = func(p local.Point) bool {
			return p == local.InvokeAfter && fuse.Blown() && deaths == 0 || faults != nil && faults(p)
		}
	}
	s, err := stack.Open(context.Background(), c)
	if err != nil {
		r.t.Fatalf("open the stack: %v", err)
	}
	r.Stack = s
}

// Mend starts everything again with other contracts, as a deployment would.
func (r *Rig) Mend(set *contract.Set) {
	r.t.Helper()
	r.c.Contracts = set
	r.Close()
	r.open()
}

// Restart opens everything again on what was stored, at the time at which the clock stands, as a new process would.
func (r *Rig) Restart() {
	r.t.Helper()
	r.Close()
	r.Deaths++
	if r.c.Fuse != nil {
		r.c.Fuse.Reset()
	}
	r.open()
}

// recorder keeps what the bus took.
type recorder struct {
	event.Publisher
	rig *Rig
}

func (p *recorder) Publish(ctx context.Context, events []event.Envelope) error {
	err := p.Publisher.Publish(ctx, events)
	refused := map[string]bool{}
	var left *event.Leftover
	switch {
	case errors.As(err, &left):
		for _, e := range left.Events {
			refused[e.DetailType+string(e.Detail)] = true
		}
	case err != nil:
		return err // told again until it succeeds
	}
	for _, e := range events {
		if !refused[e.DetailType+string(e.Detail)] {
			p.rig.told = append(p.rig.told, e)
		}
	}
	return err
}

// maxDeaths bounds how often one step may kill the process.
const maxDeaths = 100

// alive repeats a step in a new process for as long as the process dies of it. The clock and later events wait.
func (r *Rig) alive(what string, step func() error) {
	r.t.Helper()
	for range maxDeaths {
		err := step()
		if err == nil {
			return
		}
		if !errors.Is(err, local.ErrCrashed) {
			r.t.Fatalf("%s at %s: %v", what, r.Runtime.Now().Format(time.RFC3339), err)
		}
		r.Restart()
	}
	r.t.Fatalf("%s: the process died %d times of the same step", what, maxDeaths)
}

// Send puts events on the bus, in one call, and lets everything follow that needs no time. A producer that hears
// nothing sends again.
func (r *Rig) Send(events ...event.Envelope) {
	r.t.Helper()
	r.alive("put", func() error {
		_, err := r.Put(context.Background(), events)
		return err
	})
	r.Drain()
}

// Drain delivers until nothing is left to do at this moment.
func (r *Rig) Drain() {
	r.t.Helper()
	r.alive("drain", func() error { return r.Runtime.Drain(context.Background()) })
}

// Advance moves the clock by d and does what falls due on the way.
func (r *Rig) Advance(d time.Duration) { r.t.Helper(); r.AdvanceTo(r.clock.Now().Add(d)) }

// AdvanceTo moves the clock to t, unless it stands later.
func (r *Rig) AdvanceTo(t time.Time) {
	r.t.Helper()
	if !t.After(r.clock.Now()) {
		return
	}
	r.alive("move time", func() error { return r.Runtime.AdvanceTo(context.Background(), t) })
}

// At moves the clock to where an event was delivered and puts it there.
func (r *Rig) At(e event.Envelope) {
	r.t.Helper()
	r.AdvanceTo(e.Time)
	r.Send(e)
}

// Now is where the clock stands.
func (r *Rig) Now() time.Time { return r.clock.Now() }
