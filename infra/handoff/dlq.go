package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"handoff/infra/aside"
	"handoff/infra/prose"
	"handoff/infra/stack"
	"handoff/infra/transit"
)

type dlqCmd struct {
	List    dlqListCmd    `cmd:"" help:"Which events no function could handle, and why."`
	Show    dlqShowCmd    `cmd:"" help:"One dead letter, whole."`
	Replay  dlqReplayCmd  `cmd:"" help:"Send dead letters again, to the function that failed."`
	Discard dlqDiscardCmd `cmd:"" help:"Delete dead letters for good."`
}

func (dlqCmd) Help() string {
	return `An event that fails for four hours is kept as a dead letter, whole. Mend the cause, then
replay. Old dead letters contact nobody: evidence older than a play's act_within never acts.
What a CRM or a chat did not take is kept here as well, and cannot be replayed.

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
		list, partly := aside.Letters(e.ctx, s, c.Queue)
		if partly != nil && !errors.Is(partly, transit.ErrPartly) {
			return partly
		}
		if err := e.answer(list, func(w io.Writer) error { return printLetters(w, list, partly == nil) }); err != nil {
			return err
		}
		if partly != nil {
			return partly
		}
		if len(list) > 0 {
			return errAct
		}
		return nil
	})
}

func printLetters(w io.Writer, list []aside.Letter, whole bool) error {
	if len(list) == 0 {
		if whole {
			fmt.Fprintln(w, "No dead letters.")
		}
		return nil
	}
	outside := 0
	for _, l := range list {
		died := "died"
		if l.DiedAt.IsZero() {
			died = "came" // all that SQS tells
		}
		who := l.Function
		if l.Destination != "" {
			who, outside = l.Destination, outside+1
		}
		fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s  %s %s, %s %s ago after %s: %s", l.ID, who, kindOf(&l), died,
			prose.For(time.Duration(l.Age)*time.Second), prose.Of(l.Receives, "try"), l.Reason)))
	}
	fmt.Fprintf(w, "\n%s.", prose.Of(len(list), "dead letter"))
	if outside < len(list) {
		fmt.Fprint(w, " Mend the cause, then: handoff dlq replay --all")
	}
	fmt.Fprintln(w)
	if outside > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s what a destination did not take, which cannot be replayed: see infra/runbooks/destinations.md",
			prose.Count(outside)+map[bool]string{true: " is", false: " are"}[outside == 1])))
	}
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
		l, err := aside.LetterOf(e.ctx, s, c.ID)
		if err != nil {
			return err
		}
		return e.answer(l, func(w io.Writer) error {
			who := l.Function + " could not handle"
			if l.Destination != "" {
				who = l.Destination + " did not take"
			}
			fmt.Fprintln(w, prose.Wrap("", "  ", fmt.Sprintf("%s %s of %s. It %s after %s.", who, kindOf(l),
				cmp.Or(l.Event.Source, "unknown source"), cameAndDied(l), prose.Of(l.Receives, "try"))))
			fmt.Fprintln(w, prose.Wrap("  ", "  ", l.Reason))
			if l.Body != "" {
				_, err := fmt.Fprintln(w, l.Body)
				return err
			}
			return printEvent(w, l.Event)
		})
	})
}

// cameAndDied says as much of when as is known.
func cameAndDied(l *aside.Letter) string {
	var said []string
	if !l.Arrived.IsZero() {
		said = append(said, "came "+l.Arrived.Format(time.RFC3339))
	}
	if !l.DiedAt.IsZero() {
		said = append(said, "died "+l.DiedAt.Format(time.RFC3339))
	} else {
		said = append(said, "died at a time that SQS does not tell,")
	}
	return strings.Join(said, ", and ")
}

// kindOf is a letter's detail type, or that it is none of an event.
func kindOf(l *aside.Letter) string {
	if l.Body != "" {
		return "a message that is no event"
	}
	return l.Event.DetailType
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
never acted on. A letter that was handled meanwhile changes nothing. What a destination did
not take has no function to go to: it stays, and the answer says what to do instead.

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
		out, err := c.replay(e.ctx, s)
		if err != nil {
			return err
		}
		if err := e.answer(out, func(w io.Writer) error { printReplayed(w, s, out); return nil }); err != nil {
			return err
		}
		if len(out.Again)+len(out.Dead)+len(out.Kept) > 0 {
			return errAct
		}
		return nil
	})
}

func (c dlqReplayCmd) replay(ctx context.Context, s *stack.Stack) (*aside.Replayed, error) {
	if len(c.IDs) == 0 {
		return aside.ReplayAll(ctx, s, c.Queue)
	}
	list, err := aside.Named(ctx, s, c.IDs...)
	if err != nil {
		return nil, err
	}
	return aside.Replay(ctx, s, list)
}

func printReplayed(w io.Writer, s *stack.Stack, out *aside.Replayed) {
	const later = "What becomes of them shows in: handoff status, handoff dlq list."
	switch n := len(out.Done) + len(out.Again) + len(out.Dead); {
	case out.Moving > 0:
		fmt.Fprintln(w, prose.Wrap("", "", "SQS is moving about "+prose.Of(out.Moving, "dead letter")+" back to the functions that failed. "+later))
	case len(out.Sent) > 0:
		fmt.Fprintln(w, prose.Wrap("", "", "Sent "+prose.Of(len(out.Sent), "dead letter")+" to the functions that failed. "+later))
	case len(out.Kept) > 0:
	case s.Name != "":
		fmt.Fprintln(w, "No dead letters.")
	default:
		fmt.Fprintf(w, "Replayed %s: %s handled, %s failed again, %s dead again.\n", prose.Of(n, "dead letter"),
			prose.Count(len(out.Done)), prose.Count(len(out.Again)), prose.Count(len(out.Dead)))
	}
	for _, k := range out.Kept {
		fmt.Fprintln(w, prose.Wrap("! ", "  ", prose.Of(k.Messages, "dead letter")+" stayed. "+k.Why))
	}
	if len(out.Again) > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", "Those that failed again are in their queue: they are tried for four hours more while `handoff local` runs. Its log has the error."))
	}
}

type dlqDiscardCmd struct {
	IDs []string `arg:"" name:"id" help:"As dlq list shows them."`
}

func (dlqDiscardCmd) Help() string {
	return `Deletes dead letters: what they say will not be handled. Look with dlq show first.
The archive keeps events from outside; what Handoff itself said is gone with the letter.

  handoff dlq discard ScoreDeadLetterQueue/1f`
}

func (c dlqDiscardCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		if err := aside.Discard(e.ctx, s, c.IDs...); err != nil {
			return err
		}
		return e.answer(map[string][]string{"discarded": c.IDs}, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "Discarded %s.\n", prose.Of(len(c.IDs), "dead letter"))
			return err
		})
	})
}
