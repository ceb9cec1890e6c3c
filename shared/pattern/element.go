package pattern

import (
	"slices"
	"sync"
)

// This file decides which element of each array the fields of a branch take: all in one and the same. Fields under one
// array are decided by walking its elements once, fields of different arrays apart from each other, so the cost grows
// with the size of the event and not with the product of its arrays.
//
// A field that must be absent counts as absent if all its leaves are in elements other than the ones taken by fields
// before it, in the order of paths. That order is event-ruler's, and so EventBridge's.

// window is where one field may be satisfied (or must not be seen): the distinct scopes of its leaves, ascending.
type window struct {
	rank   int // the field's place in the order of paths
	scopes []int32
}

type chooser struct {
	e         *Event
	scopes    []int32
	work      []window
	want, not [8]window // room for the usual number of fields
}

var choosers = sync.Pool{New: func() any { return new(chooser) }}

// elements decides a branch whose fields all hold by themselves, at least one of them inside elements only.
func (e *Event) elements(b *branch) bool {
	c := choosers.Get().(*chooser)
	c.e, c.scopes, c.work = e, c.scopes[:0], c.work[:0]
	ok := c.choose(b, 0, c.want[:0], c.not[:0])
	c.e = nil
	choosers.Put(c)
	return ok
}

// choose settles for each field from rank on whether it is to be satisfied by a leaf or by absence.
func (c *chooser) choose(b *branch, rank int, want, not []window) bool {
	for ; rank < len(b.fields); rank++ {
		f := b.fields[rank]
		if c.e.look(f) != inElement {
			continue
		}
		held := c.gather(f, false)
		if !f.absent {
			want = append(want, window{rank, held})
			continue
		}
		if len(held) > 0 && c.choose(b, rank+1, append(slices.Clone(want), window{rank, held}), slices.Clone(not)) {
			return true
		}
		if c.e.hasOutside(f) {
			return false
		}
		not = append(not, window{rank, c.gather(f, true)})
	}
	return c.solve(0, want, not)
}

// gather lists the distinct scopes of a field's leaves, all or those that hold. Leaves come in document order, and so do scopes
// except where an element goes on after an array of its own.
func (c *chooser) gather(f *field, all bool) []int32 {
	from := len(c.scopes)
	for at := c.e.find(&f.path); at >= 0; at = c.e.leaves[at].next {
		l := &c.e.leaves[at]
		if l.kind != kindGone && (all || f.holds(l)) {
			c.scopes = append(c.scopes, l.scope)
		}
	}
	found := c.scopes[from:]
	slices.Sort(found)
	found = slices.Compact(found)
	c.scopes = c.scopes[:from+len(found)]
	return found[:len(found):len(found)]
}

func (e *Event) hasOutside(f *field) bool {
	for at := e.find(&f.path); at >= 0; at = e.leaves[at].next {
		if l := &e.leaves[at]; l.kind != kindGone && l.scope == 0 {
			return true
		}
	}
	return false
}

// solve reports whether, within the scope at, elements can be taken so that every field wanted has a leaf and none of
// the others is seen.
func (c *chooser) solve(at int32, want, not []window) bool {
	for _, n := range not {
		if n.scopes[0] == at {
			return false
		}
	}
	mark := len(c.work)
	defer func() { c.work = c.work[:mark] }()
	for _, w := range want {
		if w.scopes[0] != at { // a leaf at hand commits to no element
			c.work = append(c.work, w)
		}
	}
	rest := c.work[mark:len(c.work):len(c.work)]
	for i, w := range rest {
		if a := c.arrayBelow(at, w.scopes[0]); w.scopes[len(w.scopes)-1] >= a.to {
			return c.split(at, rest, i, not)
		}
	}
	seen := 0
	for i, w := range rest {
		a := c.arrayBelow(at, w.scopes[0])
		if slices.ContainsFunc(rest[:i], func(o window) bool { return a.holds(o.scopes[0]) }) {
			continue // decided with that one
		}
		ok, killed := c.take(at, a, rest, not)
		if !ok {
			return false
		}
		seen += killed
	}
	for _, n := range not {
		seen -= len(n.scopes)
	}
	return seen == 0 // else a field is seen in an array of which no element is taken
}

// split tries a field that could be satisfied in several arrays (possible only where dotted keys or mixed lists give
// one path twice) in each of them.
func (c *chooser) split(at int32, rest []window, i int, not []window) bool {
	for left := rest[i].scopes; len(left) > 0; {
		a := c.arrayBelow(at, left[0])
		inside := a.cut(left)
		narrowed := slices.Clone(rest)
		narrowed[i].scopes = inside
		if c.solve(at, narrowed, not) {
			return true
		}
		left = left[len(inside):]
	}
	return false
}

// take looks for an element of one array that satisfies all fields wanted there. It also returns how many scopes of
// fields not to be seen lie in the array.
func (c *chooser) take(at int32, a span, rest, not []window) (ok bool, seen int) {
	mark := len(c.work)
	defer func() { c.work = c.work[:mark] }()
	for _, w := range rest {
		if a.holds(w.scopes[0]) {
			c.work = append(c.work, w)
		}
	}
	here := c.work[mark:len(c.work):len(c.work)]
	first, fewest := here[0].rank, here[0].scopes
	for _, w := range here {
		first = min(first, w.rank)
		if len(w.scopes) < len(fewest) {
			fewest = w.scopes
		}
	}
	from := len(c.work)
	for _, n := range not {
		if inside := a.cut(n.scopes); len(inside) > 0 {
			c.work = append(c.work, window{n.rank, inside})
			seen += len(inside)
		}
	}
	hidden := c.work[from:len(c.work):len(c.work)]
	for left := fewest; len(left) > 0; {
		element := c.childOf(at, left[0])
		inside := span{element, c.e.scopes[element].end}
		if c.fits(element, inside, here, hidden, first) {
			return true, seen
		}
		left = left[len(inside.cut(left)):]
	}
	return false, seen
}

// fits tries one element. first is the rank from which on the array's element counts as taken.
func (c *chooser) fits(element int32, inside span, here, hidden []window, first int) bool {
	mark := len(c.work)
	defer func() { c.work = c.work[:mark] }()
	for _, w := range here {
		scopes := inside.cut(w.scopes)
		if len(scopes) == 0 {
			return false
		}
		c.work = append(c.work, window{w.rank, scopes})
	}
	from := len(c.work)
	for _, n := range hidden {
		scopes := inside.cut(n.scopes)
		if len(scopes) < len(n.scopes) && first > n.rank {
			return false // seen in another element, before any element was taken
		}
		if len(scopes) > 0 {
			c.work = append(c.work, window{n.rank, scopes})
		}
	}
	return c.solve(element, c.work[mark:from:from], c.work[from:len(c.work):len(c.work)])
}

// childOf returns the element directly below scope at that holds scope s.
func (c *chooser) childOf(at, s int32) int32 {
	for c.e.scopes[s].parent != at {
		s = c.e.scopes[s].parent
	}
	return s
}

func (c *chooser) arrayBelow(at, s int32) span { return c.e.arrays[c.e.scopes[c.childOf(at, s)].array] }

func (s span) holds(scope int32) bool { return scope >= s.from && scope < s.to }

// cut returns the part of an ascending list that lies in the span.
func (s span) cut(scopes []int32) []int32 {
	from, _ := slices.BinarySearch(scopes, s.from)
	to, _ := slices.BinarySearch(scopes[from:], s.to)
	return scopes[from : from+to : from+to]
}
