package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

func TestPutEventsProtocol(t *testing.T) {
	entry := func(members string) string { return `{"Entries":[{` + members + `}]}` }
	full := `"Source":"tool","DetailType":"A","Detail":"{\"a\":1}","EventBusName":"test"`
	long := strings.Repeat("x", MaxEntry)
	sized := func(n int) string { // of Source (4), DetailType (1) and Detail
		return entry(`"Source":"tool","DetailType":"A","EventBusName":"test","Detail":"{\"a\":\"` + long[:n-13] + `\"}"`)
	}
	const tooMuch = "Total size of the entries in the request is over the limit."
	for _, c := range []struct {
		name, body string
		status     int
		code       string // of the request
		entry      string // code of the first entry
		message    string
		delivered  int
	}{
		{"one", entry(full), 200, "", "", "", 1},
		{"bus by ARN", entry(strings.Replace(full, `"test"`, `"arn:aws:events:eu-west-1:111111111111:event-bus/test"`, 1)), 200, "", "", "", 1},
		{"ten", `{"Entries":[` + strings.Repeat("{"+full+"},", 9) + "{" + full + `}]}`, 200, "", "", "", 10},
		{"eleven", `{"Entries":[` + strings.Repeat("{"+full+"},", 10) + "{" + full + `}]}`, 400, "ValidationException", "", "Member must have length less than or equal to 10", 0},
		{"none", `{"Entries":[]}`, 400, "ValidationException", "", "Member must have length greater than or equal to 1", 0},
		{"no entries", `{}`, 400, "ValidationException", "", "Member must not be null", 0},
		{"null entry", `{"Entries":[null]}`, 200, "", "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.", 0},
		{"no source", entry(`"DetailType":"A","Detail":"{}"`), 200, "", "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument.", 0},
		{"no detail type", entry(`"Source":"tool","Detail":"{}"`), 200, "", "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument.", 0},
		{"empty detail", entry(`"Source":"tool","DetailType":"A","Detail":""`), 200, "", "InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument.", 0},
		{"detail is no JSON", entry(`"Source":"tool","DetailType":"A","Detail":"{a}"`), 200, "", "MalformedDetail", "Detail is malformed.", 0},
		{"detail is no object", entry(`"Source":"tool","DetailType":"A","Detail":"[1]"`), 200, "", "MalformedDetail", "Detail is malformed.", 0},
		{"detail breaks out", entry(`"Source":"tool","DetailType":"A","Detail":"{},\"source\":\"aws.x\",\"y\":{}"`), 200, "", "MalformedDetail", "Detail is malformed.", 0},
		{"a detail type of 128 characters", entry(strings.Replace(full, `"DetailType":"A"`, `"DetailType":"`+strings.Repeat("é", 128)+`"`, 1)), 200, "", "", "", 1},
		{"a detail type of 129", entry(strings.Replace(full, `"DetailType":"A"`, `"DetailType":"`+strings.Repeat("A", 129)+`"`, 1)), 200, "", "InvalidArgument", "DetailType must have at most 128 characters", 0},
		{"a bus's name that none can have", entry(strings.Replace(full, `"test"`, `"te st"`, 1)), 400, "ValidationException", "",
			"Value 'te st' at 'entries.1.member.eventBusName' failed to satisfy constraint: Member must satisfy regular expression pattern: ", 0},
		{"an empty bus's name", `{"Entries":[{` + full + `},` + entry(strings.Replace(full, `"test"`, `""`, 1))[12:], 400, "ValidationException", "",
			"Value '' at 'entries.2.member.eventBusName' failed to satisfy constraint: Member must have length greater than or equal to 1", 0},
		{"a trace header", entry(full + `,"TraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793"`), 200, "", "", "", 1},
		{"a trace header that is too long", entry(full + `,"TraceHeader":"` + long[:501] + `"`), 400, "ValidationException", "",
			"at 'entries.1.member.traceHeader' failed to satisfy constraint: Member must have length less than or equal to 500", 0},
		{"AWS's own source", entry(`"Source":"aws.partner/x","DetailType":"A","Detail":"{}"`), 200, "", "NotAuthorizedForSourceException", "Not authorized for the source.", 0},
		{"unknown bus", entry(strings.Replace(full, `"test"`, `"tset"`, 1)), 200, "", "InvalidArgument", "Event bus tset does not exist", 0},
		{"no bus is the default bus", entry(strings.Replace(full, `,"EventBusName":"test"`, "", 1)), 200, "", "", "", 0},
		{"good beside bad", `{"Entries":[{"Source":"tool"},{` + full + `}]}`, 200, "", "InvalidArgument", "DetailType is a required", 1},
		{"1 MB", sized(MaxEntry), 200, "", "", "", 1},
		{"1 MB and a byte", sized(MaxEntry + 1), 400, "ValidationException", "", tooMuch, 0},
		{"a body beyond all measure", entry(`"Detail":"` + strings.Repeat(long, 9) + `"`), 413, "RequestEntityTooLargeException", "", tooMuch, 0},
		{"cut off", `{"Entries":[{"Source":"to`, 400, "SerializationException", "", "", 0},
		{"not JSON", `hello`, 400, "SerializationException", "", "", 0},
		{"wrong type", entry(`"Source":7`), 400, "SerializationException", "", "", 0},
		{"two objects", entry(full) + entry(full), 400, "SerializationException", "", "", 0},
		{"time of the wrong type", entry(full + `,"Time":true`), 400, "SerializationException", "", "Time", 0},
		{"time out of this world", entry(full + `,"Time":1e300`), 400, "SerializationException", "", "Time", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			status, body := post(t, s, "AWSEvents.PutEvents", c.body)
			if status != c.status {
				t.Errorf("status %d, want %d: %.200s", status, c.status, body)
			}
			var got struct {
				Type             string `json:"__type"`
				Message          string `json:"message"`
				FailedEntryCount int
				Entries          []struct{ EventId, ErrorCode, ErrorMessage string }
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			code, message, failed := "", got.Message, 0
			for i, e := range got.Entries {
				if i == 0 {
					code, message = e.ErrorCode, e.ErrorMessage
				}
				if e.ErrorCode != "" {
					failed++
				}
				if (e.EventId == "") == (e.ErrorCode == "") {
					t.Errorf("entry %d: %+v: want either an id or an error", i, e)
				}
			}
			if got.Type != c.code || code != c.entry || !strings.Contains(message, c.message) || got.FailedEntryCount != failed {
				t.Errorf("got %q, entry %q, %q, %d failed; want %q, %q, %q, %d", got.Type, code, message, got.FailedEntryCount, c.code, c.entry, c.message, failed)
			}
			s.drain()
			if got := len(s.one.types()); got != c.delivered {
				t.Errorf("%d delivered, want %d", got, c.delivered)
			}
		})
	}
}

