package main

import (
	"errors"
	"fmt"
	"io"

	"handoff/infra/explain"
	"handoff/infra/prose"
	"handoff/infra/prove"
	"handoff/infra/stack"
)

type rebuildCmd struct {
	Who   []string `arg:"" optional:"" help:"Accounts: a domain, an e-mail address, a subject or CRM id."`
	All   bool     `help:"All accounts."`
	Check bool     `help:"Compare, and change nothing. It is what rebuild does." default:"true" negatable:""`
}

func (rebuildCmd) Help() string {
	return `Folds accounts again from the ledger alone, under the policy in force, and compares facts byte
for byte, and the evaluation at the hour of the one that stands. It changes nothing: score
folds an account again itself when links move its touches or a policy folds otherwise.
Exit status 3 where something differs.

  handoff rebuild --all
  handoff rebuild meridianloom.example`
}

func (c rebuildCmd) Run(e *env) error {
	switch {
	case c.All == (len(c.Who) > 0):
		return errors.New("name accounts, or say --all")
	case !c.Check:
		return errors.New("rebuild writes nothing: score's own refold repairs an account, when a policy that folds otherwise is activated")
	}
	return e.existing(func(s *stack.Stack) error {
		var accounts []string
		for _, who := range c.Who {
			found, err := explain.Find(e.ctx, s, who)
			if err != nil {
				return err
			}
			accounts = append(accounts, found.Account)
		}
		out, err := prove.Rebuild(e.ctx, s, accounts...)
		if err != nil {
			return err
		}
		if err := e.answer(out, func(w io.Writer) error { return printRebuilt(w, out) }); err != nil {
			return err
		}
		if len(out.Different) > 0 {
			return errAct
		}
		return nil
	})
}

func printRebuilt(w io.Writer, out *prove.Rebuilt) error {
	text := fmt.Sprintf("%s folded again from %s of the ledger: %s equal byte for byte, %s different",
		prose.Of(out.Accounts, "account"), prose.Of(out.Touches, "touch"), prose.Count(out.Equal), prose.Count(len(out.Different)))
	if out.Waiting > 0 {
		text += fmt.Sprintf(", %s still to be folded under the policy in force", prose.Count(out.Waiting))
	}
	fmt.Fprintln(w, prose.Wrap("", "", text+"."))
	for i, d := range out.Different {
		if i == listed {
			fmt.Fprintf(w, "… and %s more: --format json has them\n", prose.Count(len(out.Different)-i))
			break
		}
		fmt.Fprintln(w, d.Account)
		for _, line := range append(d.Facts, d.Outcome...) {
			fmt.Fprintln(w, prose.Wrap("  - ", "    ", line))
		}
	}
	return nil
}
