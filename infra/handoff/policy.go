package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
)

type policyCmd struct {
	Validate policyValidateCmd `cmd:"" help:"Check a policy as a whole: what is wrong, and what can never be."`
	Simulate policySimulateCmd `cmd:"" help:"Play the history under another policy: what would have been."`
	Suggest  policySuggestCmd  `cmd:"" help:"Fit rules that past buyers suggest, with lift and counts."`
	Activate policyActivateCmd `cmd:"" help:"Put a policy in force, without a build."`
	Rollback policyRollbackCmd `cmd:"" help:"Put an earlier policy in force again."`
	Show     policyShowCmd     `cmd:"" help:"Which policies there were, and who put them in force; one, with its text."`
}

func (policyCmd) Help() string {
	return `A policy is a folder of YAML: scoring, funnels, plays, teams, attribution. Each activation
gets a number, its epoch, and is kept for ever with its text, who did it, and why.

  handoff policy validate my-policy
  handoff policy suggest
  handoff policy simulate my-policy
  handoff policy activate my-policy --why "demos count more"
  handoff policy show
  handoff policy rollback --why "too many calls"`
}

// policyDoer says who does it, and why: both stand in the record.
type policyDoer struct {
	Why string `help:"What to tell those who ask later." required:"" placeholder:"TEXT"`
	By  string `help:"Who does it; you, unless told." placeholder:"WHO"`
}

func (d policyDoer) who() string {
	if u, err := user.Current(); d.By == "" && err == nil {
		return cmp.Or(u.Username, "unknown")
	}
	return cmp.Or(d.By, "unknown")
}

// policyDir is a folder with a policy's YAML.
type policyDir string

// AfterApply refuses what is no folder, in a sentence, as words of the command that are off.
func (d policyDir) AfterApply() error {
	if d == "" {
		return nil
	}
	switch at, err := os.Stat(string(d)); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s: name the one that holds the policy's %s", string(d), strings.Join(policy.Files, ", "))
	case err != nil:
		return fmt.Errorf("the policy's folder cannot be read: %w", err)
	case !at.IsDir():
		return fmt.Errorf("%s is a file: name the folder that holds the policy's %s", string(d), strings.Join(policy.Files, ", "))
	}
	return nil
}

type policyActivateCmd struct {
	Dir policyDir `arg:"" help:"Folder with the policy's YAML." type:"path"`
	policyDoer
	DryRun bool `name:"dry-run" help:"Only check it, and say what would differ."`
}

func (policyActivateCmd) Help() string {
	return `Checks the whole policy first: what does not hold together is told by file and line, and
changes nothing. Functions go by the new one within a minute. Every account follows, also
those of which nothing is heard any more; evidence older than a play's act_within stays
too old to act on. The owners of stages that mean something else now are told by the event
PolicyActivated.

  handoff policy activate my-policy --why "demos count more" --dry-run
  handoff policy activate my-policy --why "demos count more"`
}

func (c policyActivateCmd) Run(e *env) error {
	p, err := policy.LoadValid(os.DirFS(string(c.Dir)))
	if err != nil {
		return fmt.Errorf("%w\nNothing was changed", err)
	}
	return e.existing(func(s *stack.Stack) error {
		if c.DryRun {
			plan, err := s.Policies.Plan(e.ctx, p.Text)
			if err != nil {
				return err
			}
			plan.By, plan.Why = c.who(), c.Why
			return e.answer(changeOf(plan, true), func(w io.Writer) error { return e.printChange(w, changeOf(plan, true)) })
		}
		done, err := s.Policies.Activate(e.ctx, p.Text, c.who(), c.Why)
		return e.changed(s, done, err)
	})
}

type policyRollbackCmd struct {
	Epoch *int64 `arg:"" optional:"" help:"Which one; unless told, the one that was in force before."`
	policyDoer
}

