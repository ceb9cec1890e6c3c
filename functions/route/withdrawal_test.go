package route

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
)

const (
	annAtA  = "email:ann@a.example"
	annAtB  = "email:ann@b.example"
	annCRM  = "contact:crm/7"
	aAcct   = "account:a.example"
	bAcct   = "account:b.example"
	offered = "HandoffOffered "
	closed  = "HandoffClosed "
)

// forPerson is a DecisionMade about somebody.
func (w *world) forPerson(id, account, play, person string) event.Envelope {
	e := w.decided(id, account, play)
	var d event.Decision
	if err := decodeInto(e, &d); err != nil {
		w.t.Fatal(err)
	}
	d.Person = person
	return envelopeOf(w.t, event.DecisionMade, d)
}

func decodeInto(e event.Envelope, d *event.Decision) error {
	got, err := decode[event.Decision](&e)
	if err == nil {
		*d = *got
	}
	return err
}

// open lists the handoffs that wait: account, play and person.
func (w *world) open() []string {
	w.t.Helper()
	var out []string
	for x, err := range Open(context.Background(), w.accounts) {
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, x.Account+" "+x.Play+" "+x.Person)
	}
	slices.Sort(out)
	return out
}

// All that is open about the person is closed at once, by whichever id and at whichever account; a colleague's is not.
func TestWithdrawalClosesWhatIsOpen(t *testing.T) {
	w := plain(t)
	w.do(w.forPerson("d1", aAcct, "call", annAtA))
	w.do(w.forPerson("d2", aAcct, "demo", annCRM)) // known by the CRM's id then
	w.do(w.forPerson("d3", bAcct, "demo", annAtB))
	w.do(w.forPerson("d4", bAcct, "call", "email:bea@b.example"))
	w.clock = noon.Add(time.Minute)
	w.do(w.answer("f1", touch.HandoffAccepted, aAcct, touch.Feedback{Handoff: routing.HandoffID("d1"), Rep: "ann@x.example"}))
	w.gates.resolves[annAtB] = bAcct
	w.gates.persons[annAtB] = routing.GateState{Known: []string{annCRM, annAtA, annAtB}, Elsewhere: []string{aAcct}}
	w.clock = noon.Add(5 * time.Minute)
	e := w.withdraws("w1", annAtB)
	for range 2 { // and heard once more it does nothing
		w.do(e)
		want(t, "open", []string{bAcct + " call email:bea@b.example"}, w.open())
		want(t, "told", []string{closed + aAcct + " call recycled", closed + aAcct + " demo recycled", closed + bAcct + " demo recycled"}, w.told()[4:])
	}
	want(t, "the ledger", []string{"handoff offered", "handoff offered", "handoff accepted", "handoff recycled", "handoff recycled"}, w.rows(aAcct))
	held := 0
	for _, n := range w.team().Open {
		held += n
	}
	if held != 1 {
		t.Errorf("the team's counters say that %d are open, want one", held)
	}
	last := w.detail(w.bus.events[len(w.bus.events)-1])
	if want := "It may no longer be worked: consent was withdrawn on 4 Mar 2026 17:05 UTC."; last.Reason != want {
		t.Errorf("reason %q; want %q", last.Reason, want)
	}
	if want := touch.NewID("crm", touch.ConsentWithdrawn, "w1", 0).String(); last.Causation != want {
		t.Errorf("caused by %s; want the touch %s", last.Causation, want)
	}
}

// What was handed over while the person stood alone is closed where it stands now.
func TestWithdrawalFollowsJoins(t *testing.T) {
	w := plain(t)
	w.do(w.forPerson("d1", annAtA, "call", annAtA))
	w.gates.accounts[annAtA] = routing.GateState{Forward: aAcct}
	w.gates.accounts[aAcct] = routing.GateState{Former: []string{annAtA}}
	w.do(w.withdraws("w1", annAtA))
	want(t, "told", []string{offered + annAtA + " call open", closed + aAcct + " call recycled"}, w.told())
	want(t, "open", nil, w.open())
}

// The word of a person alone goes along when the person turns out to belong to an account.
func TestWithdrawalIsJoined(t *testing.T) {
	w := plain(t)
	w.do(w.withdraws("w1", annAtA))
	w.gates.accounts[aAcct] = routing.GateState{Former: []string{annAtA}}
	w.do(w.forPerson("d1", aAcct, "call", annAtA))
	want(t, "the ledger", []string{"handoff gated:consent_withdrawn"}, w.rows(aAcct))
	want(t, "told", nil, w.told())
}

// Words come in any order: what counts is the last by time.
func TestLaterConsentStands(t *testing.T) {
	for _, c := range []struct {
		name   string
		given  time.Duration // after noon; the withdrawal is of a minute after it
		closes bool
	}{
		{"consent given since", 2 * time.Minute, false},
		{"consent given before", 0, true},
		{"never given", -1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := plain(t)
			w.do(w.forPerson("d1", aAcct, "call", annAtA))
			w.gates.resolves[annAtA] = aAcct
			if c.given >= 0 {
				w.gates.persons[annAtA] = routing.GateState{Consented: routing.Spoken{At: noon.Add(c.given), Touch: "0"}}
			}
			w.clock = noon.Add(time.Minute)
			e := w.withdraws("w1", annAtA)
			w.clock = noon.Add(3 * time.Minute)
			w.do(e)
			w.do(w.forPerson("d2", aAcct, "demo", annAtA))
			told := []string{offered + aAcct + " call open", offered + aAcct + " demo open"}
			if c.closes {
				told[1] = closed + aAcct + " call recycled"
			}
			want(t, "told", told, w.told())
		})
	}
	// Consent that is given after the withdrawal was heard opens what comes after it.
	w := plain(t)
	w.gates.resolves[annAtA] = aAcct
	w.do(w.withdraws("w1", annAtA))
	w.do(w.forPerson("d1", aAcct, "call", annAtA))
	w.gates.persons[annAtA] = routing.GateState{Consented: routing.Spoken{At: noon.Add(time.Minute), Touch: "0"}}
	w.do(w.forPerson("d2", aAcct, "call", annAtA))
	want(t, "told after consent was given again", []string{offered + aAcct + " call open"}, w.told())
}

