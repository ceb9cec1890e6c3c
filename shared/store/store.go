// Package store is the contract between the domain and whatever keeps its items. It promises only what DynamoDB
// does: a conditional write of one item that returns what stood there, a transaction of two items, consistent
// paged queries inside one partition, a sharded time index, 400 KB an item. Nothing is ever atomic with the bus.
//
// Two drivers implement it, shared/embedded and shared/dynamo; shared/storetest holds both to these comments. Which
// partition and sort keys exist is decided above, once, so the drivers cannot disagree about it.
package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The errors a driver may return, besides the context's own. Every other error is translated to one of these.
var (
	ErrNotFound    = errors.New("not found")
	ErrConflict    = errors.New("conflict")    // the condition failed; nothing was written: see Conflict
	ErrTooLarge    = errors.New("too large")   // key and body exceed MaxItem
	ErrInvalid     = errors.New("invalid")     // an empty key, a cursor of another query
	ErrUnavailable = errors.New("unavailable") // throttled or unreachable: retry; for writes the outcome is unknown
)

// Limits shared by all drivers.
const (
	MaxItem = 400 << 10 // bytes of key and body together
	Shards  = 16        // of the time index
)

// Key names one item. Both parts are non-empty, valid UTF-8; items of a partition are ordered by the bytes of Sort.
type Key struct {
	Partition string
	Sort      string
}

// Record is one item.
type Record struct {
	Key
	// Version counts the item's writes. As read: 1 or more. As written: the version the writer last saw, 0 for "must
	// not exist yet". The stored version is one higher.
	Version int64
	// Due places the item in the time index under this unix second; 0 keeps it out.
	Due  int64
	Body []byte
}

// Conflict is the error of a write whose Version did not hold. It unwraps to ErrConflict.
type Conflict struct {
	Key      Key
	Existing *Record // what stands there; nil where nothing does, or where a transaction could not tell
}

func (c *Conflict) Error() string {
	if c.Existing == nil {
		return fmt.Sprintf("conflict: %s / %s does not exist at the expected version", c.Key.Partition, c.Key.Sort)
	}
	return fmt.Sprintf("conflict: %s / %s is at version %d", c.Key.Partition, c.Key.Sort, c.Existing.Version)
}

func (c *Conflict) Unwrap() error { return ErrConflict }

// Query reads one partition in order of Sort, From inclusive, Until exclusive (empty: no bound).
type Query struct {
	Partition string
	From      string
	Until     string
	Reverse   bool
	Limit     int    // at most this many records a page; 0 lets the driver choose
	Cursor    string // from the page before; opaque
}

// Page is part of an answer. A page may be short, even empty, and still have a Cursor; only an empty Cursor ends it.
type Page struct {
	Records []Record
	Cursor  string
}

// Table keeps items. All reads are consistent: they see every write that was acknowledged before they began. An
// acknowledged write survives the process being killed. Methods are safe for concurrent use. Bodies returned
// belong to the caller; bodies given are not kept.
type Table interface {
	// Get returns one item, or ErrNotFound.
	Get(ctx context.Context, k Key) (Record, error)
	// GetMany returns an answer per key in the same order; Version 0 stands for "not found". A key may be asked twice.
	GetMany(ctx context.Context, keys []Key) ([]Record, error)
	// Put writes one item if its Version holds, else returns *Conflict.
	Put(ctx context.Context, r Record) error
	// PutMany is many Puts, each conditional by itself, none atomic with another: an error per record, nil where
	// written. Keys are distinct. It is cheaper than Put in a loop.
	PutMany(ctx context.Context, rs []Record) []error
	// PutPair writes two items of one table or neither.
	PutPair(ctx context.Context, a, b Record) error
	// Query returns a page of one partition.
	Query(ctx context.Context, q Query) (Page, error)
	// DueBefore returns a page of the items of one shard (0 to Shards-1) whose Due is not 0 and at most until,
	// earliest first. It may lag behind writes by moments, so callers re-read before they act: the records hold Key
	// and Due alone.
	DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (Page, error)
}

// Scanner walks a whole table in no promised order. It is the operator's: no function may use it.
type Scanner interface {
	Scan(ctx context.Context, limit int, cursor string) (Page, error)
}

// Eraser deletes for good. It is the operator's (forget): no function may use it.
type Eraser interface {
	Delete(ctx context.Context, k Key) error
}
