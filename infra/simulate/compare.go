package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/money"
)

// Report compares the two. Before is what the policy in force would have done over all of the history, not what was done
// while it happened, under the policies, pauses and modes of then.
type Report struct {
	Since    time.Time       `json:"since,omitzero"`
	Until    time.Time       `json:"until"`
	First    time.Time       `json:"first"` // touch that was played
	Last     time.Time       `json:"last"`
	Touches  int             `json:"touches"`  // of whomever, anonymous devices too
	Accounts int             `json:"accounts"` // companies, and people without one, at the end: devices that stayed anonymous are left out
	Sampled  int             `json:"sampled,omitempty"`
	Before   event.PolicyRef `json:"before"`
	After    event.PolicyRef `json:"after"`
	Refolds  bool            `json:"refolds"` // the policies keep different things of touches

	Plays    []Pair[PlayCount] `json:"plays"`
	Teams    []Pair[TeamCount] `json:"teams"`
	Won      Pair[Rate]        `json:"won"` // of all accounts
	Bands    []Pair[Rate]      `json:"bands"`
	Rules    []Pair[Rate]      `json:"rules"`
	Changed  []Change          `json:"changed"` // accounts, those with the most open pipeline first
	Funnels  []FunnelPair      `json:"funnels"` // which are compared
	Counts   map[string]int    `json:"counts"`  // how many of them change band, stage, owner, play
	Affected []Pipeline        `json:"pipeline_affected"`
}

// Pair is one thing under both policies; nil where one does not have it.
type Pair[T any] struct {
	Name   string `json:"name"`
	Before *T     `json:"before"`
	After  *T     `json:"after"`
}

// Pipeline is what is open, of deals.
type Pipeline struct {
	Amount money.Amount `json:"amount"`
	Deals  int          `json:"deals"`
}

// Change is an account for which something differs.
type Change struct {
	Account string     `json:"account"`
	Name    string     `json:"name,omitempty"`
	What    []string   `json:"what"` // of band, stage, owner, play
	Why     []string   `json:"why"`  // sentences, before → after
	Before  *Standing  `json:"before"`
	After   *Standing  `json:"after"`
	Open    []Pipeline `json:"open,omitempty"`
}

// Kinds of change, in the order in which they are told.
var Kinds = []string{"band", "stage", "owner", "play"}

func compare(h *history, before, after *Side, o Options) *Report {
	r := &Report{
		Since: o.Since, Until: h.until, First: h.first, Last: h.last, Touches: h.touches, Accounts: len(before.standings), Sampled: h.accounts,
		Before: before.policy.Ref(), After: after.policy.Ref(), Refolds: before.policy.FoldHash != after.policy.FoldHash,
		Plays: pairs(playNames(before), before.plays, playNames(after), after.plays), Teams: pairs(teamNames(before), before.teams, teamNames(after), after.teams),
		Won: Pair[Rate]{"all", &before.all, &after.all}, Changed: []Change{}, Funnels: funnelPairs(before, after),
		Counts: map[string]int{}, Affected: []Pipeline{},
	}
	r.Bands = pairs(bandNames(before), byName(bandNames(before), before.bands), bandNames(after), byName(bandNames(after), after.bands))
	r.Rules = pairs(before.policy.Rules(), byName(before.policy.Rules(), before.rules), after.policy.Rules(), byName(after.policy.Rules(), after.rules))
	for _, k := range Kinds {
		r.Counts[k] = 0
	}
	total := map[string]*Pipeline{}
	was, now := before.everybody(), after.everybody()
	for _, id := range names(was, now) {
		b, a := was[id], now[id]
		if b == nil {
			b = a.undecided()
		}
		if a == nil {
			a = b.undecided()
		}
		c := Change{Account: id, Name: b.name, Before: b, After: a, Open: open(b)}
		c.look(r.Funnels)
		if len(c.What) == 0 {
			continue
		}
		r.Changed = append(r.Changed, c)
		for _, what := range c.What {
			r.Counts[what]++
		}
		for _, p := range c.Open {
			t := total[p.Amount.Currency]
			if t == nil {
				t = &Pipeline{Amount: money.Amount{Currency: p.Amount.Currency}}
				total[p.Amount.Currency] = t
			}
			t.Deals, t.Amount.Minor = t.Deals+p.Deals, t.Amount.Minor+p.Amount.Minor
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(total)) {
		r.Affected = append(r.Affected, *total[currency])
	}
	slices.SortStableFunc(r.Changed, func(a, b Change) int { return cmp.Compare(worth(b.Open), worth(a.Open)) })
	return r
}

// worth orders accounts by what is open, whatever the currency: it is for the order alone.
func worth(open []Pipeline) (sum int64) {
	for _, p := range open {
		sum += p.Amount.Minor
	}
	return sum
}

func open(s *Standing) []Pipeline {
	by := map[string]*Pipeline{}
	for _, d := range s.deals {
		if d.Status != "open" {
			continue
		}
		p := by[d.Amount.Currency]
		if p == nil {
			p = &Pipeline{Amount: money.Amount{Currency: d.Amount.Currency}}
			by[d.Amount.Currency] = p
		}
		p.Deals, p.Amount.Minor = p.Deals+1, p.Amount.Minor+d.Amount.Minor
	}
	var out []Pipeline
	for _, currency := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[currency])
	}
	return out
}

