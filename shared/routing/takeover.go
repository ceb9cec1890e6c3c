package routing

import (
	"fmt"
	"slices"

	"handoff/shared/touch"
)

// takeOver lets a handoff that was just placed go on in the stead of those that its play takes over: what nobody has
// reached out for yet. An account whose usage spoke for it, and from which somebody now asks for a demo, is one task for
// a rep and not two, and no manager hears of a deadline that the answer to the demo has met. The ones taken over are
// closed by the next look at the item, because their team's counter moves with them.
func (it *Item) takeOver(id string, p *Play) {
	for i := range it.Slots {
		s := &it.Slots[i]
		if s.ID != id && slices.Contains(p.TakesOver, s.Play) && s.Holds() && s.OutreachM == nil && !s.Ending() {
			s.TakenOver = id
		}
	}
}

// takenOver lists the open handoffs that takeOver would end.
func (it *Item) takenOver(p *Play) (plays []string) {
	for i := range it.Slots {
		if s := &it.Slots[i]; slices.Contains(p.TakesOver, s.Play) && s.Holds() && s.OutreachM == nil && !s.Ending() {
			plays = append(plays, s.Play)
		}
	}
	return plays
}

// goesOn is the handoff that an answer to s is about. A rep who reached out after another handoff had taken s over may
// still have named s: the outreach is what that other one waits for. Anything else said of s is about s alone; a task
// that is closed because it stands twice in the CRM rejects nothing.
func (it *Item) goesOn(s *Slot, a Answer) *Slot {
	if o := it.Slot(s.TakenOver); o != nil && a.Kind == touch.FirstOutreach && !a.At.Before(o.OpenedAt) {
		return o
	}
	return s
}

// takenBy is the reason with which a handoff ends that was taken over.
func (s *Slot) takenBy(it *Item) string {
	if o := it.Slot(s.TakenOver); o != nil {
		return fmt.Sprintf("The play %s has taken it over: %s goes on in its stead.", o.Play, o.ID)
	}
	return fmt.Sprintf("Handoff %s goes on in its stead.", s.TakenOver)
}
