package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/embedded"
	"handoff/shared/store"
)

func memory(t *testing.T) *embedded.DB {
	t.Helper()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func set(k, v string) embedded.Op { return embedded.Op{Key: []byte(k), Value: []byte(v)} }

func entries(t *testing.T, s *embedded.Space, from, until []byte) []string {
	t.Helper()
	var out []string
	err := s.Iterate(from, until, func(k, v []byte) bool {
		out = append(out, fmt.Sprintf("%s=%s", k, v))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSpace(t *testing.T) {
	db := memory(t)
	s := db.Space("queue")
	for _, name := range []string{"queud", "queuf", "queue2", "queu"} { // neighbours by name
		if err := db.Space(name).Apply(t.Context(), []embedded.Op{set("b", name)}, false); err != nil {
			t.Fatal(err)
		}
	}
	err := s.Apply(t.Context(), []embedded.Op{set("b", "1"), set("a", "2"), set("a\x00", "3"), set("\xff\xff", "4"), set("", "5"), set("c", "6"),
		{Key: []byte("c"), Delete: true}, set("b", "7")}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		from, until []byte
		want        []string
	}{
		{"all", nil, nil, []string{"=5", "a=2", "a\x00=3", "b=7", "\xff\xff=4"}},
		{"from is inside, until outside", []byte("a"), []byte("b"), []string{"a=2", "a\x00=3"}},
		{"from alone", []byte("b"), nil, []string{"b=7", "\xff\xff=4"}},
		{"nothing", []byte("b"), []byte("a"), nil},
	} {
		if d := cmp.Diff(c.want, entries(t, s, c.from, c.until)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
	if _, err := s.Get([]byte("c")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a deleted key: got %v, want ErrNotFound", err)
	}
	v, err := s.Get([]byte("b"))
	if err != nil || string(v) != "7" {
		t.Errorf("Get: got %q, %v, want 7", v, err)
	}
	if err := s.Apply(t.Context(), []embedded.Op{{Key: []byte("a"), Until: []byte("b"), Delete: true}}, false); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"=5", "b=7", "\xff\xff=4"}, entries(t, s, nil, nil)); d != "" {
		t.Errorf("after deleting a range (-want +got):\n%s", d)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Apply(ctx, []embedded.Op{set("z", "")}, true); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply with a cancelled context: got %v", err)
	}
}

// Iterate shows one moment, stops when told, and lets its reader write.
func TestIterateWhileWriting(t *testing.T) {
	s := memory(t).Space("queue")
	if err := s.Apply(t.Context(), []embedded.Op{set("a", ""), set("b", ""), set("c", "")}, true); err != nil {
		t.Fatal(err)
	}
	var seen []string
	err := s.Iterate(nil, nil, func(k, _ []byte) bool {
		seen = append(seen, string(k))
		if err := s.Apply(t.Context(), []embedded.Op{set("bb", ""), {Key: []byte("c"), Delete: true}}, true); err != nil {
			t.Error(err)
		}
		return len(seen) < 3
	})
	if d := cmp.Diff([]string{"a", "b", "c"}, seen); d != "" || err != nil {
		t.Errorf("seen, %v (-want +got):\n%s", err, d)
	}
	seen = nil
	if err := s.Iterate(nil, nil, func(k, _ []byte) bool { seen = append(seen, string(k)); return false }); err != nil || len(seen) != 1 {
		t.Errorf("stopped after one: got %q, %v", seen, err)
	}
}

func TestClosed(t *testing.T) {
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	s, tab := db.Space("s"), db.Table("t")
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	_, get := s.Get([]byte("k"))
	_, query := tab.Query(t.Context(), store.Query{Partition: "p"})
	for name, err := range map[string]error{
		"Space.Get": get, "Apply": s.Apply(t.Context(), []embedded.Op{set("a", "")}, true), "Query": query, "Sync": db.Sync(),
		"Iterate": s.Iterate(nil, nil, func(_, _ []byte) bool { return true }), "Compact": db.Compact(t.Context()),
		"Put":    tab.Put(t.Context(), store.Record{Key: store.Key{Partition: "p", Sort: "s"}}),
		"Delete": tab.Delete(t.Context(), store.Key{Partition: "p", Sort: "s"}),
	} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s after Close: got %v, want ErrUnavailable", name, err)
		}
	}
}

// One key twice in one PutMany is the caller's mistake and is told, not lost.
func TestPutManyOfOneKeyTwice(t *testing.T) {
	tab := memory(t).Table("t")
	k := store.Key{Partition: "p", Sort: "s"}
	errs := tab.PutMany(t.Context(), []store.Record{{Key: k, Body: []byte("1")}, {Key: k, Body: []byte("2")}})
	if errs[0] != nil || !errors.Is(errs[1], store.ErrInvalid) {
		t.Errorf("got %v, want nil and ErrInvalid", errs)
	}
}

// Forgetting leaves nothing of a person's bytes in the tables on disk.
func TestCompactAfterDelete(t *testing.T) {
	db := memory(t)
	tab := db.Table("t")
	for i := range 100 {
		k := key("p", i)
		if err := tab.Put(t.Context(), store.Record{Key: k, Body: []byte(k.Sort)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tab.Delete(t.Context(), key("p", 99)); err != nil {
		t.Fatal(err)
	}
	if err := db.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := tab.Get(t.Context(), key("p", 99)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	if r, err := tab.Get(t.Context(), key("p", 98)); err != nil || string(r.Body) != "00000098" {
		t.Errorf("got %q, %v", r.Body, err)
	}
}
