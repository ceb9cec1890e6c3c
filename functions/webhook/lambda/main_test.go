package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/lambdalog"
)

func TestBuild(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	env := map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "BUS_NAME": "handoff", "STRIPE_SECRET": "whsec_new, whsec_old",
		"HUBSPOT_SECRET": "", "WEBHOOK_URL": "https://hooks.example", "METRIC_NAMESPACE": "Handoff-dev",
	}
	get := func(name string) string { return env[name] }
	h, err := build(get, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string][]string{"stripe": {"whsec_new", "whsec_old"}}, h.Secrets); d != "" || h.BaseURL != "https://hooks.example" || h.Namespace != "Handoff-dev" {
		t.Errorf("base %q, namespace %q, secrets (-want +got)\n%s", h.BaseURL, h.Namespace, d)
	}
	env = map[string]string{"LOG_LEVEL": "loud"}
	_, err = build(get, new(bytes.Buffer))
	for _, want := range []string{"AWS_REGION is not set", "AWS_ACCESS_KEY_ID is not set", "AWS_SECRET_ACCESS_KEY is not set", "BUS_NAME is not set", "no tool has a secret",
		`LOG_LEVEL is "LOUD"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestLogLevelIsHonoured(t *testing.T) {
	for said, want := range map[string][]string{"": {"INFO", "WARN", "ERROR"}, "debug": {"DEBUG", "INFO", "WARN", "ERROR"}, "WARN": {"WARN", "ERROR"}, "ERROR": {"ERROR"}} {
		level, err := lambdalog.Level(said)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		log := logger(&out, level)
		for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			log.Log(t.Context(), l, "x")
		}
		var got []string
		for text := range bytes.Lines(out.Bytes()) {
			var line map[string]any
			if err := json.Unmarshal(text, &line); err != nil {
				t.Fatal(err)
			}
			got = append(got, line["level"].(string))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("LOG_LEVEL %q (-want +got)\n%s", said, d)
		}
	}
}

const traced = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"

func TestALineKnowsRequestAndTrace(t *testing.T) {
	var out bytes.Buffer
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", traced) //nolint:staticcheck // aws-lambda-go's own key
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	logger(&out, slog.LevelInfo).InfoContext(ctx, "request")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	delete(line, "timestamp")
	want := map[string]any{"level": "INFO", "message": "request", "function": "webhook", "requestId": "r-1", "traceId": "1-5759e988-bd862e3fe1be46a994272793"}
	if d := cmp.Diff(want, line); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// fake is an EventBridge that answers as told, and keeps what it was asked.
type fake struct {
	answers []types.PutEventsResultEntry
	asked   []*eventbridge.PutEventsInput
}

func (f *fake) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	f.asked = append(f.asked, in)
	return &eventbridge.PutEventsOutput{Entries: f.answers[:1], FailedEntryCount: 0}, nil
}

func TestPutHearsTheBusesIDAndPassesTheTraceOn(t *testing.T) {
	f := &fake{answers: []types.PutEventsResultEntry{{EventId: aws.String("bus-1")}}}
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", traced) //nolint:staticcheck // aws-lambda-go's own key
	id, err := (&front{f, "handoff"}).Put(ctx, event.Envelope{Source: "stripe", DetailType: "x", Detail: json.RawMessage(`{}`)})
	if err != nil || id != "bus-1" {
		t.Errorf("got %q, %v; want bus-1", id, err)
	}
	if len(f.asked) != 1 || aws.ToString(f.asked[0].Entries[0].TraceHeader) != traced || aws.ToString(f.asked[0].Entries[0].EventBusName) != "handoff" {
		t.Errorf("asked %+v", f.asked)
	}
	f.answers = []types.PutEventsResultEntry{{ErrorCode: aws.String("NotAuthorizedForSourceException"), ErrorMessage: aws.String("no")}}
	if id, err := (&front{f, "handoff"}).Put(ctx, event.Envelope{Source: "stripe", DetailType: "x", Detail: json.RawMessage(`{}`)}); err == nil || id != "" {
		t.Errorf("refused: got %q, %v", id, err)
	}
}
