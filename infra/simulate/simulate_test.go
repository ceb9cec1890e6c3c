package simulate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"handoff/infra/simulate"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/tests/rig"
)

// history is two days of three companies, from noon of Wednesday 4 March: Initech comes to 45 points and is nurtured,
// then talks of a deal; Hooli asks for a demo; Umbrella looks at prices and buys.
func history(t *testing.T) *rig.Rig {
	t.Helper()
	r := rig.Open(t, rig.Config{})
	at := func(minutes int) time.Time { return rig.Noon.Add(time.Duration(minutes) * time.Minute) }
	for _, e := range []event.Envelope{
		rig.Say("a0", "webinar_attended", "email:ann@initech.com", at(0), rig.Company("name", "Initech")),
		rig.Say("a1", "pricing_viewed", "email:ann@initech.com", at(1)),
		rig.Say("b0", "demo_requested", "email:bob@hooli.com", at(2)),
		rig.Say("c0", "pricing_viewed", "email:kim@umbrella.com", at(3)),
		rig.Say("c1", "opportunity_won", "opportunity:salesforce/006C", at(4), rig.Deal("salesforce/006C", "won", 100_000), rig.Links("account:umbrella.com")),
		rig.Say("c2", "demo_requested", "email:kim@umbrella.com", at(5)), // after the win: foretells nothing
		rig.Say("a2", "opportunity_created", "opportunity:salesforce/006A", at(24*60), rig.Deal("salesforce/006A", "open", 1_000_000), rig.Links("account:initech.com")),
	} {
		r.AdvanceTo(e.Time)
		r.Send(e)
	}
	r.AdvanceTo(at(48 * 60))
	return r
}

