package integration

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo/dynamotest"
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
