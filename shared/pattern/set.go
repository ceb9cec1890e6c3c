package pattern

import (
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"
)

// Set is many patterns matched together. Each branch of each pattern is filed under one of its fields: under the exact
// values where the field lists only such, under the path's presence where it needs any. An event is tried only on the
// branches filed under what it holds, so rules that cannot match cost next to nothing. A Set is immutable: any number
// of goroutines may match with it.
type Set struct {
	size   int
	always []filed        // branches that an empty event could satisfy
	paths  []*indexedPath // sorted by path, for the order of work to be the same everywhere
	pool   sync.Pool      // *[]uint64, one bit a pattern
}

// filed is a branch and the index of its pattern.
type filed struct {
	pattern int32
	branch  *branch
}

type indexedPath struct {
	path    string
	hash    uint64
	present []filed            // tried when the path has a leaf
	values  map[uint64][]filed // tried when the path has this leaf, by its hash
}

// NewSet indexes patterns. A pattern's index in the slice is its name in Match.
func NewSet(patterns []*Pattern) *Set {
	s := &Set{size: len(patterns)}
	s.pool.New = func() any {
		words := make([]uint64, (len(patterns)+63)/64)
		return &words
	}
	crowd := map[uint64]int{} // how many branches list a value: the fewer, the better it tells them apart
	for _, p := range patterns {
		for i := range p.branches {
			for _, f := range p.branches[i].fields {
				for _, h := range f.hashes() {
					crowd[h]++
				}
			}
		}
	}
	byPath := map[string]*indexedPath{}
	for i, p := range patterns {
		for j := range p.branches {
			s.file(byPath, crowd, filed{int32(i), &p.branches[j]})
		}
	}
	for _, p := range byPath {
		s.paths = append(s.paths, p)
	}
	slices.SortFunc(s.paths, func(a, b *indexedPath) int { return compareText(a.path, b.path) })
	return s
}

// Len returns how many patterns the set holds.
func (s *Set) Len() int { return s.size }

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *Set) file(byPath map[string]*indexedPath, crowd map[uint64]int, item filed) {
	var best, any *field
	fewest := 0
	for _, f := range item.branch.fields {
		if f.absent {
			continue
		}
		any = f
		total := 0
		for _, h := range f.hashes() {
			total += crowd[h]
		}
		if f.enumerable() && (best == nil || total < fewest) {
			best, fewest = f, total
		}
	}
	if any == nil {
		s.always = append(s.always, item)
		return
	}
	if best != nil {
		p := indexed(byPath, best)
		for _, h := range best.hashes() {
			p.values[h] = append(p.values[h], item)
		}
		return
	}
	p := indexed(byPath, any)
	p.present = append(p.present, item)
}

func indexed(byPath map[string]*indexedPath, f *field) *indexedPath {
	p := byPath[f.path]
	if p == nil {
		p = &indexedPath{path: f.path, hash: f.hash, values: map[uint64][]filed{}}
		byPath[f.path] = p
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
			all = append(all, (&leaf{kind: kind}).hash()^f.hash)
		}
	}
	for _, t := range f.texts {
		all = append(all, (&leaf{kind: kindString, text: []byte(t)}).hash()^f.hash)
	}
	for _, n := range f.numbers {
		all = append(all, (&leaf{kind: kindNumber, num: n}).hash()^f.hash)
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
	words := s.pool.Get().(*[]uint64)
	matched := *words
	clear(matched)
	s.try(e, matched, s.always)
	for _, p := range s.paths {
		present := false
		for at := e.find(p.hash, p.path); at >= 0; at = e.leaves[at].next {
			l := &e.leaves[at]
			if l.kind == kindGone {
				continue
			}
			if !present {
				present = true
				s.try(e, matched, p.present)
			}
			if len(p.values) > 0 {
				s.try(e, matched, p.values[l.hash()^p.hash])
			}
		}
	}
	for i, word := range matched {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, i*64+bits.TrailingZeros64(word))
		}
	}
	s.pool.Put(words)
	return dst
}

func (s *Set) try(e *Event, matched []uint64, items []filed) {
	for _, item := range items {
		word, bit := item.pattern/64, uint64(1)<<(item.pattern%64)
		if matched[word]&bit == 0 && e.satisfies(item.branch) {
			matched[word] |= bit
		}
	}
}
