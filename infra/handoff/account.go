package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/shared/event"
)

type accountCmd struct {
	Who     string `arg:"" help:"A domain, an e-mail address, an id of a tool, a handoff's id, or (part of) a name."`
	At      string `help:"By the clock of this time, not before the newest of what is shown: 2026-03-12, or with T14:05:00Z." placeholder:"TIME"`
	Touches int    `help:"How many of the latest touches to list." default:"10" placeholder:"N"`
}

func (accountCmd) Help() string {
	return `Who they are, how hot and why, where in the funnel, what is open, what came last.

  handoff account initech.com
  handoff account ann@initech.com --touches 30
  handoff account 0015g00000XyZAB --format json

It shows what stands. --at looks by another clock at decay and deadlines: not earlier than the
newest touch or change of a handoff. How it stood before that: handoff explain WHO --at TIME`
}

func (c accountCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		snap, err := take(e.ctx, s, c.At)
		if err != nil {
			return err
		}
		if c.Touches < 0 {
			return fmt.Errorf("--touches is %d: say how many to list, 0 or more", c.Touches)
		}
		if err := e.stands(s, snap, c.At, c.Who, func(now *report.Snapshot) (time.Time, error) {
			a, err := now.Find(e.ctx, c.Who)
			if err != nil {
				return time.Time{}, c.unknown(err)
			}
			return now.NewestOf(e.ctx, a)
		}); err != nil {
			return err
		}
		a, err := snap.Find(e.ctx, c.Who)
		if err != nil {
			return c.unknown(err)
		}
		d, err := snap.Dossier(e.ctx, a, c.Touches)
		if err != nil {
			return err
		}
		return e.answer(d, func(w io.Writer) error {
			writeDossier(w, d)
			return nil
		})
	})
}

// unknown says what to try instead where nothing is known of what was asked for.
func (c accountCmd) unknown(err error) error {
	if errors.Is(err, report.ErrUnknown) {
		return fmt.Errorf("nothing is known of %q; try a domain, an e-mail address, an id of a tool, or part of a name; `handoff report hot` lists some", c.Who)
	}
	return err
}

func writeDossier(w io.Writer, d *report.Dossier) {
	title(w, d.Name, moment(d.At))
	ev := &d.Evaluation
	para(w, 0, fmt.Sprintf("%s. Score %d: fit %d, interest %d. Band %s, quadrant %s (fit/interest), motion %s.", d.Account, ev.Score, ev.Fit, ev.Interest, ev.Band, ev.Quadrant, motionWord(ev.Motion)))
	for _, p := range d.Places {
		s := fmt.Sprintf("%s: %s, answered for by %s", p.Funnel, p.Stage, p.Owner)
		if p.Reason != "" {
			s += " (" + p.Reason
			if p.From != p.Stage && p.From != "" {
				s += ", else " + p.From
			}
			s += ")"
		}
		if st := &p.Standing; st.Overdue {
			s += ", overdue since " + when(st.Due, d.At) + " (newest evidence " + when(st.Since, d.At) + ")"
		} else if !st.Due.IsZero() {
			s += ", due by " + when(st.Due, d.At)
		}
		if held := p.Standing.Held(); held != "" {
			s += ", " + held + "; else " + p.Standing.Else
		}
		if len(p.Why) > 0 {
			s += ", because: " + strings.Join(p.Why, "; ")
		}
		para(w, 0, s+".")
	}
	if !d.Review.IsZero() {
		para(w, 0, "Next review, though nothing new may come: "+when(d.Review, d.At)+".")
	}
	for _, s := range d.Whose {
		para(w, 0, s)
	}
	writePoints(w, ev)
	writePeople(w, d)
	writeCommittee(w, d)
	writeCompany(w, d)
	writeWork(w, d)
	writeTouches(w, d)
}

