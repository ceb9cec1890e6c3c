// Package ledger lays the append-only history out in a store.Table: touches, links, enrichments, decisions, handoff
// history, receipts, credits, policy texts, quarantined and ignored events. A row is written once and never
// changed; a second append of the same key is answered with the row that stands there.
//
// Layout: the partition is the owner of the row (a subject for its timeline, a day's shard for quarantine), the sort
// key begins with a letter: "t#" the timeline by time, "l#" links (an account's list of members).
package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"strings"
	"time"

	"handoff/shared/store"
)

// Type names what a row records.
type Type string

// The types of row.
const (
	Touch      Type = "touch"
	Link       Type = "link"
	Enrichment Type = "enrichment"
	Decision   Type = "decision"
	Handoff    Type = "handoff"
	Receipt    Type = "receipt"
	Conversion Type = "conversion"
	Credit     Type = "credit"
	Policy     Type = "policy"
	Quarantine Type = "quarantine"
	Ignored    Type = "ignored"
)

// Row is one entry.
type Row struct {
	Owner      string          `json:"owner"` // a subject, or DayOwner for rows that have none
	Type       Type            `json:"type"`
	Time       time.Time       `json:"time"` // the event's own time; whole milliseconds, UTC
	ID         string          `json:"id"`
	Revision   int             `json:"revision,omitempty"`
	RecordedAt time.Time       `json:"recorded_at"`
	Chunks     int             `json:"chunks,omitempty"` // further rows that hold the rest of Body
	Body       json.RawMessage `json:"body,omitempty"`
}

// Result says what became of an appended row.
type Result struct {
	Existing *Row // set when the key was taken: nothing was written
	Err      error
}

// maxBody is what one row holds of a body; the rest goes to chunk rows.
const maxBody = 300 << 10

// timeLayout sorts as text.
const timeLayout = "20060102T150405.000"

// Ledger reads and appends rows.
type Ledger struct{ Table store.Table }

// DayOwner is the partition for rows without a subject, spread over 16 shards a day by id.
func DayOwner(t Type, at time.Time, id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return dayOwner(t, at, int(h.Sum32()%store.Shards))
}

// DayOwners lists all partitions that DayOwner may name for a day.
func DayOwners(t Type, day time.Time) []string {
	out := make([]string, store.Shards)
	for i := range out {
		out[i] = dayOwner(t, day, i)
	}
	return out
}

func dayOwner(t Type, at time.Time, shard int) string {
	return fmt.Sprintf("%s:%s/%02d", t, at.UTC().Format("2006-01-02"), shard)
}

// Key is where a row stands.
func (r *Row) Key() store.Key {
	if r.Type == Link {
		return store.Key{Partition: r.Owner, Sort: "l#" + r.ID}
	}
	return store.Key{Partition: r.Owner, Sort: fmt.Sprintf("t#%s#%s#%s#%03d", r.Time.UTC().Format(timeLayout), r.Type, r.ID, r.Revision)}
}

// Append writes rows, each by itself, and answers each in order. Chunks go first, so a row that can be seen is whole.
func (l *Ledger) Append(ctx context.Context, rows []Row) []Result {
	out := make([]Result, len(rows))
	recs := make([]store.Record, 0, len(rows))
	at := make([]int, 0, len(rows))
	for i := range rows {
		rec, chunks, err := encode(rows[i])
		if err == nil && len(chunks) > 0 {
			err = l.putChunks(ctx, chunks)
		}
		if err != nil {
			out[i].Err = err
			continue
		}
		recs, at = append(recs, rec), append(at, i)
	}
	if len(recs) == 0 {
		return out
	}
	for j, err := range l.Table.PutMany(ctx, recs) {
		var c *store.Conflict
		switch i := at[j]; {
		case errors.As(err, &c) && c.Existing != nil:
			out[i].Existing, out[i].Err = l.decode(ctx, *c.Existing)
		case err != nil:
			out[i].Err = fmt.Errorf("ledger: append %s %s for %s: %w", rows[i].Type, rows[i].ID, rows[i].Owner, err)
		}
	}
	return out
}

// AppendOne appends one row; an existing one is not an error.
func (l *Ledger) AppendOne(ctx context.Context, r Row) (existing *Row, err error) {
	res := l.Append(ctx, []Row{r})[0]
	return res.Existing, res.Err
}

