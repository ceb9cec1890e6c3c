package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/touch"
)

// First finds the touch that an element of the facts is; nil where it is not found.
type First func(account.Element) *touch.Touch

// Packet tells the story of an account for a play that asks for it; nil for the others. e is the view's evaluation.
func (p *Policy) Packet(v *account.View, e *event.Evaluation, play string, first First) *event.Packet {
	if c := p.Play(play); c == nil || !c.Packet {
		return nil
	}
	f := p.frame(v)
	customer := f.Customer
	p.done(f)
	// Who took which part, and what was asked about the deal, is looked at as it stood while the deal was open.
	deals := ranked(v.Deals, customer)
	then := *v
	then.Deals = slices.Clone(deals)
	if len(deals) > 0 {
		then.Deals[0].Status = "open"
	}
	out := &event.Packet{Account: known(v)}
	seats := p.score.Committee(&then)
	for i := range v.People {
		out.People = append(out.People, packetPerson(&v.People[i], seats))
	}
	for i := range deals[:min(len(deals), event.MaxDeals)] {
		d := &deals[i]
		out.Deals = append(out.Deals, event.PacketDeal{ID: d.ID, Name: d.Name, Status: d.Status, Type: d.Type, Stage: d.Stage, Owner: d.Owner,
			Amount: d.Amount, Opened: d.Created.UTC(), Closed: d.Closed.UTC()})
	}
	if len(deals) > 0 {
		for _, field := range account.DealFields {
			if text := strings.TrimSpace(deals[0].Answers[field]); text != "" {
				out.Answers = append(out.Answers, event.PacketAnswer{Field: field, Text: text})
			}
		}
		for _, l := range p.score.Checklists(&then) {
			if l.Deal == deals[0].ID {
				out.Lists = append(out.Lists, l)
			}
		}
	}
	out.History = p.history(v, first)
	out.Open = questions(e, seats, out.Lists)
	return out.Fit()
}

