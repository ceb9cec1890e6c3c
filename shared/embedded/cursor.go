package embedded

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"

	"handoff/shared/store"
)

// fingerprint tells queries apart, so that a cursor of another one is refused rather than misread.
func fingerprint(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return h.Sum64()
}

// makeCursor holds the query's mark and the last key of the page.
func makeCursor(mark uint64, key []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, mark), key...))
}

func parseCursor(s string, mark uint64) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) <= 8 || binary.BigEndian.Uint64(b) != mark {
		return nil, fmt.Errorf("cursor %.60q belongs to another query: %w", s, store.ErrInvalid)
	}
	return b[8:], nil
}
