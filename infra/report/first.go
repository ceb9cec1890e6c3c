package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"handoff/shared/money"
)

// First is the first screen: three numbers.
type First struct {
	At          time.Time   `json:"at"`
	From        time.Time   `json:"from,omitzero"` // the earliest touch: what is counted lies between From and At
	Accounts    int         `json:"accounts"`
	Touches     int         `json:"touches"`
	Unmatched   int         `json:"unmatched"` // leads who name a company that matches no account for sure
	Waiting     Waiting     `json:"waiting"`
	Unexplained Unexplained `json:"unexplained"`
	Best        Best        `json:"best_next_point"`
}

// Waiting is the buyers whose handoff had no outreach by its deadline.
type Waiting struct {
	Buyers   int      `json:"buyers"`   // accounts
	Handoffs int      `json:"handoffs"` // theirs that are overdue
	Open     int      `json:"open"`     // all handoffs that are open, overdue or not
	Oldest   *Handoff `json:"oldest,omitempty"`
	// Pipeline is the amounts of these accounts' open deals; Dealless is how many of them have none, so far worth
	// nothing on paper.
	Pipeline Sums `json:"pipeline"`
	Dealless int  `json:"without_open_deal"`
}

// Unexplained should be 0 and 0.
type Unexplained struct {
	Events   *int       `json:"events"` // accepted and nowhere to be found; null where nobody counted
	Money    *Agreement `json:"money"`
	DealsOff int        `json:"deals_off"` // won deals on which CRM and billing differ
}

// Count answers how many accepted events are unaccounted for. The proof of conservation provides it.
type Count func(ctx context.Context) (int, error)

// First computes the first screen. lost may be nil: the count of events is then left open.
func (s *Snapshot) First(ctx context.Context, lost Count) (*First, error) {
	accounts, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	f := &First{At: s.At, From: p.first, Accounts: len(accounts), Touches: p.touches}
	for i := range accounts {
		if m := accounts[i].Match; m != nil && m.Account == "" && (m.TooMany || len(m.Among) > 0) {
			f.Unmatched++
		}
	}
	if f.Waiting, err = s.waiting(ctx); err != nil {
		return nil, err
	}
	if f.Unexplained.Money, err = s.Agreement(ctx); err != nil {
		return nil, err
	}
	f.Unexplained.DealsOff = len(f.Unexplained.Money.Differ)
	if lost != nil {
		n, err := lost(ctx)
		if err != nil {
			return nil, err
		}
		f.Unexplained.Events = &n
	}
	f.Best, err = s.Best(ctx)
	return f, err
}

func (s *Snapshot) waiting(ctx context.Context) (Waiting, error) {
	w := Waiting{Pipeline: Sums{}}
	open, err := s.open(ctx)
	if err != nil {
		return w, err
	}
	seen := map[string]bool{}
	w.Open = len(open)
	for i := range open {
		h := &open[i]
		if !h.Overdue {
			continue
		}
		w.Handoffs++
		if w.Oldest == nil || h.DueAt.Before(w.Oldest.DueAt) {
			w.Oldest = h
		}
		if seen[h.Account] {
			continue
		}
		seen[h.Account] = true
		w.Buyers++
		all, err := s.dealsOf(ctx, h.Account)
		if err != nil {
			return w, err
		}
		deals := 0
		for _, d := range all {
			if d.Status == "open" {
				deals++
				w.Pipeline = w.Pipeline.add(d.Amount)
			}
		}
		if deals == 0 {
			w.Dealless++
		}
	}
	return w, nil
}

// Best is where one percentage point of conversion adds most money.
type Best struct {
	Currency string  `json:"currency,omitempty"` // of the amounts: the one in which most new customers paid
	LeftOut  Sums    `json:"left_out,omitempty"` // revenue in other currencies, which has no part in the comparison
	Funnel   string  `json:"funnel,omitempty"`
	Points   []Point `json:"points"` // the best of each motion, the one that adds most first; all accounts last
}

