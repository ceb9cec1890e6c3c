package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"handoff/shared/event"
)

const (
	maxEntries = 10
	maxBody    = 8 << 20 // of a request: 1 MB of entries, every byte of them escaped
	target     = "AWSEvents.PutEvents"
	amzJSON    = "application/x-amz-json-1.1"
)

// HTTPHandler speaks EventBridge's PutEvents, as AWS JSON 1.1: any SDK, or `aws events put-events --endpoint-url`, is
// a producer. Signatures are not checked, so it belongs on localhost only. Error codes and messages are the service's, as
// far as its API reference, its model or recorded answers tell them.
func HTTPHandler(rt *Runtime) http.Handler { return &putEvents{rt} }

type putEvents struct{ rt *Runtime }

// putEntry is one entry of a request. Absent and null members are nil.
type putEntry struct {
	Time         json.RawMessage
	Source       *string
	Resources    []string
	DetailType   *string
	Detail       *string
	EventBusName *string
	TraceHeader  *string
}

type putResult struct {
	EventId      string `json:",omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

type putAnswer struct {
	FailedEntryCount int
	Entries          []putResult
}

// httpError is an answer that refuses the whole request.
type httpError struct {
	status  int
	code    string
	message string
}

func (e *httpError) Error() string { return e.code + ": " + e.message }

func invalidRequest(format string, args ...any) *httpError {
	return &httpError{http.StatusBadRequest, "ValidationException", fmt.Sprintf(format, args...)}
}

func (h *putEvents) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := h.serve(w, r)
	var refused *httpError
	switch {
	case err == nil:
		reply(w, http.StatusOK, answer)
	case errors.As(err, &refused):
		w.Header().Set("x-amzn-ErrorType", refused.code)
		reply(w, refused.status, map[string]string{"__type": refused.code, "message": refused.message})
	default:
		h.rt.log.ErrorContext(r.Context(), "put events", "error", err)
		w.Header().Set("x-amzn-ErrorType", "InternalException")
		reply(w, http.StatusInternalServerError, map[string]string{"__type": "InternalException", "message": err.Error()})
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	b, _ := json.Marshal(body) // texts and a number: cannot fail
	w.Header().Set("Content-Type", amzJSON)
	w.WriteHeader(status)
	_, _ = w.Write(b) // a client that went away will send again
}

func (h *putEvents) serve(w http.ResponseWriter, r *http.Request) (*putAnswer, error) {
	if r.Method != http.MethodPost || r.URL.Path != "/" {
		return nil, &httpError{http.StatusNotFound, "UnknownOperationException", "want POST / with X-Amz-Target: " + target}
	}
	if got := r.Header.Get("X-Amz-Target"); got != target {
		return nil, &httpError{http.StatusBadRequest, "UnknownOperationException", fmt.Sprintf("this endpoint knows %s only, not %q", target, got)}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, &httpError{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "Total size of the entries in the request is over the limit."}
	}
	if err != nil {
		return nil, &httpError{http.StatusBadRequest, "SerializationException", "the request's body could not be read: " + err.Error()}
	}
	var req struct{ Entries []putEntry }
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(&req); err != nil {
		return nil, &httpError{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &httpError{http.StatusBadRequest, "SerializationException", "there is something behind the request's JSON object"}
	}
	return h.put(r.Context(), req.Entries)
}

func (h *putEvents) put(ctx context.Context, entries []putEntry) (*putAnswer, error) {
	const constraint = "1 validation error detected: Value '%s' at 'entries' failed to satisfy constraint: Member must "
	switch {
	case entries == nil:
		return nil, invalidRequest(constraint+"not be null", "null")
	case len(entries) == 0:
		return nil, invalidRequest(constraint+"have length greater than or equal to 1", "[]")
	case len(entries) > maxEntries:
		return nil, invalidRequest(constraint+"have length less than or equal to %d", fmt.Sprintf("[%d entries]", len(entries)), maxEntries)
	}
	answer := &putAnswer{Entries: make([]putResult, len(entries))}
	size := 0
	byBus := map[string][]int{}
	var buses []string // in order of appearance
	events := make([]event.Envelope, len(entries))
	away := h.rt.faults.turnAway(len(entries))
	for i := range entries {
		e := &entries[i]
		if err := e.constraints(i); err != nil {
			return nil, err
		}
		var err error
		if events[i], err = e.event(); err != nil {
			return nil, err
		}
		size += entrySize(&events[i], !events[i].Time.IsZero())
		if answer.Entries[i] = h.check(e); answer.Entries[i].ErrorCode != "" {
			continue
		}
		if away != nil && away[i] {
			answer.Entries[i] = h.rt.busy()
			continue
		}
		name := DefaultBus
		if e.EventBusName != nil {
			name = BusName(*e.EventBusName)
		}
		if byBus[name] == nil {
			buses = append(buses, name)
		}
		byBus[name] = append(byBus[name], i)
	}
	if size > MaxEntry {
		return nil, invalidRequest("Total size of the entries in the request is over the limit.")
	}
	for _, name := range buses {
		if err := h.putOn(ctx, name, byBus[name], events, answer); err != nil {
			return nil, err
		}
	}
	for _, e := range answer.Entries {
		if e.ErrorCode != "" {
			answer.FailedEntryCount++
		}
	}
	return answer, nil
}

// putOn puts the entries for one bus. What Put refuses beyond check, it refuses as malformed.
func (h *putEvents) putOn(ctx context.Context, bus string, at []int, events []event.Envelope, answer *putAnswer) error {
	batch := make([]event.Envelope, len(at))
	for j, i := range at {
		batch[j] = events[i]
	}
	ids, err := h.rt.accept(ctx, bus, batch)
	var left *event.Leftover
	if err != nil && !errors.As(err, &left) {
		return err
	}
	for j, i := range at {
		if ids[j] == "" {
			answer.Entries[i] = putResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
			continue
		}
		answer.Entries[i].EventId = ids[j]
	}
	return nil
}

// busy is the answer to an entry that is turned away: one of the two codes that the API reference calls retryable.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
func (rt *Runtime) busy() putResult {
	if rt.faults.hit(3) {
		return putResult{ErrorCode: "InternalFailure", ErrorMessage: "The request processing has failed because of an unknown error, exception or failure."}
	}
	return putResult{ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded"}
}

// busNames and the lengths are of the API reference's PutEventsRequestEntry.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
var busNames = regexp.MustCompile(`^(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+$`)

const (
	maxBusName    = 1600
	maxTrace      = 500
	maxDetailType = 128
)

// constraints are those of the service's model: one entry that breaks one fails the whole request.
func (e *putEntry) constraints(i int) error {
	broken := func(member, value, must string) error {
		return invalidRequest("1 validation error detected: Value '%s' at 'entries.%d.member.%s' failed to satisfy constraint: Member must %s", value, i+1, member, must)
	}
	length := func(member string, value *string, most int) error {
		switch {
		case value == nil:
		case *value == "":
			return broken(member, "", "have length greater than or equal to 1")
		case len(*value) > most:
			return broken(member, *value, fmt.Sprintf("have length less than or equal to %d", most))
		}
		return nil
	}
	if err := errors.Join(length("eventBusName", e.EventBusName, maxBusName), length("traceHeader", e.TraceHeader, maxTrace)); err != nil {
		return err
	}
	if e.EventBusName != nil && !busNames.MatchString(*e.EventBusName) {
		return broken("eventBusName", *e.EventBusName, "satisfy regular expression pattern: "+strings.Trim(busNames.String(), "^$"))
	}
	return nil
}

// check answers the error of one entry, in the order in which the service looks.
func (h *putEvents) check(e *putEntry) putResult {
	missing := func(name string) putResult {
		return putResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf("Parameter %s is not valid. Reason: %s is a required argument.", name, name)}
	}
	given := func(s *string) bool { return s != nil && *s != "" }
	switch {
	case !given(e.Source):
		return missing("Source")
	case !given(e.DetailType):
		return missing("DetailType")
	case !given(e.Detail):
		return missing("Detail")
	case utf8.RuneCountInString(*e.DetailType) > maxDetailType: // the limit is the reference's, the words are ours
		return putResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf(
			"Parameter DetailType is not valid. Reason: DetailType must have at most %d characters.", maxDetailType)}
	case strings.HasPrefix(*e.Source, "aws."):
		return putResult{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
	}
	if d := strings.TrimLeft(*e.Detail, " \t\r\n"); !strings.HasPrefix(d, "{") || !json.Valid([]byte(d)) {
		return putResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	}
	if e.EventBusName != nil {
		if _, ok := h.rt.buses[BusName(*e.EventBusName)]; !ok {
			return putResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf(
				"Parameter EventBusName is not valid. Reason: Event bus %s does not exist.", *e.EventBusName)}
		}
	}
	return putResult{}
}

// event reads an entry's members; only its time can be unreadable.
func (e *putEntry) event() (event.Envelope, error) {
	var out event.Envelope
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	out.Source, out.DetailType, out.Resources = text(e.Source), text(e.DetailType), e.Resources
	out.Detail, out.Trace = json.RawMessage(text(e.Detail)), text(e.TraceHeader)
	if len(e.Time) == 0 || string(e.Time) == "null" {
		return out, nil
	}
	at, err := parseTime(e.Time)
	if err != nil {
		return out, &httpError{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	out.Time = at
	return out, nil
}

// parseTime reads a timestamp of AWS JSON 1.1: seconds since 1970, perhaps with a fraction. RFC 3339 is taken too, as
// people write requests by hand.
func parseTime(raw json.RawMessage) (time.Time, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return time.Time{}, fmt.Errorf("Time %q: want seconds since 1970, or RFC 3339", s)
		}
		return at.UTC(), nil
	}
	var n json.Number
	if err := json.Unmarshal(raw, &n); err != nil || len(n) > 40 {
		return time.Time{}, fmt.Errorf("Time %.60s: want seconds since 1970", raw)
	}
	f, ok := new(big.Float).SetPrec(128).SetString(n.String())
	if !ok {
		return time.Time{}, fmt.Errorf("Time %s: want seconds since 1970", n)
	}
	ms, _ := f.Mul(f, big.NewFloat(1000)).Int64()
	if first, last := int64(-62135596800000), int64(253402300799999); ms < first || ms > last {
		return time.Time{}, fmt.Errorf("Time %s: want a moment within the years 1 to 9999", n)
	}
	return time.UnixMilli(ms).UTC(), nil
}
