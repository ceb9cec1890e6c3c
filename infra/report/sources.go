package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	credit "handoff/shared/attribution"
	"handoff/shared/routing"
	"handoff/shared/span"
)

// Sources is what became of the handoffs that each channel and campaign brought, and how many come to each team against
// what it can take. Enrolments in sequences are no handoffs.
type Sources struct {
	At    time.Time    `json:"at"`
	Lines []SourceLine `json:"lines"` // most handoffs first
	Teams []TeamInflow `json:"teams"`
	Unfit Unfit        `json:"answers_that_fit_no_handoff"`
}

// SourceLine is one channel and campaign. A handoff is put down to the account's latest touch before it, within
// SourceLookBack, that names a channel or a campaign and did not come directly, as the policy's attribution has it; to
// the direct channel where nothing else is known, to "unknown" where no touch names any. It counts once under what closed
// it first; those that are still open are Offered less the rest. Two of which one was taken over, or went on as the other
// when their accounts were joined, are one: the one that goes on. A deal that was closed after a handoff of its account
// counts for the latest one before.
type SourceLine struct {
	Channel   string     `json:"channel"`
	Campaign  string     `json:"campaign,omitempty"`
	Offered   int        `json:"offered"`
	Accepted  int        `json:"accepted"` // by a rep, whatever came after
	Rejected  int        `json:"rejected"`
	Recycled  int        `json:"recycled"` // sent back for later, or finished by nobody in time
	Completed int        `json:"completed"`
	Won       int        `json:"won"`
	Lost      int        `json:"lost"`
	WonAmount Sums       `json:"won_amount"`
	Reasons   []SentBack `json:"reasons"` // why handoffs were sent back, most often first
}

// SentBack is why handoffs were sent back.
type SentBack struct {
	State  string `json:"state"` // rejected, recycled
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// SourceLookBack is how long before a handoff a touch may have brought it.
const SourceLookBack = 90 * 24 * time.Hour

// InflowWeeks is over how many whole weeks before now inflow is counted.
const InflowWeeks = 4

// TeamInflow is what comes to a team against what it can take. What was taken over counts as the one that goes on.
type TeamInflow struct {
	Team     string `json:"team"`
	Weeks    []int  `json:"weeks"`     // handoffs offered in each of the last InflowWeeks, the latest last
	Closed   []int  `json:"closed"`    // handoffs that let go of their place in these weeks
	Open     int    `json:"open"`      // now
	Capacity int    `json:"capacity"`  // how many its members may have open at once; 0: no limit
	CatchAll int    `json:"catch_all"` // of those offered in these weeks, that nobody could take
}

// reasonless stands for a handoff that was sent back without a word.
const reasonless = "no reason given"

// Sources reads it.
func (s *Snapshot) Sources(ctx context.Context) (*Sources, error) {
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	out := &Sources{At: s.At, Lines: []SourceLine{}, Teams: []TeamInflow{}}
	byAccount := map[string][]*offer{}
	for _, o := range p.offers {
		if o.at.IsZero() {
			continue // an enrolment, or an answer whose offer is not recorded yet
		}
		if o.goesOn() {
			continue
		}
		of := o.account
		if a, err := s.account(ctx, o.account); err != nil {
			return nil, err
		} else if a != nil {
			of = a.ID
		}
		byAccount[of] = append(byAccount[of], o)
	}
	deals, err := s.allDeals(ctx)
	if err != nil {
		return nil, err
	}
	models, err := credit.New(s.Policy.Attribution)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	lines := map[[2]string]*SourceLine{}
	reasons := map[[4]string]int{}
	for id, offers := range byAccount {
		slices.SortFunc(offers, func(a, b *offer) int { return a.at.Compare(b.at) })
		keys, err := s.broughtBy(ctx, models, id, offers)
		if err != nil {
			return nil, err
		}
		for i, o := range offers {
			l := lines[keys[i]]
			if l == nil {
				l = &SourceLine{Channel: keys[i][0], Campaign: keys[i][1], WonAmount: Sums{}, Reasons: []SentBack{}}
				lines[keys[i]] = l
			}
			l.Offered++
			if o.accepted {
				l.Accepted++
			}
			switch o.state {
			case string(routing.Completed):
				l.Completed++
				continue
			case string(routing.Rejected):
				l.Rejected++
			case string(routing.Recycled):
				l.Recycled++
			default:
				continue
			}
			reasons[[4]string{l.Channel, l.Campaign, o.state, p.sentBack(o)}]++
		}
		for _, d := range deals[id] {
			i := len(offers) - 1
			for i >= 0 && offers[i].at.After(d.Closed) {
				i--
			}
			if i < 0 || d.Closed.IsZero() || d.Closed.After(s.At) {
				continue
			}
			switch l := lines[keys[i]]; d.Status {
			case "won":
				l.Won++
				l.WonAmount = l.WonAmount.add(d.Amount)
			case "lost":
				l.Lost++
			}
		}
	}
	for key, n := range reasons {
		l := lines[[2]string{key[0], key[1]}]
		l.Reasons = append(l.Reasons, SentBack{State: key[2], Reason: key[3], Count: n})
	}
	for _, l := range lines {
		slices.SortFunc(l.Reasons, func(a, b SentBack) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), compare(a.State, b.State), compare(a.Reason, b.Reason))
		})
		out.Lines = append(out.Lines, *l)
	}
	slices.SortFunc(out.Lines, func(a, b SourceLine) int {
		return cmp.Or(cmp.Compare(b.Offered, a.Offered), compare(a.Channel, b.Channel), compare(a.Campaign, b.Campaign))
	})
	out.Unfit = p.answers.count()
	out.Teams, err = s.inflow(ctx, p)
	return out, err
}

