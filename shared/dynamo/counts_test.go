package dynamo_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/shared/metric"
	"handoff/shared/store"
)

func TestRetriesAndThrottlesAreCounted(t *testing.T) {
	var tally metric.Tally
	ctx := metric.With(context.Background(), &tally)
	s := &scripted{put: []error{throttles, server, nil}}
	if err := s.table().Put(ctx, store.Record{Key: key}); err != nil {
		t.Fatal(err)
	}
	left := map[string]types.KeysAndAttributes{"accounts": {Keys: []map[string]types.AttributeValue{{
		"pk": &types.AttributeValueMemberS{Value: key.Partition}, "sk": &types.AttributeValueMemberS{Value: key.Sort}}}}}
	s = &scripted{batch: []*dynamodb.BatchGetItemOutput{{UnprocessedKeys: left}, {}}}
	if _, err := s.table().GetMany(ctx, []store.Key{key}); err != nil {
		t.Fatal(err)
	}
	if r, th := tally.Count(metric.StoreRetries), tally.Count(metric.StoreThrottles); r != 3 || th != 1 {
		t.Errorf("%d retries and %d throttles, want three and one", r, th)
	}
}