// other is the shipped policy with an edit: file, old, new, …
func other(t *testing.T, before *policy.Policy, edits ...string) *policy.Policy {
	t.Helper()
	files := maps.Clone(before.Text)
	for i := 0; i < len(edits); i += 3 {
		if !strings.Contains(files[edits[i]], edits[i+1]) {
			t.Fatalf("%s does not contain %q", edits[i], edits[i+1])
		}
		files[edits[i]] = strings.Replace(files[edits[i]], edits[i+1], edits[i+2], 1)
	}
	p, err := policy.Valid(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t *testing.T, r *rig.Rig, before, after *policy.Policy, o simulate.Options) *simulate.Report {
	t.Helper()
	if o.Until.IsZero() {
		o.Until = r.Now()
	}
	o.Folder = t.TempDir()
	out, err := simulate.Run(t.Context(), r.Stack, before, after, o)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(o.Folder); err != nil || len(left) != 0 {
		t.Errorf("%d files are left behind, %v", len(left), err)
	}
	return out
}

func said[T any](pairs []simulate.Pair[T], say func(*T) string) map[string]string {
	out := map[string]string{}
	for _, p := range pairs {
		text := [2]string{"none", "none"}
		for i, side := range []*T{p.Before, p.After} {
			if side != nil {
				text[i] = say(side)
			}
		}
		out[p.Name] = text[0] + " → " + text[1]
	}
	return out
}

func rate(r *simulate.Rate) string { return fmt.Sprintf("%d of %d", r.Won, r.Accounts) }

func TestBandThatBeginsHigher(t *testing.T) {
	r := history(t)
	before, err := r.Stack.Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stands := r.Facts()
	// Nurture from 50 in place of 40: Initech's 30 + 15 are no longer enough, Hooli's 50 are.
	after := other(t, before, "scoring.yaml", "{name: nurture, from: 40}", "{name: nurture, from: 50}")
	got := run(t, r, before, after, simulate.Options{})
	if got.Touches != 7 || got.Accounts != 3 || got.Refolds {
		t.Errorf("%d touches of %d accounts, refolds %t", got.Touches, got.Accounts, got.Refolds)
	}
	plays := said(got.Plays, func(c *simulate.PlayCount) string {
		return fmt.Sprintf("%d due, %d acted, %d observed, %d stopped", c.Due, c.Acted, c.Observed, c.Stopped)
	})
	for play, want := range map[string]string{
		"nurture":    "1 due, 1 acted, 0 observed, 0 stopped → 0 due, 0 acted, 0 observed, 0 stopped",
		"kick_off":   "1 due, 0 acted, 1 observed, 0 stopped → 1 due, 0 acted, 1 observed, 0 stopped",
		"renewal_90": "0 due, 0 acted, 0 observed, 0 stopped → 0 due, 0 acted, 0 observed, 0 stopped",
	} {
		if plays[play] != want {
			t.Errorf("%s: %s, want %s", play, plays[play], want)
		}
	}
	if c := got.Plays[0]; c.Name != "hand_raise" || c.Before.Due != 2 || c.After.Due != 2 {
		t.Errorf("hand_raise: %+v %+v", c.Before, c.After)
	}
	// Before: Initech and Hooli were in nurture, Umbrella in none when it bought. After, Initech is in none too.
	if d := cmp.Diff(map[string]string{"sales": "0 of 0 → 0 of 0", "nurture": "0 of 2 → 0 of 1", "none": "1 of 1 → 1 of 2"}, said(got.Bands, rate)); d != "" {
		t.Errorf("bands (-want +got):\n%s", d)
	}
	rules := said(got.Rules, rate)
	for rule, want := range map[string]string{
		"Pricing page viewed": "1 of 2 → 1 of 2", // Initech, and Umbrella before it bought
		"Demo requested":      "0 of 1 → 0 of 1", // Hooli; Umbrella's came after it had bought
		"Webinar attended":    "0 of 1 → 0 of 1",
		"Technical title":     "0 of 0 → 0 of 0",
	} {
		if rules[rule] != want {
			t.Errorf("%s: %s, want %s", rule, rules[rule], want)
		}
	}
	if len(got.Changed) != 1 {
		t.Fatalf("changed: %+v", got.Changed)
	}
	c := got.Changed[0]
	want := []string{"band nurture → none: score 45 → 45, and the bands begin elsewhere", "nurture acts once → never"}
	if c.Account != "account:initech.com" || !slices.Equal(c.What, []string{"band", "play"}) || cmp.Diff(want, c.Why) != "" {
		t.Errorf("%s changes %v: %q", c.Account, c.What, c.Why)
	}
	if len(got.Affected) != 1 || got.Affected[0].Amount.String() != "10,000.00 USD" || got.Affected[0].Deals != 1 {
		t.Errorf("open pipeline: %v", got.Affected)
	}
	if d := rig.Diff(stands, r.Facts()); d != "" {
		t.Errorf("the store was written to:\n%s", d)
	}
}

// made counts by play what the pipeline's own ledger says was handed off, enrolled or observed.
func made(t *testing.T, r *rig.Rig) map[string]int {
	t.Helper()
	out := map[string]int{}
	page, err := r.History.(store.Scanner).Scan(t.Context(), 10_000, "")
	if err != nil || page.Cursor != "" {
		t.Fatal("the ledger is longer than thought", err)
	}
	for _, rec := range page.Records {
		row, ok, err := r.Ledger.Decode(t.Context(), rec)
		if err != nil {
			t.Fatal(err)
		}
		var x routing.Record
		if !ok || row.Type != ledger.Handoff || json.Unmarshal(row.Body, &x) != nil || row.ID != x.Decision {
			continue
		}
		if x.Outcome == routing.Offered || x.Outcome == routing.EnrolledIn || x.Outcome == routing.Observed {
			out[x.Play]++
		}
	}
	return out
}

// What the policy in force is simulated to do is what the pipeline did: the same decisions, the same handoffs.
func TestSimulatesWhatThePipelineDid(t *testing.T) {
	r := history(t)
	p, err := r.Stack.Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, r, p, p, simulate.Options{})
	if len(got.Changed) != 0 || len(got.Affected) != 0 {
		t.Errorf("the same policy changes %v", got.Changed)
	}
	simulated := map[string]int{}
	for _, c := range got.Plays {
		if n := c.Before.Acted + c.Before.Observed; n > 0 {
			simulated[c.Name] = n
		}
	}
	if d := cmp.Diff(made(t, r), simulated); d != "" || len(simulated) < 3 {
		t.Errorf("by play (-made +simulated):\n%s", d)
	}
	// Only what came after counts, though all is folded: the requests and the enrolment are of the first day.
	got = run(t, r, p, p, simulate.Options{Since: rig.Noon.Add(12 * time.Hour)})
	for _, c := range got.Plays {
		if c.Before.Acted != 0 {
			t.Errorf("%s acted %d times on the second day", c.Name, c.Before.Acted)
		}
	}
	// Up to a time: of the first minute there is one webinar.
	if got = run(t, r, p, p, simulate.Options{Until: rig.Noon.Add(30 * time.Second)}); got.Touches != 1 || got.Accounts != 1 {
		t.Errorf("%d touches of %d accounts in the first minute", got.Touches, got.Accounts)
	}
	if got = run(t, r, p, p, simulate.Options{Sample: 2}); got.Sampled != 2 || got.Accounts != 2 {
		t.Errorf("a sample of 2 has %d accounts, %d stand", got.Sampled, got.Accounts)
	}
}

