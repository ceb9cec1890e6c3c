package policy_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/shared/policy"
)

// carried is a small world: one tool, and our own event for the rest.
var carried = &policy.Carried{
	Sources: []string{"canonical", "segment"}, Open: []string{"canonical"},
	Kinds:  map[string][]string{"pricing_viewed": {"canonical", "segment"}, "funding_raised": {"canonical"}},
	Person: map[string][]string{"title": {"canonical", "segment"}}, Company: map[string][]string{"employees": {"canonical", "segment"}, "use_case": {"canonical"}},
}

// a Tuesday
var today = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// edited is the shipped policy's text with the first of each old replaced by its new: file, old, new, …
func edited(t *testing.T, edits ...string) map[string]string {
	t.Helper()
	files := maps.Clone(shipped(t).Text)
	for i := 0; i < len(edits); i += 3 {
		if !strings.Contains(files[edits[i]], edits[i+1]) {
			t.Fatalf("%s does not contain %q", edits[i], edits[i+1])
		}
		files[edits[i]] = strings.Replace(files[edits[i]], edits[i+1], edits[i+2], 1)
	}
	return files
}

// lineOf is where a text stands, from 1.
func lineOf(t *testing.T, text, mark string) int {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if strings.Contains(line, mark) {
			return i + 1
		}
	}
	t.Fatalf("no line holds %q", mark)
	return 0
}

// below says how many lines after the one that is easy to name a finding stands: its when: is a block.
var below = map[string]int{"name: large_company_self_serve": 1, "- {touch: usage_limit_reached, within: 14d}": -4, "- {band: sales}": -2}

