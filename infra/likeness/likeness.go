// Package likeness asks what past buyers have in common: for each value of a fit field, how many of the accounts that have
// it won, against all of which the field is known. What stands out beyond chance becomes a suggested fit rule.
//
// Only accounts of which a field is known count for it: that a company's size is known at all often means that sales
// worked on it, and says nothing about size. Its figures are for people, so they may be fractions; none enters a score.
package likeness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// Account is one company with what fit rules may read of it.
type Account struct {
	Company map[string]string
	Titles  []string
	Won     bool // a deal was won, or it is a customer
}

// Options are the least that a suggestion rests on.
type Options struct {
	MinWins     int `json:"min_wins"`     // won accounts of which the field is known
	MinAccounts int `json:"min_accounts"` // accounts with the value
	MinWon      int `json:"min_won"`      // of them, won
}

// Defaults of Options.
const (
	DefaultWins     = 10
	DefaultAccounts = 5
	DefaultWon      = 3
)

// Report is what stands out.
type Report struct {
	Accounts    int          `json:"accounts"` // companies looked at
	Won         int          `json:"won"`
	Needs       Options      `json:"needs"`
	Looked      int          `json:"looked_at"`   // values that enough accounts have; one in forty stands out by chance
	Suggestions []Suggestion `json:"suggestions"` // the surest first
	Skipped     []Skipped    `json:"skipped"`     // fields of which too little is known
}

// Skipped is a field that nothing can be said about.
type Skipped struct {
	Field string `json:"field"`
	Known int    `json:"known"` // accounts of which it is
	Won   int    `json:"won"`
}

// Suggestion is one value that won accounts share.
type Suggestion struct {
	Field string `json:"field"`
	Value string `json:"value"`
	// Also are other words of the field that the very same accounts have: the rule asks for any of them.
	Also     []string `json:"also,omitempty"`
	Accounts int      `json:"accounts"` // that have it
	Won      int      `json:"won"`      // of them
	Known    int      `json:"known"`    // accounts of which the field is known
	KnownWon int      `json:"known_won"`
	Lift     float64  `json:"lift"`       // share among the won over share among all
	AtLeast  float64  `json:"lift_least"` // by the lower end of Wilson's 95 % interval
	Points   int      `json:"points"`
	Has      string   `json:"policy_has,omitempty"` // the rule of the policy that asks this already
	// Overlaps is the policy's rule about the same field that holds for some of these accounts already, and Overlapping for
	// how many.
	Overlaps    string `json:"overlaps,omitempty"`
	Overlapping int    `json:"overlapping,omitempty"`

	ask []string // lines of YAML
}

// fields are the firmographics that may be fit. Those that say what became of an account (type, owner, renewal_date) are
// left out: they would foretell what they follow from.
var fields = []string{"industry", "country", "region", "use_case"}

// sizes are the ranges of employees that directories use.
var sizes = [][2]int64{{1, 10}, {11, 50}, {51, 200}, {201, 1000}, {1001, 5000}, {5001, 0}}

// value is one value of a field, and how a rule asks for it.
type value struct {
	name string
	ask  []string
	has  func(q *condition.Condition) bool // whether a question covers it
}

// Suggest looks at accounts.
func Suggest(accounts []Account, p *policy.Policy, o Options) *Report {
	o = Options{cmp.Or(o.MinWins, DefaultWins), cmp.Or(o.MinAccounts, DefaultAccounts), cmp.Or(o.MinWon, DefaultWon)}
	r := &Report{Accounts: len(accounts), Needs: o, Suggestions: []Suggestion{}, Skipped: []Skipped{}}
	for i := range accounts {
		r.Won += one(accounts[i].Won)
	}
	for _, f := range append(slices.Clone(fields), "employees", "technologies", "title") {
		r.field(f, accounts, p, o)
	}
	slices.SortStableFunc(r.Suggestions, func(a, b Suggestion) int {
		return cmp.Or(cmp.Compare(b.AtLeast, a.AtLeast), strings.Compare(a.Field, b.Field), strings.Compare(a.Value, b.Value))
	})
	return r
}

