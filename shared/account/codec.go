package account

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The item's form: a format byte, a table of all elements it mentions (each once: a touch counts in several rules and
// milestones), then sections in a fixed order, maps by sorted key, so equal items are equal bytes. Integers are
// varints, strings length-prefixed.
const format = 1

// ErrCorrupt is wrapped when an item's bytes cannot be read.
var ErrCorrupt = errors.New("corrupt account item")

// Encode writes facts alone, canonically: rebuild compares these bytes.
func (f *Facts) Encode() []byte {
	w := newWriter()
	w.facts(f)
	return w.bytes(nil)
}

// DecodeFacts reads what Encode wrote.
func DecodeFacts(b []byte) (*Facts, error) {
	r := newReader(b)
	var f Facts
	r.facts(&f)
	return &f, r.end()
}

func (it *Item) encode(dst []byte) []byte {
	w := newWriter()
	w.bool(it.Links.Shared)
	w.uint(uint64(len(it.Links.List)))
	for _, l := range it.Links.List {
		w.string(l.Target)
		w.element(Element{l.Time, l.ID})
		w.bool(l.Unlink)
	}
	w.registers(it.Fields)
	w.elements(it.Marks)
	w.strings(it.Roots)
	w.strings(it.Refold)
	w.string(it.Fold)
	w.int(it.Epoch)
	w.facts(&it.Facts)
	w.bool(it.Next != nil)
	if n := it.Next; n != nil {
		w.string(n.Cause)
		w.string(n.Fold)
		w.string(n.Member)
		w.int(n.From)
		w.facts(&n.Facts)
	}
	t := &it.Told
	w.int(t.AsOf)
	w.string(t.Eval)
	w.int(int64(t.Score))
	w.string(t.Band)
	w.string(t.Quadrant)
	w.uint(uint64(len(t.Stages)))
	for _, k := range slices.Sorted(maps.Keys(t.Stages)) {
		w.string(k)
		w.string(t.Stages[k])
	}
	w.elements(t.Fired)
	w.elements(t.Was)
	w.registers(t.Revenue)
	w.strings(t.Former)
	w.int(t.Asked)
	w.uint(uint64(len(t.Pending)))
	for _, p := range t.Pending {
		w.string(p.ID)
		w.string(p.DetailType)
		w.int(p.Time)
		w.string(string(p.Detail))
	}
	return w.bytes(dst)
}

func (it *Item) decode(b []byte) error {
	r := newReader(b)
	it.Links.Shared = r.bool()
	for range r.count() {
		l := it.Links.List
		target, el := r.string(), Element{}
		el = r.element()
		it.Links.List = append(l, linkOf(target, el, r.bool()))
	}
	it.Fields = r.registers()
	it.Marks = r.elements()
	it.Roots = r.strings()
	it.Refold = r.strings()
	it.Fold = r.string()
	it.Epoch = r.int()
	r.facts(&it.Facts)
	if r.bool() {
		it.Next = &Generation{Cause: r.string(), Fold: r.string(), Member: r.string(), From: r.int()}
		r.facts(&it.Next.Facts)
	}
	t := &it.Told
	t.AsOf, t.Eval, t.Score, t.Band, t.Quadrant = r.int(), r.string(), int(r.int()), r.string(), r.string()
	if n := r.count(); n > 0 {
		t.Stages = make(map[string]string, n)
		for range n {
			k := r.string()
			t.Stages[k] = r.string()
		}
	}
	t.Fired, t.Was, t.Revenue, t.Former, t.Asked = r.elements(), r.elements(), r.registers(), r.strings(), r.int()
	for range r.count() {
		t.Pending = append(t.Pending, Outgoing{ID: r.string(), DetailType: r.string(), Time: r.int(), Detail: []byte(r.string())})
	}
	if err := r.end(); err != nil {
		return fmt.Errorf("%s: %w", it.ID, err)
	}
	return nil
}

// writer collects sections and the table of elements they refer to.
type writer struct {
	body  []byte
	table []Element
	index map[Element]uint64
}

func newWriter() *writer { return &writer{index: make(map[Element]uint64, 16)} }

func (w *writer) bytes(dst []byte) []byte {
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

func (w *writer) string(s string) {
	w.uint(uint64(len(s)))
	w.body = append(w.body, s...)
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
	w.active(f.People)
	w.active(f.Opportunities)
	w.active(f.Invoices)
	w.int(int64(f.LastDay))
}

// reader reads sections; the first error sticks and every later read gives zeros.
type reader struct {
	b     []byte
	table []Element
	err   error
}

func newReader(b []byte) *reader {
	r := &reader{b: b}
	if len(b) == 0 || b[0] != format {
		r.fail("unknown format")
		return r
	}
	r.b = b[1:]
	n := r.count()
	r.table = make([]Element, 0, n)
	for range n {
		el := Element{Time: r.int()}
		if len(r.b) < len(el.ID) {
			r.fail("cut short")
			return r
		}
		r.b = r.b[copy(el.ID[:], r.b):]
		r.table = append(r.table, el)
	}
	return r
}

func (r *reader) fail(why string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrCorrupt, why)
	}
	r.b = nil
}

func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail("trailing bytes")
	}
	return r.err
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("cut short")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("cut short")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of things to follow; each takes a byte at least, so a larger one is corrupt.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail("count beyond the end")
		return 0
	}
	return int(n)
}

func (r *reader) bool() bool { return r.uint() == 1 }

func (r *reader) string() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) strings() []string {
	var out []string
	for range r.count() {
		out = append(out, r.string())
	}
	return out
}

func (r *reader) element() Element {
	i := r.uint()
	if i >= uint64(len(r.table)) {
		r.fail("element outside the table")
		return Element{}
	}
	return r.table[i]
}

func (r *reader) elements() map[string]Element {
	n := r.count()
	if n == 0 {
		return nil
	}
	m := make(map[string]Element, n)
	for range n {
		k := r.string()
		m[k] = r.element()
	}
	return m
}

func (r *reader) registers() map[string]Register {
	n := r.count()
	if n == 0 {
		return nil
	}
	m := make(map[string]Register, n)
	for range n {
		k, v := r.string(), r.string()
		m[k] = Register{Value: v, Element: r.element()}
	}
	return m
}

func (r *reader) active() []Active {
	var out []Active
	for range r.count() {
		out = append(out, Active{ID: r.string(), Day: int32(r.int())})
	}
	return out
}

func (r *reader) facts(f *Facts) {
	if n := r.count(); n > 0 {
		f.Rules = make(map[string][]Element, n)
		for range n {
			k := r.string()
			var els []Element
			for range r.count() {
				els = append(els, r.element())
			}
			f.Rules[k] = els
		}
	}
	f.First, f.Last = r.elements(), r.elements()
	f.Days.Latest = int32(r.int())
	for i := range f.Days.Bits {
		f.Days.Bits[i] = r.uint()
	}
	f.Company = r.registers()
	f.People, f.Opportunities, f.Invoices = r.active(), r.active(), r.active()
	f.LastDay = int32(r.int())
}
