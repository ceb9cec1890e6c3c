package attribution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	credit "handoff/shared/attribution"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/money"
	"handoff/shared/span"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/touch"
)

const (
	acme = "account:acme.example"
	ann  = "email:ann@acme.example"
	bob  = "email:bob@acme.example"
	deal = "opportunity:salesforce/006A"
)

func day(d int) time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).AddDate(0, 0, d) }

// world is the stores, the bus and the handler over them.
type world struct {
	t        testing.TB
	accounts *embedded.Table
	history  *embedded.Table
	ledger   *ledger.Ledger
	reader   *Reader
	handler  *Handler
	sent     []event.Attributed
	now      time.Time
	members  []string // of acme
	reading  func()   // called at the start of each journey
}

func (w *world) Publish(_ context.Context, events []event.Envelope) error {
	for _, e := range events {
		var a event.Attributed
		if err := json.Unmarshal(e.Detail, &a); err != nil || e.DetailType != event.RevenueAttributed || e.Source != event.Source {
			w.t.Errorf("published %s from %s: %s (%v)", e.DetailType, e.Source, e.Detail, err)
		}
		w.sent = append(w.sent, a)
	}
	return nil
}

// Touches is the journey from the ledger: the timelines of acme's members.
func (w *world) Touches(ctx context.Context, account string, from, until time.Time) iter.Seq2[*touch.Touch, error] {
	return func(yield func(*touch.Touch, error) bool) {
		var touches []*touch.Touch
		for _, m := range w.members {
			for row, err := range w.ledger.Timeline(ctx, m, from, until) {
				if err != nil {
					yield(nil, err)
					return
				}
				if row.Type != ledger.Touch || account != acme {
					continue
				}
				var t touch.Touch
				if err := json.Unmarshal(row.Body, &t); err != nil {
					yield(nil, err)
					return
				}
				touches = append(touches, &t)
			}
		}
		if w.reading != nil {
			w.reading()
		}
		for _, t := range touches {
			if !yield(t, nil) {
				return
			}
		}
	}
}

