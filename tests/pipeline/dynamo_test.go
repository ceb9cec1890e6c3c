package pipeline

import (
	"bytes"
	"context"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"handoff/infra/local"
	"handoff/infra/prove"
	"handoff/shared/account"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Main(m)) }

// soon draws the story together: its waits of a day, in which nothing happens but hourly sweeps, shrink to minutes. What
// waits for a deadline of a handoff does so as before. A sweep is 32 requests, and DynamoDB Local is slow.
func soon(hours, minutes int) time.Time {
	m := hours*60 + minutes
	switch {
	case m >= 44*60:
		m = 390 + m - 44*60
	case m >= 20*60:
		m = 270 + (m-20*60)/4
	}
	return rig.Noon.Add(time.Duration(m) * time.Minute)
}

// storyEnd is past the last deadline that the story, told soon, leaves open.
var storyEnd = soon(44, 40).Add(30 * time.Minute)

// stretch is a part of the story, an event and all that it leads to, between two moments at which nothing is under way.
type stretch struct {
	from   time.Time
	before *rig.Dynamo // the tables then
	play   func(*rig.Rig)
	steps  int               // writes and publishes
	after  map[string]string // everything, at its end
}

// TestOnDynamoDB tells the story with its tables in DynamoDB Local: at each moment of rest they, and what was told, are
// byte for byte what they are on the embedded store. Then the process dies at each write and each publish, in every way,
// as in TestCrashTable; and the promises about any delivery hold.
//
// The story is the smallest that has every detail type, a link, a refold, a handoff with its team's answers, a
// conversion with a late touch and a refund; that it has them is checked. A death is told from the moment of rest before
// it, on a copy of the tables, to the next one, where everything must be as it was without: what follows then is the same.
func TestOnDynamoDB(t *testing.T) {
	phase.Later(t, "what shared/dynamo does at once its conformance suite shows")
	db := dynamotest.Shared(t)
	stretches := tellTwice(t, db)
	for _, mode := range storetest.Modes {
		t.Run("crash table, "+mode.String(), func(t *testing.T) {
			t.Parallel()
			crashTable(t, stretches, mode)
		})
	}
	t.Run("any delivery", func(t *testing.T) {
		t.Parallel()
		anyDelivery(t, db)
	})
}

// tellTwice tells the story on both stores side by side and answers its stretches on DynamoDB.
func tellTwice(t *testing.T, db *dynamotest.Local) []stretch {
	began := time.Now()
	seen := &refolds{}
	fuse := storetest.NewFuse(0, storetest.NotStored)
	tables := rig.NewDynamo(t, db)
	here := rig.Open(t, rig.Config{Dataset: known})
	there := rig.Open(t, rig.Config{Dataset: known, Dynamo: tables, Fuse: fuse, Table: func(tb store.Table) store.Table { return watching{tb, seen} }})
	var out []stretch
	told := map[string]bool{}
	play := func(f func(*rig.Rig)) {
		here.Restart() // as the deaths below begin: a schedule's last tick is the process's to remember
		there.Restart()
		s := stretch{from: there.Now(), before: tables.Copy(), play: f, steps: -fuse.Steps()}
		f(here)
		f(there)
		s.steps += fuse.Steps()
		s.after = there.Everything()
		if d := rig.Diff(here.Everything(), s.after); d != "" {
			t.Fatalf("at %s the embedded store (-) and DynamoDB (+) differ:\n%s", there.Now().Format(time.DateTime), d)
		}
		for _, e := range there.Told() {
			told[e.DetailType] = true
		}
		here.Forget()
		there.Forget()
		out = append(out, s)
	}
	for _, e := range storyAt(soon) {
		play(func(r *rig.Rig) { r.At(e) })
	}
	play(func(r *rig.Rig) { r.AdvanceTo(storyEnd) })
	there.Quiet()

	for _, want := range event.DetailTypes {
		if !told[want] && want != event.PolicyActivated && want != event.HandoffReassigned { // an operator has these said
			t.Errorf("the story has no %s", want)
		}
	}
	outcomes := map[string]bool{}
	for _, rec := range there.Records() {
		outcomes[rec.Outcome] = true
	}
	for _, want := range []string{"offered", "accepted", "rejected", "first_outreach", "completed", "enrolled", "reminded", "escalated"} {
		if !outcomes[want] {
			t.Errorf("the story has no handoff that was %s", want)
		}
	}
	if seen.links.Load() == 0 || seen.refolds.Load() == 0 {
		t.Errorf("the story has %d writes of links and %d of refolds, want both", seen.links.Load(), seen.refolds.Load())
	}
	for id, a := range there.Attributed() {
		if a.Amount.String() != "9,000.00 USD" { // 10,000.01 after the edit, less 1,000.01
			t.Errorf("%s is worth %s, want 9,000.00 USD", id, a.Amount)
		}
	}
	conserved(t, there, len(out)-1)
	sums(t, there)
	if d := rig.Diff(there.Rebuilt(), there.Facts()); d != "" {
		t.Errorf("facts folded from the ledger (-) and incrementally (+) differ:\n%s", d)
	}
	rebuilt, err := prove.Rebuild(context.Background(), there.Stack)
	if err != nil || rebuilt.Equal != rebuilt.Accounts || rebuilt.Accounts == 0 || rebuilt.Waiting > 0 {
		t.Errorf("rebuild: %+v, %v; want every account equal", rebuilt, err)
	}
	t.Logf("%d stretches, told on both stores in %s", len(out), time.Since(began).Round(time.Millisecond))
	return out
}

