package main

import (
	"fmt"
	"io"
	"slices"

	"handoff/infra/prose"
	"handoff/infra/reassign"
	"handoff/infra/stack"
)

type reassignCmd struct {
	From string `help:"Whose open handoffs: an address." required:"" placeholder:"REP"`
	To   string `help:"Who gets them; else the policy chooses for each." placeholder:"REP"`
	Why  string `help:"What to tell those who ask later." placeholder:"TEXT"`
	By   string `help:"Who does it; you, unless told." placeholder:"WHO"`
	Yes  bool   `help:"Do it. Without, it is only shown."`
}

func (reassignCmd) Help() string {
	return `Gives a rep's open handoffs to others, deadlines kept: to who is next by the
policy's rules without that rep, or to one that you name. Each is a step in the
handoff's history, and told to CRM and chat. Doing it twice does nothing more.

  handoff reassign --from ann@vendor.example
  handoff reassign --from ann@vendor.example --why "on leave until June" --yes`
}

func (c reassignCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		do := reassign.Look
		if c.Yes {
			do = reassign.Do
		}
		p, err := do(e.ctx, s, reassign.Ask{From: c.From, To: c.To, By: operator(c.By), Why: c.Why})
		if err != nil {
			return err
		}
		if err := e.answer(p, func(w io.Writer) error { printReassigned(w, p); return nil }); err != nil {
			return err
		}
		if p.Settled && !p.Applied && len(p.Moves) > 0 {
			return errAct
		}
		for i := range p.Moves {
			if m := &p.Moves[i]; m.To == "" || p.Settled && m.Owner == p.From {
				return errAct
			}
		}
		return nil
	})
}

func printReassigned(w io.Writer, p *reassign.Plan) {
	if len(p.Moves) == 0 {
		fmt.Fprintf(w, "%s has no open handoff.\n", p.From)
		return
	}
	g := grid{columns: []column{{head: "ACCOUNT", flex: true}, {head: "PLAY", flex: true}, {head: "STATE"}, {head: "DUE"}, {head: "TO", flex: true}}}
	left := 0
	for i := range p.Moves {
		m := &p.Moves[i]
		to := m.To
		if p.Settled {
			to = m.Owner
		}
		if to == "" || to == p.From {
			to = "–"
			left++
		}
		due := "–"
		if !m.DueAt.IsZero() {
			due = m.DueAt.Format("2006-01-02 15:04")
		}
		g.add(m.Name, m.Play, stateWord(m.State), due, to)
		g.note(m.Why)
	}
	g.print(w)
	fmt.Fprintln(w)
	n := prose.Of(len(p.Moves), "open handoff")
	switch {
	case p.Settled && !p.Applied:
		fmt.Fprintln(w, prose.Wrap("", "", unmoved(p, n)))
	case !p.Applied:
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s of %s would go as shown, deadlines kept. Nothing is changed yet: add --yes.", n, p.From)))
	case !p.Settled:
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s of %s are asked for. The functions are at it: handoff queue shows who has them in a minute.", n, p.From)))
	default:
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("Reassigned %s of %s from %s, deadlines kept.", prose.Count(len(p.Moves)-left), n, p.From)))
	}
}

// unmoved says why nothing moved, as far as can be told, and what to look at.
func unmoved(p *reassign.Plan, n string) string {
	stay, them := "stay", "them"
	if len(p.Moves) == 1 {
		stay, them = "stays", "it"
	}
	out := fmt.Sprintf("Nothing moved: %s %s with %s. ", n, stay, p.From)
	if !slices.ContainsFunc(p.Moves, func(m reassign.Move) bool { return m.To != "" }) {
		return out + fmt.Sprintf("Nobody else of the team could take %s: name who gets %s with --to, or see in teams.yaml who is out or full.", them, them)
	}
	return out + "It was asked for, and route did not do it: handoff dlq list shows what it could not take, handoff status whether its queue moves, and handoff explain of an account what it said."
}
