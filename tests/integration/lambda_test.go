package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
	"handoff/shared/invoke"
)

// stages are the functions, and where their mains are.
var stages = []string{"ingest", "enrich", "score", "route", "attribution"}

var bootstraps struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if bootstraps.dir != "" {
		_ = os.RemoveAll(bootstraps.dir) // a folder for temporary files
	}
	os.Exit(code)
}

// bootstrap is a function's executable for this machine, built as for Lambda but for the architecture.
func bootstrap(t *testing.T, stage string) string {
	t.Helper()
	bootstraps.Do(func() {
		if bootstraps.dir, bootstraps.err = os.MkdirTemp("", "bootstraps"); bootstraps.err != nil {
			return
		}
		args := []string{"build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", bootstraps.dir + "/"}
		for _, s := range stages {
			// go build names executables by their folder, and these are all called lambda.
			cmd := exec.Command("go", append(append([]string(nil), args[:len(args)-1]...), filepath.Join(bootstraps.dir, s), "./functions/"+s+"/lambda")...)
			cmd.Dir = dynamotest.Root(t)
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
			if out, err := cmd.CombinedOutput(); err != nil {
				bootstraps.err = fmt.Errorf("build %s: %w: %s", s, err, out)
				return
			}
		}
	})
	if bootstraps.err != nil {
		t.Fatal(bootstraps.err)
	}
	return filepath.Join(bootstraps.dir, stage)
}

// lambda is a running bootstrap and the Runtime API that drives it, one invocation at a time. As an event.Handler it is
// the SQS event source mapping before it.
type lambda struct {
	stage   string
	invokes chan invocation
	ended   chan struct{} // the process is gone
	ready   chan struct{} // it asked for its first invocation

	mu      sync.Mutex
	exec    time.Time
	started time.Duration // from exec to ready
	n       int           // requests for an invocation
	answer  chan result
	log     strings.Builder
}

type invocation struct {
	payload []byte
	answer  chan result
}

type result struct {
	body []byte
	err  error // as the function reported it
}

// start runs a bootstrap with an environment of its own.
func start(t *testing.T, stage string, env map[string]string) *lambda {
	t.Helper()
	l := &lambda{stage: stage, invokes: make(chan invocation), ended: make(chan struct{}), ready: make(chan struct{})}
	api := httptest.NewServer(l)
	cmd := exec.Command(bootstrap(t, stage))
	cmd.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"), "AWS_LAMBDA_FUNCTION_NAME=" + stage}
	for k, v := range env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Stdout, cmd.Stderr = l, l
	l.mu.Lock()
	l.exec = time.Now()
	l.mu.Unlock()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // killed, in the end
		close(l.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // an error says that it ended before
		<-l.ended
		api.CloseClientConnections()
		api.Close()
		if t.Failed() {
			t.Logf("log of %s:\n%s", stage, l.logged())
		}
	})
	return l
}

// Write takes the function's log.
func (l *lambda) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(b)
}

func (l *lambda) logged() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.String()
}

// ServeHTTP is the Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	const prefix = "/2018-06-01/runtime/"
	switch what := strings.TrimPrefix(r.URL.Path, prefix); {
	case r.Method == http.MethodGet && what == "invocation/next":
		l.mu.Lock()
		if l.n++; l.n == 1 {
			l.started = time.Since(l.exec)
			close(l.ready)
		}
		n := l.n
		l.mu.Unlock()
		select {
		case <-r.Context().Done():
		case i := <-l.invokes:
			l.mu.Lock()
			l.answer = i.answer
			l.mu.Unlock()
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("request-%d", n))
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(30*time.Second).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:"+l.stage)
			_, _ = w.Write(i.payload) // a function that is gone shows by ended
		}
	case r.Method == http.MethodPost && strings.HasSuffix(what, "/response"):
		w.WriteHeader(http.StatusAccepted)
		l.answered(result{body: body})
	case r.Method == http.MethodPost && strings.HasSuffix(what, "/error"):
		w.WriteHeader(http.StatusAccepted)
		l.answered(result{err: errors.New(string(body))})
	default:
		http.NotFound(w, r)
	}
}

func (l *lambda) answered(r result) {
	l.mu.Lock()
	answer := l.answer
	l.answer = nil
	l.mu.Unlock()
	if answer != nil {
		answer <- r
	}
}

// Invoke calls the function.
func (l *lambda) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	i := invocation{payload, make(chan result, 1)}
	select {
	case l.invokes <- i:
	case <-l.ended:
		return nil, fmt.Errorf("%s has ended: %s", l.stage, l.logged())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case r := <-i.answer:
		return r.body, r.err
	case <-l.ended:
		return nil, fmt.Errorf("%s ended within an invocation: %s", l.stage, l.logged())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sqs is the payload of an SQS event source mapping. Messages are called m0, m1, …
func sqs(bodies ...[]byte) []byte {
	type record struct {
		MessageID   string `json:"messageId"`
		Body        string `json:"body"`
		EventSource string `json:"eventSource"`
	}
	var batch struct{ Records []record }
	for i, b := range bodies {
		batch.Records = append(batch.Records, record{fmt.Sprint("m", i), string(b), "aws:sqs"})
	}
	out, err := json.Marshal(batch)
	if err != nil {
		panic(err) // texts alone
	}
	return out
}

// Handle implements event.Handler.
func (l *lambda) Handle(ctx context.Context, batch []event.Envelope) []error {
	errs := make([]error, len(batch))
	everyone := func(err error) []error {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	bodies := make([][]byte, len(batch))
	for i := range batch {
		var err error
		if bodies[i], err = json.Marshal(batch[i]); err != nil {
			return everyone(err)
		}
	}
	out, err := l.Invoke(ctx, sqs(bodies...))
	if err != nil {
		return everyone(err)
	}
	var answer invoke.Answer
	if err := json.Unmarshal(out, &answer); err != nil {
		return everyone(err)
	}
	for _, f := range answer.Failures {
		var i int
		if _, err := fmt.Sscanf(f.ID, "m%d", &i); err != nil || i >= len(errs) {
			return everyone(fmt.Errorf("%s names a message %q", l.stage, f.ID))
		}
		errs[i] = fmt.Errorf("%s: message %s failed: see its log", l.stage, f.ID)
	}
	return errs
}
