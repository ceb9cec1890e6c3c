package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/bus"
	"handoff/shared/event"
	"handoff/shared/trace"
)

// eventBridge is a bus that takes events, except where verdict has a code, or request an error, for them.
type eventBridge struct {
	t       *testing.T
	verdict func(detailType string, nth int) (code string) // nth: how often this event came, from 1
	request func(n int) error                              // n-th request, from 1

	mu       sync.Mutex
	requests [][]string // detail types
	seen     map[string]int
	took     map[string]int
	slept    []time.Duration
}

func (b *eventBridge) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := &eventbridge.PutEventsOutput{}
	size := 0
	var names []string
	for _, e := range in.Entries {
		name := *e.DetailType
		names = append(names, name)
		b.seen[name]++
		size += len(*e.Source) + len(name) + len(*e.Detail)
		if *e.EventBusName != "handoff" {
			b.t.Errorf("%s: bus %q", name, *e.EventBusName)
		}
		if b.verdict != nil {
			if code := b.verdict(name, b.seen[name]); code != "" {
				out.FailedEntryCount++
				out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: &code, ErrorMessage: aws.String("because")})
				continue
			}
		}
		b.took[name]++
		out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String("id")})
	}
	b.requests = append(b.requests, names)
	if len(in.Entries) > 10 || size >= 1<<20 {
		b.t.Errorf("request of %d entries and %d bytes", len(in.Entries), size)
	}
	if b.request != nil {
		if err := b.request(len(b.requests)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func publisher(t *testing.T, b *eventBridge) *bus.Publisher {
	b.t, b.seen, b.took = t, map[string]int{}, map[string]int{}
	return &bus.Publisher{Client: b, Bus: "handoff", Sleep: func(ctx context.Context, d time.Duration) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.slept = append(b.slept, d)
		return ctx.Err()
	}}
}

// numbered gives n events whose detail types are 0, 1, 2, …
func numbered(n int) []event.Envelope {
	out := make([]event.Envelope, n)
	for i := range out {
		out[i] = event.Envelope{Source: event.Source, DetailType: fmt.Sprint(i), Detail: json.RawMessage(`{}`)}
	}
	return out
}

func names(events []event.Envelope) (out []string) {
	for _, e := range events {
		out = append(out, e.DetailType)
	}
	return out
}

func TestTakenAndLeft(t *testing.T) {
	for _, c := range []struct {
		name     string
		n        int
		verdict  func(name string, nth int) string
		left     []string
		says     string
		seen     map[string]int // how often these were sent
		requests int
	}{
		{"nothing", 0, nil, nil, "", nil, 0},
		{"one", 1, nil, nil, "", map[string]int{"0": 1}, 1},
		{"ten", 10, nil, nil, "", nil, 1},
		{"eleven", 11, nil, nil, "", nil, 2},
		{"hundred", 100, nil, nil, "", nil, 10},
		{"one throttled twice: it alone is sent again", 10, func(name string, nth int) string {
			if name == "4" && nth <= 2 {
				return "ThrottlingException"
			}
			return ""
		}, nil, "", map[string]int{"3": 1, "4": 3, "5": 1}, 3},
		{"two for ever, in two requests", 20, func(name string, _ int) string {
			if name == "3" || name == "17" {
				return "InternalFailure"
			}
			return ""
		}, []string{"3", "17"}, "InternalFailure", map[string]int{"2": 1, "3": 6, "17": 6}, 12},
		{"malformed is not sent again", 3, func(name string, _ int) string {
			if name == "1" {
				return "MalformedDetail"
			}
			return ""
		}, []string{"1"}, "MalformedDetail: because", map[string]int{"0": 1, "1": 1, "2": 1}, 1},
	} {
		b := &eventBridge{verdict: c.verdict}
		err := publisher(t, b).Publish(t.Context(), numbered(c.n))
		var left *event.Leftover
		switch {
		case c.left == nil && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.left != nil && !errors.As(err, &left):
			t.Errorf("%s: got %v, want a *Leftover", c.name, err)
		case c.left != nil:
			if d := cmp.Diff(c.left, names(left.Events)); d != "" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v (-want +got):\n%s", c.name, err, d)
			}
		}
		for name, want := range c.seen {
			if b.seen[name] != want {
				t.Errorf("%s: event %s was sent %d times, want %d", c.name, name, b.seen[name], want)
			}
		}
		if len(b.requests) != c.requests {
			t.Errorf("%s: %d requests, want %d: %v", c.name, len(b.requests), c.requests, b.requests)
		}
		if got, want := len(b.took), c.n-len(c.left); got != want {
			t.Errorf("%s: %d events taken, want %d", c.name, got, want)
		}
		for name, n := range b.took {
			if n != 1 {
				t.Errorf("%s: event %s was taken %d times", c.name, name, n)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	// Source "handoff" has 7 bytes, the detail type 1, a time 14: 1 MB less a byte leaves 1,048,553 for the detail.
	sized := func(name string, n int) event.Envelope {
		return event.Envelope{Source: event.Source, DetailType: name, Time: time.Unix(1, 0), Detail: json.RawMessage(`"` + strings.Repeat("x", n-2) + `"`)}
	}
	b := &eventBridge{}
	err := publisher(t, b).Publish(t.Context(), []event.Envelope{
		sized("a", 500_000), sized("b", 500_000), sized("c", 100_000), sized("d", 1_048_553), sized("e", 1_048_554), sized("f", 2),
	})
	left, ok := errors.AsType[*event.Leftover](err)
	if !ok || !cmp.Equal(names(left.Events), []string{"e"}) || !strings.Contains(err.Error(), "a e has 1048576 bytes, of at most 1048575") {
		t.Errorf("got %v, want e left over", err)
	}
	got := map[string]bool{}
	for _, r := range b.requests {
		got[strings.Join(r, "")] = true
	}
	if want := map[string]bool{"ab": true, "c": true, "d": true, "f": true}; !cmp.Equal(want, got) {
		t.Errorf("requests %v, want %v", got, want)
	}
}

func api(code string, status int) error {
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err: &smithy.GenericAPIError{Code: code, Message: "because"}}
}

func TestRequestsThatFail(t *testing.T) {
	network := errors.New("connection reset by peer")
	for _, c := range []struct {
		name     string
		err      error
		times    int  // how many requests fail
		leftover bool // else the outcome is unknown, or nil where says is ""
		says     string
		sent     int
	}{
		{"an answer lost once", network, 1, false, "", 2},
		{"a 500 once", api("InternalException", 500), 1, false, "", 2},
		{"unreachable", network, 99, false, "could not be reached", 6},
		{"always 503", api("ServiceUnavailable", 503), 99, false, "did not answer", 6},
		{"throttled", api("ThrottlingException", 400), 99, true, "throttled", 6},
		{"not allowed", api("AccessDeniedException", 400), 99, true, "the statement that template.yaml has", 1},
		{"no such bus", api("ResourceNotFoundException", 400), 99, true, "bus handoff does not exist here", 1},
		{"expired", api("ExpiredTokenException", 400), 99, true, "sign in again", 1},
		{"no credentials", errors.New("get identity: get credentials: none"), 99, true, "set AWS_PROFILE", 1},
	} {
		b := &eventBridge{request: func(n int) error {
			if n <= c.times {
				return c.err
			}
			return nil
		}}
		err := publisher(t, b).Publish(t.Context(), numbered(3))
		left, isLeft := errors.AsType[*event.Leftover](err)
		if (err != nil) != (c.says != "") || isLeft != c.leftover || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want one saying %q, leftover %v", c.name, err, c.says, c.leftover)
		}
		if isLeft && len(left.Events) != 3 {
			t.Errorf("%s: %d left over, want 3", c.name, len(left.Events))
		}
		if errors.Is(err, c.err) {
			t.Errorf("%s: the SDK's error leaves the package", c.name)
		}
		if len(b.requests) != c.sent {
			t.Errorf("%s: %d requests, want %d", c.name, len(b.requests), c.sent)
		}
	}
}

// The trace of what is being done goes on behind the bus.
func TestTraceHeader(t *testing.T) {
	const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	for _, c := range []struct {
		name string
		ctx  context.Context
		own  string // the event's
		want *string
	}{
		{"none", t.Context(), "", nil},
		{"the invocation's", trace.With(t.Context(), header), "", aws.String(header)},
		{"the event's own", trace.With(t.Context(), "Root=1"), header, aws.String(header)},
		{"longer than EventBridge takes", t.Context(), strings.Repeat("x", 501), nil},
	} {
		var sent atomic.Int64 // requests go out side by side
		all := answers(func(in *eventbridge.PutEventsInput) *eventbridge.PutEventsOutput {
			out := &eventbridge.PutEventsOutput{}
			for _, e := range in.Entries {
				sent.Add(1)
				if d := cmp.Diff(c.want, e.TraceHeader); d != "" {
					t.Errorf("%s (-want +got):\n%s", c.name, d)
				}
				out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String("id")})
			}
			return out
		})
		events := numbered(11)
		for i := range events {
			events[i].Trace = c.own
		}
		if err := bus.New(all, "handoff").Publish(c.ctx, events); err != nil || sent.Load() != 11 {
			t.Errorf("%s: %v after %d entries", c.name, err, sent.Load())
		}
	}
}

