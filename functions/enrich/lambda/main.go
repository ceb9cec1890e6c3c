// Command lambda runs the enrich function on AWS Lambda. It is wiring alone: what enrich does is in functions/enrich.
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
	handler, err := cloud.Handler(os.Getenv, os.Stdout, "enrich", (*wire.Parts).Enrich)
	if err != nil {
		slog.Error("enrich cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(invoke.Wrap(handler))
}
