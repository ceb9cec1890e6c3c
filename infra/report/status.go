package report

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/functions/route"
	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// Status is what moves and what stands still.
type Status struct {
	At      time.Time       `json:"at"`
	Policy  InForce         `json:"policy"`
	Sources []Source        `json:"sources"`
	Queues  []transit.Queue `json:"queues"`
	Plays   []PlayStatus    `json:"plays"`
	Refolds []Refold        `json:"refolds"`
	// Act is what asks for a person, one sentence each; empty when all is well.
	Act []string `json:"act"`
}

// InForce names the policy.
type InForce struct {
	event.PolicyRef
	By  string    `json:"by,omitempty"`
	Why string    `json:"why,omitempty"`
	At  time.Time `json:"at,omitzero"` // of its activation; zero where the built-in default is in force
}

// ours are the contracts of no tool: for whoever has none, for files, and for what an operator's command says. The last
// two come when somebody wants them to, so that their silence says nothing.
var ours = []string{"canonical", "import", "operator"}

func silenceTells(contract string) bool { return contract != "import" && contract != "operator" }

// Source is one tool, by its contract, and whether it is silent. An event that made a touch or was quarantined is a sign
// of life, one that was ignored is not.
type Source struct {
	Name    string    `json:"name"`
	Events  int       `json:"events"`
	Last    time.Time `json:"last"` // recorded
	Silence int64     `json:"silent_seconds"`
	Usual   int64     `json:"usual_gap_seconds"` // the third longest gap between its events so far; 0 where too few came to tell
	Silent  bool      `json:"silent"`            // for longer than one and a half times the usual gap
	Never   bool      `json:"never_started"`     // a contract without any event
}

// PlayStatus is how a play acts now.
type PlayStatus struct {
	Play    string          `json:"play"`
	Mode    string          `json:"mode"` // in force
	Policy  string          `json:"policy_mode"`
	ModeBy  *routing.Switch `json:"mode_by,omitempty"` // who said so, where it is not the policy's
	Paused  *routing.Switch `json:"paused,omitempty"`
	Tripped *routing.Switch `json:"tripped,omitempty"` // the breaker, which only a person resets
	Counted int             `json:"counted"`           // acted on inside the breaker's window
	Limit   string          `json:"limit"`             // of the breaker, in words: 50 per 1h
	Max     int             `json:"limit_max"`
	Per     int64           `json:"limit_per_seconds"` // the breaker's window
	// Changes are the operators' last actions on it, the latest last; route keeps twenty.
	Changes []routing.Switch `json:"changes,omitempty"`
}

// Refold is an account whose facts are being made anew, or that waits for it.
type Refold struct {
	Account string `json:"account"`
	Cause   string `json:"cause"`
	Running bool   `json:"running"`
}

// minGaps is how many events a source must have sent before its silence is judged.
const minGaps = 20

// Status looks at everything that can stand still.
func (s *Snapshot) Status(ctx context.Context) (*Status, error) {
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	out := &Status{At: s.At, Policy: InForce{PolicyRef: s.Policy.Ref()}, Sources: s.heard(p), Refolds: []Refold{}, Act: []string{}}
	if out.Queues, err = s.Transit.Queues(ctx); err != nil {
		return nil, fmt.Errorf("report: read the queues: %w", err)
	}
	if a, ok := s.Transit.(stack.Ager); ok {
		a.Ages(ctx, out.Queues)
	}
	if err := s.agesOfTheDead(ctx, out.Queues); err != nil {
		return nil, err
	}
	if err := s.inForce(ctx, &out.Policy); err != nil {
		return nil, err
	}
	if out.Plays, err = s.Plays(ctx); err != nil {
		return nil, err
	}
	if out.Refolds, err = s.refolds(ctx); err != nil {
		return nil, err
	}
	out.judge()
	return out, nil
}

// agesOfTheDead looks at the dead letters themselves where counts leave out since when the oldest stands there. What
// CloudWatch has of them begins anew when somebody has looked at them three times, so it stands only where some letters
// cannot be seen.
func (s *Snapshot) agesOfTheDead(ctx context.Context, queues []transit.Queue) error {
	asks := func(q transit.Queue) bool { return q.Approximate && q.Dead && q.Messages > 0 }
	if !slices.ContainsFunc(queues, asks) {
		return nil
	}
	oldest := map[string]time.Time{}
	for l, err := range s.Transit.Letters(ctx) {
		if errors.Is(err, transit.ErrPartly) {
			return nil // one that cannot be seen may be older
		}
		if err != nil {
			return fmt.Errorf("report: read the dead letters: %w", err)
		}
		if at, ok := oldest[l.Queue]; !ok || l.Since().Before(at) {
			oldest[l.Queue] = l.Since()
		}
	}
	for i := range queues {
		if at, ok := oldest[queues[i].Queue]; ok && asks(queues[i]) {
			queues[i].Oldest, queues[i].OldestUnknown = at, ""
		}
	}
	return nil
}

