package explain_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"handoff/infra/explain"
	"handoff/infra/unmerge"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// Whom an operator parted from an account has a life of their own after that, and what was decided while they counted for
// it is that account's: each answer tells its own, and says where the other is.
func TestPartedFromAnAccount(t *testing.T) {
	r := rig.Open(t, rig.Config{})
	const kim = "user:kim"
	r.At(rig.Say("w-1", touch.WebinarAttended, ann, rig.Noon, rig.Person("name", "Ann", "title", "CTO")))
	r.At(rig.Say("i-1", touch.Identified, kim, rig.Noon.Add(time.Minute), rig.Links(ann)))
	r.At(rig.Say("p-1", touch.PricingViewed, kim, rig.Noon.Add(2*time.Minute))) // 20 and 15 and 30: nurture
	r.AdvanceTo(rig.Noon.Add(time.Hour))
	if _, err := unmerge.Do(context.Background(), r.Stack, unmerge.Ask{Who: kim, From: ann, By: "rita", Why: "Kim borrowed the laptop"}); err != nil {
		t.Fatal(err)
	}
	r.Drain()
	r.At(rig.Say("d-1", touch.DemoRequested, kim, rig.Noon.Add(2*time.Hour)))

	a, said := story(t, r, "initech.example", "2026-03-04")
	if len(a.Decisions) != 1 || a.Decisions[0].Decision.Play != "nurture" || len(a.Others) != 0 {
		t.Fatalf("decisions %+v and %+v, want the one of nurture", a.Decisions, a.Others)
	}
	// Of Ann alone there are the title and the webinar.
	k := a.Decisions[0].Known
	if k.SetRight != 1 || len(k.Late) != 0 || k.Now == nil || k.Now.Score != 35 || !k.Reversed {
		t.Errorf("known now %+v, want 35 by what was set right, and nothing late", k)
	}
	for _, x := range a.InTime {
		if x.Subject == kim {
			t.Errorf("%s of Kim is told of Initech", x.Kind)
		}
	}
	has(t, said, "rita unlinked user:kim from email:ann@initech.example", "Who is whom has been set right since. With that the score would have been 35 rather than 65, and nurture would not have been due.")
	if strings.Contains(said, "Demo requested on") {
		t.Errorf("Kim's request is told of Initech:\n%s", said)
	}

	a, said = story(t, r, "user:kim", "2026-03-04")
	if len(a.Decisions) != 1 || a.Decisions[0].Decision.Play != "hand_raise" {
		t.Errorf("decisions %+v, want Kim's hand-raise", a.Decisions)
	}
	has(t, said, "Because kim requested a demo at 19:00")

	// What she did while she counted for Initech is hers now, and a decision of Initech's rests on it.
	e, err := explain.Event(context.Background(), r.Stack, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	if p := e.Deliveries[0].Parts[0]; p.Account != kim || len(p.Decisions) != 2 || p.Decisions[0].Account != initech || p.Decisions[0].Play != "nurture" || p.Decisions[1].Account != "" {
		t.Errorf("%+v, want it counted for Kim, and resting on it Initech's nurture and her own hand-raise", p)
	}
}
