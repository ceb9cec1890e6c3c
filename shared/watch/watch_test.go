package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/metric"
	"handoff/shared/touch"
	"handoff/shared/trace"
)

var now = time.Date(2026, 3, 3, 14, 0, 5, 0, time.UTC)

type handlerFunc func(ctx context.Context, batch []event.Envelope) []error

func (f handlerFunc) Handle(ctx context.Context, batch []event.Envelope) []error {
	return f(ctx, batch)
}

// stage is a watched handler, with what it wrote.
type stage struct {
	Handler
	log, metrics bytes.Buffer
}

func watched(next handlerFunc) *stage {
	s := &stage{}
	clock := now.Add(-250 * time.Millisecond)
	s.Handler = Handler{Function: "score", Next: next, Log: slog.New(slog.NewJSONHandler(&s.log, nil)), Metrics: &s.metrics, Namespace: "N",
		Now: func() time.Time { clock = clock.Add(250 * time.Millisecond); return clock.Add(-250 * time.Millisecond) }}
	return s
}

func (s *stage) lines(t *testing.T) (out []map[string]any) {
	t.Helper()
	for text := range bytes.Lines(s.log.Bytes()) {
		var line map[string]any
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		delete(line, "time")
		out = append(out, line)
	}
	return out
}

func envelope(id, trace string) event.Envelope {
	return event.Envelope{ID: id, Source: "handoff", DetailType: event.TouchRecorded, Time: now.Add(-5 * time.Second), Trace: trace}
}

func TestALinePerEvent(t *testing.T) {
	id := touch.NewID("a", "b", "c", 0)
	s := watched(func(ctx context.Context, batch []event.Envelope) []error {
		notes := Notes(ctx, batch)
		notes[0] = Note{Outcome: "folded", Touch: id, Causation: "e0", Account: "account:initech.com", Touches: 1, Published: 2}
		notes[1] = Note{Outcome: "folded", Correlation: "c1", Account: "email:ann@initech.com"}
		metric.From(ctx).Add(metric.Folded, 1)
		return []error{nil, errors.New("dynamo: email:ann@initech.com / item: unavailable"), nil}
	})
	errs := s.Handle(context.Background(), []event.Envelope{envelope("e1", ""), envelope("e2", ""), {ID: "e3", Source: "aws.events", DetailType: event.Sweep, Time: now}})
	if len(errs) != 3 || errs[1] == nil {
		t.Fatalf("answered %v", errs)
	}
	want := []map[string]any{
		{"level": "INFO", "msg": "event", "event_id": "e1", "source": "handoff", "detail_type": "TouchRecorded", "correlation_id": id.String(), "causation_id": "e0",
			"account_id": "account:initech.com", "outcome": "folded", "touches": 1.0, "published": 2.0, "batch": 3.0, "latency_ms": 5000.0, "duration_ms": 250.0},
		{"level": "ERROR", "msg": "event", "event_id": "e2", "source": "handoff", "detail_type": "TouchRecorded", "correlation_id": "c1",
			"account_id": Discreet("email:ann@initech.com"), "outcome": "failed", "batch": 3.0, "latency_ms": 5000.0, "duration_ms": 250.0,
			"error": "dynamo: " + Discreet("email:ann@initech.com") + " / item: unavailable"},
		{"level": "INFO", "msg": "event", "event_id": "e3", "source": "aws.events", "detail_type": "Scheduled Event", "outcome": "done", "batch": 3.0,
			"latency_ms": 0.0, "duration_ms": 250.0},
	}
	got := s.lines(t)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, line := range got {
		for name := range line {
			if name != "level" && name != "msg" && !slices.Contains(Fields, name) {
				t.Errorf("the field %s is not of the fixed set", name)
			}
		}
	}
	var doc map[string]any
	if err := json.Unmarshal(s.metrics.Bytes(), &doc); err != nil {
		t.Fatalf("want one line of metrics: %v: %s", err, s.metrics.String())
	}
	delete(doc, "_aws")
	if d := cmp.Diff(map[string]any{"Function": "score", "Events": 2.0, "FailedEvents": 1.0, "StoreThrottles": 0.0, "PublishThrottles": 0.0,
		"Folded": 1.0, "HopLatency": []any{5000.0}}, doc); d != "" {
		t.Errorf("metrics (-want +got):\n%s", d)
	}
}

// Notes and counts of one invocation are gone in the next, which uses their memory again.
func TestNothingIsLeftOver(t *testing.T) {
	first := true
	s := watched(func(ctx context.Context, batch []event.Envelope) []error {
		if first {
			Notes(ctx, batch)[0] = Note{Outcome: "folded", Account: "account:initech.com"}
			metric.From(ctx).Add(metric.Folded, 7)
		}
		first = false
		return make([]error, len(batch))
	})
	for range 2 {
		s.log.Reset()
		s.metrics.Reset()
		s.Handle(context.Background(), []event.Envelope{envelope("e1", "")})
	}
	if line := s.lines(t)[0]; line["outcome"] != "done" || line["account_id"] != nil {
		t.Errorf("the second line is %v", line)
	}
	if strings.Contains(s.metrics.String(), "Folded") {
		t.Errorf("the second invocation counted %s", s.metrics.String())
	}
}

