package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handoff/infra/local"
	"handoff/shared/account"
	"handoff/shared/dynamo"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/shared/wire"
	"handoff/shared/wire/cloud"
	"handoff/shared/wire/pipeline"
	"handoff/tests/rig"
)

// front stands before a service, at an address that stays, and lets through, answers itself, or is not there.
type front struct {
	address string
	service http.Handler
	fault   atomic.Pointer[http.HandlerFunc] // answers instead of the service
	server  *http.Server
}

func newFront(t *testing.T, service http.Handler) *front {
	f := &front{address: "127.0.0.1:0", service: service}
	f.open(t)
	t.Cleanup(func() { f.cut(t) })
	return f
}

func (f *front) url() string { return "http://" + f.address }

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fault := f.fault.Load(); fault != nil {
		(*fault)(w, r)
		return
	}
	f.service.ServeHTTP(w, r)
}

func (f *front) open(t *testing.T) {
	l, err := net.Listen("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	f.address, f.server = l.Addr().String(), &http.Server{Handler: f}
	go func(s *http.Server) {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}(f.server)
}

// cut refuses connections from now on.
func (f *front) cut(t *testing.T) {
	if err := f.server.Close(); err != nil {
		t.Error(err)
	}
}

// fails answers every request as an AWS service does that speaks JSON.
func fails(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, status, map[string]string{"__type": "com.amazon.coral.service#" + code, "message": message})
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	b, _ := json.Marshal(body)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(b))) // DynamoDB's answers have it, and the SDK looks
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// entriesFail takes a PutEvents request and none of its entries.
func entriesFail(code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Entries []json.RawMessage }
		_ = json.NewDecoder(r.Body).Decode(&in)
		out := struct {
			FailedEntryCount int
			Entries          []map[string]string
		}{FailedEntryCount: len(in.Entries)}
		for range in.Entries {
			out.Entries = append(out.Entries, map[string]string{"ErrorCode": code, "ErrorMessage": "because"})
		}
		answer(w, http.StatusOK, out)
	}
}

// cloudy is the functions with the clients that they have on Lambda, DynamoDB Local and a bus behind fronts, and the
// template's queues in virtual time.
type cloudy struct {
	rt               *local.Runtime
	handlers         map[string]event.Handler
	env              map[string]string
	db               *dynamotest.Local
	tables, bus      *front
	accounts, ledger *dynamo.Table
	began            time.Time
	log              transcript
}

