package routing

import (
	"cmp"
	"slices"
	"time"
)

// Join takes the slots of b, a person or an account that now belongs to a's account, into a. Per funnel and play one
// handoff keeps the place: one that is held before one that is not, one that was contacted before one that was not, then
// the one opened first. Each keeps its owner and its deadline. A second one that is held is marked superseded and closed
// by the next look at the item, because its team's counter moves with it. Of two closed ones the longer cool-down counts.
//
// Join does not depend on the order of joining, and joining again changes nothing.
func Join(a, b *Item) *Item {
	out := &Item{Account: a.Account, Forward: a.Forward, Seen: a.Seen, Past: a.Past, Contacts: a.Contacts}
	for _, s := range b.Seen {
		out.Seen = stamp(out.Seen, s, maxSeen)
	}
	for _, s := range b.Past {
		out.Past = stamp(out.Past, s, maxPast)
	}
	for _, c := range b.Contacts {
		out.Contacts = contact(out.Contacts, c)
	}
	out.Early = slices.Clone(a.Early)
	for _, e := range b.Early {
		out.Early = keep(out.Early, e)
	}
	out.Withdrawn = slices.Clone(a.Withdrawn)
	for _, w := range b.Withdrawn {
		out.Withdrawn = draw(out.Withdrawn, w)
	}
	out.Held = a.Held
	for _, h := range b.Held {
		out.Held = holdOn(out.Held, h)
	}
	out.Slots = joinSlots(out, a.Slots, b.Slots)
	out.Pending = joinPending(a.Pending, b.Pending)
	return out
}

func joinSlots(out *Item, a, b []Slot) []Slot {
	all := make([]Slot, 0, len(a)+len(b))
	all = append(all, a...)
	for i := range b {
		if j := slices.IndexFunc(all, func(s Slot) bool { return s.ID == b[i].ID }); j >= 0 {
			all[j].merge(&b[i])
		} else {
			all = append(all, b[i])
		}
	}
	// The best of each place first.
	slices.SortFunc(all, func(x, y Slot) int {
		return cmp.Or(cmp.Compare(x.Funnel, y.Funnel), cmp.Compare(x.Play, y.Play), rank(&x, &y))
	})
	var kept []Slot
	for i := range all {
		s := &all[i]
		best := len(kept) - 1
		for best >= 0 && kept[best].Superseded != "" {
			best--
		}
		first := best < 0 || kept[best].Funnel != s.Funnel || kept[best].Play != s.Play
		switch {
		case first:
			s.Superseded = ""
			kept = append(kept, *s)
		case s.Holds():
			s.Superseded = kept[best].ID
			kept = append(kept, *s)
		default:
			out.Past = stamp(out.Past, Stamp{s.ID, s.ClosedAt().Unix()}, maxPast)
		}
	}
	sortSlots(kept)
	return kept
}

// rank orders the slots of one place, the one that keeps it first.
func rank(x, y *Slot) int {
	return cmp.Or(
		yes(y.Holds())-yes(x.Holds()),
		yes(y.State() == Contacted)-yes(x.State() == Contacted),
		y.CoolUntil().Compare(x.CoolUntil()), // both zero where they are held
		x.OpenedAt.Compare(y.OpenedAt),
		cmp.Compare(x.ID, y.ID),
	)
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// joinPending keeps everything that is still to be told. Callers tell it before they join; this is for none to be lost
// if one does not.
func joinPending(a, b *Pending) *Pending {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	p := &Pending{Since: a.Since}
	if b.Since.Before(a.Since) {
		p.Since = b.Since
	}
	p.Handoffs = slices.Concat(a.Handoffs, b.Handoffs)
	p.Rows = slices.Concat(a.Rows, b.Rows)
	p.Events = slices.Concat(a.Events, b.Events)
	return p
}

// keep enters an answer that came before its handoff, the latest few by time.
func keep(l []Answer, a Answer) []Answer {
	if slices.ContainsFunc(l, func(o Answer) bool { return o.Touch == a.Touch }) {
		return l
	}
	l = append(slices.Clone(l), a)
	slices.SortFunc(l, func(x, y Answer) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Touch, y.Touch)) })
	return l[max(0, len(l)-maxEarly):]
}

// fresh drops early answers that waited too long.
func fresh(l []Answer, now time.Time) []Answer {
	return slices.DeleteFunc(slices.Clone(l), func(a Answer) bool { return now.Sub(a.At) > keepEarly })
}