func models(t testing.TB) *credit.Models {
	t.Helper()
	conv := credit.Conversion{LookBack: 90 * span.Day, Source: credit.Opportunity}
	m, err := credit.New(credit.Config{
		Conversions: map[string]credit.Conversion{"new": conv, "expansion": conv, "renewal": conv},
		Touches:     credit.Kinds{Marketing: []string{touch.AdClicked}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := embedded.Open("data", embedded.Options{FS: vfs.NewMem(), NoSync: true, Memory: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{t: t, accounts: db.Table("accounts"), history: db.Table("ledger"), now: day(100), members: []string{acme, ann, bob}}
	w.ledger = &ledger.Ledger{Table: w.history}
	w.reader = &Reader{Ledger: w.ledger, Accounts: w.accounts}
	w.handler = w.process(w.accounts, w.history, w)
	return w
}

// process is a new handler over the given ports.
func (w *world) process(accounts, history store.Table, bus event.Publisher) *Handler {
	w.t.Helper()
	m := models(w.t)
	h, err := New(Config{
		Ledger: &ledger.Ledger{Table: history}, Accounts: accounts, Bus: bus, Journey: w,
		Policy: func(context.Context) (*credit.Models, event.PolicyRef, error) {
			return m, event.PolicyRef{Epoch: 7}, nil
		},
		Now: func() time.Time { return w.now },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return h
}

// ad records a click on an ad of a channel.
func (w *world) ad(who string, n, d int, channel string) {
	w.t.Helper()
	t := touch.Touch{ID: touch.NewID("ads", "click", fmt.Sprint(n), 0), Kind: touch.AdClicked, Time: day(d), Subject: who, Channel: channel}
	body, err := json.Marshal(t)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.ledger.AppendOne(context.Background(), ledger.Row{Owner: who, Type: ledger.Touch, Time: t.Time, ID: t.ID.String(), Body: body}); err != nil {
		w.t.Fatal(err)
	}
}

func envelope(detailType string, detail any) event.Envelope {
	b, err := json.Marshal(detail)
	if err != nil {
		panic(err)
	}
	return event.Envelope{ID: "e-1", DetailType: detailType, Source: event.Source, Detail: b}
}

func conversion(sequence, minor int64) event.Conversion {
	return event.Conversion{
		Meta: event.Meta{Correlation: "c-1"}, ID: deal, Account: acme, Type: "new", Time: day(30),
		Amount: money.Amount{Minor: minor, Currency: "USD"}, Revision: fmt.Sprintf("r%d", minor), Sequence: sequence,
	}
}

func recorded(sequence, minor int64) event.Envelope {
	return envelope(event.ConversionRecorded, conversion(sequence, minor))
}

func due(from int) event.Envelope {
	return envelope(event.CreditsDue, event.CreditsDueDetail{Account: acme, From: day(from), Cause: "touch"})
}

func (w *world) handle(events ...event.Envelope) {
	w.t.Helper()
	for i, err := range w.handler.Handle(context.Background(), events) {
		if err != nil {
			w.t.Fatalf("event %d: %v", i, err)
		}
	}
}

// linear is the current linear credits of the deal as "channel minor …".
func (w *world) linear() string {
	w.t.Helper()
	s, err := w.reader.Credits(context.Background(), deal)
	if err != nil {
		w.t.Fatal(err)
	}
	return text(s.Attributed)
}

func text(a event.Attributed) string {
	var parts []string
	mc := a.Models[credit.Linear]
	for _, c := range mc.Credits {
		parts = append(parts, fmt.Sprintf("%s %d", c.Channel, c.Minor))
	}
	if mc.Unattributed != 0 {
		parts = append(parts, fmt.Sprintf("unattributed %d", mc.Unattributed))
	}
	return strings.Join(parts, ", ")
}

func (w *world) creditRows() int {
	w.t.Helper()
	n := 0
	for row, err := range w.ledger.Timeline(context.Background(), acme, time.Time{}, time.Time{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		if row.Type == ledger.Credit {
			n++
		}
	}
	return n
}

func (w *world) published() string {
	var all []string
	for _, a := range w.sent {
		all = append(all, text(a))
	}
	return strings.Join(all, " | ")
}

func TestAConversionIsCreditedOnce(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	w.ad(bob, 2, 2, "social")
	w.ad("email:eve@other.example", 3, 2, "elsewhere")
	w.handle(recorded(1, 1001))
	w.handle(recorded(1, 1001))
	w.handle(recorded(1, 1001), recorded(1, 1001), due(0), due(5))
	if got, want := w.linear(), "search 501, social 500"; got != want {
		t.Errorf("credits = %s, want %s", got, want)
	}
	if got, want := w.published(), "search 501, social 500"; got != want {
		t.Errorf("published %s, want once %s", got, want)
	}
	if got := w.creditRows(); got != 1 {
		t.Errorf("%d credit rows, want 1", got)
	}
	a := w.sent[0]
	if a.Conversion != deal || a.Account != acme || a.Revision != "r1001" || a.Amount.Currency != "USD" || !a.Time.Equal(day(30)) || a.Correlation != "c-1" || len(a.Models) != len(credit.Names) {
		t.Errorf("published %+v", a)
	}
	s, err := w.reader.Credits(context.Background(), deal)
	if err != nil || s.Policy.Epoch != 7 || len(s.Touches) != 2 {
		t.Errorf("stored %+v, %v; want the policy and both touches", s, err)
	}
}

func TestNewRevisionsTakeThePlaceOfOld(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	w.handle(recorded(5, 1000))
	w.handle(recorded(6, 1200)) // edited
	if got, want := w.linear(), "search 1200"; got != want {
		t.Errorf("after the edit = %s, want %s", got, want)
	}
	w.handle(recorded(7, 0)) // lost again
	if got := w.linear(); got != "" {
		t.Errorf("after the loss = %s, want nothing", got)
	}
	w.handle(recorded(9, 1200)) // won again, with what it was before
	w.handle(recorded(8, 900))  // an edit before that, late
	w.handle(recorded(5, 1000)) // a duplicate of the first
	if got, want := w.linear(), "search 1200"; got != want {
		t.Errorf("after all = %s, want %s", got, want)
	}
	if got, want := w.published(), "search 1000 | search 1200 |  | search 1200"; got != want {
		t.Errorf("published %q, want %q", got, want)
	}
	if got := w.creditRows(); got != 3 {
		t.Errorf("%d credit rows, want one each for 1000, 1200 and 0, none edited", got)
	}
}

// Told 1000, edited to 900 and back; the 900 arrives last.
func TestTheSameRevisionToldAgainKeepsItsSequence(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	w.handle(recorded(1, 1000))
	w.handle(recorded(3, 1000))
	w.handle(recorded(2, 900))
	if got, want := w.linear(), "search 1000"; got != want {
		t.Errorf("credits = %s, want %s", got, want)
	}
}

func TestLateTouch(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	w.handle(recorded(1, 1000))
	w.ad(bob, 2, 3, "social")
	w.handle(due(3))
	if got, want := w.linear(), "search 500, social 500"; got != want {
		t.Errorf("credits = %s, want %s", got, want)
	}
	w.ad(bob, 3, 40, "after the deal")
	w.handle(due(40)) // no conversion at or after it
	w.handle(due(30)) // the conversion's own time counts
	if got, want := w.published(), "search 1000 | search 500, social 500"; got != want {
		t.Errorf("published %q, want %q", got, want)
	}
}

func TestNoTouchesLeaveAllUnattributed(t *testing.T) {
	w := newWorld(t)
	w.handle(recorded(1, 1000))
	if got, want := w.linear(), "unattributed 1000"; got != want {
		t.Errorf("credits = %s, want %s", got, want)
	}
}

// Between the reading of the journey and the writing of the item, a late touch comes and is settled by another
// process: the slower writer must not put the shorter journey back.
func TestAFasterWriterIsNotOverwritten(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	other := w.process(w.accounts, w.history, w)
	w.reading = func() {
		w.reading = nil
		w.ad(bob, 2, 2, "social")
		// The row of the conversion was appended before the journey was read, so CreditsDue alone finds it, though
		// there is no item yet.
		if err := other.Handle(context.Background(), []event.Envelope{due(2)})[0]; err != nil {
			t.Error(err)
		}
	}
	w.handle(recorded(1, 1000))
	if got, want := w.linear(), "search 500, social 500"; got != want {
		t.Errorf("credits = %s, want %s", got, want)
	}
	if got, want := w.published(), "search 500, social 500"; got != want {
		t.Errorf("published %q, want %q", got, want)
	}
}

func TestAnyOrderEndsInTheSameCredits(t *testing.T) {
	events := []event.Envelope{recorded(1, 1000), recorded(2, 1300), recorded(3, 1300), recorded(4, 700), due(1), due(3), recorded(4, 700), recorded(2, 1300)}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(t)
		w.ad(ann, 1, 1, "search")
		w.ad(bob, 2, 3, "social")
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for rest := events; len(rest) > 0; {
			n := min(1+r.IntN(3), len(rest))
			w.handle(rest[:n]...)
			rest = rest[n:]
		}
		if got, want := w.linear(), "search 350, social 350"; got != want {
			t.Errorf("seed %d: credits = %s, want %s", seed, got, want)
		}
		if got, want := text(w.sent[len(w.sent)-1]), "search 350, social 350"; got != want {
			t.Errorf("seed %d: last published %s, want %s", seed, got, want)
		}
	}
}

// state is everything that must be equal after a crash: the item, the rows, and what was published, once each.
func (w *world) state() any {
	w.t.Helper()
	rec, err := w.accounts.Get(context.Background(), Key(deal))
	if err != nil {
		w.t.Fatal(err)
	}
	var rows []string
	for row, err := range w.ledger.Timeline(context.Background(), acme, time.Time{}, time.Time{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%s %s %s", row.Type, row.ID, row.Body))
	}
	said := map[string]string{}
	for _, a := range w.sent {
		said[a.Digest] = text(a)
	}
	return struct {
		Item string
		Rows []string
		Said map[string]string
	}{string(rec.Body), rows, said}
}

func TestCrashTable(t *testing.T) {
	batches := [][]event.Envelope{{recorded(1, 1000)}, {recorded(2, 1200), due(2)}, {recorded(1, 1000)}}
	run := func(t *testing.T, fuse *storetest.Fuse) any {
		w := newWorld(t)
		w.ad(ann, 1, 1, "search")
		w.ad(bob, 2, 3, "social")
		w.handler = w.process(fuse.Table(w.accounts), fuse.Table(w.history), fuse.Publisher(w))
		for _, b := range batches {
			for try := 0; ; try++ {
				failed := false
				for _, err := range w.handler.Handle(context.Background(), b) {
					failed = failed || err != nil
				}
				if !failed {
					break
				}
				if try > 3 {
					t.Fatal("the batch never succeeds")
				}
				fuse.Reset()
			}
		}
		return w.state()
	}
	count := storetest.NewFuse(0, storetest.NotStored)
	want := run(t, count)
	if count.Steps() < 8 {
		t.Fatalf("the fault-free run has %d steps, want at least a row, credits, item, publish and item for each revision", count.Steps())
	}
	for step := 1; step <= count.Steps(); step++ {
		for _, mode := range storetest.Modes {
			for kind, fuse := range map[string]*storetest.Fuse{"crash": storetest.NewFuse(step, mode), "glitch": storetest.NewGlitch(step, mode)} {
				t.Run(fmt.Sprintf("%s at step %d, %s", kind, step, mode), func(t *testing.T) {
					got := run(t, fuse)
					if !fuse.Blown() {
						t.Error("the fuse did not blow")
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("(-fault-free +after redelivery):\n%s", diff)
					}
				})
			}
		}
	}
}

// The process died between item and publish, and the event was not redelivered: any later event of the conversion
// publishes what is pending.
func TestAnyLaterEventPublishesWhatIsPending(t *testing.T) {
	for name, later := range map[string]event.Envelope{"a duplicate": recorded(1, 1000), "credits due": due(1), "an older revision": recorded(0+1, 999)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.ad(ann, 1, 1, "search")
			fuse := storetest.NewFuse(4, storetest.NotStored) // conversion row, credit row, item, publish
			dying := w.process(fuse.Table(w.accounts), fuse.Table(w.history), fuse.Publisher(w))
			if err := dying.Handle(context.Background(), []event.Envelope{recorded(2, 1000)})[0]; err == nil || len(w.sent) != 0 {
				t.Fatalf("the process did not die at the publish: %v", err)
			}
			w.handle(later)
			if got, want := w.published(), "search 1000"; got != want {
				t.Errorf("published %q, want %q", got, want)
			}
		})
	}
}

func TestBadEventsAreNamedAndOthersSettled(t *testing.T) {
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	noSequence := conversion(0, 500)
	noSequence.ID = "opportunity:salesforce/006B"
	events := []event.Envelope{
		{ID: "a", DetailType: event.ConversionRecorded, Detail: []byte(`{"id":`)},
		envelope(event.ConversionRecorded, noSequence),
		{ID: "c", DetailType: event.DecisionMade, Source: event.Source, Detail: []byte(`{}`)},
		envelope(event.CreditsDue, event.CreditsDueDetail{}),
		recorded(1, 1000),
	}
	errs := w.handler.Handle(context.Background(), events)
	for i, part := range []string{"event a: detail of ConversionRecorded", "sequence (1 or more) is missing", "sends it astray", "account is missing"} {
		if errs[i] == nil || !strings.Contains(errs[i].Error(), part) {
			t.Errorf("event %d: %v, want %q", i, errs[i], part)
		}
	}
	if errs[4] != nil || w.linear() != "search 1000" {
		t.Errorf("the sound event: %v, %s", errs[4], w.linear())
	}
}

func TestJourneyAndPolicyErrorsAreRetried(t *testing.T) {
	w := newWorld(t)
	gone := fmt.Errorf("journey: %w", store.ErrUnavailable)
	w.handler.Journey = broken{gone}
	if err := w.handler.Handle(context.Background(), []event.Envelope{recorded(1, 1000)})[0]; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("err = %v, want the journey's", err)
	}
	w.handler.Policy = func(context.Context) (*credit.Models, event.PolicyRef, error) { return nil, event.PolicyRef{}, gone }
	for i, err := range w.handler.Handle(context.Background(), []event.Envelope{recorded(1, 1000), due(1)}) {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("event %d: %v, want the policy's", i, err)
		}
	}
	if len(w.sent) != 0 {
		t.Errorf("published %s", w.published())
	}
}

type broken struct{ err error }

func (b broken) Touches(context.Context, string, time.Time, time.Time) iter.Seq2[*touch.Touch, error] {
	return func(yield func(*touch.Touch, error) bool) { yield(nil, b.err) }
}

func TestReaderGivesAnAccountsCurrentCredits(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.ad(ann, 1, 1, "search")
	second := conversion(1, 300)
	second.ID, second.Time = "invoice:stripe/in_1", day(50)
	moved := conversion(2, 300)
	moved.ID, moved.Time, moved.Account, moved.Revision = second.ID, day(50), "account:other.example", "moved"
	w.handle(recorded(1, 1000), envelope(event.ConversionRecorded, second))
	read := func(from, until time.Time) []string {
		var got []string
		for s, err := range w.reader.Account(ctx, acme, from, until) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, s.Conversion.ID+": "+text(s.Attributed))
		}
		return got
	}
	both := []string{deal + ": search 1000", second.ID + ": search 300"}
	if diff := cmp.Diff(both, read(time.Time{}, time.Time{})); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(both[1:], read(day(31), day(51))); diff != "" {
		t.Errorf("the second's period (-want +got):\n%s", diff)
	}
	w.handle(envelope(event.ConversionRecorded, moved))
	if diff := cmp.Diff(both[:1], read(time.Time{}, time.Time{})); diff != "" {
		t.Errorf("after it moved (-want +got):\n%s", diff)
	}

	scanned := 0
	page, err := w.accounts.Scan(ctx, 100, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range page.Records {
		s, ok, err := w.reader.FromRecord(ctx, rec)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			scanned += int(s.Attributed.Amount.Minor)
		}
	}
	if scanned != 1300 {
		t.Errorf("a scan sums to %d, want 1300", scanned)
	}
	if _, ok, err := w.reader.FromRecord(ctx, store.Record{Key: store.Key{Partition: acme, Sort: "item"}}); ok || err != nil {
		t.Errorf("an account item was read as credits: %v", err)
	}
	if _, err := w.reader.Credits(ctx, "invoice:none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("credits of an unknown conversion: %v, want ErrNotFound", err)
	}
}

func TestAnnouncementThatWouldNotFitIsSummed(t *testing.T) {
	w := newWorld(t)
	for i := range 1000 {
		w.ad(ann, i, i%25, []string{"search", "social"}[i%2])
	}
	w.handle(recorded(1, 1000_00))
	if a := w.sent[0]; !a.Rolled || text(a) != "search 50000, social 50000" {
		t.Errorf("published %.60s…, rolled %v; want it summed per channel", text(a), a.Rolled)
	}
	s, err := w.reader.Credits(context.Background(), deal)
	if err != nil || len(s.Attributed.Models[credit.Linear].Credits) != 1000 {
		t.Errorf("the row has %d credits, %v; want 1000", len(s.Attributed.Models[credit.Linear].Credits), err)
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := New(Config{})
	for _, name := range []string{"Ledger", "Accounts", "Bus", "Journey", "Policy", "Now"} {
		if err == nil || !strings.Contains(err.Error(), name+" is missing") {
			t.Errorf("New = %v, want it to name %s", err, name)
		}
	}
}
