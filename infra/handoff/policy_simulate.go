package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"handoff/infra/report"
	"handoff/infra/simulate"
	"handoff/infra/stack"
	"handoff/shared/policy"
)

type policySimulateCmd struct {
	Dir    policyDir `arg:"" help:"Folder with the other policy's YAML." type:"path"`
	Since  string    `help:"Count what would have been from then on; all history is folded anyhow." placeholder:"TIME"`
	Until  string    `help:"Play history until then; until now, unless given." placeholder:"TIME"`
	Sample int       `help:"Only so many accounts, always the same ones: for a first look at a large stack." placeholder:"N"`
	CSV    string    `name:"csv" help:"Write every account that changes to this file." type:"path" placeholder:"FILE"`
	Limit  int       `help:"How many accounts to print; 0 prints all." default:"10" placeholder:"N"`
}

func (policySimulateCmd) Help() string {
	return `Plays the ledger's touches, each at the time it happened, through score and route twice: under the
policy in force, and under the one in the folder. Then compares: how often each play would
have called, what each team would have had, who would stand elsewhere, how bands and rules
foretell wins. The stack is only read; nothing is published.

An answer counts for the handoff it names, so what only the other policy hands off is never
answered, and lapses. Pauses are left out; a breaker that trips is resumed a day later.

  handoff policy simulate my-policy
  handoff policy simulate my-policy --since 2026-04-01 --csv changes.csv
  handoff --stack handoff policy simulate my-policy --sample 500`
}

func (c policySimulateCmd) Run(e *env) error {
	p, err := policy.LoadValid(os.DirFS(string(c.Dir)))
	if err != nil {
		return err
	}
	if c.Sample < 0 || c.Limit < 0 {
		return errors.New("--sample and --limit are numbers of accounts, 1 or more")
	}
	return e.existing(func(s *stack.Stack) error {
		now, err := report.Now(e.ctx, s)
		if err != nil {
			return err
		}
		o := simulate.Options{Until: now, Sample: c.Sample, Progress: played(e.stderr)}
		if c.Since != "" {
			if o.Since, err = parseFrom("--since", c.Since, now); err != nil {
				return err
			}
		}
		if c.Until != "" {
			if o.Until, err = parseFrom("--until", c.Until, now); err != nil {
				return err
			}
		}
		if !o.Since.Before(o.Until) {
			return fmt.Errorf("--since %s is not before %s, up to when history is played", c.Since, moment(o.Until))
		}
		before, err := s.Policy.Active(e.ctx)
		if err != nil {
			return err
		}
		r, err := simulate.Run(e.ctx, s, before, p, o)
		if err != nil {
			return err
		}
		if c.CSV != "" {
			if err := writeChanges(c.CSV, r); err != nil {
				return err
			}
		}
		return e.answer(r, func(w io.Writer) error { printSimulation(w, r, c.Limit, c.CSV); return nil })
	})
}

// played writes a line at every quarter of each side.
func played(w io.Writer) func(what string, done, total int) {
	var mu sync.Mutex
	last := map[string]int{}
	return func(what string, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if total == 0 {
			fmt.Fprintf(w, "%s: %s\n", what, number(done))
			return
		}
		if now := done * 4 / total; now > last[what] {
			last[what] = now
			fmt.Fprintf(w, "%s: %3d %%\n", what, now*25)
		}
	}
}

