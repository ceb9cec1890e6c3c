package pattern

// table is an open-addressing index from hashes to positions in a slice of the caller's, reusable without allocation.
// It starts small at each reset, so that one large event does not slow down the small ones after it.
type table struct {
	slots []int32 // position + 1, or 0; the length is a power of two
	used  int
}

const tableStart = 64

func (t *table) reset() { t.size(tableStart) }

func (t *table) size(n int) {
	if cap(t.slots) < n {
		t.slots = make([]int32, n)
	} else {
		t.slots = t.slots[:n]
		clear(t.slots)
	}
	t.used = 0
}

func (t *table) start(hash uint64) int { return int(hash & uint64(len(t.slots)-1)) }

// at returns the position in a slot, or -1 if it is free.
func (t *table) at(slot int) int32 { return t.slots[slot] - 1 }

// after returns the next slot and what is in it.
func (t *table) after(slot int) (int, int32) {
	slot = (slot + 1) & (len(t.slots) - 1)
	return slot, t.slots[slot] - 1
}

// put fills a free slot. It reports true when the table has grown and is empty: the caller inserts everything again.
func (t *table) put(slot, position int) bool {
	if t.used++; t.used*2 > len(t.slots) {
		t.size(len(t.slots) * 2)
		return true
	}
	t.slots[slot] = int32(position) + 1
	return false
}

// insert adds what is known not to be there yet.
func (t *table) insert(hash uint64, position int) {
	slot := t.start(hash)
	for t.slots[slot] != 0 {
		slot = (slot + 1) & (len(t.slots) - 1)
	}
	t.slots[slot] = int32(position) + 1
	t.used++
}