// ends are the ends on our side that are told apart.
var ends = map[routing.End]string{
	routing.EndUnreached:  "nobody reached out in time",
	routing.EndUnfinished: "not finished in time after the outreach",
	routing.EndUnworkable: "it may no longer be worked",
}

// sentBack is why a handoff was: in the words of who did, else by its end.
func (p *past) sentBack(o *offer) string {
	switch {
	case ends[o.end] != "":
		return ends[o.end]
	case o.answer == "":
		return cmp.Or(o.told, reasonless) // a row from before ends were told apart
	}
	return cmp.Or(strings.TrimSpace(p.reasons[o.answer]), reasonless)
}

// arrival is a touch by which an account came.
type arrival struct {
	at  time.Time
	key [2]string // channel and campaign
}

// broughtBy finds the channel and campaign of each of an account's handoffs, which are in order of time.
func (s *Snapshot) broughtBy(ctx context.Context, models *credit.Models, id string, offers []*offer) ([][2]string, error) {
	keys := make([][2]string, len(offers))
	var direct, other arrival // the latest so far
	i := 0
	settle := func(until time.Time) {
		for ; i < len(offers) && (until.IsZero() || offers[i].at.Before(until)); i++ {
			keys[i] = [2]string{credit.Unknown}
			for _, a := range []arrival{direct, other} {
				if !a.at.IsZero() && offers[i].at.Sub(a.at) <= SourceLookBack {
					keys[i] = a.key
				}
			}
		}
	}
	for t, err := range s.Graph.Touches(ctx, id, offers[0].at.Add(-SourceLookBack), offers[len(offers)-1].at.Add(time.Millisecond)) {
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		settle(t.Time)
		if t.Test || t.Channel == "" && t.Campaign == "" {
			continue
		}
		switch read, _ := models.Read(t); {
		case read.Direct:
			direct = arrival{t.Time, [2]string{read.Channel, read.Campaign}}
		default:
			other = arrival{t.Time, [2]string{read.Channel, read.Campaign}}
		}
	}
	settle(time.Time{})
	return keys, nil
}

// inflow counts by team.
func (s *Snapshot) inflow(ctx context.Context, p *past) ([]TeamInflow, error) {
	open, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	out := []TeamInflow{}
	week := func(at time.Time) int {
		if at.IsZero() || at.After(s.At) {
			return -1
		}
		return InflowWeeks - 1 - int(s.At.Sub(at)/span.Week.Duration())
	}
	for i := range s.Policy.Teams.Teams {
		team := &s.Policy.Teams.Teams[i]
		t := TeamInflow{Team: team.Name, Weeks: make([]int, InflowWeeks), Closed: make([]int, InflowWeeks)}
		for _, m := range team.Members {
			if m.Capacity == 0 {
				t.Capacity = 0
				break
			}
			t.Capacity += m.Capacity
		}
		for _, o := range p.offers {
			if o.team != team.Name || o.goesOn() {
				continue
			}
			if w := week(o.at); w >= 0 {
				t.Weeks[w]++
				if o.catchAll {
					t.CatchAll++
				}
			}
			if w := week(o.closed); w >= 0 {
				t.Closed[w]++
			}
		}
		for _, h := range open {
			if h.Team == team.Name {
				t.Open++
			}
		}
		out = append(out, t)
	}
	return out, nil
}
