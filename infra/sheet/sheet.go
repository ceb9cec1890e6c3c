// Package sheet keeps a table in memory, for questions that fold a part of the history once more: what was known by
// then, and what would be with this besides. A sheet can be forked: the fork sees all of what stands in it and keeps
// what is written to it to itself, so that a long history is folded once however many questions are asked of it.
package sheet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"handoff/shared/store"
)

// Table is a store.Table in memory. It is nobody's durable store.
type Table struct {
	under *Table // read through, and not to be written any more while this one is used
	mu    sync.Mutex
	parts map[string]*partition
}

var _ store.Table = (*Table)(nil)

// partition holds what was written to one, by sort key. Keys are put in order when they are asked for: history is
// mostly written, and read in order only where an account has to be folded anew.
type partition struct {
	rows    map[string]store.Record
	sorts   []string
	ordered bool
}

// page is how many records a page has unless the query says less.
const page = 1000

// near is how far from the end of a list a key is put in its place at once.
const near = 1000

// New is an empty table.
func New() *Table { return &Table{parts: map[string]*partition{}} }

// Fork is a table that begins as t stands. As long as it is used, t is not to be written.
func (t *Table) Fork() *Table { return &Table{under: t, parts: map[string]*partition{}} }

// read returns what stands at k, with Version 0 for nothing. The caller holds the lock of the topmost table.
func (t *Table) read(k store.Key) store.Record {
	for ; t != nil; t = t.under {
		if p := t.parts[k.Partition]; p != nil {
			if r, ok := p.rows[k.Sort]; ok {
				return r
			}
		}
	}
	return store.Record{Key: k}
}

// give is a record whose body is the caller's.
func give(r store.Record) store.Record {
	r.Body = bytes.Clone(r.Body)
	return r
}

// Get returns one item, or ErrNotFound.
func (t *Table) Get(ctx context.Context, k store.Key) (store.Record, error) {
	rs, err := t.GetMany(ctx, []store.Key{k})
	if err != nil {
		return store.Record{}, err
	}
	if rs[0].Version == 0 {
		return store.Record{}, fmt.Errorf("sheet: %s / %s: %w", k.Partition, k.Sort, store.ErrNotFound)
	}
	return rs[0], nil
}

// GetMany returns an answer per key in the same order; Version 0 stands for "not found".
func (t *Table) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := make([]store.Record, len(keys))
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, k := range keys {
		if err := k.Check(); err != nil {
			return nil, fmt.Errorf("sheet: %w", err)
		}
		out[i] = give(t.read(k))
	}
	return out, nil
}

// Put writes one item if its Version holds, else returns *Conflict.
func (t *Table) Put(ctx context.Context, r store.Record) error {
	return t.PutMany(ctx, []store.Record{r})[0]
}

// PutMany is many Puts, each conditional by itself.
func (t *Table) PutMany(ctx context.Context, rs []store.Record) []error {
	errs := make([]error, len(rs))
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range rs {
		if errs[i] = t.may(ctx, &rs[i]); errs[i] == nil {
			t.write(rs[i])
		}
	}
	return errs
}

// PutPair writes two items or neither.
func (t *Table) PutPair(ctx context.Context, a, b store.Record) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.Key == b.Key {
		return fmt.Errorf("sheet: a pair of one key, %s / %s: %w", a.Partition, a.Sort, store.ErrInvalid)
	}
	if err := cmp.Or(t.may(ctx, &a), t.may(ctx, &b)); err != nil {
		return err
	}
	t.write(a)
	t.write(b)
	return nil
}

// may says why a record cannot be written; nil where it can.
func (t *Table) may(ctx context.Context, r *store.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	stands := t.read(r.Key)
	if stands.Version == r.Version {
		return nil
	}
	c := &store.Conflict{Key: r.Key}
	if stands.Version > 0 {
		existing := give(stands)
		c.Existing = &existing
	}
	return c
}

func (t *Table) write(r store.Record) {
	p := t.parts[r.Partition]
	if p == nil {
		p = &partition{rows: map[string]store.Record{}, ordered: true}
		t.parts[r.Partition] = p
	}
	if _, ok := p.rows[r.Sort]; !ok {
		p.add(r.Sort)
	}
	r.Version++
	p.rows[r.Sort] = give(r)
}

// add takes a new key to where it belongs, if that is near the end: a touch is recorded soon after it happens. Far from
// it that would cost a copy of the list each time; then the list is sorted when it is next read.
func (p *partition) add(s string) {
	if p.ordered {
		if i := sort.SearchStrings(p.sorts, s); len(p.sorts)-i <= near {
			p.sorts = slices.Insert(p.sorts, i, s)
			return
		}
	}
	p.sorts, p.ordered = append(p.sorts, s), false
}