// look says what differs and why.
func (c *Change) look(funnels []FunnelPair) {
	b, a := c.Before, c.After
	add := func(what, why string, args ...any) {
		if !slices.Contains(c.What, what) {
			c.What = append(c.What, what)
		}
		c.Why = append(c.Why, fmt.Sprintf(why, args...))
	}
	if b.Band != a.Band {
		add("band", "band %s → %s: %s", b.Band, a.Band, scores(b, a))
	}
	for i := range funnels {
		if why := funnels[i].moved(b, a); why != "" {
			add("stage", "%s", why)
		}
	}
	for _, p := range names(b.Acted, a.Acted) {
		if x, y := b.Acted[p], a.Acted[p]; x != y {
			add("play", "%s acts %s → %s", p, times(x), times(y))
		}
	}
	for _, p := range names(b.Observed, a.Observed) {
		if x, y := b.Observed[p], a.Observed[p]; x != y {
			add("play", "%s only observes %s → %s", p, times(x), times(y))
		}
	}
	for _, p := range names(b.Stopped, a.Stopped) {
		if x, y := b.Stopped[p], a.Stopped[p]; x != y {
			add("play", "%s comes due and is stopped %s → %s", p, times(x), times(y))
		}
	}
	if b.Owner != a.Owner {
		add("owner", "owner %s → %s", cmp.Or(b.Owner, "nobody"), cmp.Or(a.Owner, "nobody"))
	}
	slices.SortFunc(c.What, func(x, y string) int { return slices.Index(Kinds, x) - slices.Index(Kinds, y) })
}

func because(s string) string {
	if s == "" {
		return ""
	}
	return ", as: " + s
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// scores says which rules make the difference.
func scores(b, a *Standing) string {
	text := fmt.Sprintf("score %d → %d", b.Score, a.Score)
	was, now := map[string]int{}, map[string]int{}
	for _, r := range b.rules {
		was[r.Rule] += r.Points
	}
	for _, r := range a.rules {
		now[r.Rule] += r.Points
	}
	var said []string
	for _, rule := range names(was, now) {
		if was[rule] != now[rule] {
			said = append(said, fmt.Sprintf("%s %d → %d", rule, was[rule], now[rule]))
		}
	}
	if len(said) == 0 {
		return text + ", and the bands begin elsewhere"
	}
	return text + " (" + strings.Join(said, ", ") + ")"
}

func names[V any](a, b map[string]V) []string {
	out := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, ok := a[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// pairs puts the two sides of each name beside each other, in the order of the first, then what only the second has.
func pairs[T any](first []string, a map[string]*T, second []string, b map[string]*T) []Pair[T] {
	out := []Pair[T]{}
	for _, n := range first {
		out = append(out, Pair[T]{n, a[n], b[n]})
	}
	for _, n := range second {
		if !slices.Contains(first, n) {
			out = append(out, Pair[T]{n, nil, b[n]})
		}
	}
	return out
}

func byName(names []string, rates []Rate) map[string]*Rate {
	out := map[string]*Rate{}
	for i, n := range names {
		out[n] = &rates[i]
	}
	return out
}

func playNames(s *Side) (out []string) {
	for i := range s.policy.Plays {
		out = append(out, s.policy.Plays[i].Name)
	}
	return out
}

func teamNames(s *Side) (out []string) {
	for i := range s.policy.Teams.Teams {
		out = append(out, s.policy.Teams.Teams[i].Name)
	}
	return out
}

func bandNames(s *Side) (out []string) {
	for _, b := range s.policy.Scoring.Bands {
		out = append(out, b.Name)
	}
	return out
}
