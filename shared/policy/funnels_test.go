package policy_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/funnel"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

const ladder = `
  - name: product
    active: true
    for: {any: [{field: persona, is: developer}, {pattern: {props: {product: [analytics]}}, within: 30d}]}
    stages:
      - {name: SEEN, road: awareness, owner: marketing}
      - {name: TRIED, road: interest, owner: growth, sla: 36h, gate: {field: employees, at_least: 10}, when: {touch: [trial_started, feature_used], within: 20d}}
      - {name: TALKS, road: interest, owner: sales, when: {reached: sales}}
      - {name: BUYS, road: decision, owner: success, sla: 5d, gate: {deal: won}, when: {customer: true}}
      - {name: GONE, road: expansion, owner: success, aside: true}
    moves:
      - {reason: gave up, from: [TRIED, TALKS], to: GONE, when: {touch: uninstalled, within: 9d}}
      - {reason: jumped, from: [SEEN], to: TALKS, when: {touch: contact_sales_requested, within: 2d}}
`

const ladderPlays = `plays:
  - {name: try, funnel: product, mode: observe, outcome: handoff, team: growth, act_within: 2d, sla: 4h, when: {touch: trial_started, within: 3d}}
  - {name: hurry_up, funnel: product, mode: observe, outcome: handoff, team: growth, act_within: 2d, sla: 4h, when: {all: [{stage: TRIED, funnel: product}, {stage_overdue: true, funnel: product}]}}
`

func laddered(t failer) *policy.Policy {
	return with(t, "funnels.yaml", "\n  # Templates:", ladder+"\n  # Templates:", "plays.yaml", "plays:\n", ladderPlays)
}

// of makes a touch about a product.
func of(product string, t touch.Touch) touch.Touch {
	t.Props = map[string]any{"product": product}
	return t
}

// An account that a funnel is not for has no stage in it, and its plays are not due.
func TestFunnelIsForSome(t *testing.T) {
	p := laddered(t)
	trial := happened(touch.TrialStarted, at(9, 0))
	for _, c := range []struct {
		name    string
		touches []touch.Touch
		persona string
		in      bool
	}{
		{"nobody's", []touch.Touch{trial}, "", false},
		{"of another product", []touch.Touch{of("billing", trial)}, "", false},
		{"of the product", []touch.Touch{of("analytics", trial)}, "", true},
		{"of the persona", []touch.Touch{trial}, "Developer", true},
	} {
		v := view(p, at(10, 0), append(c.touches, company(at(0, 0), "employees", "50"))...)
		v.People = []account.Person{person("persona", c.persona)}
		e, o := p.Evaluate(v), p.Outcome(v)
		want := map[string]string{"marketing_automation": "ANONYMOUS_VISITOR"}
		if c.in {
			want["product"] = "TRIED"
		}
		if d := cmp.Diff(want, e.Stages); d != "" {
			t.Errorf("%s: stages (-want +got):\n%s", c.name, d)
		}
		if !maps.Equal(o.Stages, e.Stages) || len(p.Placements(v)) != len(want) {
			t.Errorf("%s: the outcome's stages are %v, and there are %d placements", c.name, o.Stages, len(p.Placements(v)))
		}
		_, why := p.Why(v, "try")
		if slices.Contains(held(o), "try") != c.in || slices.Contains(e.Plays, "try") != c.in || why != c.in {
			t.Errorf("%s: plays %v, %v and why %t, want try: %t", c.name, held(o), e.Plays, why, c.in)
		}
	}
	// 30 days after the touch it leaves the funnel, with nothing new: at(39, 0) is exactly 30 days.
	v := view(p, at(38, 0), of("analytics", trial))
	if got, want := p.ReviewAt(v), at(39, 1); !got.Equal(want) {
		t.Errorf("review at %s, want %s", got, want)
	}
}

