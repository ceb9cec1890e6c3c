package invoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

// handler fails the events of type Bad, panics at Panic and answers too little at Short.
type handler struct{ seen []string }

func (h *handler) Handle(_ context.Context, batch []event.Envelope) []error {
	errs := make([]error, len(batch))
	for i, e := range batch {
		h.seen = append(h.seen, e.ID)
		switch e.DetailType {
		case "Bad":
			errs[i] = errors.New("no good")
		case "Panic":
			panic("oh")
		case "Short":
			return nil
		}
	}
	return errs
}

func body(id, detailType string) string {
	return fmt.Sprintf(`{"version":"0","id":%q,"detail-type":%q,"source":"s","account":"1","time":"2026-01-05T09:00:00Z","region":"r","resources":[],"detail":{"a":1}}`, id, detailType)
}

// sqs is an invocation with the message ids m1, m2, …
func sqs(bodies ...string) string {
	var records []string
	for i, b := range bodies {
		quoted, _ := json.Marshal(b)
		records = append(records, fmt.Sprintf(`{"messageId":"m%d","receiptHandle":"x","body":%s,"attributes":{"ApproximateReceiveCount":"1"},"eventSource":"aws:sqs"}`, i+1, quoted))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, payload string
		answer        string // as JSON
		err           string // part of it; "" for none
		seen          []string
	}{
		{"batch", sqs(body("a", "Good"), body("b", "Good")), `{"batchItemFailures":[]}`, "", []string{"a", "b"}},
		{"one of a batch fails", sqs(body("a", "Good"), body("b", "Bad"), body("c", "Good")), `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, "", []string{"a", "b", "c"}},
		{"a body that is no event", sqs("hello", body("b", "Good"), `{"detail":{}}`), `{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m3"}]}`, "", []string{"b"}},
		{"only bodies that are no events", sqs(`[]`), `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, "", nil},
		{"panic", sqs(body("a", "Good"), body("b", "Panic")), `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, "", []string{"a", "b", "a", "b"}},
		{"panic among many", sqs(body("a", "Good"), body("b", "Bad"), body("c", "Panic"), body("d", "Good")), `{"batchItemFailures":[{"itemIdentifier":"m2"},{"itemIdentifier":"m3"}]}`, "",
			[]string{"a", "b", "c", "a", "b", "c", "c", "d"}},
		{"all panic", sqs(body("a", "Panic"), body("b", "Panic")), `{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}`, "", []string{"a", "a", "b"}},
		{"too few answers", sqs(body("a", "Short")), `{"batchItemFailures":[{"itemIdentifier":"m1"}]}`, "", []string{"a"}},
		{"too few answers, because of one", sqs(body("a", "Good"), body("b", "Short"), body("c", "Good")), `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, "", []string{"a", "b", "a", "b", "b", "c"}},
		{"empty batch", `{"Records":[]}`, `{"batchItemFailures":[]}`, "", nil},
		{"record without id", `{"Records":[{"body":"{}"}]}`, `null`, "record 0 of the batch has no messageId", nil},
		{"bare event", body("a", "Good"), `null`, "", []string{"a"}},
		{"bare event fails", body("a", "Bad"), `null`, "event a: no good", []string{"a"}},
		{"bare event whose detail has Records", strings.Replace(body("a", "Good"), `{"a":1}`, `{"Records":[]}`, 1), `null`, "", []string{"a"}},
		{"array", `[` + body("a", "Good") + `,` + body("b", "Good") + `]`, `null`, "", []string{"a", "b"}},
		{"one of an array fails", ` [` + body("a", "Good") + `,` + body("b", "Bad") + `]`, `null`, "event b: no good", []string{"a", "b"}},
		{"one of an array is no event", `[` + body("a", "Good") + `,{"x":1}]`, `null`, "event 2 of 2: not an event: it has no id", []string{"a"}},
		{"array of other things", `[1]`, `null`, "event 1 of 1: not an event", nil},
		{"empty array", `[]`, `null`, "", nil},
		{"nothing", ` `, `null`, "the payload is empty", nil},
		{"text", `"hello"`, `null`, "no JSON object or array", nil},
		{"cut off", body("a", "Good")[:40], `null`, "not an event", nil},
		{"no detail", `{"id":"a","detail-type":"b","source":"c"}`, `null`, "its detail is no JSON object", nil},
		{"no source", `{"id":"a","detail-type":"b","detail":{}}`, `null`, "it has no source", nil},
		{"no detail type", `{"id":"a","source":"b","detail":{}}`, `null`, "it has no detail-type", nil},
		{"Records of the wrong type", `{"Records":7}`, `null`, "SQS batch", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &handler{}
			answer, err := Wrap(h)(t.Context(), json.RawMessage(c.payload))
			got, _ := json.Marshal(answer)
			if string(got) != c.answer {
				t.Errorf("answer %s, want %s", got, c.answer)
			}
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if d := cmp.Diff(c.seen, h.seen); d != "" {
				t.Errorf("handled (-want +got)\n%s", d)
			}
		})
	}
}

// A handler whose time is over answers for what it did before Lambda ends the process.
func TestTimeForTheAnswer(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{2 * time.Second: time.Second / 2, time.Minute: time.Second} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			answer, err := Wrap(stuck{})(ctx, json.RawMessage(sqs(body("a", "Good"), body("b", "Good"))))
			got, _ := json.Marshal(answer)
			if list := `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`; err != nil || string(got) != list {
				t.Errorf("%v: answer %s, %v, want %s", timeout, got, err, list)
			}
			at, _ := ctx.Deadline()
			if left := time.Until(at); left != want {
				t.Errorf("%v: %v are left for the answer, want %v", timeout, left, want)
			}
		})
	}
}

// stuck is done with the first event at once and with the others never.
type stuck struct{}

func (stuck) Handle(ctx context.Context, batch []event.Envelope) []error {
	<-ctx.Done()
	errs := make([]error, len(batch))
	for i := range errs[1:] {
		errs[i+1] = ctx.Err()
	}
	return errs
}

// FuzzWrap: whatever comes, no panic, and a handler never sees what lacks an id.
func FuzzWrap(f *testing.F) {
	for _, seed := range []string{sqs(body("a", "Good"), "x"), body("a", "Good"), "[" + body("a", "Bad") + "]", "{}", "null", `{"Records":[null]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		h := &handler{}
		_, _ = Wrap(h)(t.Context(), json.RawMessage(payload))
		for _, id := range h.seen {
			if id == "" {
				t.Errorf("an event without an id was handled: %q", payload)
			}
		}
	})
}

// traces keeps the trace headers that events come with.
type traces []string

func (s *traces) Handle(_ context.Context, batch []event.Envelope) []error {
	for _, e := range batch {
		*s = append(*s, e.Trace)
	}
	return make([]error, len(batch))
}

func TestTheTraceComesWithTheMessage(t *testing.T) {
	const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	payload := strings.Replace(sqs(body("a", "Good"), body("b", "Good")), `"attributes":{`, `"attributes":{"AWSTraceHeader":"`+header+`",`, 1)
	var got traces
	if _, err := Wrap(&got)(t.Context(), json.RawMessage(payload)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(traces{header, ""}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
