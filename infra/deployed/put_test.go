package deployed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"handoff/shared/bus"
	"handoff/shared/event"
)

// answers is a bus that answers an entry's nth sending with the code that says gives; "" takes it.
type answers struct {
	says func(detailType string, sending int) string
	sent map[string]int
}

func (a *answers) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	out := &eventbridge.PutEventsOutput{}
	for _, e := range in.Entries {
		a.sent[*e.DetailType]++
		var r types.PutEventsResultEntry
		if code := a.says(*e.DetailType, a.sent[*e.DetailType]); code != "" {
			r.ErrorCode, r.ErrorMessage = aws.String(code), aws.String("because of "+*e.DetailType)
			out.FailedEntryCount++
		}
		out.Entries = append(out.Entries, r)
	}
	return out, nil
}

// What the bus refuses for good comes back at once, with the reason; what it is too busy for is sent again.
func TestPutRepeatsOnlyWhatMayPass(t *testing.T) {
	always := func(code string) func(string, int) string {
		return func(kind string, _ int) string { return map[bool]string{true: code}[kind != "good"] }
	}
	for _, c := range []struct {
		name     string
		says     func(string, int) string
		accepted int
		sendings map[string]int // of each kind that is told
		left     []string
		tells    []string
		atMost   time.Duration
		atLeast  time.Duration
	}{
		{"malformed", always("MalformedDetail"), 1, map[string]int{"bad": 1, "worse": 1}, []string{"bad", "worse"}, []string{"because of bad", "because of worse"}, 0, 0},
		{"not authorised", always("NotAuthorizedForSourceException"), 1, map[string]int{"bad": 1}, []string{"bad", "worse"}, []string{"NotAuthorizedForSourceException", "events:PutEvents"}, 0, 0},
		{"denied", always("AccessDeniedException"), 1, map[string]int{"bad": 1}, []string{"bad", "worse"}, []string{"AccessDeniedException"}, 0, 0},
		{"a code of tomorrow", always("RedactionFailure"), 1, map[string]int{"bad": 1}, []string{"bad", "worse"}, []string{"RedactionFailure"}, 0, 0},
		{"throttled for long, then taken", func(kind string, n int) string {
			return map[bool]string{true: "ThrottlingException"}[kind == "bad" && n <= 13]
		}, 3, map[string]int{"bad": 14, "good": 1}, nil, nil, time.Minute, 3 * time.Second},
		{"throttled for ever", always("ThrottlingException"), 1, map[string]int{"good": 1}, []string{"bad", "worse"}, []string{"ThrottlingException", "PutEvents quota"}, time.Minute, 15 * time.Second},
		{"one refused, one throttled for long", func(kind string, n int) string {
			switch {
			case kind == "bad":
				return "InvalidArgument"
			case kind == "worse" && n <= 7:
				return "InternalFailure"
			}
			return ""
		}, 2, map[string]int{"bad": 1, "worse": 8}, []string{"bad"}, []string{"InvalidArgument", "no other try will change that"}, 20 * time.Second, time.Second},
		{"one refused, one throttled for ever", func(kind string, n int) string {
			return map[string]string{"bad": "InvalidArgument", "worse": "ThrottlingException"}[kind]
		}, 1, map[string]int{"bad": 1}, []string{"bad", "worse"}, []string{"InvalidArgument", "ThrottlingException"}, time.Minute, 15 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{says: c.says, sent: map[string]int{}}
				f := &flow{bus: bus.New(a, "handoff")}
				begun := time.Now()
				out, err := f.Put(t.Context(), []event.Envelope{{Source: "tool", DetailType: "bad"}, {Source: "tool", DetailType: "good"}, {Source: "tool", DetailType: "worse"}})
				if took := time.Since(begun); took > c.atMost || took < c.atLeast {
					t.Errorf("it took %v, want %v to %v", took, c.atLeast, c.atMost)
				}
				if out.Accepted != c.accepted {
					t.Errorf("%d accepted, want %d", out.Accepted, c.accepted)
				}
				for kind, want := range c.sendings {
					if a.sent[kind] != want {
						t.Errorf("%s was sent %d times, want %d", kind, a.sent[kind], want)
					}
				}
				var left []string
				if l, ok := errors.AsType[*event.Leftover](err); ok {
					for _, e := range l.Events {
						left = append(left, e.DetailType)
					}
				}
				slices.Sort(left)
				if !slices.Equal(left, c.left) || (err == nil) != (c.left == nil) {
					t.Errorf("left are %v, want %v: %v", left, c.left, err)
				}
				for _, says := range c.tells {
					if n := strings.Count(fmt.Sprint(err), says); n == 0 {
						t.Errorf("got %v, want one that says %q", err, says)
					}
				}
			})
		})
	}
}

// One event that is too large does not wait for anything.
func TestPutDoesNotRepeatWhatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{says: func(string, int) string { return "" }, sent: map[string]int{}}
		f := &flow{bus: bus.New(a, "handoff")}
		large := event.Envelope{Source: "tool", DetailType: "large", Detail: []byte(`"` + strings.Repeat("x", bus.MaxBytes) + `"`)}
		begun := time.Now()
		out, err := f.Put(t.Context(), []event.Envelope{large, {Source: "tool", DetailType: "good"}})
		if time.Since(begun) > 0 || out.Accepted != 1 || a.sent["large"] != 0 || err == nil || !strings.Contains(err.Error(), "of at most 1048575") {
			t.Errorf("after %v: %d accepted, large sent %d times, %v", time.Since(begun), out.Accepted, a.sent["large"], err)
		}
	})
}
