// Package dynamo keeps store tables in DynamoDB. It is the store of the deployed functions and of the operator's command
// on a deployed stack; what it promises is shared/store's to say, and shared/storetest holds it to that.
//
// An item has the attributes pk and sk (its key), v (its version), b (its body; left out where empty) and, while it is in
// the time index, shard and due, which are also that index's keys. template.yaml declares the tables; see Definition.
//
// Every request is tried several times with a growing, jittered pause. The SDK's own retries are off: after a write whose
// answer was lost, a failed condition may be that very write's doing, and only the loop that saw both can tell (see
// Put). No error of the SDK leaves this package.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/metric"
	"handoff/shared/store"
)

// Reader is what reading needs of the SDK's client.
type Reader interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Writer is what writing needs of it.
type Writer interface {
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Client is both, and *dynamodb.Client is one.
type Client interface {
	Reader
	Writer
}

// Table is one table.
type Table struct {
	Client Client
	Name   string
	// Sleep waits between two tries, or returns the context's error. nil: by the wall clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

var (
	_ store.Table   = (*Table)(nil)
	_ store.Scanner = (*Table)(nil)
	_ store.Eraser  = (*Table)(nil)
)

// New gives a table of that name. Nothing is asked of DynamoDB before the first call.
func New(c Client, name string) *Table { return &Table{Client: c, Name: name} }

// once turns the SDK's own retries off.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// Most of DynamoDB's limits are on a request, so many items become many requests at a time.
const (
	maxBatchGet = 100 // keys of one BatchGetItem
	parallel    = 16  // requests of one call under way at once
)

// Get returns one item, or ErrNotFound.
func (t *Table) Get(ctx context.Context, k store.Key) (store.Record, error) {
	if err := errors.Join(ctx.Err(), k.Check()); err != nil {
		return store.Record{}, fmt.Errorf("dynamo: get: %w", err)
	}
	var out *dynamodb.GetItemOutput
	err := t.try(ctx, func() (err error) {
		out, err = t.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.Name, Key: keyOf(k), ConsistentRead: aws.Bool(true)}, once)
		return err
	})
	if err != nil {
		return store.Record{}, t.failed(ctx, "get", k, err)
	}
	if len(out.Item) == 0 {
		return store.Record{}, fmt.Errorf("dynamo: %s: %s / %s: %w", t.Name, k.Partition, k.Sort, store.ErrNotFound)
	}
	return t.record(out.Item)
}

// GetMany returns an answer per key in the same order; Version 0 stands for "not found".
func (t *Table) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("dynamo: get many: %w", err)
	}
	at := make(map[store.Key]int, len(keys)) // a request must not name a key twice
	var distinct []store.Key
	for _, k := range keys {
		if err := k.Check(); err != nil {
			return nil, fmt.Errorf("dynamo: get many: %w", err)
		}
		if _, ok := at[k]; !ok {
			at[k] = len(distinct)
			distinct = append(distinct, k)
		}
	}
	found := make([]store.Record, len(distinct))
	requests := (len(distinct) + maxBatchGet - 1) / maxBatchGet
	errs := make([]error, requests)
	each(requests, func(i int) {
		from := i * maxBatchGet
		until := min(from+maxBatchGet, len(distinct))
		errs[i] = t.batchGet(ctx, distinct[from:until], found[from:until])
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out := make([]store.Record, len(keys))
	given := make([]bool, len(distinct))
	for i, k := range keys {
		j := at[k]
		out[i] = found[j]
		out[i].Key = k
		if given[j] { // bodies belong to the caller, each for itself
			out[i].Body = append([]byte(nil), out[i].Body...)
		}
		given[j] = true
	}
	return out, nil
}

// batchGet reads up to maxBatchGet distinct keys. DynamoDB leaves keys unprocessed where the answer is full (16 MB) or the
// table is throttled, and does not say which: they are asked for again after a pause, a short one after every answer that
// held something.
func (t *Table) batchGet(ctx context.Context, keys []store.Key, into []store.Record) error {
	at := make(map[store.Key]int, len(keys))
	ask := make([]map[string]types.AttributeValue, len(keys))
	for i, k := range keys {
		at[k], ask[i] = i, keyOf(k)
	}
	for again := t.begin(ctx); ; {
		var out *dynamodb.BatchGetItemOutput
		err := t.try(ctx, func() (err error) {
			out, err = t.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				t.Name: {Keys: ask, ConsistentRead: aws.Bool(true)},
			}}, once)
			return err
		})
		if err != nil {
			return t.failed(ctx, "get many", keys[0], err)
		}
		items := out.Responses[t.Name]
		for _, item := range items {
			r, err := t.record(item)
			if err != nil {
				return err
			}
			i, ok := at[r.Key]
			if !ok {
				return fmt.Errorf("dynamo: get many: %w", &failure{store.ErrUnavailable, fmt.Sprintf("table %s answered with an item that was not asked for", t.Name)})
			}
			into[i] = r
		}
		if ask = out.UnprocessedKeys[t.Name].Keys; len(ask) == 0 {
			return nil
		}
		if len(items) > 0 {
			again = t.begin(ctx)
		}
		if !again.Again() {
			return t.failed(ctx, "get many", keys[0], &types.ProvisionedThroughputExceededException{Message: aws.String("keys stayed unprocessed")})
		}
		metric.From(ctx).Add(metric.StoreRetries, 1)
	}
}

// each runs f for 0 to n-1, some at a time, and returns when all have ended.
func each(n int, f func(i int)) {
	if n == 1 {
		f(0)
		return
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	wg.Wait()
}