// A busy bus turns entries away with the two codes that mean "again", and each is delivered once when it is taken. Put, by
// which the operator's command sends, says which were not.
func TestTurnAway(t *testing.T) {
	s := newStage(t)
	s.rt.faults.TurnAway = 2
	want, codes := map[string]int{}, map[string]int{}
	var left []event.Envelope
	for i := range 200 {
		left = append(left, ev("tool", fmt.Sprint(i), `{}`))
		want[left[i].DetailType] = 1
	}
	for round := 0; len(left) > 0; round++ {
		if round == 100 {
			t.Fatal("nobody is let in")
		}
		if round%2 == 1 { // as the operator's command does
			ids, err := s.rt.Put(t.Context(), "test", left)
			if err == nil {
				break
			}
			away, ok := errors.AsType[*event.Leftover](err)
			if !ok || !errors.Is(err, ErrBusy) {
				t.Fatal(err)
			}
			for i, j := 0, 0; i < len(left); i++ {
				refused := j < len(away.Events) && away.Events[j].DetailType == left[i].DetailType
				if refused {
					j++
				}
				if refused != (ids[i] == "") {
					t.Errorf("event %s has the id %q, left over: %v", left[i].DetailType, ids[i], refused)
				}
			}
			left = away.Events
			continue
		}
		var again []event.Envelope
		for part := range slices.Chunk(left, 10) {
			var entries []string
			for _, e := range part {
				entries = append(entries, `{"Source":"tool","DetailType":"`+e.DetailType+`","Detail":"{}","EventBusName":"test"}`)
			}
			_, body := post(t, s, "AWSEvents.PutEvents", `{"Entries":[`+strings.Join(entries, ",")+`]}`)
			var got putAnswer
			if err := json.Unmarshal(body, &got); err != nil || len(got.Entries) != len(part) {
				t.Fatalf("%v: %s", err, body)
			}
			for i, e := range got.Entries {
				if e.ErrorCode != "" {
					codes[e.ErrorCode]++
					again = append(again, part[i])
				}
			}
		}
		left = again
	}
	s.drain()
	got := map[string]int{}
	for _, typ := range s.one.types() {
		got[typ]++
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("delivered (-want +got)\n%s", d)
	}
	if len(codes) != 2 || codes["ThrottlingException"] == 0 || codes["InternalFailure"] == 0 {
		t.Errorf("codes %v, want both ThrottlingException and InternalFailure", codes)
	}
}

