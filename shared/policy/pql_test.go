package policy_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// A playbook with a score of its own: fit at most 20, usage by touches that fade, intent by a signal and a count. The
// requirement besides is an activation within 30 days.
const rollout = `
  - name: rollout
    when: {touch: activated, within: 30d}
    from: 60
    at_most: 90
    fit:
      at_most: 20
      rules:
        - {rule: Large, field: employees, at_least: 200, points: 15}
        - {rule: Builds, field: title, has_any_of: [Engineer], points: 10}
    usage:
      rules:
        - {rule: Joined, touch: invite_accepted, at_most: 3, within: 20d, half_life: 10d, points: 20}
    intent:
      rules:
        - {rule: Prices, touch: pricing_viewed, at_most: 2, within: 7d, points: 5}
        - {rule: Presses, signal: presses, points: 12}
`

const presses = `
signals:
  - name: presses
    description: They want it soon.
    when: {any: [{touch: [demo_requested, contact_sales_requested], within: 5d}, {touch: docs_viewed, at_least: 2, within: 2d}]}
`

func rolledOut(t failer, more ...string) *policy.Policy {
	return with(t, append([]string{"scoring.yaml", "\nsignals:", presses, "scoring.yaml", "\nplaybooks:", "\nplaybooks:" + rollout}, more...)...)
}

func TestPlaybookWithAScore(t *testing.T) {
	p := rolledOut(t)
	activated := happened(touch.Activated, at(0, 0))
	joined := []touch.Touch{happened(touch.InviteAccepted, at(0, 0)), happened(touch.InviteAccepted, at(10, 0)), happened(touch.InviteAccepted, at(10, 1))}
	pricing := happened(touch.PricingViewed, at(8, 0))
	demo := happened(touch.DemoRequested, at(9, 0))
	v := view(p, at(10, 1), append(slices.Clone(joined), activated, pricing, demo, company(at(0, 0), "employees", "250"))...)
	v.People = []account.Person{person("title", "Platform Engineer")}
	e := p.Evaluate(v)
	i := slices.IndexFunc(e.Playbooks, func(b event.Playbook) bool { return b.Name == "rollout" })
	if i < 0 || len(e.Playbooks) != 1 {
		t.Fatalf("playbooks %+v, want rollout alone: the others give no points", e.Playbooks)
	}
	// Fit 15 + 10, of which 20 count. Usage: 20 + 20 of this hour and the one before, and of ten days ago half, 10.
	// Intent: one view of prices, and the signal by the demo.
	want := event.Playbook{Name: "rollout", Holds: true, Score: 87, From: 60, Fit: 20, Usage: 50, Intent: 17, Rules: []event.Contribution{
		{Rule: "Large", Group: "fit", Points: 15, Text: "Employees at least 200: 250", Value: "250"},
		{Rule: "Builds", Group: "fit", Points: 10, Text: "Title contains Engineer: Platform Engineer", Value: "Platform Engineer"},
		{Rule: "at most 20", Group: "fit", Points: -5, Text: "The fit counts 20 points at most"},
		{Rule: "Joined", Group: "usage", Points: 50, Text: "Joined 3 times, last on 11 May (50 of 60 points left)", Evidence: []touch.ID{joined[2].ID, joined[1].ID, joined[0].ID}},
		{Rule: "Prices", Group: "intent", Points: 5, Text: "Prices on 9 May", Evidence: []touch.ID{pricing.ID}},
		{Rule: "Presses", Group: "intent", Points: 12, Text: "Presses: presses (demo requested or contact sales requested on 10 May)", Evidence: []touch.ID{demo.ID}},
	}}
	if d := cmp.Diff(want, e.Playbooks[i]); d != "" {
		t.Errorf("rollout (-want +got):\n%s", d)
	}
	if !e.PQL["rollout"] {
		t.Error("pql: rollout does not hold at 87 of 60 points")
	}
	if d := cmp.Diff([]event.Signal{{Name: "presses", Text: "Demo requested or contact sales requested on 10 May", Evidence: []touch.ID{demo.ID}}}, e.Signals); d != "" {
		t.Errorf("signals (-want +got):\n%s", d)
	}
}

