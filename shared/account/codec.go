package account

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"handoff/shared/subject"
)

// The item's form: a format byte, a table of all elements it mentions (each once: a touch counts in several rules and
// milestones), then sections in a fixed order, maps by sorted key, so equal items are equal bytes. Integers are
// varints; of strings, see words. The oldest that is read has no section of companies below.
const (
	format = 3
	oldest = 2
)

// How a link came about: automatically, or by an operator's act, whose time follows.
const (
	linked   = 0
	unlinked = 2
	relinked = 3
)

// ErrCorrupt is wrapped when an item's bytes cannot be read.
var ErrCorrupt = errors.New("corrupt account item")

// Encode writes facts alone, canonically: rebuild compares these bytes.
func (f *Facts) Encode() []byte {
	w := newWriter("")
	defer w.free()
	w.facts(f)
	return w.bytes(nil)
}

// DecodeFacts reads what Encode wrote.
func DecodeFacts(b []byte) (*Facts, error) {
	r := newReader(b, "")
	var f Facts
	r.facts(&f)
	return &f, r.end()
}

func (it *Item) encode(dst []byte) []byte {
	w := newWriter(subject.KeyOf(it.ID))
	defer w.free()
	w.bool(it.Links.Shared)
	w.uint(uint64(len(it.Links.List)))
	for _, l := range it.Links.List {
		w.string(l.Target)
		w.element(Element{l.Time, l.ID})
		switch {
		case l.Act == 0:
			w.uint(linked)
		case l.Unlink:
			w.uint(unlinked)
			w.int(l.Act)
		default:
			w.uint(relinked)
			w.int(l.Act)
		}
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
	w.revenue(t.Revenue)
	w.strings(t.Former)
	w.int(t.Asked)
	w.uint(uint64(len(t.Pending)))
	for _, p := range t.Pending {
		w.string(p.ID)
		w.string(p.DetailType)
		w.int(p.Time)
		w.uint(uint64(len(p.Detail)))
		w.body = append(w.body, p.Detail...)
	}
	return w.bytes(dst)
}

func (it *Item) decode(b []byte) error {
	r := newReader(b, subject.KeyOf(it.ID))
	it.Links.Shared = r.bool()
	for range r.count() {
		l := subject.Link{Target: r.string()}
		el := r.element()
		l.Time, l.ID = el.Time, el.ID
		if how := r.uint(); how != linked {
			l.Unlink, l.Act = how == unlinked, r.int()
		}
		it.Links.List = append(it.Links.List, l)
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
	t.Fired, t.Was, t.Revenue, t.Former, t.Asked = r.elements(), r.elements(), r.revenue(), r.strings(), r.int()
	for range r.count() {
		t.Pending = append(t.Pending, Outgoing{ID: r.string(), DetailType: r.string(), Time: r.int(), Detail: bytes.Clone(r.take(r.uint()))})
	}
	if err := r.end(); err != nil {
		return fmt.Errorf("%s: %w", it.ID, err)
	}
	return nil
}
