package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	lambda "github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"handoff/events"
	"handoff/shared/contract"
	"handoff/shared/event"
)

var now = time.UnixMilli(1772546400000) // 3 March 2026, 14:00 UTC

// The signatures below were made with openssl dgst -sha256 -hmac.
const (
	stripeSecret = "whsec_test"
	stripeBody   = `{"id":"evt_1","object":"event","type":"invoice.paid","livemode":true}`
	stripeSum    = "d5ba44c08ee8e40d98759c30e5b754d1470459e5f9dd5d5981afb905b3fb8536"

	hubspotSecret = "client-secret"
	hubspotBody   = `[{"eventId":1}]`
	hubspotSum    = "JMPp162TLW6QMg0IhWMvgzKxFP8m4Kb/kRJZIxT9RhY="
	hubspotHost   = "abc.execute-api.eu-central-1.amazonaws.com"
)

// world is a webhook function with a bus that keeps what it is given, or refuses it.
type world struct {
	*Handler
	told   []event.Envelope
	refuse error
	log    bytes.Buffer
	counts bytes.Buffer
}

func (w *world) Put(_ context.Context, e event.Envelope) (string, error) {
	if w.refuse != nil {
		return "", w.refuse
	}
	w.told = append(w.told, e)
	return fmt.Sprint("bus-", len(w.told)), nil
}

func open(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{}
	c := Config{Bus: w, Log: slog.New(slog.NewJSONHandler(&w.log, nil)), Now: func() time.Time { return now },
		Secrets: map[string][]string{Stripe: {stripeSecret}, HubSpot: {hubspotSecret}}, Metrics: &w.counts, Namespace: "N"}
	for _, f := range change {
		f(&c)
	}
	var err error
	if w.Handler, err = New(c); err != nil {
		t.Fatal(err)
	}
	return w
}

func post(path, body string, headers map[string]string) lambda.APIGatewayV2HTTPRequest {
	r := lambda.APIGatewayV2HTTPRequest{RawPath: path, Body: body, Headers: headers}
	r.RequestContext.DomainName = hubspotHost
	r.RequestContext.HTTP.Method = http.MethodPost
	return r
}

func fromStripe(body, header string) lambda.APIGatewayV2HTTPRequest {
	return post("/stripe", body, map[string]string{"stripe-signature": header})
}

func fromHubSpot(body, stamp, sum string) lambda.APIGatewayV2HTTPRequest {
	return post("/hubspot", body, map[string]string{"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": sum})
}

// sign makes the header that Stripe would send.
func sign(body string, at time.Time, secret string) string {
	stamp := fmt.Sprint(at.Unix())
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac(secret, []byte(stamp+"."+body)))
}

