package stories

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/infra/unmerge"
	"handoff/shared/event"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// A wrong link, to a company or to somebody else, wherever it comes in whatever journey and however often it is said, is undone without a trace: facts and
// evaluations are those of the same journey without it.
func TestUnmergeUndoesAnyMerge(t *testing.T) {
	outer, moved := t, 0
	rig.Check(t, checks, func(t *rapid.T) {
		mistake := rapid.SampledFrom([]struct{ who, whom, from string }{
			{"user:kim", "account:initech.example", "initech.example"},
			{"email:kim@gmail.com", "account:initech.example", "initech.example"},
			{"anon:web/kim", "account:initech.example", "initech.example"},
			{"anon:web/kim", "user:ann", "user:ann"},
			{"user:kim", "email:ann@initech.example", "email:ann@initech.example"},
		}).Draw(t, "mistake")
		with, without := drawJourney(t, mistake.who, mistake.whom)
		dataset := companies{"initech.example": {"industry": "SaaS", "employees": "250"}}
		merged := rig.Open(within{outer, t}, rig.Config{Dataset: dataset})
		defer merged.Close()
		never := rig.Open(within{outer, t}, rig.Config{Dataset: dataset})
		defer never.Close()
		merged.Play(with)
		never.Play(without)
		if rig.Diff(never.Facts(), merged.Facts()) != "" {
			moved++
		}
		plan, err := unmerge.Do(context.Background(), merged.Stack, unmerge.Ask{Who: mistake.who, From: mistake.from, By: "operator", Why: "wrong"})
		if err != nil || !plan.Settled {
			t.Fatalf("unmerge %s from %s: %+v, %v", mistake.who, mistake.from, plan, err)
		}
		end := rig.Noon.Add(48 * time.Hour)
		for _, r := range []*rig.Rig{merged, never} {
			r.AdvanceTo(end)
			r.Quiet()
		}
		if d := rig.Diff(never.Facts(), merged.Facts()); d != "" {
			t.Fatalf("facts -never linked +linked and undone: %s", d)
		}
		if d := rig.Diff(never.Evaluations(end), merged.Evaluations(end)); d != "" {
			t.Fatalf("evaluations -never linked +linked and undone: %s", d)
		}
		if d := rig.Diff(merged.Rebuilt(), merged.Facts()); d != "" {
			t.Fatalf("rebuilt and incremental facts: %s", d)
		}
	})
	if moved == 0 {
		t.Error("no link moved anything: undoing them shows nothing")
	}
}

// drawJourney draws what two people do, each by several ids that belong together; with a link between them that is wrong,
// and without it.
func drawJourney(t *rapid.T, who, whom string) (with, without []event.Envelope) {
	people := [][]string{{"anon:web/kim", "user:kim", "email:kim@gmail.com"}, {"anon:web/ann", "user:ann", "email:ann@initech.example"}}
	kinds := []string{touch.PricingViewed, touch.WebinarAttended, touch.Activated, touch.Identified, touch.DemoRequested}
	say := func(kind, subject string, more ...rig.With) event.Envelope {
		n := len(with)
		return rig.Say(fmt.Sprint("e", n), kind, subject, rig.Noon.Add(time.Duration(n)*7*time.Minute), more...)
	}
	both := func(e event.Envelope) { with, without = append(with, e), append(without, e) }
	both(say(touch.Identified, "email:ann@initech.example"))
	said := 0
	for i := range rapid.IntRange(3, 10).Draw(t, "events") {
		ids := rapid.SampledFrom(people).Draw(t, fmt.Sprint("who ", i))
		at := rapid.IntRange(0, 2).Draw(t, fmt.Sprint("by ", i))
		switch rapid.IntRange(0, 4).Draw(t, fmt.Sprint("what ", i)) {
		case 0:
			said++
			linked, plain := say(touch.AccountIdentified, who, rig.Links(whom)), say(touch.AccountIdentified, who)
			with, without = append(with, linked), append(without, plain)
		case 1:
			both(say(touch.Identified, ids[at], rig.Links(ids[2])))
		default:
			both(say(rapid.SampledFrom(kinds).Draw(t, fmt.Sprint("kind ", i)), ids[at]))
		}
	}
	if said == 0 {
		linked, plain := say(touch.AccountIdentified, who, rig.Links(whom)), say(touch.AccountIdentified, who)
		with, without = append(with, linked), append(without, plain)
	}
	return with, without
}
