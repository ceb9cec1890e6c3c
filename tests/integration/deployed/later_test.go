package deployed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

// What sets things right, and what a policy would have done, is shown of a stack as of a folder. Of a folder nothing is
// written; what is done on the stack is done by its functions.
func TestSetRightOnADeployedStack(t *testing.T) {
	at := time.Now().UTC().Truncate(time.Hour).Add(-2 * time.Hour)
	r := remoteStack(t, at)
	journey := smallJourney(at)
	dir := folder(t, at, journey)
	r.ask("send", r.write(journey))
	r.pump()

	type open struct {
		Handoffs []struct{ ID, Owner, Play string }
	}
	queue := func() (o open) {
		t.Helper()
		if err := json.Unmarshal([]byte(r.ask("queue")), &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	before := queue()
	if len(before.Handoffs) == 0 || before.Handoffs[0].Owner == "" {
		t.Fatalf("the queue is %s, want the hand-raise", r.ask("queue"))
	}
	owner := before.Handoffs[0].Owner
	for _, words := range []string{
		"reassign --from " + owner,
		"unmerge ann@initech.example --from initech.example",
		"queue --held",
		"report sources",
		"policy validate",
		"policy suggest --min-wins 1",
		"policy simulate infra/policy/b2b",
	} {
		args := strings.Fields(words)
		want, errs, _ := r.run(append([]string{"--data", dir, "--format", "json"}, args...)...)
		if len(want) < 2 {
			t.Fatalf("%s on the folder: %s%s", words, want, errs)
		}
		if d := cmp.Diff(strings.Split(comparable(want), "\n"), strings.Split(comparable(r.ask(args...)), "\n")); d != "" {
			t.Errorf("handoff %s: (-folder +stack):\n%s", words, d)
		}
	}

	// The archive of a stack cannot be listed; a file of what was delivered tells the same.
	since := at.AddDate(0, 0, -1).Format(time.DateOnly)
	if out, errs, exit := r.run("--stack", stackName, "remap", "--source", "canonical", "--since", since); exit == 0 || !strings.Contains(out+errs, "--events") {
		t.Errorf("remap without a file: exit %d, %s%s; want it refused, naming --events", exit, out, errs)
	}
	if got := r.ask("remap", "--source", "canonical", "--since", since, "--events", delivered(t, journey)); !strings.Contains(got, `"same": 7`) {
		t.Errorf("remap says %s, want seven touches as recorded", got)
	}

	r.ask("mode", "hand_raise", "hold", "--why", "a look at each")
	if got := r.ask("status"); !strings.Contains(got, `"hold"`) {
		t.Errorf("status after mode: %s", got)
	}
	r.ask("reassign", "--from", owner, "--to", "ruth@handoff.example", "--why", "on leave", "--yes")
	r.pump()
	for _, h := range queue().Handoffs {
		if h.Owner == owner {
			t.Errorf("%s of %s still is %s's", h.ID, h.Play, owner)
		}
	}
	if got := r.ask("explain", "initech.example"); !strings.Contains(got, "ruth@handoff.example") || !strings.Contains(got, "on leave") {
		t.Errorf("explain does not tell of the reassignment:\n%s", got)
	}
}

// delivered is a file of events as a bus gives them to its targets.
func delivered(t *testing.T, events []event.Envelope) string {
	t.Helper()
	var b bytes.Buffer
	for i, e := range events {
		e.ID = fmt.Sprintf("6a7e8feb-b491-4cf7-a9f1-%012d", i)
		line, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	path := filepath.Join(t.TempDir(), "delivered.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