func newCloudy(t *testing.T, db *dynamotest.Local, name string, began time.Time) *cloudy {
	t.Helper()
	template, err := os.ReadFile(filepath.Join(dynamotest.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	top, err := local.Load(template)
	if err != nil {
		t.Fatal(err)
	}
	for i := range top.Rules {
		top.Rules[i].Disabled = top.Rules[i].Disabled || top.Rules[i].Every > 0 // nothing falls due here
	}
	service, err := url.Parse(db.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c := &cloudy{db: db, began: began, handlers: map[string]event.Handler{}}
	var rt atomic.Pointer[local.Runtime] // made after the functions, which need its address
	c.tables = newFront(t, httputil.NewSingleHostReverseProxy(service))
	c.bus = newFront(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { local.HTTPHandler(rt.Load()).ServeHTTP(w, r) }))
	c.env = map[string]string{
		"AWS_REGION": dynamotest.Region, "AWS_ACCESS_KEY_ID": dynamotest.Credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY": dynamotest.Credentials.SecretAccessKey,
		"AWS_ENDPOINT_URL_DYNAMODB": c.tables.url(), "AWS_ENDPOINT_URL_EVENTBRIDGE": c.bus.url(),
		"ACCOUNTS_TABLE": name + "-accounts", "LEDGER_TABLE": name + "-ledger", "BUS_NAME": top.Functions[0].Env["BUS_NAME"], "METRIC_NAMESPACE": "off",
		"ENRICH_URL": provider(t).URL + "/{domain}",
	}
	for id, build := range map[string]func(*wire.Parts) (event.Handler, error){
		"IngestFunction": pipeline.Ingest, "EnrichFunction": (*wire.Parts).Enrich, "ScoreFunction": (*wire.Parts).Score, "RouteFunction": (*wire.Parts).Route,
		"AttributionFunction": (*wire.Parts).Attribution,
	} {
		if c.handlers[id], err = cloud.Handler(func(name string) string { return c.env[name] }, &c.log, id, build); err != nil {
			t.Fatal(err)
		}
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
	c.rt, err = local.New(local.Config{Topology: top, Handlers: c.handlers, Space: data.Space("runtime"), Clock: local.NewVirtual(c.began),
		Log: slog.New(slog.DiscardHandler), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	rt.Store(c.rt)
	return c
}

func (c *cloudy) create(t *testing.T) {
	t.Helper()
	c.accounts, c.ledger = c.db.Create(t, c.env["ACCOUNTS_TABLE"], true), c.db.Create(t, c.env["LEDGER_TABLE"], false)
}

func (c *cloudy) put(t *testing.T, events ...event.Envelope) {
	t.Helper()
	if _, err := c.rt.Put(t.Context(), c.rt.Bus(), events); err != nil {
		t.Fatal(err)
	}
	if err := c.rt.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (c *cloudy) wait(t *testing.T, d time.Duration) {
	t.Helper()
	if err := c.rt.AdvanceTo(t.Context(), c.rt.Now().Add(d)); err != nil {
		t.Fatal(err)
	}
}

func (c *cloudy) inFlight(t *testing.T) (n int) {
	t.Helper()
	for _, err := range c.rt.InFlight() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// result is what two runs are compared by: the ledger's rows by type and each account's facts.
func (c *cloudy) result(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for typ, n := range (&stack{ledger: c.ledger}).rows(t) {
		out[fmt.Sprint("rows of ", typ)] = fmt.Sprint(n)
	}
	for cursor := ""; ; {
		page, err := c.accounts.Scan(t.Context(), 0, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range page.Records {
			if rec.Sort != "item" || !strings.HasPrefix(rec.Partition, "account:") {
				continue
			}
			item, err := account.FromRecord(rec)
			if err != nil {
				t.Fatal(err)
			}
			if len(item.Told.Pending) > 0 {
				t.Errorf("%s has %d messages that nobody was told", item.ID, len(item.Told.Pending))
			}
			out[item.ID] = string(item.Facts.Encode())
		}
		if cursor = page.Cursor; cursor == "" {
			return out
		}
	}
}

// buyer is a buyer's first events, and later ones: more of the same and another company's deal. Whose events come first
// after the trouble makes no difference to the other.
func (c *cloudy) buyer() (first, then []event.Envelope) {
	ago := func(minutes int) time.Time { return c.began.Add(-time.Duration(minutes) * time.Minute) }
	const ann = "user:u-ann"
	return []event.Envelope{
			rig.Say("a1", touch.Identified, ann, ago(9), rig.Links("email:ann@initech.example"), rig.Person("title", "CTO", "email", "ann@initech.example")),
			rig.Say("a2", touch.DocsViewed, ann, ago(8), rig.With{"channel": "organic_search"}),
		}, []event.Envelope{
			rig.Say("a3", touch.DemoRequested, ann, ago(7), rig.With{"channel": "organic_search"}),
			rig.Say("d1", touch.OpportunityCreated, "opportunity:crm/1", ago(6), rig.Links("account:contoso.example"), rig.Deal("crm/1", "open", 900000)),
			rig.Say("d2", touch.OpportunityWon, "opportunity:crm/1", ago(5), rig.Deal("crm/1", "won", 0)),
		}
}

func (c *cloudy) text() string { return string(c.log.bytes()) }

func (l *transcript) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}