func TestWhatAHandlerOwes(t *testing.T) {
	short := watched(func(context.Context, []event.Envelope) []error { return nil })
	short.Handle(context.Background(), []event.Envelope{envelope("e1", "")})
	if line := short.lines(t)[0]; line["outcome"] != "failed" || line["error"] != errShort.Error() {
		t.Errorf("of too few answers: %v", line)
	}
	for n, want := range map[int]int{1: 1, 2: 0} {
		s := watched(func(context.Context, []event.Envelope) []error { panic("oh") })
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			s.Handle(context.Background(), slices.Repeat([]event.Envelope{envelope("e1", "")}, n))
		}()
		if got := s.lines(t); len(got) != want || want == 1 && (got[0]["outcome"] != "failed" || !strings.Contains(s.metrics.String(), `"FailedEvents":1`)) {
			t.Errorf("of a panic over %d events: %v and %s", n, got, s.metrics.String())
		}
	}
}

// Where neither log nor metrics nor spans are wanted, watching costs nothing per event.
func TestUnwatchedIsFree(t *testing.T) {
	h := Handler{Function: "score", Log: slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError})), Now: func() time.Time { return now }}
	answers := make([]error, 500)
	h.Next = handlerFunc(func(ctx context.Context, batch []event.Envelope) []error {
		for i := range Notes(ctx, batch) {
			Notes(ctx, batch)[i].Outcome = "folded"
		}
		metric.From(ctx).Add(metric.Folded, len(batch))
		return answers
	})
	batch := slices.Repeat([]event.Envelope{envelope("e1", "")}, 500)
	if n := testing.AllocsPerRun(20, func() { h.Handle(context.Background(), batch) }); n > 6 {
		t.Errorf("%v allocations for a batch of 500, want at most 6", n)
	}
}

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		"nothing to hide":                      "nothing to hide",
		"segment@1 is broken":                  "segment@1 is broken",
		"account:initech.com / item: conflict": "account:initech.com / item: conflict",
		"get email:ann@initech.com / item":     "get email:" + hash("ann@initech.com") + " / item",
		`"email:ann@initech.com": no`:          `"email:` + hash("ann@initech.com") + `": no`,
		"user:web/usr_204: conflict":           "user:" + hash("web/usr_204") + ": conflict",
		"the handoffs of email:#00: x":         "the handoffs of email:#00: x",
		"to ann.lee+x@mail.initech.com.":       "to " + hash("ann.lee+x@mail.initech.com") + ".",
		"of ann@x.example, bob@x.example":      "of " + hash("ann@x.example") + ", " + hash("bob@x.example"),
		"contact:salesforce/003A and customer:stripe/cus_1 (anon:1)": "contact:" + hash("salesforce/003A") + " and customer:" + hash("stripe/cus_1") + " (anon:" + hash("1") + ")",
		"superuser:root": "superuser:root",
		"email: none":    "email: none",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q)\n got %q\nwant %q", in, got, want)
		}
		if got := Mask(Mask(in)); got != want {
			t.Errorf("masked twice, %q is %q", in, got)
		}
	}
	for id, want := range map[string]string{"": "", "account:initech.com": "account:initech.com", "crm:salesforce/001": "crm:salesforce/001",
		"group:acme": "group:acme", "email:ann@initech.com": "email:" + hash("ann@initech.com"), "anon:web/1": "anon:" + hash("web/1")} {
		if got := Discreet(id); got != want {
			t.Errorf("Discreet(%q) is %q, want %q", id, got, want)
		}
	}
}

// collector keeps the spans that it is sent.
type collector struct {
	*httptest.Server
	bodies []string
	status int
}

func collect(t *testing.T) *collector {
	c := &collector{status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.bodies = append(c.bodies, string(body))
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Close)
	return c
}

func TestSpans(t *testing.T) {
	c := collect(t)
	var err error
	const from = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
	var onward []string
	var unified string
	s := watched(func(ctx context.Context, batch []event.Envelope) []error {
		for _, e := range batch {
			onward = append(onward, e.Trace)
		}
		unified = trace.From(ctx)
		Notes(ctx, batch)[0].Outcome = "folded"
		return make([]error, len(batch))
	})
	s.Spans, err = trace.FromEnv(func(name string) string { return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}[name] }, "score")
	if err != nil {
		t.Fatal(err)
	}
	s.Handle(context.Background(), []event.Envelope{envelope("e1", from), envelope("e2", "")})
	type span struct{ TraceID, SpanID, ParentSpanID, Name string }
	var sent struct {
		ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
	}
	if len(c.bodies) != 1 {
		t.Fatalf("%d requests, want one", len(c.bodies))
	}
	if err := json.Unmarshal([]byte(c.bodies[0]), &sent); err != nil {
		t.Fatal(err)
	}
	spans := sent.ResourceSpans[0].ScopeSpans[0].Spans
	if len(spans) != 3 || spans[0].Name != "score" || spans[1].Name != "TouchRecorded process" {
		t.Fatalf("sent %+v, want the invocation and its two events", spans)
	}
	if e := spans[1]; e.TraceID != "5759e988bd862e3fe1be46a994272793" || e.ParentSpanID != "53995c3f42cd8ad8" {
		t.Errorf("the event's span %+v does not go on where its header says", e)
	}
	want := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + spans[1].SpanID + ";Sampled=1"
	if len(onward) != 2 || onward[0] != want || !strings.Contains(onward[1], "Parent="+spans[2].SpanID) || unified != "" {
		t.Errorf("goes on as %v and %q, want %q and one under the second's span, and none for both", onward, unified, want)
	}

	c.status = http.StatusServiceUnavailable
	s.log.Reset()
	if errs := s.Handle(context.Background(), []event.Envelope{envelope("e1", from)}); errs[0] != nil || unified == "" {
		t.Errorf("without a collector: %v, trace %q", errs, unified)
	}
	lines := s.lines(t)
	if last := lines[len(lines)-1]; last["level"] != "WARN" || !strings.Contains(last["error"].(string), "503") {
		t.Errorf("the log says %v of a collector that is away", last)
	}
}
