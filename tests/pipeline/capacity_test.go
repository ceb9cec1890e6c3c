package pipeline

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/dynamo/meter"
	"handoff/shared/store"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// TestMeter tells the story on DynamoDB Local and holds what the meter makes of it to what DynamoDB Local says that it
// consumed, operation by operation. BenchmarkDynamoDBLocal does so with the whole bundled journey.
func TestMeter(t *testing.T) {
	phase.Later(t, "what shared/dynamo does at once its conformance suite shows")
	db := dynamotest.Shared(t)
	m := meter.New(func(string, store.Key) string { return "" }, func() time.Duration { return 0 })
	said := &meter.Consumed{Client: db.Client}
	r := rig.Open(t, rig.Config{Dataset: known, Dynamo: rig.NewDynamo(t, db), Table: func(tb store.Table) store.Table {
		d, ok := tb.(*dynamo.Table)
		if !ok {
			t.Fatalf("a %T", tb)
		}
		name, _, _ := strings.Cut(d.Name, "-")
		return m.Beside(name, dynamo.New(said, d.Name), d)
	}})
	r.Play(storyAt(soon))
	r.AdvanceTo(storyEnd)
	r.Quiet()
	want, got := said.Units(), m.Said()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("half units: what DynamoDB Local consumed (-) and what the meter counts (+):\n%s", d)
	}
	for _, op := range []string{meter.GetItem, meter.BatchGetItem, meter.PutItem, meter.TransactWriteItems, meter.Query, meter.QueryIndex} {
		if got[op].Requests == 0 {
			t.Errorf("the story has no %s", op)
		}
	}
}
