package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/tests/phase"
)

// said is what go test -json says of some tests.
func said(t *testing.T, lines ...line) (r *results, progress string) {
	t.Helper()
	var in, out bytes.Buffer
	for _, l := range lines {
		if err := json.NewEncoder(&in).Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	r, err := read(&in, &out)
	if err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}

func output(name, text string) line {
	return line{Action: "output", Package: "a/b", Test: name, Output: text + "\n"}
}

func end(name, action string) line { return line{Action: action, Package: "a/b", Test: name} }

// What leaves work to the second phase must pass there: not be skipped, not fail, not be absent.
func TestWhatIsLeftMustPassInTheSecondPhase(t *testing.T) {
	first, _ := said(t,
		output("TestWhole", "    x_test.go:1: "+phase.Mark+"it has no goroutines"), output("TestWhole", "--- SKIP: TestWhole"), end("TestWhole", "skip"),
		output("TestPart/mode", "    x_test.go:2: "+phase.Mark+"all but every fourth"), end("TestPart/mode", "pass"), end("TestPart", "pass"),
		end("TestOther", "pass"), end("", "pass"))
	if d := cmp.Diff([]string{"-run=^(TestPart|TestWhole)$", "a/b"}, leftArgs(first)); d != "" {
		t.Errorf("arguments of the second phase: -want +got\n%s", d)
	}
	if got := first.skipped(); len(got) > 0 || first.count("skip") > 0 || first.count("pass") != 3 {
		t.Errorf("skipped %v, %d passed; what runs later is not skipped", got, first.count("pass"))
	}
	for _, tc := range []struct {
		second []line
		want   []string // tests that are missed
	}{
		{[]line{end("TestPart", "pass"), end("TestWhole", "pass"), end("", "pass")}, nil},
		{[]line{end("TestPart", "pass"), end("", "pass")}, []string{"TestWhole"}},
		{[]line{end("TestPart", "fail"), end("TestWhole", "skip"), end("", "fail")}, []string{"TestPart", "TestWhole"}},
		{[]line{end("", "pass")}, []string{"TestPart", "TestWhole"}},
	} {
		second, _ := said(t, tc.second...)
		got := missing(first, second)
		if !slices.EqualFunc(got, tc.want, func(text, name string) bool { return strings.HasPrefix(text, "a/b "+name+" left") }) {
			t.Errorf("after %v: missing %q, want %v", tc.second, got, tc.want)
		}
	}
}

// A failure is shown once, with what it said; so is a package that fails without a test, and a skip with its reason.
func TestFailuresAndSkips(t *testing.T) {
	r, progress := said(t,
		output("TestBad", "=== RUN   TestBad"), output("TestBad", "    x_test.go:3: got 1, want 2"), end("TestBad", "fail"),
		output("TestTool", "=== RUN   TestTool"), output("TestTool", "    x_test.go:4: SKIPPED: no java"), output("TestTool", "--- SKIP: TestTool (0.00s)"), end("TestTool", "skip"),
		end("TestGood", "pass"), end("", "fail"),
		line{Action: "output", Package: "a/c", Output: "panic: before any test\n"}, line{Action: "fail", Package: "a/c", Elapsed: 2},
		line{Action: "skip", Package: "a/none"})
	failures := r.failures()
	if len(failures) != 2 || !strings.Contains(failures[0], "a/b TestBad") || !strings.Contains(failures[0], "got 1, want 2") || !strings.Contains(failures[1], "before any test") {
		t.Errorf("failures: %q", failures)
	}
	if d := cmp.Diff([]string{"a/b TestTool: x_test.go:4: SKIPPED: no java"}, r.skipped()); d != "" {
		t.Errorf("skipped: -want +got\n%s", d)
	}
	if n := strings.Count(progress, "\n"); n != 2 || !strings.Contains(progress, "FAIL     2.0 s  a/c") {
		t.Errorf("progress: %q, want a line for each package with tests", progress)
	}
}

func TestWhatIsNoJSONIsAnError(t *testing.T) {
	if _, err := read(strings.NewReader("go: cannot find main module\n"), &bytes.Buffer{}); err == nil {
		t.Error("no error")
	}
}