func (policyRollbackCmd) Help() string {
	return `Activates the text of an earlier epoch again, under a new number: nothing is ever taken
back, so what was decided meanwhile still explains itself. Epoch 0 is what was in force
before any was activated.

  handoff policy rollback --why "too many calls"
  handoff policy rollback 3 --why "back to the last quarter's"`
}

func (c policyRollbackCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		to := c.Epoch
		previous, err := s.Policies.Previous(e.ctx)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return errors.New("nothing was activated yet, so there is nothing to go back to: the policy that the build ships, or that handoff local was given, is in force; put another in force with handoff policy activate DIR --why TEXT")
		case err != nil:
			return err
		case to == nil:
			to = &previous
		}
		done, err := s.Policies.Rollback(e.ctx, *to, c.who(), c.Why)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no epoch %d to go back to: handoff policy show lists those that there are", *to)
		}
		return e.changed(s, done, err)
	})
}

// policyChange is the answer of activate and rollback.
type policyChange struct {
	*policy.Activation
	Files       map[string]string   `json:"files,omitempty"` // hides the texts: show has them
	DryRun      bool                `json:"dry_run"`
	Differences []policy.Difference `json:"differences"`
}

func changeOf(a *policy.Activation, dry bool) *policyChange {
	return &policyChange{Activation: a, DryRun: dry, Differences: policy.Differences(a.Before.Text, a.Policy.Text)}
}

// changed answers an activation.
func (e *env) changed(s *stack.Stack, a *policy.Activation, err error) error {
	if err != nil {
		return err
	}
	policy.Refresh(s.Policy) // `handoff local`, which may run this command, goes by it at once
	out := changeOf(a, false)
	return e.answer(out, func(w io.Writer) error { return e.printChange(w, out) })
}

func (e *env) printChange(w io.Writer, c *policyChange) error {
	switch {
	case c.DryRun:
		para(w, 0, fmt.Sprintf("The policy holds together. Nothing was changed; activated, it would replace epoch %d.", c.Replaces))
	case c.Restores != nil:
		para(w, 0, fmt.Sprintf("Epoch %d is in force: the text of epoch %d again, by %s: %q. It replaces epoch %d.", c.Epoch, *c.Restores, c.By, c.Why, c.Replaces))
	default:
		para(w, 0, fmt.Sprintf("Epoch %d is in force, by %s: %q. It replaces epoch %d.", c.Epoch, c.By, c.Why, c.Replaces))
	}
	fmt.Fprintln(w)
	printDifferences(w, c.Differences)
	switch {
	case c.Refolds:
		para(w, 0, "What is kept of touches differs, so the facts of every account are made anew from the ledger, and evaluated.")
	case c.Reevaluates:
		para(w, 0, "Facts stay; every account is evaluated again.")
	default:
		para(w, 0, "No account is scored or placed otherwise.")
	}
	if told := owners(c.Changed); told != "" {
		para(w, 0, "Whose stages mean something else: "+told+".")
	}
	if c.DryRun {
		return nil
	}
	if e.open == nil && e.cloud.stack == "" {
		para(w, 0, "Nothing runs on this folder now: accounts follow when `handoff local` next does.")
	} else if c.Refolds || c.Reevaluates {
		para(w, 0, "Accounts follow from three minutes on, a thousand a minute at most; one that is touched, at once. See: handoff policy show")
	}
	para(w, 0, "Back: handoff policy rollback --why TEXT")
	return nil
}

// owners says who answers for which changed stages.
func owners(changed []event.StageChanged) string {
	of := map[string][]string{}
	for _, c := range changed {
		stage := c.Stage
		if c.Change != "changed" {
			stage += ", " + c.Change
		}
		for _, who := range []string{c.Owner, c.Was} {
			if who != "" {
				of[who] = append(of[who], stage)
			}
		}
	}
	var out []string
	for _, who := range slices.Sorted(maps.Keys(of)) {
		out = append(out, who+" ("+strings.Join(of[who], "; ")+")")
	}
	return strings.Join(out, ", ")
}

