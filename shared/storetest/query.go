package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"handoff/shared/store"
)

// sorts is in the order of bytes of UTF-8, which is neither that of letters nor that of UTF-16 (there the last two
// change places).
var sorts = []string{" ", "#", "0", "10", "9", "A", "Z", "_", "a", "a ", "a#", "a#1", "a#10", "a#9", "aa", "b", "~", "é", "日", "～", "😀"}

func fillSorts(t *testing.T, tab store.Table, partition string) {
	t.Helper()
	rs := make([]store.Record, len(sorts))
	for i, s := range sorts {
		rs[i] = rec(partition, s, 0, s)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rs), func(i, j int) { rs[i], rs[j] = rs[j], rs[i] })
	for _, err := range tab.PutMany(t.Context(), rs) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func reversed(s []string) []string {
	r := slices.Clone(s)
	slices.Reverse(r)
	return r
}

func queryOrder(t *testing.T, tab store.Table) {
	fillSorts(t, tab, "p")
	for _, other := range []string{"o", "p ", "p#", "q", "P"} {
		put(t, tab, rec(other, "m", 0, "of another partition"))
	}
	if d := diff(sorts, collect(t, tab, store.Query{Partition: "p"})); d != "" {
		t.Errorf("forward (-want +got):\n%s", d)
	}
	if d := diff(reversed(sorts), collect(t, tab, store.Query{Partition: "p", Reverse: true})); d != "" {
		t.Errorf("reverse (-want +got):\n%s", d)
	}
	if got := collect(t, tab, store.Query{Partition: "nobody"}); len(got) != 0 {
		t.Errorf("empty partition: got %q", got)
	}
	page, err := tab.Query(t.Context(), store.Query{Partition: "p", From: "a#1", Until: "a#10"})
	if err != nil {
		t.Fatal(err)
	}
	if d := diff([]store.Record{rec("p", "a#1", 1, "a#1")}, page.Records); d != "" {
		t.Errorf("whole record (-want +got):\n%s", d)
	}
}

func queryBounds(t *testing.T, tab store.Table) {
	fillSorts(t, tab, "p")
	for _, c := range []struct {
		name, from, until string
		want              []string
	}{
		{"from is inside", "～", "", []string{"～", "😀"}},
		{"until is outside", "", "0", []string{" ", "#"}},
		{"a prefix", "a#", "a$", []string{"a#", "a#1", "a#10", "a#9"}},
		{"between items", "B", "`", []string{"Z", "_"}},
		{"one item", "a#1", "a#10", []string{"a#1"}},
		{"from is until", "a", "a", nil},
		{"from after until", "b", "a", nil},
		{"from after all", "😁", "", nil},
		{"until before all", "", " ", nil},
	} {
		for _, limit := range []int{0, 1} {
			q := store.Query{Partition: "p", From: c.from, Until: c.until, Limit: limit}
			if d := diff(c.want, collect(t, tab, q)); d != "" {
				t.Errorf("%s, limit %d (-want +got):\n%s", c.name, limit, d)
			}
			q.Reverse = true
			if d := diff(reversed(c.want), collect(t, tab, q)); d != "" {
				t.Errorf("%s, reverse, limit %d (-want +got):\n%s", c.name, limit, d)
			}
		}
	}
}

func queryPages(t *testing.T, tab store.Table) {
	fillSorts(t, tab, "p")
	put(t, tab, rec("q", "a", 0, ""))
	for _, limit := range []int{1, 2, 7, len(sorts) - 1, len(sorts), len(sorts) + 1, 100_000} {
		if d := diff(sorts, collect(t, tab, store.Query{Partition: "p", Limit: limit})); d != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, d)
		}
		if d := diff(reversed(sorts), collect(t, tab, store.Query{Partition: "p", Limit: limit, Reverse: true})); d != "" {
			t.Errorf("limit %d, reverse (-want +got):\n%s", limit, d)
		}
	}
}

