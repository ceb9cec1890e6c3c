package graph

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/money"
	"handoff/shared/subject"
)

// View joins an account's facts with the registers of its people and deals, as of an hour. facts may differ from the
// item's own, as in a rebuild.
func (r *Reader) View(ctx context.Context, root string, facts *account.Facts, asOf time.Time) (*account.View, error) {
	v := &account.View{Account: root, Facts: facts, AsOf: account.HourOf(asOf)}
	need := make([]string, 0, len(facts.People)+len(facts.Opportunities))
	for _, a := range facts.People {
		need = append(need, a.ID)
	}
	for _, a := range facts.Opportunities {
		need = append(need, a.ID)
	}
	if err := r.Load(ctx, need...); err != nil {
		return nil, err
	}
	var err error
	if v.People, err = r.people(ctx, root, facts.People, v.AsOf.UnixMilli()); err != nil {
		return nil, err
	}
	v.Moves = r.seen[root].moves
	for _, a := range facts.Opportunities {
		v.Deals = append(v.Deals, DealOf(r.items[a.ID]))
	}
	return v, nil
}

// Refunded begins the register of what one charge or credit note gave back of a deal, as a running total; what it is of
// follows.
const Refunded = "refunded/"

// seen are the people of an account as they were last put together.
type seen struct {
	active []account.Active
	at     int64
	people []account.Person
	moves  []account.Move
	ways   []string // the items that they were made of
	change uint64   // the latest when they were
}

// Changed says that the links or fields of an item were changed in memory, so that no view made of it is shown again.
func (r *Reader) Changed(id string) {
	r.change++
	r.changed[id] = r.change
}

// people joins the people of an account. An account is looked at after each of its touches, and most of them change
// nothing about its people: then the same answer is given again, which nobody may write to.
func (r *Reader) people(ctx context.Context, root string, active []account.Active, at int64) ([]account.Person, error) {
	if have, ok := r.seen[root]; ok && have.at == at && slices.Equal(have.active, active) {
		if !slices.ContainsFunc(have.ways, func(id string) bool { return r.changed[id] > have.change }) {
			return have.people, nil
		}
	}
	out := seen{active: slices.Clone(active), at: at, change: r.change}
	// One person may be active by several ids. Of what these say the latest counts, whichever was active last.
	var regs []map[string]account.Register
	for _, a := range active {
		// A person is whoever the id leads to at the end of the day it was last active on.
		p, err := r.At(ctx, a.ID, min(at, (int64(a.Day)+1)*24*3600*1000-1))
		if err != nil {
			return nil, err
		}
		out.ways = append(out.ways, p.Path...)
		if p.Person == "" {
			continue
		}
		i := slices.IndexFunc(out.people, func(have account.Person) bool { return have.ID == p.Person })
		if i < 0 {
			i = len(out.people)
			out.people = append(out.people, account.Person{ID: p.Person})
			regs = append(regs, make(map[string]account.Register, 4))
		}
		moves, asked, err := r.moves(ctx, a.ID, root, at)
		if err != nil {
			return nil, err
		}
		out.ways = append(out.ways, asked...)
		for _, m := range moves {
			out.moves = settle(out.moves, m)
		}
		for _, id := range p.Path {
			if subject.IsCompany(id) {
				continue
			}
			for f, reg := range r.items[id].Fields {
				account.Write(regs[i], f, reg)
			}
		}
	}
	for i := range out.people {
		p := &out.people[i]
		p.Fields = make(map[string]string, len(regs[i]))
		for f, reg := range regs[i] {
			if f != OptOut {
				p.Fields[f] = reg.Value
			}
		}
		if _, ok := p.Fields["email"]; !ok && subject.KindOf(p.ID) == subject.Email {
			p.Fields["email"] = subject.KeyOf(p.ID)
		}
	}
	out.people = slices.Clip(out.people)
	r.seen[root] = out
	return out.people, nil
}

// DealOf reads a deal from its item's registers and marks.
func DealOf(it *account.Item) account.Deal {
	f := func(name string) string { return it.Fields[name].Value }
	d := account.Deal{ID: it.ID, Name: f("name"), Status: f("status"), Stage: f("stage"), Type: f("type"), Owner: f("owner")}
	if d.Status == "" {
		d.Status = "open"
	}
	d.Amount = amountOf(f("amount"))
	for field, r := range it.Fields {
		if account.IsDealField(field) {
			if d.Answers == nil {
				d.Answers = make(map[string]string, len(account.DealFields))
			}
			d.Answers[field] = r.Value
		}
		if !strings.HasPrefix(field, Refunded) {
			continue
		}
		if refunded := amountOf(r.Value); refunded.Currency == d.Amount.Currency {
			d.Amount.Minor -= refunded.Minor
		}
	}
	if el, ok := it.Marks["created"]; ok {
		d.Created = time.UnixMilli(el.Time).UTC()
	}
	if el, ok := it.Marks[d.Status]; ok && d.Status != "open" {
		d.Closed = time.UnixMilli(el.Time).UTC()
	}
	return d
}

// AmountText is an amount as a register holds it: minor units, a space, the currency.
func AmountText(a money.Amount) string { return strconv.FormatInt(a.Minor, 10) + " " + a.Currency }

func amountOf(s string) money.Amount {
	minor, cur, _ := strings.Cut(s, " ")
	n, err := strconv.ParseInt(minor, 10, 64)
	if err != nil {
		return money.Amount{Currency: cur}
	}
	return money.Amount{Minor: n, Currency: cur}
}