func printSimulation(w io.Writer, r *simulate.Report, limit int, file string) {
	from := r.First
	if r.Since.After(from) {
		from = r.Since
	}
	title(w, "What would have been", from.Format("2 Jan 2006")+" to "+r.Until.Format("2 Jan 2006"))
	whole := ""
	if r.Sampled > 0 {
		whole = " of a sample"
	}
	para(w, 0, fmt.Sprintf("%s%s, each at its own time, under epoch %d (eval %s) → under this policy (eval %s).",
		count(r.Touches, "touch", "touches"), whole, r.Before.Epoch, short(r.Before.Eval), short(r.After.Eval)))
	para(w, 0, "Before the arrow is what the policy in force would have done over all of it, not what was done at the time.")
	para(w, 0, fmt.Sprintf("Compared: %s. Devices that stayed anonymous, which the first screen counts too, are left out.",
		count(r.Accounts, "account that is a company or a known person", "accounts that are companies or known people")))
	if r.Refolds {
		para(w, 0, "It keeps other things of touches, so activated it folds all history again.")
	}
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "PLAY"}, {head: "DUE", right: true}, {head: "ACTS", right: true}, {head: "OBSERVES", right: true}, {head: "STOPPED", right: true}, {head: "MOSTLY BY", flex: true}}}
	for _, p := range r.Plays {
		f := func(of func(*simulate.PlayCount) int) string { return arrow(p, of) }
		g.add(p.Name, f(func(c *simulate.PlayCount) int { return c.Due }), f(func(c *simulate.PlayCount) int { return c.Acted }),
			f(func(c *simulate.PlayCount) int { return c.Observed }), f(func(c *simulate.PlayCount) int { return c.Stopped }), mostly(p.After))
		if p.After != nil && p.After.Trips > 0 {
			g.note(fmt.Sprintf("Its breaker would trip %s (%s before).", counted(p.After.Trips), counted(trips(p.Before))))
		}
	}
	g.print(w)
	fmt.Fprintln(w)
	g = grid{columns: []column{{head: "TEAM"}, {head: "HANDOFFS", right: true}, {head: "MOST OPEN", right: true}, {head: "CAPACITY", right: true}, {head: "CATCH-ALL", right: true}}}
	for _, t := range r.Teams {
		g.add(t.Name, arrow(t, func(c *simulate.TeamCount) int { return c.Handoffs }), arrow(t, func(c *simulate.TeamCount) int { return c.Peak }),
			capacity(t), arrow(t, func(c *simulate.TeamCount) int { return c.CatchAll }))
	}
	g.print(w)
	title(w, "What foretells a win", "before the first win alone")
	g = grid{columns: []column{{head: "HIGHEST BAND", flex: true}, {head: "ACCOUNTS", right: true}, {head: "WON", right: true}, {head: "RATE", right: true}}}
	for _, b := range append(r.Bands, r.Won) {
		g.add(b.Name, arrow(b, accounts), arrow(b, won), twoRates(b))
	}
	g.print(w)
	fmt.Fprintln(w)
	g = grid{columns: []column{{head: "RULE", flex: true}, {head: "ACCOUNTS", right: true}, {head: "WON", right: true}, {head: "LIFT", right: true}}}
	for _, b := range r.Rules {
		g.add(b.Name, arrow(b, accounts), arrow(b, won), twoLifts(b, r.Won))
	}
	g.print(w)
	printChanged(w, r, limit, file)
}

func accounts(r *simulate.Rate) int { return r.Accounts }
func won(r *simulate.Rate) int      { return r.Won }

func printChanged(w io.Writer, r *simulate.Report, limit int, file string) {
	title(w, "Accounts that change", count(len(r.Changed), "account", "accounts"))
	printFunnels(w, r.Funnels)
	var said []string
	for _, k := range simulate.Kinds {
		said = append(said, fmt.Sprintf("%s %s", number(r.Counts[k]), k))
	}
	para(w, 0, "Of them change: "+strings.Join(said, ", ")+".")
	for _, p := range r.Affected {
		para(w, 0, fmt.Sprintf("Open pipeline of theirs: %s in %s.", p.Amount, count(p.Deals, "deal", "deals")))
	}
	shown := r.Changed
	if limit > 0 {
		shown = shown[:min(limit, len(shown))]
	}
	for _, c := range shown {
		fmt.Fprintln(w)
		var open []string
		for _, p := range c.Open {
			open = append(open, p.Amount.String()+" open")
		}
		fmt.Fprintln(w, clip(strings.Join(append([]string{strings.TrimSpace(c.Account + "  " + c.Name)}, open...), ", "), lineWidth))
		for _, why := range c.Why {
			para(w, 4, why)
		}
	}
	fmt.Fprintln(w)
	if n := len(r.Changed) - len(shown); n > 0 {
		para(w, 0, fmt.Sprintf("%s more: --limit 0, --csv FILE or --format json.", number(n)))
	}
	if file != "" {
		para(w, 0, fmt.Sprintf("All of them are in %s.", file))
	}
}

// printFunnels says what stages are compared with where that is not plain from the funnel's name.
func printFunnels(w io.Writer, funnels []simulate.FunnelPair) {
	for _, f := range funnels {
		switch {
		case f.ByRoad:
			para(w, 0, fmt.Sprintf("The funnel %s is compared with %s: a stage counts as changed where its road (awareness, interest, decision, expansion) "+
				"does, or where both funnels have both stages.", f.Before, f.After))
		case f.After == "":
			para(w, 0, fmt.Sprintf("The funnel %s is gone: %s in it, which counts as no change of stage.", f.Before, count(f.AccountsBefore, "account was", "accounts were")))
		case f.Before == "":
			para(w, 0, fmt.Sprintf("The funnel %s is new: %s in it, which counts as no change of stage.", f.After, count(f.AccountsAfter, "account is", "accounts are")))
		}
	}
}