// putChunks writes the parts of one body. A part that stands there already came from an earlier try of the same
// body or, under the same key, from another one; the head row decides which body counts, so parts carry its digest.
func (l *Ledger) putChunks(ctx context.Context, chunks []store.Record) error {
	for _, err := range l.Table.PutMany(ctx, chunks) {
		if err != nil && !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("ledger: append part of a long body: %w", err)
		}
	}
	return nil
}

func encode(r Row) (store.Record, []store.Record, error) {
	key := r.Key()
	var chunks []store.Record
	if len(r.Body) > maxBody {
		// The body's digest is in the parts' key: another body under the same row key cannot mix with this one.
		prefix := fmt.Sprintf("b#%s#%s", key.Sort, digest(r.Body))
		for i, rest := 0, []byte(r.Body); len(rest) > 0; i++ {
			n := min(len(rest), maxBody)
			chunks = append(chunks, store.Record{Key: store.Key{Partition: key.Partition, Sort: fmt.Sprintf("%s#%03d", prefix, i)}, Body: rest[:n]})
			rest = rest[n:]
		}
		r.Chunks = len(chunks)
		ref, err := json.Marshal(prefix)
		if err != nil {
			return store.Record{}, nil, err
		}
		r.Body = ref
	}
	body, err := json.Marshal(r)
	if err != nil {
		return store.Record{}, nil, fmt.Errorf("ledger: encode %s %s: %w", r.Type, r.ID, err)
	}
	return store.Record{Key: key, Body: body}, chunks, nil
}

func (l *Ledger) decode(ctx context.Context, rec store.Record) (*Row, error) {
	var r Row
	if err := json.Unmarshal(rec.Body, &r); err != nil {
		return nil, fmt.Errorf("ledger: decode %s / %s: %w", rec.Partition, rec.Sort, err)
	}
	if r.Chunks == 0 {
		return &r, nil
	}
	var prefix string
	if err := json.Unmarshal(r.Body, &prefix); err != nil {
		return nil, fmt.Errorf("ledger: decode %s / %s: %w", rec.Partition, rec.Sort, err)
	}
	var body bytes.Buffer
	for i := range r.Chunks {
		part, err := l.Table.Get(ctx, store.Key{Partition: rec.Partition, Sort: fmt.Sprintf("%s#%03d", prefix, i)})
		if err != nil {
			return nil, fmt.Errorf("ledger: part %d of %s / %s: %w", i, rec.Partition, rec.Sort, err)
		}
		body.Write(part.Body)
	}
	r.Body, r.Chunks = body.Bytes(), 0
	return &r, nil
}

func digest(b []byte) string {
	h := fnv.New128a()
	h.Write(b)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// Decode reads a row from a record that a scan of the table gave; ok is false for chunk rows.
func (l *Ledger) Decode(ctx context.Context, rec store.Record) (r *Row, ok bool, err error) {
	if strings.HasPrefix(rec.Sort, "b#") {
		return nil, false, nil
	}
	r, err = l.decode(ctx, rec)
	return r, err == nil, err
}

// Get returns the row at the key of r, or store.ErrNotFound.
func (l *Ledger) Get(ctx context.Context, r Row) (*Row, error) {
	rec, err := l.Table.Get(ctx, r.Key())
	if err != nil {
		return nil, err
	}
	return l.decode(ctx, rec)
}

// Timeline yields an owner's rows in order of time, from inclusive, until exclusive; zero times are no bound.
func (l *Ledger) Timeline(ctx context.Context, owner string, from, until time.Time) iter.Seq2[*Row, error] {
	q := store.Query{Partition: owner, From: "t#", Until: "t$"}
	if !from.IsZero() {
		q.From = "t#" + from.UTC().Format(timeLayout)
	}
	if !until.IsZero() {
		q.Until = "t#" + until.UTC().Format(timeLayout)
	}
	return l.rows(ctx, q)
}

// Links yields the rows of an owner's list of links in order of id.
func (l *Ledger) Links(ctx context.Context, owner string) iter.Seq2[*Row, error] {
	return l.rows(ctx, store.Query{Partition: owner, From: "l#", Until: "l$"})
}

func (l *Ledger) rows(ctx context.Context, q store.Query) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		for {
			page, err := l.Table.Query(ctx, q)
			if err != nil {
				yield(nil, fmt.Errorf("ledger: query %s: %w", q.Partition, err))
				return
			}
			for i := range page.Records {
				r, err := l.decode(ctx, page.Records[i])
				if !yield(r, err) || err != nil {
					return
				}
			}
			if page.Cursor == "" {
				return
			}
			q.Cursor = page.Cursor
		}
	}
}
