package embedded_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/embedded"
	"handoff/shared/store"
)

// However items move about in the time index, and whatever was looked at before, DueBefore answers what is due.
func TestDueAgreesWithItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		db, err := embedded.OpenMemory()
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		tab, other := db.Table("t"), db.Table("t") // two ways to one table
		type item struct{ version, due int64 }
		items := map[string]item{}
		second := rapid.Int64Range(0, 12)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			p := fmt.Sprint("p", rapid.IntRange(0, 5).Draw(t, "item"))
			k := store.Key{Partition: p, Sort: "item"}
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				due := second.Draw(t, "due")
				stale := items[p].version + rapid.Int64Range(0, 1).Draw(t, "stale")
				err := tab.Put(t.Context(), store.Record{Key: k, Version: stale, Due: due})
				if (err != nil) != (stale != items[p].version) {
					t.Fatal(err)
				}
				if err == nil {
					items[p] = item{stale + 1, due}
				}
			case 2:
				if err := tab.Delete(t.Context(), k); err != nil {
					t.Fatal(err)
				}
				delete(items, p)
			default:
				until, shard := second.Draw(t, "until"), store.ShardOf(p)
				want, got := map[string]int64{}, map[string]int64{}
				for p, it := range items {
					if store.ShardOf(p) == shard && it.due != 0 && it.due <= until {
						want[p] = it.due
					}
				}
				for cursor := ""; ; {
					page, err := other.DueBefore(t.Context(), shard, time.Unix(until, 0), 2, cursor)
					if err != nil {
						t.Fatal(err)
					}
					for _, r := range page.Records {
						got[r.Partition] = r.Due
					}
					if cursor = page.Cursor; cursor == "" {
						break
					}
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("due by %d in shard %d (-want +got):\n%s", until, shard, d)
				}
			}
		}
	})
}

// A write that was acknowledged is found, whoever looks at the shard while it is on its way.
func TestDueWhileWriting(t *testing.T) {
	tab := memory(t).Table("t")
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(w)))
			for i := range 200 {
				k := store.Key{Partition: fmt.Sprintf("p%d-%d", w, i), Sort: "item"}
				due := 1 + rnd.Int64N(1000)
				if err := tab.Put(t.Context(), store.Record{Key: k, Due: due}); err != nil {
					t.Error(err)
					return
				}
				if !isDue(t, tab, k, due) {
					t.Errorf("%s, due at %d, is not found once it is written", k.Partition, due)
				}
				if err := tab.Put(t.Context(), store.Record{Key: k, Version: 1}); err != nil && !errors.Is(err, store.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func isDue(t *testing.T, tab *embedded.Table, k store.Key, due int64) bool {
	for cursor := ""; ; {
		page, err := tab.DueBefore(t.Context(), store.ShardOf(k.Partition), time.Unix(due, 0), 0, cursor)
		if err != nil {
			t.Error(err)
		}
		for _, r := range page.Records {
			if r.Key == k {
				return true
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return false
		}
	}
}
