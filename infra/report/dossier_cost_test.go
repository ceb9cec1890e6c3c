package report_test

import (
	"context"
	"maps"
	"sync"
	"testing"

	"handoff/shared/store"
)

// counter counts the queries of a table by partition. The pages of one query count once.
type counter struct {
	store.Table
	mu      sync.Mutex
	queries map[string]int
}

func (c *counter) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if q.Cursor == "" {
		c.mu.Lock()
		c.queries[q.Partition]++
		c.mu.Unlock()
	}
	return c.Table.Query(ctx, q)
}

// The account, its person and its deal: each is asked once, for its links and its touches together.
func TestDossierAsksEachSubjectOnce(t *testing.T) {
	r := world(t)
	snap := take(t, r.Stack)
	a := must(snap.Find(t.Context(), "initech.com"))(t)
	c := &counter{Table: r.Ledger.Table, queries: map[string]int{}}
	r.Ledger.Table = c
	d := must(snap.Dossier(t.Context(), a, 2))(t)
	want := map[string]int{a.ID: 1}
	for _, m := range d.Members {
		want[m.ID] = 1
	}
	if len(want) < 3 || !maps.Equal(c.queries, want) {
		t.Errorf("queries %v, want one each of %v", c.queries, want)
	}
}