func printDifferences(w io.Writer, list []policy.Difference) {
	if len(list) == 0 {
		para(w, 0, "Only comments or layout differ.")
		return
	}
	g := grid{columns: []column{{head: "WHAT", flex: true}, {head: "FIELD", flex: true}, {head: "BEFORE", flex: true}, {head: "AFTER", flex: true}}}
	for _, d := range list {
		what := d.Name
		if d.Kind != "setting" {
			what = d.Kind + " " + d.Name
		}
		before, after := d.Old, d.New
		if d.Field == "" && d.Kind != "setting" {
			before, after = cmp.Or(d.Old, "(added)"), cmp.Or(d.New, "(removed)")
		}
		g.add(what, d.Field, before, after)
	}
	g.print(w)
	fmt.Fprintln(w)
}

// unheard refuses a policy to start with where one was activated: that one is in force, and the folder would not be
// looked at.
func unheard(e *env, s *stack.Stack, dir string) error {
	if dir == "" {
		return nil
	}
	switch a, _, err := s.Policies.InForce(e.ctx); {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("epoch %d is in force in %s, by %s (%q), so --policy would not be heard: drop it, and then `handoff policy activate %s --why TEXT`", a.Epoch, e.data, a.By, a.Why, dir)
	}
}

type policyShowCmd struct {
	Epoch *int64 `arg:"" optional:"" help:"One of them; else all."`
	Text  bool   `help:"Print the whole text: of the epoch named, else of the one in force."`
}

func (policyShowCmd) Help() string {
	return `Lists every epoch: when, by whom, why, and two hashes. A new FOLD hash means that facts were
made anew, a new EVAL hash that accounts were evaluated again. With a number: what that
epoch changed.

  handoff policy show
  handoff policy show 3
  handoff policy show 3 --text`
}

func (c policyShowCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		if c.Epoch == nil && !c.Text {
			return c.all(e, s)
		}
		return c.one(e, s)
	})
}

// policyList is the answer of show without a number.
type policyList struct {
	Active int64          `json:"active"` // the epoch in force; 0: none was activated, or gone back to by text alone
	Fold   string         `json:"fold"`
	Eval   string         `json:"eval"`
	Epochs []policy.Entry `json:"epochs"`
	Pass   *policy.Pass   `json:"pass,omitempty"` // how far the policy in force has reached the accounts
}

func (c policyShowCmd) all(e *env, s *stack.Stack) error {
	history, err := s.Policies.History(e.ctx)
	if err != nil {
		return err
	}
	out := policyList{Fold: s.Policies.Default.FoldHash, Eval: s.Policies.Default.EvalHash, Epochs: history}
	switch a, _, err := s.Policies.InForce(e.ctx); {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	default:
		out.Active, out.Fold, out.Eval = a.Epoch, a.Fold, a.Eval
		if out.Pass, err = policy.ReadPass(e.ctx, s.Accounts); err != nil {
			return err
		}
	}
	return e.answer(out, func(w io.Writer) error { return out.print(w, s.Now()) })
}

func (l *policyList) print(w io.Writer, now time.Time) error {
	if l.Pass == nil {
		para(w, 0, fmt.Sprintf("Nothing was activated yet. What the build ships is in force, or what `handoff local --policy` was given: fold %s, eval %s.", short(l.Fold), short(l.Eval)))
	}
	if len(l.Epochs) > 0 {
		g := grid{columns: []column{{head: "EPOCH", right: true}, {head: "WHEN"}, {head: "BY", flex: true}, {head: "FOLD"}, {head: "EVAL"}, {head: "STATE"}}}
		for i := len(l.Epochs) - 1; i >= 0; i-- {
			a := &l.Epochs[i]
			g.add(fmt.Sprint(a.Epoch), when(a.At, now), a.By, short(a.Fold), short(a.Eval), a.State)
			g.note(why(&a.Active))
		}
		g.print(w)
	}
	if l.Pass != nil {
		fmt.Fprintln(w)
		para(w, 0, passWords(l.Pass, now))
	}
	return nil
}

