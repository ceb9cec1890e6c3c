package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"handoff/infra/likeness"
	"handoff/infra/report"
	"handoff/infra/stack"
)

type policySuggestCmd struct {
	MinWins     int `name:"min-wins" help:"Say nothing of a field that is known of fewer won accounts." default:"10" placeholder:"N"`
	MinAccounts int `name:"min-accounts" help:"Nor of a value that fewer accounts have." default:"5" placeholder:"N"`
	MinWon      int `name:"min-won" help:"Nor of one that fewer won accounts have." default:"3" placeholder:"N"`
}

func (policySuggestCmd) Help() string {
	return `Compares the companies that bought (a deal won, or a customer now) with all of them: industry,
country, region, use case, size, technologies, and words of their people's titles. A value is
suggested where its rate of wins beats the field's own by the lower end of Wilson's 95 %
interval. Only companies of which the field is known count for it. Points are ten for each
doubling of the odds. What is printed is YAML, for fit: rules: in scoring.yaml.

  handoff policy suggest
  handoff policy suggest --min-wins 30`
}

func (c policySuggestCmd) Run(e *env) error {
	if c.MinWins < 1 || c.MinAccounts < 1 || c.MinWon < 1 {
		return errors.New("--min-wins, --min-accounts and --min-won are 1 or more")
	}
	return e.existing(func(s *stack.Stack) error {
		now, err := report.Now(e.ctx, s)
		if err != nil {
			return err
		}
		p, err := s.Policy.Active(e.ctx)
		if err != nil {
			return err
		}
		accounts, err := likeness.Read(e.ctx, s, p, now)
		if err != nil {
			return err
		}
		r := likeness.Suggest(accounts, p, likeness.Options{MinWins: c.MinWins, MinAccounts: c.MinAccounts, MinWon: c.MinWon})
		return e.answer(r, func(w io.Writer) error { printSuggestions(w, r); return nil })
	})
}

// printSuggestions writes YAML: what is no rule is a comment.
func printSuggestions(w io.Writer, r *likeness.Report) {
	say := func(format string, args ...any) {
		var b strings.Builder
		para(&b, 2, fmt.Sprintf(format, args...))
		for line := range strings.Lines(b.String()) {
			fmt.Fprint(w, "#"+line[1:])
		}
	}
	say("%s of %s won. A value needs %s, %s of them won, and a field %s.", number(r.Won), count(r.Accounts, "company", "companies"),
		count(r.Needs.MinAccounts, "company", "companies"), number(r.Needs.MinWon), count(r.Needs.MinWins, "win", "wins"))
	for _, s := range r.Skipped {
		say("Nothing is said of %s: it is known of %s that won.", strings.ReplaceAll(s.Field, "_", " "), count(s.Won, "company", "companies"))
	}
	if len(r.Suggestions) == 0 {
		say("None of %s stands out.", count(r.Looked, "value", "values"))
		return
	}
	stand := 0
	for i := range r.Suggestions {
		stand += 1 + len(r.Suggestions[i].Also)
	}
	say("%s of %s stand out; one in forty would by chance alone, so look at each before you take it.", number(stand), count(r.Looked, "value", "values"))
	fmt.Fprint(w, "fit:\n  rules:\n")
	for i := range r.Suggestions {
		s := &r.Suggestions[i]
		if s.Has != "" {
			fmt.Fprintf(w, "    # %s\n", clip("The policy has this: "+s.Has, lineWidth-6))
		} else if s.Overlaps != "" {
			fmt.Fprintf(w, "    # %s\n", clip(fmt.Sprintf("The policy's %s holds for %d of these %d", s.Overlaps, s.Overlapping, s.Accounts), lineWidth-6))
		}
		if len(s.Also) > 0 {
			fmt.Fprintf(w, "    # %s\n", clip("The very same companies have all of these words, so it is one rule", lineWidth-6))
		}
		fmt.Fprint(w, s.YAML())
	}
}
