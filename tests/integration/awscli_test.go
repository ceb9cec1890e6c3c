package integration

import (
	"bufio"
	"bytes"
	"context"
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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/bus"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
)

// awsVersion is what tests/integration/awscli.sh installs.
var awsVersion = regexp.MustCompile(`(?m)^awscli==(\S+)`)

// awsTools is the folder of the AWS CLI and boto3.
func awsTools(t *testing.T) string {
	t.Helper()
	root := dynamotest.Root(t)
	pins, err := os.ReadFile(filepath.Join(root, "tests", "integration", "awscli.txt"))
	if err != nil {
		t.Fatal(err)
	}
	version := awsVersion.FindSubmatch(pins)
	if version == nil {
		t.Fatal("awscli.txt pins no awscli")
	}
	dir := filepath.Join(root, ".tools", "awscli", string(version[1]))
	if _, err := os.Stat(filepath.Join(dir, "bin", "aws")); err != nil {
		dynamotest.Skip(t, "the AWS CLI is not installed: run tests/integration/awscli.sh")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		dynamotest.Skip(t, "the AWS CLI needs python3, and there is none on the PATH")
	}
	return dir
}

// handoff is the operator's command as built.
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
		build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(handoff.dir, "handoff"), "./infra/handoff")
		build.Dir = dynamotest.Root(t)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			handoff.err = fmt.Errorf("build the command: %w: %s", err, out)
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

// put calls `aws events put-events` with entries from a file, as a producer's script does.
func (r *running) put(t *testing.T, entries string, options ...string) (stdout, stderr string, status int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "entries.json")
	if err := os.WriteFile(file, []byte(entries), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(awsTools(t), "bin", "aws"),
		append([]string{"events", "put-events", "--endpoint-url", r.url, "--output", "json", "--entries", "file://" + file}, options...)...)
	cmd.Env = producer()
	return run(t, cmd)
}