// field counts the values of one field.
func (r *Report) field(f string, accounts []Account, p *policy.Policy, o Options) {
	type counted struct {
		value
		n, won int
		who    []int // accounts that have it, by their places
	}
	values := map[string]*counted{}
	known, won := 0, 0
	for i := range accounts {
		a := &accounts[i]
		vs := valuesOf(f, a)
		if len(vs) == 0 {
			continue
		}
		known, won = known+1, won+one(a.Won)
		for _, v := range vs {
			c := values[strings.ToLower(v.name)]
			if c == nil {
				c = &counted{value: v}
				values[strings.ToLower(v.name)] = c
			}
			c.n, c.won, c.who = c.n+1, c.won+one(a.Won), append(c.who, i)
		}
	}
	if won < o.MinWins {
		r.Skipped = append(r.Skipped, Skipped{f, known, won})
		return
	}
	base := float64(won) / float64(known)
	same := map[string]int{} // by the accounts: which suggestion says it
	for _, name := range slices.Sorted(maps.Keys(values)) {
		c := values[name]
		if c.n < o.MinAccounts {
			continue
		}
		r.Looked++
		low := Wilson(c.won, c.n)
		if c.won < o.MinWon || low <= base {
			continue
		}
		s := Suggestion{Field: f, Value: c.name, Accounts: c.n, Won: c.won, Known: known, KnownWon: won, ask: c.ask,
			Lift: round(float64(c.won) / float64(c.n) / base), AtLeast: round(low / base), Has: has(p, &c.value)}
		s.Points = points(s.Lift)
		if f == "technologies" || f == "title" {
			who := fmt.Sprint(c.who)
			if at, ok := same[who]; ok {
				r.Suggestions[at].join(&s)
				continue
			}
			same[who] = len(r.Suggestions)
			s.Overlaps, s.Overlapping = overlaps(p, f, c.who, accounts)
		}
		r.Suggestions = append(r.Suggestions, s)
	}
}

// join makes one suggestion of two whose words the very same accounts have: two rules would count them twice.
func (s *Suggestion) join(other *Suggestion) {
	s.Also = append(s.Also, other.Value)
	s.Has = cmp.Or(s.Has, other.Has)
	all := make([]string, 0, 1+len(s.Also))
	for _, w := range append([]string{s.Value}, s.Also...) {
		all = append(all, quoted(w))
	}
	s.ask = []string{"field: " + s.Field, "has_any_of: [" + strings.Join(all, ", ") + "]"}
}

// overlaps is the fit rule whose words some of the accounts have already, and how many of them; the one with the most.
func overlaps(p *policy.Policy, f string, who []int, accounts []Account) (rule string, most int) {
	for i := range p.Scoring.Fit.Rules {
		r := &p.Scoring.Fit.Rules[i]
		n := 0
		for _, at := range who {
			n += one(slices.ContainsFunc(valuesOf(f, &accounts[at]), func(v value) bool { return v.has(&r.Condition) }))
		}
		if n > most {
			rule, most = r.Name, n
		}
	}
	return rule, most
}

// valuesOf are the values that an account has of a field, each once.
func valuesOf(f string, a *Account) []value {
	switch f {
	case "employees":
		n, err := strconv.ParseInt(a.Company["employees"], 10, 64)
		if err != nil || n < 1 {
			return nil
		}
		i := slices.IndexFunc(sizes, func(s [2]int64) bool { return n >= s[0] && (s[1] == 0 || n <= s[1]) })
		return []value{size(sizes[i])}
	case "technologies":
		var out []value
		for _, t := range strings.FieldsFunc(a.Company[f], func(r rune) bool { return r == ',' || r == ';' }) {
			if t = strings.TrimSpace(t); t != "" && !slices.ContainsFunc(out, func(v value) bool { return strings.EqualFold(v.name, t) }) {
				out = append(out, words(f, t))
			}
		}
		return out
	case "title":
		var out []value
		for _, title := range a.Titles {
			for _, w := range condition.Words(title) {
				if len(w) > 1 && !slices.Contains(fillers, w) && !slices.ContainsFunc(out, func(v value) bool { return v.name == w }) {
					out = append(out, words(f, w))
				}
			}
		}
		return out
	}
	v := strings.TrimSpace(a.Company[f])
	if v == "" {
		return nil
	}
	field := f
	if f == "country" {
		field = "company.country"
	}
	return []value{{v, []string{"field: " + field, "is: " + quoted(v)}, func(q *condition.Condition) bool {
		return q.Field == field && slices.ContainsFunc(q.Is, func(x string) bool { return strings.EqualFold(x, v) })
	}}}
}

// fillers are words of titles that say nothing.
var fillers = []string{"of", "and", "the", "for", "at", "in", "to"}

func words(f, v string) value {
	return value{v, []string{"field: " + f, "has_any_of: " + quoted(v)}, func(q *condition.Condition) bool {
		return q.Field == f && slices.ContainsFunc(q.HasAnyOf, func(x string) bool { return slices.Equal(condition.Words(x), condition.Words(v)) })
	}}
}

