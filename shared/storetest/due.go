package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"handoff/shared/store"
)

func at(partition, sort string, version, due int64) store.Record {
	return store.Record{Key: store.Key{Partition: partition, Sort: sort}, Version: version, Due: due, Body: []byte("x")}
}

func dueOrder(t *testing.T, tab store.Table) {
	// The order of the numbers is not that of their digits.
	put(t, tab, at("p", "a", 0, 1000), at("p", "b", 0, 9), at("p", "c", 0, 0), at("p", "d", 0, 1_900_000_000), at("p", "e", 0, 200), at("p", "f", 0, 1))
	for _, limit := range []int{0, 1, 2, 5, 100} {
		expectDue(t, tab, "p", 2_000_000_000, limit, "f@1", "b@9", "e@200", "a@1000", "d@1900000000")
	}
	expectDue(t, tab, "p", 200, 2, "f@1", "b@9", "e@200") // until is inclusive
	expectDue(t, tab, "p", 199, 0, "f@1", "b@9")
	expectDue(t, tab, "p", 0, 0)
	expectDue(t, tab, "p", -5, 0)
	page, err := tab.DueBefore(t.Context(), store.ShardOf("p"), time.Unix(200, 999_999_999), 0, "")
	if err != nil || len(page.Records) != 3 {
		t.Errorf("due within second 200: got %d records, %v, want 3", len(page.Records), err)
	}

	// Many items of one second, and each partition in one shard alone.
	for i := range 40 {
		put(t, tab, at(fmt.Sprintf("spread%d", i), "item", 0, 50))
	}
	for i := range 40 {
		expectDue(t, tab, fmt.Sprintf("spread%d", i), 50, 3, "item@50")
	}
	total := 0
	for shard := range store.Shards {
		page, err := tab.DueBefore(t.Context(), shard, time.Unix(50, 0), 1000, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if r.Due == 50 {
				total++
			}
		}
	}
	if total != 40 {
		t.Errorf("all shards together hold %d of the 40 items", total)
	}
}

func dueMoves(t *testing.T, tab store.Table) {
	put(t, tab, at("p", "a", 0, 100), at("p", "b", 0, 200), at("p", "c", 0, 300), at("p", "d", 0, 0))
	put(t, tab, at("p", "a", 1, 400)) // later
	put(t, tab, at("p", "b", 1, 0))   // out
	put(t, tab, at("p", "c", 1, 50))  // earlier
	expectDue(t, tab, "p", 1000, 0, "c@50", "a@400")

	// The same by PutMany and PutPair; a failed condition moves nothing.
	if err := tab.PutPair(t.Context(), at("p", "c", 2, 60), at("p", "d", 1, 10)); err != nil {
		t.Fatal(err)
	}
	errs := tab.PutMany(t.Context(), []store.Record{at("p", "a", 2, 20), at("p", "b", 1, 5), at("p", "e", 0, 30)})
	if errs[0] != nil || !errors.Is(errs[1], store.ErrConflict) || errs[2] != nil {
		t.Fatalf("PutMany: %v", errs)
	}
	if err := tab.PutPair(t.Context(), at("p", "c", 3, 1), at("p", "d", 9, 2)); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("PutPair: got %v, want ErrConflict", err)
	}
	put(t, tab, at("p", "e", 1, 30)) // a write that leaves Due as it is
	expectDue(t, tab, "p", 1000, 1, "d@10", "a@20", "e@30", "c@60")
}

func dueRefused(t *testing.T, tab store.Table) {
	for _, shard := range []int{-1, store.Shards} {
		if _, err := tab.DueBefore(t.Context(), shard, time.Unix(9, 0), 1, ""); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("shard %d: got %v, want ErrInvalid", shard, err)
		}
	}
	if _, err := tab.DueBefore(t.Context(), 0, time.Unix(9, 0), 1, "not a cursor"); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("foreign cursor: got %v, want ErrInvalid", err)
	}
	put(t, tab, at("p", "a", 0, 1), at("p", "b", 0, 2))
	s := store.ShardOf("p")
	expectDue(t, tab, "p", 9, 0, "a@1", "b@2")
	page, err := tab.DueBefore(t.Context(), s, time.Unix(9, 0), 1, "")
	if err != nil || page.Cursor == "" {
		t.Fatalf("got cursor %q, %v", page.Cursor, err)
	}
	if _, err := tab.DueBefore(t.Context(), (s+1)%store.Shards, time.Unix(9, 0), 1, page.Cursor); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("cursor of another shard: got %v, want ErrInvalid", err)
	}
	if _, err := tab.Query(t.Context(), store.Query{Partition: "p", Cursor: page.Cursor}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("cursor of DueBefore in Query: got %v, want ErrInvalid", err)
	}
}