// Point is one more percentage point of conversion between two stages.
type Point struct {
	Motion  string       `json:"motion"`
	From    string       `json:"from"`
	To      string       `json:"to"`
	Of      int          `json:"of"`     // accounts that reached From
	Passed  int          `json:"passed"` // of these, that reached To
	Revenue money.Amount `json:"revenue"`
	Adds    money.Amount `json:"adds"`
	// Steps are all transitions of the motion up to the purchase, in order, this one among them.
	Steps []Step `json:"steps,omitempty"`
}

// Step is what a point would add at one transition; Adds is nil where too few passed, or all did.
type Step struct {
	From   string        `json:"from"`
	To     string        `json:"to"`
	Of     int           `json:"of"`
	Passed int           `json:"passed"`
	Adds   *money.Amount `json:"adds"`
}

// minPassed is how many accounts must have passed a transition before its rate is spoken of.
const minPassed = 5

// Best finds, by motion, the transition at which one more percentage point of conversion adds most money.
//
// A funnel is a multiplicative loss: of n accounts that enter, n·c₁·c₂·…·cₖ buy, each for V on average, so revenue is
// R = n·c₁·…·cₖ·V. One point more at transition j brings n·c₁·…·cⱼ₋₁·0.01 accounts over it; of these c_{j+1}·…·cₖ survive
// downstream, each worth V. That is 0.01·∂R/∂cⱼ = 0.01·R/cⱼ, and with cⱼ = passed/of:
//
//	adds = R · of / (100 · passed)
//
// (the derivative of a product; DOMAIN: "the stage whose next unit of improvement survives furthest downstream"). R is
// the revenue of new business that the motion's accounts brought, by the policy's canonical source, in one currency, so
// V is the average over all that bought, also those whose purchase counts no money. It assumes that those won over buy
// as often and for as much as those before them. A transition that fewer than five passed, or that one more point would
// take over 100 %, is left out. A motion is known only once an account used the product or talked to sales, so a motion's
// earlier conversions hold for those alone that got that far: look at "all" for the first stages.
func (s *Snapshot) Best(ctx context.Context) (Best, error) {
	best := Best{Points: []Point{}, LeftOut: Sums{}}
	earned, conversions, err := s.earned(ctx)
	if err != nil {
		return best, err
	}
	funnels, err := s.Funnels(ctx)
	if err != nil {
		return best, err
	}
	for cur, n := range conversions {
		if have := conversions[best.Currency]; n > have || n == have && cur < best.Currency {
			best.Currency = cur
		}
	}
	for _, a := range earned[EveryMotion] {
		if a.Currency != best.Currency {
			best.LeftOut = best.LeftOut.add(a)
		}
	}
	active := s.Policy.Funnels.Active()
	if best.Currency == "" || len(active) == 0 {
		return best, nil
	}
	best.Funnel = active[0].Name
	last := buying(active[0])
	for _, f := range funnels {
		if f.Name != best.Funnel {
			continue
		}
		p := Point{Motion: f.Motion, Revenue: money.Amount{Currency: best.Currency}}
		for _, a := range earned[f.Motion] {
			if a.Currency == best.Currency {
				p.Revenue = a
			}
		}
		for i := 1; i <= last; i++ {
			st := Step{From: f.Stages[i-1].Stage, To: f.Stages[i].Stage, Of: f.Stages[i-1].Ever, Passed: f.Stages[i].Ever}
			if st.Passed >= minPassed && st.Passed*100+st.Of <= st.Of*100 {
				adds := money.Amount{Minor: mulDiv(p.Revenue.Minor, int64(st.Of), 100*int64(st.Passed)), Currency: best.Currency}
				st.Adds = &adds
				if adds.Minor > p.Adds.Minor {
					p.From, p.To, p.Of, p.Passed, p.Adds = st.From, st.To, st.Of, st.Passed, adds
				}
			}
			p.Steps = append(p.Steps, st)
		}
		if p.Adds.Minor > 0 {
			best.Points = append(best.Points, p)
		}
	}
	slices.SortStableFunc(best.Points, func(a, b Point) int {
		return cmp.Or(late(a.Motion == EveryMotion)-late(b.Motion == EveryMotion), cmp.Compare(b.Adds.Minor, a.Adds.Minor))
	})
	return best, nil
}

// mulDiv is a·b/c cut to a whole number, without overflow between; all are positive and the result fits.
func mulDiv(a, b, c int64) int64 { return a/c*b + a%c*b/c }
