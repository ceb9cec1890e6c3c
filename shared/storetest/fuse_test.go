package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

func memory(t *testing.T) store.Table {
	t.Helper()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db.Table("t")
}

func record(sort string) store.Record {
	return store.Record{Key: store.Key{Partition: "p", Sort: sort}, Body: []byte(sort)}
}

func stored(t *testing.T, tab store.Table) []string {
	t.Helper()
	page, err := tab.Query(t.Context(), store.Query{Partition: "p"})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range page.Records {
		out = append(out, r.Sort)
	}
	return out
}

type sink struct{ ids []string }

func (s *sink) Publish(_ context.Context, events []event.Envelope) error {
	for _, e := range events {
		s.ids = append(s.ids, e.DetailType)
	}
	return nil
}

// The script has four steps: Put a; PutMany b c d e; Publish 1 2 3; PutPair f g.
func TestFuse(t *testing.T) {
	for _, c := range []struct {
		at     int
		mode   storetest.Mode
		stored []string
		sent   []string
	}{
		{0, storetest.NotStored, []string{"a", "b", "c", "d", "e", "f", "g"}, []string{"1", "2", "3"}},
		{1, storetest.NotStored, nil, nil},
		{1, storetest.Stored, []string{"a"}, nil},
		{1, storetest.Half, nil, nil},
		{2, storetest.NotStored, []string{"a"}, nil},
		{2, storetest.Stored, []string{"a", "b", "c", "d", "e"}, nil},
		{2, storetest.Half, []string{"a", "c", "e"}, nil},
		{3, storetest.NotStored, []string{"a", "b", "c", "d", "e"}, nil},
		{3, storetest.Stored, []string{"a", "b", "c", "d", "e"}, []string{"1", "2", "3"}},
		{3, storetest.Half, []string{"a", "b", "c", "d", "e"}, []string{"2"}},
		{4, storetest.NotStored, []string{"a", "b", "c", "d", "e"}, []string{"1", "2", "3"}},
		{4, storetest.Stored, []string{"a", "b", "c", "d", "e", "f", "g"}, []string{"1", "2", "3"}},
		{4, storetest.Half, []string{"a", "b", "c", "d", "e"}, []string{"1", "2", "3"}},
	} {
		t.Run(fmt.Sprintf("step %d %s", c.at, c.mode), func(t *testing.T) {
			ctx, raw, bus := t.Context(), memory(t), &sink{}
			fuse := storetest.NewFuse(c.at, c.mode)
			tab, pub := fuse.Table(raw), fuse.Publisher(bus)
			answers := []error{
				tab.Put(ctx, record("a")),
				errors.Join(tab.PutMany(ctx, []store.Record{record("b"), record("c"), record("d"), record("e")})...),
				pub.Publish(ctx, []event.Envelope{{DetailType: "1"}, {DetailType: "2"}, {DetailType: "3"}}),
				tab.PutPair(ctx, record("f"), record("g")),
			}
			for i, err := range answers {
				if dead := c.at > 0 && i+1 >= c.at; errors.Is(err, storetest.ErrDead) != dead || (err != nil) != dead {
					t.Errorf("step %d: got %v", i+1, err)
				}
			}
			if _, err := tab.Query(ctx, store.Query{Partition: "p"}); errors.Is(err, storetest.ErrDead) != (c.at > 0) {
				t.Errorf("read afterwards: got %v", err)
			}
			if d := cmp.Diff(c.stored, stored(t, raw)); d != "" {
				t.Errorf("stored (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.sent, bus.ids); d != "" {
				t.Errorf("sent (-want +got):\n%s", d)
			}
			fuse.Reset()
			if err := tab.Put(ctx, record("z")); err != nil {
				t.Errorf("Put after Reset: %v", err)
			}
		})
	}
}

func TestFuseCounts(t *testing.T) {
	fuse := storetest.NewFuse(0, storetest.NotStored)
	a, b, pub := fuse.Table(memory(t)), fuse.Table(memory(t)), fuse.Publisher(&sink{})
	a.Put(t.Context(), record("a"))
	b.Put(t.Context(), record("a"))
	pub.Publish(t.Context(), nil)
	a.Get(t.Context(), record("a").Key)
	if got := fuse.Steps(); got != 3 || fuse.Blown() {
		t.Errorf("got %d steps, blown %v, want 3 steps and not blown", got, fuse.Blown())
	}
}

func TestGlitchLetsTheProcessLive(t *testing.T) {
	bus := &sink{}
	fuse := storetest.NewGlitch(1, storetest.Half)
	pub := fuse.Publisher(bus)
	events := []event.Envelope{{DetailType: "1"}, {DetailType: "2"}, {DetailType: "3"}}
	var left *event.Leftover
	if err := pub.Publish(t.Context(), events); !errors.As(err, &left) || len(left.Events) != 2 {
		t.Fatalf("got %v, want a Leftover of two", err)
	}
	if err := pub.Publish(t.Context(), left.Events); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"2", "1", "3"}, bus.ids); d != "" {
		t.Errorf("sent (-want +got):\n%s", d)
	}
}

// A fuse that never blows is transparent.
func TestFusedTableConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Table { return storetest.NewFuse(0, storetest.NotStored).Table(memory(t)) })
}
