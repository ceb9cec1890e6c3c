package storetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"handoff/shared/store"
)

const writers = 8

// together runs n goroutines and reports their errors.
func together(t *testing.T, n int, run func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = run(i) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("goroutine %d: %v", i, err)
		}
	}
}

// raceIncrements loses no update.
func raceIncrements(t *testing.T, tab store.Table) {
	const each = 20
	k := store.Key{Partition: "counter", Sort: "item"}
	together(t, writers, func(int) error {
		for range each {
			for done := false; !done; {
				r, err := tab.Get(background(), k)
				if errors.Is(err, store.ErrNotFound) {
					r, err = store.Record{Key: k, Body: make([]byte, 8)}, nil
				}
				if err != nil {
					return err
				}
				binary.BigEndian.PutUint64(r.Body, binary.BigEndian.Uint64(r.Body)+1)
				switch err := tab.Put(background(), r); {
				case err == nil:
					done = true
				case !errors.Is(err, store.ErrConflict):
					return err
				}
			}
		}
		return nil
	})
	expect(t, tab, store.Record{Key: k, Version: writers * each, Body: []byte{0, 0, 0, 0, 0, 0, 0, writers * each}})
}

// raceCreates lets every key be created once; the losers are shown the winner.
func raceCreates(t *testing.T, tab store.Table) {
	const keys = 50
	var mu sync.Mutex
	winner, shown := map[int]string{}, map[int][]string{}
	together(t, writers, func(i int) error {
		rs := make([]store.Record, keys)
		for j := range rs {
			rs[j] = rec(fmt.Sprintf("p%d", j%5), fmt.Sprintf("%02d", j), 0, fmt.Sprint("writer ", i))
		}
		errs := tab.PutMany(background(), rs)
		mu.Lock()
		defer mu.Unlock()
		for j, err := range errs {
			var c *store.Conflict
			switch {
			case err == nil && winner[j] != "":
				return fmt.Errorf("key %d was created by %s as well", j, winner[j])
			case err == nil:
				winner[j] = fmt.Sprint("writer ", i)
			case errors.As(err, &c) && c.Existing != nil:
				shown[j] = append(shown[j], string(c.Existing.Body))
			default:
				return err
			}
		}
		return nil
	})
	for j := range keys {
		if len(shown[j]) != writers-1 {
			t.Errorf("key %d: %d conflicts, want %d", j, len(shown[j]), writers-1)
		}
		for _, s := range shown[j] {
			if s != winner[j] {
				t.Errorf("key %d: a loser was shown %q, the winner is %q", j, s, winner[j])
			}
		}
	}
}

// racePairs moves units between two items, first and second in changing order: the sum stays, nobody waits for ever.
func racePairs(t *testing.T, tab store.Table) {
	keys := []store.Key{{Partition: "left", Sort: "item"}, {Partition: "right", Sort: "item"}}
	put(t, tab, store.Record{Key: keys[0], Body: []byte{100}}, store.Record{Key: keys[1], Body: []byte{100}})
	const each = 10
	together(t, writers, func(i int) error {
		for range each {
			for done := false; !done; {
				rs, err := tab.GetMany(background(), []store.Key{keys[i%2], keys[1-i%2]})
				if err != nil {
					return err
				}
				rs[0].Body[0]--
				rs[1].Body[0]++
				switch err := tab.PutPair(background(), rs[0], rs[1]); {
				case err == nil:
					done = true
				case !errors.Is(err, store.ErrConflict):
					return err
				}
			}
		}
		return nil
	})
	// As many went one way as the other.
	expect(t, tab, store.Record{Key: keys[0], Version: 1 + writers*each, Body: []byte{100}})
	expect(t, tab, store.Record{Key: keys[1], Version: 1 + writers*each, Body: []byte{100}})
}

// raceSeen reads from another goroutine what was acknowledged before.
func raceSeen(t *testing.T, tab store.Table) {
	acked := make(chan store.Record)
	together(t, 2, func(i int) error {
		if i == 0 {
			defer close(acked)
			for j := range 100 {
				r := rec("seen", fmt.Sprintf("%03d", j), 0, fmt.Sprint(j))
				if err := tab.Put(background(), r); err != nil {
					return err
				}
				acked <- r
			}
			return nil
		}
		var failed error
		for r := range acked {
			if _, err := tab.Get(background(), r.Key); err != nil {
				failed = fmt.Errorf("Get: %w", err)
			}
			page, err := tab.Query(background(), store.Query{Partition: "seen", Reverse: true, Limit: 200})
			if err != nil {
				failed = fmt.Errorf("Query: %w", err)
			} else if len(page.Records) == 0 || page.Records[0].Sort < r.Sort {
				failed = fmt.Errorf("Query does not see %s", r.Sort)
			}
		}
		return failed
	})
}
