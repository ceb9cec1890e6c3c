package routing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/span"
	"handoff/shared/touch"
)

// State is where a handoff stands. It is always derived from the slot's marks, so the order in which answers arrive
// does not matter.
type State string

// The states. Open, Accepted and Contacted hold the slot; the others have let go of it.
const (
	Open      State = "open"           // offered; the SLA clock runs
	Accepted  State = "accepted"       // a rep took it; the clock still runs
	Contacted State = "first_outreach" // the clock has stopped
	Rejected  State = "rejected"
	Completed State = "completed"
	Recycled  State = "recycled" // nobody finished it in time, or it may no longer be worked
	Enrolled  State = "enrolled" // a nurture: told once, then quiet for the cool-down
)

// Mark is when something happened to a handoff, and by whom. Of two of a kind the earlier by (At, Touch) counts.
type Mark struct {
	At     time.Time `json:"at"`
	Touch  string    `json:"touch,omitempty"`
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// Step is a reminder or an escalation still to come.
type Step struct {
	At time.Time `json:"at"`
	To string    `json:"to"` // whom it addresses
	Up bool      `json:"up,omitempty"`
}

// Slot is one handoff of an account, in the place that its funnel and play give it. What the sweep needs is frozen in
// it, so a policy that changes moves no deadline that somebody was told.
type Slot struct {
	ID          string        `json:"id"`
	Decision    string        `json:"decision"`
	Correlation string        `json:"correlation,omitempty"`
	Account     string        `json:"account"` // it was opened for
	Person      string        `json:"person,omitempty"`
	Funnel      string        `json:"funnel"`
	Play        string        `json:"play"`
	Mode        Mode          `json:"mode"`
	Team        string        `json:"team,omitempty"`
	Owner       string        `json:"owner,omitempty"`
	Reason      string        `json:"reason"` // why now
	Asset       string        `json:"asset,omitempty"`
	Context     event.Context `json:"context"`

	OpenedAt     time.Time `json:"opened_at"`
	DueAt        time.Time `json:"due_at,omitzero"`
	Steps        []Step    `json:"steps,omitempty"` // earliest first
	RecycleAfter span.Span `json:"recycle_after,omitempty"`
	CoolDown     span.Span `json:"cool_down,omitempty"`

	Nurture    bool   `json:"nurture,omitempty"`
	Superseded string `json:"superseded,omitempty"` // the handoff that keeps the place after a join
	TakenOver  string `json:"taken_over,omitempty"` // the handoff of another play that goes on in its stead
	AcceptedM  *Mark  `json:"accepted,omitempty"`
	OutreachM  *Mark  `json:"outreach,omitempty"`
	RejectedM  *Mark  `json:"rejected,omitempty"`
	CompletedM *Mark  `json:"completed,omitempty"`
	RecycledM  *Mark  `json:"recycled,omitempty"`
	ReceivedM  *Mark  `json:"received,omitempty"` // the destination's receipt
	MovedM     *Mark  `json:"moved,omitempty"`    // when it last changed hands, and By whom it was had before
}

// HandoffID is the id of the handoff that a decision makes: the same for every try.
func HandoffID(decision string) string {
	return handoffPrefix + touch.NewID("handoff", "offer", decision, 0).String()
}

// handoffPrefix begins every handoff's id, and by it the functions' roles know the key that leads from it to its account.
const handoffPrefix = "hof_"

// IsHandoff reports whether a text looks like a handoff's id. What an answer names comes from a tool, and only an id of
// ours may be looked up as a key.
func IsHandoff(id string) bool { return strings.HasPrefix(id, handoffPrefix) }

// State derives where the handoff stands. The earliest closing mark by time counts; at one instant completed goes before
// rejected, and what people said before what the clock did.
func (s *Slot) State() State {
	if s.Nurture {
		return Enrolled
	}
	state, _ := s.closing()
	switch {
	case state != "":
		return state
	case s.OutreachM != nil:
		return Contacted
	case s.AcceptedM != nil:
		return Accepted
	}
	return Open
}

func (s *Slot) closing() (state State, m *Mark) {
	for _, c := range [...]struct {
		state State
		mark  *Mark
	}{{Completed, s.CompletedM}, {Rejected, s.RejectedM}, {Recycled, s.RecycledM}} {
		if c.mark != nil && (m == nil || c.mark.At.Before(m.At)) {
			state, m = c.state, c.mark
		}
	}
	return state, m
}

// Holds reports whether the handoff keeps its place: it is open, accepted or contacted.
func (s *Slot) Holds() bool {
	switch s.State() {
	case Open, Accepted, Contacted:
		return true
	}
	return false
}

// Ending reports whether another handoff stands for this one already, and the next look at the item closes it.
func (s *Slot) Ending() bool { return s.Holds() && s.followed() }

// followed reports whether another handoff stands for this one.
func (s *Slot) followed() bool { return s.Superseded != "" || s.TakenOver != "" }

// ClosedAt is when it let go of its place, zero while it holds it.
func (s *Slot) ClosedAt() time.Time {
	if s.Nurture {
		return s.OpenedAt
	}
	if _, m := s.closing(); m != nil {
		return m.At
	}
	return time.Time{}
}

// quietFrom is when the cool-down begins: with the closing, but not before the opening, however a tool's clock dates it.
func (s *Slot) quietFrom() time.Time {
	if at := s.ClosedAt(); at.After(s.OpenedAt) {
		return at
	}
	return s.OpenedAt
}

// CoolUntil is when the play may fire again for the account, zero while the handoff holds its place.
func (s *Slot) CoolUntil() time.Time {
	if s.Holds() {
		return time.Time{}
	}
	return s.quietFrom().Add(s.CoolDown.Duration())
}

// Next is when the clock has something to do, zero if nothing.
func (s *Slot) Next() time.Time {
	if s.Ending() {
		return s.OpenedAt
	}
	switch s.State() {
	case Open, Accepted:
		next := s.recycleAt()
		if len(s.Steps) > 0 && s.Steps[0].At.Before(next) {
			next = s.Steps[0].At
		}
		return next
	case Contacted:
		return s.recycleAt()
	}
	return time.Time{}
}

// recycleAt counts from the opening, and anew from the first outreach.
func (s *Slot) recycleAt() time.Time {
	from := s.OpenedAt
	if s.OutreachM != nil && s.OutreachM.At.After(from) {
		from = s.OutreachM.At
	}
	return from.Add(s.RecycleAfter.Duration())
}

// Late reports whether no outreach came by the deadline, as seen at an instant.
func (s *Slot) Late(at time.Time) bool {
	return !s.DueAt.IsZero() && s.OutreachM == nil && s.Holds() && at.After(s.DueAt)
}

// earlier keeps the earlier of two marks.
func earlier(a, b *Mark) *Mark {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Touch, b.Touch)) <= 0:
		return a
	}
	return b
}

