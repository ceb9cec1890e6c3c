package policy_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/policy"
)

// Every mistake is a sentence with its file and line; all come at once; what only follows from another is left out.
func TestProblemsNameFileAndLine(t *testing.T) {
	const scoring = `fit:
  high: 25
  rules:
    - rule: Technical title
      field: titel
      has_any_of: [Engineer]
      points: 20
    - rule: Big
      field: employees
      more_then: 50
      points: 15
    - rule: Where
      field: country
      is: DE
      points: none
interest:
  high: 30
  rules:
    - rule: Pricing
      touch: pricing_veiwed
      within: a week
      points: 30
    - rule: Pricing
      touch: page_viewed
      half_life: 90m
      points: 0
    - rule: Props
      pattern: {props: {plan: [{prefix: 7}]}, recorded_at: [{exists: true}]}
      points: 5
    - rule: Two questions
      touch: page_viewed
      field: title
      points: 5
    - rule: Too early
      band: sales
      points: 5
bands:
  - {name: sales, from: 75}
  - {name: nurture, from: 80}
playbooks:
  - name: p
    when: {all: [{touch: activated, at_least: 99}, {reached: wonn}, {touch: activated, over: 7d}]}
bands: []
`
	files := maps.Clone(shipped(t).Text)
	files["scoring.yaml"] = scoring
	files["plays.yaml"] = `plays:
  - name: call
    funnel: marketing_automatoin
    mode: lively
    outcome: handoff
    team: sails
    act_within: 2d
    sla: 1h working
    when:
      all:
        - {stage: CUSTOMER}
        - {pql: q}
  - name: never
    funnel: marketing_automation
    mode: observe
    outcome: handoff
    team: sales
    act_within: 2d
    sla: 1h working
`
	files["scorign.yaml"] = "a: b"
	_, err := policy.Compile(files)
	var invalid *policy.Invalid
	if !errors.As(err, &invalid) || !errors.Is(err, policy.ErrInvalid) {
		t.Fatalf("got %v, want *Invalid", err)
	}
	want := []string{
		`plays.yaml:3: there is no active funnel "marketing_automatoin", did you mean "marketing_automation"?`,
		`plays.yaml:4: play call has mode "lively"; it must be observe, hold or live`,
		`plays.yaml:6: play call names the team "sails", which teams.yaml does not have; it has sales, growth, success, marketing`,
		`plays.yaml:11: there is no stage "CUSTOMER"; known are ANONYMOUS_VISITOR, KNOWN_LEAD, MARKETING_QUALIFIED_LEAD, SALES_QUALIFIED_LEAD, ACTIVE_CUSTOMER, POWER_USER, ADVOCATE, CHURNED`,
		`plays.yaml:12: there is no pql "q", did you mean "p"?`,
		`plays.yaml:13: play never never says when: write when: or bands:`,
		`scorign.yaml:1: a policy has no such file, did you mean "scoring.yaml"?`,
		`scoring.yaml:5: there is no field "titel", did you mean "title"?`,
		`scoring.yaml:10: "more_then" means nothing here, did you mean "more_than"?`,
		`scoring.yaml:13: both a company and a person have "country"; write company.country or person.country`,
		`scoring.yaml:15: a whole number belongs here, not "none"`,
		`scoring.yaml:20: there is no kind of touch "pricing_veiwed", did you mean "pricing_viewed"?`,
		`scoring.yaml:21: invalid span of time: "a week"; write whole numbers each with a unit of w, d, h or m, such as 7d or 1d12h`,
		`scoring.yaml:23: two rules are called "Pricing", the other at line 19`,
		`scoring.yaml:25: points fade by whole hours, from 1h to 3650d, not over 1h30m`,
		`scoring.yaml:26: points must be a whole number from 1 to 10000, or that much below 0, not 0`,
		`scoring.yaml:28: the pattern does not compile: props.plan[0].prefix`,
		`scoring.yaml:30: the condition asks 2 things at once (touch, field); put them under all: or any:`,
		`scoring.yaml:35: the score is made of conditions like this one, so it cannot ask for band`,
		`scoring.yaml:39: bands go from the highest to the lowest: "nurture" begins at 80, the one before at 75`,
		`scoring.yaml:39: the lowest band, "nurture", begins at 80, so what scores less is in none; add one from 0`,
		`scoring.yaml:42: 99 touches are too many: facts keep at most 16 of one question`,
		`scoring.yaml:42: over says nothing about touch; it goes with usage_fell_by or active_days`,
		`scoring.yaml:42: there is no milestone "wonn", did you mean "won"?`,
		`scoring.yaml:43: "bands" is given twice`,
	}
	// The pattern compiler's own words are its own business: only their beginning is compared.
	got := make([]string, len(invalid.Problems))
	for i, p := range invalid.Problems {
		if head, _, ok := strings.Cut(p, "prefix: "); ok && strings.Contains(p, "does not compile") {
			p = head + "prefix"
		}
		got[i] = p
	}
	if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
}

