package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/infra/prose"
	"handoff/shared/routing"
	"handoff/shared/touch"
)

// standingSays tells whether how the account stood belongs to the answer: where somebody was contacted on the day asked
// about, the decisions say it all.
func (p *printer) standingSays() bool {
	acted := slices.ContainsFunc(p.Decisions, func(d Decision) bool { return d.acted() })
	return p.Standing != nil && !p.One && (!acted || p.When == nil || p.When.Moment)
}

// standing says how the account stood where nothing, or not all, was done.
func (p *printer) standing() {
	if !p.standingSays() {
		return
	}
	s := p.Standing
	when, known := "Now, "+p.stampOf(s.At), "known now"
	if w := p.When; w != nil {
		known = "known then"
		switch {
		case w.Moment:
			when = "At that moment"
		case w.Until.After(p.Now):
			when = "By now"
		case w.From.AddDate(0, 0, 1).Equal(w.Until):
			when = "At the end of that day"
		default:
			when = "At the end of that time"
		}
	}
	if !p.AsKnown.IsZero() {
		known = "known by " + p.stamp(p.AsKnown)
	}
	if s.Nothing {
		p.line("", "", "%s nothing was known of it yet: no touch had been recorded.", when)
		p.heardSince(s)
		p.gap()
		return
	}
	e := &s.Evaluation
	p.line("", "", "%s: score %d = fit %d + interest %d, band %s%s, by %s %s.", when, e.Score, e.Fit, e.Interest, e.Band, stages(e.Stages), prose.Of(p.Touches, "touch"), known)
	for _, r := range e.Rules {
		p.line(fmt.Sprintf("   %+4d  ", r.Points), "         ", "%s", r.Text)
	}
	p.signals(s.Signals, nil, s.At, "   ")
	p.playbooks(e, "- ", "  ")
	p.places(e, s.At, "- ", "  ")
	if text := purchase(e); text != "" {
		p.line("- ", "  ", "%s", text)
	}
	for _, w := range s.Why {
		p.line("- ", "  ", "%s", w)
	}
	if p.When != nil {
		p.line("- ", "  ", "%s", p.heard())
		if !slices.ContainsFunc(p.Decisions, func(d Decision) bool { return d.acted() }) {
			p.nearest()
		}
	}
	if s.Replaced {
		p.line("- ", "  ", "This is by the policy of then (epoch %d), which has been replaced since.", e.Policy.Epoch)
	}
	p.heardSince(s)
	p.gap()
}

// mails says which e-mails a tool sent in the time asked about: who was written to asks why, and it need not have been by a
// play.
func (p *printer) mails() {
	said := ""
	for _, t := range p.InTime {
		if t.Kind != touch.EmailSent {
			continue
		}
		text := fmt.Sprintf("%s was sent an e-mail %s (%s).", t.Who, p.at(t.Time), t.Source)
		if by := p.ordered(t.Time); by != said {
			said = by
			text += " " + by
		}
		p.line("", "", "%s", text)
	}
	if said != "" {
		p.gap()
	}
}

// ordered says which sequence an e-mail may be of: the receipt of a handoff names its id, an e-mail does not.
func (p *printer) ordered(at time.Time) string {
	var last *Line
	for i := range p.Decisions {
		d := &p.Decisions[i]
		if d.Outcome != nil && d.Outcome.Outcome == routing.EnrolledIn && !d.MadeAt.After(at) {
			last = &Line{Play: d.Decision.Play, MadeAt: d.MadeAt}
		}
	}
	for i := range p.Others {
		if l := &p.Others[i]; l.Outcome == routing.EnrolledIn && !l.MadeAt.After(at) && (last == nil || l.MadeAt.After(last.MadeAt)) {
			last = l
		}
	}
	if last == nil {
		return "No play had enrolled anybody of the account by then: it was the tool's own doing."
	}
	return fmt.Sprintf("It is of the sequence in which %s enrolled somebody on %s, or the tool's own: an e-mail does not say which.", last.Play, p.stamp(last.MadeAt))
}

