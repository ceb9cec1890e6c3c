package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// shownJSON is what came of a replay, for programs: each part as its own command answers it.
type shownJSON struct {
	Events int       `json:"events"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Bad    int       `json:"no_events"` // lines that were left out
	answers
	Queue        *report.Queue  `json:"queue"`
	DeadLetters  []aside.Letter `json:"dead_letters"`
	Conservation conserved      `json:"conservation"`
}

// show prints what came of a replay: each section as its own command prints it.
func (c demoCmd) show(e *env, s *stack.Stack, sh shown) error {
	snap, err := report.Take(e.ctx, s, time.Time{})
	if err != nil {
		return err
	}
	proof, err := prove.Conserve(e.ctx, s)
	if err != nil {
		return err
	}
	letters, err := aside.Letters(e.ctx, s, "")
	if err != nil {
		return err
	}
	if e.json {
		err = showJSON(e, snap, shownJSON{Events: sh.Replayed, From: sh.First, To: sh.Last, Bad: sh.Bad, DeadLetters: letters,
			Conservation: conserved{Conservation: proof, Unexplained: proof.Unexplained()}})
	} else {
		err = c.print(e, s, snap, sh, proof, letters)
	}
	if err == nil && (proof.Unexplained() > 0 || sh.Bad > 0) {
		return errAct
	}
	return err
}

func showJSON(e *env, snap *report.Snapshot, a shownJSON) error {
	var err1, err2, err3, err4, err5, err6 error
	a.First, err1 = snap.First(e.ctx, func(context.Context) (int, error) { return a.Conservation.Unexplained, nil })
	a.Funnels, err2 = snap.Funnels(e.ctx)
	a.Hot, err3 = snap.Hottest(e.ctx, 10)
	a.Revenue, err4 = snap.Revenue(e.ctx, []string{"first", "linear", "w_shaped"})
	a.Rejects, err5 = snap.Rejects(e.ctx)
	a.Queue, err6 = snap.Queue(e.ctx, report.QueueFilter{})
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	if a.DeadLetters == nil {
		a.DeadLetters = []aside.Letter{}
	}
	return e.answer(a, nil)
}

func (c demoCmd) print(e *env, s *stack.Stack, snap *report.Snapshot, sh shown, proof *prove.Conservation, letters []aside.Letter) error {
	w := e.stdout
	head(w, sh)
	err := errors.Join(
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
	if err := printLetters(w, letters, true); err != nil {
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
	return nil
}

func head(w io.Writer, sh shown) {
	from := "of " + count(sh.Tools, "tool", "tools")
	if sh.Own {
		from = "from " + count(sh.Tools, "file", "files")
	}
	fmt.Fprintln(w)
	para(w, 0, fmt.Sprintf("%s %s, %s to %s, through all five functions in %.0f s.",
		count(sh.Replayed, "event", "events"), from, sh.First.Format("2 Jan 2006"), sh.Last.Format("2 Jan 2006"), sh.Took.Seconds()))
	if sh.Own {
		fmt.Fprintln(w, "Every play only observed: nobody was contacted.")
	}
	if sh.Bad > 0 {
		para(w, 0, count(sh.Bad, "line was no event and was", "lines were no events and were")+" left out: see above, each with its place.")
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
	on := "bin/handoff --data " + near(e.data)
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

// near is a path as seen from the working folder, where that is shorter.
func near(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}
