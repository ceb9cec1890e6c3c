package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"handoff/shared/store"
)

func putConditions(t *testing.T, tab store.Table) {
	first := store.Record{Key: store.Key{Partition: "account:initech.com", Sort: "item"}, Due: 100, Body: []byte("one")}
	expect(t, tab, store.Record{Key: first.Key})
	put(t, tab, first)
	one := store.Record{Key: first.Key, Version: 1, Due: 100, Body: []byte("one")}
	expect(t, tab, one)

	for _, version := range []int64{0, 2, 7} {
		r := store.Record{Key: first.Key, Version: version, Due: 5, Body: []byte("wrong")}
		expectConflict(t, tab.Put(t.Context(), r), first.Key, &one)
		expect(t, tab, one)
	}

	put(t, tab, store.Record{Key: first.Key, Version: 1, Body: []byte("two")})
	two := store.Record{Key: first.Key, Version: 2, Body: []byte("two")}
	expect(t, tab, two)
	expectConflict(t, tab.Put(t.Context(), rec("account:initech.com", "item", 1, "stale")), first.Key, &two)
	expect(t, tab, two)

	missing := rec("account:initech.com", "handoffs", 3, "x")
	expectConflict(t, tab.Put(t.Context(), missing), missing.Key, nil)
	expect(t, tab, store.Record{Key: missing.Key})
}

func putSizes(t *testing.T, tab store.Table) {
	k := store.Key{Partition: "size", Sort: "item"} // 8 bytes
	err := tab.Put(t.Context(), store.Record{Key: k, Body: body(store.MaxItem - 8 + 1)})
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("Put of MaxItem+1 bytes: got %v, want ErrTooLarge", err)
	}
	expect(t, tab, store.Record{Key: k})
	// A driver may need up to a kilobyte of MaxItem for names of its own.
	big := store.Record{Key: k, Body: body(store.MaxItem - 1024)}
	put(t, tab, big)
	big.Version = 1
	expect(t, tab, big)

	err = tab.Put(t.Context(), store.Record{Key: k, Version: 1, Body: body(store.MaxItem)})
	if !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("update to more than MaxItem bytes: got %v, want ErrTooLarge", err)
	}
	expect(t, tab, big)

	none := store.Record{Key: store.Key{Partition: "size", Sort: "none"}}
	put(t, tab, none)
	none.Version = 1
	expect(t, tab, none)

	longest := store.Record{Key: store.Key{Partition: long[:store.MaxPartition], Sort: long[:store.MaxSort]}}
	put(t, tab, longest)
	longest.Version = 1
	expect(t, tab, longest)
}

func putAliasing(t *testing.T, tab store.Table) {
	k := store.Key{Partition: "alias", Sort: "a"}
	want := store.Record{Key: k, Version: 1, Body: []byte("kept")}
	given := []byte("kept")
	put(t, tab, store.Record{Key: k, Body: given})
	copy(given, "lost")
	expect(t, tab, want)

	spoil := func(how string, rs []store.Record, err error) {
		t.Helper()
		if err != nil || len(rs) != 1 {
			t.Errorf("%s: got %d records, %v", how, len(rs), err)
			return
		}
		if !bytes.Equal(rs[0].Body, []byte("kept")) {
			t.Errorf("%s: got body %q, want %q", how, rs[0].Body, "kept")
		}
		copy(rs[0].Body, "lost")
		expect(t, tab, want)
	}
	r, err := tab.Get(t.Context(), k)
	spoil("Get", []store.Record{r}, err)
	rs, err := tab.GetMany(t.Context(), []store.Key{k})
	spoil("GetMany", rs, err)
	page, err := tab.Query(t.Context(), store.Query{Partition: "alias"})
	spoil("Query", page.Records, err)
	var c *store.Conflict
	if !errors.As(tab.Put(t.Context(), store.Record{Key: k}), &c) || c.Existing == nil {
		t.Fatal("want a conflict with the existing record")
	}
	spoil("Conflict", []store.Record{*c.Existing}, nil)
}