// A touch that is no longer read as a withdrawal, and one that is about nobody, do nothing.
func TestWithdrawalOfNobody(t *testing.T) {
	w := plain(t)
	w.do(w.forPerson("d1", aAcct, "call", annAtA))
	w.gates.resolves[annAtA] = aAcct
	w.do(envelopeOf(t, event.TouchRecorded, event.TouchDetail{Touch: touch.Touch{
		Kind: touch.ConsentWithdrawn, Time: noon, Subject: annAtA, Revision: 1, Withdrawn: true,
	}}))
	want(t, "open", []string{aAcct + " call " + annAtA}, w.open())
}

// meddler lets something happen before a write: what another delivery does while this one is under way.
type meddler struct {
	store.Table
	before func(sort string)
}

func (m *meddler) Put(ctx context.Context, r store.Record) error {
	m.before(r.Sort)
	return m.Table.Put(ctx, r)
}

func (m *meddler) PutPair(ctx context.Context, a, b store.Record) error {
	m.before(a.Sort)
	return m.Table.PutPair(ctx, a, b)
}

// Score has not written the gate, and the word comes at any moment of an offer: nobody is left with an open handoff, and
// what was offered is closed.
func TestWithdrawalMeetsAnOfferOnItsWay(t *testing.T) {
	const before, during, while, after = "before", "while the gates are asked", "between reading and writing", "after"
	for _, when := range []string{before, during, while, after} {
		t.Run(when, func(t *testing.T) {
			w := plain(t)
			w.gates.resolves[annAtA] = aAcct
			// The CRM's contact is the same person by what the touch says alone.
			word := w.withdraws("w1", annCRM, annAtA)
			once := func() {
				w.gates.asked = nil
				if m, ok := w.Accounts.(*meddler); ok {
					w.Accounts = m.Table
				}
				w.do(word)
			}
			switch when {
			case before:
				once()
			case during:
				w.gates.asked = func(string) { once() }
			case while:
				w.Accounts = &meddler{w.Accounts, func(sort string) {
					if sort == routing.HandoffsSort {
						once()
					}
				}}
			}
			w.do(w.forPerson("d1", aAcct, "demo", annAtA))
			told := []string(nil)
			if when == after {
				once()
				told = []string{offered + aAcct + " demo open", closed + aAcct + " demo recycled"}
			}
			want(t, "told", told, w.told())
			want(t, "open", nil, w.open())
			if n := len(w.team().Open); n != 0 {
				t.Errorf("%d reps hold something", n)
			}
			if when != after {
				want(t, "the ledger", []string{"handoff gated:consent_withdrawn"}, w.rows(aAcct))
			}
		})
	}
}

// The offer is written while the word looks for what is open: it looks again.
func TestOfferMeetsAWithdrawalOnItsWay(t *testing.T) {
	w := plain(t)
	w.gates.resolves[annAtA] = aAcct
	offer := w.forPerson("d1", aAcct, "demo", annAtA)
	m := &meddler{Table: w.Accounts}
	m.before = func(string) {
		m.before = func(string) {}
		w.do(offer)
	}
	w.Accounts = m
	w.do(w.withdraws("w1", annAtA))
	want(t, "told", []string{offered + aAcct + " demo open", closed + aAcct + " demo recycled"}, w.told())
}

// What the item has heard counts at a reminder and when a handoff changes hands, too: one of the person may have come to
// the account from elsewhere since.
func TestSweepKnowsTheWord(t *testing.T) {
	w := plain(t)
	w.gates.resolves[annAtB] = bAcct
	w.do(w.forPerson("d1", bAcct, "call", annAtA))
	w.do(w.withdraws("w1", annAtB)) // nobody knows that they are one
	want(t, "open", []string{bAcct + " call " + annAtA}, w.open())
	w.gates.persons[annAtA] = routing.GateState{Known: []string{annAtA, annAtB}}
	w.clock = noon.Add(45 * time.Minute)
	w.do(tick())
	want(t, "told", []string{offered + bAcct + " call open", closed + bAcct + " call recycled"}, w.told())
}

func TestWithdrawalsAreNoAnswers(t *testing.T) {
	w := watchWorld(t)
	w.gates.resolves[annAtA] = aAcct
	w.hear(w.forPerson("d1", aAcct, "call", annAtA))
	e := w.withdraws("w1", annAtA)
	w.counts(t, "a withdrawal", map[string]float64{"Recycled": 1}, e)
	w.counts(t, "again", map[string]float64{}, e)
	if s := w.log.String(); strings.Contains(s, "ann@") || !strings.Contains(s, `"outcome":"withdrew"`) {
		t.Errorf("the lines:\n%s", s)
	}
}
