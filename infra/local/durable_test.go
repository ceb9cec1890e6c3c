package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/store"
)

func TestReopenTakesUpWhereItEnded(t *testing.T) {
	s := newStage(t)
	s.one.answer = func(e event.Envelope) error {
		if e.DetailType == "0" {
			return errors.New("not yet")
		}
		return nil
	}
	s.put("test", numbered(1)...)
	s.advance(time.Minute) // received at 9:00 and 9:01
	s.put("test", ev("tool", "waits", `{}`))

	s.open()
	if d := cmp.Diff(2, s.inFlight()); d != "" {
		t.Fatalf("messages after reopening (-want +got)\n%s", d)
	}
	s.drain()
	if d := cmp.Diff([]string{"0", "0", "waits"}, s.one.types()); d != "" {
		t.Errorf("the failed message must wait for its time after a restart too (-want +got)\n%s", d)
	}
	s.advance(time.Minute) // its third and last receive
	if l := s.letters(); len(l) != 1 || l[0].Receives != 3 {
		t.Errorf("dead letters %+v: want one after 3 receives, counted over the restart", l)
	}
}

// TestCrashPoints kills the runtime at every point that one event meets, and goes on with a new one.
func TestCrashPoints(t *testing.T) {
	for _, c := range []struct {
		at     Point
		stored bool // the put was stored, though it answered an error
		times  int  // that the event is handled
	}{
		{PutBefore, false, 0},
		{PutAfter, true, 1},
		{PutSynced, true, 1},
		{InvokeBefore, true, 1},
		{InvokeAfter, true, 2},
		{Settled, true, 1},
	} {
		t.Run(string(c.at), func(t *testing.T) {
			s := newStage(t, func(cfg *Config) {
				cfg.Faults.Crash = func(p Point) bool { return p == c.at }
			})
			ctx := context.Background()
			_, err := s.rt.Put(ctx, "test", numbered(1))
			if err == nil {
				err = s.rt.Drain(ctx)
			}
			if !errors.Is(err, ErrCrashed) {
				t.Fatalf("got %v, want a crash", err)
			}
			if _, err := s.rt.Put(ctx, "test", numbered(1)); !errors.Is(err, ErrCrashed) {
				t.Errorf("a crashed runtime took an event: %v", err)
			}
			s.cfg.Faults = Faults{}
			s.open()
			s.drain()
			if got := len(s.one.types()); got != c.times {
				t.Errorf("handled %d times, want %d", got, c.times)
			}
			if got := s.inFlight(); got != 0 {
				t.Errorf("%d messages left", got)
			}
		})
	}
}

func TestNumbersAreNeverUsedTwice(t *testing.T) {
	s := newStage(t)
	seen := map[string]bool{}
	for range 3 {
		for _, id := range s.put("test", numbered(5)...) {
			if seen[id] {
				t.Fatalf("id %s was given twice", id)
			}
			seen[id] = true
		}
		s.open()
	}
	s.drain()
	if got := len(s.one.types()); got != 15 {
		t.Errorf("%d delivered, want 15", got)
	}
}

