package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"handoff/shared/store"
)

// How a row is stored. What its key says is not said again, and the body stands as it is: bytes written are money.
//
//	key    t#<time>#<type>#<id>#<revision> or l#<id>, under the owner
//	item   1, recorded_at, chunks, and of a link time and revision: varints, times in milliseconds; then the body
//	part   b#<the row's sort key>#<digest of the body>#<number>: at most maxBody bytes of a long body each; the row's
//	       own body is then the digest
const (
	format     = 1
	maxBody    = 300 << 10
	maxParts   = 1000 // the width of a part's number in its key: 300 MB
	partPrefix = "b#"
	timeLayout = "20060102T150405.000" // sorts as text
)

// MaxRevision is as high as a row's revision goes: keys hold three digits.
const MaxRevision = 999

// Key is where a row stands.
func (r *Row) Key() store.Key {
	b := make([]byte, 0, 64)
	if r.Type == Link {
		b = append(append(b, "l#"...), r.ID...)
		return store.Key{Partition: r.Owner, Sort: string(b)}
	}
	b = append(b, "t#"...)
	b = r.Time.UTC().AppendFormat(b, timeLayout)
	b = append(append(b, '#'), r.Type...)
	b = append(append(b, '#'), r.ID...)
	b = append(b, '#')
	for width := 100; width > 1 && r.Revision < width; width /= 10 {
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, int64(r.Revision), 10)
	return store.Key{Partition: r.Owner, Sort: string(b)}
}

// parseKey sets what the key says of a row.
func (r *Row) parseKey(k store.Key) (err error) {
	r.Owner = k.Partition
	if id, ok := strings.CutPrefix(k.Sort, "l#"); ok {
		r.Type, r.ID = Link, id
		return nil
	}
	rest, ok := strings.CutPrefix(k.Sort, "t#")
	at, rest, ok2 := strings.Cut(rest, "#")
	kind, rest, ok3 := strings.Cut(rest, "#")
	i := strings.LastIndexByte(rest, '#') // an id may hold #
	if !ok || !ok2 || !ok3 || i < 0 {
		return fmt.Errorf("its key is not that of a row")
	}
	r.Type, r.ID = Type(kind), rest[:i]
	if r.Time, err = time.ParseInLocation(timeLayout, at, time.UTC); err == nil {
		r.Revision, err = strconv.Atoi(rest[i+1:])
	}
	return err
}

// bound is the sort key below which the rows before t stand.
func bound(t time.Time) string {
	switch y := t.UTC().Year(); {
	case y > 9999:
		return "t$"
	case y < 1:
		return "t#"
	}
	if whole := t.Truncate(time.Millisecond); whole.Before(t) {
		t = whole.Add(time.Millisecond) // rows are of whole milliseconds: the next is the first not before t
	}
	return "t#" + t.UTC().Format(timeLayout)
}

// kept is the row as it will be read.
func (r Row) kept() Row {
	r.Time = time.UnixMilli(r.Time.UnixMilli()).UTC()
	r.RecordedAt = time.UnixMilli(r.RecordedAt.UnixMilli()).UTC()
	r.Body = bytes.Clone(r.Body)
	return r
}

func (r *Row) check() error {
	switch y := r.Time.UTC().Year(); {
	case r.Owner == "" || r.Type == "" || r.ID == "":
		return fmt.Errorf("ledger: a row needs owner, type and id, got %q, %q, %q: %w", r.Owner, r.Type, r.ID, store.ErrInvalid)
	case strings.Contains(string(r.Type), "#"):
		return fmt.Errorf("ledger: the type of a row must not contain #, got %q: %w", r.Type, store.ErrInvalid)
	case r.Revision < 0 || r.Revision > MaxRevision:
		return fmt.Errorf("ledger: revision %d of %s %s is not within 0 to %d: %w", r.Revision, r.Type, r.ID, MaxRevision, store.ErrInvalid)
	case y < 1 || y > 9999:
		return fmt.Errorf("ledger: the time of %s %s is in the year %d, which does not sort: %w", r.Type, r.ID, y, store.ErrInvalid)
	case len(r.Body) > maxBody*maxParts:
		return fmt.Errorf("ledger: the body of %s %s has %d bytes of at most %d: %w", r.Type, r.ID, len(r.Body), maxBody*maxParts, store.ErrTooLarge)
	case r.Chunks != 0:
		return fmt.Errorf("ledger: %s %s has chunks already: give it its whole body: %w", r.Type, r.ID, store.ErrInvalid)
	}
	return nil
}

