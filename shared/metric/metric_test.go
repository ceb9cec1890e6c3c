package metric

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// read is what CloudWatch makes of lines: per namespace, dimensions and name, the unit and the values. It follows the
// format's specification and nothing of this package.
func read(t *testing.T, lines []byte) map[string][]float64 {
	t.Helper()
	got := map[string][]float64{}
	for text := range bytes.Lines(lines) {
		var doc map[string]json.RawMessage
		var meta struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		}
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if err := json.Unmarshal(doc["_aws"], &meta); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		members := map[string]bool{"_aws": true}
		for _, d := range meta.CloudWatchMetrics {
			if len(d.Metrics) == 0 || len(d.Metrics) > 100 {
				t.Errorf("a directive of %d metrics: %s", len(d.Metrics), text)
			}
			for _, set := range d.Dimensions {
				labels := []string{d.Namespace}
				for _, dim := range set {
					var v string
					if err := json.Unmarshal(doc[dim], &v); err != nil || v == "" {
						t.Fatalf("the dimension %s has no value: %s", dim, text)
					}
					members[dim] = true
					labels = append(labels, dim+"="+v)
				}
				for _, m := range d.Metrics {
					members[m.Name] = true
					var one float64
					var many []float64
					if json.Unmarshal(doc[m.Name], &one) == nil {
						many = []float64{one}
					} else if err := json.Unmarshal(doc[m.Name], &many); err != nil || len(many) == 0 || len(many) > 100 {
						t.Fatalf("the metric %s is no number, nor 1 to 100 of them: %s", m.Name, text)
					}
					name := strings.Join(append(labels, m.Name, m.Unit, strconv.FormatInt(meta.Timestamp, 10)), " ")
					if got[name] != nil {
						t.Errorf("%s stands twice", name)
					}
					got[name] = many
				}
			}
		}
		for name := range doc {
			if !members[name] {
				t.Errorf("the member %s is neither metric nor dimension: %s", name, text)
			}
		}
	}
	return got
}

var at = time.UnixMilli(1772546400123)

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name  string
		count func(*Tally)
		lines int
		want  map[string][]float64
	}{
		{"nothing", func(*Tally) {}, 0, map[string][]float64{}},
		{"a count of nothing", func(y *Tally) { y.Add(Touches, 0); y.AddBy(SourceEvents, 0, "stripe") }, 0, map[string][]float64{}},
		{"counts add up", func(y *Tally) { y.Add(Touches, 2); y.Add(Touches, 3); y.Add(Duplicates, 1) }, 1, map[string][]float64{
			"Handoff Function=ingest Touches Count 1772546400123": {5}, "Handoff Function=ingest Duplicates Count 1772546400123": {1}}},
		{"gauges are set, also to zero", func(y *Tally) { y.Set(HandoffsOpen, 4); y.Set(HandoffsOpen, 3); y.Set(SweepLag, 0) }, 1, map[string][]float64{
			"Handoff Function=ingest HandoffsOpen Count 1772546400123": {3}, "Handoff Function=ingest SweepLag Seconds 1772546400123": {0}}},
		{"what is watched is there at zero, and keeps its count", func(y *Tally) { y.Add(FailedEvents, 2); y.Show(Watched[:]...) }, 1, map[string][]float64{
			"Handoff Function=ingest Events Count 1772546400123": {0}, "Handoff Function=ingest FailedEvents Count 1772546400123": {2},
			"Handoff Function=ingest StoreThrottles Count 1772546400123": {0}, "Handoff Function=ingest PublishThrottles Count 1772546400123": {0}}},
		{"durations", func(y *Tally) { y.Observe(HopLatency, 1500*time.Millisecond); y.Observe(HopLatency, -time.Second) }, 1, map[string][]float64{
			"Handoff Function=ingest HopLatency Milliseconds 1772546400123": {0, 1500}}},
		{"one source stands with the function's own", func(y *Tally) { y.Add(Touches, 1); y.AddBy(SourceEvents, 1, "segment") }, 1, map[string][]float64{
			"Handoff Function=ingest Touches Count 1772546400123": {1}, "Handoff Source=segment SourceEvents Count 1772546400123": {1}}},
		{"two sources need two lines", func(y *Tally) {
			y.Add(Touches, 2)
			y.AddBy(SourceEvents, 1, "segment")
			y.AddBy(SourceEvents, 1, "stripe")
		}, 2, map[string][]float64{
			"Handoff Function=ingest Touches Count 1772546400123":     {2},
			"Handoff Source=segment SourceEvents Count 1772546400123": {1},
			"Handoff Source=stripe SourceEvents Count 1772546400123":  {1},
		}},
		{"one name under two sets of dimensions", func(y *Tally) {
			y.Add(Quarantined, 3)
			y.AddBy(SourceEvents, 3, "stripe")
			y.AddBy(QuarantinedBy, 1, "stripe", "schema")
			y.AddBy(QuarantinedBy, 2, "stripe", "no_id")
		}, 3, map[string][]float64{
			"Handoff Function=ingest Quarantined Count 1772546400123":             {3},
			"Handoff Source=stripe SourceEvents Count 1772546400123":              {3},
			"Handoff Source=stripe Reason=schema Quarantined Count 1772546400123": {1},
			"Handoff Source=stripe Reason=no_id Quarantined Count 1772546400123":  {2},
		}},
		{"a label alone, with what JSON escapes", func(y *Tally) { y.AddBy(SuppressedBy, 1, `a"b`) }, 1, map[string][]float64{
			`Handoff Reason=a"b Suppressed Count 1772546400123`: {1}}},
	} {
		var y Tally
		c.count(&y)
		out := y.AppendEMF(nil, Namespace, "ingest", at)
		if d := cmp.Diff(c.want, read(t, out)); d != "" {
			t.Errorf("%s: (-want +got)\n%s\n%s", c.name, d, out)
		}
		if n := bytes.Count(out, []byte("\n")); n != c.lines {
			t.Errorf("%s: %d lines, want %d:\n%s", c.name, n, c.lines, out)
		}
	}
}