func (s *Snapshot) heard(p *past) []Source {
	out := []Source{}
	for name, h := range p.sources {
		slices.Sort(h.at)
		src := Source{Name: name, Events: len(h.at), Last: h.recent, Silence: max(0, int64(s.At.Sub(h.recent)/time.Second)), Usual: usual(h.at)}
		src.Silent = silenceTells(name) && src.Usual > 0 && 2*src.Silence > 3*src.Usual
		out = append(out, src)
	}
	for _, c := range s.Contracts.Contracts() {
		if p.sources[c.Name] == nil && !slices.Contains(ours, c.Name) {
			out = append(out, Source{Name: c.Name, Never: true})
		}
	}
	slices.SortFunc(out, func(a, b Source) int { return cmp.Or(b.Last.Compare(a.Last), compare(a.Name, b.Name)) })
	return out
}

// usual is the third longest gap, in seconds: nights, weekends and holidays are in it, and two outages do not make the
// source's next one look usual. at is sorted.
func usual(at []int64) int64 {
	if len(at) < minGaps {
		return 0
	}
	gaps := make([]int64, 0, len(at)-1)
	for i := 1; i < len(at); i++ {
		gaps = append(gaps, at[i]-at[i-1])
	}
	slices.Sort(gaps)
	return max(1, gaps[len(gaps)-3]/1000)
}

func (s *Snapshot) inForce(ctx context.Context, f *InForce) error {
	rec, err := s.Accounts.Get(ctx, policy.ActiveKey)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	var a policy.Active
	if err == nil {
		err = json.Unmarshal(rec.Body, &a)
	}
	if err != nil {
		return fmt.Errorf("report: read the active policy: %w", err)
	}
	f.By, f.Why, f.At = a.By, a.Why, a.At
	return nil
}

// Plays is how each play of the policy in force acts now.
func (s *Snapshot) Plays(ctx context.Context) ([]PlayStatus, error) {
	names := make([]string, len(s.Policy.Plays))
	for i := range s.Policy.Plays {
		names[i] = s.Policy.Plays[i].Name
	}
	switches, err := route.Switches(ctx, s.Accounts, names)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	out := make([]PlayStatus, len(names))
	for i := range s.Policy.Plays {
		pl := &s.Policy.Plays[i]
		st, limit := switches[pl.Name], pl.MaxVolume()
		out[i] = PlayStatus{Play: pl.Name, Mode: string(cmp.Or(st.Mode, pl.Mode)), Policy: string(pl.Mode), ModeBy: st.ModeBy,
			Paused: st.Paused, Tripped: st.Tripped, Limit: limit.String(),
			Max: limit.Max, Per: int64(limit.Per.Duration() / time.Second), Changes: st.Changes}
		since := s.At.Add(-limit.Per.Duration()).Unix()
		for _, c := range st.Counted {
			if c.At > since {
				out[i].Counted++
			}
		}
	}
	return out, nil
}

func (s *Snapshot) refolds(ctx context.Context) ([]Refold, error) {
	out := []Refold{}
	for recs, err := range pages(ctx, s.Accounts) {
		if err != nil {
			return nil, fmt.Errorf("report: walk the accounts: %w", err)
		}
		for i := range recs {
			if recs[i].Sort != "item" || !subject.Valid(recs[i].Partition) {
				continue
			}
			it, err := account.FromRecord(recs[i])
			if err != nil {
				return nil, fmt.Errorf("report: %w", err)
			}
			if it.Next != nil {
				out = append(out, Refold{Account: it.ID, Cause: it.Next.Cause, Running: true})
			}
			for _, root := range it.Refold {
				out = append(out, Refold{Account: root, Cause: "a link of " + it.ID})
			}
		}
	}
	slices.SortFunc(out, func(a, b Refold) int { return cmp.Or(compare(a.Account, b.Account), compare(a.Cause, b.Cause)) })
	return out, nil
}

// judge says what asks for a person.
func (st *Status) judge() {
	for _, q := range st.Queues {
		if q.Dead && q.Messages > 0 {
			st.Act = append(st.Act, fmt.Sprintf("%s holds %d dead letters: see handoff dlq list", q.Queue, q.Messages))
		}
	}
	for _, p := range st.Plays {
		if p.Tripped != nil {
			st.Act = append(st.Act, fmt.Sprintf("the breaker holds the play %s (%s): look, then handoff resume %s --why TEXT", p.Play, p.Tripped.Why, p.Play))
		}
	}
	for _, src := range st.Sources {
		if src.Silent {
			st.Act = append(st.Act, fmt.Sprintf("the source %s is silent for much longer than it ever is: ask its owner", src.Name))
		}
	}
}
