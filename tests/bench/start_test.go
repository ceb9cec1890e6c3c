package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"handoff/infra/lambda"
	"handoff/shared/dynamo/dynamotest"
)

// BenchmarkStart measures how long each built function takes from exec to its first request for work, on this machine,
// beside a function that does nothing: the medians, and by how much they differ (the budget is 5 ms).
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	root := dynamotest.Root(b)
	built := func(cmd *exec.Cmd) {
		b.Helper()
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
		}
	}
	built(exec.Command("make", "build-here", "BIN="+dir))
	empty := filepath.Join(dir, "here", "empty", "bootstrap")
	built(exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", empty, "./tests/bench/testdata/empty"))

	names := []string{"empty", "ingest", "enrich", "score", "route", "attribution"}
	took := map[string][]time.Duration{}
	start := func(name string) time.Duration {
		f, err := lambda.New(lambda.Config{Name: name, Path: filepath.Join(dir, "here", name, "bootstrap"), Timeout: time.Second, Env: map[string]string{
			"ACCOUNTS_TABLE": "accounts", "LEDGER_TABLE": "ledger", "BUS_NAME": "bus", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
		}})
		if err != nil {
			b.Fatal(err)
		}
		d, err := f.Warm(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
		return d
	}
	for _, name := range names {
		start(name) // reads the file into the page cache
	}
	for b.Loop() {
		for _, name := range names { // in turn, so that what else the machine does hits all alike
			took[name] = append(took[name], start(name))
		}
	}
	median := func(name string) float64 {
		slices.Sort(took[name])
		return float64(took[name][len(took[name])/2]) / 1e6
	}
	for _, name := range names {
		b.ReportMetric(median(name), "ms-"+name)
		if name != "empty" {
			b.ReportMetric(median(name)-median("empty"), "ms-over-empty-"+name)
		}
	}
}
