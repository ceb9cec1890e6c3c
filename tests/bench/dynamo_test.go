package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	units "handoff/shared/dynamo/meter"
	"handoff/shared/store"
	"handoff/tests/rig"
)

// BenchmarkDynamoDBLocal plays the whole bundled journey at its own time, ten events at a time as BenchmarkCost does the
// second time, on tables in DynamoDB Local and beside them on the embedded store. In the end what stands there and what
// was told must be, byte for byte, the same; and what the meter makes of the items' bytes must be, for each operation,
// what DynamoDB Local answered with as consumed. Both are printed. HANDOFF_BENCH_AT_ONCE=1 plays each event alone, as
// BenchmarkCost does first. How fast that goes says something of DynamoDB Local, and nothing of DynamoDB.
func BenchmarkDynamoDBLocal(b *testing.B) {
	db := dynamotest.Start(b)
	j := rig.HalfYear(b)
	atOnce := 10
	if s := os.Getenv("HANDOFF_BENCH_AT_ONCE"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			b.Fatalf("HANDOFF_BENCH_AT_ONCE is %q: want how many events are put at once, 1 or more", s)
		}
		atOnce = n
	}
	play := func(r *rig.Rig) {
		for events := j.Events; len(events) > 0; {
			n := min(atOnce, len(events))
			r.AdvanceTo(events[n-1].Time)
			r.Send(events[:n]...)
			events = events[n:]
		}
		r.AdvanceTo(j.End)
		r.Quiet()
	}
	here := rig.Open(b, rig.Config{Start: j.Start(), Dataset: j.Dataset})
	play(here)
	work := newMeter(b)
	for b.Loop() {
		b.StopTimer()
		tables := rig.NewDynamo(b, db)
		consumed := &units.Consumed{Client: db.Client}
		counted := units.New(rowOf, func() time.Duration { return 0 })
		mirrors := map[string]*mirror{}
		there := rig.Open(b, rig.Config{
			Start: j.Start(), Dataset: j.Dataset, Dynamo: tables,
			NextDue: func(until time.Time) (time.Time, bool) { return mirrors["accounts"].nextDue(until) },
			Table: func(t store.Table) store.Table {
				full := t.(*dynamo.Table).Name
				name, _, _ := strings.Cut(full, "-")
				mirrors[name] = newMirror(dynamo.New(consumed, full))
				return counted.Beside(name, mirrors[name], look{mirrors[name]})
			},
		})
		b.StartTimer()
		work.start()
		play(there)
		work.stop()
		b.StopTimer()
		if d := rig.Diff(here.Everything(), there.Everything()); d != "" {
			b.Errorf("the embedded store (-) and DynamoDB (+) differ:\n%s", d)
		}
		compare(b, atOnce, consumed.Units(), counted)
		there.Close()
		tables.Drop()
		b.StartTimer()
	}
	work.report(len(j.Events), "event", "events")
}

// compare prints the units that the meter counted beside those that DynamoDB Local consumed, and fails where they differ.
func compare(b *testing.B, atOnce int, consumed map[string]units.Units, counted *units.Meter) {
	b.Helper()
	computed := counted.Said()
	fmt.Printf("\n  DynamoDBLocal: the bundled journey, %d at a time: computed from the items' bytes, consumed by what DynamoDB Local says, and the difference\n\n", atOnce)
	fmt.Printf("    %-20s %-12s %12s %12s %12s\n", "operation", "", "computed", "consumed", "difference")
	for _, op := range units.Operations(computed, consumed) {
		m, c := computed[op], consumed[op]
		name := op
		for _, row := range []struct {
			what     string
			mine     int64
			its      int64
			isHalves bool
		}{
			{"requests", m.Requests, c.Requests, false}, {"read units", m.Reads, c.Reads, true},
			{"write units", m.Writes, c.Writes, true}, {"index units", m.Index, c.Index, true},
		} {
			if row.mine == 0 && row.its == 0 {
				continue
			}
			per := 1.
			if row.isHalves {
				per = 2
			}
			fmt.Printf("    %-20s %-12s %12.1f %12.1f %12.1f\n", name, row.what, float64(row.mine)/per, float64(row.its)/per, float64(row.mine-row.its)/per)
			name = ""
		}
		if m != c {
			b.Errorf("%s: computed %+v and consumed %+v differ (in half units)", op, m, c)
		}
	}
	var silent units.Use
	for _, u := range counted.Lines() {
		silent.Add(u)
	}
	fmt.Printf("    Counted besides, as AWS bills it and DynamoDB Local does not say it: %d write units of refused writes, %.1f read units of reads that found nothing.\n\n",
		silent.Refused, float64(silent.Absent)/2)
}
