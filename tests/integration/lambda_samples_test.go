package integration

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo/dynamotest"
	"handoff/tests/sam/payload"
)

// Each payload of events/samples/<function> is handled by the built function, on empty tables: what it writes and
// publishes, that nothing fails, and that it says the same thing again when it comes again.
func TestSamplesAsBuilt(t *testing.T) {
	db := dynamotest.Shared(t)
	all, err := payload.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		t.Run(p.File, func(t *testing.T) {
			w, err := payload.Open(t.Context(), db, strings.NewReplacer("/", "-", ".json", "").Replace(p.File), "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			})
			f := start(t, p.Function, w.Env(db, "127.0.0.1"))
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			out, err := f.Invoke(ctx, p.Body)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Answer(out); err != nil {
				t.Error(err)
			}
			got, err := w.Did(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(p.Want, got); d != "" {
				t.Errorf("%s: what it did (-want +got):\n%s", p.File, d)
			}
			for _, level := range []string{"ERROR", "WARN"} {
				for _, line := range said(t, f.logged(), "level", level) {
					t.Errorf("%s: its log says %v", p.File, line)
				}
			}
			// The payload comes again: no row is added.
			if out, err = f.Invoke(ctx, p.Body); err == nil {
				err = p.Answer(out)
			}
			if err != nil {
				t.Errorf("delivered again: %v", err)
			}
			again, err := w.Did(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(got.Rows, again.Rows); d != "" {
				t.Errorf("%s: rows after it was delivered again (-first +again):\n%s", p.File, d)
			}
		})
	}
}
