// Command lambda runs the webhook function on AWS Lambda. It is wiring alone: what webhook does is in functions/webhook. It
// shares no wiring with the others (shared/wire/cloud), which would bring tables and all five handlers into this one.
package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"handoff/functions/webhook"
	"handoff/shared/bus"
	"handoff/shared/event"
	"handoff/shared/lambdalog"
	"handoff/shared/metric"
)

func main() {
	handler, err := build(os.Getenv, os.Stdout)
	if err != nil {
		slog.Error("webhook cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler.Handle)
}

// build makes the handler from the environment that template.yaml sets. Nothing is asked of AWS. Log and metrics go to
// out.
func build(getenv func(string) string, out io.Writer) (*webhook.Handler, error) {
	level, wrong := lambdalog.Level(getenv("LOG_LEVEL"))
	log := logger(out, level)
	slog.SetDefault(log)
	c := webhook.Config{BaseURL: getenv("WEBHOOK_URL"), Log: log, Now: time.Now, Secrets: map[string][]string{},
		Metrics: out, Namespace: cmp.Or(getenv("METRIC_NAMESPACE"), metric.Namespace)}
	for tool, name := range map[string]string{webhook.HubSpot: "HUBSPOT_SECRET", webhook.Stripe: "STRIPE_SECRET"} {
		for _, s := range strings.Split(getenv(name), ",") {
			if s = strings.TrimSpace(s); s != "" {
				c.Secrets[tool] = append(c.Secrets[tool], s)
			}
		}
	}
	missing := []error{wrong}
	for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "BUS_NAME"} {
		if getenv(name) == "" {
			missing = append(missing, errors.New(name+" is not set"))
		}
	}
	options := eventbridge.Options{
		Region:      getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
		HTTPClient:  awshttp.NewBuildableClient().WithTimeout(3 * time.Second),
	}
	if url := getenv("AWS_ENDPOINT_URL_EVENTBRIDGE"); url != "" {
		options.BaseEndpoint = aws.String(url)
	}
	c.Bus = &front{eventbridge.New(options), getenv("BUS_NAME")}
	handler, err := webhook.New(c)
	return handler, errors.Join(append(missing, err)...)
}

// front puts events on the bus one at a time, and hears which id each is given.
type front struct {
	client bus.Client
	name   string
}

// Put implements webhook.Bus. The trace of the request goes on with the event (shared/bus).
func (f *front) Put(ctx context.Context, e event.Envelope) (string, error) {
	heard := &listener{Client: f.client}
	err := bus.New(heard, f.name).Publish(ctx, []event.Envelope{e})
	return heard.id, err
}

// listener keeps the id that the bus gave to the one entry of a request.
type listener struct {
	bus.Client
	id string
}

// PutEvents implements bus.Client.
func (l *listener) PutEvents(ctx context.Context, in *eventbridge.PutEventsInput, opts ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	out, err := l.Client.PutEvents(ctx, in, opts...)
	if err == nil && len(out.Entries) == 1 {
		l.id = aws.ToString(out.Entries[0].EventId)
	}
	return out, err
}
