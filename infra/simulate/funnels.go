package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"handoff/shared/funnel"
)

// FunnelPair is two funnels whose stages are compared: of one name, or, where the policies have no active funnel of one
// name, in the same place of their lists. A funnel that only one policy has is compared with none.
type FunnelPair struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// ByRoad: they have other names, so a stage counts as changed where the part of the road is another, or where both
	// funnels have both stages.
	ByRoad bool `json:"by_road,omitempty"`
	// How many accounts stand in it, of each policy.
	AccountsBefore int `json:"accounts_before"`
	AccountsAfter  int `json:"accounts_after"`

	shared map[string]bool // stages that both have
}

// funnelPairs says which funnels are compared, in the order of the first policy, then what only the second has.
func funnelPairs(before, after *Side) []FunnelPair {
	b, a := active(before), active(after)
	var out []FunnelPair
	for _, f := range b {
		if named(a, f.Name) != nil {
			out = append(out, FunnelPair{Before: f.Name, After: f.Name})
		}
	}
	none := len(out) == 0
	for i, f := range b {
		if none && i < len(a) {
			p := FunnelPair{Before: f.Name, After: a[i].Name, ByRoad: true, shared: map[string]bool{}}
			for _, s := range f.Stages {
				p.shared[s.Name] = slices.ContainsFunc(a[i].Stages, func(x funnel.Stage) bool { return x.Name == s.Name })
			}
			out = append(out, p)
		} else if none || named(a, f.Name) == nil {
			out = append(out, FunnelPair{Before: f.Name})
		}
	}
	for i, f := range a {
		if none && i >= len(b) || !none && named(b, f.Name) == nil {
			out = append(out, FunnelPair{After: f.Name})
		}
	}
	for i := range out {
		p := &out[i]
		p.AccountsBefore, p.AccountsAfter = before.standIn(p.Before), after.standIn(p.After)
	}
	return out
}

func active(s *Side) (out []*funnel.Funnel) {
	for i := range s.policy.Funnels.Funnels {
		if f := &s.policy.Funnels.Funnels[i]; f.Active {
			out = append(out, f)
		}
	}
	return out
}

func named(funnels []*funnel.Funnel, name string) *funnel.Funnel {
	for _, f := range funnels {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (s *Side) standIn(name string) (n int) {
	for st := range maps.Values(s.standings) {
		if _, ok := st.Stages[name]; ok && name != "" {
			n++
		}
	}
	return n
}

// moved says how an account's stage differs in two funnels; "" where it does not.
func (p *FunnelPair) moved(b, a *Standing) string {
	if p.Before == "" || p.After == "" {
		return "" // nothing to compare it with: that a policy has a funnel more says nothing of an account
	}
	was, in := b.Stages[p.Before]
	now, still := a.Stages[p.After]
	name := p.After
	if p.ByRoad {
		name = p.Before + " → " + p.After + ":"
	}
	switch {
	case was == now || p.ByRoad && in && still && b.roadIn(p.Before) == a.roadIn(p.After) && !(p.shared[was] && p.shared[now]):
		return ""
	case !in:
		return fmt.Sprintf("%s not in it → %s%s", name, now, because(a.placeOf(p.After)))
	case !still:
		return fmt.Sprintf("%s %s → not in it", name, was)
	}
	return fmt.Sprintf("%s %s → %s%s", name, was, now, because(a.placeOf(p.After)))
}

// roadIn is the part of the road on which an account stands in a funnel.
func (s *Standing) roadIn(name string) string {
	for _, p := range s.places {
		if p.Funnel == name {
			return cmp.Or(p.Stage.Road, "none")
		}
	}
	return ""
}
