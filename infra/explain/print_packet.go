package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// Brief writes the packets of the decisions for whoever takes the account over; false where none of them has one.
func (a *Answer) Brief(w io.Writer) (bool, error) {
	p := &printer{Answer: a}
	found := false
	for i := range a.Decisions {
		d := &a.Decisions[i]
		if d.Decision.Packet == nil {
			continue
		}
		found = true
		p.line("", "", "%s, for %s", p.called(), or(d.Owner, "whoever takes it over"))
		p.line("", "", "%s  %s: %s", p.stamp(d.MadeAt), d.Decision.Play, p.done(d))
		p.line("", "", "%s", d.Decision.Reason)
		p.gap()
		p.packet(d, "")
		p.gap()
	}
	if !found {
		return false, nil
	}
	_, err := io.WriteString(w, p.b.String())
	return true, err
}

// packet tells the story that a decision brings along, as it was then.
func (p *printer) packet(d *Decision, in string) {
	x := d.Decision.Packet
	if x == nil {
		return
	}
	item, sub := in+"- ", in+"  "
	p.people(x, in, item, sub)
	for i := range x.Deals {
		if i == 0 {
			p.line(in, in, "What was bought, and what is on offer:")
		}
		p.line(item, sub, "%s", p.dealLine(&x.Deals[i]))
	}
	if len(x.Answers)+len(x.Lists) > 0 {
		p.line(in, in, "What sales found out:")
	}
	for _, a := range x.Answers {
		p.line(item, sub, "%s: %s", spaced(a.Field), a.Text)
	}
	for _, l := range x.Lists {
		p.line(item, sub, "%s: %d of %d answered", l.Name, l.Answered, l.Of)
	}
	for i, key := range []string{"crm_id", "renewal_date", "technologies", "use_case", "parent"} {
		if i == 0 && len(x.Account) > 0 {
			p.line(in, in, "The account:")
		}
		label := spaced(key)
		if key == "crm_id" {
			label = "Id in the CRM"
		}
		if v := x.Account[key]; v != "" {
			p.line(item, sub, "%s: %s", label, v)
		}
	}
	for i, l := range x.History {
		if i == 0 {
			p.line(in, in, "How it came to this:")
		}
		p.line(item, sub, "%s  %s", p.dayOf(l.Time), l.Text)
	}
	p.unknown(x, in, item, sub)
	handoffs := x.Handoffs
	if d.Outcome != nil {
		handoffs = d.Outcome.Open
	}
	for i, h := range handoffs {
		if i == 0 {
			p.line(in, in, "Open with others:")
		}
		p.line(item, sub, "%s, %s%s (%s)", strings.ReplaceAll(h.Play, "_", " "), p.nameOf(d, h.Owner), p.dueOf(h), h.ID)
	}
}

func (p *printer) people(x *event.Packet, in, item, sub string) {
	people := slices.Clone(x.People)
	slices.SortStableFunc(people, func(a, b event.PacketPerson) int { return nameless(&a) - nameless(&b) })
	for i := range people {
		if i == 0 {
			p.line(in, in, "Who is who:")
		}
		h := &people[i]
		said := called(h)
		var more []string
		if h.Title != "" {
			more = append(more, h.Title)
		}
		for _, r := range h.Confirmed {
			more = append(more, strings.ReplaceAll(r, "_", " ")+", confirmed")
		}
		for _, r := range h.Potential {
			more = append(more, strings.ReplaceAll(r, "_", " ")+" by the title")
		}
		for _, s := range []string{h.Email, h.Phone, h.Note} {
			if s != "" && s != said {
				more = append(more, s)
			}
		}
		if len(more) > 0 {
			said += ": " + strings.Join(more, "; ")
		}
		p.line(item, sub, "%s", said)
	}
}

