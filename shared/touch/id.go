// Package touch defines the canonical touch: one thing observed, once, from one tool. A touch is a fact about
// the past; what is inferred from touches is a signal and lives elsewhere.
package touch

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrInvalid is wrapped by errors about a touch or an id that breaks the canonical form.
var ErrInvalid = errors.New("invalid touch")

// ID identifies a touch for ever. It is made from the producer's payload alone, never from state or from the
// bus's envelope, so every redelivery of one event makes the same id: source, the source's event type, the
// producer's own id, and the ordinal of the touch among those that the event makes.
//
// It holds the first 80 bits of a SHA-256. Rows are keyed by (subject, time, id), so two touches would have to
// share all three to be confused.
type ID [10]byte

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID derives a touch's id. Fields are length-prefixed, so no two different tuples hash the same input.
func NewID(source, sourceType, producerID string, ordinal int) ID {
	h := sha256.New()
	var n [4]byte
	for _, s := range [...]string{source, sourceType, producerID} {
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	binary.BigEndian.PutUint32(n[:], uint32(ordinal))
	h.Write(n[:])
	var id ID
	copy(id[:], h.Sum(nil))
	return id
}

// String is 16 characters of Crockford's base 32, lower case.
func (id ID) String() string { return idText.EncodeToString(id[:]) }

// ParseID reads what String wrote.
func ParseID(s string) (ID, error) {
	var id ID
	b, err := idText.DecodeString(s)
	if err != nil || len(b) != len(id) || len(s) != idText.EncodedLen(len(id)) { // the decoder skips line ends
		return id, fmt.Errorf("%w: id %.40q is not 16 characters of base 32", ErrInvalid, s)
	}
	copy(id[:], b)
	return id, nil
}

// MarshalText writes String, so an ID is a string in JSON and may be a map key.
func (id ID) MarshalText() ([]byte, error) { return idText.AppendEncode(nil, id[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	*id = v
	return err
}
