package contract

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"handoff/shared/event"
)

// digest is the first 16 bytes of the SHA-256 of the payload in canonical JSON less its volatile fields, in hex: what
// tells a redelivery of a payload from another payload under the same id.
func digest(v *value) string {
	sum := sha256.Sum256(canonical(make([]byte, 0, len(v.raw)), v, true))
	return hex.EncodeToString(sum[:16])
}

// canonical appends v with sorted keys, no spaces and normal numbers, so that two texts of one payload (a bus or an
// archive may write it anew) are equal.
func canonical(b []byte, v *value, skipVolatile bool) []byte {
	switch v.kind {
	case boolean:
		return append(b, v.text...)
	case number:
		return append(b, normalNumber(v.text)...)
	case text:
		return quoted(b, v.text)
	case array:
		b = append(b, '[')
		for i := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = canonical(b, &v.members[i].val, skipVolatile)
		}
		return append(b, ']')
	case object:
		order := make([]*member, 0, len(v.members))
		for i := range v.members {
			if !skipVolatile || !v.members[i].volatile {
				order = append(order, &v.members[i])
			}
		}
		slices.SortStableFunc(order, func(a, c *member) int { return strings.Compare(a.key, c.key) })
		b = append(b, '{')
		for i, m := range order {
			if i > 0 {
				b = append(b, ',')
			}
			b = quoted(b, m.key)
			b = append(b, ':')
			b = canonical(b, &m.val, skipVolatile)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// quoted appends a string so that no two strings read the same: as it stands between quotes or, if it has what would
// end or escape it, as Go quotes it, which then has a backslash.
func quoted(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return strconv.AppendQuote(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// normalNumber writes a JSON number as digits without zeros at either end and an exponent: 25, 25.0 and 2.5e1 are
// all 25e0. An exponent too large to add is left as it stands.
func normalNumber(s string) string {
	sign, mantissa, exp := "", s, 0
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		e, err := strconv.Atoi(mantissa[i+1:])
		if err != nil || e > 1<<20 || e < -1<<20 {
			return s
		}
		mantissa, exp = mantissa[:i], e
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+frac, "0")
	exp -= len(frac)
	short := strings.TrimRight(digits, "0")
	if short == "" {
		return "0"
	}
	return sign + short + "e" + strconv.Itoa(exp+len(digits)-len(short))
}

// RowID identifies an event that made no touch by its payload alone: a redelivery and a republish have the same. It
// is the id of the event's quarantine or ignored row.
func RowID(e *event.Envelope) string {
	h := sha256.New()
	var n [8]byte
	part := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	part([]byte(e.Source))
	part([]byte(e.DetailType))
	if v, err := parseDoc(e.Detail); err == nil {
		part(canonical(nil, &v, false))
	} else {
		part(e.Detail)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
