package explain

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// elsewhere says where somebody belonged before the time asked about, or after: who changes jobs leaves the old account
// its history and takes none of the new one's along.
func (t *teller) elsewhere(ctx context.Context, at time.Time) error {
	a := t.answer
	if a.Subject == a.Account || a.One {
		return nil
	}
	ivs, err := t.reader.Intervals(ctx, a.Subject)
	if err != nil {
		return fmt.Errorf("explain: whose is %s: %w", a.Subject, err)
	}
	who := cmp.Or(a.Person, subject.KeyOf(a.Subject))
	for _, iv := range ivs {
		switch {
		case iv.Root == a.Account || iv.Root == a.Subject:
		case iv.Until <= at.UnixMilli():
			last := time.UnixMilli(iv.Until - 1)
			a.Whose = append(a.Whose, fmt.Sprintf("Until %s %s belonged to %s; what was done then: --at %s.", t.day(last), who, subject.KeyOf(iv.Root), last.UTC().Format(time.DateOnly)))
		case iv.From > at.UnixMilli():
			a.Whose = append(a.Whose, fmt.Sprintf("Since %s %s belongs to %s; what is done now: ask without --at.", t.day(time.UnixMilli(iv.From)), who, subject.KeyOf(iv.Root)))
		}
	}
	return nil
}

// concerns says whether a decision is about the person who was asked about, by whichever of their ids.
func (t *teller) concerns(ctx context.Context, d *event.Decision) (bool, error) {
	if t.answer.Person == "" || d.Person == "" {
		return false, nil
	}
	var persons [2]string
	for i, id := range []string{t.answer.Subject, d.Person} {
		p, err := t.reader.At(ctx, id, d.AsOf.UnixMilli())
		if err != nil {
			return false, fmt.Errorf("explain: who is %s: %w", id, err)
		}
		persons[i] = cmp.Or(p.Person, id)
	}
	return persons[0] == persons[1], nil
}

// leaveOut drops what was decided after the time by what was known at which this is to be told.
func (t *teller) leaveOut() {
	if t.asKnown.IsZero() {
		return
	}
	for i, d := range t.past.decisions {
		if d.at.After(t.asKnown) {
			t.answer.After = len(t.past.decisions) - i
			t.past.decisions = t.past.decisions[:i]
			return
		}
	}
}

// setRight are the sentences of what operators set right about who is whom, and about what touches say: without them,
// nobody could tell why touches that a decision counted belong elsewhere now.
func (p *past) setRight() []string {
	var out []string
	for _, t := range p.touches {
		word := func(name string) string {
			text, _ := t.Props[name].(string)
			return text
		}
		text := ""
		switch t.Kind {
		case touch.SubjectsUnlinked:
			text = fmt.Sprintf("%s unlinked %s from %s", cmp.Or(word("by"), "An operator"), t.Subject, strings.Join(t.Links, " and "))
		case touch.SubjectsLinked:
			text = fmt.Sprintf("%s linked %s to %s", cmp.Or(word("by"), "An operator"), t.Subject, strings.Join(t.Links, " and "))
		case touch.TouchesRevised:
			text = fmt.Sprintf("%s had touches of %s mapped anew by %s", cmp.Or(word("by"), "An operator"), t.Subject, word("mapping"))
		default:
			continue
		}
		text += " on " + t.Time.UTC().Format("2 January 2006")
		if from := word("from"); from != "" && t.Kind != touch.TouchesRevised {
			text += ", with effect from " + from
		}
		if why := word("why"); why != "" {
			text += ": " + why
		}
		out = append(out, text+".")
	}
	return out
}
