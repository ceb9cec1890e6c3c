// Command lambda runs the webhook function on AWS Lambda. It is wiring alone: what webhook does is in functions/webhook. It
// shares no wiring with the others (shared/wire/cloud), which would bring tables and all five handlers into this one.
package main

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"handoff/functions/webhook"
	"handoff/shared/bus"
)

func main() {
	handler, err := build(os.Getenv, lambdacontext.NewLogger())
	if err != nil {
		slog.Error("webhook cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler.Handle)
}

// build makes the handler from the environment that template.yaml sets. Nothing is asked of AWS.
func build(getenv func(string) string, log *slog.Logger) (*webhook.Handler, error) {
	c := webhook.Config{BaseURL: getenv("WEBHOOK_URL"), Log: log, Now: time.Now, Secrets: map[string][]string{}}
	for tool, name := range map[string]string{webhook.HubSpot: "HUBSPOT_SECRET", webhook.Stripe: "STRIPE_SECRET"} {
		for _, s := range strings.Split(getenv(name), ",") {
			if s = strings.TrimSpace(s); s != "" {
				c.Secrets[tool] = append(c.Secrets[tool], s)
			}
		}
	}
	var missing []error
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
	c.Bus = bus.New(eventbridge.New(options), getenv("BUS_NAME"))
	handler, err := webhook.New(c)
	return handler, errors.Join(append(missing, err)...)
}
