// Command lambda runs the score function on AWS Lambda. It is wiring alone: what score does is in functions/score.
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
	handler, err := cloud.Handler(os.Getenv, os.Stdout, "score", (*wire.Parts).Score)
	if err != nil {
		slog.Error("score cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(invoke.Wrap(handler))
}
