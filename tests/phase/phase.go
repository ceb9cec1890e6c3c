// Package phase shares the tests between the two phases of make test. The first runs every test under the race detector,
// which makes them five to ten times as long. What has no goroutines that other tests have not may leave all of its work,
// or a part, to the second phase, by Later or Part: tests/phase/run reads that from the first phase's log, runs those
// tests again without the race detector, and fails unless each of them passes there. Nothing is left out by a name.
package phase

import "testing"

// Mark begins the line of a test's log by which it leaves work to the second phase.
const Mark = "left to the phase without the race detector: "

// Later leaves a whole test to the second phase and says why the race detector need not see it.
func Later(t testing.TB, why string) {
	t.Helper()
	if watched {
		t.Skip(Mark + why)
	}
}

// Part says whether only a part is to be done now, as the second phase does the whole, and what the part is.
func Part(t testing.TB, what string) bool {
	t.Helper()
	if watched {
		t.Log(Mark + "all but " + what)
	}
	return watched
}
