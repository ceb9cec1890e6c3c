package graph

import (
	"context"

	"handoff/shared/account"
)

// Moves lists the moves of a person between companies (see subject.Resolver), reading what it needs, and the ids that
// were asked.
func (r *Reader) moves(ctx context.Context, id, root string, at int64) (found []account.Move, asked []string, err error) {
	for {
		all, asked, missing := r.resolver.Moves(id)
		if len(missing) > 0 {
			if err := r.Load(ctx, missing...); err != nil {
				return nil, nil, err
			}
			continue
		}
		var last *account.Move
		for _, m := range all {
			if m.Time >= at+hourMS {
				break
			}
			el := account.Element{Time: m.Time, ID: m.Link}
			switch root {
			case m.From:
				last = &account.Move{Person: m.Was, Left: true, Other: m.To, Element: el}
			case m.To:
				last = &account.Move{Person: m.Is, Other: m.From, Element: el}
			}
		}
		if last == nil {
			return nil, asked, nil
		}
		return []account.Move{*last}, asked, nil
	}
}

const hourMS = 60 * 60 * 1000

// settle makes one move of a person of what several ids say: the latest, and of those who say the same the first.
func settle(have []account.Move, m account.Move) []account.Move {
	for i, h := range have {
		if h.Person != m.Person {
			continue
		}
		same := h.Left == m.Left && h.Other == m.Other
		if same == (m.Element.Compare(h.Element) < 0) {
			have[i] = m
		}
		return have
	}
	return append(have, m)
}
