package policy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/storetest"
)

// states are the epochs of a book with what became of them, the oldest first.
func states(t *testing.T, b *policy.Book) []string {
	t.Helper()
	history, err := b.History(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range history {
		out = append(out, fmt.Sprintf("%d %s, %s", e.Epoch, e.By, e.State))
	}
	return out
}

// TestNoWayBackToAFault: what an older build let in force, and this one finds fault with, is not put in force again.
func TestNoWayBackToAFault(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	bad := with(t, "plays.yaml", "plays:\n", `plays:
  - name: nobody
    funnel: marketing_automation
    mode: live
    outcome: nurture
    asset: none
    act_within: 1d
    cool_down: 1d
    when: {all: [{field: employees, more_than: 500}, {field: employees, at_most: 500}]}
`)
	s.force(t, policy.Active{Epoch: 1, Files: bad.Text, By: "ann", Why: "an older build", At: s.clock})
	if _, err := s.Activate(ctx, points(t, "60"), "bob", "better"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Rollback(ctx, 1, "cleo", "back")
	if !errors.Is(err, policy.ErrInvalid) || !strings.Contains(err.Error(), "nobody can never hold") || !strings.Contains(err.Error(), "plays.yaml:") || !strings.Contains(err.Error(), "Nothing was changed") {
		t.Errorf("rollback to a text with a fault: %v; want ErrInvalid, with the place and what to do", err)
	}
	if now, _, err := s.InForce(ctx); err != nil || now.Epoch != 2 {
		t.Errorf("in force is %+v, %v; want epoch 2 still", now, err)
	}
}

// points is the policy with so many points for a demo.
func points(t *testing.T, n string) map[string]string {
	return with(t, "scoring.yaml", "points: 50", "points: "+n).Text
}

func TestActivateAndGoBack(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	if _, err := s.Previous(ctx); err == nil || !strings.Contains(err.Error(), "nothing was activated") {
		t.Errorf("with nothing activated Previous says %v", err)
	}
	a, err := s.Activate(ctx, points(t, "60"), " ann ", "demos count more")
	if err != nil {
		t.Fatal(err)
	}
	if a.Epoch != 1 || a.By != "ann" || a.Replaces != 0 || a.Refolds || !a.Reevaluates || a.Policy.Ref() != (event.PolicyRef{Epoch: 1, Fold: a.Fold, Eval: a.Eval}) {
		t.Errorf("activation %+v", a.Active)
	}
	if _, err := s.Activate(ctx, points(t, "60"), "bob", "again"); !errors.Is(err, policy.ErrUnchanged) || !strings.Contains(err.Error(), "ann") {
		t.Errorf("the same text again: %v, want ErrUnchanged, naming ann", err)
	}
	if a, err = s.Activate(ctx, with(t, "funnels.yaml", "[handoff_rejected, handoff_recycled]", "[handoff_rejected, handoff_recycled, email_bounced]").Text, "bob", "bounces reject"); err != nil || !a.Refolds || a.Epoch != 2 {
		t.Fatalf("a new milestone: %+v, %v; want epoch 2, which refolds", a, err)
	}
	for i, want := range []struct{ to, restores int64 }{{1, 1}, {0, 0}} {
		if a, err = s.Rollback(ctx, want.to, "cleo", "too many"); err != nil {
			t.Fatal(err)
		}
		if a.Epoch != int64(3+i) || a.Restores == nil || *a.Restores != want.restores {
			t.Errorf("rollback to %d: %+v", want.to, a.Active)
		}
		was, err := s.Text(ctx, want.to)
		if err != nil || !cmp.Equal(was.Files, a.Files) {
			t.Errorf("rollback to %d made another text active: %v", want.to, err)
		}
	}
	if p, err := s.Previous(ctx); err != nil || p != 3 {
		t.Errorf("Previous is %d, %v; want 3", p, err)
	}
	if _, err := s.Rollback(ctx, 9, "cleo", "?"); !errors.Is(err, store.ErrNotFound) || !strings.Contains(err.Error(), "no epoch 9") {
		t.Errorf("rollback to an epoch that is not: %v", err)
	}
	want := []string{"0 the build, replaced", "1 ann, replaced", "2 bob, replaced", "3 cleo, replaced", "4 cleo, in force"}
	if d := cmp.Diff(want, states(t, s.Book)); d != "" {
		t.Errorf("history (-want +got):\n%s", d)
	}
	pass, err := policy.ReadPass(ctx, s.Accounts)
	if err != nil || len(pass.Untold) != 4 || pass.Untold[3].Epoch != 4 || pass.Epoch != 4 || pass.Done() {
		t.Errorf("the pass is %+v, %v; want four activations to tell, and all accounts to do", pass, err)
	}
}

// The policy of a time is the one in force then, not one that was recorded and never took effect.
func TestPolicyOfATime(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	before := s.Now()
	if p, err := s.At(ctx, before); err != nil || p.Epoch != 0 || p.EvalHash != s.Default.EvalHash {
		t.Errorf("before any activation: %+v, %v; want the default", p, err)
	}
	var at []time.Time
	for _, n := range []string{"60", "70"} {
		s.clock = s.clock.Add(time.Hour)
		if n == "70" { // an activation that dies before its second write takes the number 2
			dying, die := context.WithCancel(ctx)
			lost := &policy.Book{Accounts: &interposed{s.Accounts, die}, Ledger: s.Ledger, Default: s.Default, Now: s.Now}
			if _, err := lost.Activate(dying, points(t, "65"), "bob", "lost"); err == nil {
				t.Fatal("an activation that was cut off took effect")
			}
			s.clock = s.clock.Add(time.Hour)
		}
		a, err := s.Activate(ctx, points(t, n), "ann", n)
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, a.At)
	}
	for _, want := range []struct {
		at    time.Time
		epoch int64
	}{
		{before, 0}, {at[0].Add(-time.Millisecond), 0}, {at[0], 1}, {at[1].Add(-time.Minute), 1}, {at[1], 3}, {at[1].AddDate(1, 0, 0), 3},
	} {
		if p, err := s.At(ctx, want.at); err != nil || p.Epoch != want.epoch {
			t.Errorf("at %s: %+v, %v; want epoch %d", want.at, p, err, want.epoch)
		}
	}
}

// What does not hold together changes nothing, and says where it is wrong.
func TestActivateRefuses(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	broken := points(t, "60")
	broken["scoring.yaml"] = strings.Replace(broken["scoring.yaml"], "points: 60", "points: sixty", 1)
	_, err := s.Activate(ctx, broken, "ann", "x")
	var invalid *policy.Invalid
	if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || !strings.HasPrefix(invalid.Problems[0], "scoring.yaml:") {
		t.Errorf("got %v, want one problem in scoring.yaml with its line", err)
	}
	for _, who := range [][2]string{{"", "why"}, {"ann", " "}} {
		if _, err := s.Activate(ctx, points(t, "60"), who[0], who[1]); err == nil {
			t.Errorf("by %q, why %q was taken", who[0], who[1])
		}
	}
	if _, _, err := s.InForce(ctx); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("in force: %v, want nothing", err)
	}
	if got := states(t, s.Book); len(got) != 0 {
		t.Errorf("the ledger has %v", got)
	}
}