func keysRefused(t *testing.T, tab store.Table) {
	for _, c := range []struct {
		name string
		key  store.Key
	}{
		{"no partition", store.Key{Sort: "s"}},
		{"no sort", store.Key{Partition: "p"}},
		{"nothing", store.Key{}},
		{"partition not UTF-8", store.Key{Partition: "p\xff", Sort: "s"}},
		{"sort not UTF-8", store.Key{Partition: "p", Sort: "\xc3"}},
		{"partition too long", store.Key{Partition: long[:store.MaxPartition+1], Sort: "s"}},
		{"sort too long", store.Key{Partition: "p", Sort: long[:store.MaxSort+1]}},
	} {
		bad := store.Record{Key: c.key, Body: []byte("x")}
		good := rec("p", "good", 0, "x")
		ctx := t.Context()
		_, get := tab.Get(ctx, c.key)
		_, getMany := tab.GetMany(ctx, []store.Key{good.Key, c.key})
		for _, call := range []struct {
			name string
			err  error
		}{
			{"Get", get}, {"GetMany", getMany}, {"Put", tab.Put(ctx, bad)},
			{"PutPair", tab.PutPair(ctx, good, bad)}, {"PutPair, first", tab.PutPair(ctx, bad, good)},
		} {
			if !errors.Is(call.err, store.ErrInvalid) {
				t.Errorf("%s of a key with %s: got %v, want ErrInvalid", call.name, c.name, call.err)
			}
		}
		expect(t, tab, store.Record{Key: good.Key})
	}
	for _, r := range []store.Record{
		{Key: store.Key{Partition: "p", Sort: "s"}, Version: -1},
		{Key: store.Key{Partition: "p", Sort: "s"}, Due: -1},
	} {
		if err := tab.Put(t.Context(), r); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("Put with version %d and due %d: got %v, want ErrInvalid", r.Version, r.Due, err)
		}
	}
	if _, err := tab.Query(t.Context(), store.Query{}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("Query without a partition: got %v, want ErrInvalid", err)
	}
}

// Keys whose parts run together alike must stay apart.
func keysApart(t *testing.T, tab store.Table) {
	keys := []store.Key{
		{Partition: "a", Sort: "bc"}, {Partition: "ab", Sort: "c"}, {Partition: "abc", Sort: "c"},
		{Partition: "a#b", Sort: "c"}, {Partition: "a", Sort: "b#c"}, {Partition: "a/b", Sort: "c"}, {Partition: "a", Sort: "b/c"},
		{Partition: "A", Sort: "bc"}, {Partition: "é", Sort: "ü"}, {Partition: "a b", Sort: " "}, {Partition: "😀", Sort: "日本"},
	}
	for i, k := range keys {
		put(t, tab, store.Record{Key: k, Body: fmt.Append(nil, i)})
	}
	for i, k := range keys {
		expect(t, tab, store.Record{Key: k, Version: 1, Body: fmt.Append(nil, i)})
	}
	if got := collect(t, tab, store.Query{Partition: "a"}); len(got) != 3 {
		t.Errorf("partition a: got %q, want its three items", got)
	}
}

func cancelled(t *testing.T, tab store.Table) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, b := rec("c", "a", 0, "x"), rec("c", "b", 0, "x")
	_, get := tab.Get(ctx, a.Key)
	_, getMany := tab.GetMany(ctx, []store.Key{a.Key})
	_, query := tab.Query(ctx, store.Query{Partition: "c"})
	_, dueBefore := tab.DueBefore(ctx, 0, time.Unix(1, 0), 1, "")
	many := tab.PutMany(ctx, []store.Record{a, b})
	if len(many) != 2 {
		t.Fatalf("PutMany: got %d answers, want 2", len(many))
	}
	for name, err := range map[string]error{
		"Get": get, "GetMany": getMany, "Query": query, "DueBefore": dueBefore, "Put": tab.Put(ctx, a),
		"PutMany 0": many[0], "PutMany 1": many[1], "PutPair": tab.PutPair(ctx, a, b),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: got %v, want context.Canceled", name, err)
		}
	}
	expect(t, tab, store.Record{Key: a.Key})
	expect(t, tab, store.Record{Key: b.Key})
}
