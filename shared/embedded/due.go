package embedded

import (
	"sync"

	"handoff/shared/store"
)

// horizons are those of one table's time index, by shard.
type horizons [store.Shards]horizon

// horizon is a second before which nothing in one shard is due. Whatever was due before has moved on and has left
// tombstones, which every look at the shard would step over one by one; it begins at the horizon instead. It is kept in
// memory alone, and is never later than the truth.
type horizon struct {
	mu      sync.Mutex
	from    int64  // unix seconds
	writing int    // writes that a look may not see yet
	writes  uint64 // that began
}

// begin notes, before it can be seen, a write of an item that is due at a second. After it, end.
func (h *horizon) begin(due int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.from = min(h.from, due)
	h.writing++
	h.writes++
}

func (h *horizon) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writing--
}

// look is where to begin. still is how many writes there were, -1 where one is under way.
func (h *horizon) look() (from, still int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writing > 0 {
		return h.from, -1
	}
	return h.from, int64(h.writes)
}

// seen moves the horizon to the first second that a look found anything at, if nothing was written since it began.
func (h *horizon) seen(first, still int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if still == int64(h.writes) {
		h.from = max(h.from, first)
	}
}
