package cloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/wire"
	"handoff/shared/wire/cloud"
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
			cloud.Config{AccountsTable: "accounts", LedgerTable: "ledger", Bus: "handoff", LogLevel: slog.LevelWarn}, nil},
		{"with a provider", env("ENRICH_URL", "https://api.example/v1/{domain}?x=1", "ENRICH_TOKEN", "t"),
			cloud.Config{AccountsTable: "accounts", LedgerTable: "ledger", Bus: "handoff", EnrichURL: "https://api.example/v1/{domain}?x=1", EnrichToken: "t"}, nil},
		{"a provider on this machine", env("ENRICH_URL", "http://127.0.0.1:8080/"),
			cloud.Config{AccountsTable: "accounts", LedgerTable: "ledger", Bus: "handoff", EnrichURL: "http://127.0.0.1:8080/"}, nil},
		{"nothing", func(string) string { return "" }, cloud.Config{},
			[]string{"ACCOUNTS_TABLE is not set", "LEDGER_TABLE is not set", "BUS_NAME is not set"}},
		{"everything wrong", env("LEDGER_TABLE", "accounts", "LOG_LEVEL", "loud", "ENRICH_TOKEN", "t"), cloud.Config{},
			[]string{"both \"accounts\"", `LOG_LEVEL is "LOUD"`, "ENRICH_TOKEN is set"}},
		{"a provider in clear", env("ENRICH_URL", "http://api.example/secret"), cloud.Config{}, []string{"ENRICH_URL must begin with https://"}},
		{"a provider that is no address", env("ENRICH_URL", "api.example/secret"), cloud.Config{}, []string{"ENRICH_URL is no address"}},
	} {
		got, err := cloud.FromEnv(c.env)
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
		"ingest": (*wire.Parts).Ingest, "enrich": (*wire.Parts).Enrich, "score": (*wire.Parts).Score, "route": (*wire.Parts).Route,
		"attribution": (*wire.Parts).Attribution,
	} {
		h, err := cloud.Handler(env("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), new(bytes.Buffer), build)
		if err != nil || h == nil {
			t.Errorf("%s: got %v, %v", name, h, err)
		}
		if _, err := cloud.Handler(env("AWS_REGION", ""), new(bytes.Buffer), build); err == nil || !strings.Contains(err.Error(), "AWS_REGION is not set") {
			t.Errorf("%s without a region: got %v", name, err)
		}
	}
}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	log := cloud.Logger(&out, slog.LevelInfo).With("stage", "ingest")
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
	want := map[string]any{"level": "INFO", "message": "done", "stage": "ingest", "outcome": "recorded", "requestId": "r-1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