func TestAnswers(t *testing.T) {
	signed := "t=1772546400,v1=" + stripeSum
	long := `{"type":"x","pad":"` + strings.Repeat("x", maxBody) + `"}`
	full := long[:len(long)-len(`"}`)-(len(long)-maxBody)] + `"}`
	if len(full) != maxBody {
		t.Fatalf("the largest body has %d bytes", len(full))
	}
	with := func(r lambda.APIGatewayV2HTTPRequest, f func(*lambda.APIGatewayV2HTTPRequest)) lambda.APIGatewayV2HTTPRequest {
		f(&r)
		return r
	}
	for _, c := range []struct {
		name    string
		req     lambda.APIGatewayV2HTTPRequest
		status  int
		outcome string
		told    *event.Envelope
	}{
		{"Stripe", fromStripe(stripeBody, signed), 200, Published,
			&event.Envelope{Source: "stripe", DetailType: "invoice.paid", Detail: json.RawMessage(stripeBody)}},
		{"HubSpot", fromHubSpot(hubspotBody, "1772546400000", hubspotSum), 200, Published,
			&event.Envelope{Source: "hubspot", DetailType: "Webhook", Detail: json.RawMessage(`{"events":[{"eventId":1}]}`)}},
		{"a body in base64", with(fromStripe(base64.StdEncoding.EncodeToString([]byte(stripeBody)), signed), func(r *lambda.APIGatewayV2HTTPRequest) { r.IsBase64Encoded = true }),
			200, Published, &event.Envelope{Source: "stripe", DetailType: "invoice.paid", Detail: json.RawMessage(stripeBody)}},
		{"a stage before the path", with(fromStripe(stripeBody, signed), func(r *lambda.APIGatewayV2HTTPRequest) { r.RawPath = "/live/stripe" }),
			200, Published, &event.Envelope{Source: "stripe", DetailType: "invoice.paid", Detail: json.RawMessage(stripeBody)}},
		{"a secret being replaced: two signatures", fromStripe(stripeBody, "t=1772546400,v1="+strings.Repeat("00", 32)+", v1="+stripeSum+",v0=abc"),
			200, Published, &event.Envelope{Source: "stripe", DetailType: "invoice.paid", Detail: json.RawMessage(stripeBody)}},
		{"white space is not touched", fromStripe(" "+stripeBody+"\n", sign(" "+stripeBody+"\n", now, stripeSecret)),
			200, Published, &event.Envelope{Source: "stripe", DetailType: "invoice.paid", Detail: json.RawMessage(" " + stripeBody + "\n")}},
		{"the largest body", fromStripe(full, sign(full, now, stripeSecret)), 200, Published, &event.Envelope{Source: "stripe", DetailType: "x", Detail: json.RawMessage(full)}},

		{"a byte too large", fromStripe(full+" ", sign(full+" ", now, stripeSecret)), 413, TooLarge, nil},
		{"no signature", fromStripe(stripeBody, ""), 401, BadSignature, nil},
		{"another body", fromStripe(stripeBody+" ", signed), 401, BadSignature, nil},
		{"another time", fromStripe(stripeBody, "t=1772546401,v1="+stripeSum), 401, BadSignature, nil},
		{"another secret", fromStripe(stripeBody, sign(stripeBody, now, "whsec_other")), 401, BadSignature, nil},
		{"an empty secret", fromStripe(stripeBody, sign(stripeBody, now, "")), 401, BadSignature, nil},
		{"a scheme that is not ours", fromStripe(stripeBody, "t=1772546400,v0="+stripeSum), 401, BadSignature, nil},
		{"half a signature", fromStripe(stripeBody, "t=1772546400,v1="+stripeSum[:32]), 401, BadSignature, nil},
		{"no hex", fromStripe(stripeBody, "t=1772546400,v1=zz"), 401, BadSignature, nil},
		{"no time", fromStripe(stripeBody, "v1="+stripeSum), 401, BadSignature, nil},
		{"replayed within the window", fromStripe(stripeBody, sign(stripeBody, now.Add(-5*time.Minute), stripeSecret)), 200, Published,
			&event.Envelope{Source: "stripe", DetailType: "invoice.paid", Detail: json.RawMessage(stripeBody)}},
		{"replayed after the window", fromStripe(stripeBody, sign(stripeBody, now.Add(-5*time.Minute-time.Second), stripeSecret)), 401, BadSignature, nil},
		{"signed for later", fromStripe(stripeBody, sign(stripeBody, now.Add(5*time.Minute+time.Second), stripeSecret)), 401, BadSignature, nil},
		{"HubSpot, another path", with(fromHubSpot(hubspotBody, "1772546400000", hubspotSum), func(r *lambda.APIGatewayV2HTTPRequest) { r.RawPath = "/live/hubspot" }), 401, BadSignature, nil},
		{"HubSpot, a query added", with(fromHubSpot(hubspotBody, "1772546400000", hubspotSum), func(r *lambda.APIGatewayV2HTTPRequest) { r.RawQueryString = "a=1" }), 401, BadSignature, nil},
		{"HubSpot, another host", with(fromHubSpot(hubspotBody, "1772546400000", hubspotSum), func(r *lambda.APIGatewayV2HTTPRequest) { r.RequestContext.DomainName = "evil.example" }), 401, BadSignature, nil},
		{"HubSpot, too long ago", fromHubSpot(hubspotBody, "1772546099999", hubspotSum), 401, BadSignature, nil},
		{"HubSpot, no time", fromHubSpot(hubspotBody, "", hubspotSum), 401, BadSignature, nil},
		{"HubSpot, no base64", fromHubSpot(hubspotBody, "1772546400000", "?"), 401, BadSignature, nil},
		{"HubSpot signed as Stripe", post("/hubspot", stripeBody, map[string]string{"stripe-signature": signed}), 401, BadSignature, nil},

		{"signed, and no JSON", fromStripe("hello", sign("hello", now, stripeSecret)), 400, Malformed, nil},
		{"signed, and cut off", fromStripe(`{"type":"x"`, sign(`{"type":"x"`, now, stripeSecret)), 400, Malformed, nil},
		{"signed, and no object", fromStripe(`["x"]`, sign(`["x"]`, now, stripeSecret)), 400, Malformed, nil},
		{"signed, without a type", fromStripe(`{"id":"x"}`, sign(`{"id":"x"}`, now, stripeSecret)), 400, Malformed, nil},
		{"signed, with a type too long", fromStripe(`{"type":"`+strings.Repeat("x", 129)+`"}`, sign(`{"type":"`+strings.Repeat("x", 129)+`"}`, now, stripeSecret)), 400, Malformed, nil},
		{"bad base64", with(fromStripe("?", signed), func(r *lambda.APIGatewayV2HTTPRequest) { r.IsBase64Encoded = true }), 400, Malformed, nil},
		{"nobody's path", post("/github", "{}", nil), 404, Unknown, nil},
		{"no path", post("/", "{}", nil), 404, Unknown, nil},
		{"a look", with(fromStripe("", ""), func(r *lambda.APIGatewayV2HTTPRequest) { r.RequestContext.HTTP.Method = "GET" }), 405, Unknown, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t)
			out, err := w.Handle(t.Context(), c.req)
			if err != nil || out.StatusCode != c.status {
				t.Errorf("status %d, %v; want %d (%s)", out.StatusCode, err, c.status, out.Body)
			}
			// Not by cmp.Diff, which looks into a megabyte for long.
			switch {
			case c.told == nil && len(w.told) > 0:
				t.Errorf("published %.200v, want nothing", w.told)
			case c.told != nil && (len(w.told) != 1 || w.told[0].Source != c.told.Source || w.told[0].DetailType != c.told.DetailType || !bytes.Equal(w.told[0].Detail, c.told.Detail)):
				t.Errorf("published %.200v, want %.200v", w.told, *c.told)
			}
			var line struct {
				Outcome string
				Event   string `json:"event_id"`
			}
			if err := json.Unmarshal(w.log.Bytes(), &line); err != nil || line.Outcome != c.outcome {
				t.Errorf("log %s, %v: want one line with outcome %s", w.log.Bytes(), err, c.outcome)
			}
			if published := c.outcome == Published; published != (line.Event == "bus-1") {
				t.Errorf("log %s: want the bus's id of what was published alone", w.log.Bytes())
			}
			hidden := []string{stripeSecret, hubspotSecret, stripeSum}
			if c.outcome != Published {
				hidden = append(hidden, "evt_1", "tool_event_id") // nothing that a stranger wrote
			}
			for _, secret := range hidden {
				if strings.Contains(w.log.String()+out.Body, secret) {
					t.Errorf("%q is told: %s %s", secret, w.log.String(), out.Body)
				}
			}
			var counts map[string]any
			if err := json.Unmarshal(w.counts.Bytes(), &counts); err != nil {
				t.Fatalf("want one line of metrics: %v: %s", err, w.counts.Bytes())
			}
			delete(counts, "_aws")
			want := map[string]any{"Function": "webhook", "Events": 1.0, "FailedEvents": 0.0, "PublishThrottles": 0.0, "WebhookRejected": 0.0}
			if c.outcome == BadSignature {
				want["WebhookRejected"] = 1.0
			}
			if d := cmp.Diff(want, counts); d != "" {
				t.Errorf("metrics (-want +got)\n%s", d)
			}
		})
	}
}

