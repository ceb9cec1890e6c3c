// Command lambda runs the route function on AWS Lambda. It is wiring alone: what route does is in functions/route.
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
	handler, err := cloud.Handler(os.Getenv, os.Stdout, "route", (*wire.Parts).Route)
	if err != nil {
		slog.Error("route cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(invoke.Wrap(handler))
}
