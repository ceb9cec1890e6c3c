package dynamo

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/store"
)

// Query returns a page of one partition: at most what DynamoDB reads at once, 1 MB.
func (t *Table) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, fmt.Errorf("dynamo: query: %w", err)
	}
	limit, err := limitOf(q.Limit)
	if err == nil {
		err = checkQuery(&q)
	}
	if err != nil {
		return store.Page{}, fmt.Errorf("dynamo: query: %w", err)
	}
	in := &dynamodb.QueryInput{
		TableName: &t.Name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!q.Reverse), Limit: limit,
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": text(q.Partition)},
	}
	where := attrPartition + " = :p"
	if q.From != "" {
		in.ExpressionAttributeValues[":from"] = text(q.From)
	}
	if q.Until != "" {
		in.ExpressionAttributeValues[":until"] = text(q.Until)
	}
	switch {
	case q.From != "" && q.Until != "":
		where += " AND " + attrSort + " BETWEEN :from AND :until" // :until is dropped below
	case q.From != "":
		where += " AND " + attrSort + " >= :from"
	case q.Until != "":
		where += " AND " + attrSort + " < :until"
	}
	in.KeyConditionExpression = &where
	mark := fingerprint("query", t.Name, q.Partition, q.From, q.Until, strconv.FormatBool(q.Reverse))
	if q.Cursor != "" {
		c, err := parseCursor(q.Cursor, mark)
		if err != nil {
			return store.Page{}, fmt.Errorf("dynamo: query: %w", err)
		}
		in.ExclusiveStartKey = keyOf(store.Key{Partition: q.Partition, Sort: c.Sort})
	}
	if q.From != "" && q.Until != "" && q.From >= q.Until {
		return store.Page{}, nil
	}
	var out *dynamodb.QueryOutput
	err = t.try(ctx, func() (err error) {
		out, err = t.Client.Query(ctx, in, once)
		return err
	})
	if err != nil {
		return store.Page{}, t.failed(ctx, "query", store.Key{Partition: q.Partition, Sort: q.From}, err)
	}
	var page store.Page
	for _, item := range out.Items {
		r, err := t.record(item)
		if err != nil {
			return store.Page{}, err
		}
		if q.Until == "" || r.Sort < q.Until {
			page.Records = append(page.Records, r)
		}
	}
	page.Cursor, err = t.next(mark, out.LastEvaluatedKey, false)
	return page, err
}

func checkQuery(q *store.Query) error {
	if err := (store.Key{Partition: q.Partition, Sort: "x"}).Check(); err != nil {
		return err
	}
	for _, bound := range []string{q.From, q.Until} {
		if len(bound) > store.MaxSort || !utf8.ValidString(bound) {
			return fmt.Errorf("bound %.40q: must be UTF-8 of at most %d bytes: %w", bound, store.MaxSort, store.ErrInvalid)
		}
	}
	return nil
}

// DueBefore returns a page of one shard of the time index, which follows the table with a delay of moments.
func (t *Table) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, fmt.Errorf("dynamo: due: %w", err)
	}
	most, err := limitOf(limit)
	if err == nil && (shard < 0 || shard >= store.Shards) {
		err = fmt.Errorf("shard %d is not within 0 to %d: %w", shard, store.Shards-1, store.ErrInvalid)
	}
	if err != nil {
		return store.Page{}, fmt.Errorf("dynamo: due: %w", err)
	}
	in := &dynamodb.QueryInput{
		TableName: &t.Name, IndexName: aws.String(dueIndex), Limit: most,
		KeyConditionExpression:    aws.String("#s = :s AND " + attrDue + " <= :u"),
		ExpressionAttributeNames:  map[string]string{"#s": attrShard}, // a reserved word
		ExpressionAttributeValues: map[string]types.AttributeValue{":s": number(int64(shard)), ":u": number(until.Unix())},
	}
	mark := fingerprint("due", t.Name, strconv.Itoa(shard))
	if cursor != "" {
		c, err := parseCursor(cursor, mark)
		if err != nil {
			return store.Page{}, fmt.Errorf("dynamo: due: %w", err)
		}
		if c.Due > until.Unix() { // DynamoDB refuses to start behind the end
			return store.Page{}, nil
		}
		in.ExclusiveStartKey = keyOf(store.Key{Partition: c.Partition, Sort: c.Sort})
		in.ExclusiveStartKey[attrShard], in.ExclusiveStartKey[attrDue] = number(int64(shard)), number(c.Due)
	}
	var out *dynamodb.QueryOutput
	err = t.try(ctx, func() (err error) {
		out, err = t.Client.Query(ctx, in, once)
		return err
	})
	if err != nil {
		return store.Page{}, t.failed(ctx, "due", store.Key{Partition: "shard", Sort: strconv.Itoa(shard)}, err)
	}
	var page store.Page
	for _, item := range out.Items {
		r, err := parseKey(item)
		if err == nil {
			r.Due, err = parseNumber(item, attrDue)
		}
		if err != nil {
			return store.Page{}, fmt.Errorf("dynamo: due: %w", t.damaged(err))
		}
		page.Records = append(page.Records, r)
	}
	page.Cursor, err = t.next(mark, out.LastEvaluatedKey, true)
	return page, err
}

// Scan walks the table in no promised order.
func (t *Table) Scan(ctx context.Context, limit int, cursor string) (store.Page, error) {
	if err := ctx.Err(); err != nil {
		return store.Page{}, fmt.Errorf("dynamo: scan: %w", err)
	}
	most, err := limitOf(limit)
	if err != nil {
		return store.Page{}, fmt.Errorf("dynamo: scan: %w", err)
	}
	in := &dynamodb.ScanInput{TableName: &t.Name, ConsistentRead: aws.Bool(true), Limit: most}
	mark := fingerprint("scan", t.Name)
	if cursor != "" {
		c, err := parseCursor(cursor, mark)
		if err != nil {
			return store.Page{}, fmt.Errorf("dynamo: scan: %w", err)
		}
		in.ExclusiveStartKey = keyOf(store.Key{Partition: c.Partition, Sort: c.Sort})
	}
	var out *dynamodb.ScanOutput
	err = t.try(ctx, func() (err error) {
		out, err = t.Client.Scan(ctx, in, once)
		return err
	})
	if err != nil {
		return store.Page{}, t.failed(ctx, "scan", store.Key{Partition: "all", Sort: "all"}, err)
	}
	var page store.Page
	for _, item := range out.Items {
		r, err := t.record(item)
		if err != nil {
			return store.Page{}, err
		}
		page.Records = append(page.Records, r)
	}
	page.Cursor, err = t.next(mark, out.LastEvaluatedKey, false)
	return page, err
}

// limitOf is the Limit of a request: none for 0, as 1 MB ends the page anyway.
func limitOf(n int) (*int32, error) {
	switch {
	case n < 0:
		return nil, fmt.Errorf("limit %d: must not be negative: %w", n, store.ErrInvalid)
	case n == 0:
		return nil, nil
	}
	return aws.Int32(int32(min(n, math.MaxInt32))), nil
}

// next is the cursor behind the last key that was read, "" behind the end.
func (t *Table) next(mark uint64, last map[string]types.AttributeValue, due bool) (string, error) {
	if len(last) == 0 {
		return "", nil
	}
	r, err := parseKey(last)
	if err == nil && due {
		r.Due, err = parseNumber(last, attrDue)
	}
	if err != nil {
		return "", fmt.Errorf("dynamo: next page: %w", t.damaged(err))
	}
	return makeCursor(mark, place{r.Partition, r.Sort, r.Due}), nil
}
