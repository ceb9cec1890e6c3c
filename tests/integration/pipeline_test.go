package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/local"
	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/invoke"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// stack is the template's functions as built, its tables in DynamoDB Local, and its bus, rules and queues in the local
// runtime, which takes what the functions publish over PutEvents.
type stack struct {
	rt               *local.Runtime
	functions        map[string]*lambda
	accounts, ledger *dynamo.Table
	began            time.Time
}

// deploy starts the functions named; the queues of the others are driven by nobody.
func deploy(t *testing.T, names ...string) *stack {
	t.Helper()
	db := dynamotest.Start(t)
	template, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	top, err := local.Load(template)
	if err != nil {
		t.Fatal(err)
	}
	top.Archive.Pattern = nil // keep everything: it is what the test reads
	s := &stack{functions: map[string]*lambda{}, began: time.Now().UTC().Truncate(time.Second)}
	handlers := map[string]event.Handler{}
	var rt atomic.Pointer[local.Runtime] // made after the functions, which need its address
	bus := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { local.HTTPHandler(rt.Load()).ServeHTTP(w, r) }))
	t.Cleanup(bus.Close)
	for _, f := range top.Functions {
		stage := strings.ToLower(strings.TrimSuffix(f.ID, "Function"))
		if !slices.Contains(names, stage) {
			handlers[f.ID] = nobody{}
			continue
		}
		env := map[string]string{
			"AWS_REGION": dynamotest.Region, "AWS_ACCESS_KEY_ID": dynamotest.Credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY": dynamotest.Credentials.SecretAccessKey,
			"AWS_ENDPOINT_URL_DYNAMODB": db.Endpoint, "AWS_ENDPOINT_URL_EVENTBRIDGE": bus.URL,
			"ENRICH_URL": provider(t).URL + "/{domain}",
		}
		for k, v := range f.Env {
			env[k] = v
		}
		if s.accounts == nil {
			s.accounts, s.ledger = db.Create(t, f.Env["ACCOUNTS_TABLE"], true), db.Create(t, f.Env["LEDGER_TABLE"], false)
		}
		s.functions[stage] = start(t, stage, env)
		handlers[f.ID] = s.functions[stage]
	}
	data, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := data.Close(); err != nil {
			t.Error(err)
		}
	})
	s.rt, err = local.New(local.Config{Topology: top, Handlers: handlers, Space: data.Space("runtime"), Clock: local.NewVirtual(s.began),
		Log: slog.New(slog.DiscardHandler), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	rt.Store(s.rt)
	for stage, f := range s.functions {
		select {
		case <-f.ready:
			t.Logf("%s: %v from exec to the first request for work", stage, f.started.Round(time.Millisecond/10))
		case <-f.ended:
			t.Fatalf("%s does not start: %s", stage, f.logged())
		case <-time.After(time.Minute):
			t.Fatalf("%s does not ask for work: %s", stage, f.logged())
		}
	}
	return s
}

// nobody drops what it is given: a function that a test leaves out.
type nobody struct{}

func (nobody) Handle(_ context.Context, batch []event.Envelope) []error {
	return make([]error, len(batch))
}

// provider knows one company.
func provider(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/initech.example" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"name":"Initech","industry":"SaaS","employees":250}`)
	}))
	t.Cleanup(s.Close)
	return s
}

// told lists the detail types that our functions published, each with how often.
func (s *stack) told(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for e, err := range s.rt.Archived(s.began.AddDate(-1, 0, 0), s.began.AddDate(1, 0, 0)) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Source == event.Source {
			out[e.DetailType]++
		}
	}
	return out
}

