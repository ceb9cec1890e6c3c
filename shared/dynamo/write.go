package dynamo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/fault"
	"handoff/shared/store"
)

// condition is that of a record's Version.
func condition(r *store.Record) (expression *string, values map[string]types.AttributeValue) {
	if r.Version == 0 {
		return aws.String("attribute_not_exists(" + attrPartition + ")"), nil
	}
	return aws.String(attrVersion + " = :expected"), map[string]types.AttributeValue{":expected": number(r.Version)}
}

// Put writes one item if its Version holds, else returns *Conflict.
//
// When a try's answer was lost (a broken connection, a 500), the next one may meet what the lost one wrote. A condition
// that fails then is a conflict only where what stands there cannot be that write; else the outcome is as unknown as
// before, and the caller is told so.
func (t *Table) Put(ctx context.Context, r store.Record) error {
	if err := errors.Join(ctx.Err(), r.Check()); err != nil {
		return fmt.Errorf("dynamo: put: %w", err)
	}
	in := &dynamodb.PutItemInput{
		TableName: &t.Name, Item: itemOf(&r), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	in.ConditionExpression, in.ExpressionAttributeValues = condition(&r)
	unsure := false
	err := t.try(ctx, func() error {
		_, err := t.Client.PutItem(ctx, in, once)
		unsure = unsure || err != nil && classify(err) == fault.Lost
		return err
	})
	var refused *types.ConditionalCheckFailedException
	if !errors.As(err, &refused) {
		return t.failed(ctx, "put", r.Key, err)
	}
	c, err := t.conflict(r.Key, refused.Item)
	if err != nil {
		return err
	}
	if unsure && mayBe(c.Existing, &r) {
		return fmt.Errorf("dynamo: put %s / %s: %w", r.Partition, r.Sort,
			&failure{store.ErrUnavailable, fmt.Sprintf("the answer of table %s was lost, and what stands there may be this write: read it and decide again", t.Name)})
	}
	return c
}

// mayBe tells whether what stands somewhere may be, or be built upon, what r would have written. No version is ever
// written twice, so the next version with other content is another's.
func mayBe(existing, r *store.Record) bool {
	switch {
	case existing == nil || existing.Version <= r.Version:
		return false
	case existing.Version == r.Version+1:
		return existing.Due == r.Due && bytes.Equal(existing.Body, r.Body)
	}
	return true
}

// conflict is the error of a condition that failed over what stands there.
func (t *Table) conflict(k store.Key, item map[string]types.AttributeValue) (*store.Conflict, error) {
	c := &store.Conflict{Key: k}
	if len(item) > 0 {
		r, err := t.record(item)
		if err != nil {
			return nil, err
		}
		c.Existing = &r
	}
	return c, nil
}

// PutMany is many Puts at a time: DynamoDB's batches know no conditions.
func (t *Table) PutMany(ctx context.Context, rs []store.Record) []error {
	errs := make([]error, len(rs))
	seen := make(map[store.Key]bool, len(rs))
	for i := range rs {
		if seen[rs[i].Key] {
			errs[i] = fmt.Errorf("dynamo: put many: key %s / %s twice in one call: %w", rs[i].Partition, rs[i].Sort, store.ErrInvalid)
		}
		seen[rs[i].Key] = true
	}
	each(len(rs), func(i int) {
		if errs[i] == nil {
			errs[i] = t.Put(ctx, rs[i])
		}
	})
	return errs
}

// PutPair writes two items of one table or neither. Its tries carry one token, so that one whose answer was lost is not
// done twice.
func (t *Table) PutPair(ctx context.Context, a, b store.Record) error {
	if err := errors.Join(ctx.Err(), a.Check(), b.Check()); err != nil {
		return fmt.Errorf("dynamo: put pair: %w", err)
	}
	if a.Key == b.Key {
		return fmt.Errorf("dynamo: a pair needs two keys, got %s / %s twice: %w", a.Partition, a.Sort, store.ErrInvalid)
	}
	pair := [...]*store.Record{&a, &b}
	in := &dynamodb.TransactWriteItemsInput{}
	for _, r := range pair {
		put := &types.Put{
			TableName: &t.Name, Item: itemOf(r), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}
		put.ConditionExpression, put.ExpressionAttributeValues = condition(r)
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: put})
	}
	unsure := false
	err := t.try(ctx, func() error {
		if !unsure { // a transaction that was cancelled is over; one whose answer was lost is asked about by its token
			in.ClientRequestToken = aws.String(rand.Text())
		}
		_, err := t.Client.TransactWriteItems(ctx, in, once)
		unsure = unsure || err != nil && classify(err) == fault.Lost
		return err
	})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) && len(cancelled.CancellationReasons) == len(pair) {
		for i, why := range cancelled.CancellationReasons {
			if aws.ToString(why.Code) == reasonCondition {
				c, err := t.conflict(pair[i].Key, why.Item)
				if err != nil {
					return err
				}
				return c
			}
		}
	}
	return t.failed(ctx, "put pair", a.Key, err)
}

// Delete removes an item; deleting what is not there is no error.
func (t *Table) Delete(ctx context.Context, k store.Key) error {
	if err := errors.Join(ctx.Err(), k.Check()); err != nil {
		return fmt.Errorf("dynamo: delete: %w", err)
	}
	return t.failed(ctx, "delete", k, t.try(ctx, func() error {
		_, err := t.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &t.Name, Key: keyOf(k)}, once)
		return err
	}))
}
