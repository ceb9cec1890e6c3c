package pattern

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// Set is many patterns matched together. Each branch of each pattern is filed under one of its fields: under the exact
// values where the field lists only such, under the path's presence where it needs any. An event is tried only on the
// branches filed under what it holds, so rules that cannot match cost next to nothing. A Set is immutable: any number
// of goroutines may match with it.
type Set struct {
	size, branches int
	always         []filed        // branches that an empty event could satisfy
	paths          []*indexedPath // by path
	pool           sync.Pool      // *marks
}

// marks are bits noted during one Match.
type marks struct {
	matched []uint64 // one a pattern
	tried   []uint64 // one a branch
}

// filed is a branch with its number in the set and the index of its pattern.
type filed struct {
	pattern, number int
	branch          *branch
}

type indexedPath struct {
	path    fieldPath
	present []filed            // tried when the path has a leaf
	values  map[uint64][]filed // tried when the path has this leaf, by its hash
}

// NewSet indexes patterns. A pattern's index in the slice is its name in Match.
func NewSet(patterns []*Pattern) *Set {
	s := &Set{size: len(patterns)}
	crowd := map[uint64]int{} // how many branches ask for a value, or for a path: the fewer, the better it tells them apart
	for _, p := range patterns {
		for i := range p.branches {
			for _, f := range p.branches[i].fields {
				crowd[f.path.hash]++
				for _, h := range f.hashes() {
					crowd[h]++
				}
			}
		}
	}
	byPath := map[string]*indexedPath{}
	for i, p := range patterns {
		for j := range p.branches {
			s.file(byPath, crowd, filed{pattern: i, number: s.branches, branch: &p.branches[j]})
			s.branches++
		}
	}
	for _, p := range byPath {
		s.paths = append(s.paths, p)
	}
	slices.SortFunc(s.paths, func(a, b *indexedPath) int { return strings.Compare(a.path.text, b.path.text) })
	s.pool.New = func() any {
		return &marks{matched: make([]uint64, (s.size+63)/64), tried: make([]uint64, (s.branches+63)/64)}
	}
	return s
}

// Len returns how many patterns the set holds.
func (s *Set) Len() int { return s.size }

// file chooses the field that a branch waits for.
func (s *Set) file(byPath map[string]*indexedPath, crowd map[uint64]int, item filed) {
	var listed, present *field
	fewest := 0
	for _, f := range item.branch.fields {
		if f.absent {
			continue
		}
		if present == nil || crowd[f.path.hash] < crowd[present.path.hash] {
			present = f
		}
		if !f.enumerable() {
			continue
		}
		total := 0
		for _, h := range f.hashes() {
			total += crowd[h]
		}
		if listed == nil || total < fewest {
			listed, fewest = f, total
		}
	}
	switch {
	case listed != nil:
		p := indexed(byPath, listed)
		for _, h := range listed.hashes() {
			p.values[h] = append(p.values[h], item)
		}
	case present != nil:
		p := indexed(byPath, present)
		p.present = append(p.present, item)
	default:
		s.always = append(s.always, item)
	}
}

func indexed(byPath map[string]*indexedPath, f *field) *indexedPath {
	p := byPath[f.path.text]
	if p == nil {
		p = &indexedPath{path: f.path, values: map[uint64][]filed{}}
		byPath[f.path.text] = p
	}
	return p
}

// enumerable reports whether the field lists all the values that it takes.
func (f *field) enumerable() bool { return !f.exists && !f.absent && len(f.operators) == 0 }

// hashes returns the hashes of the exact values that the field lists, each once.
func (f *field) hashes() []uint64 {
	var all []uint64
	for kind, listed := range map[kind]bool{kindNull: f.null, kindTrue: f.yes, kindFalse: f.no} {
		if listed {
			all = append(all, (&leaf{kind: kind}).hash()^f.path.hash)
		}
	}
	for _, t := range f.texts {
		all = append(all, (&leaf{kind: kindString, text: []byte(t)}).hash()^f.path.hash)
	}
	for _, n := range f.numbers {
		all = append(all, (&leaf{kind: kindNumber, num: n}).hash()^f.path.hash)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hash tells values apart, equal ones alike. Two values may share a hash: it only chooses what to try.
func (l *leaf) hash() uint64 {
	const odd = 0x9e3779b97f4a7c15
	switch l.kind {
	case kindString:
		return maphash.Bytes(seed, l.text)
	case kindNumber:
		h := maphash.Bytes(seed, l.num.digits) + uint64(l.num.exp)*odd
		if l.num.neg {
			h = ^h
		}
		return h*odd + 1
	}
	return uint64(l.kind) * odd
}

// Match appends to dst the indices of the patterns that the event satisfies, ascending, and returns it. With room in
// dst it does not allocate.
func (s *Set) Match(e *Event, dst []int) []int {
	m := s.pool.Get().(*marks)
	clear(m.matched)
	clear(m.tried)
	m.try(e, s.always)
	for _, p := range s.paths {
		present := false
		for at := e.find(&p.path); at >= 0; at = e.leaves[at].next {
			l := &e.leaves[at]
			if l.kind == kindGone {
				continue
			}
			if !present {
				present = true
				m.try(e, p.present)
			}
			if len(p.values) > 0 {
				m.try(e, p.values[l.hash()^p.path.hash])
			}
		}
	}
	for i, word := range m.matched {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, i*64+bits.TrailingZeros64(word))
		}
	}
	s.pool.Put(m)
	return dst
}

// try decides branches that were not tried before, unless another branch of their pattern holds already.
func (m *marks) try(e *Event, items []filed) {
	for i := range items {
		item := &items[i]
		word, bit := &m.matched[item.pattern/64], uint64(1)<<(item.pattern%64)
		if *word&bit != 0 || m.tried[item.number/64]&(1<<(item.number%64)) != 0 {
			continue
		}
		m.tried[item.number/64] |= 1 << (item.number % 64)
		if e.satisfies(item.branch) {
			*word |= bit
		}
	}
}
