package pipeline

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/dynamo/meter"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/tests/rig"
)

// units are what an operation consumed, in halves.
type units struct{ Requests, Reads, Writes, Index int64 }

// consumed is DynamoDB's client, which asks every answer what it consumed.
type consumed struct {
	dynamo.Client
	mu  sync.Mutex
	ops map[string]*units
}

func (c *consumed) add(op string, answered bool, all ...types.ConsumedCapacity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.ops[op]
	if u == nil {
		u = &units{}
		c.ops[op] = u
	}
	if answered {
		u.Requests++
	}
	for _, one := range all {
		half := func(of *float64) int64 {
			if of == nil {
				return 0
			}
			return int64(*of * 2)
		}
		index := int64(0)
		for _, g := range one.GlobalSecondaryIndexes {
			index += half(g.CapacityUnits)
		}
		if strings.HasPrefix(op, "Query") || strings.Contains(op, "Get") {
			u.Reads += half(one.CapacityUnits)
			continue
		}
		u.Writes += half(one.CapacityUnits) - index
		u.Index += index
	}
}

const indexes = types.ReturnConsumedCapacityIndexes

func one(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{*c}
}

func (c *consumed) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.GetItem(ctx, in, o...)
	if pk, ok := in.Key["pk"].(*types.AttributeValueMemberS); ok && pk.Value == policy.ActiveKey.Partition {
		return out, err // once a minute, whatever happens: the rig's, beside the handlers' table
	}
	if err == nil {
		c.add(meter.GetItem, true, one(out.ConsumedCapacity)...)
	}
	return out, err
}

func (c *consumed) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.BatchGetItem(ctx, in, o...)
	if err == nil {
		c.add(meter.BatchGetItem, true, out.ConsumedCapacity...)
	}
	return out, err
}

func (c *consumed) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.Query(ctx, in, o...)
	if err == nil {
		op := meter.Query
		if in.IndexName != nil {
			op = meter.QueryIndex
		}
		c.add(op, true, one(out.ConsumedCapacity)...)
	}
	return out, err
}

func (c *consumed) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.PutItem(ctx, in, o...)
	if err == nil {
		c.add(meter.PutItem, true, one(out.ConsumedCapacity)...)
	} else {
		c.add(meter.PutItem, true) // AWS bills it; the error does not say how much
	}
	return out, err
}

func (c *consumed) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	in.ReturnConsumedCapacity = indexes
	out, err := c.Client.TransactWriteItems(ctx, in, o...)
	if err == nil {
		c.add(meter.TransactWriteItems, true, out.ConsumedCapacity...)
	}
	return out, err
}

// TestMeter tells the story on DynamoDB Local and holds what the meter makes of it to what DynamoDB Local says that it
// consumed, operation by operation. It says nothing of two things that AWS bills: of writes that it refused, and of reads
// that found nothing.
func TestMeter(t *testing.T) {
	db := dynamotest.Start(t)
	m := meter.New(func(string, store.Key) string { return "" }, func() time.Duration { return 0 })
	said := &consumed{Client: db.Client, ops: map[string]*units{}}
	r := rig.Open(t, rig.Config{Dataset: known, Dynamo: rig.NewDynamo(t, db).Through(said), Table: func(tb store.Table) store.Table {
		d, ok := tb.(*dynamo.Table)
		if !ok {
			t.Fatalf("a %T", tb)
		}
		name, _, _ := strings.Cut(d.Name, "-")
		return m.Beside(name, d, dynamo.New(db.Client, d.Name))
	}})
	clear(said.ops)
	m.Reset()
	r.Play(storyAt(soon))
	r.AdvanceTo(storyEnd)
	r.Quiet()
	got, want := map[string]units{}, map[string]units{}
	for op, u := range said.ops {
		want[op] = *u
	}
	var refused, absent int64
	for l, u := range m.Lines() {
		sum := got[l.Op]
		sum.Requests += u.Requests
		sum.Reads += u.HalfReads - u.Absent
		sum.Writes += 2 * (u.Writes - u.Index - u.Refused)
		sum.Index += 2 * u.Index
		got[l.Op] = sum
		refused, absent = refused+u.Refused, absent+u.Absent
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("half units: what DynamoDB Local consumed (-) and what the meter counts (+):\n%s", d)
	}
	for _, op := range []string{meter.GetItem, meter.BatchGetItem, meter.PutItem, meter.TransactWriteItems, meter.Query, meter.QueryIndex} {
		if got[op].Requests == 0 {
			t.Errorf("the story has no %s", op)
		}
	}
	t.Logf("%+v; besides %d units of refused writes, %d half units of reads that found nothing", got, refused, absent)
}
