package score

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/account"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/money"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// plain is a policy small enough to see through: the three latest of each kind are kept; a demo request is a hand-raise;
// "keen" holds from three pricing views on.
type plain struct{ epoch int64 }

type keepThree struct{ hash string }

func (m keepThree) Hash() string { return m.hash }

func (keepThree) Match(t *touch.Touch, dst []account.Keep) []account.Keep {
	return append(dst, account.Keep{Name: t.Kind, K: 3}, account.Keep{Name: t.Kind, Milestone: true})
}

func (p plain) Memory() account.Memory { return keepThree{fmt.Sprint("fold", p.epoch)} }
func (plain) Keep(string) int          { return 3 }
func (p plain) Ref() event.PolicyRef {
	return event.PolicyRef{Epoch: p.epoch, Fold: p.Memory().Hash(), Eval: fmt.Sprint("eval", p.epoch)}
}

func (plain) Outcome(v *account.View) Outcome {
	out := Outcome{Score: len(v.Facts.Rules[touch.PricingViewed]) * 10}
	if el, ok := v.Facts.Last[touch.DemoRequested]; ok {
		out.Plays = append(out.Plays, Held{Play: "hand_raise", HandRaise: true, Newest: el})
	}
	if els := v.Facts.Rules[touch.PricingViewed]; len(els) == 3 {
		out.Plays = append(out.Plays, Held{Play: "keen", Newest: els[0]})
	}
	return out
}

func (p plain) Evaluate(v *account.View) event.Evaluation {
	return event.Evaluation{AsOf: v.AsOf, Score: p.Outcome(v).Score, Policy: p.Ref()}
}
func (plain) ReviewAt(*account.View) time.Time                                            { return time.Time{} }
func (plain) Reason(*account.View, *event.Evaluation, string, policy.Actor) string        { return "because" }
func (plain) Asset(*account.View, string) (asset, because string)                         { return "", "" }
func (plain) Packet(*account.View, *event.Evaluation, string, policy.First) *event.Packet { return nil }
func (plain) Canonical(conversionType, deal string) bool                                  { return deal == "opportunity" }

// bench is a score function over a store in memory, and all that it published.
type bench struct {
	accounts, history store.Table
	ledger            *ledger.Ledger
	handler           *Handler
	sent              []event.Envelope
	now               time.Time
}

func (b *bench) Publish(_ context.Context, events []event.Envelope) error {
	b.sent = append(b.sent, events...)
	return nil
}

type failer interface{ Fatal(...any) }