// crashTable lets the process die at every step of every stretch.
func crashTable(t *testing.T, stretches []stretch, mode storetest.Mode) {
	tried, steps := 0, 0
	began := time.Now()
	for i, s := range stretches {
		for at := 1; at <= s.steps; at++ {
			steps++
			tables := s.before.Copy()
			fuse := storetest.NewFuse(at, mode)
			r := rig.Open(t, rig.Config{Start: s.from, Dataset: known, Dynamo: tables, Fuse: fuse})
			s.play(r)
			r.Quiet()
			if !fuse.Blown() || r.Deaths != 1 {
				t.Fatalf("event %d, step %d: blown %v, the process died %d times", i+1, at, fuse.Blown(), r.Deaths)
			}
			if d := rig.Diff(s.after, r.EverythingBeside(s.after)); d != "" {
				t.Errorf("died at step %d of %d of event %d, %s:\n%s", at, s.steps, i+1, mode, d)
			}
			r.Close()
			tables.Drop()
			if tried++; t.Failed() && tried > 3 {
				t.FailNow()
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d deaths", tried)
	}
	t.Logf("%d deaths of %d steps survived in %s", tried, steps, time.Since(began).Round(time.Millisecond))
}

// anyDelivery delivers the story in the worst ways to DynamoDB, and once quietly in order to the embedded store.
func anyDelivery(t *testing.T, db *dynamotest.Local) {
	events := storyAt(soon)
	r := rig.Open(t, rig.Config{Dataset: known})
	r.Play(events)
	r.AdvanceTo(storyEnd)
	r.Quiet()
	end := storyEnd.Add(12 * time.Hour) // a batch that failed comes again after minutes, and so does what it leads to
	offered, facts, credits := handoffs(r.Offered()), r.Facts(), r.Credits()
	r.AdvanceTo(end)
	evaluations := r.Evaluations(end)

	const seed = 31
	flaky := rig.NewFlaky(seed, 12)
	c := rig.Config{Dataset: known, Seed: seed, Faults: local.Faults{Duplicate: 5, Throttle: 9, Lose: 7, LosePublish: 9}, Dynamo: rig.NewDynamo(t, db)}
	flaky.Wire(&c)
	crashes := rig.CrashNow(&c, seed, 60)
	s := rig.Open(t, c)
	s.Play(rig.EveryThirdTwice(events))
	s.AdvanceTo(storyEnd)
	s.Quiet()
	t.Logf("in order: %d failed steps, %d of %d crashes survived", flaky.Failures, s.Deaths, *crashes)
	if flaky.Failures < 20 || s.Deaths == 0 {
		t.Error("too few faults to show anything by it")
	}
	for what, diff := range map[string]string{
		"handoffs": rig.Diff(offered, handoffs(s.Offered())), "facts": rig.Diff(facts, s.Facts()), "credits": rig.Diff(credits, s.Credits()),
	} {
		if diff != "" {
			t.Errorf("in order, doubled, with retries and crashes: %s:\n%s", what, diff)
		}
	}

	flaky = rig.NewFlaky(seed, 20)
	flaky.Wait = true
	c = rig.Config{Start: storyEnd, Dataset: known, Seed: seed, Dynamo: rig.NewDynamo(t, db), Faults: local.Faults{
		Duplicate: 5, Reorder: 3, Delay: 5, Throttle: 7, Fail: 7, Lose: 7, Publish: 9, LosePublish: 9}}
	flaky.Wire(&c)
	crashes = rig.CrashNow(&c, seed, 60)
	s = rig.Open(t, c)
	// An id that is used again belongs to whoever comes first, the one exception to this promise.
	once := slices.DeleteFunc(slices.Clone(events), func(e event.Envelope) bool { return bytes.Equal(e.Detail, events[len(events)-2].Detail) })
	deliveries, contending := rig.Shuffled(s.Contracts, rig.EveryThirdTwice(once), seed)
	if contending > 0 {
		t.Errorf("%d events contend for an id", contending)
	}
	s.Batches(deliveries, 5)
	s.AdvanceTo(end)
	s.Quiet()
	t.Logf("shuffled: %d failed steps, %d of %d crashes survived", flaky.Failures, s.Deaths, *crashes)
	if flaky.Failures < 10 || s.Deaths == 0 {
		t.Error("too few faults to show anything by it")
	}
	for what, diff := range map[string]string{
		"facts": rig.Diff(content(r, facts), content(s, s.Facts())), "evaluations": rig.Diff(content(r, evaluations), content(s, s.Evaluations(end))),
		"credits": rig.Diff(worth(t, credits), worth(t, s.Credits())),
	} {
		if diff != "" {
			t.Errorf("shuffled, doubled, with every fault: %s:\n%s", what, diff)
		}
	}
	proof, err := prove.Conserve(context.Background(), s.Stack)
	if err != nil || proof.Unexplained() > 0 || proof.Events.Total < len(deliveries) {
		t.Errorf("%d events were put: %+v, %v", len(deliveries), proof, err)
	}
}

// refolds counts writes of items that link, and of those that owe a refold.
type refolds struct{ links, refolds atomic.Int64 }

type watching struct {
	store.Table
	seen *refolds
}

func (w watching) PutMany(ctx context.Context, rs []store.Record) []error {
	for _, r := range rs {
		if r.Key != account.Key(r.Partition) {
			continue
		}
		r.Version++
		if it, err := account.FromRecord(r); err == nil {
			w.seen.links.Add(int64(min(1, len(it.Links.List))))
			w.seen.refolds.Add(int64(len(it.Refold)))
		}
	}
	return w.Table.PutMany(ctx, rs)
}