// Within the caller's time: what was turned away is left over, what nobody knows about says what took the time.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			name     string
			err      error
			leftover bool
			says     string
		}{
			{"throttled", api("ThrottlingException", 400), true, "bus handoff is throttled"},
			{"a network that swallows", fmt.Errorf("send: %w", context.DeadlineExceeded), false, "no answer within the time"},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			b := &eventBridge{request: func(int) error { return c.err }}
			p := publisher(t, b)
			p.Sleep = nil // the bubble's clock
			began := time.Now()
			err := p.Publish(ctx, numbered(3))
			left, ok := errors.AsType[*event.Leftover](err)
			if ok != c.leftover || ok && len(left.Events) != 3 || !strings.Contains(fmt.Sprint(err), c.says) || time.Since(began) >= 300*time.Millisecond {
				t.Errorf("%s: got %v after %v, want one saying %q, leftover %v, before 300ms", c.name, err, time.Since(began), c.says, c.leftover)
			}
		}
	})
}

// What an entry's code means to a person.
func TestEntryCodes(t *testing.T) {
	for code, says := range map[string]string{
		"InternalFailure":                     "is published when its cause is delivered again",
		"ThrottlingException":                 "is published when its cause is delivered again",
		"AccessDeniedException":               "give it the statement that template.yaml has",
		"NotAuthorizedForSourceException":     "give it the statement that template.yaml has",
		"NotAuthorizedForDetailTypeException": "give it the statement that template.yaml has",
		"InvalidAccountIdException":           "correct BUS_NAME",
		"InvalidArgument":                     "no other try will change that",
		"MalformedDetail":                     "no other try will change that",
		"RedactionFailure":                    "RedactionFailure: because",
	} {
		b := &eventBridge{verdict: func(string, int) string { return code }}
		err := publisher(t, b).Publish(t.Context(), numbered(1))
		if !errors.As(err, new(*event.Leftover)) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "bus handoff") {
			t.Errorf("%s: got %v, want a *Leftover saying %q", code, err, says)
		}
		if again := len(b.requests) > 1; again != (code == "InternalFailure" || code == "ThrottlingException") {
			t.Errorf("%s was sent %d times", code, len(b.requests))
		}
	}
}

func TestShortAnswer(t *testing.T) {
	short := answers(func(*eventbridge.PutEventsInput) *eventbridge.PutEventsOutput { return &eventbridge.PutEventsOutput{} })
	p := &bus.Publisher{Client: short, Bus: "handoff", Sleep: func(context.Context, time.Duration) error { return nil }}
	err := p.Publish(t.Context(), numbered(2))
	if err == nil || errors.As(err, new(*event.Leftover)) {
		t.Errorf("got %v, want an error that says that nobody knows", err)
	}
}

type answers func(*eventbridge.PutEventsInput) *eventbridge.PutEventsOutput

func (a answers) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	return a(in), nil
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := &eventBridge{request: func(int) error { cancel(); return errors.New("cut") }}
	if err := publisher(t, b).Publish(ctx, numbered(1)); !errors.Is(err, context.Canceled) || len(b.requests) != 1 {
		t.Errorf("got %v after %d requests, want context.Canceled after 1", err, len(b.requests))
	}
	if err := publisher(t, b).Publish(ctx, numbered(1)); !errors.Is(err, context.Canceled) || len(b.seen) != 0 {
		t.Errorf("cancelled before: got %v, want context.Canceled and nothing sent", err)
	}
}
