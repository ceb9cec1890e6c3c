package scoring

import "handoff/shared/condition"

// Points appends what each rule gives now, in the policy's order, fit before interest, before any cap.
func (m *Model) Points(f *condition.Frame, dst []int64) []int64 {
	for g := range m.groups {
		for i := range m.groups[g].rules {
			dst = append(dst, m.groups[g].rules[i].value(f))
		}
	}
	return dst
}
