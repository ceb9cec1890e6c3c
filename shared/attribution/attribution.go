// Package attribution divides the money of a conversion among the touches of its journey, by eight models side by side.
// It is pure and exact: whole minor units and integer weights, no clock and no floats, so two machines agree on every
// cent. For each model the credits and the unattributed line sum to the amount, whatever the amount's sign.
//
// The result depends on the set of touches only: not on their order, nor on how often each is given.
package attribution

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/touch"
)

// The models.
const (
	First         = "first"           // all to the first touch
	Last          = "last"            // all to the last touch
	LastNonDirect = "last_non_direct" // all to the last touch that is not direct traffic; to the last where all are
	Linear        = "linear"          // 1/n each
	TimeDecay     = "time_decay"      // 2^(-age/half-life), normalised
	UShaped       = "u_shaped"        // first 40, lead creation (the last where unknown) 40, the others share 20
	WShaped       = "w_shaped"        // first, lead creation, opportunity creation 30 each, the others share 10
	FullPath      = "full_path"       // those three and the closing touch 22.5 each, the others share 10
)

// Names lists the models in the order in which they are shown.
var Names = []string{First, Last, LastNonDirect, Linear, TimeDecay, UShaped, WShaped, FullPath}

// Touch is what the models need of a touch. Models.Read makes one.
type Touch struct {
	Time      int64 // unix milliseconds
	ID        touch.ID
	Revision  int
	Withdrawn bool
	Subject   string
	Channel   string
	Campaign  string
	Credited  bool // may be given credit; otherwise it only marks a milestone
	Direct    bool
	Visit     bool // an arrival on the site: one visit makes many
	Lead      bool // of a kind that makes a person a lead
}

func (t *Touch) compare(o *Touch) int {
	return cmp.Or(cmp.Compare(t.Time, o.Time), bytes.Compare(t.ID[:], o.ID[:]))
}

// Attribution is the outcome for one revision of a conversion.
type Attribution struct {
	Conversion  event.Conversion
	Digest      string // of everything that the credits depend on: 32 hex characters
	Touches     []Touch
	Lead        int // index into Touches of the lead-creation touch, -1 where unknown
	Opportunity int // likewise the opportunity-creation touch
	// Shares has, per model, the minor units of each of Touches; nil where no touch can bear the amount and all of it
	// is unattributed.
	Shares map[string][]int64
}

// Attribute divides a conversion's amount among the touches of its look-back: [time - look-back, time]. Touches
// outside it, and those that Read refused, may be given and change nothing.
func (m *Models) Attribute(c event.Conversion, touches []Touch) *Attribution {
	j := m.journey(&c, touches)
	a := &Attribution{Conversion: c, Touches: j.touches, Lead: j.lead, Opportunity: j.opportunity, Shares: make(map[string][]int64, len(m.names))}
	for _, name := range m.names {
		a.Shares[name] = split(c.Amount.Minor, m.weights(name, j))
	}
	a.Digest = m.digest(j)
	return a
}

// journey is the ordered list of touches that may bear credit, and where the milestones fall on it.
type journey struct {
	conversion  *event.Conversion
	touches     []Touch
	leadMark    *Touch // the touch by which the account's first lead came to be
	lead        int
	opportunity int
}

func (m *Models) journey(c *event.Conversion, touches []Touch) *journey {
	until := c.Time.UnixMilli()
	from := c.Time.Add(-m.LookBack(c.Type)).UnixMilli()
	all := latest(touches)
	all = slices.DeleteFunc(all, func(t Touch) bool { return t.Withdrawn || t.Time < from || t.Time > until })
	j := &journey{conversion: c, touches: make([]Touch, 0, len(all)), lead: -1, opportunity: -1}
	visits := map[[3]string]int64{} // when a subject last came by a channel and campaign
	for i := range all {
		t := &all[i]
		if t.Lead && j.leadMark == nil {
			j.leadMark = t
		}
		if !t.Credited {
			continue
		}
		if t.Visit && m.visitGap > 0 {
			key := [3]string{t.Subject, t.Channel, t.Campaign}
			before, seen := visits[key]
			visits[key] = t.Time
			if seen && t.Time-before <= m.visitGap {
				continue
			}
		}
		j.touches = append(j.touches, *t)
	}
	// A milestone is borne by the touch that brought it about: the milestone's own, if it may be credited, else the
	// last before it. One that nothing in the look-back precedes is unknown.
	if j.leadMark != nil {
		j.lead = j.lastWhere(func(t *Touch) bool { return t.compare(j.leadMark) <= 0 })
	}
	if !c.Created.IsZero() {
		created := c.Created.UnixMilli()
		j.opportunity = j.lastWhere(func(t *Touch) bool { return t.Time <= created })
	}
	return j
}

// latest orders touches by (time, id) and keeps of each id the highest revision; between equal revisions the one that
// was not withdrawn, so that a moved touch counts where it stands now.
func latest(touches []Touch) []Touch {
	best := make(map[touch.ID]*Touch, len(touches))
	for i := range touches {
		t := &touches[i]
		if b := best[t.ID]; b == nil || supersedes(t, b) {
			best[t.ID] = t
		}
	}
	out := make([]Touch, 0, len(best))
	for _, t := range best {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Touch) int { return a.compare(&b) })
	return out
}

func supersedes(t, o *Touch) bool {
	if t.Revision != o.Revision {
		return t.Revision > o.Revision
	}
	if t.Withdrawn != o.Withdrawn {
		return o.Withdrawn
	}
	// The same touch under two subjects of one account: any fixed choice will do.
	return cmp.Or(cmp.Compare(t.Time, o.Time), cmp.Compare(t.Subject, o.Subject)) < 0
}

// lastWhere is the index of the last touch that holds, -1 if none does.
func (j *journey) lastWhere(holds func(*Touch) bool) int {
	for i := len(j.touches) - 1; i >= 0; i-- {
		if holds(&j.touches[i]) {
			return i
		}
	}
	return -1
}

// Window is the span of time whose touches may be credited for a conversion: from inclusive, until exclusive.
func (m *Models) Window(c *event.Conversion) (from, until time.Time) {
	return c.Time.Add(-m.LookBack(c.Type)), c.Time.Add(time.Millisecond)
}
