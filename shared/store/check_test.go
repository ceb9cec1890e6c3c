package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"handoff/shared/store"
)

func TestCheck(t *testing.T) {
	k := store.Key{Partition: "p", Sort: "s"}
	for _, c := range []struct {
		name string
		r    store.Record
		want error
	}{
		{"plain", store.Record{Key: k}, nil},
		{"update", store.Record{Key: k, Version: 1 << 40, Due: 1 << 40}, nil},
		{"no partition", store.Record{Key: store.Key{Sort: "s"}}, store.ErrInvalid},
		{"no sort", store.Record{Key: store.Key{Partition: "p"}}, store.ErrInvalid},
		{"longest partition", store.Record{Key: store.Key{Partition: strings.Repeat("é", 1024), Sort: "s"}}, nil},
		{"partition a byte too long", store.Record{Key: store.Key{Partition: strings.Repeat("x", 2049), Sort: "s"}}, store.ErrInvalid},
		{"longest sort", store.Record{Key: store.Key{Partition: "p", Sort: strings.Repeat("x", 1024)}}, nil},
		{"sort a byte too long", store.Record{Key: store.Key{Partition: "p", Sort: strings.Repeat("x", 1025)}}, store.ErrInvalid},
		{"half a rune", store.Record{Key: store.Key{Partition: "p", Sort: "é"[:1]}}, store.ErrInvalid},
		{"negative version", store.Record{Key: k, Version: -1}, store.ErrInvalid},
		{"negative due", store.Record{Key: k, Due: -1}, store.ErrInvalid},
		{"largest", store.Record{Key: k, Body: make([]byte, 409_600-2)}, nil},
		{"a byte too large", store.Record{Key: k, Body: make([]byte, 409_600-1)}, store.ErrTooLarge},
	} {
		if err := c.r.Check(); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestConflict(t *testing.T) {
	k := store.Key{Partition: "account:initech.com", Sort: "item"}
	for _, c := range []struct {
		conflict store.Conflict
		says     string
	}{
		{store.Conflict{Key: k, Existing: &store.Record{Key: k, Version: 7}}, "account:initech.com / item is at version 7"},
		{store.Conflict{Key: k}, "account:initech.com / item does not exist at the expected version"},
	} {
		err := fmt.Errorf("wrapped: %w", &c.conflict)
		if !errors.Is(err, store.ErrConflict) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want an ErrConflict saying %q", err, c.says)
		}
	}
}

// The shards of the time index are part of what is stored: FNV-1a of the partition, 32 bits, modulo 16. Of "a" the
// published value is 0xe40c292c, of "foobar" 0xbf9cf968, of "" 0x811c9dc5.
func TestShardOf(t *testing.T) {
	for partition, want := range map[string]int{"a": 0xc, "foobar": 0x8, "": 0x5} {
		if got := store.ShardOf(partition); got != want {
			t.Errorf("ShardOf(%q): got %d, want %d", partition, got, want)
		}
	}
}
