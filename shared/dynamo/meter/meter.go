// Package meter counts what the use of tables, a bus and functions comes to on AWS, whatever they run on here: requests,
// read and write units by DynamoDB's own rounding, published events, invocations. It is for benchmarks and tests; what
// it says of DynamoDB is held to the consumed capacity that DynamoDB Local answers with.
//
// A write takes a unit per started KB of the larger of what stood and what stands, also where its condition fails. Every
// entry that enters or leaves the time index takes units of its own. In a transaction all that is twice as much. A read takes
// a unit per started 4 KB, of each item alone where items are asked for by key, found or not, and of the page as a whole
// where it is a query; half of that where it need not be consistent, as on an index.
package meter

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"handoff/shared/bus"
	"handoff/shared/event"
	"handoff/shared/store"
)

// Line is what units are counted by.
type Line struct {
	Hop   string // the function, "" outside of all
	Table string
	Op    string // of DynamoDB
	Row   string // the kind of item
}

// Use is what was used.
type Use struct {
	Requests  int64
	HalfReads int64 // half read units, the smallest that is billed
	Absent    int64 // of HalfReads: by what found nothing, and DynamoDB Local takes for free
	Writes    int64 // write units, with those of the index
	Index     int64 // of Writes: the time index's
	Double    int64 // of Writes: what transactions add
	Refused   int64 // of Writes: by writes whose condition failed
	Items     int64 // written
}

// Add sums two uses.
func (u *Use) Add(v Use) {
	u.Requests += v.Requests
	u.HalfReads += v.HalfReads
	u.Absent += v.Absent
	u.Writes += v.Writes
	u.Index += v.Index
	u.Double += v.Double
	u.Refused += v.Refused
	u.Items += v.Items
}

// Work is what a function did.
type Work struct {
	Invocations int64
	Messages    int64
	Tens        int64         // ten messages at most: how many requests a queue's messages are received, and deleted, with
	Calls       int64         // of tables and the bus, one after the other
	Busy        time.Duration // in the function itself, without the calls, by the meter's clock
}

// Told is what was published of a detail type, by a function.
type Told struct{ Hop, DetailType string }

// Meter counts. It is safe for concurrent use.
type Meter struct {
	row   func(table string, k store.Key) string
	clock func() time.Duration

	mu    sync.Mutex
	lines map[Line]*Use
	told  map[Told]int64
	puts  map[string]int64 // PutEvents requests, by hop
	work  map[string]*Work
}

// New makes a meter that names rows by the given function, and measures functions by a clock, which may be a processor's.
func New(row func(table string, k store.Key) string, clock func() time.Duration) *Meter {
	m := &Meter{row: row, clock: clock}
	m.Reset()
	return m
}

// Reset forgets what was counted.
func (m *Meter) Reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines, m.told, m.puts, m.work = map[Line]*Use{}, map[Told]int64{}, map[string]int64{}, map[string]*Work{}
}

// Lines is what was counted of tables.
func (m *Meter) Lines() map[Line]Use {
	m.mu.Lock()
	defer m.mu.Unlock()
	return values(m.lines)
}

// Told is what was published.
func (m *Meter) Told() map[Told]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.told)
}

// PutEvents is how many requests that took, by function.
func (m *Meter) PutEvents() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.puts)
}

// Work is what the functions did.
func (m *Meter) Work() map[string]Work {
	m.mu.Lock()
	defer m.mu.Unlock()
	return values(m.work)
}

// values copies what a map points at.
func values[K comparable, V any](of map[K]*V) map[K]V {
	out := make(map[K]V, len(of))
	for k, v := range of {
		out[k] = *v
	}
	return out
}

// call is an invocation under way.
type call struct {
	hop     string
	calls   int64
	waiting time.Duration
}

type callKey struct{}

func of(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// waits notes a call that was made of a table or of the bus.
func (m *Meter) waits(ctx context.Context, began time.Duration) {
	if c := of(ctx); c != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		c.calls++
		c.waiting += m.clock() - began
	}
}

// use notes a use.
func (m *Meter) use(ctx context.Context, table, op string, k store.Key, u Use) {
	l := Line{Table: table, Op: op, Row: m.row(table, k)}
	if c := of(ctx); c != nil {
		l.Hop = c.hop
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lines[l] == nil {
		m.lines[l] = &Use{}
	}
	m.lines[l].Add(u)
}

// Swept is what a function's name ends with where a tick of the sweep made it work, and nothing that came from outside.
const Swept = ", swept"

// Handler counts what a function does under its name.
func (m *Meter) Handler(hop string, h event.Handler) event.Handler { return &handler{m, hop, h} }

type handler struct {
	m    *Meter
	hop  string
	next event.Handler
}

func (h *handler) Handle(ctx context.Context, batch []event.Envelope) []error {
	c := &call{hop: h.hop}
	if !slices.ContainsFunc(batch, func(e event.Envelope) bool { return !event.Tick(&e) }) {
		c.hop += Swept
	}
	began := h.m.clock()
	errs := h.next.Handle(context.WithValue(ctx, callKey{}, c), batch)
	took := h.m.clock() - began
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	w := h.m.work[c.hop]
	if w == nil {
		w = &Work{}
		h.m.work[c.hop] = w
	}
	w.Invocations++
	w.Messages += int64(len(batch))
	w.Tens += int64(len(batch)+9) / 10
	w.Calls += c.calls
	w.Busy += took - c.waiting
	return errs
}

// Publisher counts what is published.
func (m *Meter) Publisher(p event.Publisher) event.Publisher { return &publisher{m, p} }

type publisher struct {
	m    *Meter
	next event.Publisher
}

func (p *publisher) Publish(ctx context.Context, events []event.Envelope) error {
	hop := ""
	if c := of(ctx); c != nil {
		hop = c.hop
	}
	p.m.mu.Lock()
	for i := range events {
		p.m.told[Told{hop, events[i].DetailType}] += bus.Billed(&events[i])
	}
	p.m.puts[hop] += bus.Requests(events)
	p.m.mu.Unlock()
	defer p.m.waits(ctx, p.m.clock())
	return p.next.Publish(ctx, events)
}
