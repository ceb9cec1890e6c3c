package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"handoff/shared/embedded"
	"handoff/shared/store"
)

// Space is the durable, ordered keyspace that the runtime lives in: an embedded.Space, or a test's wrapping of one.
type Space interface {
	// Get returns a value that belongs to the caller, or store.ErrNotFound.
	Get(key []byte) ([]byte, error)
	// Apply makes all changes or none. With sync it returns when they, and all before them, are durable. A crash may
	// lose the tail of what was applied, never something from its middle.
	Apply(ctx context.Context, ops []embedded.Op, sync bool) error
	// Iterate calls fn in order of keys in [from, until) until it answers false; k and v are good during the call.
	Iterate(from, until []byte, fn func(k, v []byte) bool) error
}

// The keyspace:
//
//	a <time ms> <event number>   the archive: an envelope as JSON
//	q <queue> 0 <sequence>       a message: see record
//	s <queue> 0 <sequence>       what became of a message that failed: see state
//	n <counter>                  the first number of a counter that was never handed out
//
// Numbers are 8 bytes, big-endian, so keys sort by them.
const (
	keyArchive = 'a'
	keyMessage = 'q'
	keyState   = 's'
	keyCounter = 'n'
)

func be64(to []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(to, n) }

func archiveKey(at time.Time, number uint64) []byte {
	return be64(be64([]byte{keyArchive}, uint64(max(at.UnixMilli(), 0))), number)
}

func queuePrefix(kind byte, queue string) []byte {
	return append(append([]byte{kind}, queue...), 0)
}

func queueKey(kind byte, queue string, seq uint64) []byte {
	return be64(queuePrefix(kind, queue), seq)
}

// queueRange is all keys of a queue from a sequence number on.
func queueRange(kind byte, queue string, from uint64) (lower, upper []byte) {
	upper = queuePrefix(kind, queue)
	upper[len(upper)-1] = 1
	return queueKey(kind, queue, from), upper
}

func seqOf(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }

// counter hands out numbers that are never used twice, not even after a crash: it reserves a block, in the log before
// anything that uses a number of it, and after a restart goes on behind the block.
type counter struct {
	space Space
	key   []byte
	next  uint64
	limit uint64
}

const counterBlock = 1 << 20

func openCounter(space Space, name string) (*counter, error) {
	c := &counter{space: space, key: append([]byte{keyCounter}, name...)}
	v, err := space.Get(c.key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		c.next = 1
	case err != nil:
		return nil, fmt.Errorf("local: read counter %s: %w", name, err)
	case len(v) != 8:
		return nil, fmt.Errorf("local: counter %s is damaged: %d bytes", name, len(v))
	default:
		c.next = binary.BigEndian.Uint64(v)
	}
	c.limit = c.next
	return c, nil
}

// take returns the first of n numbers. Callers hold the lock that guards the counter.
func (c *counter) take(ctx context.Context, n int) (uint64, error) {
	if c.next+uint64(n) > c.limit {
		limit := c.next + uint64(n) + counterBlock
		if err := c.space.Apply(ctx, []embedded.Op{{Key: c.key, Value: be64(nil, limit)}}, false); err != nil {
			return 0, fmt.Errorf("local: reserve numbers: %w", err)
		}
		c.limit = limit
	}
	first := c.next
	c.next += uint64(n)
	return first, nil
}
