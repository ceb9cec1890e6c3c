package local

import (
	"math/rand/v2"
	"sync"
	"time"

	"handoff/shared/event"
)

// Faults make the runtime misbehave as the services may, driven by the seed. A number n means "one in n"; 0 is never.
type Faults struct {
	Duplicate   int           // a message is delivered twice
	Reorder     int           // a batch is taken in shuffled order
	Delay       int           // a message arrives late, by up to MaxDelay
	MaxDelay    time.Duration // default 5 minutes
	Throttle    int           // a batch is not delivered; its messages come back after their visibility timeout
	Fail        int           // a message's handler seems to fail before it has done anything
	Lose        int           // a batch is handled, but the answer is lost: all of it comes again
	Publish     int           // an event is not accepted: the publisher answers *event.Leftover
	LosePublish int           // events are accepted, but the publisher answers an error
	TurnAway    int           // an event that is put from outside is not accepted, as by a bus that is busy: ErrBusy

	// Crash is asked at every point where the process could die; true stops the runtime there. Open another one on
	// the same keyspace to go on. In wall time it may be asked concurrently.
	Crash func(Point) bool
}

// Point is a place where the process may die.
type Point string

// The points, in the order in which an event meets them.
const (
	PutBefore    Point = "put: before anything is stored"
	PutAfter     Point = "put: stored"
	PutSynced    Point = "put: durable, not yet answered"
	InvokeBefore Point = "invoke: received, not yet handled"
	InvokeAfter  Point = "invoke: handled, messages not yet deleted"
	Settled      Point = "invoke: messages deleted"
)

// chaos draws from the seed.
type chaos struct {
	Faults
	mu  sync.Mutex
	rng *rand.Rand
}

func newChaos(f Faults, seed uint64) *chaos {
	if f.MaxDelay <= 0 {
		f.MaxDelay = 5 * time.Minute
	}
	return &chaos{Faults: f, rng: rand.New(rand.NewPCG(seed, 0x68616e646f6666))}
}

// hit draws "one in n".
func (c *chaos) hit(n int) bool { return n > 0 && c.intn(n) == 0 }

func (c *chaos) intn(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n)
}

// fanOut doubles some of an event's deliveries.
func (c *chaos) fanOut(hops []hop) []hop {
	if c.Duplicate == 0 {
		return hops
	}
	out := make([]hop, 0, len(hops))
	for _, h := range hops {
		out = append(out, h)
		if c.hit(c.Duplicate) {
			out = append(out, h)
		}
	}
	return out
}

func (c *chaos) delay() time.Duration {
	if !c.hit(c.Delay) {
		return 0
	}
	return time.Duration(1+c.intn(int(c.MaxDelay/time.Millisecond))) * time.Millisecond
}

func (c *chaos) reorder(batch []*message) {
	if !c.hit(c.Reorder) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rng.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
}

// publish splits events into those that the bus takes and those that it does not.
func (c *chaos) publish(events []event.Envelope) (take, refused []event.Envelope) {
	if c.Publish == 0 {
		return events, nil
	}
	for _, e := range events {
		if c.hit(c.Publish) {
			refused = append(refused, e)
		} else {
			take = append(take, e)
		}
	}
	return take, refused
}

// turnAway says which of n events the bus is too busy for; nil for none.
func (c *chaos) turnAway(n int) []bool {
	var out []bool
	for i := range n {
		if c.hit(c.TurnAway) {
			if out == nil {
				out = make([]bool, n)
			}
			out[i] = true
		}
	}
	return out
}

// crash stops the runtime where its faults say so, and says whether it is stopped.
func (rt *Runtime) crash(at Point) bool {
	if rt.faults.Crash != nil && !rt.crashed.Load() && rt.faults.Crash(at) {
		rt.crashed.Store(true)
	}
	return rt.crashed.Load()
}
