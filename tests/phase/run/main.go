// Command run runs all tests in two phases, see tests/phase: under the race detector, and then without it what was left
// to that. It says what failed and what was skipped, with the reasons. Its exit status is 1 where something failed; in CI
// (CI=true) what was skipped has failed.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// order is of all packages, with those before that take longest: what is begun last leaves one core idle.
var order = []string{"./tests/pipeline", "./tests/integration", "./tests/stories", "./tests/integration/deployed", "./tests/script", "./shared/dynamo", "./..."}

func main() {
	ok, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tests/phase/run:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

func run() (ok bool, err error) {
	var skipped, failed []string
	race := watchable()
	args := order
	if race {
		args = append([]string{"-race"}, args...)
	} else {
		skipped = append(skipped, "race detector: it needs cgo and a C compiler")
	}
	fmt.Printf("\n== tests%s: unit, conformance, contract, pipeline, crash tables, fuzz seeds, the README's commands\n",
		map[bool]string{true: " with the race detector"}[race])
	first, err := goTest(args...)
	if err != nil {
		return false, err
	}
	phases := []*results{first}
	if len(first.left) > 0 {
		fmt.Println("\n== what was left to a phase without the race detector, whole")
		second, err := goTest(leftArgs(first)...)
		if err != nil {
			return false, err
		}
		phases = append(phases, second)
		failed = missing(first, second)
	}
	passes := 0
	for _, r := range phases {
		passes += r.count("pass")
		failed = append(failed, r.failures()...)
		skipped = append(skipped, r.skipped()...)
	}
	for _, text := range failed {
		fmt.Println("\n" + text)
	}
	slices.Sort(skipped)
	if skipped = slices.Compact(skipped); len(skipped) > 0 {
		fmt.Println("\nSkipped:\n  " + strings.Join(skipped, "\n  "))
	}
	fmt.Printf("\ntests: %d passed, %d failed, %d skipped\n", passes, len(failed), len(skipped))
	return len(failed) == 0 && (len(skipped) == 0 || os.Getenv("CI") != "true"), nil
}

// goTest runs go test. run.sh has vetted all, so that it need not.
func goTest(args ...string) (*results, error) {
	cmd := exec.Command("go", append([]string{"test", "-json", "-vet=off", "-timeout=40m"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r, err := read(out, os.Stdout)
	if err != nil {
		_ = cmd.Process.Kill() // it may have ended
	}
	// That something failed is in the results, unless nothing is.
	if ended := cmd.Wait(); err == nil && ended != nil && len(r.failures()) == 0 {
		err = fmt.Errorf("go test: %w", ended)
	}
	return r, err
}

// leftArgs let go test run what a phase left, and nothing else of its packages.
func leftArgs(first *results) []string {
	var names, packages []string
	for t := range first.left {
		names, packages = append(names, regexp.QuoteMeta(t.Name)), append(packages, t.Package)
	}
	slices.Sort(names)
	slices.Sort(packages)
	return append([]string{"-run=^(" + strings.Join(slices.Compact(names), "|") + ")$"}, slices.Compact(packages)...)
}

// watchable says whether there can be a race detector here.
func watchable() bool {
	out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output()
	if err != nil {
		return false
	}
	enabled, cc, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if words := strings.Fields(cc); enabled == "1" && len(words) > 0 {
		_, err = exec.LookPath(words[0])
		return err == nil
	}
	return false
}
