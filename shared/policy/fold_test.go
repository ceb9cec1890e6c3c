package policy_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/account"
	"handoff/shared/touch"
)

const enterprise = `
    - rule: Enterprise pricing viewed
      touch: pricing_viewed
      pattern: {props: {plan: [enterprise], seats: [{numeric: [">", 10]}]}}
      at_most: 3
      points: 5
    - rule: Same question in other words
      pattern: {props.seats: [{numeric: [">", 10]}], kind: [pricing_viewed], props.plan: [enterprise]}
      points: 1
    - rule: From paid search
      pattern: {channel: [paid_search]}
      points: 2
`

func TestFoldKeepsEachQuestionOnce(t *testing.T) {
	p := with(t, "scoring.yaml", "    - rule: Demo requested", enterprise[1:]+"    - rule: Demo requested")
	view := happened(touch.PricingViewed, at(0, 0))
	view.Props = map[string]any{"plan": "enterprise", "seats": json.Number("12")}
	keeps := func(t touch.Touch) map[string]int { // label → K; milestones 0, usage -1
		out := map[string]int{}
		for _, k := range p.Fold.Match(&t, nil) {
			switch {
			case k.Usage:
				out["usage"] = -1
			case k.Milestone:
				out[k.Name] = 0
			default:
				out[p.Fold.Label(k.Name)+"/"+k.Name[:0]] += k.K
				if len(k.Name) != 5 {
					t.Kind = k.Name // shows up in the diff below
				}
			}
		}
		return out
	}
	// Views of pricing are kept once for scoring and for two playbooks, with K = 2; those of the pattern once, K = 3.
	want := map[string]int{"pricing viewed/": 2 + 3, "activity": 0}
	if d := cmp.Diff(want, keeps(view)); d != "" {
		t.Errorf("view of enterprise pricing (-want +got):\n%s", d)
	}
	view.Props["seats"] = json.Number("10")
	view.Channel = "paid_search"
	want = map[string]int{"pricing viewed/": 2, "activity": 0, "touch that matches a pattern/": 1}
	if d := cmp.Diff(want, keeps(view)); d != "" {
		t.Errorf("view of ten seats from paid search (-want +got):\n%s", d)
	}
	if got := keeps(happened(touch.SpendRecorded, at(0, 0))); len(got) != 0 {
		t.Errorf("spend is kept as %v, want nothing", got)
	}
	want = map[string]int{"activity": 0, "usage": -1}
	if d := cmp.Diff(want, keeps(happened(touch.FeatureUsed, at(0, 0)))); d != "" {
		t.Errorf("feature used (-want +got):\n%s", d)
	}
	// demo_requested alone is kept as a rule; with contact_sales_requested it is the milestone hand_raised.
	want = map[string]int{"demo requested/": 1, "activity": 0, "hand_raised": 0, "known": 0, "sales": 0}
	if d := cmp.Diff(want, keeps(happened(touch.DemoRequested, at(0, 0)))); d != "" {
		t.Errorf("demo (-want +got):\n%s", d)
	}
	gone := happened(touch.DemoRequested, at(0, 0))
	gone.Withdrawn = true
	if got := p.Fold.Match(&gone, nil); len(got) != 0 {
		t.Errorf("a withdrawn touch is kept as %v", got)
	}
}

// What is kept depends on what the payload says and on nothing that a delivery brings.
func TestMatchDependsOnThePayloadOnly(t *testing.T) {
	p := with(t, "scoring.yaml", "    - rule: Demo requested", enterprise[1:]+"    - rule: Demo requested")
	rapid.Check(t, func(t *rapid.T) {
		a := happened(rapid.SampledFrom(touch.Kinds).Draw(t, "kind"), at(0, 0))
		a.Channel = rapid.SampledFrom([]string{"", "paid_search"}).Draw(t, "channel")
		a.Props = map[string]any{"plan": "enterprise", "seats": json.Number("11")}
		b := a
		b.RecordedAt = time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "recorded"), 0)
		b.EventID, b.Contract, b.Digest = rapid.String().Draw(t, "event"), "c@2", "0"
		first := p.Fold.Match(&a, nil)
		p.Fold.Match(&touch.Touch{Kind: touch.PageViewed}, nil)
		second := p.Fold.Match(&b, make([]account.Keep, 0, 8))
		if !slices.Equal(first, second) {
			t.Fatalf("kept as %v, then as %v", first, second)
		}
	})
}

func TestHashesTellWhatChanged(t *testing.T) {
	base := shipped(t)
	for _, c := range []struct {
		name, file, old, new string
		fold, eval           bool // whether the hash changes
	}{
		{"a comment", "scoring.yaml", "# A band is", "# Each band is", false, false},
		{"points", "scoring.yaml", "points: 30 ", "points: 31 ", false, true},
		{"a band", "scoring.yaml", "from: 75", "from: 80", false, true},
		{"a window", "scoring.yaml", "within: 90d           #", "within: 60d           #", false, true},
		{"more to keep", "scoring.yaml", "at_least: 2, within: 7d", "at_least: 3, within: 7d", true, true},
		{"a milestone", "funnels.yaml", "[handoff_rejected, handoff_recycled]", "[handoff_rejected, handoff_recycled, uninstalled]", true, true},
		{"usage", "funnels.yaml", "usage: [signed_in, ", "usage: [", true, true},
		{"a mode", "plays.yaml", "mode: live", "mode: hold", false, true},
		{"the roster", "teams.yaml", "name: Ruth Adeyemi", "name: Ruth Okoro", false, false},
		{"a template", "funnels.yaml", "{name: UNKNOWN, road: awareness, owner: marketing}", "{name: UNKNOWN, road: awareness, owner: growth}", false, true},
	} {
		p := with(t, c.file, c.old, c.new)
		if fold, eval := p.FoldHash != base.FoldHash, p.EvalHash != base.EvalHash; fold != c.fold || eval != c.eval {
			t.Errorf("%s: fold hash changes: %t, want %t; eval hash changes: %t, want %t", c.name, fold, c.fold, eval, c.eval)
		}
	}
	if again := shipped(t); again.Ref() != base.Ref() {
		t.Errorf("the same files make %v and %v", base.Ref(), again.Ref())
	}
}
