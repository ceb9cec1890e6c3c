package dynamo

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"

	"handoff/shared/store"
)

// place is where a page ended.
type place struct {
	Partition string `json:"p"`
	Sort      string `json:"s"`
	Due       int64  `json:"d,omitempty"`
}

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

// makeCursor holds the query's mark and the place.
func makeCursor(mark uint64, p place) string {
	b, _ := json.Marshal(p) // two texts and a number: cannot fail
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, mark), b...))
}

func parseCursor(s string, mark uint64) (place, error) {
	var p place
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) <= 8 || binary.BigEndian.Uint64(b) != mark || json.Unmarshal(b[8:], &p) != nil ||
		(store.Key{Partition: p.Partition, Sort: p.Sort}).Check() != nil {
		return p, fmt.Errorf("cursor %.60q belongs to another query: %w", s, store.ErrInvalid)
	}
	return p, nil
}
