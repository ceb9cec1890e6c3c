package storetest

import (
	"errors"
	"fmt"
	"testing"

	"handoff/shared/store"
)

func operatorScan(t *testing.T, tab store.Table) {
	scanner, ok := tab.(store.Scanner)
	if !ok {
		return // what stands between a function and its driver need not be one: the driver itself is asked
	}
	want := map[store.Key]store.Record{}
	for i := range 30 {
		r := rec(fmt.Sprintf("p%d", i%4), fmt.Sprint(i), 0, fmt.Sprint(i))
		r.Due = int64(i % 3)
		put(t, tab, r)
		r.Version = 1
		want[r.Key] = r
	}
	for _, limit := range []int{0, 1, 7, 30, 31} {
		got := map[store.Key]store.Record{}
		cursor := ""
		for range 100 {
			page, err := scanner.Scan(t.Context(), limit, cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Records {
				if _, twice := got[r.Key]; twice {
					t.Errorf("limit %d: %+v twice", limit, r.Key)
				}
				got[r.Key] = r
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		if d := diff(want, got); d != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, d)
		}
	}
	if _, err := scanner.Scan(t.Context(), 1, "not a cursor"); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("foreign cursor: got %v, want ErrInvalid", err)
	}
}

func operatorDelete(t *testing.T, tab store.Table) {
	eraser, ok := tab.(store.Eraser)
	if !ok {
		return // as above
	}
	put(t, tab, at("p", "a", 0, 10), at("p", "b", 0, 20), at("p", "a", 1, 11))
	if err := eraser.Delete(t.Context(), store.Key{Partition: "p", Sort: "a"}); err != nil {
		t.Fatal(err)
	}
	expect(t, tab, rec("p", "a", 0, ""))
	expect(t, tab, at("p", "b", 1, 20))
	expectDue(t, tab, "p", 100, 0, "b@20")
	if d := diff([]string{"b"}, collect(t, tab, store.Query{Partition: "p"})); d != "" {
		t.Errorf("Query after Delete (-want +got):\n%s", d)
	}
	if err := eraser.Delete(t.Context(), store.Key{Partition: "p", Sort: "a"}); err != nil {
		t.Errorf("Delete of what is not there: %v", err)
	}
	if err := eraser.Delete(t.Context(), store.Key{Partition: "p"}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("Delete without a sort key: got %v, want ErrInvalid", err)
	}
	expectConflict(t, tab.Put(t.Context(), at("p", "a", 2, 12)), store.Key{Partition: "p", Sort: "a"}, nil)
	put(t, tab, at("p", "a", 0, 12))
	expect(t, tab, at("p", "a", 1, 12))
}