// A text too long for one item stands in parts.
func TestLongPolicy(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	files := points(t, "60")
	files["plays.yaml"] += strings.Repeat("# "+strings.Repeat("x", 997)+"\n", 900)
	if _, err := s.Activate(ctx, files, "ann", "a long comment"); err != nil {
		t.Fatal(err)
	}
	a, err := s.Text(ctx, 1)
	if err != nil || !cmp.Equal(a.Files, files) {
		t.Errorf("the text of 900 KB does not come back: %v", err)
	}
	if p, err := policy.Stored(s.Book, 0).Active(ctx); err != nil || p.Epoch != 1 {
		t.Errorf("in force: %+v, %v", p, err)
	}
}

// interposed lets somebody else act before the n-th write of a kind.
type interposed struct {
	store.Table
	before func()
}

func (i *interposed) act() {
	if f := i.before; f != nil {
		i.before = nil
		f()
	}
}

func (i *interposed) PutPair(ctx context.Context, a, b store.Record) error {
	i.act()
	return i.Table.PutPair(ctx, a, b)
}

func (i *interposed) PutMany(ctx context.Context, rs []store.Record) []error {
	i.act()
	return i.Table.PutMany(ctx, rs)
}

// Of two people who activate at once, wherever the one comes in between the other's steps, one wins, and the other is
// told who.
func TestTwoActivateAtOnce(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name  string
		put   func(s *shelf, act func()) *policy.Book // ann's, in which bob acts
		want  []string
		after []string // once ann has tried again
	}{
		{"before the row", func(s *shelf, act func()) *policy.Book {
			return &policy.Book{Accounts: s.Accounts, Ledger: &ledger.Ledger{Table: &interposed{s.Ledger.Table, act}}, Default: s.Default, Now: s.Now}
		}, []string{"0 the build, replaced", "1 zoe, replaced", "2 bob, in force"}, []string{"0 the build, replaced", "1 zoe, replaced", "2 bob, replaced", "3 ann, in force"}},
		{"between the writes", func(s *shelf, act func()) *policy.Book {
			return &policy.Book{Accounts: &interposed{s.Accounts, act}, Ledger: s.Ledger, Default: s.Default, Now: s.Now}
		}, []string{"0 the build, replaced", "1 zoe, replaced", "2 ann, never in force", "3 bob, in force"},
			[]string{"0 the build, replaced", "1 zoe, replaced", "2 ann, never in force", "3 bob, replaced", "4 ann, in force"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf(t)
			if _, err := s.Activate(ctx, points(t, "55"), "zoe", "first"); err != nil {
				t.Fatal(err)
			}
			ann := c.put(s, func() {
				if _, err := s.Activate(ctx, points(t, "70"), "bob", "quarter's end"); err != nil {
					t.Error(err)
				}
			})
			_, err := ann.Activate(ctx, points(t, "60"), "ann", "demos count more")
			if !errors.Is(err, policy.ErrRaced) || !strings.Contains(err.Error(), "bob") || !strings.Contains(err.Error(), "quarter's end") {
				t.Errorf("ann hears %v, want that bob came first, and why", err)
			}
			if d := cmp.Diff(c.want, states(t, s.Book)); d != "" {
				t.Errorf("history (-want +got):\n%s", d)
			}
			if _, err := ann.Activate(ctx, points(t, "60"), "ann", "demos count more"); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.after, states(t, s.Book)); d != "" {
				t.Errorf("history, once ann has tried again (-want +got):\n%s", d)
			}
		})
	}
}