func size(s [2]int64) value {
	v := value{name: fmt.Sprintf("%d to %d", s[0], s[1]), ask: []string{"field: employees", fmt.Sprintf("at_least: %d", s[0]), fmt.Sprintf("at_most: %d", s[1])}}
	if s[1] == 0 {
		v.name, v.ask = fmt.Sprintf("%d and more", s[0]), v.ask[:2]
	}
	v.has = func(q *condition.Condition) bool {
		if q.Field != "employees" || q.AtLeast == nil && q.MoreThan == nil && q.AtMost == nil && q.LessThan == nil {
			return false
		}
		return (q.AtLeast == nil || *q.AtLeast <= s[0]) && (q.MoreThan == nil || *q.MoreThan < s[0]) &&
			(q.AtMost == nil || s[1] != 0 && *q.AtMost >= s[1]) && (q.LessThan == nil || s[1] != 0 && *q.LessThan > s[1])
	}
	return v
}

// has names the fit rule that gives points for a value already.
func has(p *policy.Policy, v *value) string {
	for i := range p.Scoring.Fit.Rules {
		if r := &p.Scoring.Fit.Rules[i]; v.has(&r.Condition) {
			return r.Name
		}
	}
	return ""
}

// Wilson is the lower end of the 95 % interval of a rate of k in n (Wilson 1927): what is left of it by caution, the more
// the fewer there are.
func Wilson(k, n int) float64 {
	const z = 1.96
	p, m := float64(k)/float64(n), float64(n)
	return max(0, (p+z*z/(2*m)-z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m)))/(1+z*z/m))
}

// points are ten for each doubling, in fives, from 5 to 30.
func points(lift float64) int {
	return min(max(int(math.Round(10*math.Log2(lift)/5))*5, 5), 30)
}

// round keeps two decimals.
func round(x float64) float64 { return math.Round(x*100) / 100 }

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// quoted writes a text so that YAML reads it as one.
func quoted(s string) string {
	plain := strings.IndexFunc(s, func(r rune) bool {
		return !(r == ' ' || r == '-' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
	switch strings.ToLower(s) {
	case "yes", "no", "on", "off", "true", "false", "null", "y", "n":
		plain = false
	}
	if plain && s == strings.Trim(s, " -") {
		return s
	}
	return strconv.Quote(s)
}

// YAML is the suggestion as a rule of scoring.yaml, to stand under fit: rules:.
func (s *Suggestion) YAML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "    # %d of %d won, of all %d of %d: lift %.2f, at least %.2f\n", s.Won, s.Accounts, s.KnownWon, s.Known, s.Lift, s.AtLeast)
	fmt.Fprintf(&b, "    - rule: %s\n", quoted(strings.ToUpper(s.Field[:1])+strings.ReplaceAll(s.Field[1:], "_", " ")+" "+strings.Join(append([]string{s.Value}, s.Also...), " or ")+" like past buyers"))
	for _, line := range s.ask {
		fmt.Fprintf(&b, "      %s\n", line)
	}
	fmt.Fprintf(&b, "      points: %d\n", s.Points)
	return b.String()
}

// Read gathers the companies of a stack, as they stand at a time, under a policy.
func Read(ctx context.Context, s *stack.Stack, p *policy.Policy, at time.Time) ([]Account, error) {
	scanner, ok := s.Accounts.(store.Scanner)
	if !ok {
		return nil, errors.New("likeness: this store cannot be walked")
	}
	var out []Account
	for cursor := ""; ; {
		page, err := scanner.Scan(ctx, 500, cursor)
		if err != nil {
			return nil, fmt.Errorf("likeness: %w", err)
		}
		reader := s.Graph.Reader() // one a page, so that memory does not grow with the table
		for _, rec := range page.Records {
			if rec.Sort != account.Sort || !subject.IsCompany(rec.Partition) {
				continue
			}
			it, err := account.FromRecord(rec)
			if err != nil {
				return nil, fmt.Errorf("likeness: read %s: %w", rec.Partition, err)
			}
			if !it.Root() || it.Facts.Empty() {
				continue
			}
			v, err := reader.View(ctx, it.ID, &it.Facts, at)
			if err != nil {
				return nil, fmt.Errorf("likeness: %w", err)
			}
			out = append(out, of(v, p))
		}
		if cursor = page.Cursor; cursor == "" {
			return out, nil
		}
	}
}

// of reads one account.
func of(v *account.View, p *policy.Policy) Account {
	a := Account{Company: map[string]string{}, Won: p.IsCustomer(v)}
	for _, f := range append(slices.Clone(fields), "employees", "technologies") {
		a.Company[f] = v.Facts.Field(f)
	}
	for _, person := range v.People {
		if t := person.Fields["title"]; t != "" {
			a.Titles = append(a.Titles, t)
		}
	}
	for _, d := range v.Deals {
		a.Won = a.Won || d.Status == "won"
	}
	return a
}
