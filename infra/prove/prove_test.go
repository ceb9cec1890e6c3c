package prove_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/prove"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

const ann = "email:ann@initech.example"

// sums are the terms of a hop that are not 0.
func sums(h *prove.Hop) map[string]int {
	out := map[string]int{}
	for _, t := range h.Terms {
		if t.Count != 0 {
			out[t.Name] = t.Count
		}
	}
	return out
}

func conserve(t *testing.T, r *rig.Rig) *prove.Conservation {
	t.Helper()
	c, err := prove.Conserve(context.Background(), r.Stack)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*prove.Hop{&c.Events, &c.Touches, &c.Decisions, &c.Conversions} {
		total := 0
		for _, term := range h.Terms {
			total += term.Count
		}
		if total != h.Total {
			t.Errorf("the terms %v sum to %d, the total is %d", h.Terms, total, h.Total)
		}
	}
	return c
}

func equal(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}

func raw(source, detailType, detail string, at time.Time) event.Envelope {
	return event.Envelope{Source: source, DetailType: detailType, Time: at, Detail: json.RawMessage(detail)}
}

func TestEveryFateOfAnEvent(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	at := rig.Noon
	view := rig.Say("v-1", touch.PricingViewed, ann, at)
	r.Send(
		view,
		view, // delivered twice
		rig.Say("v-1", touch.PricingViewed, ann, at, rig.With{"url": "https://other.example"}),       // the id again, another content
		rig.Say("v-2", touch.PricingViewed, ann, at, rig.With{"wrong": "a field that nobody knows"}), // against the schema
		raw("nobody.knows", "Something", `{"id":"1"}`, at),                                           // no contract
		raw("aws.partner/segment.com/x", "track", `{"type":"track","messageId":"m-1","userId":"u","event":"Signed Out","originalTimestamp":"2026-03-04T16:59:00Z","timestamp":"2026-03-04T16:59:00Z"}`, at), // ignored
	)
	if _, err := r.Put(context.Background(), []event.Envelope{rig.Say("v-3", touch.PricingViewed, ann, at)}); err != nil {
		t.Fatal(err)
	}
	c := conserve(t, r)
	equal(t, "events", sums(&c.Events), map[string]int{prove.Recorded: 1, prove.Duplicate: 1, prove.Quarantined: 3, prove.Ignored: 1, prove.InFlight: 1})
	codes := map[string]int{}
	for _, term := range c.Events.Terms {
		if term.Name == prove.Quarantined {
			for _, of := range term.Of {
				codes[of.Name] = of.Count
			}
		}
	}
	equal(t, "codes", codes, map[string]int{"id_reused": 1, "schema": 1, "unknown_source": 1})
	if c.Made != 1 || c.Unexplained() != 0 {
		t.Errorf("%d touches made and %d unexplained, want 1 and 0", c.Made, c.Unexplained())
	}
	r.Drain()
	c = conserve(t, r)
	equal(t, "events at rest", sums(&c.Events), map[string]int{prove.Recorded: 2, prove.Duplicate: 1, prove.Quarantined: 3, prove.Ignored: 1})
	// The provider chain answers about initech.example too: the two views and that answer.
	equal(t, "touches", sums(&c.Touches), map[string]int{prove.Absorbed: 3})
}

// One notification of several records is one event, in quarantine as long as one of its records is; its touches count
// by themselves.
func TestSeveralRecordsAreOneEvent(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	record := func(id, property string) string {
		return `{"eventId":` + id + `,"subscriptionType":"contact.propertyChange","portalId":7,"objectId":` + id + `,"occurredAt":1772640000000,"propertyName":"` + property + `","propertyValue":"x","attemptNumber":0}`
	}
	r.Send(raw("hubspot", "Webhook", `{"events":[`+record("1", "jobtitle")+`,`+record("2", "jobtitle")+`]}`, rig.Noon))
	r.Send(raw("hubspot", "Webhook", `{"events":[`+record("3", "jobtitle")+`,{"eventId":4}]}`, rig.Noon))
	c := conserve(t, r)
	equal(t, "events", sums(&c.Events), map[string]int{prove.Recorded: 1, prove.Quarantined: 1})
	if c.Made != 3 {
		t.Errorf("%d touches made, want 3", c.Made)
	}
	equal(t, "touches", sums(&c.Touches), map[string]int{prove.Absorbed: 3})
}

