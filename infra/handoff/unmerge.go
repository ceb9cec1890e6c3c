package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os/user"
	"slices"
	"strings"

	"handoff/infra/prose"
	"handoff/infra/rested"
	"handoff/infra/stack"
	"handoff/infra/unmerge"
)

// relationFlags say since when, why and by whom.
type relationFlags struct {
	Who string `arg:"" help:"A person or a device: an e-mail address, a user or CRM id, kind:key."`
	At  string `help:"From when on: 2026-03-12, or with T14:05:00Z. Without: unmerge, that it never was; merge, now." placeholder:"TIME"`
	Why string `help:"What to tell those who ask later." placeholder:"TEXT"`
	By  string `help:"Who does it; you, unless told." placeholder:"WHO"`
	Yes bool   `help:"Do it. Without, it is only shown."`
}

type unmergeCmd struct {
	relationFlags
	From string `help:"Whom they are not, or do not belong to: a domain, an e-mail address, kind:key." required:"" placeholder:"ACCOUNT"`
}

func (unmergeCmd) Help() string {
	return `Undoes a link between a person and an account, or a device and a person, that
was wrong: touches, score, stage and credits become what they would be without
it. What tools say of the two later links them no more; handoff merge does. The
handoffs that rested on it are listed with who has them now: they stay.

  handoff unmerge kim@studio.example --from initech.com
  handoff unmerge anon:segment/5b0e --from user:204 --why "shared" --yes`
}

func (c unmergeCmd) Run(e *env) error { return c.run(e, c.From, false) }

type mergeCmd struct {
	relationFlags
	Into string `help:"Whom they are, or belong to: a domain, an e-mail address, kind:key." required:"" placeholder:"ACCOUNT"`
}

func (mergeCmd) Help() string {
	return `Says that a person belongs to an account, a device to a person, or a company to
its parent, where no tool does; or takes an unmerge back: what tools said of the
two counts again.

  handoff merge kim@studio.example --into initech.com --at 2026-03-01 --yes`
}

func (c mergeCmd) Run(e *env) error { return c.run(e, c.Into, true) }

func (c relationFlags) run(e *env, other string, link bool) error {
	ask := unmerge.Ask{Who: c.Who, From: other, Link: link, By: operator(c.By), Why: c.Why}
	if c.At != "" {
		var err error
		if ask.At, err = parseTime(c.At); err != nil {
			return err
		}
	}
	return e.existing(func(s *stack.Stack) error {
		do := unmerge.Look
		if c.Yes {
			do = unmerge.Do
		}
		p, err := do(e.ctx, s, ask)
		if err != nil {
			return err
		}
		return e.answer(p, func(w io.Writer) error { printUnmerged(w, p); return nil })
	})
}

// operator is who does something.
func operator(by string) string {
	if u, err := user.Current(); by == "" && err == nil {
		by = u.Username
	}
	return cmp.Or(by, "unknown")
}

func printUnmerged(w io.Writer, p *unmerge.Plan) {
	if len(p.Pairs) == 0 {
		fmt.Fprintln(w, p.Done)
		return
	}
	verb := "is no longer"
	if p.Link {
		verb = "is, or belongs to,"
	}
	for _, pair := range p.Pairs {
		since := ""
		if !p.At.IsZero() {
			since = " from " + p.At.Format("2006-01-02 15:04") + " on"
		} else if !p.Link {
			since = ", and never was"
		}
		fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s %s %s%s.", pair.Subject, verb, pair.Target, since)))
	}
	fmt.Fprintln(w)
	for _, m := range p.Moves {
		fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s of %s: from %s to %s.", prose.Of(m.Touches, "touch"), m.Subject, m.From, m.To)))
	}
	if len(p.Moves) == 0 {
		fmt.Fprintln(w, "No touch moves.")
	}
	for i := range p.Accounts {
		a := &p.Accounts[i]
		text := fmt.Sprintf("%s: score %d → %d, band %s → %s", a.Account, a.Before.Score, a.After.Score, none(a.Before.Band), none(a.After.Band))
		for _, funnel := range slices.Sorted(maps.Keys(inEither(a.Before.Stages, a.After.Stages))) {
			text += fmt.Sprintf(", %s %s → %s", funnel, none(a.Before.Stages[funnel]), none(a.After.Stages[funnel]))
		}
		if a.Credits > 0 {
			text += fmt.Sprintf(", credits of %s settled again", prose.Of(a.Credits, "conversion"))
		}
		fmt.Fprintln(w, prose.Wrap("", "  ", text+"."))
	}
	printRested(w, p.Handoffs)
	fmt.Fprintln(w)
	switch {
	case !p.Applied:
		fmt.Fprintln(w, "Nothing is changed yet: add --yes.")
	case !p.Settled:
		fmt.Fprintln(w, "It is on the bus; the functions are at it.")
	default:
		fmt.Fprintln(w, "Done.")
	}
}

// printRested lists handoffs that rested on what is no longer so.
func printRested(w io.Writer, list []rested.Handoff) {
	if len(list) == 0 {
		fmt.Fprintln(w, "No handoff rested on it.")
		return
	}
	fmt.Fprintf(w, "\nHandoffs that rested on it:\n")
	g := grid{columns: []column{{head: "ACCOUNT", flex: true}, {head: "PLAY", flex: true}, {head: "HAS IT", flex: true}, {head: "STATE"}, {head: "DUE"}}}
	for _, h := range list {
		due := "–"
		if h.Open && !h.DueAt.IsZero() {
			due = h.DueAt.Format("2006-01-02 15:04")
		}
		g.add(strings.TrimPrefix(h.Account, "account:"), h.Play, none(h.Owner), stateWord(h.State), due)
		g.note(h.ID)
	}
	g.print(w)
}

// inEither has the keys of two.
func inEither(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, b)
	return out
}

func none(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
