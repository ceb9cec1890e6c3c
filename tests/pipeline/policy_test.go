package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"handoff/events"
	"handoff/shared/account"
	"handoff/shared/dynamo/dynamotest"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/storetest"
	"handoff/shared/touch"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// texts are a policy's files as activating takes them.
func texts(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	p, err := policy.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return p.Text
}

// refolding is the default policy with another question about pricing and another milestone: facts differ by it.
func refolding(t *testing.T) map[string]string {
	t.Helper()
	files := texts(t, rig.Edited(t, "scoring.yaml", "within: 90d           # or half_life: 30d, or fades_over: 60d", "half_life: 45d\n      at_most: 4"))
	files["funnels.yaml"] = texts(t, rig.Edited(t, "funnels.yaml", "onboarded:  {touch: onboarding_completed,", "onboarded:  {touch: [onboarding_completed, docs_viewed],"))["funnels.yaml"]
	return files
}

// rescoring changes points alone.
func rescoring(t *testing.T) map[string]string {
	t.Helper()
	return texts(t, rig.Edited(t, "scoring.yaml", "points: 15\n\n# A band", "points: 25\n\n# A band"))
}

// activate puts a policy in force and lets the pipeline bring all accounts under it, though nothing new happens.
func activate(t *testing.T, r *rig.Rig, files map[string]string) *policy.Activation {
	t.Helper()
	a, err := r.Policies.Activate(context.Background(), files, "rita", "as the test wants it")
	if err != nil {
		t.Fatal(err)
	}
	reached(t, r, a.Epoch)
	return a
}

// reached waits until the pass of an epoch is done, and answers it.
func reached(t *testing.T, r *rig.Rig, epoch int64) *policy.Pass {
	t.Helper()
	for range 60 {
		p, err := policy.ReadPass(context.Background(), r.Accounts)
		if err != nil {
			t.Fatal(err)
		}
		if p.Epoch == epoch && p.Done() && len(p.Untold) == 0 {
			return p
		}
		r.Advance(time.Minute)
	}
	t.Fatalf("epoch %d has not reached all accounts after an hour", epoch)
	return nil
}

// asleep counts the accounts for which nothing is due any more.
func asleep(r *rig.Rig) (n int) {
	for it := range r.Items() {
		if it.Due == account.Asleep {
			n++
		}
	}
	return n
}

