package rig

import (
	"context"
	"sync"

	"handoff/shared/store"
)

// Counter counts the queries of a table by partition. The pages of one query count once.
type Counter struct {
	store.Table
	mu      sync.Mutex
	Queries map[string]int
}

// Counted is a table whose queries are counted.
func Counted(t store.Table) *Counter { return &Counter{Table: t, Queries: map[string]int{}} }

// Query counts.
func (c *Counter) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if q.Cursor == "" {
		c.mu.Lock()
		c.Queries[q.Partition]++
		c.mu.Unlock()
	}
	return c.Table.Query(ctx, q)
}
