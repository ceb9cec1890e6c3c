package integration

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"handoff/shared/dynamo/dynamotest"
)

// The operator's command runs the built functions: an event that the command sends comes back as a handoff, though each
// function's process is killed in between, and nothing is lost.
func TestLocalIsolated(t *testing.T) {
	db := dynamotest.Start(t)
	root := dynamotest.Root(t)
	built := filepath.Dir(filepath.Dir(bootstrap(t, "ingest")))
	program := command(t)
	data := filepath.Join(t.TempDir(), "data")
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	handoff := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(ctx, program, append([]string{"--data", data}, args...)...)
		cmd.Dir, cmd.Stdin = root, strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("handoff %v: %v\n%s", args, err, out)
		}
		return string(out)
	}

	// What is missing is named, with the remedy.
	for want, args := range map[string][]string{
		"run make build-here":                                 {"--dynamodb", db.Endpoint, "--bootstraps", t.TempDir()},
		"set AWS_ACCESS_KEY_ID":                               {"--dynamodb", "https://dynamodb.example", "--bootstraps", built},
		"does not answer for table .* on http://127.0.0.1:1:": {"--dynamodb", "http://127.0.0.1:1", "--bootstraps", built},
	} {
		cmd := exec.CommandContext(ctx, program, append([]string{"--data", data, "local", "--isolated", "--listen", "127.0.0.1:0"}, args...)...)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=")
		if out, err := cmd.CombinedOutput(); err == nil || !regexp.MustCompile(want).Match(out) {
			t.Errorf("%v: got %v, want one saying %q:\n%s", args, err, want, out)
		}
	}

	local := exec.CommandContext(ctx, program, "--data", data, "local", "--isolated", "--dynamodb", db.Endpoint, "--bootstraps", built, "--listen", "127.0.0.1:0")
	local.Dir = root
	var log transcript
	local.Stderr = &log
	local.Cancel = func() error { return local.Process.Signal(syscall.SIGINT) }
	stdout, err := local.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(); err != nil {
		t.Fatal(err)
	}
	told := bufio.NewScanner(stdout)
	running := false
	for !running && told.Scan() {
		running = strings.HasPrefix(told.Text(), "Handoff runs.")
	}
	if !running {
		t.Fatalf("it does not run: %v\n%s", local.Wait(), log.text.Bytes())
	}

	now := time.Now().UTC()
	touch := func(id, kind, who string) string {
		return `{"source":"crm","detail-type":"Touch","detail":{"id":"` + id + `","kind":"` + kind + `","time":"` + now.Format(time.RFC3339) + `","subject":"email:` + who + `"}}` + "\n"
	}
	handoff(touch("1", "page_viewed", "ann@initech.example"), "send")
	handoff("", "conserve")
	// Whoever runs a function may lose its process at any time.
	killed := 0
	for _, pid := range children(t, built) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed++
	}
	if killed < 5 {
		t.Errorf("%d processes, want one for each function at least", killed)
	}
	handoff(touch("2", "demo_requested", "ann@initech.example"), "send")
	if out := handoff("", "conserve"); !strings.Contains(out, "Nothing is lost") || !regexp.MustCompile(`2 accepted = 2 recorded`).MatchString(out) {
		t.Errorf("conserve says:\n%s", out)
	}
	if out := handoff("", "account", "initech.example"); !strings.Contains(out, "hand_raise  open") {
		t.Errorf("account says:\n%s", out)
	}
	if err := local.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for told.Scan() { // to the end, as Wait wants it
	}
	if err := local.Wait(); err != nil {
		t.Errorf("it ends with %v\n%s", err, log.text.Bytes())
	}
	if !bytes.Contains(log.text.Bytes(), []byte(`"platform.report"`)) {
		t.Errorf("the functions' log is not on stderr:\n%s", log.text.Bytes())
	}
	if left := children(t, built); len(left) > 0 {
		t.Errorf("functions %v outlive it", left)
	}
}

// children are the processes that run an executable below a folder.
func children(t *testing.T, below string) []int {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(dirs) == 0 {
		dynamotest.Skip(t, "processes cannot be listed without /proc")
	}
	var out []int
	for _, dir := range dirs {
		exe, err := os.Readlink(filepath.Join(dir, "exe"))
		if err != nil || !strings.HasPrefix(exe, below) {
			continue // another user's, or gone
		}
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pid)
	}
	return out
}
