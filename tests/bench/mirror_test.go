package bench

import (
	"context"
	"slices"
	"sync"
	"time"

	"handoff/shared/store"
)

// mirror keeps beside a table what was written to it, so that a benchmark need not ask the table about it.
type mirror struct {
	store.Table
	mu      sync.Mutex
	records map[store.Key]store.Record
	due     map[store.Key]int64
}

func newMirror(t store.Table) *mirror {
	return &mirror{Table: t, records: map[store.Key]store.Record{}, due: map[store.Key]int64{}}
}

func (m *mirror) wrote(r store.Record) {
	r.Version++
	r.Body = slices.Clone(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[r.Key] = r
	if r.Due != 0 {
		m.due[r.Key] = r.Due
	} else {
		delete(m.due, r.Key)
	}
}

func (m *mirror) Put(ctx context.Context, r store.Record) error {
	err := m.Table.Put(ctx, r)
	if err == nil {
		m.wrote(r)
	}
	return err
}

func (m *mirror) PutMany(ctx context.Context, rs []store.Record) []error {
	errs := m.Table.PutMany(ctx, rs)
	for i, err := range errs {
		if err == nil {
			m.wrote(rs[i])
		}
	}
	return errs
}

func (m *mirror) PutPair(ctx context.Context, a, b store.Record) error {
	err := m.Table.PutPair(ctx, a, b)
	if err == nil {
		m.wrote(a)
		m.wrote(b)
	}
	return err
}

// nextDue is stack.Config's.
func (m *mirror) nextDue(until time.Time) (time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	never := until.Unix() + 1
	next := never
	for _, due := range m.due {
		next = min(next, due)
	}
	return time.Unix(next, 0).UTC(), next != never
}

// look reads what stands in a table of its mirror alone.
type look struct{ *mirror }

func (l look) Get(_ context.Context, k store.Key) (store.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.records[k]
	if !ok {
		return r, store.ErrNotFound
	}
	return r, nil
}
