package dynamo_test

import (
	"testing"

	"handoff/shared/dynamo"
	"handoff/shared/store"
)

// Counted by hand from AWS's rules: the bytes of names and texts, a byte for two significant digits of a number and one
// more.
func TestSize(t *testing.T) {
	k := store.Key{Partition: "account:è", Sort: "item"} // 10 and 4 bytes
	for _, tc := range []struct {
		name        string
		r           store.Record
		item, index int
	}{
		{"no body", store.Record{Key: k, Version: 1}, 2 + 10 + 2 + 4 + 1 + 2, 0},
		{"a body", store.Record{Key: k, Version: 100, Body: make([]byte, 50)}, 2 + 10 + 2 + 4 + 1 + 2 + 1 + 50, 0},
		{"three digits", store.Record{Key: k, Version: 101}, 2 + 10 + 2 + 4 + 1 + 3, 0},
		// Shard 7 of the index; due 1772640000 has six significant digits.
		{"due", store.Record{Key: k, Version: 1, Due: 1772640000}, 2 + 10 + 2 + 4 + 1 + 2 + 5 + 2 + 3 + 4, 2 + 10 + 2 + 4 + 5 + 2 + 3 + 4},
	} {
		if s := store.ShardOf(k.Partition); tc.r.Due != 0 && (s == 0 || s > 9) {
			t.Fatalf("the partition is in shard %d: choose one in a shard of one digit", s)
		}
		if item, index := dynamo.Size(tc.r); item != tc.item || index != tc.index {
			t.Errorf("%s: %d bytes and %d in the index, want %d and %d", tc.name, item, index, tc.item, tc.index)
		}
	}
}
