package pipeline

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/functions/enrich"
	"handoff/infra/local"
	"handoff/infra/prove"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/storetest"
	"handoff/shared/touch"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// companies is whom enrichment can ask.
type companies map[string]map[string]string

func (c companies) Lookup(_ context.Context, domain string) (map[string]string, bool, error) {
	f, ok := c[domain]
	return f, ok, nil
}

var known = enrich.Provider(companies{
	"initech.example": {"name": "Initech", "industry": "SaaS", "employees": "250", "country": "United States"},
	"globex.example":  {"name": "Globex", "industry": "Retail", "employees": "40", "country": "United States"},
	"hooli.example":   {"name": "Hooli", "industry": "SaaS", "employees": "900", "country": "United States"},
})

// story is one buyer's way through all five functions: a stranger from an advertisement, named, looking at prices,
// asking for a demo, handed over, answered, won, edited, refunded; a late touch; a new job; a private address that turns
// out to be a colleague's; somebody who is only nurtured; noise.
func story() []event.Envelope {
	return storyAt(func(hours, minutes int) time.Time {
		return rig.Noon.Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
	})
}

// storyAt is the story with the hours and minutes after its beginning put where at puts them.
func storyAt(at func(hours, minutes int) time.Time) []event.Envelope {
	const ann, initech = "user:u-ann", "account:initech.example"
	deal := func(status string, minor int64) rig.With { return rig.Deal("crm/1", status, minor) }
	return []event.Envelope{
		rig.Say("a1", touch.PageViewed, "anon:web/1", at(0, 0), rig.With{"channel": "paid_search", "campaign": "spring"}),
		rig.Say("a2", touch.WebinarRegistered, "anon:web/1", at(0, 5), rig.With{"channel": "email"}),
		{Source: "acme.unheard", DetailType: "Nothing", Time: at(0, 6), Detail: []byte(`{"n":1}`)}, // quarantined
		rig.Say("a3", touch.Identified, ann, at(0, 10), rig.Links("anon:web/1", "email:ann@initech.example"), rig.Person("title", "Senior Software Engineer", "email", "ann@initech.example")),
		rig.Say("a4", touch.PricingViewed, ann, at(0, 20), rig.With{"channel": "direct"}), // 20+15+10+30: the sales band
		rig.Say("a5", touch.HandoffRejected, initech, at(1, 0), rig.Answers("mql", "ann", "too early")),
		rig.Say("a6", touch.DemoRequested, ann, at(2, 0), rig.With{"channel": "organic_search"}), // a hand-raise
		rig.Say("a7", touch.HandoffAccepted, initech, at(2, 10), rig.Answers("hand_raise", "ann", "")),
		rig.Say("b1", touch.DemoRequested, "email:bob@gmail.com", at(2, 20)), // nobody answers: reminded, escalated
		rig.Say("c1", touch.PricingViewed, "email:cy@hooli.example", at(2, 30)),
		rig.Say("a8", touch.FirstOutreach, initech, at(2, 40), rig.Answers("hand_raise", "ann", "")),
		rig.Say("c2", touch.WebinarAttended, "email:cy@hooli.example", at(2, 50)), // 15+10+30+15: nurture, as before
		rig.Say("d1", touch.OpportunityCreated, "opportunity:crm/1", at(20, 0), rig.Links(initech), deal("open", 900000)),
		rig.Say("b2", touch.Identified, "user:u-bob", at(20, 10), rig.Links("email:bob@gmail.com", initech)), // bob's handoff joins
		rig.Say("d2", touch.OpportunityWon, "opportunity:crm/1", at(24, 0), deal("won", 0)),
		rig.Say("a9", touch.HandoffCompleted, initech, at(24, 5), rig.Answers("hand_raise", "ann", "")),
		rig.Say("d3", touch.OpportunityUpdated, "opportunity:crm/1", at(24, 30), deal("", 1000001)), // edited after the close
		rig.Late(rig.Say("a10", touch.WebinarAttended, ann, at(0, 15), rig.With{"channel": "events"}), at(25, 0)),
		rig.Say("d4", touch.RefundIssued, "opportunity:crm/1", at(25, 30), deal("", 0), rig.With{"money": map[string]any{"minor": 100001, "currency": "USD"}}),
		rig.Say("a11", touch.PricingViewed, ann, at(26, 40)),
		rig.Say("a12", touch.Identified, ann, at(44, 0), rig.Links("email:ann@globex.example")), // a new job
		rig.Say("a13", touch.PricingViewed, ann, at(44, 10)),
		// Told late: she was at Globex a day earlier already, so the prices of that day were looked at from there.
		rig.Late(rig.Say("a14", touch.Identified, ann, at(26, 35), rig.Links("email:ann@globex.example")), at(44, 30)),
		rig.Late(rig.Say("a4", touch.PricingViewed, ann, at(0, 20), rig.With{"channel": "email"}), at(44, 35)), // an id that was used: quarantined
		rig.Late(rig.Say("a6", touch.DemoRequested, ann, at(2, 0), rig.With{"channel": "organic_search"}), at(44, 40)),
	}
}

