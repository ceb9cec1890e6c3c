package local

import (
	"sync/atomic"
	"time"
)

// Clock tells the time to the runtime and, by its Now, to the handlers.
type Clock interface {
	Now() time.Time
}

// Wall is the machine's clock.
type Wall struct{}

// Now is the machine's time in UTC.
func (Wall) Now() time.Time { return time.Now().UTC() }

// Virtual stands still until the runtime's AdvanceTo moves it. A runtime with a Virtual clock is stepped by Drain and
// AdvanceTo, on the caller's goroutine.
type Virtual struct{ ns atomic.Int64 }

// NewVirtual returns a clock that stands at start.
func NewVirtual(start time.Time) *Virtual {
	v := &Virtual{}
	v.ns.Store(start.UnixNano())
	return v
}

// Now is where the clock stands, in UTC.
func (v *Virtual) Now() time.Time { return time.Unix(0, v.ns.Load()).UTC() }

func (v *Virtual) set(t time.Time) { v.ns.Store(t.UnixNano()) }