// A gate holds back from its stage and all later ones, says so, and does not keep anybody from a stage aside.
func TestGateHoldsBack(t *testing.T) {
	p := laddered(t)
	trial, demo := of("analytics", happened(touch.TrialStarted, at(9, 0))), happened(touch.DemoRequested, at(9, 1))
	won := happened(touch.SubscriptionStarted, at(9, 2))
	big := company(at(0, 0), "employees", "10")
	for _, c := range []struct {
		name    string
		touches []touch.Touch
		deal    string
		stage   string
		reason  string
		held    string // by the gate of
		other   string
	}{
		{"no company known", []touch.Touch{trial}, "", "SEEN", "", "TRIED", "TRIED"},
		{"nor past it", []touch.Touch{trial, demo}, "", "SEEN", "", "TRIED", "TALKS"},
		{"open", []touch.Touch{trial, big}, "", "TRIED", "", "", ""},
		{"all the way to the next", []touch.Touch{trial, demo, won, big}, "open", "TALKS", "", "BUYS", "BUYS"},
		{"both open", []touch.Touch{trial, demo, won, big}, "won", "BUYS", "", "", ""},
		{"the first shut", []touch.Touch{trial, demo, won}, "won", "SEEN", "", "TRIED", "BUYS"},
		{"nothing to hold back", []touch.Touch{of("analytics", happened(touch.PageViewed, at(9, 0)))}, "", "SEEN", "", "", ""},
		{"aside, whatever the gate", []touch.Touch{trial, demo, big, happened(touch.Uninstalled, at(9, 3))}, "", "GONE", "gave up", "", ""},
		{"no move leads past it", []touch.Touch{of("analytics", happened(touch.ContactSales, at(9, 0)))}, "", "SEEN", "", "TRIED", "TALKS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(p, at(10, 0), c.touches...)
			if c.deal != "" {
				v.Deals = []account.Deal{{ID: "opportunity:crm/1", Status: c.deal}}
			}
			e := p.Evaluate(v)
			if e.Stages["product"] != c.stage {
				t.Errorf("stage %s, want %s", e.Stages["product"], c.stage)
			}
			places := p.Placements(v)
			i := slices.IndexFunc(places, func(x funnel.Placement) bool { return x.Funnel == "product" })
			if places[i].Stage.Name != c.stage || places[i].Reason != c.reason {
				t.Errorf("placed at %s (%s), want %s (%s)", places[i].Stage.Name, places[i].Reason, c.stage, c.reason)
			}
			var got event.Standing
			for _, s := range e.Standings {
				if s.Funnel == "product" {
					got = s
				}
			}
			if got.HeldBy != c.held || got.Else != c.other {
				t.Errorf("held by %q, else at %q; want %q, %q", got.HeldBy, got.Else, c.held, c.other)
			}
			gate := map[string]string{"TRIED": "{field: employees, at_least: 10}", "BUYS": "{deal: won}"}[c.held]
			want := "held back at " + c.stage + " by the gate of " + c.held + ": " + gate
			if c.held != "" && got.Held() != want {
				t.Errorf("says %q, want %q", got.Held(), want)
			}
		})
	}
	// What the gate wants to know is unknown.
	if e := p.Evaluate(view(p, at(10, 0), trial)); !slices.Contains(e.Unknown, "employees") {
		t.Errorf("unknown %v, want employees among them", e.Unknown)
	}
}

// A stage is overdue once the newest evidence by which the account stands there is older than its SLA.
func TestStageOverdue(t *testing.T) {
	p := laddered(t)
	big := company(at(0, 0), "employees", "10")
	trial, again := of("analytics", happened(touch.TrialStarted, at(3, 0))), of("analytics", happened(touch.FeatureUsed, at(3, 20)))
	for _, c := range []struct {
		name    string
		touches []touch.Touch
		asOf    time.Time
		since   time.Time
		due     time.Time
		overdue bool
	}{
		// 36 hours after 00:00 of day 3 is 12:00 of day 4, which is still within; the first hour beyond is 13:00.
		{"within", []touch.Touch{trial, big}, at(4, 12), at(3, 0), at(4, 13), false},
		{"over", []touch.Touch{trial, big}, at(4, 13), at(3, 0), at(4, 13), true},
		{"newer evidence", []touch.Touch{trial, again, big}, at(4, 13), at(3, 20), at(5, 9), false},
		{"what is no evidence", []touch.Touch{trial, of("analytics", happened(touch.DocsViewed, at(4, 0))), big}, at(4, 13), at(3, 0), at(4, 13), true},
		{"held back: a stage without SLA", []touch.Touch{trial}, at(4, 13), time.Time{}, time.Time{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := view(p, c.asOf, c.touches...)
			e := p.Evaluate(v)
			var got event.Standing
			for _, s := range e.Standings {
				if s.Funnel == "product" {
					got = s
				}
			}
			if !got.Since.Equal(c.since) || !got.Due.Equal(c.due) || got.Overdue != c.overdue {
				t.Errorf("since %s, due %s, overdue %t; want %s, %s, %t", got.Since, got.Due, got.Overdue, c.since, c.due, c.overdue)
			}
			if held := slices.Contains(e.Plays, "hurry_up"); held != c.overdue {
				t.Errorf("the play is due: %t, want %t", held, c.overdue)
			}
			if !c.overdue {
				return
			}
			why, ok := p.Why(v, "hurry_up")
			// The hour is the news, so that the play's act_within counts from there.
			if !ok || why.Newest != (account.Element{Time: c.due.UnixMilli()}) || !slices.Contains(why.Evidence, trial.ID) {
				t.Errorf("why %t: %+v", ok, why)
			}
			if want := "at TRIED since 4 May, overdue since 5 May"; !slices.Contains(why.Texts, want) {
				t.Errorf("says %q, want %q among it", why.Texts, want)
			}
		})
	}
	v := view(p, at(4, 0), trial, big)
	if got, want := p.ReviewAt(v), at(4, 13); !got.Equal(want) {
		t.Errorf("review at %s, want %s, when the stage is overdue", got, want)
	}
	// Where only fields speak for a stage, the latest sign of life counts: five days and an hour later.
	deal := []touch.Touch{of("analytics", happened(touch.PageViewed, at(2, 0))), happened(touch.OpportunityWon, at(1, 0)), big}
	v = view(p, at(7, 1), deal...)
	v.Deals = []account.Deal{{ID: "opportunity:crm/1", Status: "won"}}
	s := p.Evaluate(v).Standings
	i := slices.IndexFunc(s, func(s event.Standing) bool { return s.Funnel == "product" })
	if i < 0 || s[i].Stage != "BUYS" || !s[i].Since.Equal(at(2, 0)) || !s[i].Overdue {
		t.Errorf("standings %+v, want BUYS since %s, overdue", s, at(2, 0))
	}
}

