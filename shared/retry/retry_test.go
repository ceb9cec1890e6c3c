package retry_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"handoff/shared/retry"
)

// run repeats a try that takes that long until it may not be repeated, and gives the pauses between.
func run(ctx context.Context, p retry.Policy, takes time.Duration) (sent int, pauses []time.Duration) {
	p.Sleep = func(ctx context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		time.Sleep(d)
		return ctx.Err()
	}
	for again := p.Begin(ctx); ; {
		sent++
		time.Sleep(takes)
		if !again.Again() {
			return sent, pauses
		}
	}
}

func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent, pauses := run(t.Context(), retry.Policy{Tries: 8, First: 100 * time.Millisecond, Most: time.Second}, 0)
		most := []time.Duration{100, 200, 400, 800, 1000, 1000, 1000}
		if sent != 8 || len(pauses) != len(most) {
			t.Fatalf("%d tries, pauses %v, want 8 with %d between", sent, pauses, len(most))
		}
		for i, d := range pauses {
			if ms := most[i] * time.Millisecond; d < ms/2 || d > ms {
				t.Errorf("pause %d: %v, want %v to %v", i+1, d, ms/2, ms)
			}
		}
	})
}

// Pauses differ between callers: of a hundred, no ten come back in the same millisecond.
func TestJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := map[time.Duration]int{}
		for range 100 {
			_, pauses := run(t.Context(), retry.Policy{Tries: 2, First: time.Second, Most: time.Second}, 0)
			at[pauses[0].Truncate(time.Millisecond)]++
		}
		for d, n := range at {
			if n >= 10 {
				t.Errorf("%d of 100 callers come back after %v", n, d)
			}
		}
	})
}

func TestWhenToStop(t *testing.T) {
	steady := retry.Policy{Tries: 7, First: time.Second, Most: time.Second}
	for _, c := range []struct {
		name     string
		policy   retry.Policy
		deadline time.Duration // of the caller; 0: none
		takes    time.Duration // each try
		sent     int
		within   time.Duration // when the caller hears, at the latest
	}{
		{"no policy", retry.Policy{}, 0, 0, 1, 0},
		{"tries", steady, 0, 0, 7, 6 * time.Second},
		{"many tries", retry.Policy{Tries: 100, First: 1, Most: time.Second}, 0, 0, 100, 100 * time.Second},
		{"the caller's deadline is not slept through", steady, 900 * time.Millisecond, 600 * time.Millisecond, 1, 600 * time.Millisecond},
		{"the caller's deadline leaves room for a second try", steady, 1500 * time.Millisecond, 100 * time.Millisecond, 2, 1400 * time.Millisecond},
		{"all tries have a limit", retry.Policy{Tries: 7, First: 1, Most: time.Second, Within: 10 * time.Second}, 0, 4 * time.Second, 3, 13 * time.Second},
		{"the caller's time is over", steady, time.Second, 2 * time.Second, 1, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, began := t.Context(), time.Now()
				if c.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
					defer cancel()
				}
				sent, _ := run(ctx, c.policy, c.takes)
				if took := time.Since(began); sent != c.sent || took > c.within {
					t.Errorf("%d tries in %v, want %d within %v", sent, took, c.sent, c.within)
				}
			})
		})
	}
}

// By the wall clock, without Sleep, a caller that goes away is not waited for.
func TestCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := &retry.Policy{Tries: 3, First: time.Hour, Most: time.Hour}
		again, began := p.Begin(ctx), time.Now()
		go func() { time.Sleep(time.Second); cancel() }()
		if again.Again() || time.Since(began) != time.Second {
			t.Errorf("another try after %v, want none after 1s", time.Since(began))
		}
	})
}

func api(code string, status int) error {
	return fmt.Errorf("operation error: %w", &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err: &smithy.GenericAPIError{Code: code, Message: "because"}})
}

func TestClassesAndAdvice(t *testing.T) {
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errors.New("connection refused"))}
	for _, c := range []struct {
		name  string
		err   error
		class retry.Class
		says  string // "" where only the service's package can tell
	}{
		{"no credentials", errors.New("get identity: get credentials: none"), retry.Final, "there are no AWS credentials for table x: set AWS_PROFILE"},
		{"expired", api("ExpiredTokenException", 400), retry.Final, "the AWS credentials for table x have expired: sign in again"},
		{"unknown key", api("UnrecognizedClientException", 400), retry.Final, "AWS does not accept the credentials for table x"},
		{"bad signature", api("InvalidSignatureException", 403), retry.Final, "AWS does not accept the credentials for table x"},
		{"wrong clock", api("RequestTimeTooSkewed", 403), retry.Refused, "set this machine's clock"},
		{"denied", api("AccessDeniedException", 400), retry.Final, "the role may not do this on table x: DENIED"},
		{"missing", api("ResourceNotFoundException", 400), retry.Final, "table x does not exist here: MISSING"},
		{"throttled", api("ThrottlingException", 400), retry.Refused, "table x is throttled"},
		{"throughput", api("ProvisionedThroughputExceededException", 400), retry.Refused, "table x is throttled"},
		{"throttled with a server's status", api("ThrottlingException", 503), retry.Refused, "table x is throttled"},
		{"500", api("InternalServerError", 500), retry.Lost, "Service did not answer for table x as it should"},
		{"refused connection", refused, retry.Lost, "Service could not be reached for table x: check AWS_REGION, the network and ENDPOINT"},
		{"unknown name", &net.DNSError{Err: "no such host", Name: "dynamodb.eu-nowhere-1.amazonaws.com", IsNotFound: true}, retry.Lost,
			"the name dynamodb.eu-nowhere-1.amazonaws.com is not known here: check AWS_REGION, ENDPOINT and the machine's DNS"},
		{"black hole", context.DeadlineExceeded, retry.Lost, "no answer within the time: check the network"},
		{"the service's own", api("ValidationException", 400), retry.Final, ""},
	} {
		if got := retry.Classify(c.err); got != c.class {
			t.Errorf("%s: class %d, want %d", c.name, got, c.class)
		}
		s := retry.Service{Name: "Service", Resource: "table x", Endpoint: "ENDPOINT", Missing: "MISSING", Denied: "DENIED"}
		got := s.Advice(c.err)
		if (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s: advice %q, want one saying %q", c.name, got, c.says)
		}
		if got != "" && (!strings.Contains(got, retry.Page) || !strings.Contains(got, c.err.Error())) {
			t.Errorf("%s: advice %q, want it to name the runbook and what AWS said", c.name, got)
		}
	}
	if _, err := os.Stat("../../" + retry.Page); err != nil {
		t.Errorf("the runbook that every sentence names: %v", err)
	}
}