// The pass moving on between reading and writing it is nobody's race.
func TestActivateWhileThePassMoves(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	if _, err := s.Activate(ctx, points(t, "55"), "zoe", "first"); err != nil {
		t.Fatal(err)
	}
	moved := &interposed{s.Accounts, func() {
		pass, err := policy.ReadPass(ctx, s.Accounts)
		if err != nil {
			t.Fatal(err)
		}
		pass.Untold, pass.Shard = nil, 7
		rec, err := pass.Record(1)
		if err == nil {
			err = s.Accounts.Put(ctx, rec)
		}
		if err != nil {
			t.Fatal(err)
		}
	}}
	ann := &policy.Book{Accounts: moved, Ledger: s.Ledger, Default: s.Default, Now: s.Now}
	if _, err := ann.Activate(ctx, points(t, "60"), "ann", "demos count more"); err != nil {
		t.Fatal(err)
	}
	pass, err := policy.ReadPass(ctx, s.Accounts)
	if err != nil || len(pass.Untold) != 1 || pass.Untold[0].Epoch != 2 || pass.Shard != 0 {
		t.Errorf("the pass is %+v, %v; want it at its beginning, with epoch 2 alone to tell", pass, err)
	}
}

// A new roster folds and evaluates nothing anew: a pass under way goes on, one that is done stays done.
func TestRosterLeavesThePass(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	if _, err := s.Activate(ctx, points(t, "55"), "zoe", "first"); err != nil {
		t.Fatal(err)
	}
	pass, err := policy.ReadPass(ctx, s.Accounts)
	if err != nil {
		t.Fatal(err)
	}
	pass.Untold, pass.Shard, pass.Cursor = nil, 7, "here"
	rec, err := pass.Record(0)
	if err == nil {
		err = s.Accounts.Put(ctx, rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	files := points(t, "55")
	files["teams.yaml"] = strings.Replace(files["teams.yaml"], "09:00-18:00", "08:00-18:00", 1)
	a, err := s.Activate(ctx, files, "ann", "earlier")
	if err != nil || a.Refolds || a.Reevaluates || len(a.Changed) != 0 {
		t.Fatalf("%+v, %v; want nothing to fold, to evaluate or to tell", a, err)
	}
	if pass, err = policy.ReadPass(ctx, s.Accounts); err != nil || pass.Shard != 7 || pass.Cursor != "here" || pass.Epoch != 2 || len(pass.Untold) != 1 {
		t.Errorf("the pass is %+v, %v; want it where it was, with the activation to tell", pass, err)
	}
}

// The process dies at each write of an activation, done, half done or not. Then somebody does it again, or sees that it
// is done: the text is in force, once told of, and no epoch is there twice.
func TestCrashWhileActivating(t *testing.T) {
	ctx := context.Background()
	files := points(t, "60")
	for _, mode := range storetest.Modes {
		for step := 1; ; step++ {
			s := newShelf(t)
			fuse := storetest.NewFuse(step, mode)
			b := &policy.Book{Accounts: fuse.Table(s.Accounts), Ledger: &ledger.Ledger{Table: fuse.Table(s.Ledger.Table)}, Default: s.Default, Now: s.Now}
			_, err := b.Activate(ctx, files, "ann", "demos count more")
			if !fuse.Blown() {
				if err != nil || step != 4 {
					t.Errorf("an activation takes %d writes and ends in %v; want 3: the default's row, its own, and the pair", step-1, err)
				}
				break
			}
			if err == nil {
				t.Errorf("%s at write %d: no error", mode, step)
			}
			fuse.Reset()
			_, err = b.Activate(ctx, files, "ann", "demos count more")
			if done := errors.Is(err, policy.ErrUnchanged); err != nil && !done || done != (step == 3 && mode == storetest.Stored) {
				t.Errorf("%s at write %d, again: %v", mode, step, err)
			}
			active, _, err := s.InForce(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := policy.Stored(s.Book, 0).Active(ctx); err != nil || p.Scoring.Interest.Rules[1].Points != 60 || p.Epoch != active.Epoch {
				t.Errorf("%s at write %d: in force is %+v, %v", mode, step, p, err)
			}
			pass, err := policy.ReadPass(ctx, s.Accounts)
			if err != nil || len(pass.Untold) != 1 || pass.Untold[0].Epoch != active.Epoch {
				t.Errorf("%s at write %d: the pass is %+v, %v; want the one activation to tell", mode, step, pass, err)
			}
			forced := 0
			for _, line := range states(t, s.Book) {
				if strings.HasSuffix(line, ", "+policy.StateInForce) {
					forced++
				}
			}
			if forced != 1 {
				t.Errorf("%s at write %d: history %v", mode, step, states(t, s.Book))
			}
		}
	}
}

// A single write whose answer is lost, the process living on, is looked up: done is done.
func TestActivateLooksUpWhatItCannotKnow(t *testing.T) {
	ctx := context.Background()
	for _, mode := range []storetest.Mode{storetest.NotStored, storetest.Stored} {
		s := newShelf(t)
		fuse := storetest.NewGlitch(1, mode)
		b := &policy.Book{Accounts: fuse.Table(s.Accounts), Ledger: s.Ledger, Default: s.Default, Now: s.Now}
		a, err := b.Activate(ctx, points(t, "60"), "ann", "demos count more")
		if stored := mode == storetest.Stored; stored != (err == nil) || stored && a.Epoch != 1 {
			t.Errorf("%s: %v, %v", mode, a, err)
		} else if !stored && !strings.Contains(err.Error(), "not in force") {
			t.Errorf("%s: the error does not say what holds: %v", mode, err)
		}
	}
}
