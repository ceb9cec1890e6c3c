package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

// The suite where the environment says, as the AWS CLI reads it (AWS_PROFILE, AWS_REGION, …): on AWS, for
//
//	HANDOFF_TEST_TABLE_PREFIX=handoff-test AWS_PROFILE=… AWS_REGION=… go test -run TestConformance -timeout 60m ./shared/dynamo
//
// It creates a table for each test, by a name that begins with the prefix, and deletes those tables alone. Without a prefix
// the environment is made to lead to DynamoDB Local, so the way to AWS is walked each time.
func TestConformance(t *testing.T) {
	if os.Getenv(dynamotest.Prefix) == "" {
		dynamotest.Start(t).Setenv(t)
		t.Setenv(dynamotest.Prefix, "handoff-test")
	}
	there := dynamotest.FromEnv(t)
	storetest.Run(t, func(t *testing.T) store.Table { return there.Table(t) })
}

// The shapes of errors that fakes only imitate, as the SDK gives them.
func TestErrorsAsDynamoDBGivesThem(t *testing.T) {
	local := dynamotest.Start(t)
	tab := local.Create(t, "ledger", false)
	k := store.Key{Partition: "p", Sort: "s"}

	_, err := dynamo.New(local.Client, "nowhere").Get(t.Context(), k)
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "table nowhere does not exist here: deploy template.yaml") {
		t.Errorf("missing table: got %v", err)
	}
	if _, err := tab.DueBefore(t.Context(), 0, time.Unix(9, 0), 1, ""); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), `has no index "due"`) {
		t.Errorf("missing index: got %v", err)
	}
	// Within the contract's limit, and beyond DynamoDB's by the names of attributes: pk, sk, v and its number, b.
	full := store.Record{Key: k, Body: make([]byte, store.MaxItem-2)}
	if err := tab.Put(t.Context(), full); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("an item of 400 KB without its names: got %v, want ErrTooLarge", err)
	}
	other := store.Record{Key: store.Key{Partition: "p", Sort: "t"}}
	if err := tab.PutPair(t.Context(), other, full); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("the same in a pair: got %v, want ErrTooLarge", err)
	}

	gone := dynamodb.New(dynamodb.Options{
		Region: dynamotest.Region, BaseEndpoint: aws.String("http://127.0.0.1:1"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return dynamotest.Credentials, nil }),
	})
	nobody := &dynamo.Table{Client: gone, Name: "accounts", Sleep: func(context.Context, time.Duration) error { return nil }}
	if _, err := nobody.Get(t.Context(), k); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "could not be reached") {
		t.Errorf("nobody listens: got %v", err)
	}
	unsigned := dynamodb.New(dynamodb.Options{
		Region: dynamotest.Region, BaseEndpoint: &local.Endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("none") }),
	})
	if _, err := dynamo.New(unsigned, "ledger").Get(t.Context(), k); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(fmt.Sprint(err), "no AWS credentials") {
		t.Errorf("no credentials: got %v", err)
	}
}
