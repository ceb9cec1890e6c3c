// Command lambda runs the attribution function on AWS Lambda. It is wiring alone: what attribution does is in functions/attribution.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"handoff/shared/invoke"
	"handoff/shared/wire"
	"handoff/shared/wire/cloud"
)

func main() {
	handler, err := cloud.Handler(os.Getenv, os.Stdout, "attribution", (*wire.Parts).Attribution)
	if err != nil {
		slog.Error("attribution cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(invoke.Wrap(handler))
}
