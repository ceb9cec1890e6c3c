package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/google/go-cmp/cmp"

	"handoff/infra/local"
	"handoff/shared/bus"
	"handoff/shared/embedded"
	"handoff/shared/event"
)

const template = `
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: handoff}}
  Archive:
    Type: AWS::Events::Archive
    Properties: {SourceArn: !GetAtt Bus.Arn, EventPattern: {source: [{exists: true}]}}
`

// The wire protocol as the SDK speaks it, against the local bus.
func TestOnTheLocalBus(t *testing.T) {
	top, err := local.Load([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	rt, err := local.New(local.Config{Topology: top, Space: db.Space("runtime"), Clock: local.NewVirtual(now), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(local.HTTPHandler(rt))
	defer server.Close()
	client := eventbridge.New(eventbridge.Options{
		Region: "eu-central-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	events := numbered(23)
	events[7].Time = now.Add(-time.Hour)
	events[7].Resources = []string{"arn:x"}
	events[7].Detail = json.RawMessage(`{"name":"Zoë"}`)
	events[11].Detail = json.RawMessage(`{`)
	err = bus.New(client, "handoff").Publish(t.Context(), events)
	left, ok := errors.AsType[*event.Leftover](err)
	if !ok || !cmp.Equal(names(left.Events), []string{"11"}) {
		t.Errorf("got %v, want event 11 left over", err)
	}
	archived := map[string]event.Envelope{}
	for e, err := range rt.Archived(now.Add(-48*time.Hour), now.Add(48*time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		archived[e.DetailType] = e
	}
	if len(archived) != 22 {
		t.Errorf("%d events on the bus, want 22", len(archived))
	}
	if e := archived["7"]; !e.Time.Equal(now.Add(-time.Hour)) || string(e.Detail) != `{"name":"Zoë"}` || !cmp.Equal(e.Resources, []string{"arn:x"}) || e.Source != "handoff" {
		t.Errorf("event 7 arrived as %+v", e)
	}
	if e := archived["8"]; !e.Time.Equal(now) {
		t.Errorf("an event without a time has %v, want the bus's now, %v", e.Time, now)
	}

	if err := bus.New(client, "elsewhere").Publish(t.Context(), numbered(1)); !errors.As(err, &left) {
		t.Errorf("another bus: got %v, want a *Leftover", err)
	}
}
