package pattern

import "hash/maphash"

// seed of all hashes; they never leave the process.
var seed = maphash.MakeSeed()

type kind uint8

const (
	kindGone kind = iota // an earlier duplicate of a key: the last one stands
	kindNull
	kindTrue
	kindFalse
	kindString
	kindNumber
)

// leaf is one scalar of the event.
type leaf struct {
	kind  kind
	text  []byte // of a string
	num   decimal
	scope int32
	next  int32 // the next leaf of the same path, or -1
}

// leafPath heads the leaves of one dotted path.
type leafPath struct {
	hash        uint64
	text        []byte
	first, last int32
}

// scope is one element (an object or an array) of one array, or the whole event (scope 0). Scopes are numbered in
// document order, so those inside scope s are s+1 … end-1. Two leaves may stand for two fields of one pattern only if
// their scopes nowhere choose different elements of one array.
type scope struct {
	parent, array, end int32
}

// span is a range of scopes: the elements of one array and all inside them.
type span struct{ from, to int32 }

// member is a key of an object and the leaves below it, to find duplicates.
type member struct {
	hash     uint64
	object   int32
	key      []byte
	from, to int32 // leaves
}

// enter notes a key of an object; the leaves of an earlier member of the same key are gone: the last one stands.
func (e *Event) enter(object int32, key []byte) int {
	hash := maphash.Bytes(seed, key) ^ uint64(object)*0x9e3779b97f4a7c15
	slot := e.keySlot.start(hash)
	for at := e.keySlot.at(slot); at >= 0; slot, at = e.keySlot.after(slot) {
		m := &e.keys[at]
		if m.hash == hash && m.object == object && string(m.key) == string(key) {
			for i := m.from; i < m.to; i++ {
				e.leaves[i].kind = kindGone
			}
			m.from, m.to = int32(len(e.leaves)), int32(len(e.leaves))
			return int(at)
		}
	}
	e.keys = append(e.keys, member{hash: hash, object: object, key: key, from: int32(len(e.leaves))})
	if e.keySlot.put(slot, len(e.keys)-1) {
		for i := range e.keys {
			e.keySlot.insert(e.keys[i].hash, i)
		}
	}
	return len(e.keys) - 1
}

// add appends a leaf under the path being read.
func (e *Event) add(l leaf) {
	l.scope, l.next = e.scope, -1
	at := int32(len(e.leaves))
	e.leaves = append(e.leaves, l)
	hash := maphash.Bytes(seed, e.path)
	slot := e.pathSlot.start(hash)
	for p := e.pathSlot.at(slot); p >= 0; slot, p = e.pathSlot.after(slot) {
		if head := &e.paths[p]; head.hash == hash && string(head.text) == string(e.path) {
			e.leaves[head.last].next, head.last = at, at
			return
		}
	}
	from := len(e.scan.arena)
	e.scan.arena = append(e.scan.arena, e.path...)
	text := e.scan.arena[from:len(e.scan.arena):len(e.scan.arena)]
	e.paths = append(e.paths, leafPath{hash: hash, text: text, first: at, last: at})
	if e.pathSlot.put(slot, len(e.paths)-1) {
		for i := range e.paths {
			e.pathSlot.insert(e.paths[i].hash, i)
		}
	}
}

// find returns the first leaf of a path, or -1.
func (e *Event) find(hash uint64, path string) int32 {
	if len(e.paths) == 0 {
		return -1
	}
	slot := e.pathSlot.start(hash)
	for p := e.pathSlot.at(slot); p >= 0; slot, p = e.pathSlot.after(slot) {
		if head := &e.paths[p]; head.hash == hash && string(head.text) == path {
			return head.first
		}
	}
	return -1
}
