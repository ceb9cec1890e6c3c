// Package pipeline holds the promises of the whole pipeline: events go in as tools put them, through the rules of template.yaml
// and all five functions, on a store and a clock of memory. A run is one goroutine's but for what the store and enrichment do at
// once; the race detector therefore sees some of each kind, and the second phase of make test (tests/phase) all.
package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"handoff/events"
	"handoff/infra/local"
	"handoff/infra/prove"
	"handoff/shared/event"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// TestHalfYear plays the bundled journey in order and without faults, looks at the promises that hold at its end, and
// then plays it in other ways that must come to the same.
func TestHalfYear(t *testing.T) {
	phase.Later(t, "TestAnyDelivery plays smaller journeys, with the same faults and more")
	j := rig.HalfYear(t)
	start := time.Now()
	r := rig.Open(t, rig.Config{Start: j.Start(), Dataset: j.Dataset})
	r.Play(j.Events)
	r.AdvanceTo(j.End)
	r.Quiet()
	facts, credits, offered := r.Facts(), r.Credits(), r.Offered()
	t.Logf("%d events in %s: %d accounts, %d decisions, %d handed over, %d conversions credited", len(j.Events), time.Since(start).Round(time.Millisecond),
		len(facts), len(r.Decisions()), len(offered), len(credits))
	if len(facts) < 100 || len(offered) < 20 || len(credits) < 5 {
		t.Error("too little happens in this journey to show anything by it")
	}

	t.Run("nothing is lost", func(t *testing.T) { conserved(t, r, len(j.Events)) })
	t.Run("rebuild equals what stands", func(t *testing.T) {
		if d := rig.Diff(r.Rebuilt(), facts); d != "" {
			t.Errorf("facts folded from the ledger (-) and incrementally (+) differ:\n%s", d)
		}
		rebuilt, err := prove.Rebuild(context.Background(), r.Stack)
		if err != nil {
			t.Fatal(err)
		}
		if rebuilt.Equal != rebuilt.Accounts || rebuilt.Accounts < len(facts) || rebuilt.Waiting > 0 {
			t.Errorf("rebuild says %d of %d accounts are equal, %d wait for a refold, and there are %d: %+v", rebuilt.Equal, rebuilt.Accounts, rebuilt.Waiting, len(facts), rebuilt.Different)
		}
	})
	t.Run("credits sum to revenue", func(t *testing.T) { sums(t, r) })
	t.Run("what is published keeps its schema", func(t *testing.T) {
		schemas := rig.Schemas(t, events.Schemas)
		seen, bad := map[string]int{}, 0
		for _, e := range r.Told() {
			seen[e.DetailType]++
			if err := schemas.Check(e.DetailType, e.Detail); err != nil {
				if bad++; bad < 4 {
					t.Errorf("%s: %v\n%s", e.DetailType, err, e.Detail)
				}
			}
		}
		for _, want := range event.DetailTypes {
			if seen[want] == 0 && want != event.PolicyActivated && want != event.HandoffReassigned { // an operator has these said
				t.Errorf("no %s in the whole journey", want)
			}
		}
		if bad > 0 {
			t.Errorf("%d of %d published details break their schema", bad, len(r.Told()))
		}
		t.Logf("%v", seen)
	})
	evaluations := r.Evaluations(j.End)

	t.Run("shuffled, every third event doubled", func(t *testing.T) {
		t.Parallel()
		const seed = 1
		s := rig.Open(t, rig.Config{Start: j.End, Dataset: j.Dataset, Seed: seed})
		events, contending := rig.Shuffled(s.Contracts, rig.EveryThirdTwice(j.Events), seed)
		s.Batches(events, 500)
		s.Quiet()
		if d := rig.Diff(content(r, facts), content(s, s.Facts())); d != "" {
			t.Errorf("facts:\n%s", d)
		}
		if d := rig.Diff(content(r, evaluations), content(s, s.Evaluations(j.End))); d != "" {
			t.Errorf("evaluations at %s:\n%s", j.End, d)
		}
		if d := rig.Diff(worth(t, credits), worth(t, s.Credits())); d != "" {
			t.Errorf("credits:\n%s", d)
		}
		conserved(t, s, len(events))
		t.Logf("%d deliveries, %d of events that contend for an id and kept their order", len(events), contending)
	})

	t.Run("in order, every third event doubled, with retries and crashes", func(t *testing.T) {
		t.Parallel()
		const seed = 11
		flaky := rig.NewFlaky(seed, 40)
		c := rig.Config{Start: j.Start(), Dataset: j.Dataset, Seed: seed, Faults: local.Faults{Duplicate: 7, Throttle: 9, Lose: 9, LosePublish: 15}}
		flaky.Wire(&c)
		crashes := rig.CrashNow(&c, seed, 4000)
		s := rig.Open(t, c)
		s.Play(rig.EveryThirdTwice(j.Events))
		s.AdvanceTo(j.End)
		s.Quiet()
		t.Logf("%d failed steps, %d of %d crashes survived", flaky.Failures, s.Deaths, *crashes)
		if flaky.Failures < 1000 || s.Deaths == 0 {
			t.Error("too few faults to show anything by it")
		}
		if d := rig.Diff(handoffs(offered), handoffs(s.Offered())); d != "" {
			t.Errorf("handoffs:\n%s", d)
		}
		if d := rig.Diff(facts, s.Facts()); d != "" {
			t.Errorf("facts:\n%s", d)
		}
		if d := rig.Diff(credits, s.Credits()); d != "" {
			t.Errorf("credits:\n%s", d)
		}
	})
}