// The threshold, the requirement and the caps, each by itself.
func TestPlaybookHolds(t *testing.T) {
	p := rolledOut(t)
	for _, c := range []struct {
		name      string
		activated time.Time
		joined    int // just now, 20 points each and three at most
		asOf      time.Time
		score     int
		holds     bool
	}{
		{"at the threshold", at(0, 0), 3, at(0, 1), 60, true},
		{"one colleague less", at(0, 0), 2, at(0, 1), 40, false},
		{"a fourth counts for nothing", at(0, 0), 4, at(0, 1), 60, true},
		{"never activated", time.Time{}, 3, at(0, 1), 60, false},
		{"activated exactly 30 days ago", at(-30, 0), 3, at(0, 0), 60, true},
		{"and more", at(-30, 0).Add(-time.Millisecond), 3, at(0, 0), 60, false},
		// 2^(-6/240) of 20 is 19.66: still 20, to the nearest point. After nine hours it is 19.49.
		{"hours later", at(0, 0), 3, at(0, 6), 60, true},
		{"nine hours later", at(0, 0), 3, at(0, 9), 57, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ts []touch.Touch
			if !c.activated.IsZero() {
				ts = append(ts, happened(touch.Activated, c.activated))
			}
			for i := range c.joined {
				ts = append(ts, happened(touch.InviteAccepted, at(0, 0).Add(-time.Duration(i)*time.Millisecond)))
			}
			e := p.Evaluate(view(p, c.asOf, ts...))
			b := e.Playbooks[0]
			if b.Score != c.score || b.Holds != c.holds || e.PQL["rollout"] != c.holds {
				t.Errorf("%d points, holds %t; want %d, %t", b.Score, b.Holds, c.score, c.holds)
			}
			if got := slices.Contains(held(p.Outcome(view(p, c.asOf, ts...))), "pql"); got != c.holds {
				t.Errorf("the play pql is due: %t, want %t", got, c.holds)
			}
		})
	}
	// Nothing new comes: the first whole hour at which 20 points have become 19 is the ninth.
	ts := []touch.Touch{happened(touch.Activated, at(0, 0))}
	for i := range 3 {
		ts = append(ts, happened(touch.InviteAccepted, at(0, 0).Add(-time.Duration(i)*time.Millisecond)))
	}
	v := view(p, at(0, 1), ts...)
	got := p.ReviewAt(v)
	if want := at(0, 9); !got.Equal(want) {
		t.Errorf("review at %s, want %s", got, want)
	}
	at := *v
	at.AsOf = got
	before := *v
	before.AsOf = got.Add(-time.Hour)
	if p.Evaluate(&before).PQL["rollout"] == p.Evaluate(&at).PQL["rollout"] {
		t.Errorf("nothing differs at %s, when a review is due", got)
	}
}

// The reason says what the playbook asks for, and what of its points weighs most; not its name.
func TestReasonOfAScoredPlaybook(t *testing.T) {
	p := rolledOut(t)
	v := view(p, at(0, 1), happened(touch.Activated, at(0, 0)), happened(touch.InviteAccepted, at(0, 0)), happened(touch.InviteAccepted, at(0, 1)),
		happened(touch.DemoRequested, at(-4, 0)), happened(touch.PricingViewed, at(0, 0)), company(at(0, 0), "employees", "300"))
	e := p.Evaluate(v)
	c, ok := p.Why(v, "hand_raise")
	if ok {
		t.Fatalf("hand_raise holds: %v", c.Texts)
	}
	p = rolledOut(t, "plays.yaml", "        - not: {reached: hand_raised, within: 30d}   # sales has it already\n        - not: {pql", "        - not: {pql")
	got := p.Reason(v, &e, "pql", policy.Actor{})
	want := "initech.com (300 people) activated the product on 1 May, asked to talk to sales or asked for a demo on 27 April, viewed pricing on 1 May and " +
		"accepted an invite twice on 1 May; score 95."
	if got != want {
		t.Errorf("reason:\n got %s\nwant %s", got, want)
	}
}

// A signal is asked for by a rule, a stage and a play, and brings its touches along.
func TestSignalIsAskedFor(t *testing.T) {
	p := with(t, "scoring.yaml", "\nsignals:", presses,
		"scoring.yaml", "\n# A band is", "\n    - rule: In a hurry\n      signal: presses\n      points: 7\n\n# A band is",
		"plays.yaml", "plays:\n", "plays:\n  - {name: hurry, funnel: marketing_automation, mode: observe, outcome: handoff, team: sales, act_within: 2d, sla: 4h, when: {signal: any}}\n")
	read := []touch.Touch{happened(touch.DocsViewed, at(9, 0)), happened(touch.DocsViewed, at(9, 20))}
	v := view(p, at(10, 0), read...)
	e := p.Evaluate(v)
	if e.Interest != 7 || !slices.Contains(e.Plays, "hurry") || len(e.Signals) != 1 {
		t.Errorf("interest %d, plays %v, signals %v; want 7, hurry, presses", e.Interest, e.Plays, e.Signals)
	}
	if d := cmp.Diff([]touch.ID{read[1].ID, read[0].ID}, e.Rules[0].Evidence); d != "" {
		t.Errorf("the rule's touches (-want +got):\n%s", d)
	}
	c, ok := p.Why(v, "hurry")
	if !ok || c.Newest != account.Of(&read[1]) || len(c.Texts) != 1 || c.Texts[0] != "presses (docs viewed 2 times, last on 10 May)" {
		t.Errorf("why: %v %+v", ok, c)
	}
	// Two days after the second last reading it is gone: both must lie within.
	if got, want := p.ReviewAt(v), at(11, 1); !got.Equal(want) {
		t.Errorf("review at %s, want %s", got, want)
	}
	v.AsOf = at(11, 1)
	if e := p.Evaluate(v); e.Interest != 0 || len(e.Signals) != 0 || slices.Contains(e.Plays, "hurry") {
		t.Errorf("afterwards: interest %d, signals %v, plays %v", e.Interest, e.Signals, e.Plays)
	}
}

