package local

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"handoff/shared/event"
)

// Config is what a Runtime is made of.
type Config struct {
	Topology *Topology
	// Handlers by the logical id of their function. Without any, the runtime takes events and shows what stands, but
	// delivers nothing.
	Handlers map[string]event.Handler
	// Space is where everything lives: a keyspace in the folder that holds the handlers' tables.
	Space Space
	// Clock is Wall{} unless told; with a *Virtual the runtime is stepped.
	Clock Clock
	Log   *slog.Logger // slog.Default() unless told
	// Seed makes event ids and faults; the same seed, the same course in virtual time.
	Seed   uint64
	Faults Faults
	// Workers is how many batches a function handles at once in wall time, at most, whatever its MaximumConcurrency.
	// 0 means 4.
	Workers int
	// NextDue spares virtual time the ticks of schedules that would find nothing to do. It says when the next item of
	// the time index is due, if that is not after until. With it a schedule ticks at the first of its times at or after
	// that moment, and at least every hour; without it, every time. It is asked after each Drain. Wall time always ticks.
	NextDue func(until time.Time) (time.Time, bool)
	// Tick is what "at least every hour" is, for NextDue; 0 means an hour.
	Tick time.Duration
}

func (c *Config) validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf("local: "+format, args...)) }
	if c.Space == nil {
		fail("Space is missing: give it a keyspace of the data folder")
	}
	if c.Workers < 0 {
		fail("Workers is %d: want 0 or more", c.Workers)
	}
	if c.Topology == nil {
		fail("Topology is missing: Load the template")
		return errors.Join(errs...)
	}
	known := map[string]bool{}
	for _, f := range c.Topology.Functions {
		known[f.ID] = true
		if len(c.Handlers) > 0 && c.Handlers[f.ID] == nil {
			fail("there is no handler for the template's %s", f.ID)
		}
	}
	for id := range c.Handlers {
		if !known[id] {
			fail("the template has no function %s for the handler of that name", id)
		}
	}
	return errors.Join(errs...)
}

// Runtime runs a topology. Put, Publisher, the operator's methods and HTTPHandler are safe for concurrent use, and
// may be used while Run is under way; Drain and AdvanceTo are for one goroutine.
type Runtime struct {
	top     *Topology
	space   Space
	clock   Clock
	virtual *Virtual // nil in wall time
	log     *slog.Logger
	seed    uint64
	faults  *chaos
	workers int
	nextDue func(until time.Time) (time.Time, bool)
	coarse  time.Duration

	buses     map[string]*bus // by name
	own       string          // the bus that handlers publish to
	queues    map[string]*queue
	functions []*function // in the template's order

	idMu     sync.Mutex
	ids      *counter
	commitMu sync.Mutex // makes the order of sequence numbers that of the log
	seqs     *counter

	crashed  atomic.Bool
	settled  atomic.Int64         // batches
	draining atomic.Int32         // callers that want batches now, not full
	ticked   map[string]time.Time // virtual: a schedule's last tick
}

// function is a Lambda function: a handler behind a queue.
type function struct {
	Function
	handler event.Handler
	queue   *queue
}

// New opens a runtime on its keyspace and takes up whatever was in flight when the last one ended.
func New(c Config) (*Runtime, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	rt := &Runtime{top: c.Topology, space: c.Space, clock: c.Clock, log: c.Log, seed: c.Seed, faults: newChaos(c.Faults, c.Seed),
		workers: c.Workers, nextDue: c.NextDue, coarse: c.Tick, buses: map[string]*bus{}, queues: map[string]*queue{},
		ticked: map[string]time.Time{}}
	if rt.clock == nil {
		rt.clock = Wall{}
	}
	if rt.log == nil {
		rt.log = slog.Default()
	}
	if rt.workers == 0 {
		rt.workers = 4
	}
	if rt.coarse <= 0 {
		rt.coarse = time.Hour
	}
	rt.virtual, _ = rt.clock.(*Virtual)
	return rt, rt.open(c.Handlers)
}

func (rt *Runtime) open(handlers map[string]event.Handler) error {
	var err error
	if rt.ids, err = openCounter(rt.space, "id"); err != nil {
		return err
	}
	if rt.seqs, err = openCounter(rt.space, "seq"); err != nil {
		return err
	}
	for _, q := range rt.top.Queues {
		if rt.queues[q.ID], err = openQueue(rt.space, q); err != nil {
			return err
		}
	}
	for _, b := range rt.top.Buses {
		if rt.buses[b.Name], err = newBus(rt.top, b); err != nil {
			return err
		}
		if b.ID != "" && rt.own != "" {
			return fmt.Errorf("local: the template has two buses of its own, %s and %s: which one do handlers publish to?", rt.own, b.Name)
		}
		if b.ID != "" {
			rt.own = b.Name
		}
	}
	if rt.own == "" {
		rt.own = DefaultBus
	}
	for _, f := range rt.top.Functions {
		if h := handlers[f.ID]; h != nil {
			rt.functions = append(rt.functions, &function{Function: f, handler: h, queue: rt.queues[f.Queue]})
		}
	}
	if rt.virtual != nil {
		rt.startSchedules()
	}
	return nil
}

// Bus is the name of the bus that handlers publish to.
func (rt *Runtime) Bus() string { return rt.own }

// Now is the runtime's time.
func (rt *Runtime) Now() time.Time { return rt.clock.Now() }