// producer is the environment of a producer that signs, and tries once.
func producer() []string {
	return append(os.Environ(), "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=thing", "AWS_SESSION_TOKEN=", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=")
}

// touchOf is an entry that ingest takes, with further members.
func touchOf(id string, members map[string]any) map[string]any {
	detail, _ := json.Marshal(map[string]string{"id": id, "kind": "docs_viewed", "time": "2026-03-14T15:00:00Z", "subject": "email:cleo@contoso.example"})
	out := map[string]any{"Source": "shop", "DetailType": "Touch", "Detail": string(detail), "EventBusName": "handoff"}
	for k, v := range members {
		if out[k] = v; v == nil {
			delete(out, k)
		}
	}
	return out
}

func entriesOf(entries ...map[string]any) string {
	b, _ := json.Marshal(entries)
	return string(b)
}

// TestAWSCommandLine is `aws events put-events --endpoint-url` against `handoff local`: answers, codes, messages and exit
// statuses as EventBridge and the AWS CLI give them. Where they are from:
//
//   - Answers about single entries, and "Total size…", as recorded from AWS by LocalStack's tests
//     (github.com/localstack/localstack, tests/aws/services/events/test_events.snapshot.json).
//   - The constraints of the model, and how they are worded: the same, and the API reference of PutEventsRequestEntry.
//   - The limits: 10 entries, and less than 1 MB by the formula of "Calculating Amazon EventBridge PutEvents event entry size".
//   - 255 for an answer that refuses: the user guide of the AWS CLI's version 1, "Return codes"; its version 2 says 254.
//
// Two answers are not EventBridge's, and doc.go of infra/local says why: an unknown bus is refused, where EventBridge
// answers an id and drops the event; and a call without a signature is taken.
func TestAWSCommandLine(t *testing.T) {
	awsTools(t)
	r := runLocal(t)
	large := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name    string
		entries string
		options []string
		status  int
		codes   []string // of the entries, "" for one that has an id
		says    string   // on stdout, or on stderr where the status is not 0
		arrive  int
	}{
		{"good entries", entriesOf(touchOf("1", nil), touchOf("2", nil)), nil, 0, []string{"", ""}, "", 2},
		{"all members", entriesOf(touchOf("3", map[string]any{"Time": "2026-03-14T15:00:00Z", "Resources": []string{"arn:aws:s3:::b", "any text"},
			"TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"})), nil, 0, []string{""}, "", 1},
		{"a time in seconds", entriesOf(touchOf("4", map[string]any{"Time": 1773500400})), nil, 0, []string{""}, "", 1},
		{"a bus by its ARN", entriesOf(touchOf("5", map[string]any{"EventBusName": "arn:aws:events:eu-central-1:111111111111:event-bus/handoff"})), nil, 0, []string{""}, "", 1},
		{"partial failure", entriesOf(touchOf("6", nil), touchOf("", map[string]any{"Source": nil}), touchOf("", map[string]any{"DetailType": nil}), touchOf("", map[string]any{"Detail": nil}),
			touchOf("", map[string]any{"Detail": "{"}), touchOf("", map[string]any{"Detail": "[1]"}), touchOf("", map[string]any{"Detail": `"text"`}),
			touchOf("", map[string]any{"Source": "aws.ec2"}), touchOf("7", nil)), nil, 0,
			[]string{"", "InvalidArgument", "InvalidArgument", "InvalidArgument", "MalformedDetail", "MalformedDetail", "MalformedDetail", "NotAuthorizedForSourceException", ""},
			"Parameter Source is not valid. Reason: Source is a required argument.", 2},
		{"nothing good", entriesOf(touchOf("", map[string]any{"Detail": ""})), nil, 0, []string{"InvalidArgument"}, "Parameter Detail is not valid. Reason: Detail is a required argument.", 0},
		{"an unknown bus", entriesOf(touchOf("", map[string]any{"EventBusName": "hadnoff"}), touchOf("8", nil)), nil, 0, []string{"InvalidArgument", ""}, "Event bus hadnoff does not exist", 1},
		{"an unknown bus by its ARN", entriesOf(touchOf("", map[string]any{"EventBusName": "arn:aws:events:eu-central-1:111111111111:event-bus/hadnoff"})), nil, 0,
			[]string{"InvalidArgument"}, "event-bus/hadnoff does not exist", 0},
		{"a name that no bus can have", entriesOf(touchOf("", map[string]any{"EventBusName": "hand off"})), nil, 255, nil,
			"An error occurred (ValidationException) when calling the PutEvents operation: 1 validation error detected: Value 'hand off' at 'entries.1.member.eventBusName' failed to satisfy constraint: Member must satisfy regular expression pattern: ", 0},
		{"eleven entries", entriesOf(touchOf("", nil), touchOf("", nil), touchOf("", nil), touchOf("", nil), touchOf("", nil), touchOf("", nil), touchOf("", nil), touchOf("", nil),
			touchOf("", nil), touchOf("", nil), touchOf("", nil)), nil, 255, nil, "at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10", 0},
		{"an entry over the limit", entriesOf(touchOf("", map[string]any{"Detail": `{"x":"` + large + `"}`})), nil, 255, nil,
			"An error occurred (ValidationException) when calling the PutEvents operation: Total size of the entries in the request is over the limit.", 0},
		{"entries over the limit together", entriesOf(touchOf("", map[string]any{"Detail": `{"x":"` + large[:600_000] + `"}`}), touchOf("", map[string]any{"Detail": `{"x":"` + large[:600_000] + `"}`})),
			nil, 255, nil, "Total size of the entries in the request is over the limit.", 0},
		{"unsigned", entriesOf(touchOf("9", nil)), []string{"--no-sign-request"}, 0, []string{""}, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := r.accepted(t)
			stdout, stderr, status := r.put(t, c.entries, c.options...)
			said := stdout
			if status != 0 {
				said = stderr
			}
			if status != c.status || !strings.Contains(said, c.says) {
				t.Fatalf("status %d, want %d; said %q %q, want %q", status, c.status, stdout, stderr[:min(len(stderr), 400)], c.says)
			}
			if status == 0 {
				var answer struct {
					FailedEntryCount int
					Entries          []struct{ EventId, ErrorCode, ErrorMessage string }
				}
				if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
					t.Fatalf("%v: %s", err, stdout)
				}
				var codes []string
				failed := 0
				for i, e := range answer.Entries {
					if codes = append(codes, e.ErrorCode); e.ErrorCode != "" {
						failed++
					}
					if (e.EventId == "") != (e.ErrorCode != "") || (e.ErrorCode == "") != (e.ErrorMessage == "") {
						t.Errorf("entry %d has neither an id nor an error, or both: %+v", i, e)
					}
				}
				if d := cmp.Diff(c.codes, codes); d != "" || answer.FailedEntryCount != failed {
					t.Errorf("%d failed; codes (-want +got):\n%s", answer.FailedEntryCount, d)
				}
			}
			if got := r.accepted(t) - before; got != c.arrive {
				t.Errorf("%d events arrived, want %d", got, c.arrive)
			}
		})
	}
}

