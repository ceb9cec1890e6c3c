package scoring

import (
	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
)

// Groups are the two sides of a score, as explanations name them.
var Groups = [2]string{"fit", "interest"}

// Model is a compiled Config. It is immutable.
type Model struct {
	groups    [2]group
	total     int64
	bands     []Band
	signals   []signal
	playbooks []playbook

	committee  *condition.Committee
	checklists []condition.Checklist
}

type group struct {
	rules     []rule
	high, cap int64
}

type rule struct {
	name    string
	points  int64
	test    condition.Test
	counted bool // of touches: the rest applies
	slot    condition.Slot
	times   int   // counted at most
	least   int   // needed within the window
	within  int64 // ms; 0: no window
	decay   int64 // hours
	curve   *Curve
}

// Score fills in the frame's points, band, quadrant and playbooks; signals come before. It allocates nothing.
func (m *Model) Score(f *condition.Frame) {
	var sum [2]int64
	for g := range m.groups {
		sum[g] = m.groups[g].points(f)
	}
	f.Fit, f.Interest = sum[0], sum[1]
	f.Score = min(sum[0]+sum[1], m.total)
	f.Band = m.Band(f.Score)
	f.Quadrant = 0
	if f.Fit >= m.groups[0].high {
		f.Quadrant |= 2
	}
	if f.Interest >= m.groups[1].high {
		f.Quadrant |= 1
	}
	f.PQL = 0
	for i := range m.playbooks {
		if m.playbooks[i].holds(f) {
			f.PQL |= 1 << i
		}
	}
}

// points are what the rules of a group come to.
func (g *group) points(f *condition.Frame) (sum int64) {
	for i := range g.rules {
		sum += g.rules[i].value(f)
	}
	return min(sum, g.cap)
}

// Band is the index of the band a score is in; what is below the last band's bound is in it too.
func (m *Model) Band(score int64) int {
	for i, b := range m.bands {
		if score >= b.From {
			return i
		}
	}
	return len(m.bands) - 1
}

// value is the points a rule gives now.
func (r *rule) value(f *condition.Frame) int64 {
	if !r.test.Holds(f) {
		return 0
	}
	if !r.counted {
		return r.points
	}
	els := r.fresh(f)
	if r.curve == nil {
		return r.points * int64(len(els))
	}
	var sum int64
	for i := range els {
		sum += r.curve.Points(r.points, age(f, els[i]))
	}
	return sum
}

// fresh are the touches that count: the latest ones that lie in the window.
func (r *rule) fresh(f *condition.Frame) []account.Element {
	els := f.Elements(r.slot)
	n := 0
	for n < len(els) && n < r.times && (r.within == 0 || f.AsOf-els[n].Time <= r.within) {
		n++
	}
	return els[:n]
}

// evidence is fresh, or all that at_least asked for where that is more.
func (r *rule) evidence(f *condition.Frame) []account.Element {
	return f.Elements(r.slot)[:max(len(r.fresh(f)), r.least)]
}

// age is in whole hours; what lies ahead of the hour of evaluation is new.
func age(f *condition.Frame, e account.Element) int64 {
	return max(0, (f.AsOf-e.Time)/condition.HourMS)
}

// Timed appends the questions of signals, rules and playbooks whose answer time alone can change.
func (m *Model) Timed(dst []*condition.Test) []*condition.Test {
	for i := range m.signals {
		dst = m.signals[i].test.Timed(dst)
	}
	for g := range m.groups {
		dst = m.groups[g].timed(dst)
	}
	for i := range m.playbooks {
		dst = m.playbooks[i].timed(dst)
	}
	return dst
}

func (g *group) timed(dst []*condition.Test) []*condition.Test {
	for i := range g.rules {
		dst = g.rules[i].test.Timed(dst)
	}
	return dst
}

// Next is the first hour after the frame's, in unix milliseconds, at which touches that count for a rule fade or leave
// its window; its questions are Timed.
func (m *Model) Next(f *condition.Frame) int64 {
	next := int64(condition.Never)
	for g := range m.groups {
		next = min(next, m.groups[g].next(f))
	}
	for i := range m.playbooks {
		for g := range m.playbooks[i].parts {
			next = min(next, m.playbooks[i].parts[g].next(f))
		}
	}
	return next
}

func (g *group) next(f *condition.Frame) int64 {
	next := int64(condition.Never)
	for i := range g.rules {
		if r := &g.rules[i]; r.counted {
			next = min(next, r.next(f))
		}
	}
	return next
}

func (r *rule) next(f *condition.Frame) int64 {
	next := int64(condition.Never)
	// The window closes on the oldest that counts first, and a touch ahead of the hour begins to age with its own.
	for _, e := range r.fresh(f) {
		if r.within != 0 {
			next = min(next, (floorHour(e.Time+r.within)+1)*condition.HourMS)
		}
		if r.curve != nil {
			if at, ok := r.curve.NextChange(r.points, age(f, e)); ok {
				next = min(next, (ceilHour(e.Time)+at)*condition.HourMS)
			}
		}
	}
	return next
}

func floorHour(ms int64) int64 {
	if ms < 0 {
		return -((-ms + condition.HourMS - 1) / condition.HourMS)
	}
	return ms / condition.HourMS
}

func ceilHour(ms int64) int64 { return -floorHour(-ms) }

// Explain says which rules gave how many points and why, in the policy's order, which did not, and what they wanted to
// know. The points, with those a cap takes off, sum to the score.
func (m *Model) Explain(f *condition.Frame) (fired []event.Contribution, not, unknown []string) {
	for g := range m.groups {
		unknown = m.groups[g].unknown(f, unknown)
		fired, not = m.groups[g].explain(f, within{m}, Groups[g], fired, not)
	}
	if over := m.groups[0].points(f) + m.groups[1].points(f) - m.total; over > 0 {
		fired = append(fired, capped("total", over, m.total))
	}
	for i := range m.signals {
		unknown = m.signals[i].test.Unknown(f, unknown)
	}
	for i := range m.playbooks {
		unknown = m.playbooks[i].unknown(f, unknown)
	}
	return fired, not, unknown
}

// explain appends which rules of the group gave how many points and why, with those its cap takes off, and which none.
func (g *group) explain(f *condition.Frame, d condition.Derived, name string, fired []event.Contribution, not []string) ([]event.Contribution, []string) {
	sum := int64(0)
	for i := range g.rules {
		r := &g.rules[i]
		points := r.value(f)
		if points == 0 {
			not = append(not, r.name)
			continue
		}
		sum += points
		fired = append(fired, r.contribution(f, d, name, points))
	}
	if over := sum - g.cap; over > 0 {
		fired = append(fired, capped(name, over, g.cap))
	}
	return fired, not
}

func (g *group) unknown(f *condition.Frame, dst []string) []string {
	for i := range g.rules {
		dst = g.rules[i].test.Unknown(f, dst)
	}
	return dst
}

// Playbooks says how the playbooks that give points come to their scores.
func (m *Model) Playbooks(f *condition.Frame) []event.Playbook {
	var out []event.Playbook
	for i := range m.playbooks {
		if e := m.playbooks[i].explain(f, within{m}, f.PQL>>i&1 == 1); e != nil {
			out = append(out, *e)
		}
	}
	return out
}
