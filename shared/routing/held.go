package routing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
)

// Declined is the outcome of a decision that was held and that a person dropped.
const Declined = "declined"

// Outdone is the outcome of a decision that was held, or was to be, beside one of the same play with newer evidence.
const Outdone = "outdone"

// HeldBack is a decision of a play that is on hold. It waits for a person's word until its evidence is too old to act on:
// what comes out of a hold goes through all gates as they are then, so nothing old is ever acted on by it. An account has
// one for a funnel and play, the newest.
type HeldBack struct {
	Decision event.Decision `json:"decision"` // its evaluation is cut to the band; the ledger's row has all
	At       time.Time      `json:"at"`
	Until    time.Time      `json:"until"` // act_within after the newest evidence
	Word     *Word          `json:"word,omitempty"`
	Note     string         `json:"note,omitempty"` // why it is still here although somebody released it
}

// Word is what somebody said of a decision that is held: let it go, or drop it.
type Word struct {
	Switch
	Drop bool `json:"drop,omitempty"`
}

// Hold keeps a verdict's decision, which must have been held, until somebody says what to do. Of two of a funnel and play
// the newer evidence stays, and no word that was said of the other goes over to it: it answers the record of the one that
// no longer waits, nil where there is none.
func (v *Verdict) Hold(it *Item, d *event.Decision, now time.Time) *Record {
	kept := *d
	kept.Evaluation = event.Evaluation{Band: d.Evaluation.Band}
	before := it.Held
	it.Held = holdOn(it.Held, HeldBack{Decision: kept, At: now, Until: newest(d).Add(v.Play.ActWithin.Duration())})
	outdone := func(l *event.Decision, by string) *Record {
		r := &Record{Decision: l.ID, Account: it.Account, Person: l.Person, Funnel: l.Funnel, Play: l.Play, Mode: Hold, Policy: v.Record.Policy, At: now}
		r.ended(Outdone, fmt.Sprintf("the play is on hold, and %s, of newer evidence, waits in its place", by))
		return r
	}
	if !it.holds(d.ID) {
		for _, h := range it.Held {
			if h.Decision.Funnel == d.Funnel && h.Decision.Play == d.Play {
				return outdone(d, h.Decision.ID)
			}
		}
	}
	for i := range before {
		if b := &before[i].Decision; !it.holds(b.ID) {
			return outdone(b, d.ID)
		}
	}
	return nil
}

// holds reports whether a decision is held.
func (it *Item) holds(decision string) bool {
	return slices.ContainsFunc(it.Held, func(h HeldBack) bool { return h.Decision.ID == decision })
}

// holdOn enters one that is held. Of two of a funnel and play the newer evidence stays.
func holdOn(l []HeldBack, h HeldBack) []HeldBack {
	l = slices.Clone(l)
	i := slices.IndexFunc(l, func(o HeldBack) bool {
		return o.Decision.Funnel == h.Decision.Funnel && o.Decision.Play == h.Decision.Play
	})
	switch {
	case i < 0:
		l = append(l, h)
	case l[i].Decision.ID == h.Decision.ID:
		if l[i].Word == nil {
			l[i].Word = h.Word
		}
	case cmp.Or(newest(&l[i].Decision).Compare(newest(&h.Decision)), cmp.Compare(l[i].Decision.ID, h.Decision.ID)) < 0:
		l[i] = h
	}
	slices.SortFunc(l, func(a, b HeldBack) int {
		return cmp.Or(cmp.Compare(a.Decision.Funnel, b.Decision.Funnel), cmp.Compare(a.Decision.Play, b.Decision.Play))
	})
	return l
}

// newest is the time of a decision's newest evidence.
func newest(d *event.Decision) time.Time {
	if d.Newest.IsZero() {
		return d.AsOf
	}
	return d.Newest
}

// Says is what was said, by whom and when, as the end of a sentence.
func (w *Word) Says() string {
	did := "released"
	if w.Drop {
		did = "dropped"
	}
	return fmt.Sprintf("%s by %s on %s", did, w.By, stampText(w.At))
}

