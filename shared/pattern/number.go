package pattern

import (
	"bytes"
	"cmp"
	"strconv"
)

// decimal is a JSON number held exactly: ±0.digits × 10^exp, where digits neither begins nor ends with a zero. Zero has
// no digits, no sign and exp 0. Two decimals are equal exactly when their three fields are.
type decimal struct {
	neg    bool
	exp    int64
	digits []byte
}

// maxExponent is where an exponent stops growing: numbers beyond 10^±(2^40) are told apart by their digits alone.
const maxExponent = 1 << 40

// parseDecimal reads the text of a JSON number. The digits are a slice of text where they stand in one piece, and are
// copied to the end of arena otherwise; the grown arena is returned.
func parseDecimal(text, arena []byte) (decimal, []byte) {
	var d decimal
	if text[0] == '-' {
		d.neg, text = true, text[1:]
	}
	var exp int64
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		exp, text = parseExponent(text[i+1:]), text[:i]
	}
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	whole = bytes.TrimLeft(whole, "0")
	fraction = bytes.TrimRight(fraction, "0")
	d.exp = exp + int64(len(whole))
	switch {
	case len(fraction) == 0:
		d.digits = bytes.TrimRight(whole, "0")
	case len(whole) == 0:
		d.digits = bytes.TrimLeft(fraction, "0")
		d.exp -= int64(len(fraction) - len(d.digits))
	default:
		from := len(arena)
		arena = append(append(arena, whole...), fraction...)
		d.digits = arena[from:len(arena):len(arena)]
	}
	if len(d.digits) == 0 {
		return decimal{}, arena
	}
	return d, arena
}

func parseExponent(text []byte) int64 {
	neg := text[0] == '-'
	if neg || text[0] == '+' {
		text = text[1:]
	}
	var exp int64
	for _, c := range text {
		if exp = exp*10 + int64(c-'0'); exp > maxExponent {
			exp = maxExponent
			break
		}
	}
	if neg {
		return -exp
	}
	return exp
}

func (d decimal) equal(o decimal) bool {
	return d.neg == o.neg && d.exp == o.exp && bytes.Equal(d.digits, o.digits)
}

// cmp returns -1, 0 or 1 as d is less than, equal to or greater than o.
func (d decimal) cmp(o decimal) int {
	if c := cmp.Compare(d.sign(), o.sign()); c != 0 {
		return c
	}
	if c := cmp.Compare(d.exp, o.exp); c != 0 {
		return c * d.sign()
	}
	// Digits compare as text: both begin at the same place after the point and neither ends with a zero.
	return bytes.Compare(d.digits, o.digits) * d.sign()
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// append writes the one canonical text of the number: plain up to 21 places, with an exponent beyond.
func (d decimal) append(to []byte) []byte {
	if len(d.digits) == 0 {
		return append(to, '0')
	}
	if d.neg {
		to = append(to, '-')
	}
	n := int64(len(d.digits))
	switch {
	case d.exp > 21 || d.exp < -5:
		to = append(to, d.digits[0])
		if n > 1 {
			to = append(append(to, '.'), d.digits[1:]...)
		}
		return strconv.AppendInt(append(to, 'e'), d.exp-1, 10)
	case d.exp <= 0:
		to = append(to, "0."...)
		for range -d.exp {
			to = append(to, '0')
		}
		return append(to, d.digits...)
	case n > d.exp:
		to = append(to, d.digits[:d.exp]...)
		return append(append(to, '.'), d.digits[d.exp:]...)
	}
	to = append(to, d.digits...)
	for range d.exp - n {
		to = append(to, '0')
	}
	return to
}
