package pipeline

import (
	"context"
	"fmt"
	"testing"
	"time"

	"handoff/shared/event"
	"handoff/shared/store"
	"handoff/tests/phase"
	"handoff/tests/rig"
)

// outage says when tables or bus do not answer: so many minutes or hours of every period, over a whole journey, so
// that it meets events, retries and due times at every point of their lives.
type outage struct {
	every, lasts time.Duration
	from         time.Duration // of each period: when it begins
	tables, bus  bool
	// one in so many requests is still answered while it lasts; 0: none. It is how a throttled table looks.
	answered int

	now     func() time.Time
	n       int // requests while it lasted
	refused int
}

func (o *outage) down() bool {
	at := o.now()
	if in := at.Sub(at.Truncate(o.every)) - o.from; in < 0 || in >= o.lasts {
		return false
	}
	o.n++
	if o.answered > 0 && o.n%o.answered == 0 {
		return false
	}
	o.refused++
	return true
}

var errOutage = fmt.Errorf("no answer, by the test's own doing: %w", store.ErrUnavailable)

func (o *outage) wire(c *rig.Config, r **rig.Rig) {
	o.now = func() time.Time {
		if *r == nil {
			return c.Start
		}
		return (*r).Now()
	}
	if o.tables {
		c.Table = func(t store.Table) store.Table { return &outTable{t, o} }
	}
	if o.bus {
		c.Bus = func(p event.Publisher) event.Publisher { return &outBus{p, o} }
	}
}

type outTable struct {
	store.Table
	o *outage
}

func (t *outTable) Put(ctx context.Context, r store.Record) error {
	if t.o.down() {
		return errOutage
	}
	return t.Table.Put(ctx, r)
}

func (t *outTable) PutPair(ctx context.Context, a, b store.Record) error {
	if t.o.down() {
		return errOutage
	}
	return t.Table.PutPair(ctx, a, b)
}

// PutMany is many requests.
func (t *outTable) PutMany(ctx context.Context, rs []store.Record) []error {
	errs := make([]error, len(rs))
	for i := range rs {
		errs[i] = t.Put(ctx, rs[i])
	}
	return errs
}

func (t *outTable) Get(ctx context.Context, k store.Key) (store.Record, error) {
	if t.o.down() {
		return store.Record{}, errOutage
	}
	return t.Table.Get(ctx, k)
}

func (t *outTable) GetMany(ctx context.Context, ks []store.Key) ([]store.Record, error) {
	if t.o.down() {
		return nil, errOutage
	}
	return t.Table.GetMany(ctx, ks)
}

func (t *outTable) Query(ctx context.Context, q store.Query) (store.Page, error) {
	if t.o.down() {
		return store.Page{}, errOutage
	}
	return t.Table.Query(ctx, q)
}

func (t *outTable) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	if t.o.down() {
		return store.Page{}, errOutage
	}
	return t.Table.DueBefore(ctx, shard, until, limit, cursor)
}

type outBus struct {
	event.Publisher
	o *outage
}

// Publish leaves over what a bus that takes nothing does.
func (b *outBus) Publish(ctx context.Context, events []event.Envelope) error {
	if b.o.down() {
		return &event.Leftover{Events: events, Cause: errOutage}
	}
	return b.Publisher.Publish(ctx, events)
}

// TestOutages plays a journey while tables or bus are away again and again, with the template's own queues and retries. Each
// time everything comes again by itself: no dead letter, the same facts, evaluations and credits as in a run without, the
// same accounts handed to the same plays.
func TestOutages(t *testing.T) {
	phase.Later(t, "every run is one goroutine's, as TestAnyDelivery's are")
	const seed, refused = 31, 500
	j := rig.Generated(t, seed, 2, 900, 40)
	end := j.End.Add(12 * time.Hour)
	play := func(t *testing.T, o *outage) *rig.Rig {
		var r *rig.Rig
		c := rig.Config{Start: j.Start(), Dataset: j.Dataset}
		o.wire(&c, &r)
		r = rig.Open(t, c)
		r.Play(j.Events)
		r.AdvanceTo(end)
		return r
	}
	calm := play(t, &outage{every: time.Hour})
	calm.Quiet()
	facts, evaluations, credits, offered := calm.Facts(), calm.Evaluations(end), calm.Credits(), called(calm)
	if len(facts) < 20 || len(credits) < 2 || len(offered) < 4 {
		t.Fatalf("too little happens to show anything by it: %d accounts, %d conversions, %d handoffs", len(facts), len(credits), len(offered))
	}
	same := func(t *testing.T, s *rig.Rig) {
		s.Quiet()
		conserved(t, s, len(j.Events))
		for what, d := range map[string]string{
			"facts": rig.Diff(facts, s.Facts()), "evaluations": rig.Diff(evaluations, s.Evaluations(end)), "credits": rig.Diff(credits, s.Credits()),
		} {
			if d != "" {
				t.Errorf("%s:\n%s", what, d)
			}
		}
	}

	for _, c := range []struct {
		name string
		o    outage
	}{
		{"ten minutes without tables", outage{every: 4 * time.Hour, lasts: 10 * time.Minute, tables: true}},
		{"three hours without tables", outage{every: 12 * time.Hour, lasts: 3 * time.Hour, tables: true}},
		{"three hours of throttled tables", outage{every: 12 * time.Hour, lasts: 3 * time.Hour, tables: true, answered: 3}},
		{"three hours without the bus", outage{every: 12 * time.Hour, lasts: 3 * time.Hour, bus: true}},
		{"three hours without either", outage{every: 12 * time.Hour, lasts: 3 * time.Hour, tables: true, bus: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := play(t, &c.o)
			t.Logf("%d requests were refused over %d events", c.o.refused, len(j.Events))
			if c.o.refused < refused {
				t.Error("too few to show anything by it")
			}
			for l, err := range s.Runtime.DeadLetters() {
				t.Errorf("a retry could have saved %s, received %d times: %v, %v", l.Event.DetailType, l.Receives, l.Error(), err)
			}
			same(t, s)
			if d := rig.Diff(offered, called(s)); d != "" {
				t.Errorf("handed over:\n%s", d)
			}
		})
	}

	// Longer than the queues try: what they gave up waits, and is as good as new once it is replayed.
	t.Run("six hours without tables, then a replay", func(t *testing.T) {
		t.Parallel()
		s := play(t, &outage{every: 7 * 24 * time.Hour, lasts: 6 * time.Hour, tables: true, from: 36 * time.Hour})
		var dead []string
		for l, err := range s.Runtime.DeadLetters() {
			if err != nil {
				t.Fatal(err)
			}
			dead = append(dead, l.ID)
		}
		if len(dead) == 0 {
			t.Fatal("six hours are more than four: want dead letters")
		}
		t.Logf("%d dead letters", len(dead))
		if err := s.Runtime.Replay(context.Background(), dead...); err != nil {
			t.Fatal(err)
		}
		s.Drain()
		same(t, s)
	})
}

// called is how often each account was handed to people by each play. Who got it, and when, is another matter: turns are
// taken in the order in which decisions are made. Enrolments are left out: a lesser play does not begin any more where what
// came late finds a better one open.
func called(r *rig.Rig) map[string]string {
	n := map[string]int{}
	for _, h := range r.Offered() {
		if h.Kind == event.HandoffOffered {
			n[h.Account+" "+h.Play]++
		}
	}
	out := map[string]string{}
	for k, v := range n {
		out[k] = fmt.Sprint(v)
	}
	return out
}
