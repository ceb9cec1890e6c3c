package graph

import (
	"context"
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
	at := v.AsOf.UnixMilli()
	seen := make(map[string]int, len(facts.People))
	for _, a := range facts.People {
		// A person is whoever the id leads to at the end of the day it was last active on.
		p, err := r.At(ctx, a.ID, min(at, (int64(a.Day)+1)*24*3600*1000-1))
		if err != nil {
			return nil, err
		}
		if p.Person == "" {
			continue
		}
		i, ok := seen[p.Person]
		if !ok {
			i = len(v.People)
			seen[p.Person] = i
			v.People = append(v.People, account.Person{ID: p.Person, Fields: map[string]string{}})
		}
		regs := map[string]account.Register{}
		for _, id := range p.Path {
			if subject.IsCompany(id) {
				continue
			}
			for f, reg := range r.items[id].Fields {
				account.Write(regs, f, reg)
			}
		}
		for f, reg := range regs {
			v.People[i].Fields[f] = reg.Value
		}
		if _, ok := v.People[i].Fields["email"]; !ok && subject.KindOf(p.Person) == subject.Email {
			v.People[i].Fields["email"] = subject.KeyOf(p.Person)
		}
	}
	for _, a := range facts.Opportunities {
		v.Deals = append(v.Deals, DealOf(r.items[a.ID]))
	}
	return v, nil
}

// Refunded begins the register of what one charge or credit note gave back of a deal, as a running total; what it is of
// follows.
const Refunded = "refunded/"

// DealOf reads a deal from its item's registers and marks.
func DealOf(it *account.Item) account.Deal {
	f := func(name string) string { return it.Fields[name].Value }
	d := account.Deal{ID: it.ID, Name: f("name"), Status: f("status"), Stage: f("stage"), Type: f("type"), Owner: f("owner")}
	if d.Status == "" {
		d.Status = "open"
	}
	d.Amount = amountOf(f("amount"))
	for field, r := range it.Fields {
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
