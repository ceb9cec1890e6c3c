package score

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// crowd are accounts that did one thing each, long ago.
func crowd(n int) []*touch.Touch {
	out := make([]*touch.Touch, n)
	for i := range out {
		out[i] = &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: touch.PageViewed, Subject: fmt.Sprintf("user:%d", i), Time: day(10), RecordedAt: day(10)}
	}
	return out
}

// tick is the sweep's, of a time.
func (b *bench) tick(t *testing.T, at time.Time) {
	t.Helper()
	if err := b.handler.Handle(context.Background(), []event.Envelope{{Source: "aws.events", DetailType: event.Sweep, Time: at}})[0]; err != nil {
		t.Fatal(err)
	}
}

func (b *bench) pass(t *testing.T) *policy.Pass {
	t.Helper()
	p, err := policy.ReadPass(context.Background(), b.accounts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// activated leaves what an activation of an epoch leaves.
func (b *bench) activated(t *testing.T, epoch int64) {
	t.Helper()
	ref := plain{epoch}.Ref()
	rec, err := (&policy.Pass{Epoch: ref.Epoch, Fold: ref.Fold, Eval: ref.Eval}).Record(b.now.Unix())
	if err == nil {
		err = b.accounts.Put(context.Background(), rec)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) item(t *testing.T, id string) *account.Item {
	t.Helper()
	rec, err := b.accounts.Get(context.Background(), account.Key(id))
	if err != nil {
		t.Fatal(err)
	}
	it, err := account.FromRecord(rec)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// A pass begins once every process must have read the policy, counted from when a process sees it and not from when a
// tick was made; a process that has not read it changes nothing; each tick does a bounded part.
func TestPassIsPatientAndBounded(t *testing.T) {
	const n = 1500
	b, done := newBench(t)
	defer done()
	all := crowd(n)
	b.record(t, all...)
	b.fold(t, all, 500)
	b.activated(t, 1)
	b.use(t, b.accounts, b.history, b, plain{1})
	b.tick(t, b.now.Add(-time.Hour)) // stood in the queue, and does not see what is due later
	b.tick(t, b.now)
	from := b.pass(t).From
	if want := b.now.Add(settle).Unix(); from != want {
		t.Fatalf("the walk begins at %d, want %d", from, want)
	}
	b.now = b.now.Add(settle - time.Second)
	b.tick(t, b.now.Add(time.Minute)) // its clock is ahead
	if p := b.pass(t); p.Looked != 0 {
		t.Errorf("%d accounts before the processes have settled", p.Looked)
	}
	b.now = b.now.Add(time.Minute)
	b.use(t, b.accounts, b.history, b, plain{0})
	b.tick(t, b.now)
	if p := b.pass(t); p.Looked != 0 || b.item(t, "user:7").Fold != "fold0" {
		t.Errorf("a process with the old policy walked: %+v", p)
	}
	b.use(t, b.accounts, b.history, b, plain{1})
	b.tick(t, b.now)
	if p := b.pass(t); p.Looked < passMost || p.Looked >= passMost+passPage || p.Done() {
		t.Errorf("one tick looked at %d accounts, want %d and no page more", p.Looked, passMost)
	}
	b.now = b.now.Add(time.Minute)
	b.tick(t, b.now)
	p := b.pass(t)
	if !p.Done() || p.Looked != n || p.Folded != n || p.Failed != 0 {
		t.Errorf("after two ticks: %+v; want all %d folded", p, n)
	}
	for i := range n {
		if it := b.item(t, fmt.Sprintf("user:%d", i)); it.Fold != "fold1" || it.Told.Eval != "eval1" || it.Due != account.Asleep {
			t.Fatalf("%s: fold %s, eval %s, due %d", it.ID, it.Fold, it.Told.Eval, it.Due)
		}
	}
	rec, err := b.accounts.Get(context.Background(), policy.PassKey)
	if err != nil || rec.Due != 0 {
		t.Errorf("a pass that is done is due at %d, %v", rec.Due, err)
	}
}

// An item that cannot be read is said and counted; it holds up nobody.
func TestPassGoesRoundWhatItCannotRead(t *testing.T) {
	b, done := newBench(t)
	defer done()
	all := crowd(50)
	b.record(t, all...)
	b.fold(t, all, 50)
	rec, err := b.accounts.Get(context.Background(), account.Key("user:3"))
	if err != nil {
		t.Fatal(err)
	}
	rec.Body = []byte{255}
	if err := b.accounts.Put(context.Background(), store.Record{Key: rec.Key, Version: rec.Version, Due: rec.Due, Body: rec.Body}); err != nil {
		t.Fatal(err)
	}
	b.activated(t, 1)
	b.use(t, b.accounts, b.history, b, plain{1})
	var said strings.Builder
	b.handler.Log = textLog(&said)
	b.tick(t, b.now)
	b.now = b.now.Add(settle)
	b.tick(t, b.now)
	if p := b.pass(t); !p.Done() || p.Failed != 1 || p.Folded != 49 {
		t.Errorf("%+v; want one failed, the others folded", p)
	}
	if !strings.Contains(said.String(), "account_id=user:3") {
		t.Errorf("the log does not name it: %s", &said)
	}
}

// A cursor that no store understands any more begins its part again.
func TestPassWithAnUnknownCursor(t *testing.T) {
	b, done := newBench(t)
	defer done()
	all := crowd(20)
	b.record(t, all...)
	b.fold(t, all, 20)
	b.use(t, b.accounts, b.history, b, plain{1})
	ref := plain{1}.Ref()
	rec, err := (&policy.Pass{Epoch: 1, Fold: ref.Fold, Eval: ref.Eval, From: 1, Cursor: "of another store"}).Record(b.now.Unix())
	if err == nil {
		err = b.accounts.Put(context.Background(), rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	b.tick(t, b.now)
	if p := b.pass(t); !p.Done() || p.Folded != 20 {
		t.Errorf("%+v; want all folded", p)
	}
}

func textLog(w *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
