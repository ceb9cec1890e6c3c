package pattern

import (
	"fmt"
	"hash/maphash"
	"unicode/utf8"
)

// Event is a JSON event made ready to be matched: its leaves, found by dotted path. The zero value is ready for Parse;
// parsing again reuses the buffers. An Event keeps slices of the data it was parsed from, which must not change while
// it is in use. Any number of goroutines may match one Event; none may parse into it meanwhile.
type Event struct {
	scan     scanner
	leaves   []leaf
	paths    []leafPath
	pathSlot table
	scopes   []scope
	arrays   []span
	keys     []member
	keySlot  table

	path    []byte // of the value being read
	objects int32
	scope   int32 // of the value being read
}

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

var seed = maphash.MakeSeed()

// Parse reads one JSON object. An error wraps ErrEvent; the Event is then as empty as {}.
func Parse(data []byte, into *Event) error {
	e := into
	e.reset(data)
	err := e.document()
	if err != nil {
		e.reset(nil)
		return fmt.Errorf("%w: %w", ErrEvent, err)
	}
	e.scopes[0].end = int32(len(e.scopes))
	return nil
}

func (e *Event) reset(data []byte) {
	e.scan = scanner{data: data, arena: e.scan.arena[:0]}
	e.leaves, e.paths, e.keys = e.leaves[:0], e.paths[:0], e.keys[:0]
	e.scopes, e.arrays = append(e.scopes[:0], scope{parent: -1, array: -1, end: 1}), e.arrays[:0]
	e.pathSlot.reset()
	e.keySlot.reset()
	e.path, e.objects, e.scope = e.path[:0], 0, 0
}

func (e *Event) document() error {
	if !utf8.Valid(e.scan.data) {
		return &syntaxError{text: "the text is not valid UTF-8"}
	}
	if e.scan.peek() != '{' {
		return e.scan.fail("an event must be a JSON object")
	}
	if err := e.object(0); err != nil {
		return err
	}
	return e.scan.end()
}

func (e *Event) object(depth int) error {
	e.scan.pos++
	object := e.objects
	e.objects++
	if e.scan.peek() == '}' {
		e.scan.pos++
		return nil
	}
	base := len(e.path)
	for {
		key, err := e.scan.key()
		if err != nil {
			return err
		}
		at := e.enter(object, key)
		if depth > 0 {
			e.path = append(e.path, '.')
		}
		e.path = append(e.path, key...)
		if err := e.value(depth + 1); err != nil {
			return err
		}
		e.path = e.path[:base]
		e.keys[at].to = int32(len(e.leaves))
		if more, err := e.scan.more('}'); !more {
			return err
		}
	}
}

func (e *Event) array(depth int) error {
	e.scan.pos++
	id := int32(len(e.arrays))
	e.arrays = append(e.arrays, span{from: int32(len(e.scopes))})
	if e.scan.peek() == ']' {
		e.scan.pos++
		e.arrays[id].to = int32(len(e.scopes))
		return nil
	}
	for {
		if c := e.scan.peek(); c == '{' || c == '[' {
			outer, inner := e.scope, int32(len(e.scopes))
			e.scopes = append(e.scopes, scope{parent: outer, array: id})
			e.scope = inner
			if err := e.value(depth + 1); err != nil {
				return err
			}
			e.scopes[inner].end = int32(len(e.scopes))
			e.scope = outer
		} else if err := e.value(depth + 1); err != nil {
			return err
		}
		more, err := e.scan.more(']')
		if err != nil {
			return err
		}
		if !more {
			e.arrays[id].to = int32(len(e.scopes))
			return nil
		}
	}
}

func (e *Event) value(depth int) error {
	if depth > maxDepth {
		return e.scan.fail(fmt.Sprintf("values nest deeper than %d", maxDepth))
	}
	switch e.scan.peek() {
	case '{':
		return e.object(depth)
	case '[':
		return e.array(depth)
	case '"':
		text, err := e.scan.str()
		e.add(leaf{kind: kindString, text: text})
		return err
	case 't':
		e.add(leaf{kind: kindTrue})
		return e.scan.word("true")
	case 'f':
		e.add(leaf{kind: kindFalse})
		return e.scan.word("false")
	case 'n':
		e.add(leaf{kind: kindNull})
		return e.scan.word("null")
	}
	text, err := e.scan.number()
	if err != nil {
		return err
	}
	l := leaf{kind: kindNumber}
	l.num, e.scan.arena = parseDecimal(text, e.scan.arena)
	e.add(l)
	return nil
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