// TestAnyDelivery plays smaller journeys in the worst way there is: shuffled, doubled by the producer and by the bus,
// delayed, taken out of order, throttled, failing before and after the work, answers and publishes lost, the process
// dying at any point. Facts, evaluations and credits are those of the quiet run in order.
func TestAnyDelivery(t *testing.T) {
	for _, seed := range []uint64{21, 22} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			months, events, failures, deaths := 2, 700, 50, 5
			if phase.Part(t, "a month") {
				months, events, failures, deaths = 1, 250, 10, 1
			}
			j := rig.Generated(t, seed, months, events, 14)
			r := rig.Open(t, rig.Config{Start: j.Start(), Dataset: j.Dataset})
			r.Play(j.Events)
			end := j.End.Add(12 * time.Hour)
			r.AdvanceTo(end)
			r.Quiet()

			flaky := rig.NewFlaky(seed, 30)
			flaky.Wait = true
			c := rig.Config{Start: j.End, Dataset: j.Dataset, Seed: seed, Faults: local.Faults{
				Duplicate: 5, Reorder: 3, Delay: 5, Throttle: 7, Fail: 7, Lose: 7, Publish: 9, LosePublish: 9}}
			flaky.Wire(&c)
			rig.CrashNow(&c, seed, 900)
			s := rig.Open(t, c)
			deliveries, _ := rig.Shuffled(s.Contracts, rig.EveryThirdTwice(j.Events), seed)
			s.Batches(deliveries, 20)
			s.AdvanceTo(end)
			s.Quiet()
			if d := rig.Diff(content(r, r.Facts()), content(s, s.Facts())); d != "" {
				t.Errorf("facts:\n%s", d)
			}
			if d := rig.Diff(content(r, r.Evaluations(end)), content(s, s.Evaluations(end))); d != "" {
				t.Errorf("evaluations:\n%s", d)
			}
			if d := rig.Diff(worth(t, r.Credits()), worth(t, s.Credits())); d != "" {
				t.Errorf("credits:\n%s", d)
			}
			proof, err := prove.Conserve(context.Background(), s.Stack)
			if err != nil {
				t.Fatal(err)
			}
			if proof.Unexplained() > 0 || proof.Events.Total < len(deliveries) { // more where a producer heard nothing and sent again
				t.Errorf("%d events were put: %+v", len(deliveries), proof)
			}
			t.Logf("%d accounts, %d conversions; %d failed steps, the process died %d times", len(r.Facts()), len(r.Credits()), flaky.Failures, s.Deaths)
			if flaky.Failures < failures || s.Deaths < deaths {
				t.Error("too few faults to show anything by it")
			}
		})
	}
}

