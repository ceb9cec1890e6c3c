package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/infra/transit"
)

type statusCmd struct {
	At string `help:"By the clock of this time, not before the newest of what is shown: 2026-03-12, or with T14:05:00Z." placeholder:"TIME"`
}

func (statusCmd) Help() string {
	return `For whoever is on call. The exit status is 3 when something asks for a person.

  handoff status
  handoff status --format json | jq .act

It shows what stands. --at asks what would be silent by another clock: not earlier than the
newest record.`
}

func (c statusCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		snap, err := take(e.ctx, s, c.At)
		if err != nil {
			return err
		}
		if err := e.stands(s, snap, c.At, "WHO", func(now *report.Snapshot) (time.Time, error) { return now.Newest(e.ctx) }); err != nil {
			return err
		}
		st, err := snap.Status(e.ctx)
		if err != nil {
			return err
		}
		err = e.answer(st, func(w io.Writer) error {
			writeStatus(w, st)
			return nil
		})
		if err == nil && len(st.Act) > 0 {
			return errAct
		}
		return err
	})
}

func writeStatus(w io.Writer, st *report.Status) {
	title(w, "Status", moment(st.At))
	if len(st.Act) == 0 {
		para(w, 0, "Nothing asks for a person.")
	}
	for _, s := range st.Act {
		para(w, 0, "! "+strings.ToUpper(s[:1])+s[1:]+".")
	}
	fmt.Fprintln(w)
	writeSources(w, st.Sources, st.At)
	fmt.Fprintln(w)
	writeQueues(w, st.Queues, st.At)
	fmt.Fprintln(w)
	writePlays(w, st.Plays, st.At)
	fmt.Fprintln(w)
	switch n := len(st.Refolds); {
	case n == 0:
		para(w, 0, "Refolds: none under way.")
	default:
		var names []string
		for _, r := range st.Refolds {
			names = append(names, r.Account)
		}
		para(w, 0, fmt.Sprintf("Refolds: %s, made anew from the ledger: %s.", count(n, "account", "accounts"), list(uniq(names), 5)))
	}
	if p := &st.Policy; p.At.IsZero() {
		para(w, 0, "Policy: the built-in default; nothing was activated yet.")
	} else {
		para(w, 0, fmt.Sprintf("Policy: epoch %d since %s, activated by %s: %s", p.Epoch, when(p.At, st.At), p.By, p.Why))
	}
}

func writeSources(w io.Writer, sources []report.Source, at time.Time) {
	if len(sources) == 0 {
		para(w, 0, "No source has sent anything yet.")
		return
	}
	g := grid{columns: []column{{}, {head: "SOURCE", flex: true}, {head: "EVENTS", right: true}, {head: "LAST"}, {head: "SILENT FOR", right: true}, {head: "USUAL GAP", right: true}}}
	var never []string
	for _, s := range sources {
		if s.Never {
			never = append(never, s.Name)
			continue
		}
		mark, gap := "", "–"
		if s.Silent {
			mark = "!"
		}
		if s.Usual > 0 {
			gap = span(s.Usual)
		}
		g.add(mark, s.Name, number(s.Events), when(s.Last, at), span(s.Silence), gap)
	}
	if len(g.rows) > 0 {
		g.print(w)
		para(w, 0, "USUAL GAP is the third longest so far; ! is silent for half as long again.")
	}
	if len(never) > 0 {
		para(w, 0, "Never heard of: "+strings.Join(never, ", ")+".")
	}
}

func writeQueues(w io.Writer, queues []transit.Queue, at time.Time) {
	dead := map[string]transit.Queue{}
	for _, q := range queues {
		if q.Dead {
			dead[strings.TrimSuffix(q.Queue, "DeadLetterQueue")] = q
		}
	}
	g := grid{columns: []column{{head: "FUNCTION", flex: true}, {head: "QUEUED", right: true}, {head: "IN FLIGHT", right: true}, {head: "RETRYING", right: true}, {head: "OLDEST"}, {head: "DEAD", right: true}, {head: "OLDEST DEAD"}}}
	shown, about := map[string]bool{}, false
	for _, q := range queues {
		if q.Dead {
			continue
		}
		name := strings.TrimSuffix(q.Queue, "Queue")
		d := dead[name]
		shown[name] = true
		waiting := number(q.Waiting)
		if q.Approximate {
			waiting, about = "–", true
		}
		g.add(strings.ToLower(name), number(q.Messages), number(q.InFlight), waiting, oldest(&q, at), number(d.Messages), oldest(&d, at))
	}
	for _, q := range queues { // a dead-letter queue that is named otherwise is not passed over
		if q.Dead && !shown[strings.TrimSuffix(q.Queue, "DeadLetterQueue")] {
			g.add(q.Queue, "", "", "", "", number(q.Messages), oldest(&q, at))
		}
	}
	g.print(w)
	if about {
		para(w, 0, "Counts are SQS's own, up to a minute old. IN FLIGHT has those that failed and wait. OLDEST is CloudWatch's, some minutes old; what was received more than three times it leaves out.")
	}
	var whys []string
	for _, q := range queues {
		if q.OldestUnknown != "" {
			whys = append(whys, q.OldestUnknown)
		}
	}
	for _, why := range uniq(whys) {
		para(w, 0, "Unknown: "+why+".")
	}
}

// oldest is since when the oldest message of a queue stands there.
func oldest(q *transit.Queue, at time.Time) string {
	if q.OldestUnknown != "" {
		return "unknown"
	}
	return when(q.Oldest, at)
}

func writePlays(w io.Writer, plays []report.PlayStatus, at time.Time) {
	g := grid{columns: []column{{}, {head: "PLAY", flex: true}, {head: "MODE"}, {head: "BREAKER", right: true}, {head: "STOPPED"}}}
	for _, p := range plays {
		mark, mode, stopped := "", p.Mode, ""
		if p.Mode != p.Policy {
			mode += " (policy: " + p.Policy + ")"
		}
		var notes []string
		if t := p.Tripped; t != nil {
			mark, stopped = "!", "by its breaker"
			notes = append(notes, fmt.Sprintf("Its breaker tripped on %s: %s.", when(t.At, at), t.Why))
		}
		if by := p.Paused; by != nil {
			mark, stopped = cmp.Or(mark, "‖"), cmp.Or(stopped, "paused")
			notes = append(notes, fmt.Sprintf("Paused by %s on %s: %s", by.By, when(by.At, at), by.Why))
		}
		if by := p.ModeBy; by != nil {
			notes = append(notes, fmt.Sprintf("Set to %s by %s on %s: %s", p.Mode, by.By, when(by.At, at), by.Why))
		}
		g.add(mark, p.Play, mode, number(p.Counted)+" of "+p.Limit, stopped)
		g.note(notes...)
	}
	g.print(w)
	para(w, 0, "BREAKER is how many the play has acted on of late, of how many it may in that time before its breaker stops it.")
}