// between are the sort keys of a range, in order.
func (p *partition) between(from, until string) []string {
	if !p.ordered {
		slices.Sort(p.sorts)
		p.ordered = true
	}
	lo, hi := sort.SearchStrings(p.sorts, from), len(p.sorts)
	if until != "" {
		hi = sort.SearchStrings(p.sorts, until)
	}
	return p.sorts[min(lo, hi):hi]
}

// mark tells queries apart, so that a cursor of another one is refused rather than misread.
type mark struct {
	Kind        string
	Partition   string
	From, Until string
	Reverse     bool
	Shard       int
	At          store.Key
	Due         int64
}

func (m mark) cursor() string {
	b, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("sheet: encode a cursor: %v", err)) // texts and numbers alone
	}
	return string(b)
}

// resume reads where a cursor of the same query stands.
func (m mark) resume(cursor string) (at store.Key, due int64, err error) {
	if cursor == "" {
		return at, 0, nil
	}
	var c mark
	err = json.Unmarshal([]byte(cursor), &c)
	at, due = c.At, c.Due
	if c.At, c.Due = m.At, m.Due; err != nil || c != m || at.Sort == "" {
		return at, due, fmt.Errorf("sheet: cursor %.60q belongs to another query: %w", cursor, store.ErrInvalid)
	}
	return at, due, nil
}

// Query returns a page of one partition.
func (t *Table) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, err
	}
	if q.Partition == "" {
		return store.Page{}, fmt.Errorf("sheet: a query names a partition: %w", store.ErrInvalid)
	}
	m := mark{Kind: "query", Partition: q.Partition, From: q.From, Until: q.Until, Reverse: q.Reverse}
	at, _, err := m.resume(q.Cursor)
	if err != nil {
		return store.Page{}, err
	}
	from, until := q.From, q.Until
	switch {
	case q.Cursor == "":
	case q.Reverse:
		until = at.Sort
	default:
		from = at.Sort + "\x00"
	}
	limit := q.Limit
	if limit <= 0 || limit > page {
		limit = page
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var out store.Page
	for _, s := range t.first(q.Partition, from, until, limit+1, q.Reverse) {
		if len(out.Records) == limit {
			m.At = out.Records[limit-1].Key
			out.Cursor = m.cursor()
			break
		}
		out.Records = append(out.Records, give(t.read(store.Key{Partition: q.Partition, Sort: s})))
	}
	return out, nil
}

// first are the first n sort keys of a range of all layers, in the order asked for.
func (t *Table) first(name, from, until string, n int, reverse bool) []string {
	var lists [][]string
	for ; t != nil; t = t.under {
		if p := t.parts[name]; p != nil {
			lists = append(lists, p.between(from, until))
		}
	}
	var out []string
	for len(out) < n {
		next, found := "", false
		for _, l := range lists {
			if len(l) == 0 {
				continue
			}
			s := l[0]
			if reverse {
				s = l[len(l)-1]
			}
			if !found || (s < next) != reverse && s != next {
				next, found = s, true
			}
		}
		if !found {
			break
		}
		out = append(out, next)
		for i, l := range lists {
			switch {
			case len(l) == 0:
			case !reverse && l[0] == next:
				lists[i] = l[1:]
			case reverse && l[len(l)-1] == next:
				lists[i] = l[:len(l)-1]
			}
		}
	}
	return out
}

// DueBefore returns a page of the items of one shard that are due, earliest first. It looks at every item.
func (t *Table) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, err
	}
	if shard < 0 || shard >= store.Shards {
		return store.Page{}, fmt.Errorf("sheet: there is no shard %d: %w", shard, store.ErrInvalid)
	}
	m := mark{Kind: "due", Shard: shard}
	at, after, err := m.resume(cursor)
	if err != nil {
		return store.Page{}, err
	}
	if limit <= 0 || limit > page {
		limit = page
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var due []store.Record
	seen := map[store.Key]bool{}
	for layer := t; layer != nil; layer = layer.under {
		for name, p := range layer.parts {
			if store.ShardOf(name) != shard {
				continue
			}
			for _, r := range p.rows {
				if seen[r.Key] {
					continue
				}
				seen[r.Key] = true
				if r.Due > 0 && r.Due <= until.Unix() && (cursor == "" || byDue(r, store.Record{Key: at, Due: after}) > 0) {
					due = append(due, store.Record{Key: r.Key, Due: r.Due})
				}
			}
		}
	}
	slices.SortFunc(due, byDue)
	if len(due) <= limit {
		return store.Page{Records: due}, nil
	}
	m.At, m.Due = due[limit-1].Key, due[limit-1].Due
	return store.Page{Records: due[:limit], Cursor: m.cursor()}, nil
}

func byDue(a, b store.Record) int {
	return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.Partition, b.Partition), strings.Compare(a.Sort, b.Sort))
}
