package graph

import (
	"context"
	"slices"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// OptOut is the register of what a person said of our mail in so many words: "true" by unsubscribing, "false" by giving
// consent. It stands beside the field "unsubscribed", which a CRM repeats with every change of a record, so that a box
// which nobody ticked there does not take back what the person said to another tool.
const OptOut = "optout"

// MaxIDs is how many ids of one person are asked before acting. Hardly a person has a tenth; an id that more lead to is a
// mailbox or a test, and is not acted on: not all of them could be asked.
const MaxIDs = 256

// Person is somebody by every id, read at one moment. It is no interval of time as a Place is: what a person said of
// being contacted is said by the person, whichever id it was said under, before or after the ids were linked, and at
// whichever employer.
type Person struct {
	Strongest string   // what the id asked for leads to now: the address to write to, where one is known
	IDs       []string // users, contacts and addresses that are this person, sorted
	Many      bool     // there are more than MaxIDs; what follows is of those that were read
	// Accounts are those that these ids belong to, or belonged to since a time: see Person.
	Accounts []string
	regs     []said
}

// said is a register of one id that counts for the person.
type said struct {
	field string
	account.Register
}

// Person reads who an id is at a time (unix milliseconds), by all other ids too, and the accounts that they belonged to
// since another.
//
// From the id it goes along links in both directions: to the addresses that it leads or led to, and to the ids that lead
// to these, which every address lists in the ledger before a link to it is written. Devices and billing customers are
// asked, but not gone through: several people may use one. Nor is a link that an operator has undone. What was said under
// such an id counts if the id led to this person when it was said. A subject that is shared counts for nobody else.
//
// Every read is consistent, so a link and what was said under any id counts as soon as score has written it. The number
// of reads grows with the person's ids, which are bounded, and with nothing that they did.
func (r *Reader) Person(ctx context.Context, id string, at, since int64) (*Person, error) {
	place, err := r.At(ctx, id, at)
	if err != nil {
		return nil, err
	}
	p := &Person{Strongest: place.Person}
	if p.Strongest == "" {
		p.Strongest = id
	}
	is := map[string]bool{p.Strongest: true} // the person
	led := map[string]bool{}                 // led, or may have led, to the person at some time
	if id != p.Strongest && !r.items[id].Links.Shared {
		if through(id) {
			is[id] = true
		} else {
			led[id] = true
		}
	}
	var queue []string
	for id := range is {
		queue = append(queue, id)
	}
	slices.Sort(queue)
	for len(queue) > 0 && !p.Many {
		cur := queue[0]
		queue = queue[1:]
		it, err := r.Item(ctx, cur)
		if err != nil {
			return nil, err
		}
		var near []string
		if !it.Links.Shared {
			for _, l := range it.Links.List {
				if individual(l.Target) {
					near = append(near, l.Target)
				}
			}
		}
		from := len(near)
		for row, err := range r.g.Ledger.Links(ctx, cur) {
			if err != nil {
				return nil, err
			}
			if !individual(row.ID) {
				continue
			}
			if near = append(near, row.ID); len(near) > MaxIDs {
				p.Many = true
				break
			}
		}
		if err := r.Load(ctx, near...); err != nil {
			return nil, err
		}
		for i, n := range near {
			switch {
			case is[n]:
				continue
			case i < from && !leads(it, n, at), i >= from && !leads(r.items[n], cur, at), !through(n):
				// Undone, or a stranger that a crash left listed, or a device.
				led[n] = i >= from || led[n]
				continue
			}
			if i < from && r.items[n].Links.Shared {
				continue
			}
			is[n] = true
			queue = append(queue, n)
		}
		p.Many = p.Many || len(is)+len(led) > MaxIDs
	}
	for id := range is {
		p.IDs = append(p.IDs, id)
		delete(led, id)
	}
	slices.Sort(p.IDs)
	return p, r.read(ctx, p, is, led, at, since)
}

// through reports whether an id stands for one human, so that whoever else it leads to is the same one.
func through(id string) bool {
	switch subject.KindOf(id) {
	case subject.User, subject.Contact, subject.Email:
		return true
	}
	return false
}

// individual reports whether an id may be somebody's.
func individual(id string) bool {
	return subject.IsIndividual(id) && subject.KindOf(id) != subject.Opportunity
}

// leads reports whether an item leads, or ever led, to another subject, and no operator has undone it.
func leads(it *account.Item, to string, at int64) bool {
	return !it.Links.Shared && !it.Links.Barred(to, at) &&
		slices.ContainsFunc(it.Links.List, func(l subject.Link) bool { return l.Target == to && !l.Unlink })
}

// read gathers the registers that count for the person, and the accounts.
func (r *Reader) read(ctx context.Context, p *Person, is, led map[string]bool, at, since int64) error {
	for _, id := range p.IDs {
		for f, reg := range r.items[id].Fields {
			if f == "bounced" {
				// A bounce is an address's. Under another id it is that of the address which the id led to then.
				of := id
				if subject.KindOf(id) != subject.Email {
					then, err := r.At(ctx, id, reg.Element.Time)
					if err != nil {
						return err
					}
					of = then.Person
				}
				if !p.writesTo(of) {
					continue
				}
			}
			p.regs = append(p.regs, said{f, reg})
		}
		ivs, err := r.Intervals(ctx, id)
		if err != nil {
			return err
		}
		for _, iv := range ivs {
			if iv.Until > since && !slices.Contains(p.Accounts, iv.Root) {
				p.Accounts = append(p.Accounts, iv.Root)
			}
		}
		// Of an account that an operator has parted them from no interval is left. What was done there was done to them.
		for _, l := range r.items[id].Links.List {
			if !l.Unlink || individual(l.Target) {
				continue
			}
			now, err := r.At(ctx, l.Target, at)
			if err != nil {
				return err
			}
			if !slices.Contains(p.Accounts, now.Root) {
				p.Accounts = append(p.Accounts, now.Root)
			}
		}
	}
	slices.Sort(p.Accounts)
	for id := range led {
		if r.items[id].Links.Shared {
			continue
		}
		for f, reg := range r.items[id].Fields {
			then, err := r.At(ctx, id, reg.Element.Time)
			if err != nil {
				return err
			}
			if is[then.Person] && (f != "bounced" || p.writesTo(then.Person)) {
				p.regs = append(p.regs, said{f, reg})
			}
		}
	}
	return nil
}

// writesTo reports whether mail to somebody known by an id goes to the person's address: the same, or none is known.
func (p *Person) writesTo(id string) bool {
	return id == p.Strongest || subject.KindOf(id) != subject.Email
}

// Unsubscribed reports whether the person is out of our mail: said under any id, and no consent given since under any.
func (p *Person) Unsubscribed() bool {
	var given account.Element
	for _, s := range p.regs {
		if s.field == OptOut && !yes(s.Value) && s.Element.Compare(given) > 0 {
			given = s.Element
		}
	}
	return slices.ContainsFunc(p.regs, func(s said) bool {
		return (s.field == OptOut || s.field == "unsubscribed") && yes(s.Value) && s.Element.Compare(given) > 0
	})
}

// Bounced reports whether mail to the address comes back.
func (p *Person) Bounced() bool {
	v := p.last("bounced")
	return v != "" && !no(v) // some tools say the day
}

// ConsentWithdrawn reports whether the person's last word on consent, under whichever id, was no.
func (p *Person) ConsentWithdrawn() bool {
	switch v := strings.ToLower(strings.TrimSpace(p.last("consent"))); v {
	case "withdrawn", "revoked", "denied", "refused", "declined", "none", "opted_out", "opted out", "opt-out":
		return true
	default:
		return no(v)
	}
}

// Consented is the person's last word on consent, under whichever id, where it is yes.
func (p *Person) Consented() (word routing.Spoken) {
	if r := p.register("consent"); r.Value != "" && !p.ConsentWithdrawn() {
		word = routing.Spoken{At: time.UnixMilli(r.Time).UTC(), Touch: r.ID.String()}
	}
	return word
}

// Test reports whether any of the ids is a test's.
func (p *Person) Test() bool {
	return slices.ContainsFunc(p.regs, func(s said) bool { return s.field == "test" && yes(s.Value) })
}

func (p *Person) last(field string) string { return p.register(field).Value }

func (p *Person) register(field string) account.Register {
	regs := map[string]account.Register{}
	for _, s := range p.regs {
		if s.field == field {
			account.Write(regs, field, s.Register)
		}
	}
	return regs[field]
}

func yes(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "1":
		return true
	}
	return false
}

func no(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "false", "no", "n", "0":
		return true
	}
	return false
}
