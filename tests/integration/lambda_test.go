package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	runner "handoff/infra/lambda"
	"handoff/shared/dynamo/dynamotest"
)

// stages are the functions, and where their mains are.
var stages = []string{"ingest", "enrich", "score", "route", "attribution"}

var bootstraps struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := dynamotest.Main(m)
	for _, dir := range []string{bootstraps.dir, handoff.dir} {
		if dir != "" {
			_ = os.RemoveAll(dir) // a folder for temporary files
		}
	}
	os.Exit(code)
}

// bootstrap is a function's executable for this machine, built as for Lambda but for the architecture.
func bootstrap(t testing.TB, stage string) string {
	t.Helper()
	if _, err := exec.LookPath("make"); err != nil {
		dynamotest.Skip(t, "the build recipe needs make")
	}
	bootstraps.Do(func() {
		if bootstraps.dir, bootstraps.err = os.MkdirTemp("", "bootstraps"); bootstraps.err != nil {
			return
		}
		cmd := exec.Command("make", "build-here", "BIN="+bootstraps.dir)
		cmd.Dir = dynamotest.Root(t)
		if out, err := cmd.CombinedOutput(); err != nil {
			bootstraps.err = fmt.Errorf("make build-here: %w: %s", err, out)
		}
	})
	if bootstraps.err != nil {
		t.Fatal(bootstraps.err)
	}
	return filepath.Join(bootstraps.dir, "here", stage, "bootstrap")
}

// lambda is a built function that runs, by the same driver as in `handoff local --isolated`.
type lambda struct {
	*runner.Function
	ended   chan struct{} // it does not start
	ready   chan struct{} // it asked for its first invocation
	started time.Duration // from exec to ready
	log     transcript
}

// transcript keeps a log.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *transcript) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lambda) logged() string {
	l.log.mu.Lock()
	defer l.log.mu.Unlock()
	return l.log.text.String()
}

// start runs a function with an environment of its own. Requests are called request-1, request-2, …
func start(t testing.TB, stage string, env map[string]string) *lambda {
	t.Helper()
	l := &lambda{ended: make(chan struct{}), ready: make(chan struct{})}
	var requests atomic.Int64
	var err error
	l.Function, err = runner.New(runner.Config{
		Name: stage, Path: bootstrap(t, stage), Env: env, Timeout: 30 * time.Second, Partial: true, Log: &l.log,
		QueueARN:  "arn:aws:sqs:us-east-1:000000000000:" + stage,
		RequestID: func() string { return fmt.Sprint("request-", requests.Add(1)) },
		Init:      time.Minute, // the machine may be busy
	})
	if err != nil {
		t.Fatal(err)
	}
	warm := make(chan struct{})
	go func() {
		defer close(warm)
		var err error
		if l.started, err = l.Warm(context.Background()); err != nil {
			close(l.ended)
			return
		}
		close(l.ready)
	}()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-warm
		if t.Failed() {
			t.Logf("log of %s:\n%s", stage, l.logged())
		}
	})
	return l
}

// sqs is the payload of an SQS event source mapping. Messages are called m0, m1, …
func sqs(bodies ...[]byte) []byte {
	messages := make([]runner.Message, len(bodies))
	for i, b := range bodies {
		messages[i] = runner.Message{ID: fmt.Sprint("m", i), Body: b, Sent: time.Now()}
	}
	return runner.Batch("arn:aws:sqs:us-east-1:000000000000:q", "us-east-1", messages)
}

// said reads a log's lines of one kind: those whose field has the value.
func said(t testing.TB, log, field, value string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(log) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
		if l[field] == value {
			out = append(out, l)
		}
	}
	return out
}
