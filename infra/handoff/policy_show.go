package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/policy"
	"handoff/shared/store"
)

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