// short is enough of a hash to tell it from its neighbours.
func short(hash string) string { return hash[:min(8, len(hash))] }

func why(a *policy.Active) string {
	if a.Restores != nil {
		return fmt.Sprintf("%s (the text of epoch %d again)", a.Why, *a.Restores)
	}
	return a.Why
}

// passWords say how far the policy in force has got.
func passWords(p *policy.Pass, now time.Time) string {
	counts := fmt.Sprintf("%s, %d folded anew, %d evaluated again", count(p.Looked, "account", "accounts")+" looked at", p.Folded, p.Evaluated)
	out := ""
	switch {
	case p.Done():
		out = "Every account goes by it: " + counts + "."
	case p.From == 0:
		out = "No sweep has seen it yet; accounts follow when the pipeline runs."
	case now.Unix() < p.From:
		out = "Accounts that are touched go by it at once; the others follow from " + time.Unix(p.From, 0).UTC().Format("15:04") + " on."
	default:
		out = fmt.Sprintf("Accounts are being brought under it, part %d of %d: %s.", p.Shard+1, store.Shards, counts)
	}
	if p.Failed > 0 {
		out += fmt.Sprintf(" %s could not be: score's log names them.", count(p.Failed, "account", "accounts"))
	}
	if len(p.Untold) > 0 {
		out += " The owners of stages are yet to be told."
	}
	return out
}

// policyOne is the answer of show with a number.
type policyOne struct {
	policy.Active
	Differences []policy.Difference `json:"differences"` // from the epoch that it replaced
}

func (c policyShowCmd) one(e *env, s *stack.Stack) error {
	active, err := c.epoch(e, s)
	if err != nil {
		return err
	}
	out := policyOne{Active: *active, Differences: []policy.Difference{}}
	if active.Epoch > 0 {
		before, err := s.Policies.Text(e.ctx, active.Replaces)
		if err != nil {
			return err
		}
		out.Differences = policy.Differences(before.Files, active.Files)
	}
	return e.answer(out, func(w io.Writer) error {
		if c.Text {
			for _, name := range slices.Sorted(maps.Keys(out.Files)) {
				fmt.Fprintf(w, "# ---- %s, epoch %d\n%s", name, out.Epoch, strings.TrimRight(out.Files[name], "\n")+"\n")
			}
			return nil
		}
		title(w, fmt.Sprintf("Epoch %d", out.Epoch), "fold "+short(out.Fold)+", eval "+short(out.Eval))
		if !out.At.IsZero() {
			para(w, 0, fmt.Sprintf("Activated on %s by %s, in place of epoch %d.", moment(out.At), out.By, out.Replaces))
		}
		para(w, 0, why(&out.Active))
		if out.Epoch > 0 {
			fmt.Fprintln(w)
			printDifferences(w, out.Differences)
		}
		para(w, 0, fmt.Sprintf("The text: handoff policy show %d --text", out.Epoch))
		return nil
	})
}

// epoch is the one asked for: the one named, else the one in force. Before any activation there is 0 alone.
func (c policyShowCmd) epoch(e *env, s *stack.Stack) (*policy.Active, error) {
	number := int64(0)
	if c.Epoch != nil {
		number = *c.Epoch
	} else if a, _, err := s.Policies.InForce(e.ctx); err == nil {
		number = a.Epoch
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	a, err := s.Policies.Text(e.ctx, number)
	if errors.Is(err, store.ErrNotFound) && number == 0 {
		p := s.Policies.Default
		return &policy.Active{Fold: p.FoldHash, Eval: p.EvalHash, By: "the build", Why: "In force while none is activated.", Files: p.Text}, nil
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("there is no epoch %d: see handoff policy show", number)
	}
	return a, err
}