// merge joins the marks of two copies of one handoff.
func (s *Slot) merge(o *Slot) {
	s.AcceptedM = earlier(s.AcceptedM, o.AcceptedM)
	s.OutreachM = earlier(s.OutreachM, o.OutreachM)
	s.RejectedM = earlier(s.RejectedM, o.RejectedM)
	s.CompletedM = earlier(s.CompletedM, o.CompletedM)
	s.RecycledM = earlier(s.RecycledM, o.RecycledM)
	s.ReceivedM = earlier(s.ReceivedM, o.ReceivedM)
	if o.MovedM != nil && (s.MovedM == nil || earlier(s.MovedM, o.MovedM) != o.MovedM) {
		s.Owner, s.MovedM = o.Owner, o.MovedM
	}
	if len(o.Steps) < len(s.Steps) {
		s.Steps = o.Steps
	}
	s.Superseded, s.TakenOver = max(s.Superseded, o.Superseded), max(s.TakenOver, o.TakenOver)
}

// open makes the slot of a decision at the moment of acting.
func open(d *event.Decision, account string, p *Play, mode Mode, c *Choice, s *squad, at time.Time) Slot {
	slot := Slot{
		ID: HandoffID(d.ID), Decision: d.ID, Correlation: d.Correlation, Account: account, Person: d.Person,
		Funnel: p.Funnel, Play: p.Name, Mode: mode, Reason: d.Reason, Asset: cmp.Or(d.Asset, p.assetFor(d.Context.Industry)), Context: d.Context,
		OpenedAt: at, CoolDown: p.CoolDown, Nurture: p.Outcome == Nurture,
	}
	if slot.Nurture {
		return slot
	}
	slot.Team, slot.Owner = c.Team, c.Owner
	cal := s.calendarOf(c.Owner)
	slot.DueAt = cal.Deadline(at, p.SLA)
	slot.RecycleAfter = p.RecycleAfter
	if slot.RecycleAfter <= 0 {
		slot.RecycleAfter = DefaultRecycleAfter
	}
	if p.RemindBefore > 0 {
		slot.Steps = append(slot.Steps, Step{At: cal.Deadline(at, SLA{p.SLA.Span - p.RemindBefore, p.SLA.Working}), To: c.Owner})
	}
	chain := p.EscalateTo
	if len(chain) == 0 {
		chain = s.EscalateTo
	}
	if len(chain) == 0 {
		chain = []string{s.CatchAll}
	}
	for i, to := range chain {
		slot.Steps = append(slot.Steps, Step{At: cal.Deadline(at, SLA{p.SLA.Span * span.Span(i+1), p.SLA.Working}), To: to, Up: true})
	}
	slices.SortStableFunc(slot.Steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return slot
}

// Detail is the slot as our own events tell it.
func (s *Slot) Detail(account string) event.HandoffDetail {
	return event.HandoffDetail{
		Meta: event.Meta{Correlation: s.Correlation, Causation: s.Decision},
		ID:   s.ID, Decision: s.Decision, Account: account, Person: s.Person, Funnel: s.Funnel, Play: s.Play,
		Mode: string(s.Mode), Team: s.Team, Owner: s.Owner, State: string(s.State()), Reason: s.Reason,
		OpenedAt: s.OpenedAt, DueAt: s.DueAt, Asset: s.Asset, Context: s.Context,
	}
}