func writePoints(w io.Writer, ev *event.Evaluation) {
	fmt.Fprintln(w)
	if len(ev.Rules) == 0 {
		para(w, 0, "No rule gives points.")
	} else {
		g := grid{columns: []column{{head: "POINTS", right: true}, {head: "RULE", flex: true}, {head: "BECAUSE", flex: true}, {head: "TOUCHES", right: true}}}
		for _, r := range ev.Rules {
			n := ""
			if len(r.Evidence) > 0 {
				n = number(len(r.Evidence))
			}
			g.add(number(r.Points), r.Rule, r.Text, n)
		}
		g.print(w)
	}
	for _, s := range ev.Signals {
		para(w, 0, "Signal "+s.Name+": "+s.Text+" ("+count(len(s.Evidence), "touch", "touches")+").")
	}
	for _, p := range sortedKeys(ev.PQL) {
		if ev.PQL[p] && !slices.ContainsFunc(ev.Playbooks, func(b event.Playbook) bool { return b.Name == p }) {
			para(w, 0, "Playbook "+p+" holds.")
		}
	}
	writePlaybooks(w, ev)
	if len(ev.Plays) > 0 {
		para(w, 0, "Plays whose condition holds: "+strings.Join(ev.Plays, ", ")+".")
	}
	if len(ev.NotFired) > 0 {
		para(w, 0, "No points from: "+strings.Join(ev.NotFired, ", ")+".")
	}
	if len(ev.Unknown) > 0 {
		para(w, 0, "Asked for by the policy and not known: "+strings.Join(ev.Unknown, ", ")+".")
	}
}

// writePlaybooks says how playbooks that give points come to them.
func writePlaybooks(w io.Writer, ev *event.Evaluation) {
	for i := range ev.Playbooks {
		p := &ev.Playbooks[i]
		says := "does not hold"
		if p.Holds {
			says = "holds"
		}
		s := "Playbook " + p.Name + " " + says + ": " + p.String()
		var rules []string
		for _, r := range p.Rules {
			rules = append(rules, fmt.Sprintf("%+d %s", r.Points, r.Text))
		}
		if len(rules) > 0 {
			s += ": " + strings.Join(rules, "; ")
		}
		para(w, 0, s+".")
	}
}

func writePeople(w io.Writer, d *report.Dossier) {
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "WHO", flex: true}, {head: "TITLE", flex: true}, {head: "TOUCHES", right: true}, {head: "LAST"}, {head: "ADDRESS OR ID", flex: true}}}
	devices, others := 0, 0
	for _, m := range d.Members {
		switch {
		case m.Person && strings.HasPrefix(m.ID, "anon:"):
			devices++
			continue
		case !m.Person:
			others++
			continue
		}
		g.add(cmp.Or(m.Name, "–"), m.Title, number(m.Count), day(m.Last, d.At), cmp.Or(m.Email, m.ID))
	}
	if len(g.rows) > 0 {
		g.print(w)
	} else {
		para(w, 0, "No person is known by name or address.")
	}
	var also []string
	if devices > 0 {
		also = append(also, count(devices, "device", "devices")+" of persons unknown")
	}
	if others > 0 {
		also = append(also, count(others, "record", "records")+" of tools (the CRM's, billing's, workspaces)")
	}
	if len(also) > 0 {
		para(w, 0, "Also "+strings.Join(also, " and ")+".")
	}
}

// writeCommittee says who takes which role of a purchase.
func writeCommittee(w io.Writer, d *report.Dossier) {
	c := d.Evaluation.Committee
	if c == nil {
		return
	}
	fmt.Fprintln(w)
	para(w, 0, "Buying committee: "+c.String()+".")
	name := func(ids []string) string {
		var names []string
		for _, id := range ids {
			s := strings.TrimPrefix(id, "email:")
			for _, m := range d.Members {
				if m.ID == id {
					s = cmp.Or(m.Name, m.Email, s)
				}
			}
			names = append(names, s)
		}
		return strings.Join(names, ", ")
	}
	g := grid{columns: []column{{head: "ROLE"}, {head: "CONFIRMED", flex: true}, {head: "BY TITLE", flex: true}}}
	for _, s := range c.Seats {
		if len(s.Confirmed)+len(s.Potential) == 0 {
			continue // said above
		}
		g.add(strings.ReplaceAll(s.Role, "_", " "), cmp.Or(name(s.Confirmed), "–"), cmp.Or(name(s.Potential), "–"))
	}
	g.print(w)
}