// Spend is nobody's behaviour: it is in the ledger for the reports, and no account can be held to absorb it.
func TestSpendIsInNoAccount(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.Send(raw("handoff.import", "Spend", `{"date":"2026-03-04","channel":"paid_search","campaign":"brand","amount":"412.75","currency":"USD"}`, rig.Noon))
	c := conserve(t, r)
	equal(t, "events", sums(&c.Events), map[string]int{prove.Recorded: 1})
	equal(t, "touches", sums(&c.Touches), map[string]int{prove.Spend: 1})
	if c.Unexplained() != 0 {
		t.Errorf("%d unexplained, want 0", c.Unexplained())
	}
}

func TestLostRowIsNamed(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.Send(rig.Say("v-1", touch.PricingViewed, ann, rig.Noon), rig.Say("v-2", touch.PricingViewed, ann, rig.Noon.Add(-time.Hour)))
	id := rig.TouchID("v-1", touch.PricingViewed)
	row := ledger.Row{Owner: ann, Type: ledger.Touch, Time: rig.Noon, ID: id.String()}
	whole, err := r.Ledger.Get(context.Background(), row)
	if err != nil {
		t.Fatal(err)
	}
	var lost touch.Touch
	if err := json.Unmarshal(whole.Body, &lost); err != nil {
		t.Fatal(err)
	}
	erase(t, r.History, row.Key())

	c := conserve(t, r)
	equal(t, "events", sums(&c.Events), map[string]int{prove.Recorded: 1, prove.Unaccounted: 1})
	if len(c.Events.Lost) != 1 || c.Events.Lost[0].ID != lost.EventID || c.Unexplained() != 1 {
		t.Errorf("lost: %+v, want the envelope %s", c.Events.Lost, lost.EventID)
	}
	var listed []string
	if _, err := prove.Each(context.Background(), r.Stack, func(class string, it prove.Item) { listed = append(listed, class+" "+it.ID) }); err != nil {
		t.Fatal(err)
	}
	if len(listed) != 2 || listed[1] != prove.Unaccounted+" "+lost.EventID {
		t.Errorf("listed %q, want two events, the lost one last", listed)
	}
	// The facts still have the lost touch, so the ledger alone no longer makes this account.
	b := rebuild(t, r)
	if len(b.Different) != 1 || !strings.Contains(strings.Join(b.Different[0].Facts, "\n"), id.String()) {
		t.Errorf("different: %+v, want one account that holds touch %s", b.Different, id)
	}
}

func erase(t *testing.T, table store.Table, k store.Key) {
	t.Helper()
	if err := table.(store.Eraser).Delete(context.Background(), k); err != nil {
		t.Fatal(err)
	}
}

