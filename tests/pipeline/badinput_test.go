package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"handoff/events/journeys"
	"handoff/functions/ingest"
	"handoff/infra/local"
	"handoff/infra/prove"
	"handoff/infra/replay"
	"handoff/shared/contract"
	"handoff/shared/ledger"
	"handoff/tests/rig"
)

// putter calls PutEvents as an SDK does.
type putter struct {
	t   *testing.T
	url string
}

type putAnswer struct {
	status           int
	Type             string `json:"__type"`
	Message          string `json:"message"`
	FailedEntryCount int
	Entries          []struct{ EventId, ErrorCode, ErrorMessage string }
}

func (p putter) put(body string) putAnswer {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodPost, p.url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "AWSEvents.PutEvents")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	a := putAnswer{status: res.StatusCode}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		p.t.Fatal(err)
	}
	return a
}

func entry(source, detailType, detail string) string {
	b, _ := json.Marshal(map[string]string{"Source": source, "DetailType": detailType, "Detail": detail, "EventBusName": "handoff"})
	return string(b)
}

// What the bus refuses it refuses with PutEvents' own codes, entry by entry, and what it takes beside that is not lost.
func TestPutEventsRefuses(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	server := httptest.NewServer(local.HTTPHandler(r.Runtime))
	defer server.Close()
	p := putter{t, server.URL}
	bus := r.Runtime.Bus()
	n := 0
	good := func() string {
		n++
		e := entry("acme.app", "Touch", fmt.Sprintf(`{"id":"g%d","kind":"page_viewed","time":"2026-03-04T16:00:00Z","subject":"user:u1"}`, n))
		return strings.Replace(e, `"handoff"`, `"`+bus+`"`, 1)
	}
	entries := func(e ...string) string { return `{"Entries":[` + strings.Join(e, ",") + `]}` }
	eleven := make([]string, 11)
	for i := range eleven {
		eleven[i] = good()
	}
	n = 0
	huge := entry("acme.app", "Touch", `{"x":"`+strings.Repeat("y", 1<<20)+`"}`)
	for _, tc := range []struct {
		name, body string
		status     int
		code       string // of the request, or of its second entry
		taken      int
	}{
		{"11 entries", entries(eleven...), 400, "ValidationException", 0},
		{"no entries", entries(), 400, "ValidationException", 0},
		{"over 1 MB", entries(huge), 400, "ValidationException", 0},
		{"not JSON", `{"Entries":[`, 400, "SerializationException", 0},
		{"a detail that is not JSON", entries(good(), entry("acme.app", "Touch", `{"id":`)), 200, "MalformedDetail", 1},
		{"a detail that is no object", entries(good(), entry("acme.app", "Touch", `[1]`)), 200, "MalformedDetail", 1},
		{"no source", entries(good(), entry("", "Touch", `{}`)), 200, "InvalidArgument", 1},
		{"no detail type", entries(good(), entry("acme.app", "", `{}`)), 200, "InvalidArgument", 1},
		{"a bus that is not there", entries(good(), strings.Replace(entry("acme.app", "Touch", `{}`), `"handoff"`, `"nowhere"`, 1)), 200, "InvalidArgument", 1},
		{"a source of AWS", entries(good(), entry("aws.s3", "Object Created", `{}`)), 200, "NotAuthorizedForSourceException", 1},
	} {
		a := p.put(tc.body)
		code, message := a.Type, a.Message
		if a.status == 200 && len(a.Entries) == 2 {
			code, message = a.Entries[1].ErrorCode, a.Entries[1].ErrorMessage
			if a.FailedEntryCount != 1 || a.Entries[0].EventId == "" || a.Entries[1].EventId != "" {
				t.Errorf("%s: %+v, want the first entry taken and the second not", tc.name, a)
			}
		}
		if a.status != tc.status || code != tc.code || message == "" {
			t.Errorf("%s: status %d, %s: %q, want %d, %s and a message", tc.name, a.status, code, message, tc.status, tc.code)
		}
	}
	r.Drain()
	if c := conserved(t, r, n); c.Events.Of(prove.Recorded) != n {
		t.Errorf("%d of the %d entries that were taken are recorded: %+v", c.Events.Of(prove.Recorded), n, c.Events)
	}
}

