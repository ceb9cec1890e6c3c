package score

import (
	"context"
	"fmt"
	"time"

	"handoff/shared/subject"
	"handoff/shared/touch"
)

// kept is the outcome of our own book-keeping.
const kept = "kept"

// keep does what an operator has said. It joins no facts: what changes is whose touches they are, or what they say.
func (s *session) keep(ctx context.Context, w work) error {
	t := w.touch
	w.note.Outcome = kept
	switch t.Kind {
	case touch.SubjectsLinked, touch.SubjectsUnlinked:
		l, err := acted(t)
		if err != nil {
			return err
		}
		return s.link(ctx, t.Subject, l, w)
	case touch.TouchesRevised:
		return s.revise(ctx, w)
	}
	w.note.Outcome = ignored // route's
	return nil
}

// acted reads the link that an operator makes or undoes.
func acted(t *touch.Touch) (subject.Link, error) {
	if len(t.Links) != 1 || !subject.Valid(t.Links[0]) || t.Links[0] == t.Subject {
		return subject.Link{}, fmt.Errorf("score: %w: %s links or unlinks %s and %q: want one other subject", touch.ErrInvalid, t.ID, t.Subject, t.Links)
	}
	l := subject.Link{Target: t.Links[0], ID: t.ID, Act: t.Time.UnixMilli(), Unlink: t.Kind == touch.SubjectsUnlinked}
	if !l.Unlink {
		l.Time = l.Act
	}
	if text, _ := t.Props["from"].(string); text != "" {
		from, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return l, fmt.Errorf("score: %w: %s takes effect %q: want a time as RFC 3339 has it", touch.ErrInvalid, t.ID, text)
		}
		l.Time = from.UnixMilli()
	}
	return l, nil
}
