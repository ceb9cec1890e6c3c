package cloud

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"handoff/shared/trace"
	"handoff/shared/watch"
)

// Logger writes JSON lines, each with the request that it belongs to and its trace. People and their
// addresses become hashes, whatever names them: an error has the key that it concerns.
func Logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(request{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: replace})})
}

// replace gives attributes the names of Lambda's own logs and masks their values.
func replace(groups []string, a slog.Attr) slog.Attr {
	a = lambdacontext.ReplaceAttr(groups, a)
	switch a.Value.Kind() {
	case slog.KindString:
		if v := a.Value.String(); watch.Mask(v) != v {
			a.Value = slog.StringValue(watch.Mask(v))
		}
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(watch.Mask(err.Error()))
		}
	}
	return a
}

// request adds Lambda's request id and the trace to records.
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
