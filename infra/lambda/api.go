package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
const (
	apiPrefix   = "/2018-06-01/runtime/"
	maxResponse = 6<<20 + 100 // the service's own limit of an answer
)

// ServeHTTP answers the process.
func (e *environment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, apiPrefix)
	if !ok {
		http.NotFound(w, r)
		return
	}
	switch {
	case r.Method == http.MethodGet && path == "invocation/next":
		e.next(w, r)
	case r.Method == http.MethodPost && path == "init/error":
		body, err := io.ReadAll(io.LimitReader(r.Body, maxResponse))
		if err != nil {
			return // the process is gone
		}
		e.mu.Lock()
		e.initErr = reported(r, body)
		e.mu.Unlock()
		accepted(w)
	case r.Method == http.MethodPost && strings.HasPrefix(path, "invocation/"):
		id, what, _ := strings.Cut(strings.TrimPrefix(path, "invocation/"), "/")
		e.answered(w, r, id, what)
	default:
		http.NotFound(w, r)
	}
}

// next hands out the next invocation when there is one.
func (e *environment) next(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	if !e.asked {
		e.asked = true
		e.started = time.Since(e.exec)
		close(e.ready)
	}
	e.mu.Unlock()
	var i *invocation
	select {
	case i = <-e.work:
	case <-r.Context().Done():
		return
	}
	i.begin = time.Now()
	e.mu.Lock()
	e.current = i
	e.mu.Unlock()
	e.platform("platform.start", map[string]any{"requestId": i.id, "version": version})
	close(i.handed)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.begin.Add(e.f.Timeout).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", e.f.arn())
	h.Set("Lambda-Runtime-Trace-Id", newTraceID(i.begin))
	_, _ = w.Write(i.payload) // a process that is gone shows by its end
}

// answered takes a response or an error for the invocation under way.
func (e *environment) answered(w http.ResponseWriter, r *http.Request, id, what string) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxResponse+1))
	if err != nil {
		return
	}
	e.mu.Lock()
	i := e.current
	if i == nil || i.id != id || what != "response" && what != "error" {
		e.mu.Unlock()
		refused(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	e.current = nil
	e.mu.Unlock()
	a := answer{body: body}
	switch {
	case what == "error":
		a = answer{err: reported(r, body)}
	case r.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "": // the answer broke off while it was written
		a = answer{err: &Error{r.Trailer.Get("Lambda-Runtime-Function-Error-Type"), "the response was not finished"}}
	case len(body) > maxResponse:
		a = answer{err: e.f.fail(TooLarge, id, "Response payload size exceeded maximum allowed payload size (%d bytes)", maxResponse)}
		refused(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size")
		i.answer <- a
		return
	}
	accepted(w)
	i.answer <- a
}

// reported is an error as the function's runtime describes it.
func reported(r *http.Request, body []byte) *Error {
	var said struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &said) != nil || said.Type == "" && said.Message == "" {
		said.Type, said.Message = r.Header.Get("Lambda-Runtime-Function-Error-Type"), string(body)
	}
	if said.Type == "" {
		said.Type = "Runtime.Unknown"
	}
	return &Error{said.Type, said.Message}
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refused(w http.ResponseWriter, status int, typ, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errorType":%q,"errorMessage":%q}`, typ, message)
}
