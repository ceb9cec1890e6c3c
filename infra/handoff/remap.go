package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"handoff/infra/prose"
	"handoff/infra/remap"
	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/event"
)

type remapCmd struct {
	Source string   `help:"The contract whose mapping was mended: segment, stripe …" required:"" placeholder:"NAME"`
	Since  string   `help:"Deliveries from this time on: yesterday, 3 days ago, 2026-03-12, 2026-03-12T14:05:00Z." required:"" placeholder:"TIME"`
	Until  string   `help:"And before this one." placeholder:"TIME"`
	Events []string `help:"Raw events as they were delivered, one JSON object a line, instead of the archive's: a deployed stack's cannot be listed." placeholder:"FILE" type:"existingfile"`
	Apply  bool     `help:"Do it. Without, it is only shown."`
	Why    string   `help:"What to tell those who ask later." placeholder:"TEXT"`
	By     string   `help:"Who does it; you, unless told." placeholder:"WHO"`
}

func (remapCmd) Help() string {
	return `After a mapping (events/sources/NAME.yaml) that was valid but wrong was mended
and deployed: reads the raw events again, shows what changes, touch by touch,
and the handoffs that went the wrong way with who has them now. With --apply the
ledger gets new revisions, accounts are folded and credits settled again, and
handoffs hear the answers as they are read now. After a crash run it again; a
second time it does nothing.

  handoff remap --source segment --since 2026-03-01
  handoff remap --source segment --since 2026-03-01 --apply`
}

func (c remapCmd) Run(e *env) error {
	ask := remap.Ask{Source: c.Source, By: operator(c.By), Why: c.Why}
	if len(c.Events) > 0 {
		ask.Events = rawEvents(c.Events)
	}
	return e.existing(func(s *stack.Stack) error {
		now, err := report.Now(e.ctx, s)
		if err != nil {
			return err
		}
		if ask.Since, err = parseFrom("--since", c.Since, now); err != nil {
			return err
		}
		if ask.Until, err = parseFrom("--until", c.Until, now); err != nil {
			return err
		}
		do := remap.Look
		if c.Apply {
			do = remap.Do
		}
		p, err := do(e.ctx, s, ask)
		if err != nil {
			return err
		}
		if err := e.answer(p, func(w io.Writer) error { printRemap(w, p); return nil }); err != nil {
			return err
		}
		if p.Refused > 0 {
			return errAct
		}
		return nil
	})
}

// rawEvents reads envelopes from files, an object after the other.
func rawEvents(files []string) iter.Seq2[event.Envelope, error] {
	return func(yield func(event.Envelope, error) bool) {
		for _, name := range files {
			if !oneFile(name, yield) {
				return
			}
		}
	}
}

func oneFile(name string, yield func(event.Envelope, error) bool) (more bool) {
	f, err := os.Open(name)
	if err != nil {
		yield(event.Envelope{}, err)
		return false
	}
	defer f.Close()
	d := json.NewDecoder(f)
	for n := 1; ; n++ {
		var e event.Envelope
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			yield(e, fmt.Errorf("%s: event %d: %w", name, n, err))
			return false
		case e.ID == "" || e.Source == "" || e.DetailType == "" || e.Time.IsZero() || len(e.Detail) == 0:
			yield(e, fmt.Errorf("%s: event %d is no whole delivery: it needs id, source, detail-type, time and detail", name, n))
			return false
		}
		if !yield(e, nil) {
			return false
		}
	}
}

func printRemap(w io.Writer, p *remap.Plan) {
	fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s of %s make %s by %s: %s as recorded, %s with other content, %s moved to another subject or time, %s new, %s no longer made.",
		prose.Of(p.Events, "raw event"), p.Source, prose.Of(p.Touches, "touch"), p.Contract, prose.Count(p.Same), prose.Count(p.Changed), prose.Count(p.Moved), prose.Count(p.Added), prose.Count(p.Withdrawn))))
	if p.Refused > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s break the contract as it is now: what they made before is left as it is. Is the mended contract too strict?", prose.Of(p.Refused, "event"))))
	}
	if p.Others > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("%s have an id that the ledger has from another event, and are left.", prose.Of(p.Others, "touch"))))
	}
	if p.Nothing() && !p.Applied {
		fmt.Fprintln(w, "\nNothing is to be done.")
		return
	}
	if len(p.Fields) > 0 {
		fmt.Fprintln(w)
		g := grid{columns: []column{{head: "KIND", flex: true}, {head: "FIELD", flex: true}, {head: "TOUCHES", right: true}, {head: "SUCH AS", flex: true}}}
		for _, c := range p.Fields {
			such := ""
			if c.From+c.To != "" {
				such = none(c.From) + " → " + none(c.To)
			}
			g.add(c.Kind, c.Field, number(c.Touches), such)
		}
		g.print(w)
	}
	if len(p.Accounts) > 0 {
		fmt.Fprintln(w, prose.Wrap("\n", "  ", fmt.Sprintf("%s concerned: %s.", prose.Of(len(p.Accounts), "account"), list(p.Accounts, 12))))
	}
	printAnswers(w, p.Answers)
	printRested(w, p.Handoffs)
	fmt.Fprintln(w)
	switch {
	case !p.Applied && len(p.Waiting) > 0:
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("An earlier remap ended before it was done: %s wait. Nothing is changed yet: add --apply.", prose.Of(len(p.Waiting), "subject"))))
	case !p.Applied:
		fmt.Fprintln(w, "Nothing is changed yet: add --apply.")
	case !p.Settled:
		fmt.Fprintln(w, "The revisions are in the ledger; the functions fold them now.")
	default:
		fmt.Fprintln(w, "Done: accounts are folded, and credits settled, again.")
	}
}

// printAnswers lists what tools said of handoffs, where it is read otherwise now.
func printAnswers(w io.Writer, list []remap.Answer) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\nAnswers to handoffs that are read otherwise:\n")
	g := grid{columns: []column{{head: "ACCOUNT", flex: true}, {head: "PLAY", flex: true}, {head: "HAS IT", flex: true}, {head: "STATE"}, {head: "WAS"}, {head: "IS"}}}
	stays := 0
	for _, a := range list {
		g.add(strings.TrimPrefix(a.Account, "account:"), none(a.Play), none(a.Owner), none(stateWord(a.State)), answerWord(a.Was), answerWord(a.Is))
		if a.Handoff != "" {
			g.note(a.Handoff)
		}
		if a.Stays {
			stays++
		}
	}
	g.print(w)
	fmt.Fprintln(w, prose.Wrap("", "", "What they are now is told to their handoffs, by the time at which it was said."))
	if stays > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", fmt.Sprintf("What %s taken for stays beside it: no handoff is opened again, nor its clock wound back. See to it with whoever has them.",
			count(stays, "answer was", "answers were"))))
	}
}

func answerWord(kind string) string {
	if kind == "" {
		return "none"
	}
	return strings.ReplaceAll(strings.TrimPrefix(kind, "handoff_"), "_", " ")
}
