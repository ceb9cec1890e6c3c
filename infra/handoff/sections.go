package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/infra/report"
)

// The sections of the report in words. Each begins with a sentence that says how to read it.

func writeFirst(w io.Writer, f *report.First) {
	title(w, "First screen", moment(f.At))
	if f.Touches == 0 {
		para(w, 0, "Nothing has been recorded yet: send events, import an export, or run the demo.")
		return
	}
	para(w, 0, fmt.Sprintf("Three numbers, from %s of %s since %s.", count(f.Touches, "touch", "touches"), count(f.Accounts, "account", "accounts"), f.From.Format("2 Jan 2006")))
	if f.Unmatched > 0 {
		says := "lead matches no account for sure: the company it names"
		if f.Unmatched > 1 {
			says = "leads match no account for sure: the companies they name"
		}
		para(w, 0, fmt.Sprintf("%s %s may be one of several. handoff account shows which.", number(f.Unmatched), says))
	}
	fmt.Fprintln(w)
	writeWaiting(w, f)
	fmt.Fprintln(w)
	writeUnexplained(w, &f.Unexplained)
	fmt.Fprintln(w)
	writeBest(w, &f.Best, f)
}

func writeWaiting(w io.Writer, f *report.First) {
	x := &f.Waiting
	headline(w, "BUYERS WAITING PAST THEIR DEADLINE", number(x.Buyers))
	if x.Buyers == 0 {
		if x.Open == 0 {
			para(w, 2, "No handoff is open.")
		} else {
			para(w, 2, fmt.Sprintf("%s, none past its deadline.", count(x.Open, "handoff is open", "handoffs are open")))
		}
		return
	}
	h := x.Oldest
	para(w, 2, fmt.Sprintf("Longest: %s with %s, due %s, %s ago.", h.Name, h.Owner, when(h.DueAt, f.At), span(int64(f.At.Sub(h.DueAt).Seconds()))))
	para(w, 2, "At stake in their open deals: "+x.Pipeline.String()+".")
	if x.Dealless > 0 {
		para(w, 2, fmt.Sprintf("%d of them have no deal yet. See: handoff queue --overdue", x.Dealless))
	} else {
		para(w, 2, "See: handoff queue --overdue")
	}
}

func writeUnexplained(w io.Writer, u *report.Unexplained) {
	events := "events not counted"
	if u.Events != nil {
		events = count(*u.Events, "event", "events")
	}
	headline(w, "UNEXPLAINED", events+", "+count(u.DealsOff, "deal", "deals"))
	switch {
	case u.Events == nil:
		para(w, 2, "Events: handoff conserve counts them.")
	case *u.Events == 0:
		para(w, 2, "Events: every accepted event is accounted for.")
	default:
		para(w, 2, "Events: some were accepted and are nowhere to be found. See: handoff conserve")
	}
	switch m := u.Money; {
	case m.Compared == 0:
		para(w, 2, "Money: no won deal has an invoice to compare it with.")
	case len(m.Differ) == 0:
		para(w, 2, fmt.Sprintf("Money: of %s, CRM and billing agree on all.", count(m.Compared, "won deal that is invoiced", "won deals that are invoiced")))
	default:
		para(w, 2, fmt.Sprintf("Money: of %s, CRM and billing disagree on %d.", count(m.Compared, "won deal that is invoiced", "won deals that are invoiced"), len(m.Differ)))
		g := grid{indent: 2, columns: []column{{head: "DEAL", flex: true}, {head: "CRM", right: true}, {head: "PAID", right: true}}}
		for _, d := range m.Differ[:min(5, len(m.Differ))] {
			g.add(d.Name, d.CRM.String(), d.Billed.String())
			g.note(strings.ToUpper(d.Why[:1]) + d.Why[1:] + ".")
		}
		g.print(w)
		if more := len(m.Differ) - 5; more > 0 {
			para(w, 2, fmt.Sprintf("and %d more: handoff report --format json", more))
		}
	}
}

func writeBest(w io.Writer, b *report.Best, f *report.First) {
	const name = "BEST NEXT POINT"
	if len(b.Points) == 0 {
		headline(w, name, "not known yet")
		para(w, 2, "Too few accounts have bought to say where one point of conversion adds most.")
		return
	}
	days := max(1, int(f.At.Sub(f.From).Hours()/24))
	top := b.Points[len(b.Points)-1] // all accounts come last
	headline(w, name, "+"+top.Adds.String())
	para(w, 2, fmt.Sprintf("%s → %s: %s of %s pass. One point more there would have brought about that much more from new customers over these %d days.",
		top.From, top.To, percent(top.Passed, top.Of), count(top.Of, "account", "accounts"), days))
	if len(b.Points) > 1 {
		g := grid{indent: 2, columns: []column{{head: "MOTION"}, {head: "ITS BEST STEP", flex: true}, {head: "PASS", right: true}, {head: "POINT ADDS", right: true}}}
		for _, p := range b.Points[:len(b.Points)-1] {
			g.add(motionWord(p.Motion), p.From+" → "+p.To, percent(p.Passed, p.Of), p.Adds.String())
		}
		g.print(w)
	}
	if s := b.LeftOut.String(); s != "none" {
		para(w, 2, "Not in this comparison, being in another currency: "+s+".")
	}
}

// motionWord is a motion as people say it.
func motionWord(m string) string {
	switch m {
	case "":
		return "not known yet"
	case report.EveryMotion:
		return "all accounts"
	}
	return strings.ReplaceAll(m, "_", "-")
}

