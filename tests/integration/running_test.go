package integration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"handoff/shared/dynamo/dynamotest"
)

// handoff is the operator's command as built, with handoff-aws beside it. The flags are those of all executables of this
// repository, so that they share the build cache.
var handoff struct {
	sync.Once
	dir string
	err error
}

func command(t *testing.T) string {
	t.Helper()
	handoff.Do(func() {
		if handoff.dir, handoff.err = os.MkdirTemp("", "handoff"); handoff.err != nil {
			return
		}
		for name, tags := range map[string]string{"handoff": "", "handoff-aws": "aws"} {
			build := exec.Command("go", "build", "-trimpath", "-tags", tags, "-o", filepath.Join(handoff.dir, name), "./infra/handoff")
			build.Dir = dynamotest.Root(t)
			build.Env = append(os.Environ(), "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				handoff.err = fmt.Errorf("build %s: %w: %s", name, err, out)
				return
			}
		}
	})
	if handoff.err != nil {
		t.Fatal(handoff.err)
	}
	return filepath.Join(handoff.dir, "handoff")
}

// running is a `handoff local`.
type running struct {
	url, data string
}

var serving = regexp.MustCompile(`Events: (http://\S+) \(PutEvents\)`)

func runLocal(t *testing.T, args ...string) *running {
	t.Helper()
	r := &running{data: filepath.Join(t.TempDir(), "data")}
	cmd := exec.Command(command(t), append([]string{"--data", r.data, "local", "--listen", "127.0.0.1:0", "--log-level", "warn"}, args...)...)
	cmd.Dir = dynamotest.Root(t) // where template.yaml is
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log transcript
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // an error says that it ended before
		if err := cmd.Wait(); err != nil {
			t.Errorf("handoff local: %v: %s", err, log.bytes())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	m := serving.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("handoff local said %q, %v: %s", line, err, log.bytes())
	}
	r.url = m[1]
	return r
}

// operate runs a command of the operator on the running pipeline.
func (r *running) operate(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(command(t), append([]string{"--data", r.data}, args...)...)
	cmd.Dir, cmd.Stdin = dynamotest.Root(t), strings.NewReader(stdin)
	return run(t, cmd)
}

func run(t *testing.T, cmd *exec.Cmd) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), errs.String(), failed.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), 0
}

// accepted is how many events stand in the archive or were handled, by the operator's own account.
func (r *running) accepted(t *testing.T) (total int) {
	t.Helper()
	out, stderr, status := r.operate(t, "", "--format", "json", "conserve")
	var c struct {
		Events struct {
			Total int `json:"total"`
		} `json:"events"`
	}
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("conserve: %v, status %d: %s %s", err, status, out, stderr)
	}
	return c.Events.Total
}
