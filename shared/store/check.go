package store

import (
	"fmt"
	"hash/fnv"
	"unicode/utf8"
)

// Bytes of the parts of a key, as DynamoDB allows them.
const (
	MaxPartition = 2048
	MaxSort      = 1024
)

// Check says what is wrong with a key, as ErrInvalid. Drivers call it, so that they refuse the same keys.
func (k Key) Check() error {
	switch {
	case k.Partition == "" || k.Sort == "":
		return fmt.Errorf("key %q / %q: both parts must be non-empty: %w", k.Partition, k.Sort, ErrInvalid)
	case len(k.Partition) > MaxPartition || len(k.Sort) > MaxSort:
		return fmt.Errorf("key %.40q / %.40q: partition has %d bytes of at most %d, sort %d of at most %d: %w",
			k.Partition, k.Sort, len(k.Partition), MaxPartition, len(k.Sort), MaxSort, ErrInvalid)
	case !utf8.ValidString(k.Partition) || !utf8.ValidString(k.Sort):
		return fmt.Errorf("key %q / %q: not UTF-8: %w", k.Partition, k.Sort, ErrInvalid)
	}
	return nil
}

// Check says what is wrong with a record to be written, as ErrInvalid or ErrTooLarge.
func (r *Record) Check() error {
	if err := r.Key.Check(); err != nil {
		return err
	}
	if r.Version < 0 || r.Due < 0 {
		return fmt.Errorf("item %q / %q: version %d and due %d must not be negative: %w", r.Partition, r.Sort, r.Version, r.Due, ErrInvalid)
	}
	if n := len(r.Partition) + len(r.Sort) + len(r.Body); n > MaxItem {
		return fmt.Errorf("item %q / %q has %d bytes of at most %d: %w", r.Partition, r.Sort, n, MaxItem, ErrTooLarge)
	}
	return nil
}

// ShardOf is the shard of the time index that holds a partition's items.
func ShardOf(partition string) int {
	h := fnv.New32a()
	h.Write([]byte(partition))
	return int(h.Sum32() % Shards)
}
