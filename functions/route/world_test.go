package route

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/span"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/touch"
)

// noon is a Wednesday noon in New York.
var noon = time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)

// world is a route function among real stores, a bus that remembers, and gates that a test sets. Every write and publish
// goes through the fuse.
type world struct {
	*Handler
	t        testing.TB
	accounts *embedded.Table
	ledger   *embedded.Table
	bus      *bus
	gates    *gates
	fuse     *storetest.Fuse
	clock    time.Time
}

type bus struct {
	mu     sync.Mutex
	events []event.Envelope
}

func (b *bus) Publish(_ context.Context, events []event.Envelope) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, events...)
	return nil
}

type gates struct {
	accounts map[string]routing.GateState
	persons  map[string]routing.GateState
	resolves map[string]string
	asked    func(person string) // what happens while the gates are asked
	err      error
}

func (g *gates) Check(_ context.Context, account, person string) (routing.GateState, error) {
	s := g.accounts[account]
	p := g.persons[person]
	s.ConsentWithdrawn = s.ConsentWithdrawn || p.ConsentWithdrawn
	s.Unsubscribed = s.Unsubscribed || p.Unsubscribed
	s.Bounced = s.Bounced || p.Bounced
	s.Consented, s.Known, s.Elsewhere = p.Consented, p.Known, p.Elsewhere
	if g.asked != nil {
		g.asked(person)
	}
	return s, g.err
}

func (g *gates) Resolve(_ context.Context, subject string, _ time.Time) (string, error) {
	if a, ok := g.resolves[subject]; ok {
		return a, nil
	}
	return "", store.ErrNotFound
}

// Who takes all that a touch names for one person.
func (g *gates) Who(_ context.Context, t *touch.Touch) ([]routing.Identity, error) {
	var out []routing.Identity
	for _, id := range append([]string{t.Subject}, t.Links...) {
		out = append(out, routing.Identity{ID: id, Account: cmp.Or(g.resolves[id], id)})
	}
	return out, g.err
}

type rosters struct{ r *routing.Roster }

func (r rosters) Roster(context.Context) (*routing.Roster, error) { return r.r, nil }

func plays() []routing.Play {
	return []routing.Play{
		{
			Name: "call", Funnel: "sales", Mode: routing.Live, Outcome: routing.Handoff, Bands: []string{"sales"}, Team: "sales",
			ActWithin: span.Week, CoolDown: 30 * span.Day, SLA: routing.SLA{Span: span.Hour, Working: true}, RemindBefore: 15 * span.Minute,
			EscalateTo: []string{"boss@x.example"}, Breaker: &routing.Limit{Max: 3, Per: span.Hour}, PerPerson: &routing.Limit{Max: 4, Per: 30 * span.Day},
		},
		{
			Name: "demo", Funnel: "sales", HandRaise: true, Mode: routing.Live, Outcome: routing.Handoff, Team: "sales",
			ActWithin: span.Week, SLA: routing.SLA{Span: span.Hour, Working: true},
		},
		{Name: "care", Funnel: "sales", Mode: routing.Live, Outcome: routing.Nurture, Asset: "case-study", ActWithin: span.Week, CoolDown: 30 * span.Day},
		{Name: "watch", Funnel: "sales", Mode: routing.Observe, Outcome: routing.Handoff, Team: "sales", ActWithin: span.Week, SLA: routing.SLA{Span: span.Hour}},
		{Name: "wait", Funnel: "sales", Mode: routing.Hold, Outcome: routing.Handoff, Team: "sales", ActWithin: span.Week, SLA: routing.SLA{Span: span.Hour}},
	}
}