// The default policy tells whoever answers for a stage.
func TestOverduePlays(t *testing.T) {
	p := shipped(t)
	demo := happened(touch.DemoRequested, at(0, 9))
	if got := held(p.Outcome(view(p, at(2, 9), demo))); slices.Contains(got, "mql_overdue") {
		t.Errorf("after exactly two days: %v", got)
	}
	o := p.Outcome(view(p, at(2, 10), demo))
	if d := cmp.Diff([]string{"mql_overdue"}, held(o)); d != "" || o.Plays[0].Newest != (account.Element{Time: at(2, 10).UnixMilli()}) {
		t.Errorf("after two days and an hour (-want +got):\n%s\nsince %+v", d, o.Plays)
	}
	booked := happened(touch.MeetingBooked, at(1, 0))
	if d := cmp.Diff([]string{"sql_overdue"}, held(p.Outcome(view(p, at(15, 1), demo, booked)))); d != "" {
		t.Errorf("two weeks after the meeting (-want +got):\n%s", d)
	}
	if got := held(p.Outcome(view(p, at(15, 0), demo, booked))); len(got) > 0 {
		t.Errorf("after exactly two weeks: %v", got)
	}
	if play := p.Play("mql_overdue"); play.Team != "marketing" || play.Mode != "observe" || p.Stage("marketing_automation", "MARKETING_QUALIFIED_LEAD").Owner != "marketing" {
		t.Errorf("mql_overdue is %s's, in %s", play.Team, play.Mode)
	}
}

// A self-serve user inside a large company goes to sales, also where it pays by itself, and to nobody else; who was sold to does not.
func TestSeam(t *testing.T) {
	p := shipped(t)
	activated, limit := happened(touch.Activated, at(8, 0)), happened(touch.UsageLimitReached, at(9, 0))
	paid := happened(touch.SubscriptionStarted, at(8, 5))
	invited := []touch.Touch{happened(touch.InviteSent, at(9, 0)), happened(touch.InviteSent, at(9, 1)), happened(touch.PricingViewed, at(9, 2)), happened(touch.PricingViewed, at(9, 3))}
	for _, c := range []struct {
		name      string
		employees string
		touches   []touch.Touch
		deal      string
		want      []string
	}{
		{"large", "900", []touch.Touch{activated, limit}, "", []string{"seam"}},
		{"small", "499", []touch.Touch{activated, limit}, "", nil},
		{"of unknown size", "", []touch.Touch{activated, limit}, "", nil},
		{"large, and pays by card", "900", []touch.Touch{activated, limit, paid}, "", []string{"seam", "kick_off"}},
		{"small, and pays by card", "40", []touch.Touch{activated, limit, paid}, "", []string{"kick_off", "expansion"}},
		{"large, and bought from sales", "900", []touch.Touch{activated, limit, paid}, "won", []string{"kick_off", "expansion"}},
		{"large, and both playbooks hold", "900", append(invited, activated, limit), "", []string{"seam"}},
		{"small, and product-qualified", "40", append(invited, activated, limit), "", []string{"pql"}},
		{"large, once sold to and gone", "900", append(invited, activated, limit), "won", []string{"pql"}},
		{"large, and asked", "900", []touch.Touch{activated, limit, happened(touch.ContactSales, at(9, 9))}, "", []string{"hand_raise"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			touches := c.touches
			if c.employees != "" {
				touches = append(slices.Clone(touches), company(at(0, 0), "employees", c.employees))
			}
			v := view(p, at(10, 0), touches...)
			if c.deal != "" {
				v.Deals = []account.Deal{{ID: "opportunity:crm/1", Status: c.deal}}
			}
			if d := cmp.Diff(c.want, held(p.Outcome(v))); d != "" {
				t.Errorf("plays (-want +got):\n%s", d)
			}
		})
	}
	v := view(p, at(10, 0), activated, limit, company(at(0, 0), "employees", "900"))
	e := p.Evaluate(v)
	want := "initech.com (900 people) activated the product on 9 May and reached a usage limit on 10 May; score 15."
	if got := p.Reason(v, &e, "seam", policy.Actor{}); got != want {
		t.Errorf("reason:\n got %s\nwant %s", got, want)
	}
	if play := p.Play("seam"); play.Team != "sales" || !slices.Contains(play.Despite, "customer") {
		t.Errorf("seam goes to %s, despite %v", play.Team, play.Despite)
	}
}

