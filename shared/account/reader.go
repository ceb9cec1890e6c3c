package account

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// reader reads sections; the first error sticks and every later read gives zeros.
type reader struct {
	b      []byte
	table  []Element
	seen   []string
	own    string
	err    error
	format byte
}

func newReader(b []byte, own string) *reader {
	r := &reader{b: b, own: own}
	if len(b) == 0 || b[0] < oldest || b[0] > format {
		r.fail("unknown format")
		return r
	}
	r.format, r.b = b[0], b[1:]
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

func (r *reader) revenue() map[string]Register {
	n := r.count()
	if n == 0 {
		return nil
	}
	m := make(map[string]Register, n)
	for range n {
		k, v := r.string(), ""
		switch parts := r.uint(); parts {
		case 0:
			v = r.string()
		case 1, 2:
			v = strconv.FormatInt(r.int(), 10)
			if parts == 2 {
				v += " " + r.string()
			}
		default:
			r.fail("revenue of no known form")
		}
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
	if r.format > 2 {
		f.Below = r.registers()
	}
	f.People, f.Opportunities, f.Invoices = r.active(), r.active(), r.active()
	f.LastDay = int32(r.int())
}
