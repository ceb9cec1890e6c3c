package likeness

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	policyfiles "handoff/infra/policy"
	"handoff/shared/policy"
)

// 0.6 of 20 by hand: (0.6 + 0.09604 - 1.96·√(0.012 + 0.002401)) / 1.19208 = 0.38658. None of 10 is 0, and all of 10 is
// 1 / (1 + 3.8416/10) = 0.72246.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n int
		want float64
	}{{12, 20, 0.38658}, {0, 10, 0}, {10, 10, 0.72246}} {
		if got := Wilson(c.k, c.n); math.Abs(got-c.want) > 0.00001 {
			t.Errorf("%d of %d: %.5f, want %.5f", c.k, c.n, got, c.want)
		}
	}
}

func TestPoints(t *testing.T) {
	for lift, want := range map[float64]int{1.1: 5, 1.4: 5, 2: 10, 3: 15, 4: 20, 100: 30} { // log2 3 is 1.58: 15.8 is nearest to 15
		if got := points(lift); got != want {
			t.Errorf("a lift of %.1f gives %d points, want %d", lift, got, want)
		}
	}
}

func shipped(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Load(policyfiles.Default)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// many are n companies of one kind, of which the first won did buy.
func many(n, won int, industry, employees string, titles ...string) []Account {
	var out []Account
	for i := range n {
		out = append(out, Account{Company: map[string]string{"industry": industry, "employees": employees}, Titles: titles, Won: i < won})
	}
	return out
}

// 20 of fintech with 12 won, 80 of retail with 8 won: 20 of 100 won. Fintech wins at 0.6, which is 3 times 0.2, and by
// Wilson at 0.38658 at least, 1.93 times. Of 60 companies the size is known, 51 to 200 each: no size stands out.
func TestSuggest(t *testing.T) {
	accounts := append(many(20, 12, "Fintech", "120", "Head of Risk"), many(40, 4, "Retail", "120", "Buyer")...)
	accounts = append(accounts, many(40, 4, "retail", "", "Head of Retail")...)
	got := Suggest(accounts, shipped(t), Options{})
	want := []Suggestion{
		{Field: "industry", Value: "Fintech", Accounts: 20, Won: 12, Known: 100, KnownWon: 20, Lift: 3, AtLeast: 1.93, Points: 15},
		{Field: "title", Value: "risk", Accounts: 20, Won: 12, Known: 100, KnownWon: 20, Lift: 3, AtLeast: 1.93, Points: 15},
	}
	if d := cmp.Diff(want, got.Suggestions, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ask" }, cmp.Ignore())); d != "" {
		t.Errorf("suggestions (-want +got):\n%s", d)
	}
	// Two industries, one size, and the titles' head, risk, buyer and retail.
	if got.Accounts != 100 || got.Won != 20 || got.Looked != 7 {
		t.Errorf("%d accounts, %d won, %d values", got.Accounts, got.Won, got.Looked)
	}
	// Nothing is known of country, region, use case and technologies.
	if len(got.Skipped) != 4 || got.Skipped[0] != (Skipped{"country", 0, 0}) {
		t.Errorf("skipped: %v", got.Skipped)
	}
	rule := `    # 12 of 20 won, of all 20 of 100: lift 3.00, at least 1.93
    - rule: Industry Fintech like past buyers
      field: industry
      is: Fintech
      points: 15
`
	if d := cmp.Diff(rule, got.Suggestions[0].YAML()); d != "" {
		t.Errorf("as a rule (-want +got):\n%s", d)
	}
}

// Too little is too little: nine wins, four accounts, two of them won, or a rate that chance explains.
func TestSuggestsNothingFromLittle(t *testing.T) {
	p := shipped(t)
	for name, accounts := range map[string][]Account{
		"nine wins":         append(many(9, 9, "Fintech", ""), many(91, 0, "Retail", "")...),
		"four accounts":     append(many(4, 4, "Fintech", ""), many(96, 10, "Retail", "")...),
		"two of them won":   append(many(5, 2, "Fintech", ""), many(995, 8, "Retail", "")...),
		"chance explains":   append(many(20, 6, "Fintech", ""), many(80, 14, "Retail", "")...), // 0.3 of 20 is 0.145 at least, below 0.2
		"everybody wins":    many(50, 50, "Fintech", ""),
		"nobody is counted": nil,
	} {
		if got := Suggest(accounts, p, Options{}); len(got.Suggestions) != 0 {
			t.Errorf("%s: %+v", name, got.Suggestions)
		}
	}
}

// What the policy gives points for is named, and a suggested rule makes a policy that holds together.
func TestSuggestionsAreRules(t *testing.T) {
	p := shipped(t)
	accounts := append(many(20, 12, "SaaS", "300", "CTO"), many(80, 8, "No", "20", "Clerk")...)
	for i := range accounts {
		accounts[i].Company["technologies"] = [...]string{"PHP", "AWS, Kubernetes: 1.30"}[one(i < 20)]
	}
	got := Suggest(accounts, p, Options{})
	has := map[string]string{}
	var rules strings.Builder
	for i := range got.Suggestions {
		s := &got.Suggestions[i]
		has[strings.Join(append([]string{s.Field, s.Value}, s.Also...), " ")] = s.Has
		rules.WriteString(s.YAML())
	}
	want := map[string]string{"industry SaaS": "Industry SaaS", "employees 201 to 1000": "More than 50 employees", "title cto": "Technical title",
		"technologies AWS Kubernetes: 1.30": ""} // the same twenty have both
	if d := cmp.Diff(want, has); d != "" {
		t.Errorf("what the policy has (-want +got):\n%s", d)
	}
	var parsed any
	if err := yaml.Unmarshal([]byte(rules.String()), &parsed); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name, text := range p.Text {
		files[name] = text
	}
	files["scoring.yaml"] = strings.Replace(files["scoring.yaml"], "interest:\n", rules.String()+"\ninterest:\n", 1)
	if _, err := policy.Compile(files); err != nil {
		t.Error(err)
	}
}

// Two words of titles that the very same companies have make one rule; a word that other companies have too is a rule of
// its own. Ten of the twenty have a CTO besides, whom the policy's rule about titles holds for.
func TestWordsOfTheSameCompaniesAreOneRule(t *testing.T) {
	accounts := append(many(10, 8, "", "", "Sage of Solution", "CTO"), many(10, 6, "", "", "Sage, Solution")...)
	accounts = append(accounts, many(80, 6, "", "", "Clerk")...)
	for i := range accounts[:21] { // the last of them has no sage and did buy
		accounts[i].Titles = append(accounts[i].Titles, "Pilot")
	}
	got := Suggest(accounts, shipped(t), Options{}).Suggestions
	said := map[string][]string{}
	for i := range got {
		said[got[i].Value] = append([]string{got[i].Overlaps, strconv.Itoa(got[i].Overlapping)}, got[i].Also...)
	}
	want := map[string][]string{"cto": {"Technical title", "10"}, "sage": {"Technical title", "10", "solution"}, "pilot": {"Technical title", "10"}}
	if d := cmp.Diff(want, said); d != "" {
		t.Errorf("suggestions (-want +got):\n%s", d)
	}
	for i := range got {
		if s := &got[i]; s.Value == "sage" && !strings.Contains(s.YAML(), "rule: Title sage or solution like past buyers\n      field: title\n      has_any_of: [sage, solution]\n") {
			t.Errorf("as a rule:\n%s", s.YAML())
		}
	}
}