// Evaluating after every touch allocates nothing but the names it answers with, also where playbooks give points, stages
// have deadlines and gates, and funnels are for some.
func TestOutcomeAllocates(t *testing.T) {
	p := rolledOut(t, "funnels.yaml", "\n  # Templates:", ladder+"\n  # Templates:", "plays.yaml", "plays:\n", ladderPlays)
	v := view(p, at(10, 0), of("analytics", happened(touch.FeatureUsed, at(9, 0))), happened(touch.InviteAccepted, at(3, 0)),
		happened(touch.DocsViewed, at(9, 0)), happened(touch.DocsViewed, at(9, 1)), company(at(0, 0), "employees", "250"))
	e := p.Evaluate(v)
	if len(e.Plays) > 0 || e.Stages["product"] != "TRIED" || len(e.Signals) != 1 || len(e.Standings) != 1 || e.Playbooks[0].Score == 0 {
		t.Fatalf("the account is not of the kind to be measured: %+v", e)
	}
	least := testing.AllocsPerRun(1, func() { p.Outcome(v) })
	for range 100 { // under the race detector a pool forgets now and then
		least = min(least, testing.AllocsPerRun(1, func() { p.Outcome(v) }))
	}
	if least > 1 { // one to look the names of the stages up
		t.Errorf("an outcome allocates %v times", least)
	}
}

// Owners hear of another gate, of those before their stage, too, and of whose the funnel is.
func TestStagesChangedByGateAndFor(t *testing.T) {
	p := laddered(t)
	edited := func(old, new string) *policy.Policy {
		files := maps.Clone(p.Text)
		files["funnels.yaml"] = strings.Replace(files["funnels.yaml"], old, new, 1)
		q, err := policy.Compile(files)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	what := func(q *policy.Policy) map[string][]string {
		out := map[string][]string{}
		for _, c := range policy.StagesChanged(p, q) {
			out[c.Stage] = c.What
		}
		return out
	}
	gate := []string{"gate"}
	if d := cmp.Diff(map[string][]string{"TRIED": gate, "TALKS": gate, "BUYS": gate, "GONE": gate}, what(edited("gate: {field: employees, at_least: 10}", "gate: {field: employees, at_least: 20}"))); d != "" {
		t.Errorf("another gate (-want +got):\n%s", d)
	}
	if got := what(edited("{field: persona, is: developer}", "{field: persona, is: analyst}")); len(got) != 5 || !slices.Equal(got["SEEN"], []string{"for"}) {
		t.Errorf("another for: %v, want all five stages, by for", got)
	}
	if got := what(edited("sla: 36h", "sla: 48h")); len(got) != 1 || !slices.Equal(got["TRIED"], []string{"sla"}) {
		t.Errorf("another sla: %v, want TRIED by its sla", got)
	}
}

func TestWrongGates(t *testing.T) {
	for name, c := range map[string]struct{ old, new, says string }{
		"on the first stage": {"{name: SEEN, ", "{name: SEEN, gate: {customer: true}, ", "stage SEEN has a gate, and nobody comes there by the road"},
		"on a stage aside":   {"{name: GONE, ", "{name: GONE, gate: {customer: true}, ", "stage GONE has a gate, and nobody comes there by the road"},
		"that never opens":   {"gate: {deal: won}", "gate: {all: [{customer: true}, {customer: false}]}", "the gate of BUYS can never hold"},
		"for what cannot be": {"for: {any: [{field: persona, is: developer}, {", "for: {all: [{customer: true}, {customer: false}, {", "being in the funnel product can never hold"},
		"by its own stage":   {"gate: {deal: won}", "gate: {stage: TALKS, funnel: product}", "so it cannot ask for stage"},
		"by being overdue":   {"gate: {deal: won}", "gate: {stage_overdue: true}", "so it cannot ask for stage_overdue"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(laddered(t).Text)
			if !strings.Contains(files["funnels.yaml"], c.old) {
				t.Fatalf("there is no %q", c.old)
			}
			files["funnels.yaml"] = strings.Replace(files["funnels.yaml"], c.old, c.new, 1)
			if _, err := policy.Valid(files); !errors.Is(err, policy.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}
