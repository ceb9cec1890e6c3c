package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"handoff/infra/aside"
	"handoff/infra/prose"
	"handoff/infra/stack"
)

type dlqCmd struct {
	List   dlqListCmd   `cmd:"" help:"Which events no function could handle, and why."`
	Show   dlqShowCmd   `cmd:"" help:"One dead letter, whole."`
	Replay dlqReplayCmd `cmd:"" help:"Send dead letters again, to the function that failed."`
}

func (dlqCmd) Help() string {
	return `An event that fails for four hours is kept as a dead letter, whole. Mend the cause, then
replay. Old dead letters contact nobody: evidence older than a play's act_within never acts.

  handoff dlq list
  handoff dlq replay --all`
}

type dlqListCmd struct {
	Queue string `help:"Only of this queue or function, by a part of its name: score." default:""`
}

func (dlqListCmd) Help() string {
	return `Exit status 3 where there are any.

  handoff dlq list
  handoff dlq list --queue score`
}

func (c dlqListCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		list, err := aside.Letters(s, c.Queue)
		if err != nil {
			return err
		}
		if err := e.answer(list, func(w io.Writer) error { return printLetters(w, list) }); err != nil {
			return err
		}
		if len(list) > 0 {
			return errAct
		}
		return nil
	})
}

func printLetters(w io.Writer, list []aside.Letter) error {
	if len(list) == 0 {
		fmt.Fprintln(w, "No dead letters.")
		return nil
	}
	for _, l := range list {
		fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s  %s %s, died %s ago after %s: %s", l.ID, l.Function, l.Event.DetailType,
			prose.For(time.Duration(l.Age)*time.Second), prose.Of(l.Receives, "try"), l.Reason)))
	}
	fmt.Fprintf(w, "\n%s. Mend the cause, then: handoff dlq replay --all\n", prose.Of(len(list), "dead letter"))
	return nil
}

type dlqShowCmd struct {
	ID string `arg:"" help:"As dlq list shows it."`
}

func (dlqShowCmd) Help() string {
	return `The event as it came, when it died, after how many tries, and the last error.

  handoff dlq show ScoreDeadLetterQueue/1f`
}

func (c dlqShowCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		l, err := aside.LetterOf(s, c.ID)
		if err != nil {
			return err
		}
		return e.answer(l, func(w io.Writer) error {
			fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s could not handle %s of %s. It came %s, and died %s after %s.", l.Function, l.Event.DetailType,
				l.Event.Source, l.Arrived.Format(time.RFC3339), l.DiedAt.Format(time.RFC3339), prose.Of(l.Receives, "try"))))
			fmt.Fprintln(w, prose.Wrap("  ", "  ", l.Reason))
			return printEvent(w, l.Event)
		})
	})
}

func printEvent(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type dlqReplayCmd struct {
	IDs   []string `arg:"" optional:"" name:"id" help:"As dlq list shows them."`
	All   bool     `help:"All dead letters."`
	Queue string   `help:"All of this queue or function, by a part of its name." default:""`
}

func (dlqReplayCmd) Help() string {
	return `Sends dead letters again, each to the one function that failed, and says what came of it.
Old ones contact nobody: evidence older than a play's act_within is recorded and scored, and
never acted on. A letter that was handled meanwhile changes nothing.

  handoff dlq replay ScoreDeadLetterQueue/1f
  handoff dlq replay --queue score`
}

func (c dlqReplayCmd) Run(e *env) error {
	ways := 0
	for _, on := range []bool{len(c.IDs) > 0, c.All, c.Queue != ""} {
		if on {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("say which dead letters: ids, --all, or --queue; dlq list shows them")
	}
	return e.existing(func(s *stack.Stack) error {
		list, err := c.letters(s)
		if err != nil {
			return err
		}
		out, err := aside.Replay(e.ctx, s, list)
		if err != nil {
			return err
		}
		if err := e.answer(out, func(w io.Writer) error {
			fmt.Fprintf(w, "Replayed %s: %s handled, %s failed again, %s dead again.\n", prose.Of(len(list), "dead letter"),
				prose.Count(len(out.Done)), prose.Count(len(out.Again)), prose.Count(len(out.Dead)))
			if len(out.Again) > 0 {
				fmt.Fprintln(w, prose.Wrap("", "", "Those that failed again are in their queue: they are tried for four hours more while `handoff local` runs. Its log has the error."))
			}
			return nil
		}); err != nil {
			return err
		}
		if len(out.Again)+len(out.Dead) > 0 {
			return errAct
		}
		return nil
	})
}

func (c dlqReplayCmd) letters(s *stack.Stack) ([]aside.Letter, error) {
	if len(c.IDs) == 0 {
		return aside.Letters(s, c.Queue)
	}
	var out []aside.Letter
	for _, id := range c.IDs {
		l, err := aside.LetterOf(s, id)
		if err != nil {
			return nil, err
		}
		out = append(out, *l)
	}
	return out, nil
}
