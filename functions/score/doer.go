package score

import (
	"context"
	"slices"

	"handoff/shared/account"
	"handoff/shared/policy"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// doer is who is behind a decision, and whether that was a test.
type doer struct {
	policy.Actor
	test bool
}

// behind finds who made the newest touch that a decision stands on. Often that is the touch being folded. Where something
// else brought the decision about (a link that came late, an enrichment, a change of a field, an hour), the ledger says who:
// the one to be called is who asked, not who happens to have been seen last.
func (s *session) behind(ctx context.Context, v *account.View, p Held, newest account.Element, why judged) (by doer, err error) {
	if why.touch != nil {
		by = doer{policy.Actor{Touch: why.touch.ID, Person: why.person}, why.touch.Test}
	}
	moved := slices.ContainsFunc(v.Moves, func(m account.Move) bool { return m.Element == newest })
	if moved || newest.ID == (touch.ID{}) || newest.ID == by.Touch || p.Impersonal {
		return by, nil
	}
	t, err := s.find(ctx, v, newest)
	if t == nil || err != nil {
		return by, err
	}
	by.test = by.test || t.Test
	place, err := s.who(ctx, t)
	if err != nil || place.Person == "" {
		return by, err
	}
	by.Actor = policy.Actor{Touch: t.ID, Person: place.Person}
	by.Fields, err = s.known(ctx, place)
	return by, err
}

// who is where a touch's person stands at its time, and by which id; of nobody's touch it is empty.
func (s *session) who(ctx context.Context, t *touch.Touch) (subject.Place, error) {
	parted, err := s.Parted(ctx, t)
	if err != nil {
		return subject.Place{}, err
	}
	id := subject.StrongestPerson(t, parted...)
	if id == "" {
		return subject.Place{}, nil
	}
	return s.At(ctx, id, t.Time.UnixMilli())
}

// known is what a person's ids say of them, as graph tells of the people of an account: by all of them, the latest.
func (s *session) known(ctx context.Context, p subject.Place) (map[string]string, error) {
	regs, fields := map[string]account.Register{}, map[string]string{}
	for _, id := range p.Path {
		if subject.IsCompany(id) {
			continue
		}
		it, err := s.Item(ctx, id)
		if err != nil {
			return nil, err
		}
		for f, reg := range it.Fields {
			if account.Write(regs, f, reg) {
				fields[f] = reg.Value
			}
		}
	}
	return fields, nil
}
