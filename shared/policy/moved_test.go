package policy_test

import (
	"slices"
	"testing"
	"time"

	"handoff/shared/account"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// A move counts as a touch would, and is in no facts; when it is too long ago, nobody needs to hear of it.
func TestMovesAreTouchesToThePolicy(t *testing.T) {
	p := shipped(t)
	firm := company(at(0, 0), "name", "Initech", "employees", "250", "industry", "SaaS")
	ann := account.Person{ID: "email:ann@initech.com", Fields: map[string]string{"name": "Ann Lee", "title": "CTO"}}
	moved := account.Element{Time: at(3, 9).UnixMilli(), ID: touch.NewID("test", "identified", "1", 0)}
	for _, c := range []struct {
		play    string
		left    bool
		touches []touch.Touch
		want    string
	}{
		{"champion_left", true, []touch.Touch{firm, happened(touch.OpportunityWon, at(0, 9)), happened(touch.OnboardingCompleted, at(1, 9))},
			"The customer Initech (SaaS, 250 people) lost somebody to another company on 4 May: Ann Lee (CTO), now at globex.com."},
		{"champion_arrived", false, []touch.Touch{firm},
			"Initech (SaaS, 250 people) gained somebody from another company on 4 May: Ann Lee (CTO), from globex.com; score 45."},
	} {
		t.Run(c.play, func(t *testing.T) {
			v := view(p, at(4, 10), c.touches...)
			v.People = []account.Person{ann}
			before := string(v.Facts.Encode())
			if slices.Contains(p.Evaluate(v).Plays, c.play) {
				t.Fatal("it is due though nobody moved")
			}
			v.Moves = []account.Move{{Person: ann.ID, Left: c.left, Other: "account:globex.com", Element: moved}}
			e := p.Evaluate(v)
			if !slices.Contains(e.Plays, c.play) {
				t.Fatalf("it is not due; %v are", e.Plays)
			}
			if got := p.Reason(v, &e, c.play, policy.Actor{Touch: moved.ID, Person: ann.ID}); got != c.want {
				t.Errorf("reason:\n got %s\nwant %s", got, c.want)
			}
			held := p.Outcome(v).Plays
			if i := slices.IndexFunc(held, func(h policy.Held) bool { return h.Play == c.play }); held[i].Newest != moved || held[i].Impersonal != c.left {
				t.Errorf("held %+v, want since %v, impersonal: %v", held[i], moved, c.left)
			}
			if string(v.Facts.Encode()) != before {
				t.Error("the move is in the facts")
			}
			if due := p.ReviewAt(v); due.IsZero() || due.After(at(3, 9).Add(15*24*time.Hour)) {
				t.Errorf("looked at again at %v, want when the move is too long ago", due)
			}
			v.AsOf = at(30, 0)
			if slices.Contains(p.Evaluate(v).Plays, c.play) {
				t.Error("it is due four weeks later")
			}
		})
	}
}