func TestBrokenFiles(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"missing", "plays.yaml", "-", "plays.yaml:1: the file is missing; a policy has attribution.yaml, funnels.yaml, plays.yaml, scoring.yaml, teams.yaml"},
		{"empty", "plays.yaml", "", "plays.yaml:1: the file is empty"},
		{"no YAML", "plays.yaml", "plays:\n  - name: [", "plays.yaml:2: this is not YAML: "},
		{"a list instead", "plays.yaml", "- a\n", "plays.yaml:1: names with values belong here, not a list"},
		{"two documents", "plays.yaml", "plays: []\n---\nplays: []\n", "plays.yaml:1: the file holds 2 documents (---); only the first would be read"},
		{"an alias in itself", "funnels.yaml", "customer: &a {all: [*a]}\n", "funnels.yaml:1: this lies more than 50 levels deep; say it with fewer levels"},
		{"very deep", "funnels.yaml", "customer: " + strings.Repeat("{not: ", 3000) + "{customer: true}" + strings.Repeat("}", 3000) + "\n",
			"funnels.yaml:1: this lies more than 50 levels deep; say it with fewer levels"},
		{"no names at all", "scoring.yaml", "~\n", "scoring.yaml:1: the file is empty"},
		{"a word instead", "scoring.yaml", "hello\n", "scoring.yaml:1: names with values belong here, not \"hello\""},
		{"a tab", "plays.yaml", "plays:\n\t- name: x\n", "plays.yaml:2: this is not YAML: the line is indented with a tab; indent it with spaces"},
		{"unknown alias", "plays.yaml", "plays: *none\n", "plays.yaml:1: nothing above is marked &none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for name, text := range shipped(t).Text {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			if c.text == "-" {
				delete(files, c.file)
			}
			_, err := policy.Load(files)
			var invalid *policy.Invalid
			if !errors.As(err, &invalid) || !strings.HasPrefix(strings.Join(invalid.Problems, "\n"), c.want) {
				t.Errorf("got  %v\nwant %s…", err, c.want)
			}
		})
	}
}

