package account

import "math/bits"

// Days is a set of days since 1970, bounded to the MaxDays ending with the latest: a join keeps those of both that are
// not older than that. Bit i of the bitmap stands for day Latest-i.
type Days struct {
	Latest int32
	Bits   [MaxDays / 64]uint64
}

// Add puts a day in.
func (d *Days) Add(day int32) { d.add(day) }

func (d *Days) add(day int32) (changed bool) {
	before := *d
	d.Join(Days{Latest: day, Bits: [MaxDays / 64]uint64{1}})
	return before != *d
}

// Join adds the other set's days.
func (d *Days) Join(o Days) {
	if o.Bits == [MaxDays / 64]uint64{} {
		return
	}
	if d.Bits == [MaxDays / 64]uint64{} {
		*d = o
		return
	}
	if o.Latest > d.Latest {
		*d, o = o, *d
	}
	shifted := shift(o.Bits, uint(d.Latest-o.Latest))
	for i := range d.Bits {
		d.Bits[i] |= shifted[i]
	}
}

// shift moves every day n further back; what falls off the end is forgotten.
func shift(b [MaxDays / 64]uint64, n uint) [MaxDays / 64]uint64 {
	var out [MaxDays / 64]uint64
	if n >= MaxDays {
		return out
	}
	words, rest := int(n/64), n%64
	for i := len(b) - 1; i >= words; i-- {
		out[i] = b[i-words] << rest
		if rest > 0 && i-words > 0 {
			out[i] |= b[i-words-1] >> (64 - rest)
		}
	}
	return out
}

// Between counts the days in [from, until), days since 1970.
func (d *Days) Between(from, until int32) int {
	lo, hi := int64(d.Latest)-int64(until)+1, int64(d.Latest)-int64(from) // of the bits, both inclusive
	n := 0
	for w, word := range d.Bits {
		first, last := max(lo-int64(w)*64, 0), min(hi-int64(w)*64, 63)
		if first <= last {
			n += bits.OnesCount64(word >> first << (63 - last + first))
		}
	}
	return n
}
