package explain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// elsewhere says where somebody belonged before the time asked about, or after: who changes jobs leaves the old account
// its history and takes none of the new one's along. An address stays with its company; that who had it has moved, their
// user id or device tells.
func (t *teller) elsewhere(ctx context.Context, at time.Time) error {
	a := t.answer
	if a.Subject == a.Account || a.One {
		return nil
	}
	person := cmp.Or(a.Person, subject.KeyOf(a.Subject))
	here, err := t.reader.At(ctx, a.Subject, at.UnixMilli())
	if err != nil {
		return fmt.Errorf("explain: whose is %s: %w", a.Subject, err)
	}
	for _, id := range append([]string{a.Subject}, t.past.members...) {
		if id != a.Subject && !subject.IsIndividual(id) {
			continue
		}
		ivs, err := t.reader.Intervals(ctx, id)
		if err != nil {
			return fmt.Errorf("explain: whose is %s: %w", id, err)
		}
		if id != a.Subject {
			if ok, err := t.was(ctx, id, here.Person, ivs); err != nil || !ok {
				if err != nil {
					return err
				}
				continue
			}
		}
		for _, iv := range ivs {
			text, ask, then, now := "", "handoff explain "+subject.KeyOf(iv.Root), person, person
			if id != a.Subject {
				then, now = id+", which is now that of "+person+",", id+", which was that of "+person+","
			}
			switch {
			case iv.Root == a.Account || iv.Root == id || subject.KindOf(iv.Root) == subject.Anonymous:
			case iv.Until <= at.UnixMilli():
				if id == a.Subject { // of a day the end counts: by then they had moved
					ask = "--at " + t.midnight(iv.Until).Add(-time.Nanosecond).Format(time.DateOnly)
				}
				text = fmt.Sprintf("Until %s %s belonged to %s; what was done then: %s.", t.day(time.UnixMilli(iv.Until-1)), then, subject.KeyOf(iv.Root), ask)
			case iv.From > at.UnixMilli() || id != a.Subject:
				if id == a.Subject {
					ask = "ask without --at"
				}
				text = fmt.Sprintf("Since %s %s belongs to %s; what is done now: %s.", t.day(time.UnixMilli(iv.From)), now, subject.KeyOf(iv.Root), ask)
			}
			if text != "" && !slices.Contains(a.Whose, text) {
				a.Whose = append(a.Whose, text)
			}
		}
	}
	return nil
}

// was reports whether an id was a person's while it counted for the account, and for another at another time.
func (t *teller) was(ctx context.Context, id, person string, ivs []subject.Interval) (bool, error) {
	if person == "" || len(ivs) < 2 {
		return false, nil
	}
	for _, iv := range ivs {
		if iv.Root != t.answer.Account {
			continue
		}
		for _, ms := range []int64{iv.From, iv.Until - 1} {
			p, err := t.reader.At(ctx, id, ms)
			if err != nil {
				return false, fmt.Errorf("explain: whose is %s: %w", id, err)
			}
			if p.Person == person {
				return true, nil
			}
		}
	}
	return false, nil
}

// midnight is the beginning of the day of a moment, in the zone that was asked in.
func (t *teller) midnight(ms int64) time.Time {
	y, m, d := time.UnixMilli(ms).In(t.answer.Now.Location()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.answer.Now.Location())
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
