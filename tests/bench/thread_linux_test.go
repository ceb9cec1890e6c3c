package bench

import (
	"context"
	"runtime"
	"syscall"
	"time"

	"handoff/shared/event"
)

// threadTime is the processor time of this thread.
func threadTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pinned keeps a handler on one thread, whose time is then its own.
type pinned struct{ event.Handler }

func (p pinned) Handle(ctx context.Context, batch []event.Envelope) []error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return p.Handler.Handle(ctx, batch)
}