// called is a person as one can call them: by name, else by address, else as whose they are.
func called(h *event.PacketPerson) string {
	if s := or(h.Name, h.Email); s != "" {
		return s
	}
	key := subject.KeyOf(h.ID)
	switch subject.KindOf(h.ID) {
	case subject.Contact:
		return "somebody whose name is not known, in the CRM as lead or contact " + key
	case subject.User:
		return "somebody whose name is not known, user " + key + " of the product"
	case subject.Customer:
		return "somebody whose name is not known, in billing as " + key
	}
	return key
}

// nameless orders people: those with names, those with addresses, the others.
func nameless(h *event.PacketPerson) int {
	switch {
	case h.Name != "":
		return 0
	case h.Email != "" || subject.KindOf(h.ID) == subject.Email:
		return 1
	}
	return 2
}

// unknown says what nobody knows yet, each thing once and by whose question it is: the committee's roles that nobody fills,
// the answers that a checklist misses, and what is not known of the company.
func (p *printer) unknown(x *event.Packet, in, item, sub string) {
	var roles, rest []string
	for _, s := range x.Open {
		if role, ok := strings.CutPrefix(s, "who is the "); ok {
			roles = append(roles, strings.TrimSuffix(role, " contact"))
		}
	}
	of := make([][]string, len(x.Lists))
	for _, s := range x.Open {
		if strings.HasPrefix(s, "who is the ") || slices.Contains(roles, s) {
			continue
		}
		field := strings.ReplaceAll(s, " ", "_")
		if i := slices.IndexFunc(x.Lists, func(l event.Checklist) bool { return slices.Contains(l.Missing, field) }); i >= 0 {
			of[i] = append(of[i], s+byTitle(x, field))
		} else {
			rest = append(rest, s)
		}
	}
	if len(x.Open) > 0 {
		p.line(in, in, "Nobody knows yet:")
	}
	tell := func(whose string, what []string) {
		if len(what) > 0 {
			p.line(item, sub, "%s: %s", whose, strings.Join(what, ", "))
		}
	}
	tell("roles of the buying committee", roles)
	for i, l := range x.Lists {
		tell("answers of "+l.Name, of[i])
	}
	tell("of the company", rest)
}

// byTitle names who may be what a checklist asks for, and is not confirmed.
func byTitle(x *event.Packet, role string) string {
	var may []string
	for i := range x.People {
		if slices.Contains(x.People[i].Potential, role) {
			may = append(may, called(&x.People[i]))
		}
	}
	if len(may) == 0 {
		return ""
	}
	return " (" + strings.Join(may, ", ") + " by the title, not confirmed)"
}

func (p *printer) dealLine(d *event.PacketDeal) string {
	key := subject.KeyOf(d.ID)
	parts := []string{"deal " + key}
	if d.Name != "" {
		parts[0] = d.Name + " (" + key + ")"
	}
	if d.Amount.Currency != "" {
		parts = append(parts, d.Amount.String())
	}
	if d.Type != "" {
		parts = append(parts, d.Type+" business")
	}
	state := d.Status
	if !d.Closed.IsZero() && d.Status != "open" {
		state += " on " + p.dayOf(d.Closed)
	}
	if d.Status == "open" && d.Stage != "" {
		state += " at " + d.Stage
	}
	if state != "" {
		parts = append(parts, state)
	}
	return strings.Join(parts, ", ")
}

func (p *printer) dayOf(t time.Time) string {
	if t.Year() == p.Now.Year() {
		return t.UTC().Format("2 January")
	}
	return t.UTC().Format("2 January 2006")
}

func (p *printer) dueOf(h event.PacketHandoff) string {
	if h.DueAt.IsZero() || h.State == string(routing.Contacted) {
		return ""
	}
	return fmt.Sprintf(", due by %s", p.stamp(h.DueAt))
}

func spaced(name string) string { return capital(strings.ReplaceAll(name, "_", " ")) }

// content says what a play sends, and why that.
func (p *printer) content(d *Decision, in string) {
	if d.Decision.Asset != "" {
		p.line(in, in, "Content: %s, as %s.", d.Decision.Asset, d.Decision.AssetBecause)
	}
}
