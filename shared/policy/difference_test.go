package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/policy"
)

func TestDifferences(t *testing.T) {
	before := shipped(t)
	for _, c := range []struct {
		name  string
		edits []string
		want  []string
	}{
		{"a comment and another layout", []string{"scoring.yaml", "points: 30            # once; at_most: 3 would count three views", "points: 30", "scoring.yaml", "touch: demo_requested", "touch: [demo_requested]"}, nil},
		{"points", []string{"scoring.yaml", "points: 50", "points: 60"}, []string{"scoring.yaml rule Demo requested points: 50 -> 60"}},
		{"a group's bound", []string{"scoring.yaml", "high: 25 ", "high: 20 "}, []string{"scoring.yaml setting fit.high: 25 -> 20"}},
		{"a rule goes, one comes", []string{"scoring.yaml", "rule: Webinar attended\n      touch: webinar_attended", "rule: Docs read\n      touch: docs_viewed"}, []string{
			"scoring.yaml rule Webinar attended: {points: 15, touch: webinar_attended, within: 90d} -> ",
			"scoring.yaml rule Docs read:  -> {points: 15, touch: docs_viewed, within: 90d}"}},
		{"a band", []string{"scoring.yaml", "from: 75", "from: 80"}, []string{"scoring.yaml band sales from: 75 -> 80"}},
		{"a play goes live", []string{"plays.yaml", "    mode: observe", "    mode: live"}, []string{"plays.yaml play kick_off mode: observe -> live"}},
		{"what a play asks", []string{"plays.yaml", "when: {reached: won, within: 3d}", "when: {reached: won, within: 5d}"}, []string{"plays.yaml play kick_off when.within: 3d -> 5d"}},
		{"a stage's owner, and what it asks", []string{"funnels.yaml", "owner: marketing\n        sla: 2d", "owner: growth\n        sla: 1d", "funnels.yaml", "{reached: hand_raised, within: 90d}", "{reached: hand_raised, within: 60d}"}, []string{
			"funnels.yaml stage marketing_automation/MARKETING_QUALIFIED_LEAD owner: marketing -> growth",
			"funnels.yaml stage marketing_automation/MARKETING_QUALIFIED_LEAD sla: 2d -> 1d",
			"funnels.yaml stage marketing_automation/MARKETING_QUALIFIED_LEAD when.any: [{band: sales}, {pql: any}, {reached: hand_raised, within: 90d}] -> [{band: sales}, {pql: any}, {reached: hand_raised, within: 60d}]"}},
		{"a milestone", []string{"funnels.yaml", "lost:       {touch: opportunity_lost,", "lost:       {touch: [opportunity_lost, email_bounced],"}, []string{"funnels.yaml milestone lost touch: opportunity_lost -> [opportunity_lost, email_bounced]"}},
		{"another order", []string{"scoring.yaml", "- {name: sales, from: 75}\n  - {name: nurture, from: 40}", "- {name: nurture, from: 75}\n  - {name: sales, from: 40}"}, []string{
			"scoring.yaml band sales from: 75 -> 40", "scoring.yaml band nurture from: 40 -> 75", "scoring.yaml setting bands.order: sales, nurture, none -> nurture, sales, none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, d := range policy.Differences(before.Text, with(t, c.edits...).Text) {
				got = append(got, strings.ReplaceAll(fmt.Sprintf("%s %s %s %s: %s -> %s", d.File, d.Kind, d.Name, d.Field, d.Old, d.New), " :", ":"))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// The owners of stages are told of what changes their stage, directly or through what its condition asks about.
func TestStagesChanged(t *testing.T) {
	before := shipped(t)
	const f = "marketing_automation"
	for _, c := range []struct {
		name  string
		edits []string
		want  []event.StageChanged
	}{
		{"a play's mode", []string{"plays.yaml", "    mode: observe", "    mode: live"}, []event.StageChanged{}},
		{"points", []string{"scoring.yaml", "points: 50", "points: 60"}, []event.StageChanged{
			{Funnel: f, Stage: "MARKETING_QUALIFIED_LEAD", Owner: "marketing", Change: "changed", What: []string{"score"}}}},
		{"an owner", []string{"funnels.yaml", "owner: marketing\n        sla: 2d", "owner: growth\n        sla: 2d"}, []event.StageChanged{
			{Funnel: f, Stage: "MARKETING_QUALIFIED_LEAD", Owner: "growth", Was: "marketing", Change: "changed", What: []string{"owner"}}}},
		{"what a rep reads of a milestone is told to nobody", []string{"funnels.yaml", "says: became a customer", "says: signed"}, []event.StageChanged{}},
		{"who is a customer", []string{"funnels.yaml", "won:        {touch: [opportunity_won, subscription_started],", "won:        {touch: opportunity_won,"}, []event.StageChanged{
			{Funnel: f, Stage: "ANONYMOUS_VISITOR", Owner: "marketing", Change: "changed", What: []string{"milestone won"}}, // by the move to CHURNED
			{Funnel: f, Stage: "KNOWN_LEAD", Owner: "marketing", Change: "changed", What: []string{"milestone won"}},
			{Funnel: f, Stage: "MARKETING_QUALIFIED_LEAD", Owner: "marketing", Change: "changed", What: []string{"milestone won"}},
			{Funnel: f, Stage: "ACTIVE_CUSTOMER", Owner: "success", Change: "changed", What: []string{"customer", "milestone won"}},
			{Funnel: f, Stage: "POWER_USER", Owner: "success", Change: "changed", What: []string{"customer", "milestone won"}},
			{Funnel: f, Stage: "ADVOCATE", Owner: "success", Change: "changed", What: []string{"customer", "milestone won"}},
			{Funnel: f, Stage: "CHURNED", Owner: "success", Change: "changed", What: []string{"milestone won"}}}},
		{"a stage goes, and nothing else asks for it", []string{"funnels.yaml", `      - name: ADVOCATE
        road: expansion
        owner: success
        when: {all: [{customer: true}, {active_days: 12, over: 28d}, {touch: invite_accepted, at_least: 3, within: 180d}]}
`, "", "funnels.yaml", "from: [ACTIVE_CUSTOMER, POWER_USER, ADVOCATE]", "from: [ACTIVE_CUSTOMER, POWER_USER]"}, []event.StageChanged{
			{Funnel: f, Stage: "ACTIVE_CUSTOMER", Owner: "success", Change: "changed", What: []string{"moves"}},
			{Funnel: f, Stage: "POWER_USER", Owner: "success", Change: "changed", What: []string{"moves"}},
			{Funnel: f, Stage: "ADVOCATE", Owner: "success", Change: "removed"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, policy.StagesChanged(before, with(t, c.edits...))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	after := with(t, "funnels.yaml", "name: request_lifecycle\n    active: false", "name: request_lifecycle\n    active: true")
	added := policy.StagesChanged(before, after)
	if len(added) != 7 || added[0].Change != "added" || added[0].Funnel != "request_lifecycle" {
		t.Errorf("a funnel that becomes active: %+v; want its seven stages added", added)
	}
}
