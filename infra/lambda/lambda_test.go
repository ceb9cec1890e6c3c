package lambda

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

// The test's own executable is the function: it speaks the Runtime API by hand and does what its payload says.
func TestMain(m *testing.M) {
	if how := os.Getenv("FUNCTION"); how != "" {
		function(how)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type order struct {
	Do     string
	Answer json.RawMessage
}

// seen is what the function tells of an invocation.
type seen struct {
	Request, ARN, Trace string
	Left                time.Duration // to the deadline
	Pid                 int
	Env                 map[string]string
	Payload             json.RawMessage
	N                   int
}

func function(how string) {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
	post := func(path string, body []byte) int {
		resp, err := http.Post(base+path, "application/json", bytes.NewReader(body))
		if err != nil {
			os.Exit(9)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	switch how {
	case "exits at once":
		fmt.Println("no table")
		os.Exit(3)
	case "reports an error at once":
		post("init/error", []byte(`{"errorType":"NoTable","errorMessage":"there is none"}`))
		os.Exit(1)
	case "never asks":
		time.Sleep(time.Hour)
	}
	for n := 1; ; n++ {
		resp, err := http.Get(base + "invocation/next")
		if err != nil {
			os.Exit(9)
		}
		payload, err := io.ReadAll(resp.Body)
		if err != nil {
			os.Exit(9)
		}
		h := resp.Header
		at := "invocation/" + h.Get("Lambda-Runtime-Aws-Request-Id")
		var o order
		_ = json.Unmarshal(payload, &o) // what is no order is told back
		switch o.Do {
		case "fail":
			post(at+"/error", []byte(`{"errorType":"errorString","errorMessage":"no good"}`))
		case "exit":
			fmt.Print("a last word without an end")
			os.Exit(4)
		case "fail and exit":
			post(at+"/error", []byte(`{"errorType":"panic","errorMessage":"oh"}`))
			os.Exit(1)
		case "sleep":
			time.Sleep(time.Hour)
		case "stray":
			status := post("invocation/another/response", []byte("1"))
			post(at+"/response", fmt.Append(nil, status))
		case "large":
			fmt.Println("too large:", post(at+"/response", bytes.Repeat([]byte("x"), maxResponse+1)))
		case "answer":
			post(at+"/response", o.Answer)
		case "log":
			fmt.Print("one\ntw")
			fmt.Print("o\n")
			post(at+"/response", []byte("null"))
		default:
			var ms int64
			fmt.Sscan(h.Get("Lambda-Runtime-Deadline-Ms"), &ms)
			s := seen{Request: h.Get("Lambda-Runtime-Aws-Request-Id"), ARN: h.Get("Lambda-Runtime-Invoked-Function-Arn"),
				Trace: h.Get("Lambda-Runtime-Trace-Id"), Left: time.Until(time.UnixMilli(ms)), Pid: os.Getpid(), Env: map[string]string{}, Payload: payload, N: n}
			for _, kv := range os.Environ() {
				k, v, _ := strings.Cut(kv, "=")
				s.Env[k] = v
			}
			out, _ := json.Marshal(s)
			if !json.Valid(payload) {
				out = []byte("null")
			}
			post(at+"/response", out)
		}
	}
}

// buffer takes a log.
type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

func open(t *testing.T, c Config) *Function {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if c.Env == nil {
		c.Env = map[string]string{}
	}
	if c.Env["FUNCTION"] == "" {
		c.Env["FUNCTION"] = "obeys"
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	c.Name, c.Path = "score", path
	if c.Init == 0 {
		c.Init = time.Minute // the race detector's runtime may be slow to start
	}
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if left := f.Processes(); len(left) > 0 {
			t.Errorf("processes %v are left", left)
		}
	})
	return f
}

func call(t *testing.T, f *Function, payload string) (seen, error) {
	t.Helper()
	var s seen
	out, err := f.Invoke(t.Context(), []byte(payload))
	if err == nil {
		if bad := json.Unmarshal(out, &s); bad != nil {
			t.Fatalf("%s: %v", out, bad)
		}
	}
	return s, err
}

func TestInvocation(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "the parent's")
	f := open(t, Config{Timeout: 20 * time.Second, MemoryMB: 512, Env: map[string]string{"TABLE": "accounts", "AWS_REGION": "eu-central-1"}, LogLevel: slog.LevelWarn})
	one, err := call(t, f, `{"a":1}`)
	if err != nil {
		t.Fatal(err)
	}
	two, err := call(t, f, `{"a":2}`)
	if err != nil {
		t.Fatal(err)
	}
	if one.Pid != two.Pid || one.N != 1 || two.N != 2 {
		t.Errorf("two invocations in turn ran in processes %d and %d: want one", one.Pid, two.Pid)
	}
	if string(two.Payload) != `{"a":2}` || one.Request == two.Request || len(one.Request) != 36 {
		t.Errorf("invoked with %s as %s, then %s", two.Payload, one.Request, two.Request)
	}
	if one.Left <= 10*time.Second || one.Left > 20*time.Second {
		t.Errorf("%v to the deadline, want just under 20s", one.Left)
	}
	if !strings.HasSuffix(one.ARN, ":function:score") || !strings.HasPrefix(one.Trace, "Root=1-") || !strings.Contains(one.Trace, ";Parent=") || one.Trace == two.Trace {
		t.Errorf("ARN %s, trace %s and %s", one.ARN, one.Trace, two.Trace)
	}
	for k, want := range map[string]string{
		"TABLE": "accounts", "AWS_REGION": "eu-central-1", "AWS_LAMBDA_FUNCTION_NAME": "score", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "_HANDLER": "bootstrap", "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "WARN",
		"LAMBDA_TASK_ROOT": filepath.Dir(f.Path), "AWS_SECRET_ACCESS_KEY": "",
	} {
		if got := one.Env[k]; got != want {
			t.Errorf("the function sees %s=%q, want %q", k, got, want)
		}
	}
}

// A failed invocation says how; the next one finds an environment that works, another where this one is spoilt.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		do      string
		want    Error // the message may hold more
		another bool  // the next invocation runs in another process
	}{
		{"fail", Error{"errorString", "no good"}, false},
		{"fail and exit", Error{"panic", "oh"}, true},
		{"exit", Error{Exited, "exit status 4"}, true},
		{"exit", Error{Exited, "a last word without an end"}, true},
		{"sleep", Error{TimedOut, "Task timed out after 1.50 seconds"}, true},
		{"large", Error{TooLarge, "exceeded maximum allowed payload size"}, false},
	} {
		t.Run(c.do, func(t *testing.T) {
			t.Parallel()
			f := open(t, Config{Timeout: 1500 * time.Millisecond})
			if c.do != "sleep" {
				f.Timeout = time.Minute
			}
			before, err := call(t, f, `{}`)
			if err != nil {
				t.Fatal(err)
			}
			_, err = call(t, f, `{"do":"`+c.do+`"}`)
			var got *Error
			if !errors.As(err, &got) || got.Type != c.want.Type || !strings.Contains(got.Message, c.want.Message) {
				t.Errorf("got %v, want %v", err, &c.want)
			}
			after, err := call(t, f, `{}`)
			if err != nil {
				t.Fatal(err)
			}
			if (after.Pid != before.Pid) != c.another {
				t.Errorf("process %d, then %d: want another: %v", before.Pid, after.Pid, c.another)
			}
			if n := len(f.Processes()); n != 1 {
				t.Errorf("%d processes, want 1", n)
			}
		})
	}
}