// A policy that keeps other things of touches is folded anew, in memory: the store keeps its own facts.
func TestAnotherFold(t *testing.T) {
	r := history(t)
	before, err := r.Stack.Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	after := other(t, before, "scoring.yaml", "    - rule: Webinar attended\n", "    - {rule: Deal talked about, touch: opportunity_created, within: 90d, at_most: 2, points: 40}\n    - rule: Webinar attended\n")
	got := run(t, r, before, after, simulate.Options{})
	if !got.Refolds || len(got.Changed) == 0 {
		t.Fatalf("refolds %t, changed %v", got.Refolds, got.Changed)
	}
	// 30 + 15 + 40 = 85, which is sales.
	if c := got.Changed[0]; c.Account != "account:initech.com" || c.Why[0] != "band nurture → sales: score 45 → 85 (Deal talked about 0 → 40)" {
		t.Errorf("%s: %q", c.Account, c.Why)
	}
}

// plain is a report as JSON tells it.
func plain(t *testing.T, r *simulate.Report) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A play that came due and was stopped under one policy, and is not due under the other, changes its account.
func TestStoppedPlayIsAChange(t *testing.T) {
	r := history(t)
	shipped, err := r.Stack.Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := other(t, shipped, "plays.yaml", "mode: live\n    outcome: nurture", "mode: hold\n    outcome: nurture")
	got := run(t, r, before, other(t, before, "scoring.yaml", "{name: nurture, from: 40}", "{name: nurture, from: 50}"), simulate.Options{})
	if len(got.Changed) != 1 || got.Counts["play"] != 1 {
		t.Fatalf("changed: %+v, %v", got.Changed, got.Counts)
	}
	c := got.Changed[0]
	if c.Account != "account:initech.com" || c.Before.Stopped["nurture"] != 1 || c.After.Stopped["nurture"] != 0 ||
		!slices.Contains(c.Why, "nurture comes due and is stopped once → never") {
		t.Errorf("%s: %v → %v, %q", c.Account, c.Before.Stopped, c.After.Stopped, c.Why)
	}
}

// The three stand in the interest, interest and decision of the one funnel and of the other, which has another name:
// nobody's stage changes, until being a customer is called expansion.
func TestFunnelsOfOtherNamesAreComparedByRoad(t *testing.T) {
	r := history(t)
	before, err := r.Stack.Policy.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b2b, err := policy.LoadValid(os.DirFS("../policy/b2b"))
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, r, before, b2b, simulate.Options{})
	want := []simulate.FunnelPair{
		{Before: "marketing_automation", After: "demand_waterfall", ByRoad: true, AccountsBefore: 3, AccountsAfter: 3},
		{After: "customer_success", AccountsAfter: 1},
		{After: "analytics"},
	}
	if d := cmp.Diff(want, got.Funnels, cmpopts.IgnoreUnexported(simulate.FunnelPair{})); d != "" || got.Counts["stage"] != 0 {
		t.Errorf("%d change stage; funnels (-want +got):\n%s", got.Counts["stage"], d)
	}
	got = run(t, r, before, other(t, b2b, "funnels.yaml", "- name: CUSTOMER\n        road: decision", "- name: CUSTOMER\n        road: expansion"), simulate.Options{})
	var who []string
	for _, c := range got.Changed {
		if slices.Contains(c.What, "stage") {
			who = append(who, c.Account+" "+c.Why[slices.IndexFunc(c.Why, func(s string) bool { return strings.HasPrefix(s, "marketing_automation → ") })])
		}
	}
	if len(who) != 1 || !strings.HasPrefix(who[0], "account:umbrella.com marketing_automation → demand_waterfall: ACTIVE_CUSTOMER → CUSTOMER, as: ") {
		t.Errorf("who changes stage: %q", who)
	}
}
