package pattern

import (
	"fmt"
	"unicode/utf8"
)

// node is a pattern's JSON value, with members in the order of the text.
type node struct {
	kind    nodeKind
	text    string // of a string
	num     decimal
	members []entry
	elems   []node
}

type entry struct {
	key  string
	node node
}

type nodeKind uint8

const (
	nodeNull nodeKind = iota
	nodeTrue
	nodeFalse
	nodeString
	nodeNumber
	nodeArray
	nodeObject
)

func (k nodeKind) String() string {
	return [...]string{"null", "true", "false", "a string", "a number", "an array", "an object"}[k]
}

func parseTree(data []byte) (node, error) {
	if !utf8.Valid(data) {
		return node{}, &syntaxError{text: "the text is not valid UTF-8"}
	}
	s := &scanner{data: data}
	n, err := s.tree(0)
	if err == nil {
		err = s.end()
	}
	return n, err
}

func (s *scanner) tree(depth int) (n node, err error) {
	if depth > maxDepth {
		return n, s.fail(fmt.Sprintf("values nest deeper than %d", maxDepth))
	}
	switch s.peek() {
	case '{':
		return s.treeObject(depth)
	case '[':
		return s.treeArray(depth)
	case '"':
		text, err := s.str()
		return node{kind: nodeString, text: string(text)}, err
	case 't':
		return node{kind: nodeTrue}, s.word("true")
	case 'f':
		return node{kind: nodeFalse}, s.word("false")
	case 'n':
		return node{kind: nodeNull}, s.word("null")
	}
	text, err := s.number()
	if err != nil {
		return n, err
	}
	n.kind = nodeNumber
	// The digits may be a slice of the caller's data: the pattern keeps its own copy.
	n.num, _ = parseDecimal(append([]byte(nil), text...), nil)
	return n, nil
}

func (s *scanner) treeObject(depth int) (node, error) {
	n := node{kind: nodeObject}
	s.pos++
	if s.peek() == '}' {
		s.pos++
		return n, nil
	}
	for {
		key, err := s.key()
		if err != nil {
			return n, err
		}
		child, err := s.tree(depth + 1)
		if err != nil {
			return n, err
		}
		n.members = append(n.members, entry{key: string(key), node: child})
		if more, err := s.more('}'); !more {
			return n, err
		}
	}
}

func (s *scanner) treeArray(depth int) (node, error) {
	n := node{kind: nodeArray}
	s.pos++
	if s.peek() == ']' {
		s.pos++
		return n, nil
	}
	for {
		child, err := s.tree(depth + 1)
		if err != nil {
			return n, err
		}
		n.elems = append(n.elems, child)
		if more, err := s.more(']'); !more {
			return n, err
		}
	}
}
