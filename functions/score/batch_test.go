package score

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"handoff/shared/store"
	"handoff/shared/touch"
)

// calls counts the writes that a table was asked for.
type calls struct {
	store.Table
	puts, reads int
}

func (c *calls) PutMany(ctx context.Context, rs []store.Record) []error {
	c.puts++
	return c.Table.PutMany(ctx, rs)
}

func (c *calls) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	c.reads++
	return c.Table.GetMany(ctx, keys)
}

// people are so many contacts of one company, each of whom a touch introduces by address.
func people(n int) []*touch.Touch {
	out := make([]*touch.Touch, n)
	for i := range out {
		out[i] = &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: touch.Identified, Subject: fmt.Sprintf("user:%d", i),
			Links: []string{fmt.Sprintf("email:p%d@initech.example", i)}, Time: day(i), RecordedAt: day(60)}
	}
	return out
}

// A link that moves nothing costs no write of its own: a batch of new people is written as few times as one of them.
func TestNewPeopleAreWrittenTogether(t *testing.T) {
	cost := map[int]calls{}
	for _, n := range []int{1, 40} {
		b, done := newBench(t)
		journey := people(n)
		b.record(t, journey...)
		accounts, history := &calls{Table: b.accounts}, &calls{Table: b.history}
		b.use(t, accounts, history, b, plain{})
		b.fold(t, journey, n)
		if d := names(b.rebuilt(t, journey), b.facts(t)); d != "" {
			t.Error(d)
		}
		cost[n] = calls{puts: accounts.puts + history.puts, reads: accounts.reads + history.reads}
		done()
	}
	if cost[40].puts != cost[1].puts || cost[40].reads > cost[1].reads+2 {
		t.Errorf("a batch of 40 new people took %d calls to write and %d to read, of one %d and %d",
			cost[40].puts, cost[40].reads, cost[1].puts, cost[1].reads)
	}
}

// A batch that lost a race writes down what nobody was in the way of, and is done with the rest by itself.
func TestOneBusyAccountHoldsUpNobody(t *testing.T) {
	b, done := newBench(t)
	defer done()
	journey := people(20)
	journey[7].Links[0] = "email:p7@globex.example"
	b.record(t, journey...)
	b.use(t, &busy{Table: b.accounts, id: "account:globex.example"}, b.history, b, plain{})
	for i, err := range b.handler.Handle(context.Background(), envelopes(journey)) {
		if (err != nil) != (i == 7) {
			t.Errorf("touch %d: %v", i, err)
		}
	}
	want := b.rebuilt(t, journey)
	delete(want, "account:globex.example")
	if d := names(want, b.facts(t)); d != "" {
		t.Error(d)
	}
	b.use(t, b.accounts, b.history, b, plain{})
	b.fold(t, slices.Clone(journey), 5)
	if d := names(b.rebuilt(t, journey), b.facts(t)); d != "" {
		t.Error(d)
	}
}

// busy is a table in which another writer is always faster with one item.
type busy struct {
	store.Table
	id string
}

func (b *busy) PutMany(ctx context.Context, rs []store.Record) []error {
	free := slices.DeleteFunc(slices.Clone(rs), func(r store.Record) bool { return r.Partition == b.id })
	written := b.Table.PutMany(ctx, free)
	errs := make([]error, len(rs))
	for i, r := range rs {
		if r.Partition == b.id {
			errs[i] = &store.Conflict{Key: r.Key}
			continue
		}
		errs[i], written = written[0], written[1:]
	}
	return errs
}
