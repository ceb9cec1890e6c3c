package routing

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"handoff/shared/problem"
	"handoff/shared/span"
)

const playText = `
name: sales-ready
funnel: sales
mode: live
outcome: handoff
bands: [sales]
team: sales
act_within: 7d
cool_down: 30d
sla: 1h working
remind_before: 15m
escalate_to: [boss@x.example]
despite: [customer]
breaker: {max: 5, per: 1h}
`

func TestPlayFromYAML(t *testing.T) {
	// As the policy package embeds it: inline, beside a condition.
	var got struct {
		Play `yaml:",inline"`
		When map[string]any `yaml:"when"`
	}
	if err := yaml.UnmarshalWithOptions([]byte(playText+"when: {band: sales}\n"), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	want := Play{
		Name: "sales-ready", Funnel: "sales", Mode: Live, Outcome: Handoff, Bands: []string{"sales"}, Team: "sales",
		ActWithin: span.Week, CoolDown: 30 * span.Day, SLA: SLA{Span: span.Hour, Working: true},
		RemindBefore: 15 * span.Minute, EscalateTo: []string{"boss@x.example"}, Despite: []string{"customer"},
		Breaker: &Limit{Max: 5, Per: span.Hour},
	}
	if d := cmp.Diff(want, got.Play); d != "" {
		t.Errorf("play (-want +got):\n%s", d)
	}
	if l := got.Play.Validate("$.plays[0]"); len(l) > 0 {
		t.Errorf("a good play has problems: %v", l)
	}
}

func TestPlayValidate(t *testing.T) {
	good := func() Play {
		return Play{Name: "p", Funnel: "sales", Mode: Live, Outcome: Handoff, Team: "sales", ActWithin: span.Day, SLA: SLA{Span: span.Hour}}
	}
	for _, c := range []struct {
		name  string
		spoil func(*Play)
		path  string
	}{
		{"no name", func(p *Play) { p.Name = "" }, "$.plays[1].name"},
		{"name with a space", func(p *Play) { p.Name = "a b" }, "$.plays[1].name"},
		{"no funnel", func(p *Play) { p.Funnel = "" }, "$.plays[1].funnel"},
		{"unknown mode", func(p *Play) { p.Mode = "on" }, "$.plays[1].mode"},
		{"no act_within", func(p *Play) { p.ActWithin = 0 }, "$.plays[1].act_within"},
		{"unknown outcome", func(p *Play) { p.Outcome = "call" }, "$.plays[1].outcome"},
		{"handoff without team", func(p *Play) { p.Team = "" }, "$.plays[1].team"},
		{"handoff without sla", func(p *Play) { p.SLA = SLA{} }, "$.plays[1].sla"},
		{"reminder not before the deadline", func(p *Play) { p.RemindBefore = span.Hour }, "$.plays[1].remind_before"},
		{"empty escalation", func(p *Play) { p.EscalateTo = []string{" "} }, "$.plays[1].escalate_to[0]"},
		{"nurture without asset", func(p *Play) { p.Outcome, p.CoolDown = Nurture, span.Day }, "$.plays[1].asset"},
		{"nurture without cool-down", func(p *Play) { p.Outcome, p.Asset = Nurture, "a" }, "$.plays[1].cool_down"},
		{"a gate that protects people", func(p *Play) { p.Despite = []string{GateConsent} }, "$.plays[1].despite[0]"},
		{"breaker of none", func(p *Play) { p.Breaker = &Limit{Per: span.Hour} }, "$.plays[1].breaker.max"},
		{"breaker too large to count", func(p *Play) { p.Breaker = &Limit{Max: 1001, Per: span.Hour} }, "$.plays[1].breaker.max"},
		{"cap without time", func(p *Play) { p.PerPerson = &Limit{Max: 1} }, "$.plays[1].per_person.per"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := good()
			c.spoil(&p)
			if got := paths(p.Validate("$.plays[1]")); !cmp.Equal(got, []string{c.path}) {
				t.Errorf("problems at %v, want %s alone", got, c.path)
			}
		})
	}
	p := good()
	if l := p.Validate("$"); len(l) > 0 {
		t.Errorf("a good play has problems: %v", l)
	}
}

