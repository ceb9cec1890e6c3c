package bench

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/infra/local"
	"handoff/infra/stack"
	"handoff/shared/account"
	units "handoff/shared/dynamo/meter"
	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/wire"
	"handoff/shared/wire/cloud"
	"handoff/tests/rig"
)

// BenchmarkCost plays the bundled journey and prints what it would come to on AWS: units, requests and events a touch,
// by hop and by row, and the dollars of a million touches. Once with each event delivered alone and at its own time,
// as at the journey's pace, and once with ten at a time, as the queues' windows gather them where there is much to do.
func BenchmarkCost(b *testing.B) {
	for b.Loop() {
		alone, tens := playForCost(b, 1), playForCost(b, 10)
		// A function shares out a batch of more than one among goroutines, so its time is not one thread's any more. That
		// of each alone stands in: more than it is, as a batch saves work.
		tens.busy = alone.busy
		alone.print()
		tens.print()
		printStanding()
	}
}

// bill is what a run used.
type bill struct {
	batch   int
	events  int
	touches int64
	meter   *units.Meter
	busy    time.Duration // in the functions themselves, a touch
	lines   int64         // bytes of log lines
	metrics int64         // bytes of metric lines
}

// bytesOf counts what is written, and drops it.
type bytesOf struct{ n atomic.Int64 }

func (c *bytesOf) Write(b []byte) (int, error) {
	c.n.Add(int64(len(b)))
	return len(b), nil
}

var _ io.Writer = (*bytesOf)(nil)

// asked gives invocations a request id, as Lambda does: the log says it in each line.
type asked struct{ event.Handler }

func (a asked) Handle(ctx context.Context, batch []event.Envelope) []error {
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "8476a536-e9f4-11e8-9739-2dfe598c3fcd"})
	return a.Handler.Handle(ctx, batch)
}

func playForCost(b *testing.B, batch int) *bill {
	b.Helper()
	j := rig.HalfYear(b)
	var lines, metrics bytesOf
	c := &bill{batch: batch, events: len(j.Events), meter: units.New(rowOf, threadTime)}
	ctx := context.Background()
	s, err := stack.Open(ctx, stack.Config{
		Dir: "data", FS: vfs.NewMem(), NoSync: true, Clock: local.NewVirtual(j.Start()), Dataset: j.Dataset, Log: troubles,
		Table: c.meter.Table, Bus: c.meter.Publisher,
		Handler: func(function string, h event.Handler) event.Handler {
			return pinned{c.meter.Handler(strings.ToLower(strings.TrimSuffix(function, "Function")), asked{h})}
		},
		Parts: func(p *wire.Parts) { // as deployed
			p.Log, p.Lines = cloud.Logger(&lines, slog.LevelInfo), slog.LevelInfo
			p.Metrics, p.Namespace = &metrics, metric.Namespace
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for events := j.Events; len(events) > 0; {
		n := min(batch, len(events))
		if err := s.Runtime.AdvanceTo(ctx, events[n-1].Time); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Put(ctx, events[:n]); err != nil {
			b.Fatal(err)
		}
		if err := s.Runtime.Drain(ctx); err != nil {
			b.Fatal(err)
		}
		events = events[n:]
	}
	if err := s.Runtime.AdvanceTo(ctx, j.End); err != nil {
		b.Fatal(err)
	}
	for told, n := range c.meter.Told() {
		if told.DetailType == event.TouchRecorded {
			c.touches += n
		}
	}
	for hop, w := range c.meter.Work() {
		if !strings.HasSuffix(hop, units.Swept) { // a sweep shares out its shards as a batch its accounts
			c.busy += w.Busy
		}
	}
	c.busy /= time.Duration(c.touches)
	c.lines, c.metrics = lines.n.Load(), metrics.n.Load()
	return c
}

// rowOf names the kinds of items, in each table.
func rowOf(table string, k store.Key) string {
	if table == "ledger" {
		part := strings.SplitN(k.Sort, "#", 4)
		switch {
		case part[0] == "l":
			return "link rows"
		case part[0] == "b":
			return "parts of long bodies"
		case len(part) < 3:
			return "timelines"
		}
		return part[2] + " rows"
	}
	switch kind := subject.KindOf(k.Partition); {
	case k.Partition == "":
		return "time index"
	case k.Sort == routing.HandoffsSort:
		return "handoffs"
	case k.Sort != account.Sort:
		return k.Sort
	case subject.IsPerson(k.Partition) || kind == subject.Anonymous:
		return "people and devices"
	case subject.IsCompany(k.Partition):
		return "accounts"
	case subject.Valid(k.Partition) || kind == "invoice":
		return "deals and invoices"
	case kind == "":
		return "where a handoff's id leads"
	default:
		return kind + "s"
	}
}
