package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strings"

	"handoff/functions/route"
	"handoff/infra/prose"
	"handoff/infra/stack"
	"handoff/shared/routing"
	"handoff/shared/store"
)

// switchFlags say who stops or starts a play, and why: both stand in the record.
type switchFlags struct {
	Play string `arg:"" help:"The play's name, as status lists it."`
	Why  string `help:"What to tell those who ask later." required:"" placeholder:"TEXT"`
	By   string `help:"Who does it; you, unless told." placeholder:"WHO"`
}

type pauseCmd struct{ switchFlags }

func (pauseCmd) Help() string {
	return `Stops a play at once: what is not under way when this returns is not acted on. Decisions
go on being made and recorded, as stopped.

  handoff pause pql --why "half of them are partners"`
}

func (c pauseCmd) Run(e *env) error {
	return c.change(e, route.Pause, "paused. Nobody is contacted by it until: handoff resume "+c.Play+" --why TEXT")
}

type resumeCmd struct{ switchFlags }

func (resumeCmd) Help() string {
	return `Ends a pause, and resets a breaker that tripped. What was stopped meanwhile stays stopped. Of a
play that nothing stops it says so, and changes nothing.

  handoff resume pql --why "partners are gated now"`
}

func (c resumeCmd) Run(e *env) error {
	err := c.change(e, route.Resume, "resumed. What was stopped meanwhile stays stopped.")
	if !errors.Is(err, route.ErrRuns) {
		return err
	}
	return e.answer(switched{Play: c.Play}, func(out io.Writer) error {
		_, err := fmt.Fprintln(out, prose.Wrap("", "", "The play "+c.Play+" was not paused, and no breaker stopped it: nothing was changed."))
		return err
	})
}

// switched is the answer.
type switched struct {
	Play    string         `json:"play"`
	Changed bool           `json:"changed"`
	Did     routing.Switch `json:"did,omitzero"`
}

func (c switchFlags) change(e *env, do func(context.Context, store.Table, string, routing.Switch) error, did string) error {
	return e.existing(func(s *stack.Stack) error {
		if err := knownPlay(e.ctx, s, c.Play); err != nil {
			return err
		}
		w := routing.Switch{At: s.Now(), By: who(c.By), Why: c.Why}
		if err := do(e.ctx, s.Accounts, c.Play, w); err != nil {
			return err
		}
		return e.answer(switched{c.Play, true, w}, func(out io.Writer) error {
			_, err := fmt.Fprintln(out, prose.Wrap("", "", "The play "+c.Play+" is "+did))
			return err
		})
	})
}

// who is who does it, for the record.
func who(by string) string {
	if u, err := user.Current(); by == "" && err == nil {
		by = u.Username
	}
	return cmp.Or(by, "unknown")
}

// knownPlay refuses a play that the policy in force does not have.
func knownPlay(ctx context.Context, s *stack.Stack, play string) error {
	p, err := s.Policy.Active(ctx)
	if err != nil {
		return err
	}
	names := []string{}
	for i := range p.Plays {
		if p.Plays[i].Name == play {
			return nil
		}
		names = append(names, p.Plays[i].Name)
	}
	return fmt.Errorf("no play is called %q; there are %s", play, strings.Join(names, ", "))
}