func TestCheck(t *testing.T) {
	play := func(when string, more ...string) string {
		return "plays:\n  - name: probe\n    funnel: marketing_automation\n    mode: live\n    outcome: handoff\n    team: sales\n    act_within: 3d\n    sla: 4h working\n    when: " +
			when + "\n" + strings.Join(more, "")
	}
	for name, c := range map[string]struct {
		edits    []string
		file     string
		at       string // a text of the line it stands at
		severity policy.Severity
		says     []string // in its text; none: there is no finding of that severity
	}{
		"a number in no bounds":     {[]string{"plays.yaml", "plays:\n", play("{all: [{field: employees, more_than: 500}, {field: employees, at_most: 500}]}")}, "plays.yaml", "employees, more_than: 500", policy.Error, []string{"probe can never hold", "no employees can be all of"}},
		"a number in its bounds":    {[]string{"plays.yaml", "plays:\n", play("{all: [{field: employees, at_least: 500}, {field: employees, at_most: 500}]}")}, "", "", policy.Error, nil},
		"two values of a company":   {[]string{"plays.yaml", "plays:\n", play("{all: [{field: industry, is: SaaS}, {field: industry, is: [Retail, Fintech]}]}")}, "plays.yaml", "is: SaaS}, ", policy.Error, []string{"no industry can be all of: {field: industry, is: SaaS}; {field: industry, is: [Retail, Fintech]}"}},
		"a value and not it":        {[]string{"plays.yaml", "plays:\n", play("{all: [{field: industry, is: saas}, {not: {field: industry, is: [SaaS]}}]}")}, "plays.yaml", "is: saas}, ", policy.Error, []string{"exclude each other"}},
		"two titles, two people":    {[]string{"plays.yaml", "plays:\n", play("{all: [{field: title, is: CTO}, {field: title, is: CEO}]}")}, "", "", policy.Error, nil},
		"unknown and something":     {[]string{"plays.yaml", "plays:\n", play("{all: [{field: title, known: false}, {field: title, has_any_of: [CTO]}]}")}, "plays.yaml", "known: false", policy.Error, []string{"no title can be all of"}},
		"a renewal in no window":    {[]string{"plays.yaml", "plays:\n", play("{all: [{customer: true}, {field: renewal_date, due_within: 30d}, {field: renewal_date, due_within: 90d, but_not_within: 60d}]}")}, "plays.yaml", "due_within: 30d}, ", policy.Error, []string{"no renewal date can be"}},
		"customer and not":          {[]string{"plays.yaml", "plays:\n", play("{all: [{customer: true}, {any: [{customer: false}, {not: {customer: true}}]}]}")}, "plays.yaml", "{any: [{customer: false}", policy.Error, []string{"{customer: true} and {customer: false} exclude each other"}},
		"two bands":                 {[]string{"plays.yaml", "plays:\n", play("{all: [{band: sales}, {band: [nurture, none]}]}")}, "plays.yaml", "{band: sales}, {band", policy.Error, []string{"exclude each other"}},
		"bands and bands:":          {[]string{"plays.yaml", "plays:\n", play("{band: sales}", "    bands: [nurture]\n")}, "plays.yaml", "when: {band: sales}", policy.Error, []string{"exclude each other"}},
		"a touch that is old, new":  {[]string{"plays.yaml", "plays:\n", play("{touch: pricing_viewed, within: 7d, older_than: 7d}")}, "plays.yaml", "older_than: 7d}", policy.Error, []string{"at most 7d old and more than 7d"}},
		"more often, not once":      {[]string{"plays.yaml", "plays:\n", play("{all: [{touch: pricing_viewed, at_least: 3, within: 7d}, {not: {touch: pricing_viewed, within: 14d}}]}")}, "plays.yaml", "at_least: 3, within: 7d}, {not", policy.Error, []string{"exclude each other"}},
		"once, not more often":      {[]string{"plays.yaml", "plays:\n", play("{all: [{touch: pricing_viewed, within: 14d}, {not: {touch: pricing_viewed, at_least: 3, within: 7d}}]}")}, "", "", policy.Error, nil},
		"silent, and a touch":       {[]string{"plays.yaml", "plays:\n", play("{all: [{no_touch_for: 30d}, {touch: pricing_viewed, within: 7d}]}")}, "plays.yaml", "no_touch_for: 30d}, ", policy.Error, []string{"exclude each other"}},
		"silent, and a bounce":      {[]string{"plays.yaml", "plays:\n", play("{all: [{no_touch_for: 30d}, {touch: email_bounced, within: 7d}]}")}, "", "", policy.Error, nil},
		"silent, and a pattern":     {[]string{"plays.yaml", "plays:\n", play("{all: [{no_touch_for: 30d}, {pattern: {props: {plan: [pro]}}, within: 7d}]}")}, "", "", policy.Error, nil},
		"more days than there are":  {[]string{"plays.yaml", "plays:\n", play("{usage_fell_by: 50, over: 14d, at_least: 15}")}, "plays.yaml", "at_least: 15", policy.Error, []string{"probe can never hold", "asks for 15 active days among 14"}},
		"high from nothing":         {[]string{"scoring.yaml", "interest:\n  high: 30", "interest:\n  high: 0"}, "scoring.yaml", "high: 0", policy.Error, []string{"interest is high from 0 points, so for everybody who did nothing"}},
		"a size in words":           {[]string{"plays.yaml", "plays:\n", play("{field: employees, is: [250, large]}")}, "plays.yaml", "is: [250, large]", policy.Warning, []string{`employees is a number, never "large"; write more_than`}},
		"a number of an industry":   {[]string{"plays.yaml", "plays:\n", play("{field: industry, more_than: 5}")}, "plays.yaml", "more_than: 5}", policy.Error, []string{"industry is no number, so this can never hold; write is"}},
		"a manager without address": {[]string{"teams.yaml", "[growth-manager@handoff.example]", "[growthmanager]"}, "teams.yaml", "[growthmanager]", policy.Warning, []string{`team growth escalates to "growthmanager", which is no e-mail address`}},
		"a member by name":          {[]string{"teams.yaml", "[growth-manager@handoff.example]", "[tom okafor]"}, "teams.yaml", "", policy.Warning, nil},
		"a play's manager":          {[]string{"plays.yaml", "plays:\n", play("{touch: pricing_viewed, within: 7d}", "    escalate_to: [boss]\n")}, "plays.yaml", "[boss]", policy.Warning, []string{`play probe escalates to "boss"`}},
		"a weight of nothing":       {[]string{"teams.yaml", "weight: 2, capacity: 80", "weight: 0, capacity: 80"}, "teams.yaml", "weight: 0", policy.Error, []string{"weight is 1 to 1000", "days under out:"}},
		"a country misspelt":        {[]string{"teams.yaml", "Austria, Belgium, Denmark", "Austira, Belgium, Denmark"}, "teams.yaml", "Austira, Belgium", policy.Warning, []string{`the territory emea claims "Austira"`, "write it as accounts have it"}},
		"two motions of one name":   {[]string{"funnels.yaml", "  - name: product_led\n", "  - name: hybrid   # again\n"}, "funnels.yaml", "# again", policy.Error, []string{`two motions are called "hybrid", the other at line`}},
		"a star as a sign of life":  {[]string{"funnels.yaml", "  - ad_clicked\n", "  - ad_clicked\n  - repository_starred\n"}, "funnels.yaml", "- repository_starred", policy.Error, []string{"repository_starred is heard of a company and is nobody's doing"}},
		"a milestone before itself": {[]string{"plays.yaml", "plays:\n", play("{reached: won, later_than: [lost, won]}")}, "plays.yaml", "later_than: [lost, won]}", policy.Error, []string{"later than itself"}},
		// 20 + 15 + 10 of fit and 30 + 50 + 15 of interest are 140.
		"a score nobody has":       {[]string{"plays.yaml", "plays:\n", play("{score_at_least: 141}")}, "plays.yaml", "score_at_least: 141", policy.Error, []string{"the score is from 0 to 140"}},
		"a score that can be":      {[]string{"plays.yaml", "plays:\n", play("{score_at_least: 140}")}, "", "", policy.Error, nil},
		"a band nobody reaches":    {[]string{"scoring.yaml", "- {name: sales, from: 75}", "- {name: top, from: 141}\n  - {name: sales, from: 75}"}, "scoring.yaml", "{name: top, from: 141}", policy.Error, []string{"no account comes into the band top: it begins at 141, and all rules together give 140 at most"}},
		"a play for it":            {[]string{"scoring.yaml", "from: 75}", "from: 150}"}, "plays.yaml", "- {band: sales}", policy.Error, []string{"the play mql can never hold", "the score is from 0 to 140"}},
		"a cap below the band":     {[]string{"scoring.yaml", "fit:\n", "at_most: 60\nfit:\n"}, "scoring.yaml", "{name: sales, from: 75}", policy.Error, []string{"give 60 at most"}},
		"high that is never":       {[]string{"scoring.yaml", "high: 30", "high: 200"}, "scoring.yaml", "high: 200", policy.Warning, []string{"interest is high from 200 points, and its rules give 95 at most"}},
		"a band below all scores":  {[]string{"scoring.yaml", "- {name: none, from: 0}", "- {name: none, from: 0}\n  - {name: minus, from: -10}"}, "scoring.yaml", "name: minus", policy.Error, []string{"ever in the band minus: the lowest score there is, 0"}},
		"a rule that never holds":  {[]string{"scoring.yaml", "within: 90d           #", "older_than: 100d\n      within: 90d           #"}, "scoring.yaml", "- rule: Pricing page viewed", policy.Error, []string{"the rule Pricing page viewed never gives points"}},
		"a rule asked twice":       {[]string{"scoring.yaml", "interest:\n  high: 30\n  rules:\n", "interest:\n  high: 30\n  rules:\n    - {rule: Webinar, touch: webinar_attended, within: 90d, points: 5}\n"}, "scoring.yaml", "- rule: Webinar attended", policy.Warning, []string{"asks what Webinar asks at line"}},
		"a playbook that never is": {[]string{"scoring.yaml", "- {field: employees, at_least: 500}", "- {field: employees, at_least: 500}\n        - {field: employees, less_than: 200}"}, "scoring.yaml", "name: large_company_self_serve", policy.Error, []string{"the playbook large_company_self_serve can never hold"}},
		"a motion behind another":  {[]string{"funnels.yaml", "motions:\n", "motions:\n  - name: any_product\n    when: {any: [{reached: product}, {reached: deal}]}\n"}, "funnels.yaml", "- name: hybrid", policy.Error, []string{"no account moves by hybrid", "any_product at line"}},
		"a shadowed stage":         {[]string{"funnels.yaml", "when: {all: [{customer: true}, {active_days: 12, over: 28d}]}", "when: {all: [{customer: true}, {active_days: 13, over: 28d}, {touch: invite_accepted, at_least: 4, within: 180d}]}"}, "funnels.yaml", "- name: POWER_USER", policy.Error, []string{"no account ever stands at POWER_USER", "ADVOCATE at line"}},
		"an aside nobody leads to": {[]string{"funnels.yaml", "    moves:\n", "      - {name: LOST, road: expansion, owner: sales, aside: true}\n    moves:\n"}, "funnels.yaml", "name: LOST", policy.Error, []string{"no move leads to it"}},
		"a move behind another":    {[]string{"funnels.yaml", "      - reason: gone quiet\n", "      - reason: gone cold\n        from: [KNOWN_LEAD, SALES_QUALIFIED_LEAD]\n        to: KNOWN_LEAD\n        when: {all: [{no_touch_for: 30d}]}\n      - reason: frozen\n        from: [KNOWN_LEAD]\n        to: ANONYMOUS_VISITOR\n        when: {no_touch_for: 90d}\n      - reason: gone quiet\n"}, "funnels.yaml", "- reason: frozen", policy.Error, []string{"the move frozen never counts", "gone cold at line"}},
		"a play a gate stops":      {[]string{"plays.yaml", "despite: [customer]\n    act_within: 7d", "despite: [open_opportunity]\n    act_within: 7d"}, "plays.yaml", "- {touch: usage_limit_reached, within: 14d}", policy.Warning, []string{"the gate customer stops it", "despite: [customer]"}},
		"touches of no tool":       {[]string{"plays.yaml", "plays:\n", play("{any: [{touch: funding_raised, within: 7d}]}")}, "plays.yaml", "touch: funding_raised", policy.Warning, []string{"no tool's contract makes touches of the kind funding_raised: only an event of your own under the contract canonical"}},
		"a field of no tool":       {[]string{"plays.yaml", "plays:\n", play("{field: use_case, is: CI}")}, "plays.yaml", "use_case", policy.Warning, []string{"no tool's contract carries the company's use case"}},
		"a tool nobody knows":      {[]string{"plays.yaml", "plays:\n", play("{touch: pricing_viewed, pattern: {source: [segmnt]}}")}, "plays.yaml", "segmnt", policy.Warning, []string{`there is no source contract "segmnt", did you mean "segment"?`}},
		"another tool's touch":     {[]string{"plays.yaml", "plays:\n", play("{pattern: {source: [segment], kind: [funding_raised]}}")}, "plays.yaml", "[segment], kind", policy.Warning, []string{"the contract segment never makes touches of the kind funding_raised"}},
		"a team of nobody":         {[]string{"teams.yaml", "    members:\n      - {name: Lena Fischer, email: lena@handoff.example, time_zone: Europe/Berlin}\n      - {name: Raj Patel, email: raj@handoff.example}\n", ""}, "teams.yaml", "- name: success", policy.Warning, []string{"team success has no member, so its catch_all success-desk@handoff.example"}},
		"a team that is away":      {[]string{"teams.yaml", "raj@handoff.example}", "raj@handoff.example, out: [{from: 2026-05-01, until: 2026-06-30}]}", "teams.yaml", "time_zone: Europe/Berlin}\n      - {name: Raj", "time_zone: Europe/Berlin, out: [{from: 2026-05-12, until: 2026-05-25}]}\n      - {name: Raj"}, "teams.yaml", "- name: success", policy.Warning, []string{"nobody of team success works before 2026-05-26"}},
		"a team back in two weeks": {[]string{"teams.yaml", "raj@handoff.example}", "raj@handoff.example, out: [{from: 2026-05-01, until: 2026-06-30}]}", "teams.yaml", "time_zone: Europe/Berlin}\n      - {name: Raj", "time_zone: Europe/Berlin, out: [{from: 2026-05-12, until: 2026-05-21}]}\n      - {name: Raj"}, "teams.yaml", "- name: success", policy.Warning, nil},
		// Growth works from 9 to 18 on five days: 19 half hours a day with both ends. 2 hours on, those from 16:30 are late: 4 of 19.
		"a deadline at night": {[]string{"plays.yaml", "team: sales\n    wait", "team: growth\n    wait", "plays.yaml", "sla: 4h working", "sla: 2h"}, "plays.yaml", "sla: 2h", policy.Warning, []string{"21 % are due when nobody of growth works (Mon 16:30 is due Mon 18:30)"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := edited(t, c.edits...)
			_, found, err := policy.Check(files, policy.World{Carried: carried, Now: today, Country: func(s string) (bool, string) { return s != "Austira", "" }})
			if err != nil {
				t.Fatal(err)
			}
			if c.says == nil {
				for _, f := range found {
					if f.Severity == c.severity && (c.file == "" || f.File == c.file) {
						t.Errorf("found %s", f)
					}
				}
				return
			}
			i := slices.IndexFunc(found, func(f policy.Finding) bool {
				return f.File == c.file && f.Severity == c.severity && strings.Contains(f.Text, c.says[0])
			})
			if i < 0 {
				t.Fatalf("nothing in %s says %q; found %v", c.file, c.says[0], found)
			}
			for _, want := range c.says {
				if !strings.Contains(found[i].Text, want) {
					t.Errorf("got %q, want it to say %q", found[i].Text, want)
				}
			}
			want := lineOf(t, files[c.file], c.at) + below[c.at]
			if got := found[i].Line; got != want {
				t.Errorf("at line %d, want %d: %s", got, want, found[i])
			}
			_, err = policy.Valid(files)
			if bad := errors.Is(err, policy.ErrInvalid); bad != (c.severity == policy.Error) {
				t.Errorf("Valid answers %v", err)
			} else if bad && !strings.Contains(err.Error(), fmt.Sprintf("%s:%d: ", c.file, found[i].Line)) {
				t.Errorf("the error does not name the place: %v", err)
			}
		})
	}
}

// A policy with an error is not activated, by whatever way; one that was in force before can always be gone back to.
func TestActivateRefusesWhatCanNeverBe(t *testing.T) {
	s := newShelf(t)
	files := edited(t, "scoring.yaml", "from: 75}", "from: 150}")
	if _, err := policy.Compile(files); err != nil {
		t.Fatalf("it does not even compile: %v", err)
	}
	for name, do := range map[string]func() error{
		"plan":     func() error { _, err := s.Plan(t.Context(), files); return err },
		"activate": func() error { _, err := s.Activate(t.Context(), files, "ann", "x"); return err },
	} {
		if err := do(); !errors.Is(err, policy.ErrInvalid) || !strings.Contains(err.Error(), "scoring.yaml:") {
			t.Errorf("%s answers %v", name, err)
		}
	}
	if h, err := s.History(t.Context()); err != nil || len(h) != 0 {
		t.Errorf("history is %v, %v", h, err)
	}
}
