package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/infra/prove"
	"handoff/infra/unmerge"
	"handoff/shared/event"
	"handoff/shared/storetest"
	"handoff/shared/touch"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

const initech = "account:initech.example"

// mistaken is a buyer at Initech, a deal won there, and a consultant, Kim, whom a shared link ties to Initech: the event
// that does so is said with the link or, for comparison, without it.
func mistaken(link bool) []event.Envelope {
	at := func(minutes int) time.Time { return rig.Noon.Add(time.Duration(minutes) * time.Minute) }
	joins := rig.With{}
	if link {
		joins = rig.Links(initech)
	}
	return []event.Envelope{
		rig.Say("i1", touch.PricingViewed, "email:ann@initech.example", at(0), rig.With{"channel": "email"}),
		rig.Say("k1", touch.PageViewed, "anon:web/kim", at(1), rig.With{"channel": "paid_search"}),
		rig.Say("k2", touch.Identified, "user:kim", at(2), rig.Links("anon:web/kim")),
		rig.Say("k3", touch.AccountIdentified, "user:kim", at(3), joins),
		rig.Say("k4", touch.WebinarAttended, "user:kim", at(4), rig.With{"channel": "events"}),
		rig.Say("k5", touch.PricingViewed, "user:kim", at(5), rig.With{"channel": "direct"}),
		rig.Say("k6", touch.DemoRequested, "user:kim", at(6), rig.With{"channel": "direct"}),
		rig.Say("o1", touch.OpportunityCreated, "opportunity:crm/1", at(10), rig.Links(initech), rig.Deal("crm/1", "open", 900000)),
		rig.Say("o2", touch.OpportunityWon, "opportunity:crm/1", at(60), rig.Deal("crm/1", "won", 0)),
	}
}

func parted(t *testing.T, r *rig.Rig, ask unmerge.Ask) *unmerge.Plan {
	t.Helper()
	p, err := unmerge.Do(context.Background(), r.Stack, ask)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wrong is the link to undo.
var wrong = unmerge.Ask{Who: "user:kim", From: "initech.example", By: "rita", Why: "she is a consultant"}

// Undoing a link leaves facts, evaluations and credits as if it had never been said, however and whenever it is said again.
func TestUnmergeUndoesMerge(t *testing.T) {
	never := rig.Open(t, rig.Config{Dataset: known})
	never.Play(mistaken(false))
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play(mistaken(true))
	if rig.Diff(never.Facts(), r.Facts()) == "" {
		t.Fatal("the link changes nothing: undoing it shows nothing")
	}
	p := parted(t, r, wrong)
	if want := []unmerge.Pair{{Subject: "user:kim", Target: initech}}; !slices.Equal(p.Pairs, want) || !p.Settled {
		t.Errorf("undone: %v (settled: %v), want %v", p.Pairs, p.Settled, want)
	}
	if len(p.Handoffs) != 1 || p.Handoffs[0].Play != "hand_raise" || !p.Handoffs[0].Open || p.Handoffs[0].Account != initech || p.Handoffs[0].Owner == "" {
		t.Errorf("handoffs that rested on it: %+v; want the open hand-raise, at Initech, with its owner", p.Handoffs)
	}
	// The tool goes on saying what it said.
	again := []event.Envelope{
		rig.Say("k7", touch.PageViewed, "user:kim", rig.Noon.Add(70*time.Minute)),
		rig.Say("k8", touch.Identified, "user:kim", rig.Noon.Add(71*time.Minute), rig.Links("anon:web/kim")),
	}
	never.Play(again)
	again[1] = rig.Say("k8", touch.Identified, "user:kim", rig.Noon.Add(71*time.Minute), rig.Links("anon:web/kim", initech))
	r.Play(again)
	end := rig.Noon.Add(80 * time.Hour)
	for _, one := range []*rig.Rig{never, r} {
		one.AdvanceTo(end)
		one.Quiet()
	}
	for what, d := range map[string]string{
		"facts": rig.Diff(never.Facts(), r.Facts()), "facts folded again": rig.Diff(r.Rebuilt(), r.Facts()),
		"evaluations": rig.Diff(never.Evaluations(end), r.Evaluations(end)), "credits": rig.Diff(never.Credits(), r.Credits()),
	} {
		if d != "" {
			t.Errorf("%s differ: -never linked +linked and undone\n%s", what, d)
		}
	}
	if len(r.Credits()) == 0 {
		t.Error("no deal was credited: nothing was settled again")
	}
	whole(t, r)
	// Kim asked for a demo once, and is handed over once: by whom she was mistaken for, or by herself, not by both.
	raised := 0
	for _, rec := range r.Records() {
		if rec.Play == "hand_raise" && rec.Outcome == "offered" {
			raised++
		}
	}
	if raised != 1 {
		t.Errorf("the one request for a demo was offered %d times", raised)
	}
	if p := parted(t, r, wrong); len(p.Pairs) != 0 || p.Done == "" {
		t.Errorf("undoing it a second time did %+v; want nothing", p)
	}
}

// whole proves that nothing is lost.
func whole(t *testing.T, r *rig.Rig) {
	t.Helper()
	c, err := prove.Conserve(context.Background(), r.Stack)
	if err != nil {
		t.Fatal(err)
	}
	if c.Unexplained() != 0 {
		t.Errorf("%d things are unaccounted for: %+v %+v", c.Unexplained(), c.Events.Lost, c.Touches.Lost)
	}
	again, err := prove.Rebuild(context.Background(), r.Stack)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Different)+again.Waiting > 0 {
		t.Errorf("folded again, %d accounts wait and these differ: %+v", again.Waiting, again.Different)
	}
}

