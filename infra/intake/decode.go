package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"handoff/events/journeys"
	"handoff/shared/event"
)

// decode reads one line.
func decode(line []byte, o Options) (event.Envelope, error) {
	if o.Tool != "" {
		return wrap(line, o.Tool, o)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || err.Error() == "unexpected end of JSON input" {
			return event.Envelope{}, errors.New("not an event: the JSON ends too early; is the file cut off?")
		}
		return event.Envelope{}, fmt.Errorf("not an event: %w", err)
	}
	switch {
	case fields["detail-type"] != nil || fields["detail"] != nil && fields["source"] != nil:
		return envelope(fields["source"], fields["detail-type"], fields["time"], fields["detail"], o)
	case fields["DetailType"] != nil || fields["Detail"] != nil:
		var text string // PutEvents carries the detail as a string of JSON
		if err := json.Unmarshal(fields["Detail"], &text); err != nil {
			return event.Envelope{}, errors.New("not an entry: Detail must be a string that holds JSON")
		}
		return envelope(fields["Source"], fields["DetailType"], fields["Time"], json.RawMessage(text), o)
	}
	tool := toolOf(fields)
	if tool == "" {
		return event.Envelope{}, errors.New("not an event: source, detail-type and detail are missing; for a tool's raw payloads name it with --tool")
	}
	return wrap(line, tool, o)
}

func envelope(source, detailType, at, detail json.RawMessage, o Options) (event.Envelope, error) {
	var e event.Envelope
	if json.Unmarshal(source, &e.Source) != nil || e.Source == "" {
		return e, errors.New("not an event: source is missing or not a string")
	}
	if json.Unmarshal(detailType, &e.DetailType) != nil || e.DetailType == "" {
		return e, errors.New("not an event: detail-type is missing or not a string")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(detail, &object); err != nil || object == nil {
		return e, errors.New("not an event: detail is missing or not a JSON object")
	}
	e.Detail, e.Time = detail, o.Now
	if len(at) > 0 && string(at) != "null" {
		t, ok := moment(at)
		if !ok {
			return e, fmt.Errorf("not an event: time %s is neither RFC 3339 nor seconds since 1970", at)
		}
		e.Time = t
	}
	return e, nil
}

// toolOf tells a raw payload by what only that tool sends.
func toolOf(fields map[string]json.RawMessage) string {
	text := func(f string) string {
		var s string
		if json.Unmarshal(fields[f], &s) != nil {
			return ""
		}
		return s
	}
	switch {
	case text("object") == "event" && fields["data"] != nil:
		return "stripe"
	case fields["subscriptionType"] != nil && fields["occurredAt"] != nil:
		return "hubspot"
	case fields["ChangeEventHeader"] != nil || fields["payload"] != nil:
		return "salesforce"
	case fields["originalTimestamp"] != nil && fields["channel"] != nil && fields["rudderId"] != nil:
		return "rudderstack"
	case fields["messageId"] != nil && (fields["type"] != nil || fields["action"] != nil):
		return "segment"
	}
	return ""
}

// Tools whose raw payloads can be wrapped.
var Tools = []string{"segment", "rudderstack", "stripe", "salesforce", "hubspot"}

// wrap puts a raw payload into the envelope its tool would have sent it in.
func wrap(line []byte, tool string, o Options) (event.Envelope, error) {
	var p struct {
		Type      string          `json:"type"`
		Action    string          `json:"action"`
		Created   json.RawMessage `json:"created"`
		Original  json.RawMessage `json:"originalTimestamp"`
		Timestamp json.RawMessage `json:"timestamp"`
		Received  json.RawMessage `json:"receivedAt"`
		Occurred  json.RawMessage `json:"occurredAt"`
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(line, &object); err != nil || object == nil {
		return event.Envelope{}, fmt.Errorf("not a payload of %s: want a JSON object on a line", tool)
	}
	// Fields of another type than expected are the contract's to judge, so a failure here is none.
	_ = json.Unmarshal(line, &p)
	e := event.Envelope{Detail: append(json.RawMessage(nil), line...), Time: o.Now}
	switch tool {
	case "segment":
		e.Source, e.DetailType = "aws.partner/segment.com/import", p.Type
		if e.DetailType == "" {
			e.DetailType = p.Action
		}
	case "rudderstack":
		e.Source, e.DetailType = "rudderstack", "rudderstack"
	case "stripe":
		e.Source, e.DetailType = "aws.partner/stripe.com/import", p.Type
	case "salesforce":
		e.Source, e.DetailType = "aws.partner/salesforce.com/import", "ChangeEvent"
	case "hubspot":
		e.Source, e.DetailType = "hubspot", "webhook"
	default:
		return e, fmt.Errorf("no tool %q: want one of %v", tool, Tools)
	}
	if e.DetailType == "" {
		e.DetailType = "unknown"
	}
	for _, at := range []json.RawMessage{p.Received, p.Original, p.Timestamp, p.Created, p.Occurred} {
		if t, ok := moment(at); ok {
			e.Time = t
			break
		}
	}
	return e, nil
}

// moment reads RFC 3339, or seconds or milliseconds since 1970.
func moment(raw json.RawMessage) (time.Time, bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		t, err := time.Parse(time.RFC3339, s)
		return t.UTC().Truncate(time.Millisecond), err == nil
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || n <= 0 || n > 1e14 {
		return time.Time{}, false
	}
	if n > 1e11 { // milliseconds
		return time.UnixMilli(int64(n)).UTC(), true
	}
	return time.UnixMilli(int64(n * 1000)).UTC(), true
}

// readArray reads a file that is one JSON array.
func readArray(name string, r io.Reader, o Options, yield func(event.Envelope) error, bad func(*journeys.LineError)) error {
	dec := json.NewDecoder(r)
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for n := 1; dec.More(); n++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			bad(&journeys.LineError{File: name, Line: n, Err: fmt.Errorf("element %d of the array: %w; nothing behind it can be read", n, err)})
			return nil
		}
		e, err := decode(raw, o)
		if err != nil {
			bad(&journeys.LineError{File: name, Line: n, Err: fmt.Errorf("element %d of the array: %w", n, err)})
			continue
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		bad(&journeys.LineError{File: name, Line: 0, Err: fmt.Errorf("the array does not end; is the file cut off? %w", err)})
	}
	return nil
}

// readObjects reads objects that are spread over lines. It tells the place of a bad one by its number in the file.
func readObjects(name string, r io.Reader, o Options, yield func(event.Envelope) error, bad func(*journeys.LineError)) error {
	dec := json.NewDecoder(r)
	for n := 1; ; n++ {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				err = errors.New("the JSON ends too early; is the file cut off?")
			}
			bad(&journeys.LineError{File: name, Line: n, Err: fmt.Errorf("object %d of the file: %w; nothing behind it can be read", n, err)})
			return nil
		}
		e, err := decode(raw, o)
		switch {
		case len(raw) > maxLine:
			bad(&journeys.LineError{File: name, Line: n, Err: fmt.Errorf("object %d of the file is over %d bytes: an event holds less", n, maxLine)})
		case err != nil:
			bad(&journeys.LineError{File: name, Line: n, Err: fmt.Errorf("object %d of the file: %w", n, err)})
		default:
			if err := yield(e); err != nil {
				return err
			}
		}
	}
}
