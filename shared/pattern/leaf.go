package pattern

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"strings"
)

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

// pathNode is one path: its last step below its parent, and the leaves there. Paths share their beginnings, so an event
// takes memory in proportion to its size, however long its keys and deep its objects.
type pathNode struct {
	hash        uint64
	parent      int32
	step        []byte
	first, last int32 // leaves, or -1
}

// rootHash is the hash of no steps at all.
const rootHash = 0x51_7c_c1_b7_27_22_0a_95

// pathHash adds a step to a path's hash.
func pathHash(parent, step uint64) uint64 {
	return (bits.RotateLeft64(parent, 23) ^ step) * 0x9e3779b97f4a7c15
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
func (e *Event) enter(object int32, key []byte, hash uint64) int {
	hash ^= uint64(object) * 0x9e3779b97f4a7c15
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

// down returns the path of a key, whose hash is given, below a path. A dotted key is several steps, as if objects were nested.
func (e *Event) down(parent int32, key []byte, hash uint64) int32 {
	dot := bytes.IndexByte(key, '.')
	if dot < 0 {
		return e.step(parent, key, hash)
	}
	for ; dot >= 0; dot = bytes.IndexByte(key, '.') {
		parent = e.step(parent, key[:dot], maphash.Bytes(seed, key[:dot]))
		key = key[dot+1:]
	}
	return e.step(parent, key, maphash.Bytes(seed, key))
}

func (e *Event) step(parent int32, step []byte, stepHash uint64) int32 {
	hash := uint64(rootHash)
	if parent >= 0 {
		hash = e.nodes[parent].hash
	}
	hash = pathHash(hash, stepHash)
	slot := e.nodeSlot.start(hash)
	for at := e.nodeSlot.at(slot); at >= 0; slot, at = e.nodeSlot.after(slot) {
		if n := &e.nodes[at]; n.hash == hash && n.parent == parent && string(n.step) == string(step) {
			return at
		}
	}
	e.nodes = append(e.nodes, pathNode{hash: hash, parent: parent, step: step, first: -1, last: -1})
	if e.nodeSlot.put(slot, len(e.nodes)-1) {
		for i := range e.nodes {
			e.nodeSlot.insert(e.nodes[i].hash, i)
		}
	}
	return int32(len(e.nodes) - 1)
}

// add appends a leaf under the path being read.
func (e *Event) add(l leaf) {
	l.scope, l.next = e.scope, -1
	at := int32(len(e.leaves))
	e.leaves = append(e.leaves, l)
	n := &e.nodes[e.path]
	if n.last >= 0 {
		e.leaves[n.last].next = at
	} else {
		n.first = at
	}
	n.last = at
}

// find returns the first leaf of a path, or -1.
func (e *Event) find(path *fieldPath) int32 {
	if len(e.nodes) == 0 {
		return -1
	}
	slot := e.nodeSlot.start(path.hash)
	for at := e.nodeSlot.at(slot); at >= 0; slot, at = e.nodeSlot.after(slot) {
		if n := &e.nodes[at]; n.hash == path.hash && e.is(at, path.steps) {
			return n.first
		}
	}
	return -1
}

func (e *Event) is(node int32, steps []string) bool {
	for i := len(steps) - 1; i >= 0; i-- {
		if node < 0 || string(e.nodes[node].step) != steps[i] {
			return false
		}
		node = e.nodes[node].parent
	}
	return node < 0
}

// fieldPath is a path as a pattern has it.
type fieldPath struct {
	text  string // dotted
	steps []string
	hash  uint64
}

func newFieldPath(text string) fieldPath {
	p := fieldPath{text: text, steps: strings.Split(text, "."), hash: rootHash}
	for _, s := range p.steps {
		p.hash = pathHash(p.hash, maphash.String(seed, s))
	}
	return p
}