// encode makes the record of a row, and those of the parts of a body that is too long for it.
func encode(r *Row) (head store.Record, parts []store.Record, err error) {
	if err := r.check(); err != nil {
		return head, nil, err
	}
	head.Key = r.Key()
	body := []byte(r.Body)
	if len(body) > maxBody {
		// The digest is in the parts' keys: another body under the same row key cannot mix with this one.
		sum := sha256.Sum256(body)
		digest := sum[:16]
		for i := 0; len(body) > 0; i++ {
			n := min(len(body), maxBody)
			parts = append(parts, store.Record{Key: partKey(head.Key, digest, i), Body: body[:n]})
			body = body[n:]
		}
		body = digest
	}
	b := make([]byte, 0, 24+len(body))
	b = append(b, format)
	b = binary.AppendVarint(b, r.RecordedAt.UnixMilli())
	b = binary.AppendVarint(b, int64(len(parts)))
	if r.Type == Link {
		b = binary.AppendVarint(b, r.Time.UnixMilli())
		b = binary.AppendVarint(b, int64(r.Revision))
	}
	head.Body = append(b, body...)
	return head, parts, nil
}

func partKey(row store.Key, digest []byte, n int) store.Key {
	return store.Key{Partition: row.Partition, Sort: fmt.Sprintf("%s%s#%s#%03d", partPrefix, row.Sort, hex.EncodeToString(digest), n)}
}

// decode reads a row. Its Body may share memory with rec's.
func (l *Ledger) decode(ctx context.Context, rec *store.Record) (*Row, error) {
	damaged := func(err error) (*Row, error) {
		return nil, fmt.Errorf("ledger: row %s / %s cannot be read: %w", rec.Partition, rec.Sort, err)
	}
	r := new(Row)
	if err := r.parseKey(rec.Key); err != nil {
		return damaged(err)
	}
	in := varints{b: rec.Body}
	if len(in.b) == 0 || in.b[0] != format {
		return damaged(fmt.Errorf("its format is not %d: was it written by a newer version?", format))
	}
	in.b = in.b[1:]
	r.RecordedAt = time.UnixMilli(in.next()).UTC()
	chunks := in.next()
	if r.Type == Link {
		r.Time = time.UnixMilli(in.next()).UTC()
		r.Revision = int(in.next())
	}
	if in.short || chunks < 0 || chunks > maxParts {
		return damaged(fmt.Errorf("it is cut off"))
	}
	if chunks == 0 {
		if len(in.b) > 0 {
			r.Body = in.b
		}
		return r, nil
	}
	keys := make([]store.Key, chunks)
	for i := range keys {
		keys[i] = partKey(rec.Key, in.b, i)
	}
	parts, err := l.Table.GetMany(ctx, keys)
	if err != nil {
		return damaged(fmt.Errorf("the parts of its body: %w", err))
	}
	var body []byte
	for i := range parts {
		if parts[i].Version == 0 {
			return damaged(fmt.Errorf("part %d of %d of its body is missing", i+1, chunks))
		}
		body = append(body, parts[i].Body...)
	}
	r.Body = body
	return r, nil
}

// varints reads them one by one and remembers whether one was missing.
type varints struct {
	b     []byte
	short bool
}

func (v *varints) next() int64 {
	n, size := binary.Varint(v.b)
	if size <= 0 {
		v.short = true
		return 0
	}
	v.b = v.b[size:]
	return n
}
