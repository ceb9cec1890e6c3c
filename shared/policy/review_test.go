package policy_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// timed is a policy in which everything that time can change is used, with windows short enough to walk through hour
// by hour.
func timed(t failer) *policy.Policy {
	const play = `
  - {name: %s, funnel: f, mode: observe, outcome: handoff, team: sales, act_within: 2d, sla: 4h, when: %s}`
	plays := "plays:"
	for _, w := range [][2]string{
		{"silence", "{no_touch_for: 3d}"},
		{"aged", "{reached: won, older_than: 2d, within: 4d}"},
		{"renewal", "{field: renewal_date, due_within: 6d, but_not_within: 2d}"},
		{"today", "{field: renewal_date, due_within: 1d}"},
		{"falling", "{usage_fell_by: 50, over: 3d, at_least: 2}"},
		{"active", "{active_days: 2, over: 4d}"},
		{"windowed", "{all: [{touch: invite_sent, at_least: 2, within: 36h}, {not: {touch: demo_requested, within: 1d}}]}"},
		{"masked", "{all: [{active_days: 1, over: 2d}, {reached: canceled, within: 1d}]}"},
		{"banded", "{band: high}"},
		{"staged", "{any: [{stage: C}, {pql: any}, {quadrant: high/high}]}"},
		{"signalled", "{signal: busy}"},
		{"late", "{stage_overdue: true}"},
	} {
		plays += fmt.Sprintf(play, w[0], w[1])
	}
	plays += `
  - {name: other, funnel: g, mode: observe, outcome: handoff, team: sales, act_within: 2d, sla: 4h, when: {any: [{stage: Z, funnel: g}, {stage_overdue: true, funnel: g}]}}`
	return with(t, "plays.yaml", "", plays, "scoring.yaml", "", `
signals: [{name: busy, when: {touch: demo_requested, at_least: 2, within: 40h}}]
fit:
  high: 5
  rules: [{rule: big, field: employees, more_than: 50, points: 10}]
interest:
  high: 12
  at_most: 60
  rules:
    - {rule: halves, touch: pricing_viewed, at_most: 3, points: 20, half_life: 30h}
    - {rule: fades, touch: webinar_attended, at_most: 2, within: 3d, points: 15, fades_over: 4d}
    - {rule: counted, touch: invite_sent, at_most: 3, within: 2d, points: 7}
    - {rule: penalty, touch: email_bounced, within: 2d, points: -12}
    - {rule: quiet, no_touch_for: 2d, points: -5}
bands: [{name: high, from: 30}, {name: middle, from: 10}, {name: low, from: 0}]
playbooks:
  - {name: two, when: {touch: activated, at_least: 2, within: 2d}}
  - name: scored
    when: {not: {touch: email_bounced, within: 30h}}
    from: 30
    at_most: 50
    fit: {rules: [{rule: big, field: employees, more_than: 50, points: 10}]}
    usage: {at_most: 25, rules: [{rule: active, touch: activated, at_most: 3, within: 3d, points: 10, half_life: 20h}, {rule: busy, signal: busy, points: 8}]}
    intent: {rules: [{rule: seats, touch: invite_sent, at_most: 2, points: 12, fades_over: 2d}]}
`, "funnels.yaml", "", `
milestones: {won: {touch: opportunity_won}, canceled: {touch: subscription_canceled}}
activity: [pricing_viewed, webinar_attended, invite_sent, demo_requested]
usage: [signed_in, activated]
customer: {all: [{reached: won}, {not: {reached: canceled, later_than: won}}]}
motions: [{name: recent, when: {touch: signed_in, within: 1d}}]
funnels:
  - name: f
    active: true
    stages:
      - {name: A, road: awareness, owner: marketing}
      - {name: B, road: interest, owner: marketing, sla: 31h, when: {score_at_least: 17}}
      - {name: C, road: decision, owner: sales, when: {all: [{customer: true}, {reached: won, within: 5d}]}}
    moves: [{reason: gone quiet, from: [B], to: A, when: {no_touch_for: 1d}}]
  - name: g
    active: true
    for: {any: [{motion: recent}, {pql: scored}, {touch: invite_sent, within: 4d}]}
    stages:
      - {name: X, road: awareness, owner: marketing, sla: 3d}
      - {name: Y, road: interest, owner: marketing, sla: 20h, gate: {not: {touch: webinar_attended, within: 1d}}, when: {any: [{signal: busy}, {touch: invite_sent, within: 2d}]}}
      - {name: Z, road: decision, owner: sales, gate: {fit_at_least: 10}, when: {touch: demo_requested, within: 3d}}
`)
}

var timedKinds = []string{
	touch.PricingViewed, touch.WebinarAttended, touch.EmailBounced, touch.Activated, touch.InviteSent, touch.DemoRequested,
	touch.SignedIn, touch.OpportunityWon, touch.SubscriptionCanceled,
}

// drawTouches draws touches of the days around the evaluation, to the millisecond, some ahead of the hour; of few kinds,
// so that what one of them brings about is not hidden by another.
func drawTouches(t *rapid.T) []touch.Touch {
	var out []touch.Touch
	kinds := rapid.Permutation(timedKinds).Draw(t, "kinds")[:rapid.IntRange(1, 3).Draw(t, "how many kinds")]
	for i := range rapid.IntRange(0, 14).Draw(t, "touches") {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		ms := rapid.Int64Range(0, (10*24+1)*3600*1000).Draw(t, "ms")
		if rapid.Bool().Draw(t, "whole hour") {
			ms -= ms % 3_600_000
		}
		h := happened(kind, at(0, 0).Add(time.Duration(ms)*time.Millisecond))
		h.ID = touch.NewID("test", kind, fmt.Sprint(i), 0)
		out = append(out, h)
	}
	if rapid.Bool().Draw(t, "known") {
		renewal := at(rapid.IntRange(5, 20).Draw(t, "renewal"), 0).Format(time.DateOnly)
		out = append(out, company(at(0, 0), "employees", "60", "renewal_date", renewal))
	}
	return out
}

