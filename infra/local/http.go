package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

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
