package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/infra/prose"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// printer writes an answer as a colleague would tell it, within 80 columns.
type printer struct {
	*Answer
	b strings.Builder
}

// Print writes the answer for people.
func (a *Answer) Print(w io.Writer) error {
	p := &printer{Answer: a}
	p.head()
	p.short()
	p.apart()
	p.mails()
	for i := range a.Decisions {
		p.decision(i)
	}
	p.standing()
	p.others()
	p.revenue()
	_, err := io.WriteString(w, strings.TrimRight(p.b.String(), "\n")+"\n")
	return err
}

func (p *printer) line(first, rest, format string, args ...any) {
	p.b.WriteString(prose.Wrap(first, rest, fmt.Sprintf(format, args...)))
	p.b.WriteByte('\n')
}

func (p *printer) gap() { p.b.WriteByte('\n') }

// called is the account as people call it.
func (a *Answer) called() string {
	key := subject.KeyOf(a.Account)
	if a.Name == "" || a.Name == key {
		return key
	}
	return a.Name + " (" + key + ")"
}

func (p *printer) head() {
	about := p.called()
	acted := slices.ContainsFunc(p.Decisions, func(d Decision) bool { return d.acted() })
	apart := slices.ContainsFunc(p.Apart, func(a Apart) bool { return a.acted() })
	switch {
	case p.When == nil && (acted || apart):
		p.line("", "", "Why did we contact %s?", about)
	case p.When == nil:
		p.line("", "", "What was done about %s?", about)
	case acted || apart:
		p.line("", "", "Why did we contact %s %s?", about, p.When.phrase())
	default:
		p.line("", "", "Why did we not contact %s %s?", about, p.When.phrase())
	}
	if zone := zoneName(p.Now); zone != "UTC" {
		p.line("", "", "Times are by the clocks of %s; days within a reason are those of UTC.", zone)
	}
	if !p.AsKnown.IsZero() {
		text := fmt.Sprintf("This is told by what was known on %s.", p.stamp(p.AsKnown))
		if p.After > 0 {
			text += fmt.Sprintf(" %s made after that and left out.", wasWere(p.After, "decision"))
		}
		p.line("", "", "%s", text)
	}
	if p.Person != "" {
		text := fmt.Sprintf("%s belongs to %s.", p.Person, about)
		if acted && !slices.ContainsFunc(p.Decisions, func(d Decision) bool { return d.acted() && d.Concerns }) {
			text += " What was done concerned others of the account."
		}
		p.line("", "", "%s", text)
	}
	for _, text := range p.Whose {
		p.line("", "", "%s", text)
	}
	for _, text := range p.SetRight {
		p.line("", "", "%s", text)
	}
	p.gap()
}

// stamp is a moment, stampOf one whose year goes without saying.
func (p *printer) stamp(t time.Time) string   { return prose.StampIn(t, p.Now, p.Now.Location()) }
func (p *printer) stampOf(t time.Time) string { return prose.StampIn(t, time.Time{}, p.Now.Location()) }

func wasWere(n int, noun string) string {
	if n == 1 {
		return prose.Of(n, noun) + " was"
	}
	return prose.Of(n, noun) + " were"
}

func (d *Decision) acted() bool {
	return d.Outcome != nil && (d.Outcome.Outcome == routing.Offered || d.Outcome.Outcome == routing.EnrolledIn)
}

// oneDay says that the question is about one day, whose date need not be said again.
func (p *printer) oneDay() bool {
	return p.When != nil && !p.When.Moment && !p.When.From.AddDate(0, 0, 1).Before(p.When.Until)
}

// clock is a time on the day asked about, or with its day.
func (p *printer) clock(t time.Time) string {
	if p.oneDay() && p.When.contains(t) {
		return t.In(p.Now.Location()).Format("15:04")
	}
	return p.stamp(t)
}

// at is clock in a sentence.
func (p *printer) at(t time.Time) string {
	if s := p.clock(t); len(s) == len("15:04") {
		return "at " + s
	}
	return "on " + p.stamp(t)
}

// near is a time beside another: its day is said only if it differs.
func (p *printer) near(t, other time.Time) string {
	t, other = t.In(p.Now.Location()), other.In(p.Now.Location())
	if t.YearDay() == other.YearDay() && t.Year() == other.Year() {
		return t.Format("15:04")
	}
	return p.stamp(t)
}

