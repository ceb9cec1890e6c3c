package integration

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"handoff/infra/explain"
	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// queried counts the Query requests that DynamoDB gets, by partition.
type queried struct {
	dynamo.Client
	mu      sync.Mutex
	queries map[string]int
}

func (a *queried) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	a.mu.Lock()
	a.queries[in.ExpressionAttributeValues[":p"].(*types.AttributeValueMemberS).Value]++
	a.mu.Unlock()
	return a.Client.Query(ctx, in, opts...)
}

// An explanation costs DynamoDB one Query for each subject of the account, and one for the policies: every page is counted.
func TestExplainQueriesDynamoDB(t *testing.T) {
	db := dynamotest.Shared(t)
	r := rig.Open(t, rig.Config{})
	const ann, device = "email:ann@initech.example", "anon:segment/d1"
	r.Send([]event.Envelope{
		rig.Say("v-1", touch.PricingViewed, device, rig.Noon.Add(-time.Hour), rig.Links(ann)),
		rig.Say("w-1", touch.WebinarAttended, "email:bo@initech.example", rig.Noon.Add(-time.Minute)),
	}...)
	r.At(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon))

	table := db.Table(t)
	from := r.Ledger.Table.(store.Scanner)
	for cursor := ""; ; {
		page, err := from.Scan(t.Context(), 1000, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Records {
			page.Records[i].Version = 0 // to be put where there is none
		}
		for _, err := range table.PutMany(t.Context(), page.Records) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	client := &queried{Client: table.Client, queries: map[string]int{}}
	r.Ledger.Table = dynamo.New(client, table.Name)
	a, err := explain.Story(t.Context(), r.Stack, "initech.example", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Members) != 4 || len(a.Decisions) == 0 { // the account, the device, and two people
		t.Fatalf("members %v and %d decisions, want 4 and one or more", a.Members, len(a.Decisions))
	}
	want := map[string]int{policy.ActiveKey.Partition: 1}
	for _, m := range a.Members {
		want[m] = 1
	}
	if !maps.Equal(client.queries, want) {
		t.Errorf("queries %v, want %v", client.queries, want)
	}
}
