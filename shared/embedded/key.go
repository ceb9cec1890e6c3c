package embedded

import (
	"encoding/binary"
	"fmt"
	"strings"

	"handoff/shared/store"
)

// Keys in Pebble:
//
//	t <table> 0 i <length of partition, 2 bytes> <partition> <sort>   an item
//	t <table> 0 d <shard> <due, 8 bytes> <the item's key after i>      its place in the time index
//	s <space> 0 <key>                                                  a space's entry
//
// An item's value is version and due as varints, then the body. An index entry has no value.
const (
	kindItem = 'i'
	kindDue  = 'd'
)

// name refuses what could run into a neighbour's keys.
func checkName(kind, name string) {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		panic(fmt.Sprintf("embedded: the name of a %s is lower case letters, digits, - and _: got %q", kind, name))
	}
}

// appendPartition appends the beginning that the keys of all items of a partition share.
func (t *Table) appendPartition(b []byte, partition string) []byte {
	b = append(b, t.prefix...)
	b = append(b, kindItem)
	b = binary.BigEndian.AppendUint16(b, uint16(len(partition)))
	return append(b, partition...)
}

func (t *Table) itemKey(k store.Key) []byte {
	b := make([]byte, 0, len(t.prefix)+3+len(k.Partition)+len(k.Sort))
	return append(t.appendPartition(b, k.Partition), k.Sort...)
}

func (t *Table) appendShard(b []byte, shard int) []byte {
	b = append(b, t.prefix...)
	return append(b, kindDue, byte(shard))
}

func (t *Table) dueKey(due int64, k store.Key) []byte {
	b := make([]byte, 0, len(t.prefix)+12+len(k.Partition)+len(k.Sort))
	b = t.appendShard(b, store.ShardOf(k.Partition))
	b = binary.BigEndian.AppendUint64(b, uint64(due))
	b = binary.BigEndian.AppendUint16(b, uint16(len(k.Partition)))
	b = append(b, k.Partition...)
	return append(b, k.Sort...)
}

// parseKey reads what follows kindItem in an item's key.
func parseKey(b []byte) (store.Key, bool) {
	if len(b) < 2 {
		return store.Key{}, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if b = b[2:]; len(b) <= n {
		return store.Key{}, false
	}
	return store.Key{Partition: string(b[:n]), Sort: string(b[n:])}, true
}

// after is the smallest key above all that begin with prefix, which does not end in 0xff.
func after(prefix []byte) []byte {
	b := append([]byte(nil), prefix...)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return b[:i+1]
		}
	}
	return nil
}

func valueSize(version, due int64, body []byte) int {
	return uvarintLen(uint64(version)) + uvarintLen(uint64(due)) + len(body)
}

func putValue(b []byte, version, due int64, body []byte) {
	n := binary.PutUvarint(b, uint64(version))
	n += binary.PutUvarint(b[n:], uint64(due))
	copy(b[n:], body)
}

func uvarintLen(x uint64) int {
	n := 1
	for ; x >= 0x80; x >>= 7 {
		n++
	}
	return n
}

// parseValue fills a record; its Body aliases v.
func parseValue(k store.Key, v []byte) (store.Record, error) {
	version, n := binary.Uvarint(v)
	if n > 0 {
		if due, m := binary.Uvarint(v[n:]); m > 0 {
			return store.Record{Key: k, Version: int64(version), Due: int64(due), Body: v[n+m:]}, nil
		}
	}
	return store.Record{}, fmt.Errorf("embedded: item %q / %q is damaged: %w", k.Partition, k.Sort, store.ErrUnavailable)
}
