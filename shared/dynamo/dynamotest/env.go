package dynamotest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"

	"handoff/shared/dynamo"
)

// Prefix is the variable that begins the names of the tables that tests create on AWS.
const Prefix = "HANDOFF_TEST_TABLE_PREFIX"

// Setenv makes the environment lead here, for as long as the test runs.
func (l *Local) Setenv(t testing.TB) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": l.Endpoint, "AWS_REGION": Region, "AWS_ACCESS_KEY_ID": Credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": Credentials.SecretAccessKey, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

// Remote is DynamoDB where the environment says: on AWS, or anything that speaks as it does.
type Remote struct {
	Client *dynamodb.Client
	Prefix string
}

// FromEnv signs in as the AWS CLI does. Prefix must be set: it says that tables may be created there.
func FromEnv(t testing.TB) *Remote {
	t.Helper()
	prefix := os.Getenv(Prefix)
	if prefix == "" {
		t.Fatalf("%s is not set: it begins the names of the tables that this test creates and deletes", Prefix)
	}
	// DynamoDB Local's answers have no checksums, and the SDK would log each.
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithLogger(logging.Nop{}))
	if err != nil {
		t.Fatalf("sign in to AWS: %v", err)
	}
	return &Remote{dynamodb.NewFromConfig(cfg), prefix}
}

// Table creates an empty table with the time index, and deletes it when the test ends.
func (r *Remote) Table(t testing.TB) *dynamo.Table {
	t.Helper()
	name := r.Prefix + "-" + strings.ToLower(rand.Text()[:12])
	if _, err := r.Client.CreateTable(t.Context(), dynamo.Definition(name, true)); err != nil {
		t.Fatalf("create table %s: %v", name, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := r.Client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Errorf("delete table %s, which this test created: %v; delete it by hand", name, err)
		}
	})
	ready := dynamodb.NewTableExistsWaiter(r.Client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 2*time.Second
	})
	if err := ready.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(name)}, 5*time.Minute); err != nil {
		t.Fatalf("table %s does not become active: %v", name, err)
	}
	return dynamo.New(r.Client, name)
}
