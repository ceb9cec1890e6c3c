package trace

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// Kind says what a span stands for, by OpenTelemetry's numbers.
type Kind int

// The kinds in use.
const (
	Server   Kind = 2 // an invocation
	Consumer Kind = 5 // an event of its batch
)

// Attr is an attribute; one with an empty value is left out.
type Attr struct{ Key, Value string }

// Span is a stretch of work.
type Span struct {
	Trace      ID
	ID         SpanID
	Parent     SpanID
	Name       string
	Kind       Kind
	Start, End time.Time
	Attrs      []Attr
	Link       *Span // of another trace that it was part of
	Error      string
}

// Begin starts a span in the trace of a header, or a trace where it names none.
func Begin(header string, name string, kind Kind, now time.Time) Span {
	s := Span{ID: newSpanID(), Name: name, Kind: kind, Start: now}
	if h, ok := Parse(header); ok {
		s.Trace, s.Parent = h.Trace, h.Parent
	} else {
		s.Trace = newID(now)
	}
	return s
}

// Header is what the span's own work is to be published under.
func (s *Span) Header() string { return Header{s.Trace, s.ID}.String() }

// append writes the span as OTLP's JSON has it: ids in hex, times as decimal text.
func (s *Span) append(dst []byte) []byte {
	dst = append(dst, `{"traceId":"`...)
	dst = hex.AppendEncode(dst, s.Trace[:])
	dst = append(dst, `","spanId":"`...)
	dst = hex.AppendEncode(dst, s.ID[:])
	if s.Parent != (SpanID{}) {
		dst = append(dst, `","parentSpanId":"`...)
		dst = hex.AppendEncode(dst, s.Parent[:])
	}
	dst = append(dst, `","name":`...)
	dst = quoted(dst, s.Name)
	dst = append(dst, `,"kind":`...)
	dst = strconv.AppendInt(dst, int64(s.Kind), 10)
	dst = append(dst, `,"startTimeUnixNano":"`...)
	dst = strconv.AppendInt(dst, s.Start.UnixNano(), 10)
	dst = append(dst, `","endTimeUnixNano":"`...)
	dst = strconv.AppendInt(dst, s.End.UnixNano(), 10)
	dst = append(dst, `","attributes":`...)
	dst = attributes(dst, s.Attrs)
	if s.Link != nil {
		dst = append(dst, `,"links":[{"traceId":"`...)
		dst = hex.AppendEncode(dst, s.Link.Trace[:])
		dst = append(dst, `","spanId":"`...)
		dst = hex.AppendEncode(dst, s.Link.ID[:])
		dst = append(dst, `"}]`...)
	}
	if s.Error != "" {
		dst = append(dst, `,"status":{"code":2,"message":`...)
		dst = quoted(dst, s.Error)
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func attributes(dst []byte, attrs []Attr) []byte {
	dst = append(dst, '[')
	for _, a := range attrs {
		if a.Value == "" {
			continue
		}
		if dst[len(dst)-1] == '}' {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"key":`...)
		dst = quoted(dst, a.Key)
		dst = append(dst, `,"value":{"stringValue":`...)
		dst = quoted(dst, a.Value)
		dst = append(dst, "}}"...)
	}
	return append(dst, ']')
}

func quoted(dst []byte, s string) []byte {
	b, _ := json.Marshal(s) // a string always can be
	return append(dst, b...)
}
