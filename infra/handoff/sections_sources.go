package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"handoff/infra/report"
)

// writeBrought prints what became of handoffs by what brought them, and inflow against capacity.
func writeBrought(w io.Writer, s *report.Sources) {
	title(w, "Sources", moment(s.At))
	if len(s.Lines) == 0 {
		para(w, 0, "No handoff has been offered yet.")
		return
	}
	para(w, 0, fmt.Sprintf("Read: a handoff counts for the last channel before it that is not direct, at most %d days before; for direct only if nothing else is known. One that another took over counts once, as the one that goes on. A deal counts for the latest handoff before it was closed.", int(report.SourceLookBack.Hours()/24)))
	fmt.Fprintln(w)
	g := grid{columns: []column{{head: "CHANNEL", flex: true}, {head: "CAMPAIGN", flex: true}, {head: "OFFERED", right: true}, {head: "ACC.", right: true}, {head: "REJ.", right: true},
		{head: "REC.", right: true}, {head: "DONE", right: true}, {head: "WON", right: true}, {head: "LOST", right: true}}}
	for i := range s.Lines {
		l := &s.Lines[i]
		g.add(l.Channel, l.Campaign, number(l.Offered), number(l.Accepted), number(l.Rejected), number(l.Recycled), number(l.Completed), number(l.Won), number(l.Lost))
		var notes []string
		for _, r := range l.Reasons {
			notes = append(notes, fmt.Sprintf("%s %s: %s", number(r.Count), r.State, r.Reason))
		}
		if len(l.WonAmount) > 0 {
			notes = append(notes, "won "+l.WonAmount.String())
		}
		for _, n := range notes {
			g.note(n)
		}
	}
	g.print(w)
	writeUnfit(w, &s.Unfit)
	title(w, "Inflow against capacity", moment(s.At))
	para(w, 0, fmt.Sprintf("Read: handoffs offered in each of the last %d weeks, the latest last; CLOSED is how many let go of their place in these weeks; CAPACITY is how many may be open at once; DESK is how many nobody of the team could take.", report.InflowWeeks))
	fmt.Fprintln(w)
	g = grid{columns: []column{{head: "TEAM", flex: true}}}
	for i := range report.InflowWeeks {
		g.columns = append(g.columns, column{head: fmt.Sprintf("WEEK -%d", report.InflowWeeks-i), right: true})
	}
	g.columns = append(g.columns, column{head: "CLOSED", right: true}, column{head: "OPEN", right: true}, column{head: "CAPACITY", right: true}, column{head: "DESK", right: true})
	for _, t := range s.Teams {
		cells := []string{t.Team}
		closed := 0
		for i := range t.Weeks {
			cells = append(cells, number(t.Weeks[i]))
			closed += t.Closed[i]
		}
		most := "no limit"
		if t.Capacity > 0 {
			most = number(t.Capacity)
		}
		g.add(append(cells, number(closed), number(t.Open), most, number(t.CatchAll))...)
	}
	g.print(w)
}

// writeUnfit says which answers of the teams' tools changed nothing.
func writeUnfit(w io.Writer, u *report.Unfit) {
	if u.Count+u.TooLate == 0 {
		return
	}
	fmt.Fprintln(w)
	if u.Count > 0 {
		var plays []string
		for _, p := range u.Plays {
			plays = append(plays, fmt.Sprintf("%s %s (%s)", cmp.Or(p.Play, "no play"), number(p.Count), count(p.Accounts, "account", "accounts")))
		}
		para(w, 0, fmt.Sprintf("Answers that fit no handoff: %s. They name %s; the account had no such handoff open then, so they stop no clock. See that the CRM names the handoff that it answers, or its play.",
			number(u.Count), strings.Join(plays, ", ")))
	}
	if u.TooLate > 0 {
		para(w, 0, fmt.Sprintf("Answers that came after their handoff was closed: %s.", number(u.TooLate)))
	}
}
