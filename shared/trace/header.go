// Package trace follows an event through the functions: it reads and writes the trace header that X-Ray, EventBridge and
// SQS pass on, and, where the environment names an OpenTelemetry collector, sends it a span per event and invocation.
//
// The exporter speaks OTLP over HTTP in JSON. It is written here because OpenTelemetry's own, with its protocol buffers
// and gRPC, makes a function's executable almost twice as large; the collector cannot tell the two apart.
package trace

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"time"
)

// ID is a trace's, and SpanID a span's within it.
type (
	ID     [16]byte
	SpanID [8]byte
)

// Header is what X-Ray's trace header says: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1.
type Header struct {
	Trace  ID
	Parent SpanID // zero: the trace begins here
}

// Parse reads a header. What it does not know in one it leaves out; ok is false where no trace is named.
func Parse(s string) (h Header, ok bool) {
	for part := range strings.SplitSeq(s, ";") {
		name, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			// version, hyphen, 8 digits of the time, hyphen, 24 digits
			if len(v) == 35 && v[:2] == "1-" && v[10] == '-' {
				ok = unhex(h.Trace[:], v[2:10]+v[11:])
			}
		case "Parent":
			if !unhex(h.Parent[:], v) {
				h.Parent = SpanID{}
			}
		}
	}
	return h, ok && h.Trace != ID{}
}

func unhex(dst []byte, s string) bool {
	if len(s) != 2*len(dst) {
		return false
	}
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

// String is the header's text. A trace that is passed on is one that somebody looks at, so it says sampled.
func (h Header) String() string {
	s := "Root=" + h.Trace.Root()
	if h.Parent != (SpanID{}) {
		s += ";Parent=" + hex.EncodeToString(h.Parent[:])
	}
	return s + ";Sampled=1"
}

// Root is the trace's id as X-Ray writes it.
func (id ID) Root() string {
	s := hex.EncodeToString(id[:])
	return "1-" + s[:8] + "-" + s[8:]
}

// Root is the trace's id in a header, "" where it names none. It is cut out, not checked.
func Root(header string) string {
	_, s, ok := strings.Cut(header, "Root=")
	if !ok {
		return ""
	}
	s, _, _ = strings.Cut(s, ";")
	return s
}

// newID begins with the second, as X-Ray wants it.
func newID(now time.Time) (id ID) {
	binary.BigEndian.PutUint32(id[:], uint32(now.Unix()))
	binary.BigEndian.PutUint32(id[4:], rand.Uint32())
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	return id
}

func newSpanID() (id SpanID) {
	binary.BigEndian.PutUint64(id[:], rand.Uint64()|1) // zero means none
	return id
}

type key struct{}

// lambdaKey is where aws-lambda-go leaves the invocation's header.
const lambdaKey = "x-amzn-trace-id"

// With sets the header that what is published with the context goes under; "" changes nothing.
func With(ctx context.Context, header string) context.Context {
	if header == "" {
		return ctx
	}
	return context.WithValue(ctx, key{}, header)
}

// From is the context's header: the one that With set, else Lambda's, else "".
func From(ctx context.Context) string {
	if s, ok := ctx.Value(key{}).(string); ok {
		return s
	}
	s, _ := ctx.Value(lambdaKey).(string)
	return s
}
