package cloud

import (
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"handoff/shared/lambdalog"
	"handoff/shared/watch"
)

// Logger writes JSON lines, each with the request that it belongs to and its trace. People and their
// addresses become hashes, whatever names them: an error has the key that it concerns.
func Logger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(lambdalog.Requests(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: replace})))
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
