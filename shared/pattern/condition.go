package pattern

import (
	"bytes"
	"net/netip"
	"slices"
	"unicode"
	"unicode/utf8"
)

// field is one path of a pattern and what its value may be: any one of the alternatives.
type field struct {
	path fieldPath

	exists    bool // exists:true, any leaf will do
	absent    bool // exists:false, no leaf will do
	null      bool
	yes, no   bool // true, false
	texts     []string
	textSet   map[string]struct{} // instead of texts when there are many
	numbers   []decimal
	operators []operator
	values    []string // canonical text of each alternative
}

// manyTexts is from how many strings on a set is faster than comparing one by one.
const manyTexts = 9

func (f *field) seal() {
	slices.Sort(f.values)
	f.values = slices.Compact(f.values)
	if len(f.texts) >= manyTexts {
		f.textSet = make(map[string]struct{}, len(f.texts))
		for _, t := range f.texts {
			f.textSet[t] = struct{}{}
		}
	}
}

// holds reports whether one leaf satisfies an alternative.
func (f *field) holds(l *leaf) bool {
	if f.exists {
		return true
	}
	switch l.kind {
	case kindNull:
		if f.null {
			return true
		}
	case kindTrue:
		if f.yes {
			return true
		}
	case kindFalse:
		if f.no {
			return true
		}
	case kindString:
		if f.hasText(l.text) {
			return true
		}
	case kindNumber:
		if hasNumber(f.numbers, l.num) {
			return true
		}
	}
	for i := range f.operators {
		if o := &f.operators[i]; o.any(l) != o.but {
			return true
		}
	}
	return false
}

func (f *field) hasText(text []byte) bool {
	if f.textSet != nil {
		_, ok := f.textSet[string(text)]
		return ok
	}
	for _, t := range f.texts {
		if string(text) == t {
			return true
		}
	}
	return false
}

func hasNumber(numbers []decimal, n decimal) bool {
	for i := range numbers {
		if numbers[i].equal(n) {
			return true
		}
	}
	return false
}

// operator is a comparison other than equality with one value, or its negation.
type operator struct {
	op       op
	but      bool // anything-but: none of them
	texts    [][]byte
	globs    [][][]byte // each the literal pieces between the asterisks
	numbers  []decimal
	low, top *bound
	network  netip.Prefix
}

type op uint8

const (
	opEquals op = iota // only under anything-but
	opEqualsFold
	opPrefix
	opPrefixFold
	opSuffix
	opSuffixFold
	opWildcard
	opNumeric
	opNetwork
)

// bound is one end of a numeric range.
type bound struct {
	num  decimal
	open bool // the bound itself is outside
}

// any reports whether a leaf is one of those that the operator lists; a leaf of another type is not.
func (o *operator) any(l *leaf) bool {
	if l.kind == kindNumber {
		return o.op == opNumeric && o.inRange(l.num) || o.op == opEquals && hasNumber(o.numbers, l.num)
	}
	if l.kind != kindString {
		return false
	}
	switch o.op {
	case opWildcard:
		for _, pieces := range o.globs {
			if glob(l.text, pieces) {
				return true
			}
		}
	case opNetwork:
		addr, ok := parseAddr(l.text)
		return ok && o.network.Contains(addr)
	default:
		for _, t := range o.texts {
			if o.op.holds(l.text, t) {
				return true
			}
		}
	}
	return false
}

func (o op) holds(text, want []byte) bool {
	switch o {
	case opEquals:
		return bytes.Equal(text, want)
	case opEqualsFold:
		return bytes.EqualFold(text, want)
	case opPrefix:
		return bytes.HasPrefix(text, want)
	case opPrefixFold:
		return prefixFold(text, want)
	case opSuffix:
		return bytes.HasSuffix(text, want)
	case opSuffixFold:
		return suffixFold(text, want)
	}
	return false
}

func (o *operator) inRange(n decimal) bool {
	if o.low != nil {
		if c := n.cmp(o.low.num); c < 0 || c == 0 && o.low.open {
			return false
		}
	}
	if o.top != nil {
		if c := n.cmp(o.top.num); c > 0 || c == 0 && o.top.open {
			return false
		}
	}
	return true
}

// glob matches text against literal pieces with anything between them. Taking each middle piece at its first place
// never loses a match, so there is no backtracking.
func glob(text []byte, pieces [][]byte) bool {
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(pieces) == 1 {
		return bytes.Equal(text, first)
	}
	if len(text) < len(first)+len(last) || !bytes.HasPrefix(text, first) || !bytes.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, piece := range pieces[1 : len(pieces)-1] {
		i := bytes.Index(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	return true
}

func prefixFold(text, want []byte) bool {
	for len(want) > 0 {
		w, n := utf8.DecodeRune(want)
		t, m := utf8.DecodeRune(text)
		if m == 0 || !equalFold(w, t) {
			return false
		}
		want, text = want[n:], text[m:]
	}
	return true
}

func suffixFold(text, want []byte) bool {
	for len(want) > 0 {
		w, n := utf8.DecodeLastRune(want)
		t, m := utf8.DecodeLastRune(text)
		if m == 0 || !equalFold(w, t) {
			return false
		}
		want, text = want[:len(want)-n], text[:len(text)-m]
	}
	return true
}

// equalFold compares two characters under Unicode simple case folding.
func equalFold(a, b rune) bool {
	if a == b {
		return true
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}
