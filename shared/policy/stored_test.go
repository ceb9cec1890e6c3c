package policy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"handoff/shared/embedded"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/policy"
	"handoff/shared/store"
)

// flaky fails reads while err is set, and counts them.
type flaky struct {
	store.Table
	err   error
	reads int
}

func (f *flaky) Get(ctx context.Context, k store.Key) (store.Record, error) {
	f.reads++
	if f.err != nil {
		return store.Record{}, f.err
	}
	return f.Table.Get(ctx, k)
}

// shelf is a book over tables of its own; what it says goes to log.
type shelf struct {
	*policy.Book
	table *flaky
	clock time.Time
	log   bytes.Buffer
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s := &shelf{table: &flaky{Table: db.Table("accounts")}, clock: at(0, 0)}
	s.Book = &policy.Book{Accounts: s.table, Ledger: &ledger.Ledger{Table: db.Table("ledger")}, Default: shipped(t),
		Now: func() time.Time { return s.clock }, Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	return s
}

// force puts an epoch in force as no activation would: unchecked, whatever its number.
func (s *shelf) force(t *testing.T, a policy.Active) {
	t.Helper()
	ctx := context.Background()
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	row := ledger.Row{Owner: policy.ActiveKey.Partition, Type: ledger.Policy, ID: fmt.Sprintf("%010d", a.Epoch), Body: body}
	if _, err := s.Ledger.AppendOne(ctx, row); err != nil {
		t.Fatal(err)
	}
	_, version, err := s.InForce(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	if err := s.Accounts.Put(ctx, store.Record{Key: policy.ActiveKey, Version: version, Body: body}); err != nil {
		t.Fatal(err)
	}
}

func TestStored(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	s.table.err = store.ErrUnavailable
	source := policy.Stored(s.Book, time.Minute)
	active := func(want int64) *policy.Policy {
		t.Helper()
		p, err := source.Active(ctx)
		if err != nil || p.Epoch != want {
			t.Fatalf("got %v, %v; want epoch %d", p, err, want)
		}
		return p
	}
	// An invocation states each time whether it had to go on with the policy before, also while the cache answers.
	counted := func(want int) {
		t.Helper()
		var tally metric.Tally
		if _, err := source.Active(metric.With(ctx, &tally)); err != nil {
			t.Fatal(err)
		}
		if line := string(tally.AppendEMF(nil, "N", "score", s.clock)); !strings.Contains(line, fmt.Sprintf(`"PolicyUnusable":%d}`, want)) {
			t.Errorf("want PolicyUnusable %d in %s", want, line)
		}
	}
	files := func(from string) map[string]string { return with(t, "scoring.yaml", "from: 75", from).Text }

	if _, err := source.Active(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("without table and cache: got %v, want unavailable", err)
	}
	s.table.err = nil
	if active(0) != s.Default {
		t.Error("before any activation the default is in force")
	}
	counted(0)
	if _, err := s.Activate(ctx, files("from: 80"), "revops", "test"); err != nil {
		t.Fatal(err)
	}
	active(0) // kept for a minute
	s.clock = s.clock.Add(time.Minute)
	if p := active(1); p.Ref() == s.Default.Ref() || p.Scoring.Bands[0].From != 80 {
		t.Errorf("epoch 1 has ref %+v and bands %+v", p.Ref(), p.Scoring.Bands)
	}
	reads := s.table.reads
	active(1)
	if s.table.reads != reads {
		t.Error("the cache is not used")
	}
	s.table.err = store.ErrUnavailable
	s.clock = s.clock.Add(time.Hour)
	one := active(1) // the table is away: go on
	if !strings.Contains(s.log.String(), "going on with the one before") {
		t.Errorf("the log does not say that the table is away: %s", &s.log)
	}
	counted(1)
	s.table.err = nil
	counted(1) // not looked up yet
	s.clock = s.clock.Add(time.Minute)
	counted(0)
	if active(1) != one {
		t.Error("an unchanged item was compiled again")
	}
	s.force(t, policy.Active{Epoch: 3, Files: files("from: 90")})
	s.clock = s.clock.Add(time.Minute)
	active(3)
	s.force(t, policy.Active{Epoch: 2, Files: files("from: 85")}) // an older epoch never overwrites a newer
	s.clock = s.clock.Add(time.Minute)
	active(3)
	broken := files("from: 75")
	broken["scoring.yaml"] = strings.Replace(broken["scoring.yaml"], "bands:", "bends:", 1)
	s.force(t, policy.Active{Epoch: 4, Files: broken}) // does not compile: the last good one stays
	s.clock = s.clock.Add(time.Minute)
	s.log.Reset()
	active(3)
	if said := s.log.String(); !strings.Contains(said, "epoch 4") || !strings.Contains(said, "scoring.yaml:") {
		t.Errorf("the log does not say which epoch does not compile, and where: %s", said)
	}
	if _, err := policy.Stored(s.Book, time.Minute).Active(ctx); !errors.Is(err, policy.ErrInvalid) {
		t.Errorf("a cold start on a broken policy: got %v, want ErrInvalid", err)
	}
	if _, err := s.Activate(ctx, files("from: 95"), "revops", "mended"); err != nil {
		t.Fatal(err)
	}
	active(3)
	policy.Refresh(source) // for who has activated it in this very process
	active(5)
}

func TestAnotherEpochEvaluatesAlike(t *testing.T) {
	p := shipped(t)
	q := p.At(7)
	v := busy(p)
	if q.Ref().Epoch != 7 || p.Ref().Epoch != 0 || q.Outcome(v).Score != p.Outcome(v).Score || !q.ReviewAt(v).Equal(p.ReviewAt(v)) {
		t.Errorf("epoch 7 evaluates otherwise: %+v, %+v", q.Outcome(v), p.Outcome(v))
	}
	got, err := policy.Static(q).Active(context.Background())
	if err != nil || got != q {
		t.Errorf("Static answers %v, %v", got, err)
	}
}

// The policy that the build ships is compiled when it is needed: not where another is in force.
func TestStoredShipsWhenNoneWasActivated(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	byDefault, shippings := s.Default, 0
	broken := errors.New("broken")
	var failing error
	s.Default, s.Ship = nil, func() (*policy.Policy, error) { shippings++; return byDefault, failing }

	failing = broken
	if _, err := policy.Stored(s.Book, time.Minute).Active(ctx); !errors.Is(err, broken) {
		t.Errorf("a default that does not compile: got %v", err)
	}
	failing = nil
	if p, err := policy.Stored(s.Book, time.Minute).Active(ctx); err != nil || p != byDefault || shippings != 2 {
		t.Errorf("before any activation: got %v, %v after %d shippings", p, err, shippings)
	}
	s.force(t, policy.Active{Epoch: 1, Files: byDefault.Text})
	if p, err := policy.Stored(s.Book, time.Minute).Active(ctx); err != nil || p.Epoch != 1 || shippings != 2 {
		t.Errorf("after one: got %v, %v after %d shippings", p, err, shippings)
	}
}

// The text of a default stands in the ledger before anything is decided by it: once per text, whatever later builds ship.
func TestDefaultIsKept(t *testing.T) {
	ctx := context.Background()
	s := newShelf(t)
	k := &policy.Keeper{Ledger: s.Ledger, Now: s.Now}
	files := points(t, "60")
	next, err := policy.Compile(files)
	if err != nil {
		t.Fatal(err)
	}
	activated := next.At(3)
	for _, p := range []*policy.Policy{s.Default, s.Default, next, s.Default, activated} {
		if err := k.Keep(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	texts := 0
	for row, err := range s.Ledger.Timeline(ctx, policy.ActiveKey.Partition, time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		var a policy.Active
		if err := json.Unmarshal(row.Body, &a); err != nil || row.Type != ledger.Default {
			t.Fatalf("row %s %s: %v", row.Type, row.ID, err)
		}
		want := s.Default
		if a.Eval != want.EvalHash {
			want = next
		}
		if a.Eval != want.EvalHash || a.Fold != want.FoldHash || !maps.Equal(a.Files, want.Text) {
			t.Errorf("row %s holds another text than its hashes say", row.ID)
		}
		texts++
	}
	if texts != 2 {
		t.Errorf("%d texts, want those of two defaults and none of what was activated", texts)
	}
	if got := states(t, s.Book); len(got) != 0 {
		t.Errorf("activations %v, want none", got)
	}
}
