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
