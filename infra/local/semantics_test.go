package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

func TestEnvelopeIsTheBuses(t *testing.T) {
	s := newStage(t)
	in := ev("to\"ol", "Seen", `{"b": 1}`)
	in.ID, in.Account, in.Time = "mine", "42", start.Add(1500*time.Millisecond)
	ids := s.put("test", in, ev("tool", "Now", `{}`))
	s.drain()
	got := s.one.batches[0]
	want := []event.Envelope{
		{Version: "0", ID: ids[0], DetailType: "Seen", Source: "to\"ol", Account: Account, Time: start.Add(time.Second), Region: Region, Resources: []string{}, Detail: []byte(`{"b": 1}`)},
		{Version: "0", ID: ids[1], DetailType: "Now", Source: "tool", Account: Account, Time: start, Region: Region, Resources: []string{}, Detail: []byte(`{}`)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("delivered (-want +got)\n%s", d)
	}
	if ids[0] == ids[1] || ids[0] == "mine" || len(ids[0]) != 36 {
		t.Errorf("ids %q: want two of the bus's own", ids)
	}
}

func TestDelivery(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name string
		run  func(s *stage)
		want func(s *stage) (got, want any)
	}{
		{"batches are as large as the template says", func(s *stage) {
			s.put("test", numbered(7)...)
			s.drain()
		}, func(s *stage) (any, any) { return s.one.sizes(), []int{3, 3, 1} }},
		{"two rules onto one queue deliver twice", func(s *stage) {
			s.put("test", ev("ours", "A", `{"twice":true}`), ev("ours", "B", `{}`))
			s.drain()
		}, func(s *stage) (any, any) { return s.two.types(), []string{"A", "A", "B"} }},
		{"an event that no rule matches goes nowhere", func(s *stage) {
			s.put("default", ev("tool", "A", `{}`))
			s.drain()
		}, func(s *stage) (any, any) { return len(s.one.batches) + len(s.two.batches), 0 }},
		{"only the failed message of a partial batch comes back, after its visibility timeout", func(s *stage) {
			s.one.answer = func(e event.Envelope) error {
				if e.DetailType == "1" && s.clock.Now().Before(start.Add(time.Minute)) {
					return boom
				}
				return nil
			}
			s.put("test", numbered(3)...)
			s.drain()
			s.advance(59 * time.Second)
			if got := len(s.one.batches); got != 1 {
				s.t.Errorf("%d batches before the timeout, want 1", got)
			}
			s.advance(time.Second)
		}, func(s *stage) (any, any) { return s.one.types(), []string{"0", "1", "2", "1"} }},
		{"without partial failures the whole batch comes back", func(s *stage) {
			failed := false
			s.two.answer = func(e event.Envelope) error {
				if e.DetailType == "B" && !failed {
					failed = true
					return boom
				}
				return nil
			}
			s.put("test", ev("ours", "A", `{}`), ev("ours", "B", `{}`))
			s.advance(time.Minute)
		}, func(s *stage) (any, any) {
			return slices.DeleteFunc(s.two.types(), func(t string) bool { return t == event.Sweep }), []string{"A", "B", "A", "B"}
		}},
		{"an event at which the handler panics dies alone", func(s *stage) {
			s.one.answer = func(e event.Envelope) error {
				if e.DetailType == "1" {
					panic("oh")
				}
				return nil
			}
			s.put("test", numbered(3)...)
			s.advance(10 * time.Minute)
		}, func(s *stage) (any, any) {
			dead := []string{}
			for _, l := range s.letters() {
				dead = append(dead, l.Event.DetailType, l.Error())
			}
			return append(dead, fmt.Sprint(s.inFlight())), []string{"1", "invoke: the handler panicked: oh", "0"}
		}},
		{"after its last receive a message is dead, with its reason", func(s *stage) {
			s.one.answer = func(event.Envelope) error { return fmt.Errorf("try at %s: %w", s.clock.Now().Format("15:04"), boom) }
			s.put("test", numbered(1)...)
			s.advance(10 * time.Minute)
		}, func(s *stage) (any, any) {
			l := s.letters()
			if len(l) != 1 {
				return l, 1
			}
			return []any{len(s.one.batches), l[0].Queue, l[0].Source, l[0].Function, l[0].Receives, l[0].Error(), l[0].Attributes["RULE_ARN"], l[0].Arrived, l[0].DiedAt, s.inFlight()},
				[]any{3, "OneDead", "OneQueue", "OneFunction", 3, "try at 09:02: boom", "arn:aws:events:us-east-1:000000000000:rule/test/handoff-OneRule", start, start.Add(2 * time.Minute), 0}
		}},
		{"a wrong number of answers fails the batch", func(s *stage) {
			s.cfg.Handlers["OneFunction"] = short{}
			s.open()
			s.put("test", numbered(2)...)
			s.drain()
		}, func(s *stage) (any, any) { return s.inFlight(), 2 }},
		{"the sweep ticks at whole minutes", func(s *stage) {
			s.advance(3*time.Minute + 30*time.Second)
		}, func(s *stage) (any, any) {
			var at []string
			for _, b := range s.two.batches {
				if !event.Tick(&b[0]) {
					s.t.Errorf("%+v is no tick", b[0])
				}
				at = append(at, b[0].Time.Format("15:04:05"))
			}
			return at, []string{"09:01:00", "09:02:00", "09:03:00"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			c.run(s)
			got, want := c.want(s)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// short answers fewer results than it was given events.
type short struct{}

func (short) Handle(context.Context, []event.Envelope) []error { return nil }

// without takes resources out of a template.
func without(t *testing.T, template string, ids ...string) string {
	t.Helper()
	var out []string
	skip, found := false, 0
	for _, line := range strings.Split(template, "\n") {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") || !strings.HasPrefix(line, " ") && line != "" {
			skip = slices.Contains(ids, strings.TrimSuffix(strings.TrimSpace(line), ":"))
			if skip {
				found++
			}
		}
		if !skip {
			out = append(out, line)
		}
	}
	if found != len(ids) {
		t.Fatalf("the template has %d of %v", found, ids)
	}
	return strings.Join(out, "\n")
}

// TestRuleTakenOut shows that what the template does not wire does not happen.
func TestRuleTakenOut(t *testing.T) {
	for _, c := range []struct {
		name     string
		rules    []string
		one, two int // events that each function hears
	}{
		{"all rules", nil, 1, 2}, // two: one event of ours, one tick
		{"without OneRule", []string{"OneRule"}, 0, 2},
		{"without TwoRule", []string{"TwoRule"}, 1, 1},
		{"without SweepRule", []string{"SweepRule"}, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, func(cfg *Config) { cfg.Topology = load(t, without(t, small, c.rules...)) })
			s.put("test", ev("tool", "A", `{}`), ev("ours", "B", `{}`))
			s.advance(time.Minute)
			if got := len(s.one.types()); got != c.one {
				t.Errorf("OneFunction heard %d events, want %d", got, c.one)
			}
			if got := len(s.two.types()); got != c.two {
				t.Errorf("TwoFunction heard %d events, want %d", got, c.two)
			}
		})
	}
}

// TestRealRuleTakenOut takes each function's rules out of the real template, and nothing else.
func TestRealRuleTakenOut(t *testing.T) {
	events := []event.Envelope{
		ev("rudderstack", "events", `{}`), ev("handoff", event.TouchRecorded, `{"touch":{"kind":"handoff_accepted"}}`),
		ev("handoff", event.EnrichmentWanted, `{}`), ev("handoff", event.DecisionMade, `{}`), ev("handoff", event.ConversionRecorded, `{}`),
	}
	heard := func(t *testing.T, template string) map[string]int {
		got := map[string]int{}
		s := newStage(t, func(cfg *Config) {
			cfg.Topology, cfg.Handlers = load(t, template), map[string]event.Handler{}
			for _, f := range cfg.Topology.Functions {
				cfg.Handlers[f.ID] = &recorder{answer: func(event.Envelope) error { got[f.ID]++; return nil }}
			}
		})
		s.put("handoff", events...)
		s.advance(time.Minute)
		return got
	}
	whole := map[string]int{"IngestFunction": 1, "EnrichFunction": 1, "ScoreFunction": 2, "RouteFunction": 3, "AttributionFunction": 1} // two hear the sweep
	if d := cmp.Diff(whole, heard(t, string(realTemplate(t)))); d != "" {
		t.Fatalf("the whole template (-want +got)\n%s", d)
	}
	for _, c := range []struct {
		function string
		rules    []string
	}{
		{"IngestFunction", []string{"IngestRule"}},
		{"EnrichFunction", []string{"EnrichRule"}},
		{"ScoreFunction", []string{"ScoreRule", "SweepRule"}},
		{"RouteFunction", []string{"RouteRule", "FeedbackRule", "SweepRule"}},
		{"AttributionFunction", []string{"AttributionRule"}},
	} {
		t.Run(c.function, func(t *testing.T) {
			got := heard(t, without(t, string(realTemplate(t)), c.rules...))
			if got[c.function] != 0 {
				t.Errorf("%s heard %d events without %v", c.function, got[c.function], c.rules)
			}
			if other := "IngestFunction"; c.function != other && got[other] != whole[other] {
				t.Errorf("%s heard %d events, want %d: it kept its rule", other, got[other], whole[other])
			}
		})
	}
}

func TestPutRefuses(t *testing.T) {
	s := newStage(t)
	ctx := context.Background()
	big := ev("tool", "Big", `{"x":"`+strings.Repeat("y", MaxEntry)+`"}`)
	for _, c := range []struct {
		name string
		e    event.Envelope
		want error
	}{
		{"array", ev("tool", "A", `[]`), ErrMalformed},
		{"cut off", ev("tool", "A", `{"a":`), ErrMalformed},
		{"nothing", ev("tool", "A", ``), ErrMalformed},
		{"breaks out of the envelope", ev("tool", "A", `{},"source":"ours","x":{}`), ErrMalformed},
		{"too large", big, ErrTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			ids, err := s.rt.Put(ctx, "test", []event.Envelope{c.e, ev("tool", "good", `{}`)})
			var left *event.Leftover
			if !errors.As(err, &left) || !errors.Is(err, c.want) || len(left.Events) != 1 || left.Events[0].DetailType != c.e.DetailType {
				t.Fatalf("got error %v, want a leftover because of %v", err, c.want)
			}
			if ids[0] != "" || ids[1] == "" {
				t.Errorf("ids %q, want one for the good event only", ids)
			}
		})
	}
	if _, err := s.rt.Put(ctx, "nowhere", numbered(1)); !errors.Is(err, ErrNoBus) {
		t.Errorf("unknown bus: got %v", err)
	}
	s.drain()
	if d := cmp.Diff([]string{"good", "good", "good", "good", "good"}, s.one.types()); d != "" {
		t.Errorf("delivered (-want +got)\n%s", d)
	}
}

func TestConfigNamesEveryProblem(t *testing.T) {
	_, err := New(Config{Topology: load(t, small), Handlers: map[string]event.Handler{"OneFunction": short{}, "Nobody": short{}}, Workers: -1})
	for _, want := range []string{"Space is missing", "no handler for the template's TwoFunction", "no function Nobody", "Workers is -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}

func TestSameSeedSameCourse(t *testing.T) {
	course := func() []string {
		s := newStage(t, func(c *Config) {
			c.Seed, c.Faults = 7, Faults{Duplicate: 3, Reorder: 2, Delay: 4, Fail: 5, Lose: 6, Throttle: 7}
		})
		s.put("test", numbered(50)...)
		s.advance(time.Hour)
		out := s.one.types()
		for _, b := range s.one.batches {
			for _, e := range b {
				out = append(out, e.ID)
			}
		}
		return out
	}
	a, b := course(), course()
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("two runs with one seed differ\n%s", d)
	}
	if len(a) < 110 {
		t.Errorf("%d deliveries of 50 events: the faults did nothing", len(a)/2)
	}
}

// TestFaultsLoseNothing: whatever the faults do, every event is handled or dead.
func TestFaultsLoseNothing(t *testing.T) {
	for seed := range uint64(20) {
		s := newStage(t, func(c *Config) {
			c.Seed, c.Faults = seed, Faults{Duplicate: 3, Reorder: 2, Delay: 2, Fail: 3, Lose: 4, Throttle: 4}
		})
		handled := map[string]bool{}
		s.one.answer = func(e event.Envelope) error { handled[e.ID] = true; return nil }
		ids := s.put("test", numbered(40)...)
		s.advance(time.Hour)
		for _, l := range s.letters() {
			handled[l.Event.ID] = true
		}
		for m, err := range s.rt.InFlight() {
			if err != nil {
				t.Fatal(err)
			}
			if m.Queue == "OneQueue" {
				t.Errorf("seed %d: event %s is still in flight after an hour", seed, m.Event.ID)
			}
		}
		for _, id := range ids {
			if !handled[id] {
				t.Errorf("seed %d: event %s was lost", seed, id)
			}
		}
	}
}

func TestPublisherFaults(t *testing.T) {
	s := newStage(t, func(c *Config) { c.Faults = Faults{Publish: 2} })
	all := []event.Envelope{}
	for i := range 20 {
		all = append(all, ev("ours", fmt.Sprint(i), `{}`))
	}
	err := s.rt.Publisher().Publish(context.Background(), all)
	var left *event.Leftover
	if !errors.As(err, &left) || len(left.Events) == 0 || len(left.Events) == 20 {
		t.Fatalf("got %v, want some of 20 left over", err)
	}
	s.drain()
	got := s.two.types()
	for _, e := range left.Events {
		if slices.Contains(got, e.DetailType) {
			t.Errorf("%s was refused and delivered", e.DetailType)
		}
	}
	if len(got)+len(left.Events) != 20 {
		t.Errorf("%d delivered and %d left over, want 20 in all", len(got), len(left.Events))
	}

	s.cfg.Faults = Faults{LosePublish: 1}
	s.open()
	if err := s.rt.Publisher().Publish(context.Background(), []event.Envelope{ev("ours", "unknown outcome", `{}`)}); err == nil || errors.As(err, &left) {
		t.Errorf("got %v, want an error that leaves the outcome open", err)
	}
	s.drain()
	if got := s.two.types(); got[len(got)-1] != "unknown outcome" {
		t.Errorf("last delivered is %q: the event was not stored", got[len(got)-1])
	}
}
