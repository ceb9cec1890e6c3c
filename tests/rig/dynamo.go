package rig

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/store"
)

// Dynamo is the tables of one pipeline in DynamoDB Local. They outlive the deaths of a rig's process.
type Dynamo struct {
	t     testing.TB
	local *dynamotest.Local
	names map[string]string // in DynamoDB, by the stack's
}

var tables atomic.Int64 // of this process

// NewDynamo makes empty tables, which are gone with Drop or with DynamoDB Local.
func NewDynamo(t testing.TB, local *dynamotest.Local) *Dynamo {
	t.Helper()
	d := &Dynamo{t: t, local: local, names: map[string]string{}}
	for name, timed := range map[string]bool{"accounts": true, "ledger": false} {
		d.names[name] = fmt.Sprintf("%s-%d", name, tables.Add(1))
		local.Create(t, d.names[name], timed)
	}
	return d
}

func (d *Dynamo) table(name string) store.Table { return dynamo.New(d.local.Client, d.names[name]) }

// nextDue asks the whole time index at once: shard by shard would take sixteen requests for each step of the clock.
func (d *Dynamo) nextDue(until time.Time) (time.Time, bool) {
	var first int64
	in := &dynamodb.ScanInput{TableName: aws.String(d.names["accounts"]), IndexName: aws.String("due")}
	d.pages(in, func(item map[string]types.AttributeValue) {
		due, err := strconv.ParseInt(item["due"].(*types.AttributeValueMemberN).Value, 10, 64)
		if err != nil {
			d.t.Errorf("the time index holds %v", item)
		}
		if first == 0 || due < first {
			first = due
		}
	})
	return time.Unix(first, 0).UTC(), first != 0 && first <= until.Unix()
}

// pages yields all that a scan gives.
func (d *Dynamo) pages(in *dynamodb.ScanInput, yield func(map[string]types.AttributeValue)) {
	for {
		out, err := d.local.Client.Scan(context.Background(), in)
		if err != nil {
			d.t.Fatalf("scan %s: %v", *in.TableName, err)
		}
		for _, item := range out.Items {
			yield(item)
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return
		}
	}
}

// Copy makes tables that hold the same.
func (d *Dynamo) Copy() *Dynamo {
	d.t.Helper()
	c := NewDynamo(d.t, d.local)
	for name := range d.names {
		var batch []types.WriteRequest
		write := func() {
			for ask := map[string][]types.WriteRequest{c.names[name]: batch}; len(ask) > 0 && len(batch) > 0; {
				out, err := d.local.Client.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{RequestItems: ask})
				if err != nil {
					d.t.Fatalf("copy %s: %v", name, err)
				}
				ask = out.UnprocessedItems
			}
			batch = nil
		}
		d.pages(&dynamodb.ScanInput{TableName: aws.String(d.names[name]), ConsistentRead: aws.Bool(true)}, func(item map[string]types.AttributeValue) {
			if batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}); len(batch) == 25 {
				write()
			}
		})
		write()
	}
	return c
}

// Drop removes the tables.
func (d *Dynamo) Drop() {
	for _, name := range d.names {
		if _, err := d.local.Client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			d.t.Errorf("drop %s: %v", name, err)
		}
	}
}