// victim is the process that TestKill kills: it puts events and prints what was acknowledged.
func victim(dir string) {
	db, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		fmt.Println("!", err)
		return
	}
	top, err := Load([]byte(small))
	if err != nil {
		fmt.Println("!", err)
		return
	}
	rt, err := New(Config{Topology: top, Space: db.Space("local"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println("!", err)
		return
	}
	for worker := range 4 {
		go func() {
			for i := 0; ; i++ {
				e := ev("tool", fmt.Sprintf("%d-%d", worker, i), `{}`)
				if ids, err := rt.Put(context.Background(), "test", []event.Envelope{e}); err != nil {
					fmt.Println("!", err)
				} else {
					fmt.Println(e.DetailType, ids[0])
				}
			}
		}()
	}
	select {}
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOCAL_TEST_VICTIM="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, id, ok := strings.Cut(lines.Text(), " ")
		if name == "!" {
			t.Fatalf("victim: %s", id)
		}
		if ok && len(id) == 36 { // the last line may be cut off
			acked[name] = id
		}
		if len(acked) == 200 {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // "signal: killed"

	db, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	one := &recorder{}
	rt, err := New(Config{Topology: load(t, small), Space: db.Space("local"), Clock: NewVirtual(start), Log: slog.New(slog.DiscardHandler),
		Handlers: map[string]event.Handler{"OneFunction": one, "TwoFunction": &recorder{}}})
	if err != nil {
		t.Fatal(err)
	}
	archived := map[string]bool{}
	for e, err := range rt.Archived(time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		archived[e.ID] = true
	}
	if err := rt.Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
	delivered := map[string]bool{}
	for _, b := range one.batches {
		for _, e := range b {
			delivered[e.ID] = true
		}
	}
	for name, id := range acked {
		if !archived[id] || !delivered[id] {
			t.Errorf("event %s was acknowledged; after kill -9 archived: %v, delivered: %v", name, archived[id], delivered[id])
		}
	}
	if len(acked) < 200 {
		t.Errorf("only %d acknowledged: the test did not get to its point", len(acked))
	}
}

func TestDeadLetterReplay(t *testing.T) {
	s := newStage(t)
	ctx := context.Background()
	broken := true
	s.one.answer = func(event.Envelope) error {
		if broken {
			return errors.New("broken")
		}
		return nil
	}
	s.put("test", numbered(3)...)
	s.advance(5 * time.Minute)
	letters := s.letters()
	if len(letters) != 3 {
		t.Fatalf("%d dead letters, want 3", len(letters))
	}
	s.one.batches = nil
	broken = false

	if err := s.rt.Replay(ctx, letters[1].ID); err != nil {
		t.Fatal(err)
	}
	s.open() // killed between: the letter stands in the queue, once
	s.drain()
	if d := cmp.Diff([]string{"1"}, s.one.types()); d != "" {
		t.Errorf("replayed (-want +got)\n%s", d)
	}
	if got := s.one.batches[0][0].ID; got != letters[1].Event.ID {
		t.Errorf("the replayed event has id %s, want its own, %s: it is not published again", got, letters[1].Event.ID)
	}
	if len(s.two.types()) > 5 { // five ticks
		t.Errorf("a replay reached another function: %v", s.two.types())
	}
	if got, err := s.rt.DeadLetter(letters[2].ID); err != nil || got.Event.DetailType != "2" {
		t.Errorf("show: got %+v, %v", got, err)
	}
	if err := s.rt.Discard(ctx, letters[0].ID); err != nil {
		t.Fatal(err)
	}
	left := s.letters()
	if len(left) != 1 || left[0].ID != letters[2].ID {
		t.Errorf("left %+v, want only %s", left, letters[2].ID)
	}
	for _, id := range []string{letters[0].ID, letters[1].ID, "OneQueue/1", "nonsense", ""} {
		if err := s.rt.Replay(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("replay of %q: got %v, want not found", id, err)
		}
		if err := s.rt.Discard(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("discard of %q: got %v, want not found", id, err)
		}
	}
}

func TestArchivedByTime(t *testing.T) {
	s := newStage(t)
	at := func(name string, d time.Duration) event.Envelope {
		e := ev("tool", name, `{}`)
		e.Time = start.Add(d)
		return e
	}
	s.put("test", at("late", 2*time.Hour), at("early", -time.Hour), at("mid", 0), ev("ours", "not kept", `{}`))
	for _, c := range []struct {
		name        string
		from, until time.Time
		want        []string
	}{
		{"all", time.Time{}, time.Time{}, []string{"early", "mid", "late"}},
		{"from is inclusive", start, time.Time{}, []string{"mid", "late"}},
		{"until is exclusive", time.Time{}, start, []string{"early"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for e, err := range s.rt.Archived(c.from, c.until) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e.DetailType)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// TestBacklogLargerThanMemory fills a queue beyond its window, with a restart in the middle.
func TestBacklogLargerThanMemory(t *testing.T) {
	s := newStage(t)
	const n = windowMessages + 1000
	for from := 0; from < n; from += 1000 {
		s.put("test", numbered(min(1000, n-from))...)
	}
	q := s.rt.queues["OneQueue"]
	if got := len(q.ready) - q.head; got > windowMessages {
		t.Errorf("%d messages in memory, want at most %d", got, windowMessages)
	}
	handled := map[string]int{}
	s.one.answer = func(e event.Envelope) error { handled[e.ID]++; return nil }
	for range 500 { // batches of three, then the process ends
		batch, err := q.receive(s.clock.Now(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.rt.deliver(context.Background(), s.rt.functions[0], batch); err != nil {
			t.Fatal(err)
		}
	}
	s.open()
	s.drain()
	if len(handled) != n {
		t.Errorf("%d events handled, want %d", len(handled), n)
	}
	for id, times := range handled {
		if times != 1 {
			t.Errorf("%s was handled %d times without any fault", id, times)
		}
	}
}

// TestEnvelopeCodec: what is stored reads back, by the quick reader and by the general one alike.
func TestEnvelopeCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`[a-z./ {}:,]{0,12}`), rapid.String())
		want := event.Envelope{Version: "0", ID: text.Draw(t, "id"), DetailType: text.Draw(t, "type"), Source: text.Draw(t, "source"),
			Account: Account, Region: Region, Time: start.Add(time.Duration(rapid.IntRange(0, 1e9).Draw(t, "s")) * time.Second),
			Resources: rapid.SliceOfN(text, 0, 3).Draw(t, "resources")}
		if want.Resources == nil {
			want.Resources = []string{}
		}
		detail, err := json.Marshal(map[string]string{text.Draw(t, "key"): text.Draw(t, "value")})
		if err != nil {
			t.Fatal(err)
		}
		want.Detail = detail
		b := appendEnvelope(nil, &want)
		var general event.Envelope
		if err := json.Unmarshal(b, &general); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		got, err := parseEnvelope(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(general, *got); d != "" {
			t.Fatalf("the quick reader differs from encoding/json (-want +got)\n%s", d)
		}
		if d := cmp.Diff(want.Detail, got.Detail); d != "" {
			t.Fatalf("detail (-want +got)\n%s", d)
		}
	})
}
