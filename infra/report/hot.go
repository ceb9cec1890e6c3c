package report

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Hot is one of the hottest accounts.
type Hot struct {
	Account  string            `json:"account"`
	Name     string            `json:"name"`
	Score    int               `json:"score"`
	Fit      int               `json:"fit"`
	Interest int               `json:"interest"`
	Band     string            `json:"band"`
	Quadrant string            `json:"quadrant"` // fit/interest
	Motion   string            `json:"motion,omitempty"`
	PQL      []string          `json:"pql,omitempty"` // playbooks that hold
	Stages   map[string]string `json:"stages"`
	Owner    string            `json:"owner,omitempty"` // of an open handoff, else of the account in the CRM
	Handoffs []Handoff         `json:"handoffs"`        // open
	Last     *Past             `json:"last,omitempty"`  // the handoff opened last, open or done
	Deals    []Deal            `json:"deals"`           // the latest created first
	Reasons  []Reason          `json:"reasons"`         // most points first
	LastSeen time.Time         `json:"last_seen"`       // the last sign of life, a day
}

// Reason is one rule's part of a score.
type Reason struct {
	Rule   string `json:"rule"`
	Points int    `json:"points"`
	Text   string `json:"text"`
}

// Hottest lists the n accounts with the highest score; of equal ones that with more interest, then the one seen last.
func (s *Snapshot) Hottest(ctx context.Context, n int) ([]Hot, error) {
	accounts, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	open, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	order := make([]*Assessed, len(accounts))
	for i := range accounts {
		order[i] = &accounts[i]
	}
	slices.SortFunc(order, func(a, b *Assessed) int {
		x, y := &a.Evaluation, &b.Evaluation
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(y.Interest, x.Interest), cmp.Compare(seen(b), seen(a)), compare(a.ID, b.ID))
	})
	out := []Hot{}
	for _, a := range order[:min(n, len(order))] {
		e := &a.Evaluation
		if e.Score <= 0 {
			break
		}
		h := Hot{
			Account: a.ID, Name: a.Name, Score: e.Score, Fit: e.Fit, Interest: e.Interest, Band: e.Band, Quadrant: e.Quadrant, Motion: e.Motion,
			Stages: e.Stages, Owner: a.View.Facts.Field("owner"), Handoffs: []Handoff{}, Deals: []Deal{}, Reasons: []Reason{},
			LastSeen: time.UnixMilli(seen(a)).UTC(),
		}
		for name, holds := range e.PQL {
			if holds {
				h.PQL = append(h.PQL, name)
			}
		}
		slices.Sort(h.PQL)
		for _, r := range e.Rules {
			h.Reasons = append(h.Reasons, Reason{r.Rule, r.Points, r.Text})
		}
		slices.SortStableFunc(h.Reasons, func(a, b Reason) int { return cmp.Compare(b.Points, a.Points) })
		for _, w := range open {
			if w.Account == a.ID {
				h.Handoffs = append(h.Handoffs, w)
			}
		}
		if len(h.Handoffs) > 0 {
			h.Owner = h.Handoffs[0].Owner
		}
		if h.Deals, err = s.dealsOf(ctx, a.ID); err != nil {
			return nil, err
		}
		past, err := s.handoffs(ctx, a)
		if err != nil {
			return nil, err
		}
		if len(past) > 0 {
			h.Last = &past[0]
		}
		out = append(out, h)
	}
	return out, nil
}

// seen is the time of an account's last sign of life, unix milliseconds.
func seen(a *Assessed) int64 {
	if el, ok := a.View.Facts.Last["activity"]; ok {
		return el.Time
	}
	return int64(a.View.Facts.LastDay) * (24 * time.Hour).Milliseconds()
}
