// Package ledger lays the append-only history out in a store.Table: touches, links, enrichments, decisions, handoff
// history, receipts, credits, policy texts, quarantined and ignored events. A row is written once and never
// changed; a second append of the same key is answered with the row that stands there.
//
// Layout: the partition is the owner of the row (a subject for its timeline, a day's shard for quarantine), the sort
// key begins with a letter: "t#" the timeline by time, "l#" links (an account's list of members), "b#" parts of long
// bodies.
package ledger

import (
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
	Default    Type = "default" // the text of a policy that was in force without having been activated
	Quarantine Type = "quarantine"
	Ignored    Type = "ignored"
)

// Row is one entry. Owner, Type, Time, ID and Revision are its key (of a link: Owner and ID).
type Row struct {
	Owner      string          `json:"owner"` // a subject, or DayOwner for rows that have none
	Type       Type            `json:"type"`
	Time       time.Time       `json:"time"` // the event's own time; UTC, kept to the millisecond
	ID         string          `json:"id"`
	Revision   int             `json:"revision,omitempty"` // 0 to MaxRevision
	RecordedAt time.Time       `json:"recorded_at"`        // UTC, kept to the millisecond
	Chunks     int             `json:"chunks,omitempty"`   // always 0: long bodies are put together again before a row is given out
	Body       json.RawMessage `json:"body,omitempty"`     // JSON, of any length; stored as it is and not looked into
}

// Result says what became of an appended row.
type Result struct {
	Existing *Row // set when the key was taken: nothing was written
	Err      error
}

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

// Append writes rows, each by itself, and answers each in order. Chunks go first, so a row that can be seen is whole.
// Of rows with the same key in one call the first counts; the others are answered as if they came later.
func (l *Ledger) Append(ctx context.Context, rows []Row) []Result {
	out := make([]Result, len(rows))
	recs := make([]store.Record, 0, len(rows))
	at := make([]int, 0, len(rows))
	first := make(map[store.Key]int, len(rows))
	var repeats []int
	for i := range rows {
		head, parts, err := encode(&rows[i])
		if err != nil {
			out[i].Err = err
			continue
		}
		if _, ok := first[head.Key]; ok {
			repeats = append(repeats, i)
			continue
		}
		first[head.Key] = i
		if len(parts) > 0 {
			if out[i].Err = l.putParts(ctx, parts); out[i].Err != nil {
				continue
			}
		}
		recs, at = append(recs, head), append(at, i)
	}
	if len(recs) > 0 {
		for j, err := range l.Table.PutMany(ctx, recs) {
			out[at[j]] = l.result(ctx, &rows[at[j]], err)
		}
	}
	for _, i := range repeats {
		out[i] = out[first[rows[i].Key()]]
		if out[i].Err == nil && out[i].Existing == nil {
			stands := rows[first[rows[i].Key()]].kept()
			out[i].Existing = &stands
		}
	}
	return out
}

// result translates what the table said of one row.
func (l *Ledger) result(ctx context.Context, r *Row, err error) (res Result) {
	var c *store.Conflict
	switch {
	case errors.As(err, &c) && c.Existing != nil:
		res.Existing, res.Err = l.decode(ctx, c.Existing)
	case err != nil:
		res.Err = fmt.Errorf("ledger: append %s %s for %s: %w", r.Type, r.ID, r.Owner, err)
	}
	return res
}

// AppendOne appends one row; an existing one is not an error.
func (l *Ledger) AppendOne(ctx context.Context, r Row) (existing *Row, err error) {
	res := l.Append(ctx, []Row{r})[0]
	return res.Existing, res.Err
}

// putParts writes the parts of one body. A part that stands there already came from an earlier try of the same body.
func (l *Ledger) putParts(ctx context.Context, parts []store.Record) error {
	for _, err := range l.Table.PutMany(ctx, parts) {
		if err != nil && !errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("ledger: append part of a long body: %w", err)
		}
	}
	return nil
}

// Decode reads a row from a record that a scan of the table gave; ok is false for chunk rows.
func (l *Ledger) Decode(ctx context.Context, rec store.Record) (r *Row, ok bool, err error) {
	if strings.HasPrefix(rec.Sort, partPrefix) {
		return nil, false, nil
	}
	r, err = l.decode(ctx, &rec)
	return r, err == nil, err
}

// Get returns the row at the key of r, or store.ErrNotFound.
func (l *Ledger) Get(ctx context.Context, r Row) (*Row, error) {
	rec, err := l.Table.Get(ctx, r.Key())
	if err != nil {
		return nil, fmt.Errorf("ledger: get %s %s of %s: %w", r.Type, r.ID, r.Owner, err)
	}
	return l.decode(ctx, &rec)
}

// Timeline yields an owner's rows in order of time, from inclusive, until exclusive; zero times are no bound.
func (l *Ledger) Timeline(ctx context.Context, owner string, from, until time.Time) iter.Seq2[*Row, error] {
	q := store.Query{Partition: owner, From: "t#", Until: "t$"}
	if !from.IsZero() {
		q.From = bound(from)
	}
	if !until.IsZero() {
		q.Until = bound(until)
	}
	return l.rows(ctx, q)
}

// Links yields the rows of an owner's list of links in order of id.
func (l *Ledger) Links(ctx context.Context, owner string) iter.Seq2[*Row, error] {
	return l.rows(ctx, store.Query{Partition: owner, From: "l#", Until: "l$"})
}

// Whole yields an owner's links and after them the timeline, by one query.
func (l *Ledger) Whole(ctx context.Context, owner string) iter.Seq2[*Row, error] {
	return l.rows(ctx, store.Query{Partition: owner, From: "l#", Until: "t$"})
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
				r, err := l.decode(ctx, &page.Records[i])
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
