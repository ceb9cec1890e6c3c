package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"handoff/shared/trace"
)

// logLevel reads LOG_LEVEL as the other functions do (shared/wire/cloud): INFO where it is empty.
func logLevel(s string) (level slog.Level, err error) {
	switch s = strings.ToUpper(s); s {
	case "":
		return slog.LevelInfo, nil
	case "DEBUG", "INFO", "WARN", "ERROR":
		return level, level.UnmarshalText([]byte(s))
	}
	return slog.LevelInfo, fmt.Errorf("LOG_LEVEL is %q: want DEBUG, INFO, WARN or ERROR", s)
}

// logger writes lines like the other functions' (shared/wire/cloud): JSON under Lambda's names, with request and trace. No
// line of this function names a person.
func logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(request{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr})}).With("function", "webhook")
}

// request adds Lambda's request id and the trace to records.
type request struct{ slog.Handler }

// Handle implements slog.Handler.
func (h request) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	if root := trace.Root(trace.From(ctx)); root != "" {
		r.AddAttrs(slog.String("traceId", root))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h request) WithAttrs(attrs []slog.Attr) slog.Handler {
	return request{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h request) WithGroup(name string) slog.Handler { return request{h.Handler.WithGroup(name)} }
