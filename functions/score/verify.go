package score

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// open is what a session has done that others may have crossed, to be looked at again once it is written.
type open struct {
	placed []placement
	linked []relinked
}

// placement says that a subject's touches of a stretch of time were put into a root's facts.
type placement struct {
	subject string
	subject.Interval
	way []string // the ids by which the root was found; none where it was found for all time
}

// relinked says which links a subject had before one was added.
type relinked struct {
	subject string
	without subject.Links
}

// verify reads again, after everything is written, the ways by which facts were placed. A link that another process
// wrote between this one's reading of the way and its writing of the account is seen here, and the account that should
// not have the touches is folded again. A link written later finds them in the account itself: that is the other half,
// which looks again at what the links written here moved. So whichever comes first, one of the two sees the other.
func (s *session) verify(ctx context.Context, at time.Time, meta event.Meta) error {
	for range retries {
		if len(s.open.placed)+len(s.open.linked) == 0 {
			return nil
		}
		if err := s.readAgain(ctx); err != nil {
			return err
		}
		if err := s.lookAgain(ctx, at, meta); err != nil {
			return err
		}
		stale, err := s.stale(ctx)
		if err != nil {
			return err
		}
		if len(stale) == 0 {
			s.open = open{}
			return nil
		}
		n := len(s.open.placed)
		for _, root := range stale {
			if err := s.refold(ctx, root, fmt.Sprintf("race:%s@%d", root, s.Now().UnixNano()), at, meta); err != nil {
				return err
			}
		}
		// What the refolds placed is verified next.
		kept := slices.DeleteFunc(slices.Clone(s.open.placed[:n]), func(p placement) bool { return slices.Contains(stale, p.Root) })
		s.open.placed = append(kept, s.open.placed[n:]...)
	}
	return fmt.Errorf("score: links change faster than accounts can follow: %w", store.ErrConflict)
}

// readAgain begins a new reading, with what it is sure to need.
func (s *session) readAgain(ctx context.Context) error {
	s.Reader = s.Reader.Again()
	var ids []string
	for _, l := range s.open.linked {
		ids = append(ids, l.subject)
	}
	for _, p := range s.open.placed {
		ids = append(ids, p.way...)
	}
	return s.Load(ctx, ids...)
}

// lookAgain does for the links that were written what link did before: what left by them meanwhile is folded again.
func (s *session) lookAgain(ctx context.Context, at time.Time, meta event.Meta) error {
	for len(s.open.linked) > 0 {
		l := s.open.linked[0]
		from, err := s.Item(ctx, l.subject)
		if err != nil {
			return err
		}
		known := len(from.Refold)
		if err := s.leaving(ctx, from, l.without, from.Links); err != nil {
			return err
		}
		if len(from.Refold) > known {
			from.Due = at.Unix()
			if err := s.write(ctx, []string{from.ID}); err != nil {
				return err
			}
			if err := s.resume(ctx, from, at, meta); err != nil {
				return err
			}
		}
		s.open.linked = s.open.linked[1:]
	}
	return s.flush(ctx)
}

// stale lists the roots that hold touches which belong elsewhere by now.
func (s *session) stale(ctx context.Context) ([]string, error) {
	var stale []string
	for _, p := range s.open.placed {
		if len(p.way) > 0 {
			place, err := s.At(ctx, p.subject, p.From)
			if err != nil {
				return nil, err
			}
			if place.Root != p.Root || place.Below != p.Below {
				stale = append(stale, p.Root)
			}
			continue
		}
		now, err := s.Intervals(ctx, p.subject)
		if err != nil {
			return nil, err
		}
		for _, left := range subject.Left([]subject.Interval{p.Interval}, now) {
			stale = append(stale, left.Root)
		}
	}
	slices.Sort(stale)
	return slices.Compact(stale), nil
}