// nearest says when somebody was contacted, where that was not in the time asked about: people remember days wrongly.
func (p *printer) nearest() {
	var before, after *Line
	for i := range p.Others {
		switch l := &p.Others[i]; {
		case l.Outcome != routing.Offered && l.Outcome != routing.EnrolledIn:
		case l.MadeAt.Before(p.When.From) && (before == nil || l.MadeAt.After(before.MadeAt)):
			before = l
		case !l.MadeAt.Before(p.When.Until) && (after == nil || l.MadeAt.Before(after.MadeAt)):
			after = l
		}
	}
	var parts []string
	for _, x := range []struct {
		when string
		line *Line
	}{{"the last before was", before}, {"the next after", after}} {
		if x.line != nil {
			parts = append(parts, fmt.Sprintf("%s %s on %s", x.when, x.line.Play, p.stamp(x.line.MadeAt)))
		}
	}
	if len(parts) > 0 {
		p.line("- ", "  ", "Nobody was contacted in that time; %s.", strings.Join(parts, ", "))
	}
}

// heardSince says what is known now of the same moment.
func (p *printer) heardSince(s *Standing) {
	if s.Now == nil {
		return
	}
	head, that := since(len(s.Late), s.SetRight)
	head = strings.Replace(head, " of before it ", " of before ", 1)
	switch then, now := &s.Evaluation, s.Now; {
	case s.Nothing:
		p.line("- ", "  ", "Known now: %s. With %s: score %d, band %s%s.", head, that, now.Score, now.Band, plays(now.Plays))
	case then.Score != now.Score || then.Band != now.Band || !slices.Equal(then.Plays, now.Plays) || !maps.Equal(then.Stages, now.Stages):
		p.line("- ", "  ", "Known now: %s. With %s the score would have been %d rather than %d, band %s%s%s.", head, that, now.Score, then.Score, now.Band, stages(now.Stages), plays(now.Plays))
	default:
		p.line("- ", "  ", "Known now: %s; nothing of this is changed by it.", head)
	}
}

// plays says whose conditions hold.
func plays(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", and " + prose.List(names) + " would have held"
}

// heard says what was seen of the account in the time asked about.
func (p *printer) heard() string {
	if len(p.InTime) == 0 {
		return "Nothing was seen of it in that time."
	}
	var kinds []string
	count := map[string]int{}
	for _, t := range p.InTime {
		if count[t.Kind]++; count[t.Kind] == 1 {
			kinds = append(kinds, t.Kind)
		}
	}
	var parts []string
	for _, k := range kinds {
		s := strings.ReplaceAll(k, "_", " ")
		if count[k] > 1 {
			s += fmt.Sprintf(" × %d", count[k])
		}
		parts = append(parts, s)
	}
	return "Seen in that time: " + strings.Join(parts, ", ") + "."
}

// others lists the rest of its decisions.
func (p *printer) others() {
	if len(p.Others) == 0 {
		if len(p.Decisions)+len(p.Apart) == 0 {
			if p.After > 0 {
				p.line("", "", "No decision had been made about it by then.")
			} else {
				p.line("", "", "No decision was ever made about it.")
			}
		}
		return
	}
	p.line("", "", "Other decisions about it:")
	for _, l := range p.Others {
		p.line("  ", "      ", "%s  %s: %s", p.stamp(l.MadeAt), l.Play, strings.ReplaceAll(strings.TrimPrefix(l.Outcome, routing.Gated), "_", " "))
	}
}

// shownRevenue is how many conversions the text names.
const shownRevenue = 3

// revenue says what came of it in money.
func (p *printer) revenue() {
	if len(p.Revenue) == 0 {
		return
	}
	var parts []string
	for i, r := range p.Revenue {
		if i == shownRevenue {
			parts = append(parts, fmt.Sprintf("and %s more", prose.Count(len(p.Revenue)-i)))
			break
		}
		s := fmt.Sprintf("%s, %s business of %s", p.stamp(r.Time), r.Type, r.Amount)
		if r.First != r.Amount {
			s += fmt.Sprintf(" (told as %s before)", r.First)
		}
		parts = append(parts, s)
	}
	p.gap()
	p.line("", "  ", "Revenue since: %s.", strings.Join(parts, "; "))
}
