package rig

import (
	"flag"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"handoff/tests/phase"
)

// Check checks a property that plays whole pipelines, so many times; a tenth of them under the race detector, as each draws
// other events and not other goroutines. -rapid.checks says otherwise.
func Check(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if phase.Part(t, fmt.Sprintf("a tenth of %d drawn cases", times)) {
			times = (times + 9) / 10
		}
		if err := f.Value.Set(fmt.Sprint(times)); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := f.Value.Set(f.DefValue); err != nil {
				t.Error(err)
			}
		}()
	}
	rapid.Check(t, property)
}