func rebuild(t *testing.T, r *rig.Rig, accounts ...string) *prove.Rebuilt {
	t.Helper()
	b, err := prove.Rebuild(context.Background(), r.Stack, accounts...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTamperedFactsAreNamed(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.Send(rig.Say("v-1", touch.PricingViewed, ann, rig.Noon), rig.Say("v-2", touch.WebinarAttended, ann, rig.Noon.Add(-48*time.Hour)))
	if b := rebuild(t, r); b.Equal != 1 || len(b.Different) != 0 {
		t.Fatalf("before: %+v, want one equal account", b)
	}
	const acct = "account:initech.example"
	rec, err := r.Accounts.Get(context.Background(), account.Key(acct))
	if err != nil {
		t.Fatal(err)
	}
	it, err := account.FromRecord(rec)
	if err != nil {
		t.Fatal(err)
	}
	view := rig.TouchID("v-1", touch.PricingViewed)
	for name, els := range it.Facts.Rules {
		kept := els[:0]
		for _, el := range els {
			if el.ID != view {
				kept = append(kept, el)
			}
		}
		if it.Facts.Rules[name] = kept; len(kept) == 0 {
			delete(it.Facts.Rules, name)
		}
	}
	if err := r.Accounts.Put(context.Background(), it.Record()); err != nil {
		t.Fatal(err)
	}
	c := conserve(t, r)
	equal(t, "touches", sums(&c.Touches), map[string]int{prove.Absorbed: 2, prove.Unaccounted: 1})
	if len(c.Touches.Lost) != 1 || c.Touches.Lost[0].ID != view.String() {
		t.Errorf("lost: %+v, want touch %s", c.Touches.Lost, view)
	}
	b := rebuild(t, r, acct)
	if len(b.Different) != 1 || b.Different[0].Account != acct || len(b.Different[0].Facts) == 0 {
		t.Errorf("different: %+v, want %s", b.Different, acct)
	}
}

// refusing makes the writes of one subject's item fail while it is on.
type refusing struct {
	store.Table
	id string
	on *bool
}

func (t refusing) PutMany(ctx context.Context, rs []store.Record) []error {
	if *t.on {
		for _, r := range rs {
			if r.Key == account.Key(t.id) {
				errs := make([]error, len(rs))
				for i := range errs {
					errs[i] = store.ErrUnavailable
				}
				return errs
			}
		}
	}
	return t.Table.PutMany(ctx, rs)
}

func TestDeadLettersAccountForTouches(t *testing.T) {
	on := true
	r := rig.Open(t, rig.Config{Table: func(t store.Table) store.Table { return refusing{t, ann, &on} }})
	r.Send(rig.Say("v-1", touch.PricingViewed, ann, rig.Noon))
	c := conserve(t, r)
	equal(t, "events while it is tried again", sums(&c.Events), map[string]int{prove.Recorded: 1})
	equal(t, "touches while it is tried again", sums(&c.Touches), map[string]int{prove.InFlight: 1})
	r.Advance(6 * time.Hour) // maxReceiveCount 40, each 360 s
	c = conserve(t, r)
	equal(t, "touches in the end", sums(&c.Touches), map[string]int{prove.Dead: 1})
	if c.Unexplained() != 0 {
		t.Errorf("%d unexplained: a dead letter is no loss", c.Unexplained())
	}
}

func TestDecisionWithoutOutcomeIsNamed(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.Send(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon))
	c := conserve(t, r)
	equal(t, "decisions", sums(&c.Decisions), map[string]int{prove.Acted: 1})
	for _, d := range r.Decisions() {
		row := ledger.Row{Owner: d.Account, Type: ledger.Handoff, Time: d.AsOf, ID: d.ID}
		erase(t, r.History, row.Key())
	}
	c = conserve(t, r)
	equal(t, "decisions", sums(&c.Decisions), map[string]int{prove.Unaccounted: 1})
}

func TestMoneyThatDoesNotAddUp(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.Send(rig.Say("d-1", touch.DemoRequested, ann, rig.Noon.Add(-24*time.Hour)))
	r.Send(rig.Say("o-1", touch.OpportunityWon, "opportunity:acme/7", rig.Noon, rig.Links(ann), rig.With{"opportunity": map[string]any{
		"id": "opportunity:acme/7", "status": "won", "type": "new", "amount": map[string]any{"minor": 1000, "currency": "USD"}}}))
	c := conserve(t, r)
	equal(t, "conversions", sums(&c.Conversions), map[string]int{prove.Credited: 1})
	if len(c.Money) != 8 || c.Unexplained() != 0 {
		t.Fatalf("money %+v, want eight models that add up", c.Money)
	}
	for _, m := range c.Money {
		if m.Revenue != 1000 || m.Credits+m.Unattributed != 1000 || m.Difference != 0 {
			t.Errorf("%s: %+v, want 1000 in all", m.Model, m)
		}
	}
	// A cent goes missing from one model of the row that counts.
	for row := range r.Rows() {
		if row.Type != ledger.Credit {
			continue
		}
		var body map[string]json.RawMessage
		if err := json.Unmarshal(row.Body, &body); err != nil {
			t.Fatal(err)
		}
		var models map[string]struct {
			Unattributed int64   `json:"unattributed,omitempty"`
			Touches      []int   `json:"touches,omitempty"`
			Minor        []int64 `json:"minor,omitempty"`
		}
		if err := json.Unmarshal(body["models"], &models); err != nil {
			t.Fatal(err)
		}
		models["linear"].Minor[0]--
		body["models"], _ = json.Marshal(models)
		whole := *row
		whole.Body, _ = json.Marshal(body)
		erase(t, r.History, row.Key())
		if _, err := r.Ledger.AppendOne(context.Background(), whole); err != nil {
			t.Fatal(err)
		}
	}
	c = conserve(t, r)
	if c.Unexplained() != 1 {
		t.Errorf("%d unexplained, want the one conversion", c.Unexplained())
	}
	for _, m := range c.Money {
		want := int64(0)
		if m.Model == "linear" {
			want = 1
		}
		if m.Difference != want || len(m.Wrong) != int(want) {
			t.Errorf("%s: difference %d in %v, want %d", m.Model, m.Difference, m.Wrong, want)
		}
	}
	erase(t, r.Accounts, store.Key{Partition: "opportunity:acme/7", Sort: "credits"})
	c = conserve(t, r)
	equal(t, "conversions without credits", sums(&c.Conversions), map[string]int{prove.Unaccounted: 1})
}