func TestSLAText(t *testing.T) {
	var s SLA
	if err := s.UnmarshalText([]byte("90m working")); err != nil || s != (SLA{Span: 90 * span.Minute, Working: true}) {
		t.Errorf("90m working = %+v, %v", s, err)
	}
	if err := s.UnmarshalText([]byte("2d")); err != nil || s != (SLA{Span: 2 * span.Day}) {
		t.Errorf("2d = %+v, %v", s, err)
	}
	for _, bad := range []string{"2d working", "1w working", "working", "soon", ""} {
		if err := s.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestTeamsValidate(t *testing.T) {
	const bad = `
teams:
  - name: Sales
    time_zone: Mars/Olympus
    hours: 09:00-17:00
    days: [mon, funday]
    calendar: de
    members:
      - {name: A, email: a@x.example, weight: -1}
      - {name: B, email: A@x.example, capacity: -1, territories: [north], time_zone: Nowhere}
      - {name: C, email: c@x.example, out: [{from: 2026-02-02, until: 2026-02-01}]}
    territories:
      - name: south
        employees: {from: 10, to: 5}
      - name: all
`
	var teams Teams
	if err := yaml.UnmarshalWithOptions([]byte(bad), &teams, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	got := paths(teams.Validate())
	want := []string{
		"$.teams[0].name", "$.teams[0].catch_all", "$.teams[0].time_zone", "$.teams[0].days[1]", "$.teams[0].calendar",
		"$.teams[0].territories[0].employees", "$.teams[0].territories[1]",
		"$.teams[0].members[0].weight",
		"$.teams[0].members[1].email", "$.teams[0].members[1].capacity", "$.teams[0].members[1].time_zone", "$.teams[0].members[1].territories[0]",
		"$.teams[0].members[2].out[0]",
		"$.teams[0].territories[0]", "$.teams[0].territories[1]",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	if got := paths((&Teams{}).Validate()); !cmp.Equal(got, []string{"$.teams"}) {
		t.Errorf("an empty roster has problems at %v", got)
	}
	if got := paths(CheckTeams([]Play{{Team: "Sales"}, {Team: "west"}}, &teams)); !cmp.Equal(got, []string{"$.plays[1].team"}) {
		t.Errorf("CheckTeams: problems at %v", got)
	}
}

func TestDatesAndHoursText(t *testing.T) {
	for _, bad := range []string{"hours: 17:00-09:00", "hours: 9-17", "hours: 09:00-25:00", "out: [{from: 2026-02-30, until: 2026-03-01}]"} {
		var v struct {
			Hours Hours     `yaml:"hours"`
			Out   []Absence `yaml:"out"`
		}
		if err := yaml.Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%s was read as %+v", bad, v)
		}
	}
	var h Hours
	if err := h.UnmarshalText([]byte("00:00-24:00")); err != nil || h != (Hours{0, 1440}) {
		t.Errorf("00:00-24:00 = %+v, %v", h, err)
	}
}

func TestDefaultTeams(t *testing.T) {
	b, err := os.ReadFile("../../infra/policy/teams.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var teams Teams
	if err := yaml.UnmarshalWithOptions(b, &teams, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	for _, p := range teams.Validate() {
		t.Errorf("%s: %s", p.Path, p.Text)
	}
	var names []string
	for _, team := range teams.Teams {
		names = append(names, team.Name)
	}
	if got := strings.Join(names, " "); got != "sales growth success marketing" {
		t.Errorf("teams %s", got)
	}
}

func paths(l problem.List) []string {
	var out []string
	for _, p := range l {
		out = append(out, p.Path)
	}
	return out
}
