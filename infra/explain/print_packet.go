package explain

import (
	"fmt"
	"io"
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
	if len(x.Open) > 0 {
		p.line(in, in, "Nobody knows yet: %s.", strings.Join(x.Open, ", "))
	}
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
	for i := range x.People {
		if i == 0 {
			p.line(in, in, "Who is who:")
		}
		h := &x.People[i]
		said := or(h.Name, or(h.Email, subject.KeyOf(h.ID)))
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
