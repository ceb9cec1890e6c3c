//go:build !linux

package bench

import (
	"time"

	"handoff/shared/event"
)

var began = time.Now()

// threadTime is the wall clock here.
func threadTime() time.Duration { return time.Since(began) }

type pinned struct{ event.Handler }
