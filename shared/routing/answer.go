package routing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/touch"
)

// Answer is what a team's tool says of a handoff, taken from a touch of a feedback kind.
type Answer struct {
	Touch   string    `json:"touch"`
	Kind    string    `json:"kind"` // see touch.FeedbackKinds
	At      time.Time `json:"at"`   // the touch's own time
	Handoff string    `json:"handoff,omitempty"`
	Play    string    `json:"play,omitempty"`
	Rep     string    `json:"rep,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	// People are the ids of the person whom the answer is about, where it names neither handoff nor play: of an account's
	// handoffs it means that person's.
	People []string `json:"-"`
	// Revised says that the touch was mapped anew: how it was taken before may have been wrong.
	Revised bool `json:"-"`
}

// Effect is what one change did to an item.
type Effect struct {
	Record Record
	// Slot is the handoff concerned as it is after the change, nil where there is none.
	Slot *Slot
	// Changed says that the item must be written; Released that the slot let go of its place and its team's counter
	// falls by one in the same transaction; Tell which of our events is to be published, "" for none.
	Changed  bool
	Released bool
	Tell     Telling
	To       string  // whom a reminder or an escalation addresses
	Answer   *Answer // what was taken, nil for the clock's
}

// Telling is which event of ours an effect publishes.
type Telling string

// What there is to tell.
const (
	TellNothing   Telling = ""
	TellReminded  Telling = "reminded"
	TellEscalated Telling = "escalated"
	TellClosed    Telling = "closed"
)

// skew is how much earlier than its handoff an answer by play may be dated: tools cut times to the second or minute.
const skew = 5 * time.Minute

// Apply takes an answer. Marks are kept by the answers' own times, so any order of arrival and any number of repeats
// ends in the same state. A closed handoff still takes marks: the first outreach counts in reports whenever it arrives.
func (it *Item) Apply(a Answer, now time.Time) Effect {
	e := Effect{Answer: &a, Record: Record{
		Handoff: a.Handoff, Account: it.Account, Play: a.Play, Touch: a.Touch, By: a.Rep, At: now,
	}}
	s, outcome, why := it.match(a)
	if s == nil {
		e.Record.Outcome, e.Record.Reason = outcome, why
		if outcome == Early {
			e.Changed = !slices.ContainsFunc(it.Early, func(o Answer) bool { return o.Touch == a.Touch })
			it.Early = keep(fresh(it.Early, now), a)
		}
		return e
	}
	s.answer(a, &e)
	return e
}

// match finds the handoff that an answer means.
func (it *Item) match(a Answer) (s *Slot, outcome, why string) {
	if a.Handoff != "" {
		if s := it.Slot(a.Handoff); s != nil {
			return it.goesOn(s, a), "", ""
		}
		if it.Has(a.Handoff) {
			return nil, TooLate, "The handoff was closed and a later one has taken its place."
		}
		return nil, Unmatched, fmt.Sprintf("No handoff %s is known of this account.", a.Handoff)
	}
	var before bool
	var candidates []*Slot
	for i := range it.Slots {
		s := &it.Slots[i]
		switch {
		case a.Play != "" && s.Play != a.Play, s.Nurture && a.Kind != touch.HandoffReceived:
		case a.At.Before(s.OpenedAt.Add(-skew)):
			before = true
		default:
			candidates = append(candidates, s)
		}
	}
	// The handoffs that are held come first, then those that no other stands for, so that an answer which is heard again
	// after both were closed means the same one; then the one opened last.
	slices.SortFunc(candidates, func(x, y *Slot) int {
		return cmp.Or(yes(y.Holds())-yes(x.Holds()), yes(x.followed())-yes(y.followed()), y.OpenedAt.Compare(x.OpenedAt), cmp.Compare(x.ID, y.ID))
	})
	if theirs := slices.DeleteFunc(slices.Clone(candidates), func(s *Slot) bool { return !slices.Contains(a.People, s.Person) }); len(theirs) > 0 {
		candidates = theirs
	}
	held := 0
	for _, c := range candidates {
		held += yes(c.Holds())
	}
	switch {
	case len(candidates) > 0 && (a.Play != "" || held == 1 || len(candidates) == 1):
		return it.goesOn(candidates[0], a), "", ""
	case len(candidates) > 0:
		return nil, Unmatched, fmt.Sprintf("The answer names neither handoff nor play, and the account has %d it could mean.", max(held, len(candidates)))
	case before:
		return nil, Unmatched, "The answer is older than the handoff it could mean."
	case a.Play != "":
		return nil, Early, fmt.Sprintf("No handoff of the play %s is known yet; the answer is kept in case it is on its way.", a.Play)
	}
	return nil, Unmatched, "The answer names neither handoff nor play, and the account has no handoff."
}

// answer puts a mark on the slot and says what came of it.
func (s *Slot) answer(a Answer, e *Effect) {
	held, was := s.Holds(), s.State()
	m := &Mark{At: a.At, Touch: a.Touch, By: a.Rep, Reason: a.Reason}
	place := map[string]**Mark{
		touch.HandoffAccepted: &s.AcceptedM, touch.HandoffRejected: &s.RejectedM, touch.FirstOutreach: &s.OutreachM,
		touch.HandoffCompleted: &s.CompletedM, touch.HandoffReceived: &s.ReceivedM, touch.HandoffRecycled: &s.RecycledM,
	}[a.Kind]
	r := &e.Record
	r.Handoff, r.Decision, r.Person, r.Funnel, r.Play, r.Mode, r.DueAt = s.ID, s.Decision, s.Person, s.Funnel, s.Play, s.Mode, s.DueAt
	e.Slot = s
	if place == nil {
		r.Outcome, r.Reason, r.State = Unmatched, fmt.Sprintf("A touch of kind %s is no answer to a handoff.", a.Kind), was
		return
	}
	said := strings.TrimPrefix(a.Kind, "handoff_")
	first := earlier(*place, m)
	if *place != nil && *first == **place {
		r.Outcome, r.State = Repeated, was
		r.Reason = fmt.Sprintf("It was said before that it was %s, on %s.", said, stampText((*place).At))
		return
	}
	*place, e.Changed = first, true
	if a.Revised && first == m {
		s.giveWay(m)
	}
	if a.Kind == touch.FirstOutreach {
		s.Steps = nil // the clock has stopped
	}
	now := s.State()
	r.Outcome, r.State = said, now
	r.Reason = s.tellAnswer(a, was)
	if !held {
		_, closed := s.closing()
		if closed != nil && a.Kind != touch.HandoffReceived && closed.Touch != a.Touch {
			r.Outcome = TooLate
		}
	}
	e.Released = held && !s.Holds()
	if e.Released {
		s.Steps = nil
	}
	if now != was && !s.Holds() {
		e.Tell = TellClosed
	}
}

// giveWay drops what a touch had closed the handoff as, where it closes it as something else by the mapping of now. What
// no longer closes it leaves it closed: somebody else may have the work by now, and its place was given away.
func (s *Slot) giveWay(m *Mark) {
	closing := []**Mark{&s.CompletedM, &s.RejectedM, &s.RecycledM}
	if !slices.ContainsFunc(closing, func(p **Mark) bool { return *p == m }) {
		return
	}
	for _, p := range closing {
		if *p != nil && *p != m && (*p).Touch == m.Touch {
			*p = nil
		}
	}
}

func (s *Slot) tellAnswer(a Answer, was State) string {
	who := cmp.Or(a.Rep, "the team")
	text := map[string]string{
		touch.HandoffAccepted:  who + " accepted it",
		touch.HandoffRejected:  who + " rejected it",
		touch.HandoffRecycled:  who + " sent it back for later",
		touch.FirstOutreach:    who + " made the first outreach",
		touch.HandoffCompleted: who + " completed it",
		touch.HandoffReceived:  "the destination has received it",
	}[a.Kind]
	if a.Kind == touch.FirstOutreach && !s.DueAt.IsZero() {
		took := a.At.Sub(s.OpenedAt).Truncate(time.Second)
		if a.At.After(s.DueAt) {
			text += fmt.Sprintf(", %s after the deadline", a.At.Sub(s.DueAt).Truncate(time.Second))
		} else {
			text += fmt.Sprintf(" within %s", max(took, 0))
		}
	}
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	if was == Rejected || was == Completed || was == Recycled {
		text += fmt.Sprintf(" (it was %s when this was heard)", was)
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// stampText is a time for a sentence.
func stampText(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 MST") }
