package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"handoff/functions/route"
	"handoff/infra/reassign"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/touch"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// raised are requests of some companies, which the default policy offers to sales.
func raised(r *rig.Rig, n int) {
	for i := range n {
		r.Send(rig.Say(fmt.Sprint("d", i), touch.DemoRequested, fmt.Sprintf("email:ann@company%d.example", i), r.Now()))
	}
}

// counters are the open handoffs by owner as teams count them, and as the handoffs themselves say, with their deadlines.
func counters(t *testing.T, r *rig.Rig) (counted, held map[string]int, due map[string]time.Time) {
	t.Helper()
	counted, held, due = map[string]int{}, map[string]int{}, map[string]time.Time{}
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Teams.Teams {
		name := p.Teams.Teams[i].Name
		recs, err := r.Accounts.GetMany(context.Background(), []store.Key{routing.TeamKey(name)})
		if err != nil {
			t.Fatal(err)
		}
		state, err := routing.DecodeTeam(name, recs[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		for owner, n := range state.Open {
			counted[name+" "+owner] += n
		}
	}
	for w, err := range route.Open(context.Background(), r.Accounts) {
		if err != nil {
			t.Fatal(err)
		}
		held[w.Team+" "+w.Owner]++
		due[w.ID] = w.DueAt
	}
	return counted, held, due
}

// busiest is who has the most.
func busiest(held map[string]int) (rep string) {
	most := 0
	for k, n := range held {
		if _, owner, _ := strings.Cut(k, " "); n > most || n == most && owner < rep {
			rep, most = owner, n
		}
	}
	return rep
}

func TestReassignKeepsDeadlinesAndCounters(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	raised(r, 9)
	_, held, due := counters(t, r)
	from := busiest(held)
	ask := reassign.Ask{From: from, By: "rita", Why: "on leave"}
	look, err := reassign.Look(context.Background(), r.Stack, ask)
	if err != nil || len(look.Moves) < 2 {
		t.Fatalf("%+v %v: want some of %v", look, err, held)
	}
	if _, still, _ := counters(t, r); fmt.Sprint(still) != fmt.Sprint(held) {
		t.Error("looking changed who has what")
	}
	r.Advance(time.Minute)
	did, err := reassign.Do(context.Background(), r.Stack, ask)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range did.Moves {
		if m.Owner == from || m.Owner != look.Moves[i].To {
			t.Errorf("%s went to %s; shown was %s", m.Handoff, m.Owner, look.Moves[i].To)
		}
	}
	counted, now, kept := counters(t, r)
	if fmt.Sprint(counted) != fmt.Sprint(now) {
		t.Errorf("teams count %v, and open are %v", counted, now)
	}
	if fmt.Sprint(kept) != fmt.Sprint(due) {
		t.Errorf("deadlines were %v and are %v", due, kept)
	}
	told := r.Told(event.HandoffReassigned)
	if len(told) != len(did.Moves) {
		t.Errorf("%d events tell of %d moves", len(told), len(did.Moves))
	}
	for _, e := range told {
		var d event.HandoffDetail
		if err := json.Unmarshal(e.Detail, &d); err != nil || d.To != from || d.Owner == from || !strings.HasSuffix(d.Reason, "deadline kept: on leave.") {
			t.Errorf("told: %s %v", e.Detail, err)
		}
	}
	steps := 0
	for _, rec := range r.Records() {
		if rec.Outcome == routing.Reassigned && rec.Choice != nil && rec.Choice.Rejected[0].Who == from {
			steps++
		}
	}
	if steps != len(did.Moves) {
		t.Errorf("%d steps in the history for %d moves", steps, len(did.Moves))
	}
	if again, err := reassign.Do(context.Background(), r.Stack, ask); err != nil || len(again.Moves) != 0 {
		t.Errorf("a second time: %+v %v", again, err)
	}
	whole(t, r)
}

func TestReassignToOneNamed(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	raised(r, 3)
	_, held, _ := counters(t, r)
	from := busiest(held)
	if _, err := reassign.Look(context.Background(), r.Stack, reassign.Ask{From: from, To: "nobody@vendor.example"}); err == nil || !strings.Contains(err.Error(), "is in no team") {
		t.Errorf("an unknown successor: %v", err)
	}
	if _, err := reassign.Look(context.Background(), r.Stack, reassign.Ask{From: "stranger@vendor.example"}); err == nil || !strings.Contains(err.Error(), from) {
		t.Errorf("an unknown rep: %v", err)
	}
	to := ""
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Teams.Teams {
		for _, m := range p.Teams.Teams[i].Members {
			if held[p.Teams.Teams[i].Name+" "+from] > 0 && m.Email != from {
				to = m.Email
			}
		}
	}
	did, err := reassign.Do(context.Background(), r.Stack, reassign.Ask{From: from, To: to, By: "rita"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range did.Moves {
		if m.Owner != to {
			t.Errorf("%s went to %s, want %s", m.Handoff, m.Owner, to)
		}
	}
	if counted, now, _ := counters(t, r); fmt.Sprint(counted) != fmt.Sprint(now) || len(did.Moves) == 0 {
		t.Errorf("teams count %v, and open are %v", counted, now)
	}
}

// Whatever the process dies at, every handoff has one owner, is told, and is counted once.
func TestReassignAtEveryCrash(t *testing.T) {
	play := func(fuse *storetest.Fuse) (r *rig.Rig, from string, begun, done int) {
		r = rig.Open(t, rig.Config{Fuse: fuse})
		raised(r, 4)
		_, held, _ := counters(t, r)
		from = busiest(held)
		p, err := reassign.Look(context.Background(), r.Stack, reassign.Ask{From: from})
		if err != nil {
			t.Fatal(err)
		}
		var ask []event.Envelope
		for _, m := range p.Moves {
			body, err := json.Marshal(event.Reassignment{ID: m.Handoff, At: r.Now().Format(time.RFC3339Nano), Account: m.Account, Handoff: m.Handoff, From: from, By: "rita"})
			if err != nil {
				t.Fatal(err)
			}
			ask = append(ask, rig.Raw(event.Operator, event.ReassignmentWanted, string(body), r.Now()))
		}
		begun = fuse.Steps()
		r.Send(ask...)
		done = fuse.Steps()
		r.Advance(15 * time.Minute)
		r.Quiet()
		return r, from, begun, done
	}
	want, from, begun, done := play(storetest.NewFuse(0, storetest.NotStored))
	_, held, _ := counters(t, want)
	if done-begun < 6 {
		t.Fatalf("reassigning took %d steps", done-begun)
	}
	part := phase.Part(t, "every seventh death")
	for step := begun + 1; step <= done; step++ {
		for i, mode := range storetest.Modes {
			if part && (step*len(storetest.Modes)+i)%7 != 0 {
				continue
			}
			fuse := storetest.NewFuse(step, mode)
			r, _, _, _ := play(fuse)
			if !fuse.Blown() {
				t.Fatalf("step %d was not reached", step)
			}
			counted, now, _ := counters(t, r)
			if fmt.Sprint(counted) != fmt.Sprint(now) || fmt.Sprint(now) != fmt.Sprint(held) {
				t.Errorf("died at step %d, %v: teams count %v, open are %v, want %v", step, mode, counted, now, held)
			}
			told := map[string]bool{}
			for _, e := range r.Told(event.HandoffReassigned) {
				var d event.HandoffDetail
				if err := json.Unmarshal(e.Detail, &d); err != nil || d.To != from {
					t.Errorf("told %s %v", e.Detail, err)
				}
				told[d.ID] = true
			}
			if len(told) == 0 {
				t.Errorf("died at step %d, %v: nobody was told", step, mode)
			}
			r.Close()
		}
	}
}