func newBench(t failer) (*bench, func()) {
	db, err := embedded.Open("data", embedded.Options{FS: vfs.NewMem(), NoSync: true, Memory: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{accounts: db.Table("accounts"), history: db.Table("ledger"), now: day(60)}
	b.ledger = &ledger.Ledger{Table: b.history}
	b.use(t, b.accounts, b.history, b, plain{})
	return b, func() { db.Close() }
}

// use builds the handler over the given ports, as a new process would.
func (b *bench) use(t failer, accounts, history store.Table, bus event.Publisher, rules Rules) {
	h, err := New(Config{
		Accounts: accounts, Ledger: &ledger.Ledger{Table: history}, Bus: bus, Implied: implied,
		Policy: func(context.Context) (Rules, error) { return rules, nil },
		Now:    func() time.Time { return b.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.handler = h
}

func implied(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	if domain == "free.example" {
		return ""
	}
	return "account:" + domain
}

func day(n int) time.Time { return time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// record appends touches to the ledger, as ingest does before it publishes them.
func (b *bench) record(t failer, touches ...*touch.Touch) {
	rows := make([]ledger.Row, len(touches))
	for i, x := range touches {
		body, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		rows[i] = ledger.Row{Owner: x.Subject, Type: ledger.Touch, Time: x.Time, ID: x.ID.String(), RecordedAt: x.RecordedAt, Body: body}
	}
	for _, r := range b.ledger.Append(context.Background(), rows) {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
	}
}

func envelopes(touches []*touch.Touch) []event.Envelope {
	out := make([]event.Envelope, len(touches))
	for i, x := range touches {
		out[i] = event.Envelope{Source: event.Source, DetailType: event.TouchRecorded, Detail: detail(event.TouchDetail{Touch: *x})}
	}
	return out
}

// fold delivers touches in batches of n.
func (b *bench) fold(t failer, touches []*touch.Touch, n int) {
	for batch := range slices.Chunk(touches, n) {
		for i, err := range b.handler.Handle(context.Background(), envelopes(batch)) {
			if err != nil {
				t.Fatal(fmt.Sprintf("touch %d: %v", i, err))
			}
		}
	}
}

// facts are every account's facts as stored, by account.
func (b *bench) facts(t failer) map[string]string {
	out := map[string]string{}
	page, err := b.accounts.(store.Scanner).Scan(context.Background(), 100000, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range page.Records {
		it, err := account.FromRecord(rec)
		if err != nil {
			t.Fatal(err)
		}
		if len(it.Refold) > 0 || it.Next != nil || len(it.Told.Pending) > 0 {
			t.Fatal(fmt.Sprintf("%s: left undone: refold %v, next %v, %d pending", it.ID, it.Refold, it.Next != nil, len(it.Told.Pending)))
		}
		if !it.Facts.Empty() {
			out[it.ID] = string(it.Facts.Encode())
		}
	}
	return out
}

// rebuilt is what the ledger alone says the facts are: every touch folded where it belongs by the final links.
func (b *bench) rebuilt(t failer, touches []*touch.Touch) map[string]string {
	g := &graph.Graph{Accounts: b.accounts, Ledger: b.ledger, Implied: implied}
	r := g.Reader()
	facts := map[string]*account.Facts{}
	for _, x := range touches {
		p, err := r.At(context.Background(), x.Subject, x.Time.UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
		if facts[p.Root] == nil {
			facts[p.Root] = &account.Facts{}
		}
		facts[p.Root].Absorb(x, subject.Heard{Below: p.Below}, plain{}.Memory(), nil)
	}
	out := map[string]string{}
	for id, f := range facts {
		out[id] = string(f.Encode())
	}
	return out
}

var (
	subjects = []string{"anon:web/1", "anon:web/2", "user:1", "user:2", "email:ann@initech.example", "email:bob@globex.example", "email:cy@free.example", "opportunity:crm/1", "crm:crm/1"}
	targets  = []string{"user:1", "user:2", "email:ann@initech.example", "email:ann@globex.example", "email:cy@free.example", "group:g", "crm:crm/1", "account:hooli.example"}
	kinds    = []string{touch.PricingViewed, touch.SignedIn, touch.DemoRequested, touch.Identified}
)

func genJourney(t *rapid.T) []*touch.Touch {
	n := rapid.IntRange(1, 25).Draw(t, "touches")
	out := make([]*touch.Touch, n)
	for i := range out {
		at := day(rapid.IntRange(0, 50).Draw(t, "day")).Add(time.Duration(i) * time.Millisecond)
		x := &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			Time: at, Subject: rapid.SampledFrom(subjects).Draw(t, "subject"), RecordedAt: day(51)}
		if rapid.IntRange(0, 2).Draw(t, "linked") == 0 {
			x.Links = []string{rapid.SampledFrom(targets).Draw(t, "target")}
		}
		if strings.HasPrefix(x.Subject, "opportunity") {
			x.Kind = touch.OpportunityUpdated
			x.Opportunity = &touch.Opportunity{ID: x.Subject, Status: rapid.SampledFrom([]string{"open", "won"}).Draw(t, "status"), Amount: &money.Amount{Minor: int64(i), Currency: "USD"}}
		}
		out[i] = x
	}
	return out
}

// P2: whatever the order, the duplicates and the batches, the facts are those of the ledger.
func TestFactsDoNotDependOnDelivery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		journey := genJourney(t)
		var first map[string]string
		for run := range 2 {
			b, done := newBench(t)
			b.record(t, journey...)
			order := rapid.Permutation(journey).Draw(t, "order")
			if run == 1 {
				order = append(order, order[:len(order)/3]...)
			}
			b.fold(t, order, rapid.IntRange(1, 7).Draw(t, "batch"))
			got := b.facts(t)
			if d := cmp.Diff(b.rebuilt(t, journey), got); d != "" {
				t.Fatalf("facts differ from the ledger's: %s", names(b.rebuilt(t, journey), got))
			}
			if run == 1 && cmp.Diff(first, got) != "" {
				t.Fatalf("facts differ between two deliveries: %s", names(first, got))
			}
			first = got
			done()
		}
	})
}

// names says which accounts differ.
func names(want, got map[string]string) string {
	var out []string
	for id, w := range want {
		if g, ok := got[id]; !ok {
			out = append(out, id+": missing")
		} else if g != w {
			a, _ := account.DecodeFacts([]byte(w))
			b, _ := account.DecodeFacts([]byte(g))
			out = append(out, id+": -want +got\n"+cmp.Diff(a, b))
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			out = append(out, id+": should not exist")
		}
	}
	return strings.Join(out, "\n")
}

// A process that dies at any write or publish loses nothing: after redelivery all is as if it had not died.
func TestCrashAtEveryStep(t *testing.T) {
	journey := func() []*touch.Touch {
		mk := func(i int, kind, subject string, links ...string) *touch.Touch {
			return &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: kind, Subject: subject, Links: links, Time: day(i), RecordedAt: day(i)}
		}
		won := mk(9, touch.OpportunityWon, "opportunity:crm/1", "account:initech.example")
		won.Opportunity = &touch.Opportunity{ID: won.Subject, Status: "won", Amount: &money.Amount{Minor: 500, Currency: "USD"}}
		return []*touch.Touch{
			mk(1, touch.PricingViewed, "anon:web/1"), mk(2, touch.PricingViewed, "anon:web/1"), mk(3, touch.DemoRequested, "anon:web/1"),
			mk(4, touch.Identified, "user:1", "anon:web/1", "email:ann@initech.example"),
			mk(5, touch.PricingViewed, "user:1"), mk(8, touch.DemoRequested, "user:1"), won,
			mk(7, touch.Identified, "user:1", "email:ann@globex.example"), // late: moves the request of day 8
			mk(6, touch.SignedIn, "user:1"),
		}
	}()
	clean, done := newBench(t)
	defer done()
	clean.record(t, journey...)
	clean.fold(t, journey, 2)
	wantFacts, wantSaid := clean.facts(t), said(t, clean.sent)
	if want := []string{"hand_raise", "hand_raise", "keen"}; !slices.Equal(plays(t, clean.sent), want) {
		t.Fatalf("the fault-free run decided %v, want %v: one request by the visitor, one by the user, three views of pricing", plays(t, clean.sent), want)
	}

	for _, mode := range storetest.Modes {
		steps := 0
		for at := 1; ; at++ {
			b, done := newBench(t)
			b.record(t, journey...)
			fuse := storetest.NewFuse(at, mode)
			b.use(t, fuse.Table(b.accounts), fuse.Table(b.history), fuse.Publisher(b), plain{})
			for batch := range slices.Chunk(journey, 2) {
				for try := 0; ; try++ {
					failed := false
					for _, err := range b.handler.Handle(context.Background(), envelopes(batch)) {
						failed = failed || err != nil
					}
					if !failed {
						break
					}
					if try > 3 {
						t.Fatalf("%v at step %d: still failing after redelivery", mode, at)
					}
					fuse.Reset() // a new process; the queue delivers the batch again
				}
			}
			if d := names(wantFacts, b.facts(t)); d != "" {
				t.Errorf("%v at step %d: facts: %s", mode, at, d)
			}
			if d := cmp.Diff(wantSaid, said(t, b.sent)); d != "" {
				t.Errorf("%v at step %d: said: -want +got\n%s", mode, at, d)
			}
			blown := fuse.Blown()
			done()
			if !blown {
				steps = at - 1
				break
			}
		}
		if steps < 20 {
			t.Errorf("%v: only %d steps were tried; a journey with links, a refold and decisions has more", mode, steps)
		}
	}
}

// said is what was published, by id: what consumers see after deduping.
func said(t *testing.T, events []event.Envelope) map[string]int {
	out := map[string]int{}
	for _, e := range events {
		var d struct {
			ID, Account, Revision, Cause, Play string
		}
		if err := json.Unmarshal(e.Detail, &d); err != nil {
			t.Fatal(err)
		}
		out[strings.Join([]string{e.DetailType, d.ID, d.Account, d.Play, d.Revision, d.Cause}, " ")] = 1
	}
	return out
}

func plays(t *testing.T, events []event.Envelope) []string {
	ids := map[string]string{}
	for _, e := range events {
		if e.DetailType == event.DecisionMade {
			var d event.Decision
			if err := json.Unmarshal(e.Detail, &d); err != nil {
				t.Fatal(err)
			}
			ids[d.ID] = d.Play
		}
	}
	var out []string
	for _, p := range ids {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// A new fold policy folds accounts again when they are next met; a process that still has the old one keeps its hands off.
func TestNewFoldPolicy(t *testing.T) {
	mk := func(i int, kind, subject string, links ...string) *touch.Touch {
		return &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: kind, Subject: subject, Links: links, Time: day(i), RecordedAt: day(i)}
	}
	journey := []*touch.Touch{
		mk(1, touch.PricingViewed, "anon:web/1"), mk(2, touch.Identified, "user:1", "anon:web/1", "email:ann@initech.example"),
		mk(3, touch.PricingViewed, "email:ann@initech.example"), mk(4, touch.SignedIn, "user:1"),
	}
	b, done := newBench(t)
	defer done()
	b.record(t, journey...)
	b.fold(t, journey[:2], 1)
	newer := plain{epoch: 2}
	b.use(t, b.accounts, b.history, b, newer)
	b.fold(t, journey[2:3], 1)
	it, err := b.handler.graph.Reader().Item(context.Background(), "account:initech.example")
	if err != nil {
		t.Fatal(err)
	}
	if it.Fold != newer.Memory().Hash() || it.Epoch != 2 {
		t.Errorf("folded under %s of epoch %d, want %s of epoch 2", it.Fold, it.Epoch, newer.Memory().Hash())
	}
	if got := len(it.Facts.Rules[touch.PricingViewed]); got != 2 {
		t.Errorf("%d pricing views after the refold, want 2: one before it, one after", got)
	}
	b.use(t, b.accounts, b.history, b, plain{epoch: 1})
	if err := b.handler.Handle(context.Background(), envelopes(journey[3:]))[0]; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a process with an older policy answered %v, want ErrUnavailable: the touch must come back", err)
	}
}
