package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"handoff/shared/money"
	"handoff/shared/subject"
)

// Sums are amounts by currency, largest code last: no rate is known, so currencies are never added up.
type Sums []money.Amount

func (s Sums) add(a money.Amount) Sums {
	if a.Currency == "" {
		return s
	}
	i, found := slices.BinarySearchFunc(s, a.Currency, func(m money.Amount, c string) int { return compare(m.Currency, c) })
	if !found {
		s = slices.Insert(s, i, money.Amount{Currency: a.Currency})
	}
	s[i].Minor += a.Minor
	return s
}

// String lists the amounts: "12,000.00 EUR and 45,000.00 USD".
func (s Sums) String() string {
	var parts []string
	for _, a := range s {
		if a.Minor != 0 {
			parts = append(parts, a.String())
		}
	}
	switch len(parts) {
	case 0:
		return "none"
	case 1:
		return parts[0]
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// Disagreement is a won deal on whose money the CRM and billing differ.
type Disagreement struct {
	Deal    string       `json:"deal"`
	Account string       `json:"account"`
	Name    string       `json:"name"`
	CRM     money.Amount `json:"crm"`
	Billed  Sums         `json:"billed"` // paid, less refunds and credit notes
	Why     string       `json:"why"`    // a sentence: the amounts, the currency, or that a refund is not in the CRM
}

// Agreement is how the money of two sources compares.
type Agreement struct {
	// Compared are won deals that a paid invoice names. A won deal without such an invoice, and an invoice that names no
	// deal (a self-serve subscription), have nothing to be compared with and are not counted. A deal billed in instalments
	// differs until the last of them is paid.
	Compared int            `json:"compared"`
	Differ   []Disagreement `json:"differ"`
}

// Agreement compares, per won deal, the amount that the CRM has now with what its invoices paid, net of what was given
// back. Any difference counts, to the smallest unit.
func (s *Snapshot) Agreement(ctx context.Context) (*Agreement, error) {
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	deals, err := s.allDeals(ctx)
	if err != nil {
		return nil, err
	}
	billed := map[string][]*bill{} // by the CRM's bare id
	for _, id := range slices.Sorted(maps.Keys(p.bills)) {
		if b := p.bills[id]; b.deal != "" && b.paid.Currency != "" {
			billed[recordID(b.deal)] = append(billed[recordID(b.deal)], b)
		}
	}
	out := &Agreement{Differ: []Disagreement{}}
	for _, id := range slices.Sorted(maps.Keys(deals)) {
		a, err := s.account(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, d := range deals[id] {
			if d.Status != "won" {
				continue
			}
			_, record, _ := strings.Cut(subject.KeyOf(d.ID), "/")
			bills := billed[recordID(record)]
			if len(bills) == 0 {
				continue
			}
			out.Compared++
			var net, refunds Sums
			for _, b := range bills {
				n := b.net()
				net = net.add(n)
				refunds = refunds.add(money.Amount{Minor: b.paid.Minor - n.Minor, Currency: n.Currency})
			}
			if len(net) == 1 && net[0] == d.Amount {
				continue
			}
			name := d.Name
			if a != nil {
				name = cmp.Or(name, a.Name)
			}
			out.Differ = append(out.Differ, Disagreement{Deal: d.ID, Account: id, Name: cmp.Or(name, d.ID), CRM: d.Amount, Billed: net, Why: whyDiffer(d.Amount, net, refunds)})
		}
	}
	return out, nil
}

func whyDiffer(crm money.Amount, net, refunds Sums) string {
	switch {
	case crm.Currency == "":
		return "the CRM names no amount"
	case len(net) != 1 || net[0].Currency != crm.Currency:
		return "the currencies differ"
	case len(refunds) == 1 && net[0].Minor+refunds[0].Minor == crm.Minor:
		return fmt.Sprintf("%s was given back, and the CRM does not show it", refunds[0])
	case net[0].Minor < crm.Minor:
		return fmt.Sprintf("%s less was paid than the CRM says", money.Amount{Minor: crm.Minor - net[0].Minor, Currency: crm.Currency})
	}
	return fmt.Sprintf("%s more was paid than the CRM says", money.Amount{Minor: net[0].Minor - crm.Minor, Currency: crm.Currency})
}

// recordID cuts Salesforce's long form of an id to the 15 characters that identify the record.
func recordID(id string) string {
	if len(id) == 18 {
		return id[:15]
	}
	return id
}
