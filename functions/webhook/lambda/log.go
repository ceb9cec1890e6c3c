package main

import (
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"handoff/shared/lambdalog"
)

// logger writes lines like the other functions' (shared/wire/cloud): JSON under Lambda's names, with request and trace. No
// line of this function names a person.
func logger(w io.Writer, level slog.Level) *slog.Logger {
	lines := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr})
	return slog.New(lambdalog.Requests(lines)).With("function", "webhook")
}