// ranked puts the deal first that a handoff is about: of a customer the one won last, else the one opened last.
func ranked(deals []account.Deal, customer bool) []account.Deal {
	out := slices.Clone(deals)
	ranks := []string{"open", "won", "lost"}
	if customer {
		ranks = []string{"won", "open", "lost"}
	}
	slices.SortStableFunc(out, func(a, b account.Deal) int {
		return cmp.Or(cmp.Compare(slices.Index(ranks, a.Status), slices.Index(ranks, b.Status)),
			b.Closed.Compare(a.Closed), b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// known is what a handoff's context does not have of the company.
func known(v *account.View) map[string]string {
	out := map[string]string{}
	for _, field := range []string{"crm_id", "renewal_date", "technologies", "use_case", "parent"} {
		if s := v.Facts.Field(field); s != "" {
			out[field] = s
		}
	}
	return out
}

func packetPerson(p *account.Person, seats *event.Committee) event.PacketPerson {
	out := event.PacketPerson{ID: p.ID, Name: p.Fields["name"], Title: p.Fields["title"], Email: p.Fields["email"], Phone: p.Fields["phone"]}
	if seats != nil {
		for _, s := range seats.Seats {
			switch {
			case slices.Contains(s.Confirmed, p.ID):
				out.Confirmed = append(out.Confirmed, s.Role)
			case slices.Contains(s.Potential, p.ID):
				out.Potential = append(out.Potential, s.Role)
			}
		}
	}
	var notes []string
	for _, n := range [][3]string{{"unsubscribed", "true", "unsubscribed"}, {"bounced", "true", "mail bounces"}, {"consent", "withdrawn", "consent withdrawn"}} {
		if strings.EqualFold(p.Fields[n[0]], n[1]) {
			notes = append(notes, n[2])
		}
	}
	out.Note = strings.Join(notes, ", ")
	return out
}

// usageDays is how far back the story looks for product use.
const usageDays = 28

// history is how it came to this, from what the facts keep: whence they came, milestones, support, product use.
func (p *Policy) history(v *account.View, first First) []event.PacketLine {
	asOf := v.AsOf.UnixMilli()
	type moment struct {
		account.Element
		texts []string
	}
	var all []moment
	add := func(el account.Element, text string) {
		i := slices.IndexFunc(all, func(m moment) bool { return m.Element == el })
		if i < 0 {
			i = len(all)
			all = append(all, moment{Element: el})
		}
		all[i].texts = append(all[i].texts, text)
	}
	var earliest account.Element
	for i := range p.plan.Milestones {
		m := &p.plan.Milestones[i]
		el, ok := v.Facts.First[m.Name]
		if !ok {
			continue
		}
		if earliest == (account.Element{}) || el.Compare(earliest) < 0 {
			earliest = el
		}
		if i == p.plan.Activity {
			continue
		}
		text := m.Does()
		if last := v.Facts.Last[m.Name]; account.Day(last.Time) != account.Day(el.Time) {
			text += ", last on " + condition.Day(last.Time, asOf)
		}
		add(el, text)
	}
	if earliest != (account.Element{}) {
		i := slices.IndexFunc(all, func(m moment) bool { return m.Element == earliest })
		if i < 0 {
			i = len(all)
			all = append(all, moment{Element: earliest})
		}
		all[i].texts = slices.Insert(all[i].texts, 0, came(first(earliest), v))
	}
	for i := range p.plan.Rules {
		s := &p.plan.Rules[i]
		if els := v.Facts.Rules[s.Name]; len(els) > 0 && slices.Equal(s.Kinds, []string{touch.SupportRequested}) && s.Pattern == nil {
			add(els[0], s.Does()+strings.TrimPrefix(condition.Often(els, asOf), " on "+condition.Day(els[0].Time, asOf)))
		}
	}
	if d := &v.Facts.Days; d.Bits != (account.Days{}).Bits {
		today := account.Day(asOf) + 1
		text := fmt.Sprintf("used the product last, and not in the %d days until the handoff", usageDays)
		if n := d.Between(today-usageDays, today); n > 0 {
			text = fmt.Sprintf("used the product last, on %d of the %d days until the handoff", n, usageDays)
		}
		add(account.Element{Time: int64(d.Latest) * 24 * condition.HourMS}, text)
	}
	slices.SortStableFunc(all, func(a, b moment) int { return a.Compare(b.Element) })
	if over := len(all) - event.MaxHistory; over > 0 {
		all = slices.Delete(all, 1, 1+over)
	}
	var out []event.PacketLine
	for _, m := range all {
		out = append(out, event.PacketLine{Time: time.UnixMilli(m.Time).UTC(), Text: strings.Join(m.texts, "; ")})
	}
	return out
}

// came says how an account was first met.
func came(t *touch.Touch, v *account.View) string {
	if t == nil {
		return "first seen"
	}
	text := "first seen: "
	who := ""
	if id := t.Subject; id != "" {
		who = strings.TrimPrefix(personOf(v, id, nil), "its ")
	}
	if who != "" {
		text += who + " "
	}
	text += touch.Did(t.Kind)
	if t.Channel != "" {
		text += ", by " + strings.ReplaceAll(t.Channel, "_", " ")
	}
	if t.Campaign != "" {
		text += ", campaign " + t.Campaign
	}
	return text
}

// questions are what nobody has answered yet, each once: a role that nobody fills is not asked for again by a checklist.
func questions(e *event.Evaluation, seats *event.Committee, lists []event.Checklist) []string {
	var out []string
	ask := func(s string) {
		if s = strings.ReplaceAll(s, "_", " "); !slices.Contains(out, s) && len(out) < event.MaxOpen {
			out = append(out, s)
		}
	}
	var roles []string
	if seats != nil {
		roles = seats.Missing()
		for _, role := range roles {
			ask("who is the " + role + " contact")
		}
	}
	for _, l := range lists {
		for _, field := range l.Missing {
			if !slices.Contains(roles, field) {
				ask(field)
			}
		}
	}
	for _, field := range e.Unknown {
		ask(field)
	}
	return out
}
