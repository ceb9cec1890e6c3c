package trace

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHeader(t *testing.T) {
	for _, c := range []struct {
		name, header string
		want         string // as written again; "" where no trace is named
	}{
		{"whole", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"},
		{"not sampled, with more", "Self=x;Root=1-5759e988-bd862e3fe1be46a994272793; Sampled=0;Lineage=a:0", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"},
		{"a parent that is none", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=xyz", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"},
		{"nothing", "", ""},
		{"no root", "Parent=53995c3f42cd8ad8;Sampled=1", ""},
		{"another version", "Root=2-5759e988-bd862e3fe1be46a994272793", ""},
		{"too short", "Root=1-5759e988-bd862e3f", ""},
		{"no hex", "Root=1-5759e98z-bd862e3fe1be46a994272793", ""},
		{"zero", "Root=1-00000000-000000000000000000000000", ""},
	} {
		h, ok := Parse(c.header)
		if ok != (c.want != "") || ok && h.String() != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, h.String(), ok, c.want)
		}
	}
	if got := Root("Parent=1;Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"); got != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("the root is %q", got)
	}
}

func TestContext(t *testing.T) {
	ctx := context.WithValue(context.Background(), lambdaKey, "Root=lambda") //nolint:staticcheck // aws-lambda-go's own key
	if From(context.Background()) != "" || From(ctx) != "Root=lambda" || From(With(ctx, "")) != "Root=lambda" || From(With(ctx, "Root=own")) != "Root=own" {
		t.Error("the event's own header comes before the invocation's, and that before none")
	}
}

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestFromEnv(t *testing.T) {
	for _, c := range []struct {
		name    string
		env     func(string) string
		url     string // "" for off
		service string
		says    string // of the error
	}{
		{"nothing", env(), "", "", ""},
		{"an endpoint", env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/"), "http://localhost:4318/v1/traces", "handoff-score", ""},
		{"an address for traces", env("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://x.example/in", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://y.example", "OTEL_SERVICE_NAME", "gtm"), "https://x.example/in", "gtm", ""},
		{"disabled", env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "OTEL_SDK_DISABLED", "true"), "", "", ""},
		{"no exporter", env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "OTEL_TRACES_EXPORTER", "none"), "", "", ""},
		{"no address", env("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"), "", "", "OTEL_EXPORTER_OTLP_ENDPOINT is no address"},
		{"gRPC", env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), "", "", "http/json alone"},
		{"headers", env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "OTEL_EXPORTER_OTLP_HEADERS", "a=1,secret"), "", "", "pair 2 is not name=value"},
	} {
		e, err := FromEnv(c.env, "handoff-score")
		switch {
		case c.says != "":
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: got %v, want an error saying %q", c.name, err, c.says)
			}
		case err != nil || (e != nil) != (c.url != ""):
			t.Errorf("%s: got %v, %v", c.name, e, err)
		case e != nil && (e.URL != c.url || e.Service != c.service):
			t.Errorf("%s: to %s as %s, want %s as %s", c.name, e.URL, e.Service, c.url, c.service)
		}
	}
}

// What is sent is as the protocol's own examples have it:
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/examples/trace.json
func TestExport(t *testing.T) {
	var got any
	var header http.Header
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v: %s", r.URL.Path, err, body)
		}
	}))
	defer collector.Close()
	e, err := FromEnv(env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL, "OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b"), "handoff-score")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(1544712660, 5)
	outer := Begin("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8", "score", Server, start)
	inner := Begin("", "TouchRecorded process", Consumer, start)
	outer.End, inner.End = start.Add(time.Second), start.Add(time.Second)
	inner.Link, inner.Error, inner.Attrs = &outer, `no "good"`, []Attr{{"handoff.outcome", "failed"}, {"empty", ""}}
	if err := e.Export(t.Context(), []Span{outer, inner}); err != nil {
		t.Fatal(err)
	}
	innerHeader, _ := Parse(inner.Header())
	if innerHeader.Trace != inner.Trace || innerHeader.Parent != inner.ID || inner.Trace == (ID{}) || !strings.HasPrefix(inner.Trace.Root(), "1-5c12") {
		t.Errorf("a new trace goes on as %s; want an id that begins with its second", inner.Header())
	}
	text := func(key, v string) any {
		return map[string]any{"key": key, "value": map[string]any{"stringValue": v}}
	}
	hexOf := func(h string) string { return strings.ReplaceAll(strings.TrimPrefix(h, "1-"), "-", "") }
	outerSpan := strings.Split(strings.Split(outer.Header(), "Parent=")[1], ";")[0]
	want := map[string]any{"resourceSpans": []any{map[string]any{
		"resource": map[string]any{"attributes": []any{text("service.name", "handoff-score"), text("cloud.provider", "aws"), text("faas.name", "handoff-score")}},
		"scopeSpans": []any{map[string]any{"scope": map[string]any{"name": "handoff"}, "spans": []any{
			map[string]any{"traceId": "5759e988bd862e3fe1be46a994272793", "spanId": outerSpan, "parentSpanId": "53995c3f42cd8ad8", "name": "score", "kind": 2.0,
				"startTimeUnixNano": "1544712660000000005", "endTimeUnixNano": "1544712661000000005", "attributes": []any{}},
			map[string]any{"traceId": hexOf(inner.Trace.Root()), "spanId": strings.Split(strings.Split(inner.Header(), "Parent=")[1], ";")[0],
				"name": "TouchRecorded process", "kind": 5.0,
				"startTimeUnixNano": "1544712660000000005", "endTimeUnixNano": "1544712661000000005", "attributes": []any{text("handoff.outcome", "failed")},
				"links":  []any{map[string]any{"traceId": "5759e988bd862e3fe1be46a994272793", "spanId": outerSpan}},
				"status": map[string]any{"code": 2.0, "message": `no "good"`}},
		}}},
	}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if header.Get("X-Key") != "a b" || header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", header)
	}
	collector.Close()
	if err := e.Export(t.Context(), []Span{outer}); err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_ENDPOINT") {
		t.Errorf("without a collector: %v", err)
	}
}
