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
	nodes    []pathNode
	nodeSlot table
	scopes   []scope
	arrays   []span
	keys     []member
	keySlot  table

	objects int32
	path    int32 // of the value being read, or -1
	scope   int32 // of the value being read
}

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
	e.leaves, e.nodes, e.keys = e.leaves[:0], e.nodes[:0], e.keys[:0]
	e.scopes, e.arrays = append(e.scopes[:0], scope{parent: -1, array: -1, end: 1}), e.arrays[:0]
	e.nodeSlot.reset()
	e.keySlot.reset()
	e.path, e.objects, e.scope = -1, 0, 0
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
	outer := e.path
	for {
		key, err := e.scan.key()
		if err != nil {
			return err
		}
		hash := maphash.Bytes(seed, key)
		at := e.enter(object, key, hash)
		e.path = e.down(outer, key, hash)
		if err := e.value(depth + 1); err != nil {
			return err
		}
		e.keys[at].to = int32(len(e.leaves))
		if more, err := e.scan.more('}'); !more {
			e.path = outer
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
