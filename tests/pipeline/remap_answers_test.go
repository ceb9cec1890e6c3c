package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/infra/remap"
	"handoff/infra/rested"
	"handoff/shared/event"
	"handoff/tests/rig"
)

// desk is a tool in which reps answer, valid and wrong: what it calls lost is taken for completed, a call is nobody's
// answer, and a note is taken for a first outreach.
const desk = `name: acme
version: 1
owner: revops
about: Where reps answer.
recognise: {source: [acme.desk]}
id: detail.id
time: [{path: detail.at, as: iso}]
map:
  - source_type: {value: desk}
    kind: {path: detail.what, table: {took: handoff_accepted, lost: handoff_completed, back: handoff_rejected, note: first_outreach}, else: call_logged}
    subject: [{kind: email, of: detail.who}]
    feedback: {play: {value: hand_raise}, rep: {value: Kim}, reason: detail.why}
`

var deskMended = strings.NewReplacer("version: 1", "version: 2", "{took: handoff_accepted, lost: handoff_completed, back: handoff_rejected, note: first_outreach}",
	"{took: handoff_accepted, lost: handoff_rejected, back: handoff_accepted, call: first_outreach, stop: consent_withdrawn}").Replace(desk)

// What tools said of handoffs is mapped anew with the rest: a handoff that was closed as one thing is closed as the other,
// a call counts as the first outreach, and what must stay is named with who has it.
func TestRemapOfAnswers(t *testing.T) {
	at := func(m int) time.Time { return rig.Noon.Add(time.Duration(m) * time.Minute) }
	n := 0
	say := func(minutes int, what, who string) event.Envelope {
		n++
		return rig.Raw("acme.desk", "Said", fmt.Sprintf(`{"id":"e%d","at":%q,"what":%q,"who":"%s@%s.example","why":"no budget"}`, n, at(minutes).Format(time.RFC3339), what, who, who), at(minutes))
	}
	raised := func(minutes int, who string) event.Envelope {
		return rig.Say("ask-"+who, "demo_requested", "email:"+who+"@"+who+".example", at(minutes))
	}
	r := rig.Open(t, rig.Config{Dataset: known, Contracts: contracts(t, desk)})
	r.Play([]event.Envelope{
		raised(0, "ann"), raised(1, "bob"), raised(2, "cy"), raised(3, "dee"), raised(4, "eve"),
		say(10, "took", "ann"), say(11, "lost", "ann"), // taken for completed: was rejected
		say(12, "call", "bob"), // taken for nothing: was the first outreach
		say(13, "back", "cy"),  // taken for rejected: was accepted
		say(14, "note", "dee"), // taken for the first outreach: was nothing
		say(15, "stop", "eve"), // taken for nothing: she withdrew consent
	})
	handoffs := map[string]string{}
	for _, h := range r.Offered() {
		handoffs[short(h.Account)] = h.ID
	}
	state := func(who string) string {
		t.Helper()
		item, err := rested.Item(context.Background(), r.Stack, handoffs[who])
		if err != nil || item == nil {
			t.Fatalf("the handoff of %s: %v %v", who, item, err)
		}
		return string(item.Slot(handoffs[who]).State())
	}
	stands := func(when string, want map[string]string) {
		t.Helper()
		for who, w := range want {
			if got := state(who); got != w {
				t.Errorf("%s the handoff of %s is %s, want %s", when, who, got, w)
			}
		}
	}
	before := map[string]string{"ann": "completed", "bob": "open", "cy": "rejected", "dee": "first_outreach", "eve": "open"}
	stands("before", before)
	r.Mend(contracts(t, deskMended))
	ask := remap.Ask{Source: "acme", Since: rig.Noon, By: "rita", Why: "lost is not done"}
	look, err := remap.Look(context.Background(), r.Stack, ask)
	if err != nil {
		t.Fatal(err)
	}
	stands("after looking", before)
	var told []string
	for _, a := range look.Answers {
		told = append(told, fmt.Sprintf("%s: %s -> %s, now %s, stays %t, has it %t", short(a.Account), a.Was, a.Is, a.State, a.Stays, a.Owner != ""))
	}
	want := []string{
		"ann: handoff_completed -> handoff_rejected, now completed, stays false, has it true",
		"bob:  -> first_outreach, now , stays false, has it false", // by play: which of the account's, route will say
		"cy: handoff_rejected -> handoff_accepted, now rejected, stays true, has it true",
		"dee: first_outreach -> , now first_outreach, stays true, has it true",
	}
	if !slices.Equal(told, want) {
		t.Errorf("answers:\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	r.Forget()
	if did, err := remap.Do(context.Background(), r.Stack, ask); err != nil || !did.Settled {
		t.Fatalf("%+v %v", did, err)
	}
	r.Drain()
	r.Quiet()
	// Cy's stays closed: somebody else may have it by now. Dee's clock is not wound back.
	after := map[string]string{"ann": "rejected", "bob": "first_outreach", "cy": "rejected", "dee": "first_outreach", "eve": "recycled"}
	stands("after", after)
	if closed := r.Told(event.HandoffClosed); len(closed) != 2 {
		t.Errorf("%d handoffs are told to be closed, want ann's, as rejected, and eve's, as she withdrew consent", len(closed))
	}
	again, err := remap.Do(context.Background(), r.Stack, ask)
	if err != nil || !again.Nothing() || len(again.Answers) != 0 {
		t.Errorf("a second time: %+v %v", again, err)
	}
	r.Drain()
	stands("after a second time", after)
	whole(t, r)
}

// short is who is meant by a company of the examples.
func short(account string) string {
	return strings.TrimSuffix(strings.TrimPrefix(account, "account:"), ".example")
}