// upToDate says that no account has facts or an evaluation of another policy.
func upToDate(t *testing.T, r *rig.Rig) (accounts int) {
	t.Helper()
	p, err := r.Policy.Active(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	reader := r.Graph.Reader()
	for it := range r.Items() {
		if it.Facts.Empty() {
			continue
		}
		accounts++
		if it.Due == 0 {
			t.Errorf("%s has facts and no place in the time index: no policy would reach it", it.ID)
		}
		if it.Fold != p.FoldHash {
			t.Errorf("%s has facts of another policy", it.ID)
		}
		if place, err := reader.At(context.Background(), it.ID, r.Now().UnixMilli()); err != nil {
			t.Fatal(err)
		} else if place.Root == it.ID && it.Told.Eval != p.EvalHash {
			t.Errorf("%s was last evaluated by another policy", it.ID)
		}
	}
	return accounts
}

var epoch = regexp.MustCompile(`"epoch":\d+`)

// evaluated are all evaluations at a time, but for the number of the epoch.
func evaluated(r *rig.Rig, at time.Time) map[string]string {
	out := map[string]string{}
	for id, e := range r.Evaluations(at) {
		out[id] = epoch.ReplaceAllString(e, `"epoch":0`)
	}
	return out
}

// A policy that folds otherwise reaches every account, most of them long silent: facts and evaluations become those of
// a pipeline that had it from the beginning.
func TestNewPolicyReachesQuietAccounts(t *testing.T) {
	phase.Later(t, "a policy reaches accounts in TestNewPolicyAfterMoves too")
	j := rig.Generated(t, 31, 2, 700, 16)
	r := rig.Open(t, rig.Config{Start: j.Start(), Dataset: j.Dataset})
	r.Play(j.Events)
	late := j.End.Add(300 * 24 * time.Hour)
	r.AdvanceTo(late)
	quiet := asleep(r)
	if quiet < 5 {
		t.Errorf("only %d accounts are asleep: too few to show anything by it", quiet)
	}
	before := r.Facts()
	a := activate(t, r, refolding(t))
	if !a.Refolds {
		t.Error("the activation says that nothing is folded again")
	}
	pass := reached(t, r, a.Epoch)
	n := upToDate(t, r)
	if pass.Folded != n || pass.Failed != 0 || n < 10 {
		t.Errorf("pass %+v; want all %d accounts folded again", pass, n)
	}
	if rig.Diff(before, r.Facts()) == "" {
		t.Error("the facts are what they were: the policy shows nothing")
	}
	t.Logf("%d accounts, %d of them asleep", n, quiet)

	fresh := rig.Open(t, rig.Config{Start: j.Start().Add(-time.Hour), Dataset: j.Dataset})
	activate(t, fresh, refolding(t))
	fresh.Play(j.Events)
	fresh.AdvanceTo(r.Now())
	if d := rig.Diff(fresh.Facts(), r.Facts()); d != "" {
		t.Errorf("facts from the beginning (-) and folded again (+) differ:\n%s", d)
	}
	for _, at := range []time.Time{j.End, r.Now()} {
		if d := rig.Diff(evaluated(fresh, at), evaluated(r, at)); d != "" {
			t.Errorf("evaluations at %s, from the beginning (-) and after (+):\n%s", at, d)
		}
	}
}

// Somebody changed jobs, a device became known, a link was heard of late: accounts that had a member one after the other
// are each folded again, and not each other for ever.
func TestNewPolicyAfterMoves(t *testing.T) {
	r := tell(t, rig.Config{})
	a := activate(t, r, refolding(t))
	r.Advance(10 * time.Minute)
	upToDate(t, r)
	if pass := reached(t, r, a.Epoch); pass.Failed != 0 {
		t.Errorf("pass %+v", pass)
	}
	r.Quiet()
	if d := rig.Diff(r.Rebuilt(), r.Facts()); d != "" {
		t.Errorf("facts from the ledger (-) and folded again (+):\n%s", d)
	}
}

// overtaken lets somebody else put a policy in force right before the write that would.
type overtaken struct {
	store.Table
	by func()
}

func (o *overtaken) PutPair(ctx context.Context, a, b store.Record) error {
	if by := o.by; by != nil {
		o.by = nil
		by()
	}
	return o.Table.PutPair(ctx, a, b)
}

// On DynamoDB all of it ends byte for byte as on the embedded store: a policy whose text fills more than one row, two
// people at once, the pass, and the way back.
func TestPoliciesOnDynamoDB(t *testing.T) {
	phase.Later(t, "what shared/dynamo does at once its conformance suite shows")
	t.Parallel()
	ctx := context.Background()
	more := eager(t)
	more["plays.yaml"] += "# " + strings.Repeat("x", 310<<10) + "\n"
	play := func(c rig.Config) map[string]string {
		r := rig.Open(t, c)
		r.Send(visits(r.Now())...)
		activate(t, r, more)
		r.Advance(time.Minute)
		slow := *r.Policies
		slow.Accounts = &overtaken{r.Accounts, func() {
			if _, err := r.Policies.Activate(ctx, refolding(t), "bob", "now"); err != nil {
				t.Error(err)
			}
		}}
		if _, err := slow.Activate(ctx, rescoring(t), "ann", "now"); !errors.Is(err, policy.ErrRaced) || !strings.Contains(err.Error(), "bob") {
			t.Errorf("ann hears %v, want that bob came first", err)
		}
		reached(t, r, 3) // 2 is ann's, and never in force
		upToDate(t, r)
		back, err := r.Policies.Rollback(ctx, 1, "ann", "back")
		if err != nil {
			t.Fatal(err)
		}
		reached(t, r, back.Epoch)
		upToDate(t, r)
		r.Quiet()
		return r.Everything()
	}
	there := play(rig.Config{Dynamo: rig.NewDynamo(t, dynamotest.Shared(t))})
	if d := rig.Diff(play(rig.Config{}), there); d != "" {
		t.Errorf("the embedded store (-) and DynamoDB (+):\n%s", d)
	}
}

// queried counts the queries of handlers: a refold reads timelines, and nothing else here asks the ledger that way.
type queried struct {
	store.Table
	n *int
}

func (q queried) Query(ctx context.Context, in store.Query) (store.Page, error) {
	*q.n++
	return q.Table.Query(ctx, in)
}

// Points alone are evaluated again on the facts that stand: the ledger is not read. Going back restores what was.
func TestRescoringRefoldsNothingAndGoesBack(t *testing.T) {
	j := rig.Generated(t, 32, 1, 250, 8)
	queries := 0
	r := rig.Open(t, rig.Config{Start: j.Start(), Dataset: j.Dataset, Table: func(t store.Table) store.Table { return queried{t, &queries} }})
	r.Play(j.Events)
	r.AdvanceTo(j.End)
	if queries == 0 {
		t.Error("nothing was counted while the journey was played")
	}
	facts, before := r.Facts(), evaluated(r, j.End)
	queries = 0
	a := activate(t, r, rescoring(t))
	pass := reached(t, r, a.Epoch)
	if n := upToDate(t, r); a.Refolds || pass.Folded != 0 || pass.Evaluated == 0 || pass.Evaluated > n {
		t.Errorf("refolds %v, pass %+v of %d accounts; want none folded, and accounts evaluated", a.Refolds, pass, n)
	}
	if queries != 0 {
		t.Errorf("%d queries for new points", queries)
	}
	if d := rig.Diff(facts, r.Facts()); d != "" {
		t.Errorf("facts:\n%s", d)
	}
	if rig.Diff(before, evaluated(r, j.End)) == "" {
		t.Error("the evaluations are what they were: the policy shows nothing")
	}
	to, err := r.Policies.Previous(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	back, err := r.Policies.Rollback(context.Background(), to, "rita", "too many calls")
	if err != nil {
		t.Fatal(err)
	}
	reached(t, r, back.Epoch)
	upToDate(t, r)
	if d := rig.Diff(before, evaluated(r, j.End)); d != "" {
		t.Errorf("evaluations before (-) and after going back (+):\n%s", d)
	}
}

// The owners of stages are told, within a minute, in an event that keeps its schema.
func TestOwnersAreTold(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	a, err := r.Policies.Activate(context.Background(), rescoring(t), "rita", "webinars count more")
	if err != nil {
		t.Fatal(err)
	}
	r.Advance(time.Minute)
	told := r.Told(event.PolicyActivated)
	if len(told) != 1 {
		t.Fatalf("told %d times after a minute, want once", len(told))
	}
	if err := rig.Schemas(t, events.Schemas).Check(event.PolicyActivated, told[0].Detail); err != nil {
		t.Error(err)
	}
	d, err := event.Decode[event.PolicyActivatedDetail](&told[0], event.PolicyActivated)
	if err != nil {
		t.Fatal(err)
	}
	if d.Epoch != a.Epoch || d.By != "rita" || d.Why != "webinars count more" || len(d.Changed) != 1 || d.Changed[0].Stage != "MARKETING_QUALIFIED_LEAD" || d.Changed[0].Owner != "marketing" {
		t.Errorf("told %+v; want that marketing's stage is entered otherwise", d)
	}
	reached(t, r, a.Epoch)
	if n := len(r.Told(event.PolicyActivated)); n != 1 {
		t.Errorf("told %d times in all", n)
	}
}

// visits are a few companies' webinars and looks at prices: enough for a nurture, not for a call, under the default.
func visits(at time.Time) []event.Envelope {
	var out []event.Envelope
	for i := range 3 {
		who := fmt.Sprintf("email:ann@company%d.example", i)
		out = append(out, rig.Say(fmt.Sprint("w", i), touch.WebinarAttended, who, at, rig.Person("title", "Engineer"), rig.Company("employees", "10")),
			rig.Say(fmt.Sprint("p", i), touch.PricingViewed, who, at.Add(time.Minute)))
	}
	return out
}

// eager calls whoever scores 50.
func eager(t *testing.T) map[string]string {
	t.Helper()
	return texts(t, rig.Edited(t, "scoring.yaml", "from: 75", "from: 50"))
}

// A policy by which accounts would have been called long ago calls none whose evidence is older than the play's
// act_within: that is decided, recorded as too old, and never acted on. Evidence of today is.
func TestNewPolicyNeverActsOnOldEvidence(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	r.Send(visits(r.Now())...)
	r.Advance(30 * 24 * time.Hour)
	fresh := rig.Say("fresh", touch.PricingViewed, "email:bob@today.example", r.Now(), rig.Person("title", "CTO"), rig.Company("employees", "12"))
	r.Send(fresh)
	r.Advance(time.Hour)
	offered, decided := len(r.Told(event.HandoffOffered)), len(r.Decisions())
	activate(t, r, eager(t))
	r.Advance(24 * time.Hour)
	stale, calls := 0, map[string]int{}
	for _, rec := range r.Records() {
		if rec.Play != "mql" {
			continue
		}
		switch rec.Outcome {
		case "offered":
			calls[rec.Account]++
		case "stale":
			stale++
		}
	}
	// Under it the three old ones have been overdue at their stage for long, too, which is decided and as old.
	if len(r.Decisions()) != decided+4+3 || stale != 3 {
		t.Errorf("%d decisions more, %d of mql not acted on; want 4 and 3 of what is overdue, and the three old ones recorded as too old: %+v", len(r.Decisions())-decided, stale, r.Records())
	}
	if len(r.Told(event.HandoffOffered)) != offered+1 || calls["account:today.example"] != 1 || len(calls) != 1 {
		t.Errorf("called %v; want today's alone", calls)
	}
	r.Quiet()
}

// The process dies at every write and publish of a pass, in every way. Everything ends as it does without.
func TestCrashWhileThePolicyReachesAccounts(t *testing.T) {
	phase.Later(t, "a death is one goroutine's, as in TestCrashTable")
	ctx := context.Background()
	more, again := eager(t), refolding(t)
	// Two activations, of which the second comes while the first walks.
	play := func(t *testing.T, fuse *storetest.Fuse) (r *rig.Rig, first int) {
		r = rig.Open(t, rig.Config{Fuse: fuse})
		r.Send(visits(r.Now())...)
		r.Advance(time.Hour)
		first = fuse.Steps()
		if _, err := r.Policies.Activate(ctx, more, "rita", "call more"); err != nil {
			t.Fatal(err)
		}
		r.Advance(4 * time.Minute)
		a, err := r.Policies.Activate(ctx, again, "rita", "on second thoughts")
		if err != nil {
			t.Fatal(err)
		}
		reached(t, r, a.Epoch)
		r.Advance(time.Hour)
		return r, first
	}
	counted := storetest.NewFuse(0, storetest.NotStored)
	want, first := play(t, counted)
	last := counted.Steps()
	upToDate(t, want)
	end, facts, evaluations, offered := want.Now(), want.Facts(), evaluated(want, want.Now()), handoffs(want.Offered())
	if last-first < 8 || len(offered) == 0 {
		t.Fatalf("%d writes and publishes, %d handed over: too little happens to show anything by it", last-first, len(offered))
	}
	for _, mode := range storetest.Modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			for at := first + 1; at <= last; at++ {
				name := fmt.Sprintf("step %d of %d", at-first, last-first)
				fuse := storetest.NewFuse(at, mode)
				r, _ := play(t, fuse)
				if !fuse.Blown() || r.Deaths == 0 {
					t.Errorf("%s: the process did not die", name)
				}
				r.AdvanceTo(end)
				upToDate(t, r)
				r.Quiet()
				if d := rig.Diff(facts, r.Facts()); d != "" {
					t.Errorf("%s: facts:\n%s", name, d)
				}
				if d := rig.Diff(evaluations, evaluated(r, end)); d != "" {
					t.Errorf("%s: evaluations:\n%s", name, d)
				}
				if d := rig.Diff(offered, handoffs(r.Offered())); d != "" {
					t.Errorf("%s: handoffs:\n%s", name, d)
				}
				if told := epochsTold(t, r); len(told) != 2 {
					t.Errorf("%s: told of %v, want both activations", name, told)
				}
				r.Close()
			}
		})
	}
	t.Logf("%d writes and publishes of two passes, %d ways to die at each", last-first, len(storetest.Modes))
}

// epochsTold are the epochs that anybody was told of.
func epochsTold(t *testing.T, r *rig.Rig) map[int64]bool {
	t.Helper()
	out := map[int64]bool{}
	for _, e := range r.Told(event.PolicyActivated) {
		d, err := event.Decode[event.PolicyActivatedDetail](&e, event.PolicyActivated)
		if err != nil {
			t.Fatal(err)
		}
		out[d.Epoch] = true
	}
	return out
}
