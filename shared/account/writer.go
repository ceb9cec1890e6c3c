package account

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// writer collects sections and the table of elements they refer to.
type writer struct {
	body  []byte
	table []Element
	index map[Element]uint64
	seen  map[string]uint64 // strings that stand in body
	own   string            // key of the item
}

var writers = sync.Pool{New: func() any { return &writer{index: make(map[Element]uint64, 32), seen: make(map[string]uint64, 32)} }}

func newWriter(own string) *writer {
	w := writers.Get().(*writer)
	w.own = own
	return w
}

func (w *writer) free() {
	w.body, w.table = w.body[:0], w.table[:0]
	clear(w.index)
	clear(w.seen)
	writers.Put(w)
}

func (w *writer) bytes(dst []byte) []byte {
	dst = slices.Grow(dst, 3+len(w.table)*17+len(w.body))
	dst = append(dst, format)
	dst = binary.AppendUvarint(dst, uint64(len(w.table)))
	for _, el := range w.table {
		dst = binary.AppendVarint(dst, el.Time)
		dst = append(dst, el.ID[:]...)
	}
	return append(dst, w.body...)
}

func (w *writer) uint(n uint64) { w.body = binary.AppendUvarint(w.body, n) }
func (w *writer) int(n int64)   { w.body = binary.AppendVarint(w.body, n) }

func (w *writer) bool(b bool) {
	if b {
		w.body = append(w.body, 1)
	} else {
		w.body = append(w.body, 0)
	}
}

func (w *writer) strings(ss []string) {
	w.uint(uint64(len(ss)))
	for _, s := range ss {
		w.string(s)
	}
}

func (w *writer) element(el Element) {
	i, ok := w.index[el]
	if !ok {
		i = uint64(len(w.table))
		w.index[el], w.table = i, append(w.table, el)
	}
	w.uint(i)
}

func (w *writer) elements(m map[string]Element) {
	w.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.string(k)
		w.element(m[k])
	}
}

func (w *writer) registers(m map[string]Register) {
	w.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.string(k)
		w.string(m[k].Value)
		w.element(m[k].Element)
	}
}

// revenue writes registers whose values are a sequence and, of most, a space and a digest: as a number and a string.
func (w *writer) revenue(m map[string]Register) {
	w.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		w.string(k)
		v := m[k].Value
		sequence, digest, two := strings.Cut(v, " ")
		n, err := strconv.ParseInt(sequence, 10, 64)
		switch {
		case err != nil || strconv.FormatInt(n, 10) != sequence:
			w.uint(0)
			w.string(v)
		case two:
			w.uint(2)
			w.int(n)
			w.string(digest)
		default:
			w.uint(1)
			w.int(n)
		}
		w.element(m[k].Element)
	}
}

func (w *writer) active(list []Active) {
	w.uint(uint64(len(list)))
	for _, a := range list {
		w.string(a.ID)
		w.int(int64(a.Day))
	}
}

func (w *writer) facts(f *Facts) {
	w.uint(uint64(len(f.Rules)))
	for _, k := range slices.Sorted(maps.Keys(f.Rules)) {
		w.string(k)
		w.uint(uint64(len(f.Rules[k])))
		for _, el := range f.Rules[k] {
			w.element(el)
		}
	}
	w.elements(f.First)
	w.elements(f.Last)
	w.int(int64(f.Days.Latest))
	for _, word := range f.Days.Bits {
		w.uint(word)
	}
	w.registers(f.Company)
	w.registers(f.Below)
	w.active(f.People)
	w.active(f.Opportunities)
	w.active(f.Invoices)
	w.int(int64(f.LastDay))
}
