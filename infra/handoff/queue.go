package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/ledger"
)

type queueCmd struct {
	Rep     string `help:"Only this owner's: an address or its beginning." placeholder:"WHO"`
	Team    string `help:"Only this team's." placeholder:"NAME"`
	Overdue bool   `help:"Only those past their deadline."`
	Held    bool   `help:"Instead, what plays on hold decided: it waits for handoff release."`
	At      string `help:"By the clock of this time, not before the newest of what is shown: 2026-03-12, or with T14:05:00Z." placeholder:"TIME"`
}

func (queueCmd) Help() string {
	return `Handoffs that somebody must still follow up, the most urgent first.

  handoff queue
  handoff queue --rep ann --overdue
  handoff queue --team sales --format json
  handoff queue --held

It shows what stands. --at looks by another clock at ages and deadlines: not earlier than the
last change of any handoff. How an account stood before that: handoff explain WHO --at TIME`
}

func (c queueCmd) Run(e *env) error {
	if c.Held {
		return e.existing(func(s *stack.Stack) error { return c.held(e, s) })
	}
	return e.existing(func(s *stack.Stack) error {
		snap, err := take(e.ctx, s, c.At)
		if err != nil {
			return err
		}
		if err := e.stands(s, snap, c.At, "WHO", func(now *report.Snapshot) (time.Time, error) {
			return now.Newest(e.ctx, ledger.Handoff)
		}); err != nil {
			return err
		}
		q, err := snap.Queue(e.ctx, report.QueueFilter{Rep: c.Rep, Team: c.Team, Overdue: c.Overdue})
		if err != nil {
			return err
		}
		return e.answer(q, func(w io.Writer) error {
			writeQueue(w, q, c)
			return nil
		})
	})
}

// printQueue prints all open handoffs.
func printQueue(ctx context.Context, w io.Writer, snap *report.Snapshot) error {
	q, err := snap.Queue(ctx, report.QueueFilter{})
	if err == nil {
		writeQueue(w, q, queueCmd{})
	}
	return err
}

func writeQueue(w io.Writer, q *report.Queue, c queueCmd) {
	title(w, "Queue", moment(q.At))
	owners := q.Known.Reps
	who := persons(owners)
	if len(q.Handoffs) == 0 {
		para(w, 0, emptyQueue(q, c))
	} else {
		para(w, 0, "Read: somebody must reach out before DUE; ! is past it, ✓ was reached and waits for an outcome.")
		fmt.Fprintln(w)
		g := grid{columns: []column{{}, {head: "ACCOUNT", flex: true}, {head: "OWNER", flex: true}, {head: "PLAY", flex: true}, {head: "STATE"}, {head: "DUE"}, {head: "AGE", right: true}}}
		for i := range q.Handoffs {
			h := &q.Handoffs[i]
			mark, due, why := "", when(h.DueAt, q.At), h.Reason
			switch {
			case h.State == "first_outreach":
				mark, due = "✓", "–"
			case h.Overdue:
				mark, why = "!", span(int64(q.At.Sub(h.DueAt).Seconds()))+" late. "+h.Reason
			}
			g.add(mark, h.Name, who(h.Owner), h.Play, stateWord(h.State), due, span(h.Age))
			g.note(why)
			if h.Packet {
				g.note("Who is who, and what was bought and promised: handoff brief " + h.ID)
			}
		}
		g.print(w)
		para(w, 0, "Next: look at the touches behind it (handoff explain ACCOUNT), reach out, and say so in the CRM, which stops the clock.")
	}
	if len(q.Reps) == 0 {
		return
	}
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "OWNER", flex: true}, {head: "TEAM", flex: true}, {head: "OPEN", right: true}, {head: "LATE", right: true}, {head: "NEXT DUE"}, {head: "OFFERED", right: true}, {head: "REACHED", right: true}, {head: "TO OUTREACH", right: true}}}
	for _, r := range q.Reps {
		took := "–"
		if r.Reached > 0 {
			took = span(r.MedianOutreach)
		}
		g.add(who(r.Owner), r.Team, number(r.Open), number(r.Overdue), when(r.OldestDue, q.At), number(r.Offered), number(r.Reached), took)
	}
	g.print(w)
	para(w, 0, "OFFERED and REACHED count all handoffs so far. TO OUTREACH is the median from the offer to the first outreach, nights and weekends included.")
}

func emptyQueue(q *report.Queue, c queueCmd) string {
	switch {
	case c.Rep != "" && len(q.Reps) == 0:
		return fmt.Sprintf("Nobody whose address begins with %q has or had a handoff. Owners are %s.", c.Rep, orNone(q.Known.Reps))
	case c.Team != "" && len(q.Reps) == 0:
		return fmt.Sprintf("The team %q has and had no handoff. Teams are %s.", c.Team, orNone(q.Known.Teams))
	case c.Overdue:
		return "Nothing is past its deadline."
	}
	return "No handoff is open."
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none yet"
	}
	return list(names, 12)
}

// stateWord is a state as people say it.
func stateWord(s string) string {
	if s == "first_outreach" {
		return "contacted"
	}
	return s
}