// queryBytes reads more than DynamoDB gives in one page.
func queryBytes(t *testing.T, tab store.Table) {
	var want []string
	for i := range 6 {
		s := fmt.Sprint(i)
		put(t, tab, store.Record{Key: store.Key{Partition: "big", Sort: s}, Body: body(390 << 10)})
		want = append(want, s)
	}
	if d := diff(want, collect(t, tab, store.Query{Partition: "big"})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func queryWritesBetween(t *testing.T, tab store.Table) {
	for _, s := range []string{"b", "d", "f", "h"} {
		put(t, tab, rec("p", s, 0, "old"))
	}
	q := store.Query{Partition: "p", Limit: 2}
	page, err := tab.Query(t.Context(), q)
	if err != nil || len(page.Records) != 2 || page.Cursor == "" {
		t.Fatalf("first page: got %d records, cursor %q, %v", len(page.Records), page.Cursor, err)
	}
	// Behind the cursor, at it, and ahead of it: what is acknowledged before a page is asked for is in it.
	put(t, tab, rec("p", "a", 0, "new"), rec("p", "d", 1, "new"), rec("p", "f", 1, "new"), rec("p", "e", 0, "new"))
	q.Cursor = page.Cursor
	rest := collect(t, tab, q)
	if d := diff([]string{"e", "f", "h"}, rest); d != "" {
		t.Errorf("the rest (-want +got):\n%s", d)
	}
}

// queryWritesAtOnce pages while another goroutine writes: what stood before is there once, in order.
func queryWritesAtOnce(t *testing.T, tab store.Table) {
	// Writes come to an end: a store that takes them faster than this reads would be read for ever.
	const n, writes = 60, 1000
	var want []string
	for i := range n {
		s := fmt.Sprintf("%03d", i)
		put(t, tab, rec("p", s, 0, ""))
		want = append(want, s)
	}
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := range writes {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := tab.Put(background(), rec("p", fmt.Sprintf("%03d+%d", i%n, i), 0, "")); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for _, limit := range []int{1, 7, 0} {
		got := collect(t, tab, store.Query{Partition: "p", Limit: limit})
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("limit %d: not in order, or twice: %q", limit, got)
		}
		old := slices.DeleteFunc(got, func(s string) bool { return len(s) > 3 })
		if d := diff(want, old); d != "" {
			t.Errorf("limit %d: what stood before (-want +got):\n%s", limit, d)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Errorf("writer: %v", err)
	}
}

func queryCursor(t *testing.T, tab store.Table) {
	fillSorts(t, tab, "p")
	fillSorts(t, tab, "q")
	for i := range 3 {
		put(t, tab, store.Record{Key: store.Key{Partition: "p", Sort: fmt.Sprint("due", i)}, Due: 7})
	}
	own := store.Query{Partition: "p", From: "a", Limit: 2}
	page, err := tab.Query(t.Context(), own)
	if err != nil || page.Cursor == "" {
		t.Fatalf("got cursor %q, %v", page.Cursor, err)
	}
	for _, c := range []struct {
		name string
		q    store.Query
	}{
		{"another partition", store.Query{Partition: "q", From: "a", Limit: 2}},
		{"the other direction", store.Query{Partition: "p", From: "a", Limit: 2, Reverse: true}},
		{"another from", store.Query{Partition: "p", From: "b", Limit: 2}},
		{"another until", store.Query{Partition: "p", From: "a", Until: "z", Limit: 2}},
	} {
		c.q.Cursor = page.Cursor
		if _, err := tab.Query(t.Context(), c.q); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("cursor used for %s: got %v, want ErrInvalid", c.name, err)
		}
	}
	for _, cursor := range []string{"x", "not a cursor", "AAAAAAAAAAAAAAAAAAAA", "{}"} {
		own.Cursor = cursor
		if p, err := tab.Query(t.Context(), own); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("cursor %q: got %d records, %v, want ErrInvalid", cursor, len(p.Records), err)
		}
	}
	_, err = tab.DueBefore(t.Context(), store.ShardOf("p"), time.Unix(9, 0), 1, page.Cursor)
	if !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a query's cursor in DueBefore: got %v, want ErrInvalid", err)
	}
}
