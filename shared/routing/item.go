package routing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/store"
)

// HandoffsSort is the sort key of an account's handoffs item.
const HandoffsSort = "handoffs"

// HandoffsKey is where an account's handoffs stand.
func HandoffsKey(account string) store.Key { return store.Key{Partition: account, Sort: HandoffsSort} }

// TeamKey is where a team's counters stand.
func TeamKey(team string) store.Key { return store.Key{Partition: "team:" + team, Sort: "item"} }

// PlayKey is where a play's switch and breaker stand.
func PlayKey(play string) store.Key { return store.Key{Partition: "play:" + play, Sort: "item"} }

// HandoffKey is where a handoff's id leads to its account. An answer may name the handoff alone, from a tool whose
// contact we never linked; the id must then find the account without telling an e-mail address to the tool.
func HandoffKey(id string) store.Key { return store.Key{Partition: id, Sort: "item"} }

// Pointer is the body at HandoffKey.
type Pointer struct {
	Account string `json:"account"`
}

// Limits of an item. What falls out of Seen is still known by the decision's ledger row.
const (
	maxSeen    = 64
	maxPast    = 32
	maxEarly   = 8
	maxPersons = 32
	maxDrawn   = 32
	// keepEarly is how long an answer waits for its handoff to be heard of.
	keepEarly = 7 * 24 * time.Hour
	// keepDrawn is how long score may take to write down what route was told at the same time: its queue tries for hours,
	// and somebody must replay what it gave up.
	keepDrawn = 7 * 24 * time.Hour
)

// Item is all handoffs of one account: one conditional write, never deleted.
type Item struct {
	Account string `json:"account"`
	// Forward is the account whose item took these slots in when this one stopped standing for itself.
	Forward  string     `json:"forward,omitempty"`
	Seen     []Stamp    `json:"seen,omitempty"`     // decisions acted on, by time
	Slots    []Slot     `json:"slots,omitempty"`    // one per funnel and play, by those; more only while a join is being settled
	Past     []Stamp    `json:"past,omitempty"`     // handoffs whose place another has taken, by time
	Early    []Answer   `json:"early,omitempty"`    // answers that came before their handoff
	Contacts []Contacts `json:"contacts,omitempty"` // by person
	Held     []HeldBack `json:"held,omitempty"`     // decisions of plays on hold, by funnel and play
	// Withdrawn are the words of persons not to be contacted, by when they were heard, until the gates surely know of them.
	Withdrawn []Withdrawal `json:"withdrawn,omitempty"`
	Pending   *Pending     `json:"pending,omitempty"`
}

// Stamp is an id and when it was entered, unix seconds.
type Stamp struct {
	ID string `json:"id"`
	At int64  `json:"at"`
}

// Contacts are the latest times, in unix seconds, at which a person was handed over or enrolled by any play.
type Contacts struct {
	Person string  `json:"person"`
	Times  []int64 `json:"times"`
}

// Pending is what a write decided and nobody has been told yet, frozen: ids, rows, bodies and times. Whoever loads an
// item with it appends the rows, publishes, and clears it.
type Pending struct {
	Since    time.Time        `json:"since"`
	Handoffs []string         `json:"handoffs,omitempty"` // ids that are to lead to this account
	Rows     []ledger.Row     `json:"rows,omitempty"`
	Events   []event.Envelope `json:"events,omitempty"`
}

// Decode reads an item; an empty body is an account without handoffs.
func Decode(account string, body []byte) (*Item, error) {
	it := &Item{Account: account}
	if len(body) == 0 {
		return it, nil
	}
	text, err := unpack(body)
	if err == nil {
		err = json.Unmarshal(text, it)
	}
	if err != nil {
		return nil, fmt.Errorf("handoffs item of %s: %w", account, err)
	}
	return it, nil
}

// Encode writes the item's bytes, equal for equal items: fields in order, slices sorted, no floats, deflated alike.
func (it *Item) Encode() ([]byte, error) {
	b, err := json.Marshal(it)
	if err == nil {
		b, err = pack(b)
	}
	if err != nil {
		return nil, fmt.Errorf("handoffs item of %s: %w", it.Account, err)
	}
	return b, nil
}

// repairAfter is how long a write may take to publish what it decided before the sweep does it.
const repairAfter = 2 * time.Minute

// Due is the unix second at which the sweep has something to do here, 0 for never: the earliest of the slots' next
// times, or the repair of what is pending. Every handoff that holds its place has one, so the time index lists them all.
func (it *Item) Due() int64 {
	var due int64
	add := func(t time.Time) {
		if t.IsZero() {
			return
		}
		s := t.Unix()
		if t.Nanosecond() > 0 {
			s++
		}
		if s = max(s, 1); due == 0 || s < due {
			due = s
		}
	}
	for i := range it.Slots {
		add(it.Slots[i].Next())
	}
	for i := range it.Held {
		add(it.Held[i].next())
	}
	if it.Pending != nil {
		add(it.Pending.Since.Add(repairAfter))
	}
	return due
}

