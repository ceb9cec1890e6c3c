package account

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Compare orders elements by (Time, ID).
func (e Element) Compare(o Element) int {
	if e.Time != o.Time {
		if e.Time < o.Time {
			return -1
		}
		return 1
	}
	return bytes.Compare(e.ID[:], o.ID[:])
}

// Of is the element a touch is kept as.
func Of(t *touch.Touch) Element { return Element{Time: t.Time.UnixMilli(), ID: t.ID} }

// Day is the number of days since 1970, UTC, of a time in unix milliseconds.
func Day(ms int64) int32 {
	const day = 24 * 60 * 60 * 1000
	d := ms / day
	if ms%day < 0 {
		d--
	}
	return int32(d)
}

// Absorb joins one touch into the facts and reports whether that changed anything. It depends on nothing but the touch,
// how it is heard and the memory, and absorbing twice, or in another order, gives the same facts. scratch is reused
// between calls.
func (f *Facts) Absorb(t *touch.Touch, as subject.Heard, mem Memory, scratch []Keep) (changed bool, _ []Keep) {
	if touch.Kept(t.Kind) {
		return false, scratch // what an operator sets right is nothing that anybody did
	}
	if as.Below && t.Kind == touch.AccountEnriched {
		return false, scratch // asked only if the company stood for itself before it was mapped: that is a matter of order
	}
	el := Of(t)
	day := Day(el.Time)
	if f.LastDay < day && t.Kind != touch.AccountEnriched { // an answer to our own question is no sign of life
		f.LastDay, changed = day, true
	}
	scratch = mem.Match(t, scratch[:0])
	for _, k := range scratch {
		switch {
		case k.Usage:
			changed = f.Days.add(day) || changed
		case k.Milestone:
			changed = f.mark(k.Name, el) || changed
		default:
			changed = f.keep(k.Name, k.K, el) || changed
		}
	}
	for _, field := range CompanyFields {
		if v := t.Company[field]; v != "" {
			changed = register(f.of(as.Below), field, Register{Value: v, Element: el}) || changed
		}
	}
	if t.Kind == touch.AccountEnriched {
		// That the question was answered, even with "unknown", ends the wait for it.
		changed = register(&f.Company, enriched, Register{Value: "yes", Element: el}) || changed
	}
	for _, id := range subject.Named(t) {
		if subject.IsPerson(id) && !slices.Contains(as.Parted, id) {
			var c bool
			f.People, c = active(f.People, Active{ID: id, Day: day}, MaxPeople)
			changed = changed || c
		}
	}
	if id := DealOf(t); id != "" {
		var c bool
		if subject.KindOf(id) == subject.Opportunity {
			f.Opportunities, c = active(f.Opportunities, Active{ID: id, Day: day}, MaxOpportunities)
		} else {
			f.Invoices, c = active(f.Invoices, Active{ID: id, Day: day}, MaxInvoices)
		}
		changed = changed || c
	}
	return changed, scratch
}

// enriched is the register that says the provider chain has answered.
const enriched = "enriched"

// Enriched reports whether the provider chain has answered for this account.
func (f *Facts) Enriched() bool { return f.Company[enriched].Value != "" }

// Field is a firmographic, "" while unknown.
func (f *Facts) Field(name string) string {
	r, _ := f.Said(name)
	return r.Value
}

// Said is what was last said of a firmographic. What is said of the account itself stands before all that is said of
// companies that count for it, however late that is: the size of a subsidiary is not that of its parent. Only where
// nothing is said of the account, theirs is what is known.
func (f *Facts) Said(name string) (r Register, ok bool) {
	if r, ok = f.Company[name]; !ok {
		r, ok = f.Below[name]
	}
	return r, ok
}

// DealOf is the subject whose registers a touch writes as a deal: the opportunity, or the invoice it is about.
func DealOf(t *touch.Touch) string {
	switch {
	case t.Opportunity == nil:
		return ""
	case t.Opportunity.ID != "":
		return t.Opportunity.ID
	default:
		return t.Opportunity.Invoice
	}
}

