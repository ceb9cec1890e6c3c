package score

import (
	"context"
	"slices"

	"handoff/shared/account"
	"handoff/shared/graph"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// registers writes what a touch says of a person or a deal to that subject's own item, and reports whether it says
// anything: then an evaluation may differ by it. That the item holds it already does not mean that the account was
// evaluated with it: a delivery before this one may have died between the two writes.
func (s *session) registers(ctx context.Context, t *touch.Touch, deal string) (says bool, err error) {
	el := account.Of(t)
	fields := personFields(t)
	parted, err := s.Parted(ctx, t)
	if err != nil {
		return false, err
	}
	if who := subject.StrongestPerson(t, parted...); who != "" && len(fields) > 0 {
		it, err := s.Item(ctx, who)
		if err != nil {
			return false, err
		}
		wrote, said := writePerson(it, fields, el)
		says = said
		if wrote || it.Version == 0 { // who is named by a field is known from then on
			s.mark(it, false)
		}
	}
	if deal != "" {
		it, err := s.Item(ctx, deal)
		if err != nil {
			return false, err
		}
		if writeDeal(it, t) {
			s.mark(it, false)
		}
		says = true
	}
	return says, nil
}

// writePerson joins fields into a person's registers.
func writePerson(it *account.Item, fields map[string]string, el account.Element) (wrote, says bool) {
	if it.Fields == nil {
		it.Fields = map[string]account.Register{}
	}
	for _, f := range personRegisters {
		if v := fields[f]; v != "" && !itself(it.ID, f, v) {
			wrote = account.Write(it.Fields, f, account.Register{Value: v, Element: el}) || wrote
			says = true
		}
	}
	return wrote, says
}

// personRegisters are all that may be written of a person.
var personRegisters = append(slices.Clone(account.PersonFields), graph.OptOut)

// itself tells that a field says no more of an address than the address is. Most touches of a product's users name theirs,
// and each would be a write of its own, as what was said last is kept with its touch.
func itself(who, field, value string) bool {
	return field == "email" && subject.KindOf(who) == subject.Email && value == subject.KeyOf(who)
}

// personFields is what a touch says of its person: the fields it carries, and what its kind means for being contacted.
func personFields(t *touch.Touch) map[string]string {
	said := map[string]string{}
	switch t.Kind {
	case touch.Unsubscribed:
		said["unsubscribed"], said[graph.OptOut] = "true", "true"
	case touch.EmailBounced:
		said["bounced"] = "true"
	case touch.ConsentWithdrawn:
		said["consent"] = "withdrawn"
	case touch.ConsentGiven:
		said["consent"], said["unsubscribed"], said[graph.OptOut] = "given", "false", "false"
	}
	if t.Test {
		said["test"] = "true"
	}
	if len(said) == 0 {
		return t.Person
	}
	for f, v := range t.Person {
		if _, ok := said[f]; !ok {
			said[f] = v
		}
	}
	return said
}

// writeDeal joins a touch into a deal's registers and marks.
func writeDeal(it *account.Item, t *touch.Touch) bool {
	if it.Fields == nil {
		it.Fields, it.Marks = map[string]account.Register{}, map[string]account.Element{}
	}
	if it.Marks == nil {
		it.Marks = map[string]account.Element{}
	}
	el, changed := account.Of(t), false
	set := func(field, v string) {
		if v != "" {
			changed = account.Write(it.Fields, field, account.Register{Value: v, Element: el}) || changed
		}
	}
	mark := func(name string) {
		if have, ok := it.Marks[name]; !ok || el.Compare(have) < 0 {
			it.Marks[name], changed = el, true
		}
	}
	o := t.Opportunity
	status := o.Status
	switch t.Kind {
	case touch.OpportunityWon, touch.InvoicePaid:
		status = "won"
	case touch.OpportunityLost:
		status = "lost"
	}
	set("name", o.Name)
	set("stage", o.Stage)
	set("status", status)
	set("type", o.Type)
	set("owner", o.Owner)
	set("close_date", o.CloseDate)
	for field, v := range o.Answers {
		if account.IsDealField(field) {
			set(field, v)
		}
	}
	switch {
	case t.Kind == touch.RefundIssued && t.Money != nil:
		// A running total per charge or credit note, so whichever order they come in, the latest of each counts once.
		of, _ := t.Props["refund_of"].(string)
		set(graph.Refunded+of, graph.AmountText(*t.Money))
	case o.Amount != nil:
		set("amount", graph.AmountText(*o.Amount))
	case t.Kind == touch.InvoicePaid && t.Money != nil:
		set("amount", graph.AmountText(*t.Money))
	}
	if t.Test {
		set("test", "true")
	}
	mark("created")
	if status == "won" || status == "lost" {
		mark(status)
	}
	return changed
}