func TestStrayAnswerIsRefused(t *testing.T) {
	f := open(t, Config{})
	out, err := f.Invoke(t.Context(), []byte(`{"do":"stray"}`))
	if err != nil || string(out) != "400" {
		t.Errorf("an answer to another invocation: got %s, %v, want 400", out, err)
	}
}

func TestStartFails(t *testing.T) {
	for how, want := range map[string]string{
		"exits at once":            "exit status 3; its last word: no table",
		"reports an error at once": "NoTable: there is none",
		"never asks":               "did not ask for work within 300ms",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := Config{Env: map[string]string{"FUNCTION": how}}
			if how == "never asks" {
				c.Init = 300 * time.Millisecond
			}
			f := open(t, c)
			for range 2 { // each invocation tries anew
				if _, err := f.Invoke(t.Context(), []byte("{}")); err == nil || !strings.Contains(err.Error(), "score cannot start") || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want one saying %q", err, want)
				}
			}
			if _, err := f.Warm(t.Context()); err == nil {
				t.Error("Warm says nothing")
			}
		})
	}
}

// starts tells when an invocation is handed to a process.
type starts chan struct{}

func (s starts) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("platform.start")) {
		s <- struct{}{}
	}
	return len(line), nil
}

// Invocations at the same time run in environments of their own, as many as are allowed; the others wait.
func TestConcurrency(t *testing.T) {
	began := make(starts, 10)
	f := open(t, Config{Concurrency: 2, Log: began})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := f.Invoke(ctx, []byte(`{"do":"sleep"}`)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want that the caller gave up", err)
			}
		})
		<-began
	}
	if n := len(f.Processes()); n != 2 {
		t.Errorf("%d processes for two invocations, want 2", n)
	}
	soon, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	if _, err := f.Invoke(soon, []byte("{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third invocation: got %v, want that it waits", err)
	}
	cancel()
	wg.Wait()
	if n := len(f.Processes()); n != 0 {
		t.Errorf("%d processes still do what nobody waits for", n)
	}
	if _, err := call(t, f, "{}"); err != nil {
		t.Errorf("after callers gave up: %v", err)
	}
}