// Knows reports whether a decision was acted on.
func (it *Item) Knows(decision string) bool {
	return slices.ContainsFunc(it.Seen, func(s Stamp) bool { return s.ID == decision })
}

// Slot finds a handoff by its id, nil if it is not here.
func (it *Item) Slot(id string) *Slot {
	for i := range it.Slots {
		if it.Slots[i].ID == id {
			return &it.Slots[i]
		}
	}
	return nil
}

// at finds the place of a funnel and play: the handoff that holds it, else the last that did.
func (it *Item) at(funnel, play string) *Slot {
	var found *Slot
	for i := range it.Slots {
		if s := &it.Slots[i]; s.Funnel == funnel && s.Play == play && (found == nil || s.Holds() && !s.Ending()) {
			found = s
		}
	}
	return found
}

// holder is who of a team holds an open handoff of the account, "" if nobody.
func (it *Item) holder(team string) string {
	for i := range it.Slots {
		if s := &it.Slots[i]; s.Team == team && s.Holds() {
			return s.Owner
		}
	}
	return ""
}

// contacts counts the contacts of one person, by any of the ids, after an instant.
func (it *Item) contacts(ids []string, after time.Time) int {
	n := 0
	for _, c := range it.Contacts {
		if slices.Contains(ids, c.Person) {
			for _, t := range c.Times {
				if t > after.Unix() {
					n++
				}
			}
		}
	}
	return n
}

// put places a new handoff: what stood there becomes past, the decision is seen, the contact counted.
func (it *Item) put(s Slot) {
	it.Forward = ""
	it.Slots = slices.Clone(it.Slots)
	it.Slots = slices.DeleteFunc(it.Slots, func(o Slot) bool {
		gone := o.Funnel == s.Funnel && o.Play == s.Play && !o.Holds()
		if gone {
			it.Past = stamp(it.Past, Stamp{o.ID, s.OpenedAt.Unix()}, maxPast)
		}
		return gone
	})
	it.Slots = append(it.Slots, s)
	sortSlots(it.Slots)
	it.Seen = stamp(it.Seen, Stamp{s.Decision, s.OpenedAt.Unix()}, maxSeen)
	person := cmp.Or(s.Person, s.Account)
	at := s.OpenedAt.Unix()
	for it.contacted(person, at) {
		at++ // times are a set, so that a join may repeat them: two contacts of one second must stay two
	}
	it.Contacts = contact(it.Contacts, Contacts{person, []int64{at}})
}

// contacted reports whether a contact of a person is entered for a second.
func (it *Item) contacted(person string, at int64) bool {
	return slices.ContainsFunc(it.Contacts, func(c Contacts) bool { return c.Person == person && slices.Contains(c.Times, at) })
}

func sortSlots(s []Slot) {
	slices.SortFunc(s, func(a, b Slot) int {
		return cmp.Or(cmp.Compare(a.Funnel, b.Funnel), cmp.Compare(a.Play, b.Play), a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID))
	})
}

// stamp enters one, keeping the latest n by time and id; an id that is there keeps its earlier time.
func stamp(l []Stamp, s Stamp, n int) []Stamp {
	l = slices.Clone(l)
	if i := slices.IndexFunc(l, func(o Stamp) bool { return o.ID == s.ID }); i >= 0 {
		l[i].At = min(l[i].At, s.At)
	} else {
		l = append(l, s)
	}
	slices.SortFunc(l, func(a, b Stamp) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	return l[max(0, len(l)-n):]
}

// contact adds times, keeping the latest per person and the latest contacted persons.
func contact(l []Contacts, c Contacts) []Contacts {
	l = slices.Clone(l)
	i := slices.IndexFunc(l, func(o Contacts) bool { return o.Person == c.Person })
	if i < 0 {
		l, i = append(l, Contacts{Person: c.Person}), len(l)
	}
	times := append(slices.Clone(l[i].Times), c.Times...)
	slices.Sort(times)
	times = slices.Compact(times)
	l[i].Times = times[max(0, len(times)-maxPerPerson):]
	if len(l) > maxPersons {
		last := func(c Contacts) int64 { return c.Times[len(c.Times)-1] }
		slices.SortFunc(l, func(a, b Contacts) int { return cmp.Or(cmp.Compare(last(b), last(a)), cmp.Compare(a.Person, b.Person)) })
		l = l[:maxPersons]
	}
	slices.SortFunc(l, func(a, b Contacts) int { return cmp.Compare(a.Person, b.Person) })
	return l
}

// Has reports whether a handoff is, or was, of this item.
func (it *Item) Has(id string) bool {
	return it.Slot(id) != nil || slices.ContainsFunc(it.Past, func(p Stamp) bool { return p.ID == id })
}
