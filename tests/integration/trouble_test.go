package integration

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/fault"
	"handoff/shared/invoke"
	"handoff/shared/ledger"
	"handoff/shared/wire/cloud"
	"handoff/shared/wire/pipeline"
)

// TestTrouble lets AWS fail in each way that it does, in the middle of a buyer's journey. While it lasts every event waits in
// its queue, and the log says which resource it is, what to do and where to read on; afterwards all is as if nothing had
// been, and no dead letter stands.
func TestTrouble(t *testing.T) {
	db := dynamotest.Start(t)
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) }) // cloud.Handler sets it
	began := time.Now().UTC().Truncate(time.Second)
	calm := newCloudy(t, db, "calm", began)
	calm.create(t)
	first, then := calm.buyer()
	calm.put(t, first...)
	calm.put(t, then...)
	calm.wait(t, time.Hour)
	want := calm.result(t)
	if want["rows of "+string(ledger.Touch)] != "5" || want["rows of "+string(ledger.Handoff)] == "" || want["rows of "+string(ledger.Credit)] == "" || calm.inFlight(t) > 0 {
		t.Fatalf("without trouble: %v, %d in flight; log:\n%s", slices.Sorted(maps.Keys(want)), calm.inFlight(t), calm.text())
	}

	const retried, fast = 20 * time.Minute, 3 * time.Hour // what the functions repeat themselves takes its time here too
	type side func(*cloudy) *front
	tables := func(c *cloudy) *front { return c.tables }
	bus := func(c *cloudy) *front { return c.bus }
	for i, s := range []struct {
		name  string
		where side
		fault http.HandlerFunc // nil: nobody listens
		lasts time.Duration
		says  []string
	}{
		{"tables refuse connections", tables, nil, retried, []string{"DynamoDB could not be reached for table", "check AWS_REGION, the network and AWS_ENDPOINT_URL_DYNAMODB"}},
		{"tables are throttled", tables, fails(400, "ProvisionedThroughputExceededException", "Rate exceeded"), retried,
			[]string{"ledger is throttled", "lower the functions' MaximumConcurrency"}},
		{"DynamoDB has an internal error", tables, fails(500, "InternalServerError", "oops"), retried, []string{"DynamoDB did not answer for table", "AWS Health Dashboard"}},
		{"tables: credentials have expired", tables, fails(400, "ExpiredTokenException", "The security token included in the request is expired"), fast,
			[]string{"the AWS credentials for table", "have expired: sign in again (aws sso login)"}},
		{"tables: credentials are unknown", tables, fails(400, "UnrecognizedClientException", "The security token included in the request is invalid."), fast,
			[]string{"AWS does not accept the credentials for table"}},
		{"tables: the role may not", tables, fails(400, "AccessDeniedException", "User is not authorized to perform: dynamodb:PutItem"), fast,
			[]string{"the role may not do this on table", "give it the statement that template.yaml has", "dynamodb:PutItem"}},
		{"tables are missing", tables, fails(400, "ResourceNotFoundException", "Requested resource not found"), fast,
			[]string{"ledger does not exist here: deploy template.yaml, or correct ACCOUNTS_TABLE, LEDGER_TABLE and AWS_REGION"}},
		{"the bus refuses connections", bus, nil, retried, []string{"EventBridge could not be reached for bus handoff", "check AWS_REGION, the network and AWS_ENDPOINT_URL_EVENTBRIDGE"}},
		{"the bus is throttled", bus, fails(400, "ThrottlingException", "Rate exceeded"), retried, []string{"bus handoff is throttled"}},
		{"the bus is throttled by the entry", bus, entriesFail("ThrottlingException"), retried, []string{"bus handoff did not take it for now (ThrottlingException", "quota"}},
		{"the bus: the role may not", bus, fails(400, "AccessDeniedException", "User is not authorized to perform: events:PutEvents"), fast,
			[]string{"the role may not do this on bus handoff", "events:PutEvents, source handoff only"}},
		{"the bus: credentials have expired", bus, fails(400, "ExpiredTokenException", "expired"), fast, []string{"the AWS credentials for bus handoff have expired"}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			c := newCloudy(t, db, fmt.Sprint("trouble", i), began)
			c.create(t)
			first, then := c.buyer()
			c.put(t, first...)
			at := s.where(c)
			if s.fault == nil {
				at.cut(t)
			} else {
				at.fault.Store(&s.fault)
			}
			c.put(t, then...)
			c.wait(t, s.lasts)
			if n := c.inFlight(t); n < len(then) {
				t.Errorf("%d events wait while it lasts, want at least the %d that were put", n, len(then))
			}
			said := c.text()
			for _, says := range append(s.says, fault.Page) {
				if !strings.Contains(said, says) {
					t.Errorf("the log does not say %q", says)
				}
			}
			if strings.Contains(said, "ann@") {
				t.Error("the log names a person")
			}
			if s.fault == nil {
				at.open(t)
			}
			at.fault.Store(nil)
			c.wait(t, time.Hour)
			for l, err := range c.rt.DeadLetters() {
				t.Errorf("a retry could have saved %s, received %d times: %v, %v", l.Event.DetailType, l.Receives, l.Error(), err)
			}
			if n := c.inFlight(t); n > 0 {
				t.Errorf("%d events still wait", n)
			}
			if d := cmp.Diff(want, c.result(t)); d != "" {
				t.Errorf("compared with a run without trouble (-want +got):\n%s", d)
			}
			if t.Failed() {
				t.Logf("log:\n%s", said[:min(len(said), 4000)])
			}
		})
	}

	t.Run("deployed before its tables", func(t *testing.T) {
		t.Parallel()
		c := newCloudy(t, db, "late", began)
		first, then := c.buyer()
		c.put(t, first...)
		c.wait(t, fast)
		if !strings.Contains(c.text(), "table late-ledger does not exist here: deploy template.yaml") {
			t.Errorf("the log does not say what to do:\n%s", c.text())
		}
		c.create(t)
		c.wait(t, time.Hour)
		c.put(t, then...)
		c.wait(t, time.Hour)
		if d := cmp.Diff(want, c.result(t)); d != "" {
			t.Errorf("compared with a run without trouble (-want +got):\n%s", d)
		}
		for l, err := range c.rt.DeadLetters() {
			t.Errorf("dead letter %v, %v", l.Error(), err)
		}
	})
}