// decides is what ReviewAt promises to look for.
func decides(e event.Evaluation) string {
	var signals, late []string
	for _, s := range e.Signals {
		signals = append(signals, s.Name)
	}
	for _, s := range e.Standings {
		if s.Overdue {
			late = append(late, s.Funnel)
		}
	}
	b, err := json.Marshal([]any{e.Band, e.Quadrant, e.Motion, e.Stages, e.PQL, e.Plays, signals, late})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestReviewAtAgreesWithEveryHour(t *testing.T) {
	p := timed(t)
	reviews := 0
	rapid.Check(t, func(t *rapid.T) {
		touches := drawTouches(t)
		v := view(p, at(rapid.IntRange(10, 15).Draw(t, "as of"), 0), touches...)
		now := decides(p.Evaluate(v))
		got := p.ReviewAt(v)
		const horizon = 25 * 24 // hours; after that every window has closed and every date is past
		for h := 1; h <= horizon; h++ {
			later := *v
			later.AsOf = v.AsOf.Add(time.Duration(h) * time.Hour)
			then := decides(p.Evaluate(&later))
			if then == now {
				if got.Equal(later.AsOf) {
					t.Fatalf("ReviewAt says %s, but nothing differs then", got)
				}
				continue
			}
			if !got.Equal(later.AsOf) {
				t.Fatalf("ReviewAt says %s; at %s this differs first:\n%s\n%s", got, later.AsOf, now, then)
			}
			reviews++
			return
		}
		if !got.IsZero() {
			t.Fatalf("ReviewAt says %s, but nothing differs for %d hours", got, horizon)
		}
	})
	if reviews == 0 {
		t.Error("no case ever needed a review: the property says nothing")
	}
}

// Any order of the touches, any order of the maps, and each touch twice, make one evaluation, whose points sum to its
// score and whose outcome is the cheap one's.
func TestEvaluateIsAFunctionOfTheTouches(t *testing.T) {
	p := timed(t)
	rapid.Check(t, func(t *rapid.T) {
		touches := drawTouches(t)
		asOf := at(10, rapid.IntRange(0, 200).Draw(t, "hours"))
		v := view(p, asOf, touches...)
		e := p.Evaluate(v)
		shuffled := append(rapid.Permutation(touches).Draw(t, "order"), touches...)
		again := view(p, asOf, shuffled...)
		rebuilt := account.Facts{}
		rebuilt.Join(again.Facts, p.Keep)
		again.Facts = &rebuilt
		a, _ := json.Marshal(e)
		b, _ := json.Marshal(p.Evaluate(again))
		if string(a) != string(b) {
			t.Fatalf("in order  %s\nshuffled %s", a, b)
		}
		sum := 0
		for _, r := range e.Rules {
			sum += r.Points
		}
		if sum != e.Score {
			t.Fatalf("contributions sum to %d, the score is %d: %+v", sum, e.Score, e.Rules)
		}
		for _, b := range e.Playbooks {
			sum := 0
			for _, r := range b.Rules {
				sum += r.Points
			}
			if sum != b.Score || b.Holds && b.Score < b.From || b.Holds != e.PQL[b.Name] {
				t.Fatalf("the playbook's contributions sum to %d: %+v", sum, b)
			}
		}
		o := p.Outcome(v)
		if o.Score != e.Score || o.Band != e.Band || o.Quadrant != e.Quadrant || o.Motion != e.Motion || o.Stages["f"] != e.Stages["f"] || len(o.Plays) != len(e.Plays) {
			t.Fatalf("outcome %+v is not that of the evaluation %+v", o, e)
		}
		for _, h := range o.Plays {
			c, ok := p.Why(v, h.Play)
			if !ok || c.Newest != h.Newest {
				t.Fatalf("play %s holds since %+v; Why says %+v, %t", h.Play, h.Newest, c.Newest, ok)
			}
		}
	})
}

func TestReviewAtOfNothingIsNever(t *testing.T) {
	p := shipped(t)
	if got := p.ReviewAt(view(p, at(0, 0))); !got.IsZero() {
		t.Errorf("ReviewAt of an empty account is %s, want never", got)
	}
}

// A customer who used the product on the twelve days 0 to 11 and never again. By hand: at day 22 it was used on 4 of the
// last 14 days against 8 before, so usage has fallen by half; at day 29 day 0 leaves the last 28, so the power user is
// one no more; at day 37 only the days 9 to 11 are among the 14 before, less than usage_falling wants.
func TestReviewAtOfActiveDays(t *testing.T) {
	p := shipped(t)
	ts := []touch.Touch{happened(touch.SubscriptionStarted, at(0, 1)), happened(touch.OnboardingCompleted, at(3, 1))}
	for d := range 12 {
		ts = append(ts, happened(touch.SignedIn, at(d, 5)))
	}
	for _, c := range []struct{ asOf, want int }{{13, 22}, {22, 29}, {28, 29}, {29, 37}} {
		if got := p.ReviewAt(view(p, at(c.asOf, 0), ts...)); !got.Equal(at(c.want, 0)) {
			t.Errorf("as of day %d: review at %s, want %s", c.asOf, got, at(c.want, 0))
		}
	}
	if got := p.ReviewAt(view(p, at(37, 0), ts...)); !got.IsZero() {
		t.Errorf("after all of it: review at %s, want never", got)
	}
}