// What the bus takes and no contract reads is quarantined whole, under a code, the field and a reason, and nothing fails.
func TestUnreadableEventsAreQuarantined(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	touch := func(detail string) string { return entry("acme.app", "Touch", detail) }
	cases := []struct{ entry, code, field string }{
		{entry("acme.unheard", "Something", `{"a":1}`), contract.UnknownSource, ""},
		{touch(`{"kind":"page_viewed","time":"2026-03-04T16:00:00Z","subject":"user:u1"}`), contract.Schema, "detail"}, // the reason names the id
		{touch(`{"id":"1","kind":"page_gazed_at","time":"2026-03-04T16:00:00Z","subject":"user:u1"}`), contract.Schema, "kind"},
		{touch(`{"id":"1","kind":"page_viewed","time":"2026-03-09T16:00:00Z","subject":"user:u1"}`), contract.FutureTime, "time"},
		{entry("aws.partner/segment.com/x", "track", `{"type":"track","event":"Demo Requested","userId":"u1","timestamp":"2026-03-04T16:00:00Z"}`), contract.NoID, "messageId"},
		{entry("aws.partner/segment.com/x", "track", `{"type":"track","event":"Demo Requested","userId":"u1","messageId":"m1"}`), contract.NoTime, "imestamp"},
		{entry("aws.partner/segment.com/x", "track", `{"type":"track","eventName":"Demo Requested","userId":"u1","messageId":"m1","timestamp":"2026-03-04T16:00:00Z"}`), contract.Schema, "event"},
		{entry("aws.partner/stripe.com/ed_1", "invoice.paid", `{"id":"in_1","object":"invoice"}`), contract.Schema, "object"},
	}
	for _, tc := range cases {
		var in struct{ Source, DetailType, Detail string }
		if err := json.Unmarshal([]byte(tc.entry), &in); err != nil {
			t.Fatal(err)
		}
		e := rig.Raw(in.Source, in.DetailType, in.Detail, rig.Noon)
		r.At(e)
		found := 0
		for row := range r.Rows() {
			var a ingest.Aside
			if row.Type != ledger.Quarantine || json.Unmarshal(row.Body, &a) != nil || a.Event == nil || !bytes.Equal(a.Event.Detail, e.Detail) {
				continue
			}
			found++
			if a.Failure.Code != tc.code || !strings.Contains(a.Failure.Field, tc.field) || !strings.HasSuffix(a.Reason, ".") {
				t.Errorf("%s: quarantined as %s at %q (%s), want %s at %s", in.Detail, a.Failure.Code, a.Failure.Field, a.Reason, tc.code, tc.field)
			}
		}
		if found != 1 {
			t.Errorf("%s: %d quarantine rows hold it whole, want 1", in.Detail, found)
		}
	}
	r.Quiet()
	conserved(t, r, len(cases))
}

// A journey's file that is cut in the middle of a line: the rest is read and recorded, the line is named.
func TestJourneyCutInTheMiddle(t *testing.T) {
	j := rig.Generated(t, 3, 1, 300, 8)
	var text bytes.Buffer
	for _, e := range j.Events {
		b, err := json.Marshal(map[string]any{"source": e.Source, "detail-type": e.DetailType, "time": e.Time, "detail": e.Detail})
		if err != nil {
			t.Fatal(err)
		}
		text.Write(append(b, '\n'))
	}
	whole := text.Bytes()
	lines := bytes.Count(whole[:len(whole)/2], []byte("\n")) // those that are whole before the cut
	for name, file := range map[string]*fstest.MapFile{"plain.jsonl": {Data: whole[:len(whole)/2]}} {
		reader, err := journeys.Open(fstest.MapFS{name: file})
		if err != nil {
			t.Fatal(err)
		}
		r := rig.Open(t, rig.Config{Start: j.Start(), Dataset: j.Dataset})
		res, err := replay.Run(context.Background(), r.Stack, reader, replay.Options{Until: j.End})
		reader.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Bad) != 1 || res.Bad[0].Line != lines+1 || !strings.Contains(res.Bad[0].Error(), "cut off") {
			t.Errorf("%s: bad lines %v, want line %d, cut off", name, res.Bad, lines+1)
		}
		if res.Events != lines {
			t.Errorf("%s: %d events were put, want the %d whole lines", name, res.Events, lines)
		}
		r.Quiet()
		conserved(t, r, lines)
	}
	if _, err := journeys.Open(fstest.MapFS{"notes.txt": {}}); err == nil {
		t.Error("a folder without a journey was opened")
	}
}