// keep inserts into a rule's latest k, newest first.
func (f *Facts) keep(rule string, k int, el Element) bool {
	els := f.Rules[rule]
	i, found := slices.BinarySearchFunc(els, el, func(a, b Element) int { return b.Compare(a) })
	if found || i >= k {
		return false
	}
	els = slices.Insert(els, i, el)
	if len(els) > k {
		els = els[:k]
	}
	if f.Rules == nil {
		f.Rules = make(map[string][]Element, 8)
	}
	f.Rules[rule] = els
	return true
}

// mark moves a milestone's first earlier and its last later.
func (f *Facts) mark(name string, el Element) (changed bool) {
	if f.First == nil {
		f.First, f.Last = make(map[string]Element, 8), make(map[string]Element, 8)
	}
	if have, ok := f.First[name]; !ok || el.Compare(have) < 0 {
		f.First[name], changed = el, true
	}
	if have, ok := f.Last[name]; !ok || el.Compare(have) > 0 {
		f.Last[name], changed = el, true
	}
	return changed
}

// register lets the last write by (time, id) win; at the very same element, the greater value, so that order never
// decides.
func register(set *map[string]Register, field string, r Register) bool {
	if *set == nil {
		*set = make(map[string]Register, 8)
	}
	return Write(*set, field, r)
}

// of is the registers of the account itself, or of companies below.
func (f *Facts) of(below bool) *map[string]Register {
	if below {
		return &f.Below
	}
	return &f.Company
}

// Write joins one register into a set and reports whether it changed.
func Write(set map[string]Register, field string, r Register) bool {
	if have, ok := set[field]; ok {
		c := r.Element.Compare(have.Element)
		if c < 0 || c == 0 && strings.Compare(r.Value, have.Value) <= 0 {
			return false
		}
	}
	set[field] = r
	return true
}

// active joins one subject's day into the latest k, ordered by day, newest first, then by id.
func active(list []Active, a Active, k int) ([]Active, bool) {
	for i, have := range list {
		if have.ID == a.ID {
			if a.Day <= have.Day {
				return list, false
			}
			list = slices.Delete(list, i, i+1)
			break
		}
	}
	i, _ := slices.BinarySearchFunc(list, a, func(x, y Active) int {
		if x.Day != y.Day {
			return int(y.Day) - int(x.Day)
		}
		return strings.Compare(x.ID, y.ID)
	})
	if i >= k {
		return list, false
	}
	list = slices.Insert(list, i, a)
	if len(list) > k {
		list = list[:k]
	}
	return list, true
}

// Join adds all of o and reports whether that changed anything. keep tells each rule's K under the fold policy both were
// made with.
func (f *Facts) Join(o *Facts, keep func(rule string) int) bool {
	changed := false
	if f.LastDay < o.LastDay {
		f.LastDay, changed = o.LastDay, true
	}
	for rule, els := range o.Rules {
		for _, el := range els {
			changed = f.keep(rule, keep(rule), el) || changed
		}
	}
	for name, el := range o.First {
		changed = f.mark(name, el) || changed
	}
	for name, el := range o.Last {
		changed = f.mark(name, el) || changed
	}
	for field, r := range o.Company {
		changed = register(&f.Company, field, r) || changed
	}
	for field, r := range o.Below {
		changed = register(&f.Below, field, r) || changed
	}
	before := f.Days
	f.Days.Join(o.Days)
	changed = changed || before != f.Days
	var c bool
	for _, a := range o.People {
		f.People, c = active(f.People, a, MaxPeople)
		changed = changed || c
	}
	for _, a := range o.Opportunities {
		f.Opportunities, c = active(f.Opportunities, a, MaxOpportunities)
		changed = changed || c
	}
	for _, a := range o.Invoices {
		f.Invoices, c = active(f.Invoices, a, MaxInvoices)
		changed = changed || c
	}
	return changed
}

// Empty reports whether the facts say nothing.
func (f *Facts) Empty() bool {
	return f.LastDay == 0 && len(f.Rules) == 0 && len(f.First) == 0 && len(f.Company) == 0 && len(f.Below) == 0 && len(f.People) == 0 && len(f.Opportunities) == 0 && len(f.Invoices) == 0
}

// HourOf cuts a time to the whole hour, UTC: the grain of every evaluation.
func HourOf(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }
