package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"handoff/tests/phase"
)

// line is one event of go test -json, see go doc test2json.
type line struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// test is a test or subtest of a package; without a name the package itself.
type test struct{ Package, Name string }

// top is the test of which it is a subtest, or itself.
func (t test) top() test {
	t.Name, _, _ = strings.Cut(t.Name, "/")
	return t
}

func (t test) String() string { return strings.TrimSuffix(t.Package+" "+t.Name, " ") }

// results are what became of the tests of one phase.
type results struct {
	action map[test]string // pass, fail or skip
	output map[test]string
	left   map[test]bool // tests, not subtests, that left work to the second phase
	builds string        // what the compiler said
}

// read reads go test -json to its end and tells of each package as soon as it is through.
func read(r io.Reader, progress io.Writer) (*results, error) {
	out := &results{action: map[test]string{}, output: map[test]string{}, left: map[test]bool{}}
	lines := bufio.NewReader(r)
	for {
		text, err := lines.ReadBytes('\n')
		if len(text) > 0 {
			var l line
			if err := json.Unmarshal(text, &l); err != nil {
				return nil, fmt.Errorf("go test said what is no JSON: %w: %.200s", err, text)
			}
			out.add(&l, progress)
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (r *results) add(l *line, progress io.Writer) {
	at := test{l.Package, l.Test}
	switch l.Action {
	case "build-output":
		r.builds += l.Output
	case "output":
		r.output[at] += l.Output
		if strings.Contains(l.Output, phase.Mark) {
			r.left[at.top()] = true
		}
	case "pass", "fail", "skip":
		r.action[at] = l.Action
		if l.Test == "" && l.Action != "skip" { // a package without tests is skipped
			fmt.Fprintf(progress, "%-4s %7.1f s  %s\n", map[string]string{"pass": "ok", "fail": "FAIL"}[l.Action], l.Elapsed, l.Package)
		}
	}
}

// count is how many tests and subtests ended so.
func (r *results) count(action string) (n int) {
	for t, a := range r.action {
		if t.Name != "" && a == action && !r.later(t) {
			n++
		}
	}
	return n
}

// later tells a test that was skipped as the second phase runs it.
func (r *results) later(t test) bool {
	return r.action[t] == "skip" && strings.Contains(r.output[t], phase.Mark)
}

// skipped are the tests that did not run, each with its reason.
func (r *results) skipped() []string {
	var out []string
	for t, a := range r.action {
		if t.Name != "" && a == "skip" && !r.later(t) {
			out = append(out, t.String()+": "+reason(r.output[t]))
		}
	}
	slices.Sort(out)
	return out
}

// reason is what a test said, without what go test says of it.
func reason(output string) string {
	var out []string
	for l := range strings.Lines(output) {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "=== ") && !strings.HasPrefix(l, "--- ") {
			out = append(out, l)
		}
	}
	return strings.Join(out, " ")
}

// most is how many lines of a failure are shown.
const most = 60

// failures are what failed, each with the end of what it said: tests, and packages that failed without one.
func (r *results) failures() []string {
	var out []string
	blamed := map[string]bool{} // packages
	tests := slices.SortedFunc(maps.Keys(r.action), func(a, b test) int {
		return strings.Compare(b.String(), a.String()) // subtests before their tests, tests before their packages
	})
	for _, t := range tests {
		if r.action[t] != "fail" || t.Name == "" && blamed[t.Package] {
			continue
		}
		blamed[t.Package] = true
		text := strings.Split(strings.TrimRight(r.output[t], "\n"), "\n")
		if n := len(text) - most; n > 0 {
			text = append([]string{fmt.Sprintf("… %d lines …", n)}, text[n:]...)
		}
		out = append(out, "FAILED "+t.String()+"\n  "+strings.Join(text, "\n  "))
	}
	if r.builds != "" && len(out) > 0 {
		out = append(out, r.builds)
	}
	slices.Reverse(out)
	return out
}

// missing are the tests that left work to the second phase and did not pass there.
func missing(first, second *results) []string {
	var out []string
	for t := range first.left {
		if second.action[t] != "pass" {
			out = append(out, fmt.Sprintf("%s left work to the second phase and did not pass there", t))
		}
	}
	slices.Sort(out)
	return out
}
