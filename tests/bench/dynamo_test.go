package bench

import (
	"testing"

	"handoff/shared/dynamo/dynamotest"
	"handoff/tests/rig"
)

// BenchmarkDynamoDBLocal delivers the whole bundled journey, in order and 500 events at a time, to tables in DynamoDB
// Local: what stands there and what was told in the end must be, byte for byte, what it is on the embedded store. How fast
// that goes says something of DynamoDB Local, and nothing of DynamoDB.
func BenchmarkDynamoDBLocal(b *testing.B) {
	db := dynamotest.Start(b)
	j := rig.HalfYear(b)
	here := rig.Open(b, rig.Config{Start: j.End, Dataset: j.Dataset})
	here.Batches(j.Events, 500)
	work := newMeter(b)
	for b.Loop() {
		b.StopTimer()
		tables := rig.NewDynamo(b, db)
		there := rig.Open(b, rig.Config{Start: j.End, Dataset: j.Dataset, Dynamo: tables})
		b.StartTimer()
		work.start()
		there.Batches(j.Events, 500)
		work.stop()
		b.StopTimer()
		there.Quiet()
		if d := rig.Diff(here.Everything(), there.Everything()); d != "" {
			b.Errorf("the embedded store (-) and DynamoDB (+) differ:\n%s", d)
		}
		there.Close()
		tables.Drop()
		b.StartTimer()
	}
	work.report(len(j.Events), "event", "events")
}
