// Package storetest holds every driver of shared/store to the contract, and breaks them on purpose.
//
// Run is the conformance suite: one test per sentence of the contract's comments. A Fuse is the process dying at a
// chosen write or publish, for the crash tables above the stores.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/store"
)

// Run checks a driver. open returns an empty table, which open itself disposes of when t ends.
func Run(t *testing.T, open func(t *testing.T) store.Table) {
	for _, c := range []struct {
		name string
		test func(*testing.T, store.Table)
	}{
		{"put/conditions", putConditions},
		{"put/sizes", putSizes},
		{"put/aliasing", putAliasing},
		{"keys/refused", keysRefused},
		{"keys/apart", keysApart},
		{"context", cancelled},
		{"get many", getMany},
		{"put many/mixed", putManyMixed},
		{"put many/long", putManyLong},
		{"put pair", putPair},
		{"query/order", queryOrder},
		{"query/bounds", queryBounds},
		{"query/pages", queryPages},
		{"query/pages of bytes", queryBytes},
		{"query/writes between pages", queryWritesBetween},
		{"query/writes at once", queryWritesAtOnce},
		{"query/cursor", queryCursor},
		{"due/order", dueOrder},
		{"due/moves", dueMoves},
		{"due/refused", dueRefused},
		{"race/increments", raceIncrements},
		{"race/creates", raceCreates},
		{"race/pairs", racePairs},
		{"race/acknowledged is seen", raceSeen},
		{"operator/scan", operatorScan},
		{"operator/delete", operatorDelete},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func rec(partition, sort string, version int64, body string) store.Record {
	return store.Record{Key: store.Key{Partition: partition, Sort: sort}, Version: version, Body: []byte(body)}
}

// put writes or ends the test.
func put(t *testing.T, tab store.Table, rs ...store.Record) {
	t.Helper()
	for _, r := range rs {
		if err := tab.Put(t.Context(), r); err != nil {
			t.Fatalf("Put %s / %s: %v", r.Partition, r.Sort, err)
		}
	}
}

// expect compares what stands at want's key; a Version of 0 expects nothing there.
func expect(t *testing.T, tab store.Table, want store.Record) {
	t.Helper()
	got, err := tab.Get(t.Context(), want.Key)
	if want.Version == 0 {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Get %s / %s: got %+v, %v, want ErrNotFound", want.Partition, want.Sort, got, err)
		}
		return
	}
	if err != nil {
		t.Errorf("Get %s / %s: %v", want.Partition, want.Sort, err)
		return
	}
	if d := diff(want, got); d != "" {
		t.Errorf("Get %s / %s (-want +got):\n%s", want.Partition, want.Sort, d)
	}
}

// expectConflict checks a write's error; existing nil expects that nothing stands there.
func expectConflict(t *testing.T, err error, k store.Key, existing *store.Record) {
	t.Helper()
	var c *store.Conflict
	if !errors.As(err, &c) || !errors.Is(err, store.ErrConflict) {
		t.Errorf("got error %v, want a *Conflict", err)
		return
	}
	if c.Key != k {
		t.Errorf("conflict at %+v, want %+v", c.Key, k)
	}
	if d := diff(existing, c.Existing); d != "" {
		t.Errorf("existing record (-want +got):\n%s", d)
	}
}

// diff treats an empty and a nil body alike, and compares bodies whole: cmp would look at every byte by reflection.
func diff(want, got any) string { return cmp.Diff(want, got, cmp.Comparer(bytes.Equal)) }

// collect pages through a query and returns the sort keys, checking the page limit.
func collect(t *testing.T, tab store.Table, q store.Query) []string {
	t.Helper()
	var sorts []string
	for range 10_000 {
		page, err := tab.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("Query %+v: %v", q, err)
		}
		if q.Limit > 0 && len(page.Records) > q.Limit {
			t.Errorf("page of %d records, limit is %d", len(page.Records), q.Limit)
		}
		for _, r := range page.Records {
			if r.Partition != q.Partition {
				t.Errorf("record of partition %q in a query of %q", r.Partition, q.Partition)
			}
			sorts = append(sorts, r.Sort)
		}
		if page.Cursor == "" {
			return sorts
		}
		q.Cursor = page.Cursor
	}
	t.Fatalf("Query %+v does not end", q)
	return nil
}

// due lists "sort@due" of all items due in a partition's shard.
func due(t *testing.T, tab store.Table, partition string, until int64, limit int) []string {
	t.Helper()
	var out []string
	cursor := ""
	for range 10_000 {
		page, err := tab.DueBefore(t.Context(), store.ShardOf(partition), time.Unix(until, 0), limit, cursor)
		if err != nil {
			t.Fatalf("DueBefore: %v", err)
		}
		if limit > 0 && len(page.Records) > limit {
			t.Errorf("page of %d records, limit is %d", len(page.Records), limit)
		}
		for _, r := range page.Records {
			if r.Body != nil || r.Version != 0 {
				t.Errorf("DueBefore gave more than key and due: %+v", r)
			}
			if r.Partition == partition {
				out = append(out, fmt.Sprintf("%s@%d", r.Sort, r.Due))
			}
		}
		if page.Cursor == "" {
			return out
		}
		cursor = page.Cursor
	}
	t.Fatal("DueBefore does not end")
	return nil
}

// expectDue waits until the time index, which may lag, shows what is wanted.
func expectDue(t *testing.T, tab store.Table, partition string, until int64, limit int, want ...string) {
	t.Helper()
	var d string
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if d = diff(want, due(t, tab, partition, until, limit)); d == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("due by %d (-want +got):\n%s", until, d)
			return
		}
	}
}

func body(n int) []byte { return bytes.Repeat([]byte{0xa7}, n) }

var long = strings.Repeat("x", 4096)

func background() context.Context { return context.Background() }