// A producer who does as the user guide says, and sends again what has an error code, loses nothing on a bus that turns
// entries away. Three do: the AWS CLI, boto3, and our own publisher on the SDK for Go; and the operator's own send.
func TestBusyBus(t *testing.T) {
	tools := awsTools(t)
	r := runLocal(t, "--throttle", "2")
	t.Run("aws", func(t *testing.T) {
		before := r.accepted(t)
		var left []map[string]any
		for i := range 10 {
			left = append(left, touchOf(fmt.Sprint("cli-", i), nil))
		}
		codes := map[string]bool{}
		for range 40 {
			stdout, stderr, status := r.put(t, entriesOf(left...))
			if status != 0 {
				t.Fatalf("status %d: %s", status, stderr)
			}
			var answer struct{ Entries []struct{ ErrorCode string } }
			if err := json.Unmarshal([]byte(stdout), &answer); err != nil || len(answer.Entries) != len(left) {
				t.Fatalf("%v: %s", err, stdout)
			}
			var again []map[string]any
			for i, e := range answer.Entries {
				if e.ErrorCode != "" {
					codes[e.ErrorCode] = true
					again = append(again, left[i])
				}
			}
			if left = again; len(left) == 0 {
				break
			}
		}
		if got := r.accepted(t) - before; got != 10 || len(left) > 0 {
			t.Errorf("%d events arrived, %d are left, want all 10", got, len(left))
		}
		for code := range codes {
			if code != "ThrottlingException" && code != "InternalFailure" {
				t.Errorf("a busy bus says %s, which nobody sends again", code)
			}
		}
		if len(codes) == 0 {
			t.Error("nothing was turned away")
		}
	})
	t.Run("boto3", func(t *testing.T) {
		before := r.accepted(t)
		cmd := exec.Command("python3", "-c", `
import json, sys, boto3
events = boto3.client("events", endpoint_url=sys.argv[1])
left, sent, codes = json.load(sys.stdin), 0, set()
while left:
    sent += 1
    if sent > 40: sys.exit("nobody is let in")
    answer = events.put_events(Entries=left)
    failed = [(e, r["ErrorCode"]) for e, r in zip(left, answer["Entries"]) if "ErrorCode" in r]
    assert answer["FailedEntryCount"] == len(failed), answer
    codes |= {c for _, c in failed}
    left = [e for e, _ in failed]
print(sent, *sorted(codes))
`, r.url)
		var entries []map[string]any
		for i := range 10 {
			entries = append(entries, touchOf(fmt.Sprint("boto-", i), map[string]any{"Resources": []string{"arn:x"}}))
		}
		cmd.Env, cmd.Stdin = append(producer(), "PYTHONPATH="+filepath.Join(tools, "site")), strings.NewReader(entriesOf(entries...))
		stdout, stderr, status := run(t, cmd)
		if got := r.accepted(t) - before; status != 0 || got != 10 {
			t.Errorf("status %d, %d events arrived, want 10: %s%s", status, got, stdout, stderr)
		}
	})
	client := eventbridge.New(eventbridge.Options{Region: "eu-central-1", BaseEndpoint: &r.url, Credentials: credentials.NewStaticCredentialsProvider("any", "thing", "")})
	t.Run("our publisher", func(t *testing.T) {
		before := r.accepted(t)
		var events []event.Envelope
		for i := range 30 {
			e := touchOf(fmt.Sprint("go-", i), nil)
			events = append(events, event.Envelope{Source: "shop", DetailType: "Touch", Detail: json.RawMessage(e["Detail"].(string))})
		}
		p := bus.New(client, "handoff")
		p.Sleep = func(context.Context, time.Duration) error { return nil }
		calls := 0
		for ; len(events) > 0 && calls < 20; calls++ {
			err := p.Publish(t.Context(), events)
			left, ok := errors.AsType[*event.Leftover](err)
			if err != nil && !ok {
				t.Fatal(err)
			}
			if events = nil; ok {
				events = left.Events
			}
		}
		if got := r.accepted(t) - before; got != 30 || len(events) > 0 {
			t.Errorf("%d events arrived, %d are left after %d calls, want all 30", got, len(events), calls)
		}
	})
	t.Run("handoff send", func(t *testing.T) {
		before := r.accepted(t)
		stdout, stderr, status := r.operate(t, lines(40), "send")
		if got := r.accepted(t) - before; status != 0 || got != 40 || !strings.Contains(stdout, "Sent 40 events.") {
			t.Errorf("status %d, %d events arrived, want 40: %s%s", status, got, stdout, stderr)
		}
	})
	t.Run("the Go SDK", func(t *testing.T) {
		before := r.accepted(t)
		e := touchOf("sdk", nil)
		out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
			{Source: aws.String("shop"), DetailType: aws.String("Touch"), Detail: aws.String("{"), EventBusName: aws.String("handoff")},
			{Source: aws.String("shop"), DetailType: aws.String("Touch"), Detail: aws.String(e["Detail"].(string)), EventBusName: aws.String("handoff")},
		}})
		if err != nil {
			t.Fatal(err)
		}
		took := 0
		if out.Entries[1].EventId != nil {
			took = 1
		}
		if code := aws.ToString(out.Entries[0].ErrorCode); code != "MalformedDetail" || int(out.FailedEntryCount) != 2-took || r.accepted(t)-before != took {
			t.Errorf("answer %+v", out)
		}
	})
}

// lines are touches as the operator's send reads them.
func lines(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, `{"source":"shop","detail-type":"Touch","detail":%s}`+"\n", touchOf(fmt.Sprint("line-", i), nil)["Detail"])
	}
	return out.String()
}

// A bus that takes nothing: send says how many are left and ends with another status than 0, and what it did not take is sent
// whole when it is sent again.
func TestClosedBus(t *testing.T) {
	r := runLocal(t, "--throttle", "1")
	stdout, stderr, status := r.operate(t, lines(5), "send")
	if status == 0 || !strings.Contains(stderr, "5 events not accepted") || !strings.Contains(stderr, "send it again") || strings.Contains(stdout, "Sent") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if got := r.accepted(t); got != 0 {
		t.Errorf("%d events arrived at a closed bus", got)
	}
}