// bomb is a pattern of ten lines that stands for ten to the ninth values.
func bomb() string {
	var b strings.Builder
	b.WriteString("fit: {rules: [{rule: x, points: 1, pattern: {props: {\n")
	b.WriteString("  a0: &a0 [x, x, x, x, x, x, x, x, x, x]")
	for i := 1; i <= 8; i++ {
		fmt.Fprintf(&b, ",\n  a%d: &a%d [%s*a%d]", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return b.String() + "}}}]}\n"
}

func TestAliasesAreCounted(t *testing.T) {
	files := maps.Clone(shipped(t).Text)
	files["scoring.yaml"] = bomb()
	_, err := policy.Compile(files)
	if err == nil || !strings.Contains(err.Error(), "stands for more than 100000 values") {
		t.Errorf("got %v, want the file refused for what its aliases stand for", err)
	}
}

// A score below the lowest band would be in none.
func TestBandsHaveAFloor(t *testing.T) {
	files := maps.Clone(shipped(t).Text)
	files["scoring.yaml"] = strings.Replace(files["scoring.yaml"], "  - {name: none, from: 0}\n", "", 1)
	_, err := policy.Compile(files)
	if err == nil || !strings.Contains(err.Error(), `the lowest band, "nurture", begins at 40, so what scores less is in none; add one from 0`) {
		t.Errorf("got %v, want a sentence on the missing floor", err)
	}
}

// Nothing that a person may type makes loading panic.
func FuzzCompile(f *testing.F) {
	shippedFiles := shipped(f).Text
	for _, name := range policy.Files {
		f.Add(name, shippedFiles[name])
	}
	f.Add("scoring.yaml", "fit: {rules: [{rule: x, touch: [page_viewed], at_most: -1, points: 99999999999999999999}]}")
	f.Add("funnels.yaml", "milestones: {a: {pattern: {$or: [1]}}}\nactivity: &x [page_viewed]\nusage: *x")
	f.Fuzz(func(t *testing.T, name, text string) {
		files := maps.Clone(shippedFiles)
		files[name] = text
		p, err := policy.Compile(files)
		var invalid *policy.Invalid
		if err != nil && !errors.As(err, &invalid) {
			t.Fatal(err)
		}
		if err == nil {
			v := view(p, at(0, 0))
			p.Evaluate(v)
			p.ReviewAt(v)
		}
	})
}

// What can be read, and is hardly what was meant, is not put in force; what was in force before still compiles.
func TestUnsure(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, at, want string }{
		{"a leading zero", "scoring.yaml", "points: 20", "points: 020", "points: 020", "020 is read as the number 16; write it so"},
		{"another base", "scoring.yaml", "points: 20", "points: 0x14", "points: 0x14", "0x14 is read as the number 20; write it so"},
		{"no time", "scoring.yaml", "within: 90d", "within: 0d", "within: 0d", "within: 0d is no time at all; write how long, such as 7d, or leave within out"},
		{"a colour of the terminal", "scoring.yaml", "rule: Demo requested", `rule: "Demo \x1b[31mrequested"`, "rule: \"Demo", "this holds a character that cannot be seen (U+001B); take it out"},
		{"text that runs backward", "scoring.yaml", "rule: Demo requested", `rule: "Demo \u202erequested"`, "rule: \"Demo", "this holds a character that cannot be seen (U+202E); take it out"},
		{"another encoding", "scoring.yaml", "rule: Demo requested", "rule: D\xe9mo", "rule: D\xe9mo", "this line is not text in UTF-8; save the file as UTF-8"},
		{"an empty byte", "plays.yaml", "description: Somebody", "description: Some\x00body", "Some\x00body", "this line is not text in UTF-8; save the file as UTF-8"},
		{"two bands of one name", "scoring.yaml", "{name: none, from: 0}", "{name: nurture, from: 0}", "{name: nurture, from: 0}", `two bands are called "nurture", the other at line `},
		{"a book", "scoring.yaml", "fit:\n", "#" + strings.Repeat(" all work and no play\n#", 200_000) + "\nfit:\n", "# What makes", "KB; a policy's has 4096 KB at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := edited(t, c.file, c.old, c.new)
			if _, err := policy.Compile(files); err != nil {
				t.Fatalf("it does not compile: %v", err)
			}
			_, err := policy.Valid(files)
			place := fmt.Sprintf("%s:%d: ", c.file, lineOf(t, files[c.file], c.at))
			if err == nil || !strings.Contains(err.Error(), place) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s%s", err, place, c.want)
			}
		})
	}
	for _, name := range policy.Files {
		files := edited(t)
		files[name] = "\xef\xbb\xbf" + files[name]
		if _, err := policy.Valid(files); err != nil {
			t.Errorf("%s with a mark of its byte order: %v", name, err)
		}
	}
	short := fstest.MapFS{"scoring.yml": {Data: []byte("a: b")}}
	if _, err := policy.Load(short); err == nil || !strings.Contains(err.Error(), `scoring.yml:1: a policy has no such file, did you mean "scoring.yaml"?`) {
		t.Errorf("a file by another name: %v", err)
	}
}