// TestBlackHole: a network that swallows requests, and a name that nobody knows. The function answers before Lambda ends it,
// brings the message back, and says what took the time.
func TestBlackHole(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	swallow := newFront(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	sample, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "events", "samples", "segment", "valid", "track-demo-requested.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, endpoint, says string }{
		{"requests are swallowed", swallow.url(), "DynamoDB could not be reached for table ledger: no answer within the time: check the network"},
		{"the name is not known", "http://dynamodb.nowhere.invalid", "the name dynamodb.nowhere.invalid is not known here: check AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB and the machine's DNS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log transcript
			env := map[string]string{
				"AWS_REGION": dynamotest.Region, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_ENDPOINT_URL_DYNAMODB": c.endpoint,
				"AWS_ENDPOINT_URL_EVENTBRIDGE": c.endpoint, "ACCOUNTS_TABLE": "accounts", "LEDGER_TABLE": "ledger", "BUS_NAME": "handoff", "METRIC_NAMESPACE": "off",
			}
			h, err := cloud.Handler(func(name string) string { return env[name] }, &log, "ingest", pipeline.Ingest)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			out, err := invoke.Wrap(h)(ctx, sqs(sample))
			if err != nil || ctx.Err() != nil {
				t.Fatalf("the function did not answer in its time: %v, %v", err, ctx.Err())
			}
			if d := cmp.Diff(invoke.Answer{Failures: []invoke.Failure{{ID: "m0"}}}, out); d != "" {
				t.Errorf("answer (-want +got):\n%s", d)
			}
			said := string(log.bytes())
			if !strings.Contains(said, c.says) || !strings.Contains(said, fault.Page) {
				t.Errorf("the log does not say %q:\n%s", c.says, said)
			}
		})
	}
}
