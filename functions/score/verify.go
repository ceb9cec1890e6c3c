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

// placement says that a subject's touches of a stretch of time were put into a root's facts.
type placement struct {
	subject string
	subject.Interval
}

// verify reads again, after everything is written, the ways by which facts were placed. A link that another process
// wrote between this one's reading of the way and its writing of the account is seen here, and the account that should
// not have the touches is folded again. A link written later finds them in the account itself. So whichever comes
// first, one of the two sees the other.
func (s *session) verify(ctx context.Context, at time.Time, meta event.Meta) error {
	for range retries {
		if len(s.placed) == 0 {
			return nil
		}
		fresh := s.graph.Reader()
		var stale []string
		for _, p := range s.placed {
			if p.Until == p.From+1 {
				place, err := fresh.At(ctx, p.subject, p.From)
				if err != nil {
					return err
				}
				if place.Root != p.Root && !slices.Contains(stale, p.Root) {
					stale = append(stale, p.Root)
				}
				continue
			}
			now, err := fresh.Intervals(ctx, p.subject)
			if err != nil {
				return err
			}
			for _, left := range subject.Left([]subject.Interval{p.Interval}, now) {
				if !slices.Contains(stale, left.Root) {
					stale = append(stale, left.Root)
				}
			}
		}
		if len(stale) == 0 {
			s.placed = nil
			return nil
		}
		slices.Sort(stale)
		s.Reader = fresh
		n := len(s.placed)
		for _, root := range stale {
			if err := s.refold(ctx, root, fmt.Sprintf("race:%s@%d", root, s.Now().UnixNano()), at, meta); err != nil {
				return err
			}
		}
		// What the refolds placed is verified next.
		kept := slices.DeleteFunc(slices.Clone(s.placed[:n]), func(p placement) bool { return slices.Contains(stale, p.Root) })
		s.placed = append(kept, s.placed[n:]...)
	}
	return fmt.Errorf("score: links change faster than accounts can follow: %w", store.ErrConflict)
}
