package score

import (
	"context"
	"slices"

	"handoff/shared/subject"
)

// moved has the accounts looked at again that somebody's intervals say were left or joined, where a link has changed
// that. Nobody's touch may come to the old one any more; the next sweep finds it. The accounts are written after the
// link: a crash between is repaired by looking again at the links that were made, as for facts.
func (s *session) moved(ctx context.Context, before, after []subject.Interval) error {
	was, is := changes(before), changes(after)
	if slices.Equal(was, is) {
		return nil
	}
	for _, root := range slices.Concat(was, is) {
		it, err := s.Item(ctx, root)
		if err != nil {
			return err
		}
		if it.Facts.Empty() || it.Next != nil || len(it.Refold) > 0 {
			continue // nothing to evaluate, or it is folded and evaluated again anyhow
		}
		if now := s.Now().Unix(); it.Due == 0 || it.Due > now {
			it.Due = now
			s.mark(it, true)
		}
	}
	return nil
}

// changes lists the accounts on both sides of each change of company, in order.
func changes(ivs []subject.Interval) []string {
	var out []string
	for i := 1; i < len(ivs); i++ {
		if ivs[i-1].Root != ivs[i].Root && subject.IsCompany(ivs[i-1].Root) && subject.IsCompany(ivs[i].Root) {
			out = append(out, ivs[i-1].Root, ivs[i].Root)
		}
	}
	return out
}
