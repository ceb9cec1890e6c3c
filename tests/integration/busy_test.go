package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"handoff/shared/bus"
	"handoff/shared/event"
)

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
		// It gives up after six tries. One event in two would be turned away that often once in 64; one in ten, in a million.
		r := runLocal(t, "--throttle", "10")
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
