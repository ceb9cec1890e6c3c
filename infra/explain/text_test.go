package explain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
)

var written = map[string]string{
	playsFile: `plays:
  # the first
  - name: sales   # of the play
    team: sales
    when: {all: [{pql: grown}, {reached: won, later_than: [lost]}, {stage: LEAD}]}

  # the second
  - {name: other, when: {band: sales}}
`,
	scoringFile: `signals:
- name: grows
  when: {touch: invite_sent}
bands:
- {name: sales, from: 75}
- {name: none, from: 0}
fit:
  rules:
    - rule: "Big"
      field: employees
      # why

      more_than: 50
      points: 5
    - {rule: Flow, points: 3}
interest:
  rules: []
playbooks:
  - name: grown
    when: {all: [{signal: grows}, *often]}
  - name: unused
    when: &often {touch: signed_in, at_least: 5}
`,
	funnelsFile: `milestones:
  won: {touch: opportunity_won}
  lost: {touch: opportunity_lost}
funnels:
  - name: off
    active: false
    stages: [{name: LEAD}]
  - name: main
    active: true
    stages:
      - name: LEAD
        when: {reached: lost}
    moves:
      - reason: back
        to: LEAD
        when: {reached: won}
`,
	teamsFile: `calendars:
  us: [2026-01-01]
teams:
  - name: sales
    calendar: us
    members:
      - {name: Ann, email: ann@x.example}
`,
}

// A decision's policy is cited with all that it leads to: each part once, where it stands, to the letter.
func TestCite(t *testing.T) {
	g := newPages(3, written)
	g.play("sales")
	g.evaluation(&event.Evaluation{Rules: []event.Contribution{{Rule: "Big", Group: "fit"}}, NotFired: []string{"Flow"}, Stages: map[string]string{"main": "LEAD"}})
	g.team("sales")
	type at struct {
		What, Name, File string
		Line             int
	}
	var got []at
	for _, x := range g.out {
		got = append(got, at{x.What, x.Name, x.File, x.Line})
		if x.Epoch != 3 {
			t.Errorf("%s %s is of epoch %d, want 3", x.What, x.Name, x.Epoch)
		}
	}
	want := []at{
		{"play", "sales", playsFile, 3},
		{"playbook", "grown", scoringFile, 19},
		{"signal", "grows", scoringFile, 2},
		{"anchor", "&often", scoringFile, 22},
		{"milestone", "won", funnelsFile, 2},
		{"milestone", "lost", funnelsFile, 3},
		{"stage", "LEAD of main", funnelsFile, 11},
		{"move", "back of main", funnelsFile, 14},
		{"rule", "Big", scoringFile, 9},
		{"rule" + notCounted, "Flow", scoringFile, 15},
		{"bands", "", scoringFile, 4},
		{"team", "sales", teamsFile, 4},
		{"calendar", "us", teamsFile, 2},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("cited (-want +got):\n%s", d)
	}
}

func TestEntry(t *testing.T) {
	g := newPages(0, written)
	rule := func(name string) []hop { return []hop{{"fit", ""}, {"rules", ""}, {"rule", name}} }
	for _, c := range []struct {
		name string
		file string
		way  []hop
		want string
	}{
		{"a comment and a gap inside", scoringFile, rule("Big"), "- rule: \"Big\"\n  field: employees\n  # why\n\n  more_than: 50\n  points: 5"},
		{"on one line", scoringFile, rule("Flow"), "- {rule: Flow, points: 3}"},
		{"a comment behind, and the next one's before it", playsFile, []hop{{"plays", ""}, {"name", "sales"}},
			"- name: sales   # of the play\n  team: sales\n  when: {all: [{pql: grown}, {reached: won, later_than: [lost]}, {stage: LEAD}]}"},
		{"a list as far left as its key", scoringFile, []hop{{"bands", ""}}, "bands:\n- {name: sales, from: 75}\n- {name: none, from: 0}"},
		{"none of that name", scoringFile, rule("No"), ""},
		{"no such file", "no.yaml", rule("Big"), ""},
	} {
		if got := g.entry(c.file, c.way...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
