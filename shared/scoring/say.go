package scoring

import (
	"cmp"
	"slices"

	"handoff/shared/condition"
)

// SaySignal says what the signals of the mask are inferred from.
func (m *Model) SaySignal(f *condition.Frame, mask uint64, s *condition.Speech) {
	for i := range m.signals {
		if mask>>i&1 == 1 {
			m.signals[i].test.Say(f, within{m}, s)
		}
	}
}

// SayScore says what the score rests on, what somebody did before what the company is.
func (m *Model) SayScore(f *condition.Frame, s *condition.Speech) {
	for g := len(m.groups) - 1; g >= 0; g-- {
		m.groups[g].say(f, within{m}, s)
	}
}

// SayPQL says why the playbooks of the mask hold.
func (m *Model) SayPQL(f *condition.Frame, mask uint64, s *condition.Speech) {
	for i := range m.playbooks {
		if b := &m.playbooks[i]; mask>>i&1 == 1 && b.holds(f) {
			b.when.Say(f, within{m}, s)
			if !b.scored {
				continue
			}
			for g := len(b.parts) - 1; g >= 0; g-- {
				b.parts[g].say(f, within{m}, s)
			}
		}
	}
}

// say says what gives points, the most first.
func (g *group) say(f *condition.Frame, d condition.Speaker, s *condition.Speech) {
	var gives []*rule
	for i := range g.rules {
		if g.rules[i].value(f) > 0 {
			gives = append(gives, &g.rules[i])
		}
	}
	slices.SortStableFunc(gives, func(a, b *rule) int { return cmp.Compare(b.value(f), a.value(f)) })
	for _, r := range gives {
		if r.counted {
			s.Add(r.test.Touched(f, r.evidence(f)))
		} else {
			r.test.Say(f, d, s)
		}
	}
}

func (w within) SaySignal(f *condition.Frame, mask uint64, s *condition.Speech) {
	w.m.SaySignal(f, mask, s)
}
func (within) SayScore(*condition.Frame, *condition.Speech)       {}
func (within) SayPQL(*condition.Frame, uint64, *condition.Speech) {}
