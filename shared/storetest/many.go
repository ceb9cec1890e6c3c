package storetest

import (
	"errors"
	"fmt"
	"testing"

	"handoff/shared/store"
)

func getMany(t *testing.T, tab store.Table) {
	if got, err := tab.GetMany(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("GetMany of nothing: got %v, %v", got, err)
	}
	// More keys than one request of DynamoDB takes, every third missing, one asked for twice.
	const n = 250
	var rs, want []store.Record
	var keys []store.Key
	for i := range n {
		r := rec("many", fmt.Sprintf("%03d", n-i), 0, fmt.Sprint(i))
		keys = append(keys, r.Key)
		if i%3 == 0 {
			want = append(want, store.Record{Key: r.Key})
			continue
		}
		rs = append(rs, r)
		r.Version = 1
		want = append(want, r)
	}
	for i, err := range tab.PutMany(t.Context(), rs) {
		if err != nil {
			t.Fatalf("PutMany, record %d: %v", i, err)
		}
	}
	keys, want = append(keys, keys[1]), append(want, want[1])
	got, err := tab.GetMany(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("GetMany (-want +got):\n%s", d)
	}
}

func putManyMixed(t *testing.T, tab store.Table) {
	if errs := tab.PutMany(t.Context(), nil); len(errs) != 0 {
		t.Errorf("PutMany of nothing: got %v", errs)
	}
	put(t, tab, rec("m", "taken", 0, "taken"), rec("m", "update", 0, "old"), rec("m", "stale", 0, "first"), rec("m", "stale", 1, "second"))
	large := store.Record{Key: store.Key{Partition: "m", Sort: "large"}, Body: body(store.MaxItem)}
	errs := tab.PutMany(t.Context(), []store.Record{
		rec("m", "new", 0, "new"),
		rec("m", "taken", 0, "other"),
		rec("m", "update", 1, "new"),
		rec("m", "stale", 1, "other"),
		rec("m", "missing", 4, "other"),
		large,
		rec("m", "", 0, "no key"),
		rec("n", "new", 0, "elsewhere"),
	})
	if len(errs) != 8 {
		t.Fatalf("PutMany: got %d answers, want 8", len(errs))
	}
	for _, i := range []int{0, 2, 7} {
		if errs[i] != nil {
			t.Errorf("record %d: %v", i, errs[i])
		}
	}
	taken, stale := rec("m", "taken", 1, "taken"), rec("m", "stale", 2, "second")
	expectConflict(t, errs[1], taken.Key, &taken)
	expectConflict(t, errs[3], stale.Key, &stale)
	expectConflict(t, errs[4], store.Key{Partition: "m", Sort: "missing"}, nil)
	if !errors.Is(errs[5], store.ErrTooLarge) {
		t.Errorf("the large one: got %v, want ErrTooLarge", errs[5])
	}
	if !errors.Is(errs[6], store.ErrInvalid) {
		t.Errorf("the one without a key: got %v, want ErrInvalid", errs[6])
	}
	for _, want := range []store.Record{
		rec("m", "new", 1, "new"), taken, rec("m", "update", 2, "new"), stale, rec("m", "missing", 0, ""), {Key: large.Key}, rec("n", "new", 1, "elsewhere"),
	} {
		expect(t, tab, want)
	}
}

// putManyLong writes more than one request of DynamoDB takes, and every record by its own condition.
func putManyLong(t *testing.T, tab store.Table) {
	const n = 260
	rs := make([]store.Record, n)
	for i := range rs {
		rs[i] = rec(fmt.Sprintf("long%d", i%7), fmt.Sprintf("%04d", i), 0, fmt.Sprint(i))
	}
	put(t, tab, rs[100])
	for i, err := range tab.PutMany(t.Context(), rs) {
		if i == 100 {
			existing := rec("long2", "0100", 1, "100") // 100 = 14×7 + 2
			expectConflict(t, err, existing.Key, &existing)
		} else if err != nil {
			t.Errorf("record %d: %v", i, err)
		}
	}
	for i := range rs {
		rs[i].Version = 1
		expect(t, tab, rs[i])
	}
}

func putPair(t *testing.T, tab store.Table) {
	ctx := t.Context()
	if err := tab.PutPair(ctx, rec("acme", "handoffs", 0, "a1"), rec("team:emea", "item", 0, "b1")); err != nil {
		t.Fatal(err)
	}
	a, b := rec("acme", "handoffs", 1, "a1"), rec("team:emea", "item", 1, "b1")
	expect(t, tab, a)
	expect(t, tab, b)

	for _, c := range []struct {
		name   string
		a, b   store.Record
		failed store.Key
	}{
		{"first stale", rec("acme", "handoffs", 0, "x"), rec("team:emea", "item", 1, "x"), a.Key},
		{"second stale", rec("acme", "handoffs", 1, "x"), rec("team:emea", "item", 7, "x"), b.Key},
		{"second missing", rec("acme", "handoffs", 1, "x"), rec("team:apac", "item", 1, "x"), store.Key{Partition: "team:apac", Sort: "item"}},
		{"first missing", rec("team:apac", "item", 1, "x"), rec("acme", "handoffs", 1, "x"), store.Key{Partition: "team:apac", Sort: "item"}},
	} {
		err := tab.PutPair(ctx, c.a, c.b)
		var conflict *store.Conflict
		if !errors.As(err, &conflict) || conflict.Key != c.failed {
			t.Errorf("%s: got %v, want a *Conflict of %s", c.name, err, c.failed.Partition)
		} else if e := conflict.Existing; e != nil && diff(map[store.Key]store.Record{a.Key: a, b.Key: b}[c.failed], *e) != "" {
			t.Errorf("%s: existing %+v is not what stands there", c.name, *e)
		}
		expect(t, tab, a)
		expect(t, tab, b)
		expect(t, tab, rec("team:apac", "item", 0, ""))
	}

	if err := tab.PutPair(ctx, a, a); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("one key twice: got %v, want ErrInvalid", err)
	}
	large := store.Record{Key: b.Key, Version: 1, Body: body(store.MaxItem)}
	for _, err := range []error{tab.PutPair(ctx, a, large), tab.PutPair(ctx, large, a)} {
		if !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("one too large: got %v, want ErrTooLarge", err)
		}
	}
	expect(t, tab, a)
	expect(t, tab, b)

	// One is created, the other updated; both in one partition this time.
	if err := tab.PutPair(ctx, rec("acme", "handoffs", 1, "a2"), rec("acme", "item", 0, "c1")); err != nil {
		t.Fatal(err)
	}
	expect(t, tab, rec("acme", "handoffs", 2, "a2"))
	expect(t, tab, rec("acme", "item", 1, "c1"))
}
