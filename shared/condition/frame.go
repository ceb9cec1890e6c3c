package condition

import (
	"math"

	"handoff/shared/account"
)

// HourMS is one hour in milliseconds.
const HourMS = 60 * 60 * 1000

// Never is the hour at which nothing changes.
const Never = math.MaxInt64

// Plan is what all tests of a policy read: it is fixed once they are compiled.
type Plan struct {
	Rules      []Selector // the latest K of each
	Milestones []Selector // first and last
	Activity   int        // index into Milestones: signs of life
	statics    int        // answers that depend on fields and deals alone, remembered per frame
}

// Frame is one account's view laid out for tests, and what has been made of it so far. A frame is reused: Load resets
// it. It is not safe for concurrent use.
type Frame struct {
	View *account.View
	AsOf int64 // unix milliseconds, whole hours

	rules  [][]account.Element
	last   []account.Element // zero where never reached
	static []answer
	turns  []int64 // midnights at which answers about active days turn; 0: not looked for yet

	activity int // milestone
	// Filled in by the evaluator, in this order.
	Customer             bool
	Signals              uint64
	Fit, Interest, Score int64
	Band, Quadrant       int
	PQL                  uint64
	Motion               int
	Stages               [MaxFunnels]int   // Outside for a funnel that the account is not in
	Since                [MaxFunnels]int64 // the newest evidence by which it stands there, unix ms; of stages with an sla
	Due                  [MaxFunnels]int64 // the first hour at which that is older than the sla; Never without one

	// Brief is room for a Cause of which nothing but Newest is asked, so that finding it allocates nothing.
	Brief Cause
}

// Outside is the stage of an account that is not in a funnel: no mask of stages has it.
const Outside = MaxNames

// MaxFunnels is how many funnels may be active at once.
const MaxFunnels = 8

type answer uint8

const (
	unasked answer = iota
	yes
	no
)

// Load lays a view out.
func (f *Frame) Load(p *Plan, v *account.View) {
	f.View = v
	f.activity = p.Activity
	f.AsOf = v.AsOf.UnixMilli()
	f.rules = f.rules[:0]
	f.last = f.last[:0]
	for i := range p.Rules {
		f.rules = append(f.rules, v.Facts.Rules[p.Rules[i].Name])
	}
	for i := range p.Milestones {
		f.last = append(f.last, v.Facts.Last[p.Milestones[i].Name])
	}
	if cap(f.static) < p.statics {
		f.static, f.turns = make([]answer, p.statics), make([]int64, p.statics)
	}
	f.static, f.turns = f.static[:p.statics], f.turns[:p.statics]
	clear(f.static)
	clear(f.turns)
}

// Elements are a selector's latest, newest first.
func (f *Frame) Elements(slot Slot) []account.Element {
	if slot.milestone {
		if f.last[slot.at].Time == 0 && f.last[slot.at].ID == (account.Element{}).ID {
			return nil
		}
		return f.last[slot.at : slot.at+1]
	}
	return f.rules[slot.at]
}

// Reached is a milestone's latest element; ok is false where it was never reached.
func (f *Frame) Reached(milestone int) (account.Element, bool) {
	e := f.last[milestone]
	return e, e != account.Element{}
}

// SignOfLife is the latest touch that ends a silence.
func (f *Frame) SignOfLife() (account.Element, bool) { return f.Reached(f.activity) }

// Slot says where a frame holds the elements of a selector.
type Slot struct {
	at        int
	milestone bool
}

// within reports whether something at t is at most span old. What lies ahead of the hour of evaluation counts as new:
// an evaluation's hour is cut down, so the touch that caused it is often minutes ahead.
func (f *Frame) within(t, span int64) bool { return f.AsOf-t <= span }

// PastHour is the first whole hour at which something at t is more than span old, both in milliseconds.
func PastHour(t, span int64) int64 { return pastHour(t, span) }

// pastHour is the first whole hour at which something at t is more than span old.
func pastHour(t, span int64) int64 { return (floorDiv(t+span, HourMS) + 1) * HourMS }

// atHour is the first whole hour not before ms.
func atHour(ms int64) int64 { return -floorDiv(-ms, HourMS) * HourMS }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
