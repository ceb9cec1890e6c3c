package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"handoff/shared/embedded"
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

func TestStored(t *testing.T) {
	ctx := context.Background()
	db, err := embedded.OpenMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table := &flaky{Table: db.Table("accounts"), err: store.ErrUnavailable}
	byDefault := shipped(t)
	clock := at(0, 0)
	fresh := func() policy.Source {
		return policy.Stored(table, byDefault, time.Minute, func() time.Time { return clock })
	}
	source := fresh()
	active := func(want int64) *policy.Policy {
		t.Helper()
		p, err := source.Active(ctx)
		if err != nil || p.Epoch != want {
			t.Fatalf("got %v, %v; want epoch %d", p, err, want)
		}
		return p
	}
	version := int64(0)
	activate := func(epoch int64, old, new string) {
		t.Helper()
		files := maps.Clone(byDefault.Text)
		files["scoring.yaml"] = strings.Replace(files["scoring.yaml"], old, new, 1)
		body, err := json.Marshal(policy.Active{Epoch: epoch, Files: files, By: "revops", Why: "test", At: clock})
		if err != nil {
			t.Fatal(err)
		}
		if err := table.Put(ctx, store.Record{Key: policy.ActiveKey, Version: version, Body: body}); err != nil {
			t.Fatal(err)
		}
		version++
	}

	if _, err := source.Active(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("without table and cache: got %v, want unavailable", err)
	}
	table.err = nil
	if active(0) != byDefault {
		t.Error("before any activation the default is in force")
	}
	activate(1, "from: 75", "from: 80")
	active(0) // kept for a minute
	clock = clock.Add(time.Minute)
	if p := active(1); p.Ref() == byDefault.Ref() || p.Scoring.Bands[0].From != 80 {
		t.Errorf("epoch 1 has ref %+v and bands %+v", p.Ref(), p.Scoring.Bands)
	}
	reads := table.reads
	active(1)
	if table.reads != reads {
		t.Error("the cache is not used")
	}
	table.err = store.ErrUnavailable
	clock = clock.Add(time.Hour)
	one := active(1) // the table is away: go on
	table.err = nil
	if active(1) != one {
		t.Error("an unchanged item was compiled again")
	}
	activate(3, "from: 75", "from: 90")
	clock = clock.Add(time.Minute)
	active(3)
	activate(2, "from: 75", "from: 85") // an older epoch never overwrites a newer
	clock = clock.Add(time.Minute)
	active(3)
	activate(4, "bands:", "bends:") // does not compile: the last good one stays
	clock = clock.Add(time.Minute)
	active(3)
	if _, err := fresh().Active(ctx); !errors.Is(err, policy.ErrInvalid) {
		t.Errorf("a cold start on a broken policy: got %v, want ErrInvalid", err)
	}
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