// same reports whether two are one word, said once.
func (w *Word) same(o *Word) bool {
	return w.At.Equal(o.At) && w.By == o.By && w.Why == o.Why && w.Drop == o.Drop
}

// SaidError is the error where somebody has spoken already on a decision that is held.
type SaidError struct{ Word Word }

func (e *SaidError) Error() string { return "it is already " + e.Word.Says() + ": " + e.Word.reason() }

// Say puts a person's word on a decision that is held. found is false where it is not, or no longer; changed where the
// item must be written. The first word counts until it has been acted on: another than that is a SaidError.
func (it *Item) Say(decision string, w Word) (found, changed bool, err error) {
	for i := range it.Held {
		if h := &it.Held[i]; h.Decision.ID == decision {
			switch {
			case h.Word == nil:
				it.Held = slices.Clone(it.Held)
				it.Held[i].Word, it.Held[i].Note, changed = &w, "", true
			case !h.Word.same(&w): // the same is one that was written, though the store did not say so
				err = &SaidError{*h.Word}
			}
			return true, changed, err
		}
	}
	return false, false, nil
}

// next is when the clock has something to do with it.
func (h *HeldBack) next() time.Time {
	if h.Word != nil {
		return h.Word.At
	}
	return h.Until.Add(time.Second)
}

// Ripe is the first decision that is held and that somebody has spoken on, or that has become too old; nil if none.
func (it *Item) Ripe(now time.Time) *HeldBack {
	for i := range it.Held {
		if !it.Held[i].next().After(now) {
			return &it.Held[i]
		}
	}
	return nil
}

// Unhold takes a decision out.
func (it *Item) Unhold(decision string) {
	it.Held = slices.DeleteFunc(slices.Clone(it.Held), func(h HeldBack) bool { return h.Decision.ID == decision })
}

// Wait leaves a decision held although somebody released it, and says why.
func (it *Item) Wait(decision, why string) {
	it.Held = slices.Clone(it.Held)
	for i := range it.Held {
		if it.Held[i].Decision.ID == decision {
			it.Held[i].Word, it.Held[i].Note = nil, why
		}
	}
}

// Ends is the record of a decision that leaves the hold without having been let go.
func (h *HeldBack) Ends(account string, ref event.PolicyRef, now time.Time) Record {
	d := &h.Decision
	r := Record{
		Decision: d.ID, Account: account, Person: d.Person, Funnel: d.Funnel, Play: d.Play, Mode: Hold, Policy: ref, At: now,
	}
	if w := h.Word; w != nil {
		r.By = w.By
		r.ended(Declined, fmt.Sprintf("%s dropped it on %s: %s", w.By, stampText(w.At), w.reason()))
		return r
	}
	r.ended(Stale, fmt.Sprintf("it was held, and nobody released it by %s, when its evidence became too old", stampText(h.Until)))
	return r
}

// ended makes the record one of not acting, as a stop that explain shows like any other.
func (r *Record) ended(outcome, why string) {
	r.Outcome, r.Stops, r.Reason = outcome, []Stop{{outcome, why}}, "Nobody was contacted: "+why+"."
}

// Blocked says what keeps a decision held that somebody released: a pause or a breaker, which end. Whatever else stops it
// is about the account or the person, and is final. "" where nothing does.
func (v *Verdict) Blocked() string {
	for _, s := range v.Record.Stops {
		if s.Outcome == Paused || s.Outcome == Broken {
			return s.Why
		}
	}
	return ""
}

// Released says in a verdict's record who let it go; beside what explain shows of it, too: whom it went to, or what stopped
// it all the same.
func (v *Verdict) Released(w *Word) {
	r := &v.Record
	said := fmt.Sprintf("%s released it on %s: %s", w.By, stampText(w.At), w.reason())
	r.By, r.Reason = w.By, said+". "+r.Reason
	switch {
	case len(r.Stops) > 0:
		r.Stops[0].Why += ", although " + said
	case r.Choice != nil:
		r.Choice.Why += "; " + said
	}
}
