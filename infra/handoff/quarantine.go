package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"handoff/infra/aside"
	"handoff/infra/prose"
	"handoff/infra/stack"
)

type quarantineCmd struct {
	List  quarantineListCmd  `cmd:"" help:"Which events broke their contract, which field, and whose it is to mend."`
	Show  quarantineShowCmd  `cmd:"" help:"One event in quarantine, whole."`
	Retry quarantineRetryCmd `cmd:"" help:"Process events again, after a contract was mended."`
}

func (quarantineCmd) Help() string {
	return `What does not fit its contract is kept whole, with the reason. Mend the contract or the
tool, then retry: nothing is lost and nothing doubled.

  handoff quarantine list
  handoff quarantine retry --all --contract segment`
}

type quarantineListCmd struct {
	Contract string `help:"Only of this contract." default:""`
	Code     string `help:"Only of this kind: schema, no_id, no_time, no_subject, future_time, id_reused, unknown_source …" default:""`
	Day      string `help:"Only of this day: 2026-04-14." default:""`
	All      bool   `help:"Also those that were processed since."`
}

func (quarantineListCmd) Help() string {
	return `Grouped by what is broken. Exit status 3 where there are any.

  handoff quarantine list
  handoff quarantine list --contract rudderstack --day 2026-04-14`
}

func (c quarantineListCmd) Run(e *env) error {
	f := aside.Filter{Contract: c.Contract, Code: c.Code, Resolved: c.All}
	if c.Day != "" {
		var err error
		if f.Day, err = time.Parse(time.DateOnly, c.Day); err != nil {
			return fmt.Errorf("%q is no day; write it as 2026-04-14", c.Day)
		}
	}
	return e.existing(func(s *stack.Stack) error {
		list, err := aside.Quarantined(e.ctx, s, f)
		if err != nil {
			return err
		}
		if list == nil {
			list = []aside.Event{}
		}
		if err := e.answer(list, func(w io.Writer) error { return printQuarantine(w, list) }); err != nil {
			return err
		}
		for i := range list {
			if !list[i].Resolved {
				return errAct
			}
		}
		return nil
	})
}

// cause is what events in quarantine have in common.
type cause struct{ contract, owner, code, field string }

func printQuarantine(w io.Writer, list []aside.Event) error {
	if len(list) == 0 {
		fmt.Fprintln(w, "Nothing is in quarantine. (--all shows also what was processed since.)")
		return nil
	}
	var order []cause
	of := map[cause][]*aside.Event{}
	for i := range list {
		e := &list[i]
		k := cause{e.Contract, e.Owner, e.Code, e.Field}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], e)
	}
	for _, k := range order {
		events := of[k]
		text := k.code
		if k.field != "" {
			text += " at " + k.field
		}
		if k.contract != "" {
			text = k.contract + ", " + text
		}
		if k.owner != "" {
			text += " (" + k.owner + " owns the contract)"
		}
		fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s: %s. %s", prose.Of(len(events), "event"), text, reasonOf(events))))
		for i, e := range events {
			if i == 5 {
				fmt.Fprintf(w, "    … and %s more: --format json has them\n", prose.Count(len(events)-i))
				break
			}
			done := ""
			if e.Resolved {
				done = " (processed since)"
			}
			fmt.Fprintln(w, prose.Wrap("    ", "      ", fmt.Sprintf("%s %s %s %s%s", e.ID, e.Time.Format("2006-01-02 15:04"), e.Source, e.DetailType, done)))
		}
	}
	fmt.Fprintf(w, "\n%s. handoff quarantine show ID · retry --all --contract NAME\n", prose.Of(len(list), "event"))
	return nil
}

// reasonOf is the reason of all, or of the first where each has its own.
func reasonOf(events []*aside.Event) string {
	for _, e := range events {
		if e.Reason != events[0].Reason {
			return "The first: " + events[0].Reason
		}
	}
	return events[0].Reason
}

type quarantineShowCmd struct {
	ID string `arg:"" help:"As quarantine list shows it, or the id of the envelope; its beginning is enough."`
}

func (quarantineShowCmd) Help() string {
	return `The event as it came, and what its contract says against it.

  handoff quarantine show 3f1c9a`
}

func (c quarantineShowCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		list, err := aside.Find(e.ctx, s, c.ID)
		if err != nil {
			return err
		}
		return e.answer(list, func(w io.Writer) error {
			for i := range list {
				if err := printAside(w, &list[i]); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func printAside(w io.Writer, q *aside.Event) error {
	text := fmt.Sprintf("%s: %s", q.ID, q.Code)
	if q.Field != "" {
		text += " at " + q.Field
	}
	text += ". " + q.Reason
	if q.Contract != "" {
		text += fmt.Sprintf(" Contract %s, owned by %s.", q.Contract, q.Owner)
	}
	if q.Resolved {
		text += " It was processed since: the ledger has what it says."
	}
	fmt.Fprintln(w, prose.Wrap("", "  ", text))
	return printEvent(w, q.Event)
}

type quarantineRetryCmd struct {
	IDs      []string `arg:"" optional:"" name:"id" help:"As quarantine list shows them."`
	All      bool     `help:"All that are not processed yet."`
	Contract string   `help:"With --all: only of this contract." default:""`
}

func (quarantineRetryCmd) Help() string {
	return `Puts events on the bus again as they were kept. One that is refused again stays as it is.

  handoff quarantine retry --all --contract segment
  handoff quarantine retry 3f1c9a`
}

func (c quarantineRetryCmd) Run(e *env) error {
	switch {
	case c.All == (len(c.IDs) > 0):
		return errors.New("say which events: ids, or --all; quarantine list shows them")
	case c.Contract != "" && !c.All:
		return errors.New("--contract narrows --all; ids need none")
	}
	return e.existing(func(s *stack.Stack) error {
		var list []aside.Event
		var err error
		if c.All {
			list, err = aside.Quarantined(e.ctx, s, aside.Filter{Contract: c.Contract})
		} else {
			list, err = aside.Find(e.ctx, s, c.IDs...)
		}
		if err != nil {
			return err
		}
		out, err := aside.Retry(e.ctx, s, list)
		if err != nil {
			return err
		}
		if err := e.answer(out, func(w io.Writer) error {
			if !out.Settled {
				fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("Put %s on the bus again. %s are in the ledger by now; the others are on their way, or are refused again: handoff quarantine list says it in a minute.",
					prose.Of(out.Put, "event"), prose.Count(out.Resolved))))
				return nil
			}
			fmt.Fprintf(w, "Processed %s again: %s taken, %s still in quarantine.\n", prose.Of(out.Put, "event"), prose.Count(out.Resolved), prose.Count(len(out.Left)))
			return nil
		}); err != nil {
			return err
		}
		if len(out.Left) > 0 && out.Settled {
			return errAct
		}
		return nil
	})
}
