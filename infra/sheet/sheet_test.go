package sheet_test

import (
	"fmt"
	"testing"

	"handoff/infra/sheet"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

func TestConforms(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Table { return sheet.New() })
}

func TestForkConforms(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Table { return sheet.New().Fork().Fork() })
}

func rec(sort string, version int64, body string) store.Record {
	return store.Record{Key: store.Key{Partition: "p", Sort: sort}, Version: version, Body: []byte(body)}
}

func list(t *testing.T, tab store.Table, reverse bool) string {
	t.Helper()
	out := ""
	q := store.Query{Partition: "p", Limit: 2, Reverse: reverse}
	for {
		p, err := tab.Query(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Records {
			out += fmt.Sprintf("%s=%s@%d ", r.Sort, r.Body, r.Version)
		}
		if q.Cursor = p.Cursor; q.Cursor == "" {
			return out
		}
	}
}

// A fork has all of what it was forked from, and keeps what is written to it to itself.
func TestFork(t *testing.T) {
	base := sheet.New()
	for _, s := range []string{"d", "b", "f"} {
		if err := base.Put(t.Context(), rec(s, 0, "old")); err != nil {
			t.Fatal(err)
		}
	}
	fork, other := base.Fork(), base.Fork()
	for _, r := range []store.Record{rec("c", 0, "new"), rec("d", 1, "new"), rec("g", 0, "new")} {
		if err := fork.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		tab     store.Table
		reverse bool
		want    string
	}{
		{"fork", fork, false, "b=old@1 c=new@1 d=new@2 f=old@1 g=new@1 "},
		{"fork, backwards", fork, true, "g=new@1 f=old@1 d=new@2 c=new@1 b=old@1 "},
		{"base", base, false, "b=old@1 d=old@1 f=old@1 "},
		{"another fork", other, true, "f=old@1 d=old@1 b=old@1 "},
	} {
		if got := list(t, c.tab, c.reverse); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	// The base may grow once the fork is done with.
	if err := base.Put(t.Context(), rec("a", 0, "more")); err != nil {
		t.Fatal(err)
	}
	if got := list(t, base.Fork(), false); got != "a=more@1 b=old@1 d=old@1 f=old@1 " {
		t.Errorf("grown: %q", got)
	}
}
