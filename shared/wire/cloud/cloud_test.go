package cloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/wire"
	"handoff/shared/wire/cloud"
	"handoff/shared/wire/pipeline"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{"ACCOUNTS_TABLE": "accounts", "LEDGER_TABLE": "ledger", "BUS_NAME": "handoff", "AWS_REGION": "eu-central-1"}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestFromEnv(t *testing.T) {
	for _, c := range []struct {
		name string
		env  func(string) string
		want cloud.Config
		says []string // of the error
	}{
		{"as the template sets it", env("LOG_LEVEL", "WARN"),
			cloud.Config{AccountsTable: "accounts", LedgerTable: "ledger", Bus: "handoff", Metrics: "Handoff", LogLevel: slog.LevelWarn}, nil},
		{"with a provider", env("ENRICH_URL", "https://api.example/v1/{domain}?x=1", "ENRICH_TOKEN", "t"),
			cloud.Config{AccountsTable: "accounts", LedgerTable: "ledger", Bus: "handoff", Metrics: "Handoff", EnrichURL: "https://api.example/v1/{domain}?x=1", EnrichToken: "t"}, nil},
		{"a provider on this machine", env("ENRICH_URL", "http://127.0.0.1:8080/"),
			cloud.Config{AccountsTable: "accounts", LedgerTable: "ledger", Bus: "handoff", Metrics: "Handoff", EnrichURL: "http://127.0.0.1:8080/"}, nil},
		{"nothing", func(string) string { return "" }, cloud.Config{},
			[]string{"ACCOUNTS_TABLE is not set", "LEDGER_TABLE is not set", "BUS_NAME is not set"}},
		{"everything wrong", env("LEDGER_TABLE", "accounts", "LOG_LEVEL", "loud", "ENRICH_TOKEN", "t"), cloud.Config{},
			[]string{"both \"accounts\"", `LOG_LEVEL is "LOUD"`, "ENRICH_TOKEN is set"}},
		{"a provider in clear", env("ENRICH_URL", "http://api.example/secret"), cloud.Config{}, []string{"ENRICH_URL must begin with https://"}},
		{"a provider that is no address", env("ENRICH_URL", "api.example/secret"), cloud.Config{}, []string{"ENRICH_URL is no address"}},
	} {
		got, err := cloud.FromEnv(c.env, "ingest")
		if c.says == nil {
			if err != nil || got != c.want {
				t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
			}
			continue
		}
		for _, says := range c.says {
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: got %v, want one saying %q", c.name, err, says)
			}
		}
	}
}

// Every function is made without a word to AWS, which nobody is on this address.
func TestHandlers(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	for name, build := range map[string]func(*wire.Parts) (event.Handler, error){
		"ingest": pipeline.Ingest, "enrich": (*wire.Parts).Enrich, "score": (*wire.Parts).Score, "route": (*wire.Parts).Route,
		"attribution": (*wire.Parts).Attribution,
	} {
		h, err := cloud.Handler(env("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), new(bytes.Buffer), name, build)
		if err != nil || h == nil {
			t.Errorf("%s: got %v, %v", name, h, err)
		}
		if _, err := cloud.Handler(env("AWS_REGION", ""), new(bytes.Buffer), name, build); err == nil || !strings.Contains(err.Error(), "AWS_REGION is not set") {
			t.Errorf("%s without a region: got %v", name, err)
		}
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	log := cloud.Logger(&out, slog.LevelInfo)
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	log.DebugContext(ctx, "not this")
	log.InfoContext(ctx, "done", "outcome", "recorded")
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if got["timestamp"] == nil {
		t.Error("no timestamp, which Lambda's JSON logs have")
	}
	delete(got, "timestamp")
	want := map[string]any{"level": "INFO", "message": "done", "outcome": "recorded", "requestId": "r-1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLoggerKnowsTheTraceAndNamesNobody(t *testing.T) {
	var out bytes.Buffer
	ctx := context.WithValue(context.Background(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0") //nolint:staticcheck // aws-lambda-go's own key
	cloud.Logger(&out, slog.LevelInfo).ErrorContext(ctx, "write email:ann@initech.com", "error", errors.New("get email:bob@initech.com / item: conflict"),
		"tried", []string{"x"}, slog.Group("more", "to", "carol@initech.com"))
	for _, name := range []string{"ann", "bob", "carol"} {
		if strings.Contains(out.String(), name) {
			t.Errorf("the line names %s: %s", name, out.String())
		}
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["traceId"] != "1-5759e988-bd862e3fe1be46a994272793" || !strings.Contains(got["error"].(string), "/ item: conflict") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// One invocation writes its events' lines and one line of metrics, all JSON, to the same place.
func TestWhatAnInvocationWrites(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	for _, c := range []struct {
		namespace string
		want      []string // per line: what is in it
	}{
		{"", []string{`"message":"event","function":"enrich"`, `"Namespace":"Handoff"`}}, {"Handoff/dev", []string{`"message":"event","function":"enrich"`, `"Namespace":"Handoff/dev"`}},
		{"off", []string{`"message":"event","function":"enrich"`}},
	} {
		var out bytes.Buffer
		h, err := cloud.Handler(env("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "METRIC_NAMESPACE", c.namespace), &out, "enrich", (*wire.Parts).Enrich)
		if err != nil {
			t.Fatal(err)
		}
		h.Handle(context.Background(), []event.Envelope{{ID: "e1", Source: "handoff", DetailType: "Astray", Detail: json.RawMessage(`{}`)}})
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != len(c.want) {
			t.Errorf("namespace %q: %d lines, want %d:\n%s", c.namespace, len(lines), len(c.want), out.String())
			continue
		}
		for i, want := range c.want {
			if !json.Valid([]byte(lines[i])) || !strings.Contains(lines[i], want) {
				t.Errorf("namespace %q: line %d is %s, want %s in it", c.namespace, i+1, lines[i], want)
			}
		}
	}
}