// An operator who links the two again has what tools say count again.
func TestMergeAfterUnmerge(t *testing.T) {
	linked := rig.Open(t, rig.Config{Dataset: known})
	linked.Play(mistaken(true))
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play(mistaken(true))
	parted(t, r, wrong)
	r.Advance(time.Hour)
	back := wrong
	back.Link = true
	parted(t, r, back)
	end := rig.Noon.Add(80 * time.Hour)
	for _, one := range []*rig.Rig{linked, r} {
		one.AdvanceTo(end)
		one.Quiet()
	}
	for what, d := range map[string]string{
		"facts":       rig.Diff(linked.Facts(), r.Facts()),
		"evaluations": rig.Diff(linked.Evaluations(end), r.Evaluations(end)), "credits": rig.Diff(linked.Credits(), r.Credits()),
	} {
		if d != "" {
			t.Errorf("%s differ: -linked +undone and linked again\n%s", what, d)
		}
	}
	whole(t, r)
}

// What a company's domain implies can be undone too, from a day on.
func TestUnmergeOfAnImpliedAccount(t *testing.T) {
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play([]event.Envelope{
		rig.Say("a1", touch.PricingViewed, "email:temp@initech.example", rig.Noon),
		rig.Say("a2", touch.PricingViewed, "email:temp@initech.example", rig.Noon.Add(48*time.Hour)),
	})
	p := parted(t, r, unmerge.Ask{Who: "temp@initech.example", From: initech, At: rig.Noon.Add(24 * time.Hour), By: "rita"})
	r.Drain()
	if len(p.Moves) != 1 || p.Moves[0] != (unmerge.Move{Subject: "email:temp@initech.example", From: initech, To: "email:temp@initech.example", Touches: 1}) {
		t.Errorf("moved: %+v", p.Moves)
	}
	facts := r.Facts()
	if facts[initech] == "" || facts["email:temp@initech.example"] == "" {
		t.Errorf("the day before belongs to the account and the day after to the person: %q", slices.Collect(func(yield func(string) bool) {
			for id := range facts {
				if !yield(id) {
					return
				}
			}
		}))
	}
	whole(t, r)
}

// A device leads to an account by its person: which link is meant is asked, not guessed.
func TestUnmergeAsksWhichLink(t *testing.T) {
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play(mistaken(true))
	_, err := unmerge.Look(context.Background(), r.Stack, unmerge.Ask{Who: "anon:web/kim", From: initech})
	if err == nil || !strings.Contains(err.Error(), "unmerge anon:web/kim --from user:kim") {
		t.Errorf("error %v, want one that names both ways", err)
	}
	p := parted(t, r, unmerge.Ask{Who: "anon:web/kim", From: "user:kim", By: "rita"})
	if len(p.Moves) != 1 || p.Moves[0].To != "anon:web/kim" || p.Moves[0].Touches != 1 {
		t.Errorf("moved: %+v; want the device's one touch to itself", p.Moves)
	}
	whole(t, r)
}

// Whatever write or publish the process dies at, undoing ends the same.
func TestUnmergeAtEveryCrash(t *testing.T) {
	end := rig.Noon.Add(6 * time.Hour)
	play := func(fuse *storetest.Fuse) (r *rig.Rig, from, to int) {
		r = rig.Open(t, rig.Config{Dataset: known, Fuse: fuse})
		r.Play(mistaken(true))
		from = fuse.Steps()
		r.Send(rig.Raw(event.Operator, event.SubjectsUnlinked, fmt.Sprintf(`{"id":"op1","at":%q,"subject":"user:kim","target":%q,"by":"rita"}`,
			r.Now().Format(time.RFC3339Nano), initech), r.Now()))
		r.Drain()
		to = fuse.Steps()
		r.AdvanceTo(end)
		r.Quiet()
		return r, from, to
	}
	want, from, to := play(storetest.NewFuse(0, storetest.NotStored))
	if to-from < 8 {
		t.Fatalf("undoing took %d writes and publishes: too few to be a refold with credits", to-from)
	}
	part := phase.Part(t, "every 13th death")
	for step := from + 1; step <= to; step++ {
		for i, mode := range storetest.Modes {
			if part && (step*len(storetest.Modes)+i)%13 != 0 {
				continue
			}
			fuse := storetest.NewFuse(step, mode)
			r, _, _ := play(fuse)
			if !fuse.Blown() {
				t.Fatalf("step %d was not reached", step)
			}
			for what, d := range map[string]string{
				"facts": rig.Diff(want.Facts(), r.Facts()), "evaluations": rig.Diff(want.Evaluations(end), r.Evaluations(end)),
				"credits": rig.Diff(want.Credits(), r.Credits()), "facts folded again": rig.Diff(r.Rebuilt(), r.Facts()),
			} {
				if d != "" {
					t.Errorf("died at step %d of %d to %d, %v: %s differ: -want +got\n%s", step, from+1, to, mode, what, d)
				}
			}
			if got := len(r.Offered()); got != len(want.Offered()) {
				t.Errorf("died at step %d, %v: %d handoffs, want %d", step, mode, got, len(want.Offered()))
			}
			r.Close()
		}
	}
}