// arrow is a figure before and after; one alone where they are the same.
func arrow[T any](p simulate.Pair[T], of func(*T) int) string {
	switch {
	case p.Before == nil:
		return "new: " + number(of(p.After))
	case p.After == nil:
		return number(of(p.Before)) + " → gone"
	case of(p.Before) == of(p.After):
		return number(of(p.After))
	}
	return number(of(p.Before)) + " → " + number(of(p.After))
}

func capacity(t simulate.Pair[simulate.TeamCount]) string {
	last := t.After
	if last == nil {
		last = t.Before
	}
	if last.Capacity == 0 {
		return "no limit"
	}
	return number(last.Capacity)
}

func mostly(p *simulate.PlayCount) string {
	if p == nil || len(p.Why) == 0 {
		return ""
	}
	by := slices.SortedFunc(maps.Keys(p.Why), func(a, b string) int {
		if p.Why[a] != p.Why[b] {
			return p.Why[b] - p.Why[a]
		}
		return strings.Compare(a, b)
	})
	return strings.ReplaceAll(strings.TrimPrefix(by[0], "gated:"), "_", " ")
}

func trips(p *simulate.PlayCount) int {
	if p == nil {
		return 0
	}
	return p.Trips
}

func counted(n int) string { return count(n, "time", "times") }

func both[T any](p simulate.Pair[T], say func(*T) string) string {
	switch {
	case p.Before == nil:
		return "new: " + say(p.After)
	case p.After == nil:
		return say(p.Before) + " → gone"
	case say(p.Before) == say(p.After):
		return say(p.After)
	}
	return say(p.Before) + " → " + say(p.After)
}

func twoRates(p simulate.Pair[simulate.Rate]) string {
	return both(p, func(r *simulate.Rate) string {
		if r.Accounts == 0 {
			return "–"
		}
		return fmt.Sprintf("%.1f %%", 100*float64(r.Won)/float64(r.Accounts))
	})
}

func twoLifts(p simulate.Pair[simulate.Rate], all simulate.Pair[simulate.Rate]) string {
	return both(simulate.Pair[string]{Before: lift(p.Before, all.Before), After: lift(p.After, all.After)}, func(s *string) string { return *s })
}

// lift is the rate of some over the rate of all: 2.0 is twice as likely to win.
func lift(r, all *simulate.Rate) *string {
	if r == nil {
		return nil
	}
	text := "–"
	if r.Accounts > 0 && all.Won > 0 {
		text = fmt.Sprintf("%.1f", float64(r.Won)*float64(all.Accounts)/(float64(r.Accounts)*float64(all.Won)))
	}
	return &text
}

// writeChanges writes one line an account.
func writeChanges(path string, r *simulate.Report) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := csv.NewWriter(f)
	lines := [][]string{{"account", "name", "changes", "band_before", "band_after", "score_before", "score_after", "stages_before", "stages_after",
		"owner_before", "owner_after", "acted_before", "acted_after", "observed_before", "observed_after", "stopped_before", "stopped_after", "open", "why"}}
	for _, c := range r.Changed {
		var open []string
		for _, p := range c.Open {
			open = append(open, p.Amount.String())
		}
		b, a := c.Before, c.After
		lines = append(lines, []string{c.Account, c.Name, strings.Join(c.What, " "), b.Band, a.Band, strconv.Itoa(b.Score), strconv.Itoa(a.Score),
			joined(b.Stages), joined(a.Stages), b.Owner, a.Owner, joined(b.Acted), joined(a.Acted), joined(b.Observed), joined(a.Observed), joined(b.Stopped), joined(a.Stopped),
			strings.Join(open, "; "), strings.Join(c.Why, "; ")})
	}
	return out.WriteAll(lines)
}

// joined writes a map in one cell: mql 2, pql 1.
func joined[V any](m map[string]V) string {
	var out []string
	for _, k := range sortedKeys(m) {
		out = append(out, fmt.Sprintf("%s %v", k, m[k]))
	}
	return strings.Join(out, ", ")
}
