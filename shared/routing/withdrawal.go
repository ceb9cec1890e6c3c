package routing

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Spoken is when a person said something, and the touch that tells it. Words are ordered by both, as registers are.
type Spoken struct {
	At    time.Time `json:"at"`
	Touch string    `json:"touch"`
}

// After reports whether it was said later than another word.
func (s Spoken) After(o Spoken) bool {
	return cmp.Or(cmp.Compare(s.At.UnixMilli(), o.At.UnixMilli()), cmp.Compare(s.Touch, o.Touch)) > 0
}

// Identity is an id of a person and the account that it counts for now, itself where it stands alone.
type Identity struct{ ID, Account string }

// Withdrawal is a person's word not to be contacted any more, as route heard it. Score writes the person's gates from the
// same touch and at the same time, so for a while this may be all that keeps the person from being contacted: a decision
// that is on its way may have been made, or have asked the gates, just before.
type Withdrawal struct {
	Spoken
	IDs   []string  `json:"ids"`   // of the person, as far as the touch names them or they were known
	Heard time.Time `json:"heard"` // by route
}

// Stands reports whether it is still the person's word by what the gates know: nobody has given consent since. One that is
// heard after a later consent closes nothing.
func (w *Withdrawal) Stands(g *GateState) bool {
	return g.ConsentWithdrawn || w.After(g.Consented)
}

// Withdrew reports whether a person, by any id that the gates know of, has withdrawn consent as far as the item has heard.
func (it *Item) Withdrew(person string, g *GateState) bool {
	return slices.ContainsFunc(it.Withdrawn, func(w Withdrawal) bool {
		return w.Stands(g) && slices.ContainsFunc(w.IDs, func(id string) bool { return id == person || slices.Contains(g.Known, id) })
	})
}

// Withdraw keeps a person's word, and closes the first open handoff that is about the person: by an id of the word, or by
// one of known, all that are the same person. One that is about nobody of the account is not theirs to end. Nothing is
// changed where the word is kept already and nothing is open: callers repeat it until then, as each handoff is closed
// together with the counter of its team.
func (it *Item) Withdraw(w Withdrawal, known []string, now time.Time) Effect {
	e := Effect{Record: Record{Account: it.Account, Touch: w.Touch, At: now}}
	if !slices.ContainsFunc(it.Withdrawn, func(o Withdrawal) bool { return o.Touch == w.Touch }) {
		e.Changed = true
	}
	it.Withdrawn = draw(slices.DeleteFunc(slices.Clone(it.Withdrawn), func(o Withdrawal) bool { return now.Sub(o.Heard) > keepDrawn }), w)
	for i := range it.Slots {
		s := &it.Slots[i]
		whose := cmp.Or(s.Person, s.Account)
		if !s.Holds() || !slices.Contains(w.IDs, whose) && !slices.Contains(known, whose) {
			continue
		}
		r := &e.Record
		r.Handoff, r.Decision, r.Person, r.Funnel, r.Play, r.Mode, r.DueAt = s.ID, s.Decision, s.Person, s.Funnel, s.Play, s.Mode, s.DueAt
		s.recycle(&e, now, EndUnworkable, fmt.Sprintf("It may no longer be worked: consent was withdrawn on %s.", stampText(w.At)))
		s.RecycledM.Touch = w.Touch
		e.Slot, e.Changed, r.State = s, true, s.State()
		break
	}
	return e
}

// draw enters a word, keeping the latest few as they were heard, each once.
func draw(l []Withdrawal, w Withdrawal) []Withdrawal {
	l = slices.Clone(l)
	if i := slices.IndexFunc(l, func(o Withdrawal) bool { return o.Touch == w.Touch }); i >= 0 {
		l[i].IDs = slices.Concat(l[i].IDs, w.IDs)
		slices.Sort(l[i].IDs)
		l[i].IDs = slices.Compact(l[i].IDs)
		if w.Heard.Before(l[i].Heard) {
			l[i].Heard = w.Heard
		}
	} else {
		l = append(l, w)
	}
	slices.SortFunc(l, func(a, b Withdrawal) int { return cmp.Or(a.Heard.Compare(b.Heard), cmp.Compare(a.Touch, b.Touch)) })
	return l[max(0, len(l)-maxDrawn):]
}
