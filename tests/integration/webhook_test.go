package integration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	requests "github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

// resign signs a sample for another time than its own, as the tool would.
func resign(t *testing.T, tool string, raw []byte, at time.Time) []byte {
	t.Helper()
	var req requests.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &req); err != nil {
		t.Fatal(err)
	}
	sum := func(text string) []byte {
		h := hmac.New(sha256.New, []byte(secrets[tool]))
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	switch tool {
	case "stripe":
		stamp := fmt.Sprint(at.Unix())
		req.Headers["stripe-signature"] = "t=" + stamp + ",v1=" + hex.EncodeToString(sum(stamp+"."+req.Body))
	case "hubspot":
		stamp := fmt.Sprint(at.UnixMilli())
		req.Headers["x-hubspot-request-timestamp"] = stamp
		req.Headers["x-hubspot-signature-v3"] = base64.StdEncoding.EncodeToString(sum("POST" + "https://" + req.RequestContext.DomainName + req.RawPath + req.Body + stamp))
	}
	out, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// putEntry is what PutEvents is asked for one event.
type putEntry struct{ Source, DetailType, Detail, TraceHeader, EventBusName string }

// The front as built starts without a word to anybody, checks a signature, puts the event on the bus under the request's
// trace, and says in one line by which ids it is found again. A sample whose signature is of another day it refuses.
func TestWebhookAsBuilt(t *testing.T) {
	var mu sync.Mutex
	var asked []putEntry
	bus := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Entries []putEntry }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if err != nil || r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents" {
			http.Error(w, "want PutEvents", http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, in.Entries...)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprintf(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"bus-%d"}]}`, len(asked))
	}))
	t.Cleanup(bus.Close)
	g := newGate(t, bus.URL)
	f := start(t, "webhook", map[string]string{
		"BUS_NAME": "handoff", "LOG_LEVEL": "INFO", "METRIC_NAMESPACE": "Handoff", "STRIPE_SECRET": secrets["stripe"], "HUBSPOT_SECRET": secrets["hubspot"],
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL_EVENTBRIDGE": g.url,
	})
	if _, err := f.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := g.connections.Load(); n != 0 {
		t.Errorf("%d connections before anything was invoked", n)
	}
	tools := []string{"stripe", "hubspot"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer := func(payload []byte) int {
		t.Helper()
		out, err := f.Invoke(ctx, payload)
		if err != nil {
			t.Fatal(err)
		}
		var a requests.APIGatewayV2HTTPResponse
		if err := json.Unmarshal(out, &a); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return a.StatusCode
	}
	for _, tool := range tools {
		raw := posted(t)[tool]
		if status := answer(raw); status != http.StatusUnauthorized {
			t.Errorf("%s, signed long ago: answered %d, want 401", tool, status)
		}
		if status := answer(resign(t, tool, raw, time.Now())); status != http.StatusOK {
			t.Fatalf("%s: answered %d, want 200", tool, status)
		}
	}
	if err := f.Close(); err != nil { // its log is whole once it has ended
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) != len(tools) {
		t.Fatalf("%d events on the bus, want one of each tool", len(asked))
	}
	lines := said(t, f.logged(), "message", "request")
	if len(lines) != 2*len(tools) {
		t.Fatalf("%d lines, want one a request", len(lines))
	}
	for i, tool := range tools {
		refused, took, e := lines[2*i], lines[2*i+1], asked[i]
		if refused["tool"] != tool || refused["outcome"] != "bad_signature" || refused["event_id"] != nil || refused["tool_event_id"] != nil {
			t.Errorf("%s: the line of a stranger is %v", tool, refused)
		}
		own := map[string]string{"stripe": "evt_1Pinvoicepaid", "hubspot": "501"}[tool]
		for field, want := range map[string]any{"tool": tool, "outcome": "published", "event_id": fmt.Sprint("bus-", i+1), "tool_event_id": own, "function": "webhook",
			"requestId": fmt.Sprint("request-", 2*i+2)} {
			if took[field] != want {
				t.Errorf("%s: %s in its line is %v, want %v", tool, field, took[field], want)
			}
		}
		root, _ := took["traceId"].(string)
		if e.Source != tool || e.EventBusName != "handoff" || root == "" || !strings.Contains(e.TraceHeader, root) {
			t.Errorf("%s: put as from %s on %s under %q; the line's trace is %q", tool, e.Source, e.EventBusName, e.TraceHeader, root)
		}
	}
	var rejected []any
	for _, line := range said(t, f.logged(), "Function", "webhook") {
		rejected = append(rejected, line["WebhookRejected"])
		if line["Events"] != 1.0 || line["FailedEvents"] != 0.0 {
			t.Errorf("metrics of a request: %v", line)
		}
	}
	if d := cmp.Diff([]any{1.0, 0.0, 1.0, 0.0}, rejected); d != "" {
		t.Errorf("rejected, by the metrics (-want +got)\n%s", d)
	}
}
