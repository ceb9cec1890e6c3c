// Command lambda runs the ingest function on AWS Lambda. It is wiring alone: what ingest does is in functions/ingest.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"handoff/shared/invoke"
	"handoff/shared/wire/cloud"
	"handoff/shared/wire/pipeline"
)

func main() {
	handler, err := cloud.Handler(os.Getenv, os.Stdout, "ingest", pipeline.Ingest)
	if err != nil {
		slog.Error("ingest cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(invoke.Wrap(handler))
}