func writeFunnels(w io.Writer, funnels []report.Funnel, at time.Time) {
	for i := range funnels {
		f := &funnels[i]
		if f.Motion != report.EveryMotion {
			continue
		}
		title(w, "Funnel "+f.Name, moment(at))
		para(w, 0, "Read: of the accounts that EVER reached the stage before, so many came at least this far; DAYS is the median time it took them. LATE: of those here NOW, over the stage's SLA, which its owner answers for.")
		fmt.Fprintln(w)
		g := grid{columns: []column{{head: "STAGE", flex: true}, {head: "OWNER", flex: true}, {head: "NOW", right: true}, {head: "SLA", right: true}, {head: "LATE", right: true}, {head: "EVER", right: true}, {head: "PASS", right: true}, {head: "DAYS", right: true}}}
		for j, st := range f.Stages {
			pass, days := "", ""
			if j > 0 {
				pass = percent(st.Ever, f.Stages[j-1].Ever)
			}
			if st.Timed > 0 {
				days = number(st.Days)
			}
			sla, late := slaOf(&st)
			g.add(st.Stage, st.Owner, number(st.Now), sla, late, number(st.Ever), pass, days)
		}
		for _, st := range f.Aside {
			sla, late := slaOf(&st)
			g.add(st.Stage, st.Owner, number(st.Now), sla, late, "", "", "")
		}
		g.print(w)
		writeMotions(w, f, funnels)
	}
}

// slaOf is a stage's SLA and how many are over it, empty where it has none.
func slaOf(st *report.FunnelStage) (sla, late string) {
	if st.SLA == "" {
		return "", ""
	}
	return st.SLA, number(st.Overdue)
}

// writeMotions sets the conversions of the motions beside each other.
func writeMotions(w io.Writer, whole *report.Funnel, funnels []report.Funnel) {
	var by []*report.Funnel
	for i := range funnels {
		if f := &funnels[i]; f.Name == whole.Name && f.Motion != report.EveryMotion {
			by = append(by, f)
		}
	}
	if len(by) == 0 {
		return
	}
	fmt.Fprintln(w)
	para(w, 0, "By motion: EVER, and the part of the stage before. An account has a motion once it used the product or talked to sales; so its first steps are near 100 %.")
	fmt.Fprintln(w)
	for part := range slices.Chunk(by, 3) {
		g := grid{columns: []column{{head: "STAGE", flex: true}}}
		for _, f := range part {
			g.columns = append(g.columns, column{head: motionWord(f.Motion), right: true}, column{head: "PASS", right: true})
		}
		for j := range whole.Stages {
			cells := []string{whole.Stages[j].Stage}
			for _, f := range part {
				pass := ""
				if j > 0 {
					pass = percent(f.Stages[j].Ever, f.Stages[j-1].Ever)
				}
				cells = append(cells, number(f.Stages[j].Ever), pass)
			}
			g.add(cells...)
		}
		g.print(w)
	}
}

func writeHot(w io.Writer, hot []report.Hot, at time.Time) {
	title(w, "Hottest accounts", moment(at))
	if len(hot) == 0 {
		para(w, 0, "No account has any points yet.")
		return
	}
	para(w, 0, "Read: the score is fit + interest; below each account, why, and what is open.")
	fmt.Fprintln(w)
	g := grid{airy: true, columns: []column{{head: "#", right: true}, {head: "ACCOUNT", flex: true}, {head: "SCORE", right: true}, {head: "FIT", right: true}, {head: "BAND", flex: true}, {head: "QUADRANT"}, {head: "STAGE", flex: true}, {head: "SEEN"}}}
	for i := range hot {
		h := &hot[i]
		g.add(number(i+1), h.Name, number(h.Score), number(h.Fit), h.Band, h.Quadrant, list(stages(h.Stages), 2), day(h.LastSeen, at))
		var why []string
		for _, r := range h.Reasons {
			why = append(why, fmt.Sprintf("%s (%+d)", r.Text, r.Points))
		}
		for _, p := range h.PQL {
			why = append(why, "playbook "+p+" holds")
		}
		g.note(strings.Join(why, "; ") + ".")
		g.note(openWork(h, at))
	}
	g.print(w)
}

// openWork says who has the account, what is under way, and if nothing is, what came last.
func openWork(h *report.Hot, at time.Time) string {
	var open, done []string
	for _, x := range h.Handoffs {
		s := fmt.Sprintf("%s with %s, %s", x.Play, x.Owner, stateWord(x.State))
		if x.State != "first_outreach" {
			s += ", due " + when(x.DueAt, at)
		}
		if x.Overdue {
			s += " (late)"
		}
		open = append(open, s)
	}
	if p := h.Last; p != nil && len(h.Handoffs) == 0 {
		s := p.Play
		if p.Owner != "" {
			s += " with " + p.Owner
		}
		done = append(done, s+", "+stateWord(p.State)+" "+day(p.ClosedAt, at))
	}
	for _, d := range h.Deals {
		s := "deal"
		if d.Name != "" {
			s += " " + d.Name
		}
		if d.Amount.Currency != "" {
			s += ", " + d.Amount.String()
		}
		if d.Status != "open" {
			done = append(done, s+", "+d.Status+" "+day(d.Closed, at))
			continue
		}
		if d.Stage != "" {
			s += ", " + d.Stage
		}
		open = append(open, s)
	}
	out := "Nothing is open"
	if len(open) > 0 {
		out = "Open: " + strings.Join(open, "; ")
	}
	if len(done) > 0 {
		out += ". Before: " + strings.Join(done, "; ")
	}
	return out + "."
}

// stages are the stages an account stands at, by funnel.
func stages(by map[string]string) []string {
	var out []string
	for _, f := range sortedKeys(by) {
		out = append(out, by[f])
	}
	return out
}