func writeCompany(w io.Writer, d *report.Dossier) {
	if len(d.Firmographic) == 0 {
		return
	}
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "COMPANY"}, {head: "VALUE", flex: true}, {head: "SAID BY"}, {head: "ON"}}}
	for _, f := range d.Firmographic {
		g.add(f.Field, cmp.Or(f.Name, f.Value), cmp.Or(f.Source, "–"), day(f.At, d.At))
	}
	g.print(w)
}

func writeWork(w io.Writer, d *report.Dossier) {
	fmt.Fprintln(w)
	if len(d.Deals) == 0 {
		para(w, 0, "No deal.")
	} else {
		g := grid{columns: []column{{head: "DEAL", flex: true}, {head: "STATUS"}, {head: "STAGE", flex: true}, {head: "TYPE"}, {head: "AMOUNT", right: true}, {head: "CREATED"}, {head: "CLOSED"}}}
		for _, x := range d.Deals {
			amount := "–"
			if x.Amount.Currency != "" {
				amount = x.Amount.String()
			}
			g.add(cmp.Or(x.Name, x.ID), x.Status, x.Stage, x.Type, amount, day(x.Created, d.At), day(x.Closed, d.At))
			for i := range d.Evaluation.Checklists {
				if c := &d.Evaluation.Checklists[i]; c.Deal == x.ID {
					g.note(c.String())
				}
			}
		}
		g.print(w)
	}
	fmt.Fprintln(w)
	if len(d.Handoffs) == 0 {
		para(w, 0, "Never handed over. `handoff explain` says why nothing was done.")
		return
	}
	g := grid{columns: []column{{head: "HANDOFF"}, {head: "STATE"}, {head: "OWNER", flex: true}, {head: "OPENED"}, {head: "DUE"}}}
	for _, h := range d.Handoffs {
		state := stateWord(h.State)
		if h.Overdue {
			state += ", late"
		}
		g.add(h.Play, state, cmp.Or(h.Owner, "–"), when(h.OpenedAt, d.At), when(h.DueAt, d.At))
		g.note(h.Reason)
	}
	g.print(w)
	writeBeside(w, d)
}

// writeBeside says which answers lie beside an open handoff and stop no clock.
func writeBeside(w io.Writer, d *report.Dossier) {
	if len(d.Unfit) == 0 {
		return
	}
	var said []string
	for _, a := range d.Unfit {
		s := strings.ReplaceAll(a.Kind, "_", " ")
		if a.Play != "" {
			s += " of " + a.Play
		}
		said = append(said, s+" on "+day(a.At, d.At))
	}
	para(w, 0, fmt.Sprintf("Answers that fit no handoff and stop no clock: %s.", list(said, 5)))
}

func writeTouches(w io.Writer, d *report.Dossier) {
	if len(d.Touches) == 0 {
		return
	}
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "LATEST TOUCHES"}, {head: "WHAT", flex: true}, {head: "WHO", flex: true}, {head: "BY WAY OF", flex: true}}}
	for _, t := range d.Touches {
		what := t.Kind
		if t.Money != nil {
			what += " " + t.Money.String()
		}
		by := t.Source
		if t.Channel != "" {
			by += ", " + t.Channel
		}
		g.add(when(t.Time, d.At), what, cmp.Or(t.Who, strings.TrimPrefix(t.Subject, "email:")), by)
	}
	g.print(w)
	if more := d.TouchCount - len(d.Touches); more > 0 {
		para(w, 0, fmt.Sprintf("%s earlier. More: --touches N", count(more, "touch", "touches")))
	}
}