// short is the answer in a few sentences.
func (p *printer) short() {
	var said []string
	for i := range p.Decisions {
		d := &p.Decisions[i]
		if !d.acted() {
			continue
		}
		said = append(said, p.because(d))
	}
	if len(said) == 0 {
		p.stopped()
		return
	}
	slices.Reverse(said) // the latest is what people remember
	p.line("", "", "%s", said[0])
	for _, s := range said[1:] {
		p.line("", "", "%s", s)
	}
	p.gap()
}

// stopped says in a sentence why a decision came to nothing: the last that was stopped by more than its play's mode.
func (p *printer) stopped() {
	for i := len(p.Decisions) - 1; i >= 0; i-- {
		d := &p.Decisions[i]
		if d.Outcome == nil || len(d.Outcome.Stops) == 0 || d.Outcome.Outcome == routing.Observed {
			continue
		}
		if d.Outcome.Outcome == routing.Held && d.Word != nil {
			p.line("", "", "The play %s was due and was held; it was %s, which is not yet acted on.", d.Decision.Play, d.Word.Says())
			p.gap()
			return
		}
		if d.Outcome.Outcome == routing.Held {
			p.line("", "", "The play %s was due, and waits for handoff release: %s.", d.Decision.Play, d.Outcome.Stops[0].Why)
			p.gap()
			return
		}
		p.line("", "", "The play %s was due, and nobody was contacted by it: %s.", d.Decision.Play, d.Outcome.Stops[0].Why)
		p.gap()
		return
	}
}

func (p *printer) because(d *Decision) string {
	var b strings.Builder
	if c := d.Cause; c != nil && c.Time.Unix() == 0 {
		// What a provider says of a company has no time but that of the answer.
		fmt.Fprintf(&b, "Because the company became known %s", p.at(c.RecordedAt))
	} else if c != nil {
		fmt.Fprintf(&b, "Because %s %s", does(c.Who, c.Kind), p.at(c.Time))
	} else {
		fmt.Fprintf(&b, "Because its time came %s", p.at(d.MadeAt))
	}
	switch d.Outcome.Outcome {
	case routing.EnrolledIn:
		whom := or(d.Person, "the account")
		if d.Cause != nil && d.Cause.Who == d.Person {
			whom = "them"
		}
		fmt.Fprintf(&b, ", the play %s enrolled %s in a sequence by e-mail", d.Decision.Play, whom)
		if d.Decision.Asset != "" {
			fmt.Fprintf(&b, " with %s", d.Decision.Asset)
		}
	default:
		fmt.Fprintf(&b, ", the play %s gave it to %s of %s", d.Decision.Play, d.Owner, d.Outcome.Choice.Team)
	}
	fmt.Fprintf(&b, ": %s", lower(d.Decision.Reason))
	if s := p.response(d); s != "" {
		b.WriteString(" " + s)
	}
	return b.String()
}

// response says how the team answered.
func (p *printer) response(d *Decision) string {
	var parts []string
	for _, s := range d.Steps {
		took := prose.For(s.Time.Sub(d.Outcome.At))
		switch s.Outcome {
		case "accepted":
			parts = append(parts, fmt.Sprintf("%s accepted after %s", or(s.By, "the team"), took))
		case "first_outreach":
			in := "in time"
			if !d.Outcome.DueAt.IsZero() && s.Time.After(d.Outcome.DueAt) {
				in = "after the deadline"
			}
			parts = append(parts, fmt.Sprintf("the first outreach came after %s, %s", took, in))
		case "rejected":
			parts = append(parts, fmt.Sprintf("%s rejected it after %s", or(s.By, "the team"), took))
		}
		if s.End == routing.EndTakenOver || s.End == routing.EndJoined {
			parts = append(parts, fmt.Sprintf("after %s another handoff went on in its stead", took))
		}
	}
	if len(parts) == 0 {
		by := p.Now
		if !p.AsKnown.IsZero() {
			by = p.AsKnown
		}
		switch {
		case d.Outcome.Outcome != routing.Offered:
			return ""
		case by.Before(d.Outcome.DueAt):
			return fmt.Sprintf("Nobody has answered yet; the first outreach is due by %s.", p.near(d.Outcome.DueAt, d.MadeAt))
		}
		return "Nobody answered."
	}
	return capital(strings.Join(parts, "; ")) + "."
}