func TestClose(t *testing.T) {
	began := make(starts, 10)
	f := open(t, Config{Log: began})
	if _, err := f.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := f.Invoke(context.Background(), []byte(`{"do":"sleep"}`))
		failed <- err
	}()
	<-began
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Error("the invocation under way did not fail")
	}
	if _, err := f.Invoke(t.Context(), []byte("{}")); !errors.Is(err, errClosed) {
		t.Errorf("got %v, want %v", err, errClosed)
	}
}

func TestLog(t *testing.T) {
	var log buffer
	n := 0
	f := open(t, Config{Log: &log, RequestID: func() string { n++; return fmt.Sprint("r-", n) }})
	if _, err := f.Invoke(t.Context(), []byte(`{"do":"log"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Invoke(t.Context(), []byte(`{"do":"exit"}`)); err == nil {
		t.Fatal("want an error")
	}
	var got []string
	for line := range strings.Lines(log.String()) {
		var p struct {
			Time   time.Time
			Type   string
			Record struct {
				RequestID, Version, Status string
				Metrics                    map[string]float64
			}
		}
		if json.Unmarshal([]byte(line), &p) != nil {
			got = append(got, line)
			continue
		}
		m := p.Record.Metrics
		if p.Type == "platform.report" && (m["durationMs"] <= 0 || m["billedDurationMs"] < m["durationMs"] || m["memorySizeMB"] != 128 || (m["initDurationMs"] > 0) != (p.Record.RequestID == "r-1")) {
			t.Errorf("metrics %v of %s", m, p.Record.RequestID)
		}
		got = append(got, strings.TrimSpace(p.Type+" "+p.Record.RequestID+" "+p.Record.Status))
	}
	// What the process writes and what the platform does are two streams: each has its order, they may interleave.
	said := []string{"one\n", "two\n", "a last word without an end\n"}
	ours := []string{"platform.start r-1", "platform.report r-1 success", "platform.start r-2", "platform.report r-2 error"}
	var gotSaid, gotOurs []string
	for _, l := range got {
		if strings.HasPrefix(l, "platform") {
			gotOurs = append(gotOurs, l)
		} else {
			gotSaid = append(gotSaid, l)
		}
	}
	if d := cmp.Diff(append(said, ours...), append(gotSaid, gotOurs...)); d != "" {
		t.Errorf("log (-want +got):\n%s", d)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	var out bytes.Buffer
	w := lineWriter{to: &lines{w: &out}}
	for range 5 {
		if _, err := w.Write(bytes.Repeat([]byte("x"), maxLine/4)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("\n\nend")); err != nil {
		t.Fatal(err)
	}
	w.flush()
	var sizes []int
	for l := range strings.Lines(out.String()) {
		sizes = append(sizes, len(l))
	}
	if d := cmp.Diff([]int{maxLine, maxLine/4 + 2, 1, 4}, sizes); d != "" {
		t.Errorf("lengths of lines (-want +got):\n%s", d)
	}
}

// The batch has the fields that Lambda's own type knows, and no others.
func TestBatch(t *testing.T) {
	sent := time.Date(2026, 3, 3, 14, 5, 20, 5e6, time.UTC)
	body := `{"id":"1","detail":{"text":"a < b & \"c\""}}`
	payload := Batch("arn:aws:sqs:us-east-1:000000000000:q", "us-east-1", []Message{
		{ID: "m-1", Body: []byte(body), Receives: 2, Sent: sent, First: sent.Add(time.Second)}, {ID: "m-2", Body: []byte("{}"), Sent: sent},
	})
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.DisallowUnknownFields()
	var got events.SQSEvent
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	for i := range got.Records {
		if got.Records[i].ReceiptHandle == "" || got.Records[i].Attributes["SenderId"] == "" {
			t.Errorf("record %d has no receipt or no sender", i)
		}
		got.Records[i].ReceiptHandle = ""
		delete(got.Records[i].Attributes, "SenderId")
	}
	record := func(id, body, md5, receives, first string) events.SQSMessage {
		return events.SQSMessage{MessageId: id, Body: body, Md5OfBody: md5, MessageAttributes: map[string]events.SQSMessageAttribute{},
			Attributes:     map[string]string{"ApproximateReceiveCount": receives, "SentTimestamp": "1772546720005", "ApproximateFirstReceiveTimestamp": first},
			EventSourceARN: "arn:aws:sqs:us-east-1:000000000000:q", EventSource: "aws:sqs", AWSRegion: "us-east-1"}
	}
	// The digests are those that md5sum prints.
	want := events.SQSEvent{Records: []events.SQSMessage{
		record("m-1", body, "3376a9ad309bf6a347fe7f2ae5ea7211", "2", "1772546721005"), record("m-2", "{}", "99914b932bd37a50b983c5e7c90ae93b", "1", "1772546720005"),
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestDeliver(t *testing.T) {
	messages := []Message{{ID: "a", Body: []byte("{}")}, {ID: "b", Body: []byte("{}")}, {ID: "c", Body: []byte("{}")}}
	for _, c := range []struct {
		name    string
		answer  string
		partial bool
		failed  []int
	}{
		{"nobody failed", `{"batchItemFailures":[]}`, true, nil},
		{"one failed", `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, true, []int{1}},
		{"an answer of null is success", `null`, true, nil},
		{"an unknown message fails all", `{"batchItemFailures":[{"itemIdentifier":"x"}]}`, true, []int{0, 1, 2}},
		{"an empty id fails all", `{"batchItemFailures":[{"itemIdentifier":""}]}`, true, []int{0, 1, 2}},
		{"an answer of another kind fails all", `"done"`, true, []int{0, 1, 2}},
		{"without partial failures the answer says nothing", `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, false, nil},
	} {
		got := decided(messages, []byte(c.answer), c.partial, "f")
		var failed []int
		for i, err := range got {
			if err != nil {
				failed = append(failed, i)
			}
		}
		if !slices.Equal(failed, c.failed) || len(got) != len(messages) {
			t.Errorf("%s: messages %v failed of %d, want %v", c.name, failed, len(got), c.failed)
		}
	}
	// Over the process: a function that ends fails every message.
	f := open(t, Config{Env: map[string]string{"FUNCTION": "exits at once"}, Partial: true})
	for i, err := range f.Handle(t.Context(), []event.Envelope{{ID: "1"}, {ID: "2"}}) {
		if err == nil {
			t.Errorf("message %d did not fail", i)
		}
	}
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "bootstrap")
	if err := os.WriteFile(plain, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		config Config
		says   []string
	}{
		{Config{Path: filepath.Join(dir, "none"), Concurrency: -1}, []string{"Name is missing", "Timeout is 0s", "Concurrency is -1", "executable is not there"}},
		{Config{Name: "f", Timeout: 1, Path: plain}, []string{"is no executable file"}},
		{Config{Name: "f", Timeout: 1, Path: dir}, []string{"is no executable file"}},
	} {
		_, err := New(c.config)
		for _, says := range c.says {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%+v: got %v, want one saying %q", c.config, err, says)
			}
		}
	}
	// A file for another machine starts nothing, and says why.
	if err := os.WriteFile(plain, []byte("\x7fELF of another machine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(plain, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{Name: "f", Timeout: 1, Path: plain})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Warm(t.Context()); err == nil || !strings.Contains(err.Error(), "built for another machine") {
		t.Errorf("got %v", err)
	}
}