// tell plays the story and what falls due in the two days after it: the plays are the default ones, but that a customer
// must be on board after two days.
func tell(t *testing.T, c rig.Config) *rig.Rig {
	t.Helper()
	c.Dataset = known
	c.Policy = rig.Edited(t, "plays.yaml", "{reached: won, older_than: 14d, within: 60d}", "{reached: won, older_than: 2d, within: 60d}")
	r := rig.Open(t, c)
	r.Play(story())
	r.AdvanceTo(rig.Noon.Add(80 * time.Hour))
	r.Quiet()
	return r
}

// TestStory says what the story comes to without faults, worked out by hand from the policy: an hour's working time to
// answer a hand-raise, a reminder 20 minutes before the deadline, an escalation at it and another an hour later.
func TestStory(t *testing.T) {
	r := tell(t, rig.Config{})
	var got []string
	for _, rec := range r.Records() {
		got = append(got, fmt.Sprintf("%s %s %s %s", rec.At.Format("02 15:04"), rec.Account, rec.Play, rec.Outcome))
	}
	slices.Sort(got)
	want := []string{
		"04 17:10 account:initech.example nurture enrolled", // 20+15+10 once the company is known
		"04 17:20 account:initech.example mql offered",      // and 30: 75
		"04 18:00 account:initech.example mql rejected",
		"04 19:00 account:initech.example hand_raise offered",
		"04 19:10 account:initech.example hand_raise accepted",
		"04 19:20 email:bob@gmail.com hand_raise offered",
		"04 19:30 account:hooli.example nurture enrolled", // 15+10+30
		"04 19:40 account:initech.example hand_raise first_outreach",
		"04 19:40 account:initech.example hand_raise reminded",
		"04 20:00 email:bob@gmail.com hand_raise reminded",
		"04 20:20 email:bob@gmail.com hand_raise escalated",
		"04 21:20 email:bob@gmail.com hand_raise escalated",
		"05 17:00 account:initech.example kick_off observed",
		"05 17:01 account:initech.example hand_raise recycled", // bob's, whose account is ann's now
		"05 17:05 account:initech.example hand_raise completed",
		"05 19:40 account:initech.example expansion observed",       // a customer's second look at prices within a week
		"06 13:00 account:globex.example champion_arrived observed", // the new job
		"06 13:01 account:initech.example champion_left observed",
		"07 18:00 account:initech.example onboarding_stalled observed", // more than two days after the win
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("what became of decisions and handoffs: -want +got\n%s", d)
	}
	for id, a := range r.Attributed() {
		// 10,000.01 after the edit, less 1,000.01
		if id != "opportunity:crm/1" || a.Account != "account:initech.example" || a.Amount.String() != "9,000.00 USD" {
			t.Errorf("%s of %s is worth %s, want opportunity:crm/1 of Initech, 9,000.00 USD", id, a.Account, a.Amount)
		}
	}
	c := conserved(t, r, len(story()))
	if got := []int{c.Events.Of(prove.Recorded), c.Events.Of(prove.Duplicate), c.Events.Of(prove.Quarantined)}; !slices.Equal(got, []int{22, 1, 2}) {
		t.Errorf("recorded, duplicates, quarantined: %v of %d events, want 22, 1 and 2", got, len(story()))
	}
	sums(t, r)
	if d := rig.Diff(r.Rebuilt(), r.Facts()); d != "" {
		t.Errorf("rebuilt and incremental facts: %s", d)
	}
	// The look at prices of the day on which she was at Globex already belongs to Globex, once that is known.
	for id, want := range map[string]map[string]bool{"account:initech.example": {"a4": true}, "account:globex.example": {"a11": true, "a13": true}} {
		facts, err := account.DecodeFacts([]byte(r.Facts()[id]))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, elements := range facts.Rules {
			for _, el := range elements {
				for _, event := range []string{"a4", "a11", "a13"} {
					if el.ID == rig.TouchID(event, touch.PricingViewed) {
						got[event] = true
					}
				}
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s's views of prices: -want +got\n%s", id, d)
		}
	}
}

// TestCrashTable lets the process die at every write and every publish of every handler, in every way, and start again
// on what was stored, while the clock and later events wait. Then everything is as if it had not died.
func TestCrashTable(t *testing.T) {
	counter := storetest.NewFuse(0, storetest.NotStored)
	r := tell(t, rig.Config{Fuse: counter})
	whole, steps := r.Everything(), counter.Steps()
	if steps < 150 {
		t.Fatalf("the story has only %d writes and publishes", steps)
	}
	t.Logf("%d steps, %d items, rows and events", steps, len(whole))
	stride := 1
	if phase.Part(t, "every 48th death of a kind") {
		stride = 48
	}
	for _, mode := range storetest.Modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			tried := 0
			for at := 1 + int(mode); at <= steps; at += stride {
				fuse := storetest.NewFuse(at, mode)
				r := tell(t, rig.Config{Fuse: fuse})
				if !fuse.Blown() || r.Deaths != 1 {
					t.Fatalf("step %d: blown %v, the process died %d times", at, fuse.Blown(), r.Deaths)
				}
				if d := rig.Diff(whole, r.EverythingBeside(whole)); d != "" {
					t.Errorf("died at step %d of %d, %s:\n%s", at, steps, mode, d)
				}
				r.Close()
				if tried++; t.Failed() && tried > 3 {
					t.FailNow()
				}
			}
			t.Logf("%d deaths survived", tried)
		})
	}
}

// TestCrashOfTheRuntime lets the process die where no handler is at work: while an event is put, before a batch is
// handled, after it, when its messages are deleted.
func TestCrashOfTheRuntime(t *testing.T) {
	count := func(stop int) (*rig.Rig, int) {
		n := 0
		r := tell(t, rig.Config{Faults: local.Faults{Crash: func(local.Point) bool { n++; return n == stop }}})
		return r, n
	}
	r, points := count(0)
	whole := r.Everything()
	stride := 47
	if phase.Part(t, "every 379th point") {
		stride = 379
	}
	tried := 0
	for stop := 1; stop <= points; stop += stride {
		r, _ := count(stop)
		if r.Deaths != 1 {
			t.Fatalf("point %d: the process died %d times", stop, r.Deaths)
		}
		if d := rig.Diff(whole, r.EverythingBeside(whole)); d != "" {
			t.Fatalf("died at point %d of %d:\n%s", stop, points, d)
		}
		r.Close()
		tried++
	}
	t.Logf("%d of %d points tried", tried, points)
}