// What a signal is called is evaluation; what it asks about touches is fold, if nothing else asks the same.
func TestSignalsAndHashes(t *testing.T) {
	base := shipped(t)
	const list = "\nsignals:\n"
	for _, c := range []struct {
		name, signal string
		fold         bool
	}{
		{"what others keep already", "  - {name: x, when: {touch: pricing_viewed, within: 3d}}\n", false},
		{"what nobody asked", "  - {name: x, when: {touch: uninstalled}}\n", true},
	} {
		p := with(t, "scoring.yaml", list, list+c.signal)
		if got := p.FoldHash != base.FoldHash; got != c.fold || p.EvalHash == base.EvalHash {
			t.Errorf("%s: the fold's hash changes: %t, want %t; the evaluation's: %t, want true", c.name, got, c.fold, p.EvalHash != base.EvalHash)
		}
	}
}

func TestWrongPlaybooksAndSignals(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"no threshold":      {"  - {name: x, usage: {rules: [{rule: r, touch: activated, points: 5}]}}", "gives points and not from how many on they qualify"},
		"no rules":          {"  - {name: x, from: 5, when: {touch: activated}}", "has no rules that give any"},
		"nothing":           {"  - {name: x}", "never says when"},
		"cap below":         {"  - {name: x, from: 9, at_most: 8, usage: {rules: [{rule: r, touch: activated, points: 20}]}}", "holds from 9 points and gets 8 at most"},
		"rule twice":        {"  - {name: x, from: 5, fit: {rules: [{rule: r, field: employees, known: true, points: 5}]}, usage: {rules: [{rule: r, touch: activated, points: 5}]}}", "two rules of the playbook x are called \"r\""},
		"asks for a score":  {"  - {name: x, from: 5, usage: {rules: [{rule: r, score_at_least: 5, points: 5}]}}", "so it cannot ask for score_at_least"},
		"unknown signal":    {"  - {name: x, when: {signal: outgrow_self_serve}}", "did you mean \"outgrows_self_serve\"?"},
		"never so many":     {"  - {name: x, from: 50, usage: {rules: [{rule: r, touch: activated, at_most: 2, points: 20}]}}", "holds from 50 points, and its rules give 40 at most"},
		"rule that cannot":  {"  - {name: x, from: 5, usage: {rules: [{rule: r, touch: activated, within: 1d, older_than: 2d, points: 20}]}}", "never gives points"},
		"cap without rules": {"  - {name: x, from: 5, fit: {at_most: 3}, usage: {rules: [{rule: r, touch: activated, points: 20}]}}", "fit of the playbook x has none"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(shipped(t).Text)
			files["scoring.yaml"] = strings.Replace(files["scoring.yaml"], "\nplaybooks:\n", "\nplaybooks:\n"+c.text+"\n", 1)
			_, err := policy.Valid(files)
			line := 1 + strings.Count(files["scoring.yaml"][:strings.Index(files["scoring.yaml"], c.text)], "\n")
			if !errors.Is(err, policy.ErrInvalid) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "scoring.yaml:"+strconv.Itoa(line)+":") {
				t.Errorf("got %v\nwant line %d and %q", err, line, c.says)
			}
		})
	}
	for name, c := range map[string]struct{ file, old, new, says string }{
		"signal of a signal": {"scoring.yaml", "\nsignals:\n", "\nsignals:\n  - {name: x, when: {signal: any}}\n", "so it cannot ask for signal"},
		"signal of a score":  {"scoring.yaml", "\nsignals:\n", "\nsignals:\n  - {name: x, when: {band: sales}}\n", "so it cannot ask for band"},
		"customer by signal": {"funnels.yaml", "\ncustomer:\n  all:\n", "\ncustomer:\n  all:\n    - {signal: any}\n", "so it cannot ask for signal"},
		"signal twice":       {"scoring.yaml", "\nsignals:\n", "\nsignals:\n  - {name: outgrows_self_serve, when: {touch: activated}}\n", "a signal needs a name of its own"},
		"signal called any":  {"scoring.yaml", "\nsignals:\n", "\nsignals:\n  - {name: any, when: {touch: activated}}\n", "a signal needs a name of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(shipped(t).Text)
			if !strings.Contains(files[c.file], c.old) {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			if _, err := policy.Compile(files); !errors.Is(err, policy.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}