// conserved says that every event put is accounted for, and so are the touches, decisions and conversions it led to.
func conserved(t *testing.T, r *rig.Rig, put int) *prove.Conservation {
	t.Helper()
	c, err := prove.Conserve(context.Background(), r.Stack)
	if err != nil {
		t.Fatal(err)
	}
	if c.Events.Total != put {
		t.Errorf("%d events were put, conservation counts %d", put, c.Events.Total)
	}
	for _, h := range []struct {
		name string
		hop  prove.Hop
	}{{"events", c.Events}, {"touches", c.Touches}, {"decisions", c.Decisions}, {"conversions", c.Conversions}} {
		sum := 0
		for _, term := range h.hop.Terms {
			sum += term.Count
		}
		if sum != h.hop.Total || h.hop.Of(prove.Unaccounted)+h.hop.Of(prove.InFlight)+h.hop.Of(prove.Dead) > 0 {
			t.Errorf("%s do not add up, or are unaccounted for, in flight or dead at rest: %+v", h.name, h.hop)
		}
	}
	if n := c.Unexplained(); n != 0 {
		t.Errorf("%d things are unexplained: %+v", n, c)
	}
	return c
}

// sums says that the credits of each model and what none deserves make the revenue, per currency, to the cent, and that
// the revenue is what the deals and invoices come to.
func sums(t *testing.T, r *rig.Rig) {
	t.Helper()
	type key struct{ currency, model string }
	revenue, credited := map[string]int64{}, map[key]int64{}
	models := map[string]bool{}
	for id, a := range r.Attributed() {
		revenue[a.Amount.Currency] += a.Amount.Minor
		for model, c := range a.Models {
			models[model] = true
			sum := c.Unattributed
			for _, share := range c.Credits {
				sum += share.Minor
			}
			if sum != a.Amount.Minor {
				t.Errorf("%s: model %s divides %d minor units of %v", id, model, sum, a.Amount)
			}
			credited[key{a.Amount.Currency, model}] += sum
		}
	}
	if len(models) != 8 {
		t.Errorf("%d models credit, want 8: first, last, last-non-direct, linear, time decay, U, W, full path", len(models))
	}
	for currency, want := range revenue {
		for model := range models {
			if got := credited[key{currency, model}]; got != want {
				t.Errorf("%s, model %s: credits and what is unattributed make %d, revenue is %d", currency, model, got, want)
			}
		}
	}
	// The revenue itself, from the deals' own items.
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, d := range r.Sales() {
		kind := "invoice"
		if d.CRM {
			kind = "opportunity"
		}
		if d.Status == "won" && !d.Test && p.Canonical(d.Type, kind) {
			want[d.Amount.Currency] += d.Amount.Minor
		}
	}
	for currency, minor := range want {
		if revenue[currency] != minor {
			t.Errorf("%s: %d minor units were credited, the deals make %d", currency, revenue[currency], minor)
		}
	}
}

// content leaves out accounts of which nothing is known but what enrichment answered: whether it was asked about a company
// that somebody seemed to belong to for a while depends on the order in which that was heard.
func content[V any](r *rig.Rig, of map[string]V) map[string]V {
	said := map[string]bool{}
	reader := r.Graph.Reader()
	for x := range r.Touches() {
		if x.Source == "enrich" {
			continue
		}
		if p, err := reader.At(context.Background(), x.Subject, x.Time.UnixMilli()); err == nil {
			said[p.Root] = true
		}
	}
	out := map[string]V{}
	for id, v := range of {
		if said[id] {
			out[id] = v
		}
	}
	return out
}

// worth leaves out conversions that come to nothing: a deal that seemed to count before its type was heard of leaves
// credits of nothing behind, where in another order it was never told at all.
func worth(t *testing.T, credits map[string]string) map[string]string {
	out := map[string]string{}
	for id, text := range credits {
		var a event.Attributed
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		if a.Amount.Minor != 0 {
			out[id] = text
		}
	}
	return out
}

// handoffs are comparable by Diff, and each decision may have led to one only.
func handoffs(of map[string]rig.Handoff) map[string]string {
	out := map[string]string{}
	for id, h := range of {
		if have, ok := out[h.Decision]; ok {
			out[h.Decision] = have + " and a second one, " + id
			continue
		}
		out[h.Decision] = h.Kind + " " + h.ID + " " + h.Account + " " + h.Play + " " + h.Team + " " + h.Owner
	}
	return out
}