// What the bus does not take the tool posts again: 503, and the log says why.
func TestBusTrouble(t *testing.T) {
	for _, trouble := range []error{errors.New("the answer was lost"), &event.Leftover{Events: make([]event.Envelope, 1), Cause: errors.New("throttled")}} {
		w := open(t)
		w.refuse = trouble
		out, err := w.Handle(t.Context(), fromStripe(stripeBody, "t=1772546400,v1="+stripeSum))
		if err != nil || out.StatusCode != 503 || out.Headers["retry-after"] == "" {
			t.Errorf("%v: answer %+v, %v", trouble, out, err)
		}
		if log := w.log.String(); !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, `"outcome":"failed"`) || !strings.Contains(log, trouble.Error()) {
			t.Errorf("log %s", log)
		}
		if !strings.Contains(w.log.String(), `"tool_event_id":"evt_1"`) || strings.Contains(w.log.String(), `"event_id"`) {
			t.Errorf("log %s: want Stripe's id, by which it is found again, and none of the bus", &w.log)
		}
		if !strings.Contains(w.counts.String(), `"FailedEvents":1,`) {
			t.Errorf("metrics %s", &w.counts)
		}
	}
}

// What was published is found at the tool by the tool's id, and behind the bus by the bus's.
func TestALineNamesBothIDs(t *testing.T) {
	const many = `[{"eventId":501},{"eventId":502},{}]`
	long := `{"id":"` + strings.Repeat("x", 100) + `","type":"x"}`
	for _, c := range []struct {
		name string
		made []byte
		ids  func([]byte) []string
		want ids
	}{
		{"Stripe", []byte(stripeBody), stripeIDs, ids{"evt_1", 0}},
		{"Stripe, a long id", []byte(long), stripeIDs, ids{strings.Repeat("x", 64), 0}},
		{"Stripe, none", []byte(`{"id":7,"type":"x"}`), stripeIDs, ids{}},
		{"HubSpot", []byte(hubspotBody), hubspotIDs, ids{"1", 0}},
		{"HubSpot, some", []byte(many), hubspotIDs, ids{"501", 1}},
		{"HubSpot, an object", []byte(`{"eventId":9}`), hubspotIDs, ids{"9", 0}},
		{"HubSpot, none", []byte(`["x"]`), hubspotIDs, ids{}},
	} {
		if got := idsOf(c.ids(c.made)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
	w := open(t)
	if _, err := w.Handle(t.Context(), fromStripe(stripeBody, "t=1772546400,v1="+stripeSum)); err != nil {
		t.Fatal(err)
	}
	if log := w.log.String(); !strings.Contains(log, `"event_id":"bus-1"`) || !strings.Contains(log, `"tool_event_id":"evt_1"`) {
		t.Errorf("log %s", log)
	}
}

// HubSpot signs the address as it was given, with some characters decoded.
func TestAddressThatHubSpotSigns(t *testing.T) {
	w := open(t, func(c *Config) { c.BaseURL = "https://hooks.example/in/" })
	req := fromHubSpot(hubspotBody, "1772546400000", "wN26ZRheR8i/AdbSZ7oUMbppieEFBCrPC9hy7TRweU4=")
	req.RawQueryString = "a=x%3Ay%2Fz&b=%281%29%20"
	if out, err := w.Handle(t.Context(), req); err != nil || out.StatusCode != 200 {
		t.Errorf("answer %+v, %v", out, err)
	}
}

// While a secret is being replaced, both are good; a tool without one is nobody's.
func TestSecrets(t *testing.T) {
	w := open(t, func(c *Config) { c.Secrets = map[string][]string{Stripe: {"whsec_new", stripeSecret}} })
	for _, secret := range []string{"whsec_new", stripeSecret} {
		if out, _ := w.Handle(t.Context(), fromStripe(stripeBody, sign(stripeBody, now, secret))); out.StatusCode != 200 {
			t.Errorf("%s: status %d", secret, out.StatusCode)
		}
	}
	if out, _ := w.Handle(t.Context(), fromHubSpot(hubspotBody, "1772546400000", hubspotSum)); out.StatusCode != 404 {
		t.Errorf("HubSpot without a secret: status %d, want 404", out.StatusCode)
	}
}

func TestNewRefuses(t *testing.T) {
	_, err := New(Config{Secrets: map[string][]string{"github": {"x"}, Stripe: {""}}})
	for _, want := range []string{"Bus is missing", "Log is missing", "Now is missing", `no tool "github"`, "a secret of stripe is empty"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := New(Config{}); err == nil || !strings.Contains(err.Error(), "no tool has a secret") {
		t.Errorf("without secrets: %v", err)
	}
}

// What is published is what the contracts read: a tool's sample posted here makes the touches that it makes by the tool's
// own way onto the bus, under the same ids.
func TestContractsReadWhatIsPublished(t *testing.T) {
	set, err := contract.Load(events.Sources, "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	for file, by := range map[string]struct {
		make func([]byte) (event.Envelope, error)
		body func(e event.Envelope) []byte
	}{
		"stripe/valid/invoice-paid.json":   {stripeEvent, func(e event.Envelope) []byte { return e.Detail }},
		"hubspot/valid/one-event.json":     {hubspotEvent, func(e event.Envelope) []byte { return e.Detail }},
		"hubspot/valid/three-records.json": {hubspotEvent, func(e event.Envelope) []byte { return array(t, e.Detail) }},
	} {
		raw, err := events.Samples.ReadFile("samples/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var sample event.Envelope
		if err := json.Unmarshal(raw, &sample); err != nil {
			t.Fatal(err)
		}
		made, err := by.make(by.body(sample))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		made.Time = sample.Time
		var want, got []string
		for _, o := range set.Read(&sample) {
			for _, touch := range o.Touches {
				want = append(want, o.Contract+" "+touch.ID.String())
			}
		}
		for _, o := range set.Read(&made) {
			for _, touch := range o.Touches {
				got = append(got, o.Contract+" "+touch.ID.String())
			}
		}
		if d := cmp.Diff(want, got); d != "" || len(want) == 0 {
			t.Errorf("%s: touches (-sample +posted)\n%s", file, d)
		}
	}
}

// array is what HubSpot posted before it was wrapped.
func array(t *testing.T, detail json.RawMessage) []byte {
	t.Helper()
	var d struct{ Events json.RawMessage }
	if err := json.Unmarshal(detail, &d); err != nil || len(d.Events) == 0 {
		t.Fatalf("%s: %v", detail, err)
	}
	return d.Events
}

// Nothing that a stranger posts is taken, and nothing makes the function fail.
func FuzzHandle(f *testing.F) {
	f.Add("/stripe", stripeBody, "t=1772546400,v1=00", "", "")
	f.Add("/hubspot", hubspotBody, "", "1772546400000", "AAAA")
	f.Fuzz(func(t *testing.T, path, body, stripe, stamp, hubspot string) {
		if strings.Contains(stripe, stripeSum) || hubspot == hubspotSum {
			t.Skip("signed")
		}
		w := open(t)
		out, err := w.Handle(context.Background(), post(path, body, map[string]string{
			"Stripe-Signature": stripe, "X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": hubspot,
		}))
		if err != nil || out.StatusCode < 400 || out.StatusCode >= 500 || len(w.told) > 0 {
			t.Errorf("answer %+v, %v; published %v", out, err, w.told)
		}
	})
}
