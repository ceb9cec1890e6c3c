package report

import (
	"cmp"
	"slices"
	"time"

	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/touch"
)

// Unfit counts the answers of the teams' tools that changed nothing, since no handoff was open that they could mean: a
// CRM that names another play than the one that is open answers nobody's clock.
type Unfit struct {
	Count   int         `json:"count"`    // fit no handoff, by Plays
	Plays   []UnfitPlay `json:"plays"`    // most answers first
	TooLate int         `json:"too_late"` // not in Count: their handoff was closed before
}

// UnfitPlay is how many of them name a play; "" where they name none.
type UnfitPlay struct {
	Play     string `json:"play"`
	Count    int    `json:"count"`
	Accounts int    `json:"accounts"`
}

// UnfitAnswer is one of them.
type UnfitAnswer struct {
	Touch string    `json:"touch"`
	Kind  string    `json:"kind"` // first_outreach
	Play  string    `json:"play,omitempty"`
	By    string    `json:"by,omitempty"`
	At    time.Time `json:"at"` // its own time
	Why   string    `json:"why"`
	late  bool
	of    string // account
}

// heardAnswers is what route made of answers. One that came before its handoff may have been taken since, by a later row
// of the same touch.
type heardAnswers struct {
	unfit map[string]*UnfitAnswer
	fit   map[string]bool
	kinds map[string]string // of the touches of feedback kinds
}

func newHeardAnswers() heardAnswers {
	return heardAnswers{map[string]*UnfitAnswer{}, map[string]bool{}, map[string]string{}}
}

// touch notes the kind of a touch that answers. An operator's word to reassign is no answer of a team.
func (h *heardAnswers) touch(id, kind string) {
	if kind != touch.HandoffReassign && slices.Contains(touch.FeedbackKinds, kind) {
		h.kinds[id] = kind
	}
}

// row takes a handoff row.
func (h *heardAnswers) row(row *ledger.Row, r *routing.Record) {
	switch r.Outcome {
	case routing.Unmatched, routing.Early, routing.TooLate:
		h.unfit[r.Touch] = &UnfitAnswer{Touch: r.Touch, Play: r.Play, By: r.By, At: row.Time, Why: r.Reason, late: r.Outcome == routing.TooLate, of: r.Account}
	default:
		h.fit[r.Touch] = true
	}
}

// left are the answers that fit no handoff, or came too late for it, by time.
func (h *heardAnswers) left() []UnfitAnswer {
	out := []UnfitAnswer{}
	for id, a := range h.unfit {
		if a.Kind = h.kinds[id]; a.Kind != "" && !h.fit[id] {
			out = append(out, *a)
		}
	}
	slices.SortFunc(out, func(a, b UnfitAnswer) int { return cmp.Or(a.At.Compare(b.At), compare(a.Touch, b.Touch)) })
	return out
}

// count sums them up.
func (h *heardAnswers) count() Unfit {
	out := Unfit{Plays: []UnfitPlay{}}
	plays, met := map[string]*UnfitPlay{}, map[[2]string]bool{}
	for _, a := range h.left() {
		if a.late {
			out.TooLate++
			continue
		}
		out.Count++
		p := plays[a.Play]
		if p == nil {
			p = &UnfitPlay{Play: a.Play}
			plays[a.Play] = p
		}
		p.Count++
		if of := [2]string{a.Play, a.of}; !met[of] {
			met[of] = true
			p.Accounts++
		}
	}
	for _, p := range plays {
		out.Plays = append(out.Plays, *p)
	}
	slices.SortFunc(out.Plays, func(a, b UnfitPlay) int { return cmp.Or(cmp.Compare(b.Count, a.Count), compare(a.Play, b.Play)) })
	return out
}

// beside are the answers that fit no handoff and came while one was open that nobody has reached out for.
func (h *heardAnswers) beside(handoffs []Past) []UnfitAnswer {
	var since time.Time
	for _, p := range handoffs {
		if waits := p.State == string(routing.Open) || p.State == string(routing.Accepted); waits && (since.IsZero() || p.OpenedAt.Before(since)) {
			since = p.OpenedAt
		}
	}
	if since.IsZero() {
		return nil
	}
	return slices.DeleteFunc(h.left(), func(a UnfitAnswer) bool { return a.late || a.At.Before(since) })
}
