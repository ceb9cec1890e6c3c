package meter

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/dynamo"
)

// Units are what an operation used, in halves of a unit: the smallest that is billed.
type Units struct{ Requests, Reads, Writes, Index int64 }

// add sums two.
func (u Units) add(v Units) Units {
	return Units{u.Requests + v.Requests, u.Reads + v.Reads, u.Writes + v.Writes, u.Index + v.Index}
}

// Said is what of the counted units DynamoDB Local must say that it consumed, by operation. It says nothing of two things
// that AWS bills: of writes that it refused, and of reads that found nothing.
func (m *Meter) Said() map[string]Units {
	out := map[string]Units{}
	for l, u := range m.Lines() {
		out[l.Op] = out[l.Op].add(Units{
			Requests: u.Requests, Reads: u.HalfReads - u.Absent, Writes: 2 * (u.Writes - u.Index - u.Refused), Index: 2 * u.Index,
		})
	}
	return out
}

// Consumed is DynamoDB's client that asks with each request what it consumes, and sums the answers up. It is safe for
// concurrent use.
type Consumed struct {
	dynamo.Client

	mu  sync.Mutex
	ops map[string]Units
}

// Units is what DynamoDB said, by operation.
func (c *Consumed) Units() map[string]Units {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.ops)
}

// indexes asks for the units of the table and of the index apart.
const indexes = types.ReturnConsumedCapacityIndexes

// request notes one request; what it consumed is nil where DynamoDB refused it.
func (c *Consumed) request(op string, all ...*types.ConsumedCapacity) {
	u := Units{Requests: 1}
	for _, one := range all {
		if one == nil {
			continue
		}
		index := int64(0)
		for _, g := range one.GlobalSecondaryIndexes {
			index += halves(g.CapacityUnits)
		}
		switch op {
		case PutItem, TransactWriteItems:
			u = u.add(Units{Writes: halves(one.CapacityUnits) - index, Index: index})
		default:
			u = u.add(Units{Reads: halves(one.CapacityUnits)})
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ops == nil {
		c.ops = map[string]Units{}
	}
	c.ops[op] = c.ops[op].add(u)
}

func halves(units *float64) int64 {
	if units == nil {
		return 0
	}
	return int64(*units * 2)
}

// each points at what an answer says of each table.
func each(all []types.ConsumedCapacity) []*types.ConsumedCapacity {
	out := make([]*types.ConsumedCapacity, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

func (c *Consumed) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.GetItem(ctx, in, o...)
	if err == nil {
		c.request(GetItem, out.ConsumedCapacity)
	}
	return out, err
}

func (c *Consumed) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.BatchGetItem(ctx, in, o...)
	if err == nil {
		c.request(BatchGetItem, each(out.ConsumedCapacity)...)
	}
	return out, err
}

func (c *Consumed) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.Query(ctx, in, o...)
	if err == nil {
		op := Query
		if in.IndexName != nil {
			op = QueryIndex
		}
		c.request(op, out.ConsumedCapacity)
	}
	return out, err
}

// PutItem counts a refused write as a request: AWS bills it, and the error does not say how much.
func (c *Consumed) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.PutItem(ctx, in, o...)
	if err != nil {
		c.request(PutItem)
		return out, err
	}
	c.request(PutItem, out.ConsumedCapacity)
	return out, nil
}

// TransactWriteItems likewise.
func (c *Consumed) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.TransactWriteItems(ctx, in, o...)
	if err != nil {
		c.request(TransactWriteItems)
		return out, err
	}
	c.request(TransactWriteItems, each(out.ConsumedCapacity)...)
	return out, nil
}

// Operations are those of either, reads first.
func Operations(a, b map[string]Units) []string {
	order := []string{GetItem, BatchGetItem, Query, QueryIndex, PutItem, TransactWriteItems}
	ops := maps.Clone(a)
	maps.Copy(ops, b)
	return slices.SortedFunc(maps.Keys(ops), func(x, y string) int { return cmp.Compare(slices.Index(order, x), slices.Index(order, y)) })
}
