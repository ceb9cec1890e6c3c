package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/graph"
	"handoff/shared/money"
	"handoff/shared/subject"
)

// Deal is an opportunity by its latest registers.
type Deal struct {
	ID      string       `json:"id"`
	Name    string       `json:"name,omitempty"`
	Status  string       `json:"status"` // open, won, lost
	Stage   string       `json:"stage,omitempty"`
	Type    string       `json:"type"` // new, expansion, renewal
	Owner   string       `json:"owner,omitempty"`
	Amount  money.Amount `json:"amount"`
	Created time.Time    `json:"created,omitzero"`
	Closed  time.Time    `json:"closed,omitzero"`
}

// allDeals reads every opportunity from its own item, by the account that it belongs to, the latest created first. An
// account's view keeps only the latest few, and invoices take their places too. Test deals are left out.
func (s *Snapshot) allDeals(ctx context.Context) (map[string][]Deal, error) {
	if s.deals != nil {
		return s.deals, nil
	}
	out := map[string][]Deal{}
	for recs, err := range pages(ctx, s.Stack.Accounts) {
		if err != nil {
			return nil, fmt.Errorf("report: walk the deals: %w", err)
		}
		for i := range recs {
			if recs[i].Sort != "item" || subject.KindOf(recs[i].Partition) != subject.Opportunity {
				continue
			}
			it, err := account.FromRecord(recs[i])
			if err != nil {
				return nil, fmt.Errorf("report: %w", err)
			}
			if len(it.Fields)+len(it.Marks) == 0 || it.Fields["test"].Value != "" {
				continue
			}
			x := graph.DealOf(it)
			d := Deal{ID: x.ID, Name: x.Name, Status: x.Status, Stage: x.Stage, Type: cmp.Or(x.Type, newBusiness), Owner: x.Owner, Amount: x.Amount, Created: x.Created, Closed: x.Closed}
			of := d.ID
			if a, err := s.account(ctx, d.ID); err != nil {
				return nil, err
			} else if a != nil {
				of = a.ID
			}
			out[of] = append(out[of], d)
		}
	}
	for _, l := range out {
		slices.SortFunc(l, func(a, b Deal) int { return cmp.Or(b.Created.Compare(a.Created), compare(a.ID, b.ID)) })
	}
	s.deals = out
	return out, nil
}

// dealsOf is those of one account.
func (s *Snapshot) dealsOf(ctx context.Context, id string) ([]Deal, error) {
	all, err := s.allDeals(ctx)
	if err != nil || all[id] == nil {
		return []Deal{}, err
	}
	return all[id], nil
}
