package score

import (
	"context"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/touch"
)

// maxAsked bounds the subjects among whose touches the first is looked for: a packet costs as many queries at most,
// whatever the account's history.
const maxAsked = 64

// packet tells the account's story where the play asks for it.
func (s *session) packet(ctx context.Context, v *account.View, e *event.Evaluation, play string) (p *event.Packet, err error) {
	p = s.rules.Packet(v, e, play, func(el account.Element) *touch.Touch {
		var t *touch.Touch
		if err == nil {
			t, err = s.find(ctx, v, el)
		}
		return t
	})
	return p, err
}

// find looks a touch up among the account's people and members. The ledger has it under its subject, which facts do not
// keep.
func (s *session) find(ctx context.Context, v *account.View, el account.Element) (*touch.Touch, error) {
	asked := map[string]bool{}
	ask := func(id string) (*touch.Touch, error) {
		if asked[id] || len(asked) == maxAsked {
			return nil, nil
		}
		asked[id] = true
		at := time.UnixMilli(el.Time).UTC()
		for t, err := range s.graph.Timeline(ctx, id, at, at.Add(time.Millisecond)) {
			if err != nil {
				return nil, err
			}
			if t.ID == el.ID {
				return t, nil
			}
		}
		return nil, nil
	}
	ids := []string{v.Account}
	for _, a := range v.Facts.People {
		ids = append(ids, a.ID)
	}
	for i := range v.People {
		ids = append(ids, v.People[i].ID)
	}
	ids = append(ids, s.listed[v.Account]...) // members that this session has yet to write down
	for _, id := range ids {
		if t, err := ask(id); t != nil || err != nil {
			return t, err
		}
	}
	for row, err := range s.Ledger.Links(ctx, v.Account) {
		if err != nil || len(asked) == maxAsked {
			return nil, err
		}
		if t, err := ask(row.ID); t != nil || err != nil {
			return t, err
		}
	}
	return nil, nil
}