func newWorld(t testing.TB, fuse *storetest.Fuse) *world {
	t.Helper()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	roster, err := routing.NewRoster(event.PolicyRef{Epoch: 3}, plays(), &routing.Teams{Teams: []routing.Team{{
		Name: "sales", TimeZone: "America/New_York", Hours: routing.Hours{From: 9 * 60, To: 18 * 60}, CatchAll: "desk@x.example",
		Members: []routing.Member{{Email: "ann@x.example"}, {Email: "bob@x.example"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, accounts: db.Table("accounts"), ledger: db.Table("ledger"), bus: &bus{}, fuse: fuse, clock: noon,
		gates: &gates{accounts: map[string]routing.GateState{}, persons: map[string]routing.GateState{}, resolves: map[string]string{}},
	}
	w.Handler, err = New(Config{
		Accounts: fuse.Table(w.accounts), Ledger: &ledger.Ledger{Table: fuse.Table(w.ledger)}, Bus: fuse.Publisher(w.bus),
		Policy: rosters{roster}, Gates: w.gates, Resolver: w.gates, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func plain(t testing.TB) *world { return newWorld(t, storetest.NewFuse(0, storetest.NotStored)) }

// do delivers one event and fails on an error.
func (w *world) do(e event.Envelope) {
	w.t.Helper()
	if err := w.Handle(context.Background(), []event.Envelope{e})[0]; err != nil {
		w.t.Fatalf("%s: %v", e.DetailType, err)
	}
}

func envelopeOf(t testing.TB, kind string, detail any) event.Envelope {
	t.Helper()
	b, err := json.Marshal(detail)
	if err != nil {
		t.Fatal(err)
	}
	return event.Envelope{ID: "e", Source: event.Source, DetailType: kind, Detail: b}
}

// decided is a DecisionMade of the world's hour.
func (w *world) decided(id, account, play string) event.Envelope {
	return envelopeOf(w.t, event.DecisionMade, event.Decision{
		Meta: event.Meta{Correlation: "c-" + id}, ID: id, Account: account, Play: play, Funnel: "sales", Person: "email:p@" + account,
		AsOf: w.clock.Truncate(time.Hour), Newest: w.clock, Reason: "Because.", Evaluation: event.Evaluation{Band: "sales"},
		Context: event.Context{Name: account},
	})
}

// answer is a TouchRecorded with feedback, dated at the world's time.
func (w *world) answer(id, kind, subject string, f touch.Feedback) event.Envelope {
	return envelopeOf(w.t, event.TouchRecorded, event.TouchDetail{Touch: touch.Touch{
		ID: touch.NewID("crm", kind, id, 0), Kind: kind, Time: w.clock, Subject: subject, Feedback: &f,
	}})
}

// withdraws is the TouchRecorded of a person who withdraws consent, dated at the world's time.
func (w *world) withdraws(id, who string, links ...string) event.Envelope {
	return envelopeOf(w.t, event.TouchRecorded, event.TouchDetail{Touch: touch.Touch{
		ID: touch.NewID("crm", touch.ConsentWithdrawn, id, 0), Kind: touch.ConsentWithdrawn, Time: w.clock, Subject: who, Links: links,
	}})
}

func tick() event.Envelope {
	return event.Envelope{ID: "tick", Source: "aws.events", DetailType: event.Sweep}
}

// told lists what the bus took: detail type, account, state and the address of reminders.
func (w *world) told() []string {
	var out []string
	for _, e := range w.bus.events {
		d := w.detail(e)
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", e.DetailType, d.Account, d.Play, d.State, d.To)))
	}
	return out
}

func (w *world) detail(e event.Envelope) event.HandoffDetail {
	w.t.Helper()
	var d event.HandoffDetail
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		w.t.Fatal(err)
	}
	return d
}

// rows lists the ledger: owner, type, outcome.
func (w *world) rows(owner string) []string {
	w.t.Helper()
	var out []string
	for r, err := range (&ledger.Ledger{Table: w.ledger}).Timeline(context.Background(), owner, time.Time{}, time.Time{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		var rec routing.Record
		if err := json.Unmarshal(r.Body, &rec); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %s", r.Type, rec.Outcome))
	}
	return out
}

func (w *world) item(account string) *routing.Item {
	w.t.Helper()
	rec, err := w.accounts.Get(context.Background(), routing.HandoffsKey(account))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	it, err := routing.Decode(account, rec.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return it
}

func (w *world) team() routing.TeamState {
	w.t.Helper()
	rec, err := w.accounts.Get(context.Background(), routing.TeamKey("sales"))
	if errors.Is(err, store.ErrNotFound) {
		return routing.TeamState{}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := routing.DecodeTeam("sales", rec.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// everything is all that the stores hold and the distinct events that were told, for comparing two worlds. Versions are
// left out: a repaired write counts more of them.
func (w *world) everything() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for name, table := range map[string]*embedded.Table{"accounts": w.accounts, "ledger": w.ledger} {
		for cursor := ""; ; {
			page, err := table.Scan(context.Background(), 0, cursor)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, r := range page.Records {
				out[name+" "+r.Partition+" / "+r.Sort] = fmt.Sprintf("due %d: %s", r.Due, r.Body)
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
	}
	for _, e := range w.bus.events {
		out["told "+e.DetailType+" "+w.detail(e).ID+" "+w.detail(e).To] = e.Time.String() + string(e.Detail)
	}
	return out
}
