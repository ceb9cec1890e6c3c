package policy

import (
	"maps"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// moved is a view whose facts hold the moves of its people as if they were touches: rules and plays ask for
// champion_left and champion_arrived as for any other. They are in no stored facts, since a link that comes late takes
// them back.
func (p *Policy) moved(v *account.View) *account.View {
	if len(v.Moves) == 0 {
		return v
	}
	facts := *v.Facts
	facts.First, facts.Last = maps.Clone(facts.First), maps.Clone(facts.Last)
	facts.Rules = make(map[string][]account.Element, len(v.Facts.Rules)+1)
	for rule, els := range v.Facts.Rules {
		facts.Rules[rule] = slices.Clone(els)
	}
	var scratch []account.Keep
	for _, m := range v.Moves {
		// It names no subject, so nobody becomes a member by it.
		t := touch.Touch{ID: m.ID, Time: time.UnixMilli(m.Time).UTC(), Kind: touch.ChampionArrived}
		if m.Left {
			t.Kind = touch.ChampionLeft
		}
		_, scratch = facts.Absorb(&t, subject.Heard{}, p.Memory(), scratch)
	}
	facts.LastDay = v.Facts.LastDay // to go is no sign of life
	out := *v
	out.Facts = &facts
	return &out
}