// rows counts the ledger's by type.
func (s *stack) rows(t *testing.T) map[ledger.Type]int {
	t.Helper()
	l := &ledger.Ledger{Table: s.ledger}
	out := map[ledger.Type]int{}
	for cursor := ""; ; {
		page, err := s.ledger.Scan(t.Context(), 0, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range page.Records {
			row, ok, err := l.Decode(t.Context(), rec)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				out[row.Type]++
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return out
		}
	}
}

// TestIngestAsBuilt drives one executable by hand: what Lambda hands it, and what it answers.
func TestIngestAsBuilt(t *testing.T) {
	s := deploy(t, "ingest")
	sample, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "events", "samples", "segment", "valid", "track-demo-requested.json"))
	if err != nil {
		t.Fatal(err)
	}
	invoke := func(payload []byte) []string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out, err := s.functions["ingest"].Invoke(ctx, payload)
		if err != nil {
			t.Fatal(err)
		}
		var answer invoke.Answer
		if err := json.Unmarshal(out, &answer); err != nil || answer.Failures == nil {
			t.Fatalf("answer %s: %v: want batchItemFailures, a list", out, err)
		}
		failed := []string{}
		for _, f := range answer.Failures {
			failed = append(failed, f.ID)
		}
		return failed
	}
	if got := invoke(sqs(sample)); len(got) != 0 {
		t.Errorf("a valid event: messages %v failed", got)
	}
	if d := cmp.Diff(map[ledger.Type]int{ledger.Touch: 1}, s.rows(t)); d != "" {
		t.Errorf("ledger rows (-want +got):\n%s", d)
	}
	l := &ledger.Ledger{Table: s.ledger}
	at := time.Date(2026, 3, 3, 14, 5, 11, 120e6, time.UTC) // originalTimestamp
	var kinds []string
	for row, err := range l.Timeline(t.Context(), "user:usr_204", at, at.Add(time.Millisecond)) {
		if err != nil {
			t.Fatal(err)
		}
		var body touch.Touch
		if err := json.Unmarshal(row.Body, &body); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, body.Kind)
	}
	if d := cmp.Diff([]string{"demo_requested"}, kinds); d != "" {
		t.Errorf("the user's timeline (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int{event.TouchRecorded: 1}, s.told(t)); d != "" {
		t.Errorf("published (-want +got):\n%s", d)
	}

	// Delivered again beside a message that is no event and an event from nowhere: the row stands once, the touch is
	// told again, the stranger is quarantined, the message fails alone.
	strange := []byte(`{"id":"1","detail-type":"Nothing","source":"nowhere","time":"2026-03-03T14:05:20Z","detail":{"n":1}}`)
	if d := cmp.Diff([]string{"m1"}, invoke(sqs(sample, []byte("{"), strange))); d != "" {
		t.Errorf("failed messages (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[ledger.Type]int{ledger.Touch: 1, ledger.Quarantine: 1}, s.rows(t)); d != "" {
		t.Errorf("ledger rows (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int{event.TouchRecorded: 2}, s.told(t)); d != "" {
		t.Errorf("published (-want +got):\n%s", d)
	}
	log := s.functions["ingest"].logged()
	for _, line := range strings.Split(strings.TrimSpace(log), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
	}
	if !strings.Contains(log, `"requestId":"request-2"`) || strings.Contains(log, "ann.lee") {
		t.Errorf("the log must name the request and nobody's address:\n%s", log)
	}
}

// TestPipelineAsBuilt lets a buyer through all five executables.
func TestPipelineAsBuilt(t *testing.T) {
	s := deploy(t, stages...)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	put := func(events ...event.Envelope) {
		t.Helper()
		if _, err := s.rt.Put(ctx, s.rt.Bus(), events); err != nil {
			t.Fatal(err)
		}
		if err := s.rt.Drain(ctx); err != nil {
			t.Fatal(err)
		}
	}
	ago := func(minutes int) time.Time { return s.began.Add(-time.Duration(minutes) * time.Minute) }
	const ann = "user:u-ann"
	put(
		rig.Say("a1", touch.Identified, ann, ago(9), rig.Links("email:ann@initech.example"), rig.Person("title", "CTO", "email", "ann@initech.example")),
		rig.Say("a2", touch.DemoRequested, ann, ago(8), rig.With{"channel": "organic_search"}),
	)
	put(
		rig.Say("d1", touch.OpportunityCreated, "opportunity:crm/1", ago(6), rig.Links("account:initech.example"), rig.Deal("crm/1", "open", 900000)),
		rig.Say("d2", touch.OpportunityWon, "opportunity:crm/1", ago(5), rig.Deal("crm/1", "won", 0)),
	)
	// The sweep ticks, and nothing is due.
	if err := s.rt.AdvanceTo(ctx, s.began.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	told := s.told(t)
	for _, want := range []string{
		event.TouchRecorded, event.EnrichmentWanted, event.AccountEnriched, event.DecisionMade, event.HandoffOffered, event.ConversionRecorded,
		event.RevenueAttributed,
	} {
		if told[want] == 0 {
			t.Errorf("nobody published %s: %v", want, told)
		}
	}
	if told[event.TouchRecorded] != 4 || told[event.AccountEnriched] != 1 {
		t.Errorf("published %v, want 4 touches and 1 enriched account", told)
	}
	rows := s.rows(t)
	if rows[ledger.Touch] != 4 || rows[ledger.Enrichment] != 1 || rows[ledger.Credit] == 0 || rows[ledger.Decision] == 0 || rows[ledger.Handoff] == 0 {
		t.Errorf("ledger rows %v", rows)
	}
	if _, err := s.accounts.Get(ctx, store.Key{Partition: "account:initech.example", Sort: "item"}); err != nil {
		t.Errorf("the account's item: %v", err)
	}
	for l, err := range s.rt.DeadLetters() {
		t.Errorf("dead letter %+v, %v", l, err)
	}
	for m, err := range s.rt.InFlight() {
		t.Errorf("still in a queue: %+v, %v", m, err)
	}
}

// A function whose environment is wrong says everything that is, and ends.
func TestStartRefused(t *testing.T) {
	l := start(t, "score", map[string]string{"LOG_LEVEL": "LOUD", "LEDGER_TABLE": "ledger"})
	select {
	case <-l.ended:
	case <-l.ready:
		t.Fatal("it asks for work")
	case <-time.After(time.Minute):
		t.Fatal("it neither ends nor asks for work")
	}
	for _, want := range []string{"score cannot start", "ACCOUNTS_TABLE is not set", "BUS_NAME is not set", `LOG_LEVEL is \"LOUD\"`} {
		if !strings.Contains(l.logged(), want) {
			t.Errorf("it does not say %q:\n%s", want, l.logged())
		}
	}
}
