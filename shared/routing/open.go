package routing

import (
	"slices"
	"time"

	"handoff/shared/event"
)

// open lists the handoffs that are open, the one due first before the others.
func (it *Item) open() []event.PacketHandoff {
	var out []event.PacketHandoff
	for i := range it.Slots {
		if s := &it.Slots[i]; s.Holds() && !s.Ending() {
			out = append(out, event.PacketHandoff{ID: s.ID, Play: s.Play, Owner: s.Owner, State: string(s.State()), DueAt: s.DueAt})
		}
	}
	slices.SortStableFunc(out, func(a, b event.PacketHandoff) int { return late(a.DueAt).Compare(late(b.DueAt)) })
	return out[:min(len(out), event.MaxOpenHandoff)]
}

// late puts what is never due last.
func late(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return t
}
