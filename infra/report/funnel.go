package report

import (
	"context"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/funnel"
)

// EveryMotion stands for all accounts, whatever their motion; the motion "" is that of accounts that have neither used
// the product nor talked to sales.
const EveryMotion = "all"

// Funnel is one active funnel, for all accounts or for one motion.
type Funnel struct {
	Name   string        `json:"funnel"`
	Motion string        `json:"motion"`
	Stages []FunnelStage `json:"stages"`
	Aside  []FunnelStage `json:"aside,omitempty"` // stages beside the road, such as CHURNED: only Now is counted
}

// FunnelStage is one stage of the road.
type FunnelStage struct {
	Stage string `json:"stage"`
	Owner string `json:"owner"`
	Now   int    `json:"now"` // accounts that stand here
	// Overdue is how many of them have stood here for longer than the stage's SLA; "" where it has none.
	SLA     string `json:"sla,omitempty"`
	Overdue int    `json:"overdue"`
	// Ever is the accounts of which there is evidence that they ever stood here or further on: where they stand now,
	// where a decision of the ledger found them, or a milestone that the stage's condition asks for. What left no such
	// trace is not counted, so Ever is a lower bound. Negations in a condition are taken as having held.
	Ever int `json:"ever"`
	// Days is the median of whole days from the stage before, over the accounts for which both times are known; Timed is
	// how many those are.
	Days  int `json:"median_days"`
	Timed int `json:"timed"`
}

// motion is how an account moved on its way to becoming a customer: the first of the policy's motions that held before it
// bought. A buyer who is then given the product is not hybrid by that; otherwise every motion would look like the one
// that winners end in. Where facts cannot tell since when a motion holds, it is the motion now.
func (s *Snapshot) motion(a *Assessed) string {
	bought, ok := s.entered(a, &s.Policy.Funnels.Customer)
	if !ok {
		return a.Evaluation.Motion
	}
	for i := range s.Policy.Funnels.Motions {
		m := &s.Policy.Funnels.Motions[i]
		if since, ok := s.entered(a, &m.When); ok && since <= bought {
			return m.Name
		}
	}
	return a.Evaluation.Motion
}

// Funnels counts every active funnel, for all accounts and then for each motion that has any.
func (s *Snapshot) Funnels(ctx context.Context) ([]Funnel, error) {
	accounts, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	met, err := s.met(ctx)
	if err != nil {
		return nil, err
	}
	motions := []string{EveryMotion}
	for _, m := range s.Policy.Funnels.Motions {
		motions = append(motions, m.Name)
	}
	out := []Funnel{}
	for _, f := range s.Policy.Funnels.Active() {
		tallies := map[string]*tally{}
		for i := range accounts {
			a := &accounts[i]
			if !in(a, f, met[a.ID]) {
				continue
			}
			tr := s.trace(a, f, met[a.ID])
			for _, m := range []string{EveryMotion, s.motion(a)} {
				if tallies[m] == nil {
					tallies[m] = newTally(f)
				}
				tallies[m].add(a.Evaluation.Stages[f.Name], overdue(a, f), tr)
			}
		}
		for _, m := range motions {
			if t := tallies[m]; t != nil {
				out = append(out, t.funnel(f, m))
			} else if m == EveryMotion {
				out = append(out, newTally(f).funnel(f, m))
			}
		}
	}
	return out, nil
}

// in reports whether an account is in a funnel, or a decision found it there once.
func in(a *Assessed, f *funnel.Funnel, met []placed) bool {
	return a.Evaluation.Stages[f.Name] != "" || slices.ContainsFunc(met, func(p placed) bool { return p.stages[f.Name] != "" })
}

// overdue reports whether the account has stood at its stage for longer than the stage's sla.
func overdue(a *Assessed, f *funnel.Funnel) bool {
	return slices.ContainsFunc(a.Evaluation.Standings, func(s event.Standing) bool { return s.Funnel == f.Name && s.Overdue })
}

// met gathers the decisions by the account that stands for them now.
func (s *Snapshot) met(ctx context.Context) (map[string][]placed, error) {
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]placed{}
	for _, d := range p.decisions {
		a, err := s.account(ctx, d.account)
		if err != nil {
			return nil, err
		}
		if a != nil {
			out[a.ID] = append(out[a.ID], d)
		}
	}
	return out, nil
}

// tally counts one funnel.
type tally struct {
	now  map[string]int
	late map[string]int // of these, overdue
	ever []int
	days [][]int64
}

func newTally(f *funnel.Funnel) *tally {
	n := len(road(f))
	return &tally{now: map[string]int{}, late: map[string]int{}, ever: make([]int, n), days: make([][]int64, n)}
}

func (t *tally) add(now string, late bool, tr trace) {
	t.now[now]++
	if late {
		t.late[now]++
	}
	for i := 0; i <= tr.reached; i++ {
		t.ever[i]++
		if i > 0 && tr.since[i-1] != unknown && tr.since[i] != unknown {
			t.days[i] = append(t.days[i], (tr.since[i]-tr.since[i-1])/(24*time.Hour).Milliseconds())
		}
	}
}

func (t *tally) funnel(f *funnel.Funnel, motion string) Funnel {
	out := Funnel{Name: f.Name, Motion: motion}
	at := 0
	for i := range f.Stages {
		name := f.Stages[i].Name
		st := FunnelStage{Stage: name, Owner: f.Stages[i].Owner, Now: t.now[name], Overdue: t.late[name]}
		if f.Stages[i].SLA > 0 {
			st.SLA = f.Stages[i].SLA.String()
		}
		if f.Stages[i].Aside {
			out.Aside = append(out.Aside, st)
			continue
		}
		st.Ever, st.Days, st.Timed = t.ever[at], int(median(t.days[at])), len(t.days[at])
		out.Stages = append(out.Stages, st)
		at++
	}
	return out
}
