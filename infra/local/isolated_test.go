package local

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/infra/lambda"
	"handoff/shared/event"
)

// apartOne is an isolated handler that fails each message until it has come often enough.
type apartOne struct {
	recorder
	survive int // receives that fail
	got     [][]lambda.Message
	short   bool // answers too little
}

func (a *apartOne) Deliver(_ context.Context, messages []lambda.Message) []error {
	a.got = append(a.got, messages)
	if a.short {
		return nil
	}
	errs := make([]error, len(messages))
	for i, m := range messages {
		if m.Receives <= a.survive {
			errs[i] = errors.New("its process is gone")
		}
	}
	return errs
}

// A batch whose process is gone comes back after its visibility timeout, as the same messages, and dies when its receives
// are used up.
func TestIsolatedDelivery(t *testing.T) {
	a := &apartOne{survive: 1}
	s := newStage(t, func(c *Config) { c.Handlers["OneFunction"] = a })
	ids := s.put("test", ev("tool", "A", `{"n":1}`), ev("tool", "B", `{"n":2}`))
	s.drain()
	if len(a.got) != 1 || len(a.batches) != 0 || s.inFlight() != 2 {
		t.Fatalf("%d deliveries, %d calls of Handle, %d in flight: want 1, 0, 2", len(a.got), len(a.batches), s.inFlight())
	}
	s.advance(59 * time.Second)
	if len(a.got) != 1 {
		t.Fatal("it came back before its visibility timeout")
	}
	s.advance(time.Second)
	if len(a.got) != 2 || s.inFlight() != 0 {
		t.Fatalf("%d deliveries, %d in flight: want 2, 0", len(a.got), s.inFlight())
	}
	for i, m := range a.got[0] {
		again := a.got[1][i]
		if m.Receives != 1 || again.Receives != 2 || m.ID == "" || m.ID != again.ID || !m.Sent.Equal(start) || !again.Sent.Equal(start) {
			t.Errorf("message %d: %+v, then %+v: want the same one, sent at %v, received once and twice", i, m, again, start)
		}
		var e event.Envelope
		if err := json.Unmarshal(m.Body, &e); err != nil || e.ID != ids[i] || string(e.Detail) != []string{`{"n":1}`, `{"n":2}`}[i] {
			t.Errorf("message %d holds %s, %v: want event %s", i, m.Body, err, ids[i])
		}
	}
	if a.got[0][0].ID == a.got[0][1].ID {
		t.Error("two messages have one id")
	}

	a.survive, a.short = 9, true
	s.put("test", ev("tool", "C", `{}`))
	for range 3 {
		s.drain()
		s.advance(time.Minute)
	}
	if letters := s.letters(); len(letters) != 1 || letters[0].Receives != 3 || letters[0].Error() != "0 results for 1 messages" {
		t.Errorf("dead letters %+v, want one after 3 receives", letters)
	}
}

// An isolated function has what the template says of it.
func TestFunctionOfTheTemplate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	top := load(t, small)
	f, err := top.Function("TwoFunction", 4, lambda.Config{Path: path, Env: map[string]string{"AWS_REGION": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	type of struct {
		Name, Queue string
		Timeout     time.Duration
		Partial     bool
		Concurrency int
		Env         map[string]string
	}
	got := of{f.Name, f.QueueARN, f.Timeout, f.Partial, f.Concurrency, f.Env}
	want := of{"handoff-TwoFunction", "arn:aws:sqs:us-east-1:000000000000:handoff-TwoQueue", 10 * time.Second, false, 2, map[string]string{"AWS_REGION": "x"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := top.Function("NoFunction", 1, lambda.Config{Path: path}); err == nil {
		t.Error("a function that the template does not have")
	}
}
