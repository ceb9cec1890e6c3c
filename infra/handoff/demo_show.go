package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"handoff/infra/aside"
	"handoff/infra/explain"
	"handoff/infra/generate"
	"handoff/infra/prove"
	"handoff/infra/report"
	"handoff/infra/stack"
)

// thursday is the day of the bundled journey's story: see events/journeys/README.md.
const thursday = "2026-03-12"

// show prints what came of a replay: each section as its own command prints it.
func (c demoCmd) show(e *env, s *stack.Stack, sh shown) error {
	w := e.stdout
	snap, err := report.Take(e.ctx, s, time.Time{})
	if err != nil {
		return err
	}
	proof, err := prove.Conserve(e.ctx, s)
	if err != nil {
		return err
	}
	head(w, sh)
	err = errors.Join(
		printFirst(e.ctx, w, snap, func(context.Context) (int, error) { return proof.Unexplained(), nil }),
		printFunnel(e.ctx, w, snap),
		printHot(e.ctx, w, snap, 10),
		printQueue(e.ctx, w, snap),
		printRevenue(e.ctx, w, snap, "first", "linear", "w_shaped"),
		printRejects(e.ctx, w, snap, 12),
	)
	if err != nil {
		return err
	}
	title(w, "Dead letters", "")
	letters, err := aside.Letters(s, "")
	if err != nil {
		return err
	}
	if err := printLetters(w, letters); err != nil {
		return err
	}
	title(w, "Conservation", "everything that came in is somewhere")
	if err := (&conserved{Conservation: proof, Unexplained: proof.Unexplained()}).print(w, ""); err != nil {
		return err
	}
	if err := c.why(e, s, w); err != nil {
		return err
	}
	next(w, e, sh)
	if proof.Unexplained() > 0 || sh.Bad > 0 {
		return errAct
	}
	return nil
}

func head(w io.Writer, sh shown) {
	fmt.Fprintf(w, "\n%s events of %d tools, %s to %s, through all five functions in %.0f s.\n",
		number(sh.Replayed), sh.Tools, sh.First.Format("2 Jan 2006"), sh.Last.Format("2 Jan 2006"), sh.Took.Seconds())
	if sh.Own {
		fmt.Fprintln(w, "Every play only observed: nobody was contacted.")
	}
	if sh.Bad > 0 {
		fmt.Fprintf(w, "%d lines were no events and were left out: they are named above.\n", sh.Bad)
	}
}

// why answers the question that the whole record is kept for.
func (c demoCmd) why(e *env, s *stack.Stack, w io.Writer) error {
	if c.Folder != "" {
		return nil
	}
	title(w, "Why did we contact this customer on that Thursday?", "handoff explain "+generate.ThursdayDomain+" --at "+thursday)
	a, err := explain.Story(e.ctx, s, generate.ThursdayDomain, thursday)
	if err != nil {
		return err
	}
	return a.Print(w)
}

// next names what to try.
func next(w io.Writer, e *env, sh shown) {
	title(w, "Next", "")
	on := "bin/handoff --data " + e.data
	lines := []string{
		"account paperkite.example", "explain glasshouse.example", "queue --overdue",
		"report revenue --models last,full_path",
		"quarantine list", "conserve --list ignored", "rebuild --all",
	}
	if sh.Own {
		lines = []string{"report all", "queue", "quarantine list", "conserve"}
	}
	for _, l := range lines {
		fmt.Fprintf(w, "  %s %s\n", on, l)
	}
	if !sh.Own {
		fmt.Fprintln(w, "  make run DATA=folder        your own JSON lines or CSV, in observe mode")
	}
	fmt.Fprintln(w, "  bin/handoff local           take live events on 127.0.0.1:4010")
}
