package score

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// writes notes the items that are written.
type writes struct {
	store.Table
	of []string
}

func (w *writes) PutMany(ctx context.Context, rs []store.Record) []error {
	for _, r := range rs {
		w.of = append(w.of, r.Partition)
	}
	return w.Table.PutMany(ctx, rs)
}

// A product's touches name their user's address each time. The address's own item is written once, so that it is known,
// and not again with each touch; what else is said of the person is kept, the last word of each field.
func TestAddressSaysNothingOfItself(t *testing.T) {
	b, done := newBench(t)
	defer done()
	const ann, initech = "email:ann@initech.example", "account:initech.example"
	w := &writes{Table: b.accounts}
	b.use(t, w, b.history, b, plain{})
	said := []map[string]string{
		{"email": "ann@initech.example"},
		{"email": "ann@initech.example"},
		{"email": "ann@initech.example", "title": "CTO"},
		{"email": "Ann@initech.example"}, // written otherwise: that is news
	}
	var touches []*touch.Touch
	for i, p := range said {
		touches = append(touches, &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: touch.SignedIn, Time: day(i), RecordedAt: day(20), Subject: ann, Person: p})
	}
	b.record(t, touches...)
	b.fold(t, touches, 1)
	count := map[string]int{}
	for _, id := range w.of {
		count[id]++
	}
	if count[ann] != 3 || count[initech] < len(touches) {
		t.Errorf("written: %v; want the address's item at first and with each news, 3 times, and the account's with each touch", count)
	}
	rec, err := b.accounts.Get(t.Context(), account.Key(ann))
	if err != nil {
		t.Fatal(err)
	}
	it, err := account.FromRecord(rec)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for f, r := range it.Fields {
		got[f] = r.Value
	}
	if d := cmp.Diff(map[string]string{"title": "CTO", "email": "Ann@initech.example"}, got); d != "" {
		t.Errorf("the address's registers %v: -want +got\n%s", slices.Sorted(maps.Keys(got)), d)
	}
	v, err := b.handler.graph.Reader().View(t.Context(), initech, mustFacts(t, b, initech), day(20))
	if err != nil {
		t.Fatal(err)
	}
	if len(v.People) != 1 || v.People[0].Fields["title"] != "CTO" {
		t.Errorf("the account's people: %+v, want the CTO", v.People)
	}
}

func mustFacts(t *testing.T, b *bench, id string) *account.Facts {
	t.Helper()
	f, err := account.DecodeFacts([]byte(b.facts(t)[id]))
	if err != nil {
		t.Fatal(err)
	}
	return f
}