func TestManyDurationsKeepTheirPercentiles(t *testing.T) {
	var y Tally
	for i := range 1001 {
		y.Observe(TouchLatency, time.Duration(1000-i)*time.Millisecond)
	}
	got := read(t, y.AppendEMF(nil, "N", "score", at))["N Function=score TouchLatency Milliseconds 1772546400123"]
	if len(got) != 100 || !slices.IsSorted(got) || got[0] != 0 || got[99] != 1000 {
		t.Fatalf("%d values from %v, want 100 from 0 to 1000", len(got), got)
	}
	for p, want := range map[int]float64{10: 100, 50: 500, 90: 900} {
		if v := got[p*99/100]; v < want-10 || v > want+10 {
			t.Errorf("p%d is %v, want %v within a hundredth", p, v, want)
		}
	}
}

// Every metric can be told from every other, and each has a definition.
func TestDefinitions(t *testing.T) {
	names := map[string]bool{}
	for id, d := range definitions {
		if d.name == "" || d.unit == "" || names[d.name] {
			t.Errorf("metric %d is defined as %q in %q", id, d.name, d.unit)
		}
		names[d.name] = true
	}
	for by, d := range labelled {
		if d.name == "" || len(d.dims) == 0 || len(d.dims) > 2 {
			t.Errorf("labelled metric %d is defined as %+v", by, d)
		}
	}
}

func TestNobodyCounts(t *testing.T) {
	y := From(context.Background())
	if y != nil {
		t.Fatal("a context without a tally has one")
	}
	n := testing.AllocsPerRun(10, func() {
		y.Add(Touches, 1)
		y.Set(HandoffsOpen, 1)
		y.Show(Watched[:]...)
		y.AddBy(QuarantinedBy, 1, "a", "b")
		y.Observe(HopLatency, time.Second)
	})
	if n != 0 || y.Count(Touches) != 0 {
		t.Errorf("%v allocations and %d touches where nobody counts, want none", n, y.Count(Touches))
	}
}

func TestReset(t *testing.T) {
	var y Tally
	ctx := With(context.Background(), &y)
	use := func() {
		From(ctx).Add(Touches, 1)
		From(ctx).AddBy(SourceEvents, 1, "stripe")
		From(ctx).Observe(HopLatency, time.Second)
	}
	use()
	first := y.AppendEMF(nil, Namespace, "ingest", at)
	y.Reset()
	if out := y.AppendEMF(nil, Namespace, "ingest", at); len(out) != 0 {
		t.Errorf("after the reset: %s", out)
	}
	if n := testing.AllocsPerRun(10, use); n != 0 {
		t.Errorf("%v allocations for counting what was counted before, want none", n)
	}
	y.Reset()
	use()
	if again := y.AppendEMF(nil, Namespace, "ingest", at); !bytes.Equal(first, again) {
		t.Errorf("the second invocation wrote\n%s, the first\n%s", again, first)
	}
}
