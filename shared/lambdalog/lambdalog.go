// Package lambdalog is what the logs of all functions have in common: the level that LOG_LEVEL names, and the request
// and trace on every line. What a line may say of people is the function's own business.
package lambdalog

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"handoff/shared/trace"
)

// Level reads LOG_LEVEL: DEBUG, INFO (also where it is empty), WARN or ERROR, any case.
func Level(s string) (level slog.Level, err error) {
	switch s = strings.ToUpper(s); s {
	case "":
		return slog.LevelInfo, nil
	case "DEBUG", "INFO", "WARN", "ERROR":
		return level, level.UnmarshalText([]byte(s))
	}
	return slog.LevelInfo, fmt.Errorf("LOG_LEVEL is %q: want DEBUG, INFO, WARN or ERROR", s)
}

// Requests is a handler that adds Lambda's request id and the trace to records.
func Requests(to slog.Handler) slog.Handler { return request{to} }

type request struct{ slog.Handler }

func (h request) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	if root := trace.Root(trace.From(ctx)); root != "" {
		r.AddAttrs(slog.String("traceId", root))
	}
	return h.Handler.Handle(ctx, r)
}

func (h request) WithAttrs(attrs []slog.Attr) slog.Handler {
	return request{h.Handler.WithAttrs(attrs)}
}

func (h request) WithGroup(name string) slog.Handler { return request{h.Handler.WithGroup(name)} }
