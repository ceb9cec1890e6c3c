package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"handoff/shared/account"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// operate runs a command over a pipeline as `handoff local` does for others.
func operate(t *testing.T, r *rig.Rig, args ...string) (code int, out string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = runWith(&env{ctx: t.Context(), args: args, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, open: r.Stack})
	if !strings.HasPrefix(stdout.String(), "{") && !strings.HasPrefix(stdout.String(), "[") && !strings.Contains(stdout.String(), "\n{") {
		fits(t, stdout.String()) // JSON may be wider
	}
	return code, stdout.String() + stderr.String()
}

// told checks a command's status and that it says something, wherever its lines break.
func told(t *testing.T, r *rig.Rig, code int, args []string, want ...string) string {
	t.Helper()
	got, out := operate(t, r, args...)
	if got != code {
		t.Errorf("%s: status %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
	}
	flat := strings.Join(strings.Fields(out), " ")
	for _, w := range want {
		if !strings.Contains(flat, w) {
			t.Errorf("%s does not say %q:\n%s", strings.Join(args, " "), w, out)
		}
	}
	return out
}

func words(s string) []string { return strings.Fields(s) }

func TestConserveAndRebuild(t *testing.T) {
	r := seen(t)
	_, out := operate(t, r, "conserve")
	golden(t, "conserve", out)
	told(t, r, exitOK, words("rebuild --all"), "folded again from 14 touches of the ledger", "0 different")
	told(t, r, exitOK, words("rebuild initech.com"), "1 account folded again")
	told(t, r, exitFailed, words("rebuild"), "name accounts, or say --all")
	told(t, r, exitFailed, words("rebuild nobody.example"), "nobody is known by that")
	told(t, r, exitFailed, words("rebuild --all --no-check"), "rebuild writes nothing")
	told(t, r, exitOK, words("conserve --list quarantined"), "2 events quarantined, by the id of their envelope:", "nobody.knows")
	told(t, r, exitUsage, words("conserve --list everything"))

	// A row of the ledger goes missing.
	id := rig.TouchID("a1", touch.PricingViewed)
	lost := ledger.Row{Owner: "email:ann@initech.com", Type: ledger.Touch, Time: rig.Noon.Add(-time.Minute), ID: id.String()}
	if err := r.History.(store.Eraser).Delete(t.Context(), lost.Key()); err != nil {
		t.Fatal(err)
	}
	told(t, r, exitAct, words("conserve"), "1 unaccounted", "1 thing without evidence.", "events: ", "no row "+id.String())
	told(t, r, exitAct, words("rebuild --all"), "1 different", "account:initech.com", id.String())
	code, out := operate(t, r, "--format", "json", "conserve")
	var answer struct {
		Unexplained int
		Events      struct {
			Unaccounted []struct{ ID string }
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != exitAct || answer.Unexplained != 1 || len(answer.Events.Unaccounted) != 1 {
		t.Errorf("status %d, %v, %+v; want one event unaccounted for", code, err, answer)
	}
}

func TestExplainCommand(t *testing.T) {
	r := seen(t)
	_, out := operate(t, r, "explain", "initech.com", "--at", "2026-03-04")
	golden(t, "explain", out)
	told(t, r, exitOK, words("explain umbrella.com"), "Why did we contact Umbrella (umbrella.com)?", "The first outreach came after 30 minutes, in time.")
	told(t, r, exitOK, words("explain --event a1"), "a1 came once.", "1 decision rests on it")
	told(t, r, exitOK, words("explain initech.com --at 2026-03-04 --as-known 2026-03-04T17:30:00Z"), "Why did we contact")
	told(t, r, exitFailed, words("explain"), "say who")
	told(t, r, exitFailed, words("explain initech.com --event a1"), "say who")
	told(t, r, exitFailed, words("explain initech.com --at someday"), "is no time that can be read")
	told(t, r, exitFailed, words("explain nobody.example"), "nobody is known by that", "Try a domain")
	code, out := operate(t, r, "--format", "json", "explain", "initech.com", "--at", "2026-03-04")
	var answer struct {
		Account   string
		Decisions []struct {
			Known struct{ Same bool }
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != exitOK || answer.Account != "account:initech.com" || len(answer.Decisions) == 0 || !answer.Decisions[0].Known.Same {
		t.Errorf("status %d, %v, %+v; want the decisions of Initech, each made again", code, err, answer)
	}
}

func TestQuarantineCommands(t *testing.T) {
	r := seen(t)
	told(t, r, exitAct, words("quarantine list"), "1 event: canonical@1, schema at detail.id (revops-platform owns the contract).", "1 event: unknown_source", "2 events.")
	told(t, r, exitAct, words("quarantine list --day 2026-03-04 --contract canonical"), "1 event.")
	told(t, r, exitOK, words("quarantine list --day 2026-03-05"), "Nothing is in quarantine.")
	told(t, r, exitFailed, words("quarantine list --day tomorrow"), "is no day")
	told(t, r, exitAct, words("quarantine retry --all"), "Processed 2 events again: 0 taken, 2 still in quarantine.")
	told(t, r, exitFailed, words("quarantine retry"), "say which events")
	told(t, r, exitFailed, words("quarantine retry abc --contract stripe"), "--contract narrows --all")
	told(t, r, exitFailed, words("quarantine show nothing"), "nothing of that id was set aside")
	_, out := operate(t, r, "--format", "json", "quarantine", "list", "--code", "unknown_source")
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	told(t, r, exitOK, []string{"quarantine", "show", list[0].ID}, `"source": "nobody.knows"`, `"a": 1`)
}

// stuck makes the writes of one item fail while it is on.
type stuck struct {
	store.Table
	on *bool
}

func (s stuck) PutMany(ctx context.Context, rs []store.Record) []error {
	for _, r := range rs {
		if *s.on && r.Key == account.Key("email:ann@initech.com") {
			errs := make([]error, len(rs))
			for i := range errs {
				errs[i] = store.ErrUnavailable
			}
			return errs
		}
	}
	return s.Table.PutMany(ctx, rs)
}

func TestDLQCommands(t *testing.T) {
	on := true
	r := rig.Open(t, rig.Config{Table: func(t store.Table) store.Table { return stuck{t, &on} }})
	told(t, r, exitOK, words("dlq list"), "No dead letters.")
	r.Send(rig.Say("d-1", touch.DemoRequested, "email:ann@initech.com", rig.Noon))
	r.Advance(6 * time.Hour)
	told(t, r, exitAct, words("dlq list --queue score"), "ScoreFunction TouchRecorded, died", "after 40 tries", "unavailable")
	told(t, r, exitOK, words("dlq list --queue route"), "No dead letters.")
	_, out := operate(t, r, "--format", "json", "dlq", "list")
	var list []struct{ ID string }
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	told(t, r, exitOK, []string{"dlq", "show", list[0].ID}, "ScoreFunction could not handle TouchRecorded of handoff", `"detail-type": "TouchRecorded"`)
	told(t, r, exitFailed, words("dlq show ScoreDeadLetterQueue/zz"), "nothing of that id was set aside")
	told(t, r, exitFailed, words("dlq replay"), "say which dead letters")
	told(t, r, exitFailed, words("dlq replay --all --queue score"), "say which dead letters")
	told(t, r, exitAct, words("dlq replay --all"), "Replayed 1 dead letter: 0 handled, 1 failed again, 0 dead again.", "tried for four hours more")
	on = false
	r.Advance(10 * time.Minute)
	told(t, r, exitOK, words("dlq list"), "No dead letters.")
	told(t, r, exitOK, words("conserve"), "Nothing is lost")
}