func TestUnknownOperation(t *testing.T) {
	s := newStage(t)
	for _, target := range []string{"", "AWSEvents.PutRule", "DynamoDB_20120810.PutItem"} {
		if status, body := post(t, s, target, `{}`); status != 400 || !strings.Contains(string(body), "UnknownOperationException") {
			t.Errorf("target %q: %d %s", target, status, body)
		}
	}
	srv := httptest.NewServer(HTTPHandler(s.rt))
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 404 {
		t.Errorf("GET: %d, want 404", res.StatusCode)
	}
}

func TestPutEventsTime(t *testing.T) {
	for _, c := range []struct {
		time string
		want time.Time
	}{
		{`1767603600`, start},
		{`1767603600.999`, start},
		{`1.7676036e9`, start},
		{`"2026-01-05T10:00:00+01:00"`, start},
		{`0`, time.Unix(0, 0).UTC()},
		{`null`, start.Add(time.Hour)}, // the clock's
	} {
		t.Run(c.time, func(t *testing.T) {
			s := newStage(t)
			s.advance(time.Hour)
			post(t, s, "AWSEvents.PutEvents", fmt.Sprintf(`{"Entries":[{"Source":"t","DetailType":"A","Detail":"{}","EventBusName":"test","Time":%s}]}`, c.time))
			s.drain()
			if len(s.one.batches) != 1 {
				t.Fatal("not delivered")
			}
			if d := cmp.Diff(c.want, s.one.batches[0][0].Time); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func post(t *testing.T, s *stage, target, body string) (int, []byte) {
	t.Helper()
	srv := httptest.NewServer(HTTPHandler(s.rt))
	defer srv.Close()
	req, err := http.NewRequest(http.MethodPost, srv.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", amzJSON)
	req.Header.Set("X-Amz-Target", target)
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if ct := res.Header.Get("Content-Type"); ct != amzJSON {
		t.Errorf("content type %q", ct)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b
}

// TestGoSDK is a producer as tools write them.
func TestGoSDK(t *testing.T) {
	s := newStage(t)
	srv := httptest.NewServer(HTTPHandler(s.rt))
	defer srv.Close()
	client := eventbridge.New(eventbridge.Options{BaseEndpoint: aws.String(srv.URL), Region: Region, HTTPClient: srv.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("any", "thing", "")})
	out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		{Source: aws.String("tool"), DetailType: aws.String("Seen"), Detail: aws.String(`{"a":"ü"}`), EventBusName: aws.String("test"),
			Time: aws.Time(start), Resources: []string{"arn:x"}},
		{Source: aws.String("tool"), DetailType: aws.String("Broken"), Detail: aws.String(`{`), EventBusName: aws.String("test")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if out.FailedEntryCount != 1 || aws.ToString(out.Entries[1].ErrorCode) != "MalformedDetail" {
		t.Errorf("got %+v", out)
	}
	s.drain()
	e := s.one.batches[0][0]
	if e.ID != aws.ToString(out.Entries[0].EventId) || string(e.Detail) != `{"a":"ü"}` || !e.Time.Equal(start) || e.Resources[0] != "arn:x" {
		t.Errorf("delivered %+v", e)
	}
	_, err = client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: make([]types.PutEventsRequestEntry, 11)})
	if err == nil || !strings.Contains(err.Error(), "ValidationException") {
		t.Errorf("11 entries: got %v", err)
	}
}
