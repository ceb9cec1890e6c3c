package simulate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/funnel"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// Side is what came of the history under one policy.
type Side struct {
	policy    *policy.Policy
	standings map[string]*Standing
	strangers map[string]*Standing // by id: who was decided about, and stands nowhere at the end
	plays     map[string]*PlayCount
	teams     map[string]*TeamCount
	bands     []Rate // in the policy's order
	rules     []Rate // likewise, of its scoring rules
	all       Rate
}

// Standing is an account at the end.
type Standing struct {
	Score    int               `json:"score"`
	Band     string            `json:"band"`
	Stages   map[string]string `json:"stages"`
	Owner    string            `json:"owner,omitempty"` // of its latest handoff
	Acted    map[string]int    `json:"acted,omitempty"` // handoffs and enrolments, by play
	Observed map[string]int    `json:"observed,omitempty"`
	Stopped  map[string]int    `json:"stopped,omitempty"` // came due and went no further

	name   string
	rules  []event.Contribution
	places []funnel.Placement
	deals  []account.Deal
	handed time.Time
}

// PlayCount is what a play came to.
type PlayCount struct {
	Due      int            `json:"due"`      // decisions: how often it came due for an account
	Acted    int            `json:"acted"`    // handed off or enrolled
	Observed int            `json:"observed"` // would have been, in mode observe
	Stopped  int            `json:"stopped"`  // by a gate, a cap, a cool-down, the breaker or mode hold
	Why      map[string]int `json:"why,omitempty"`
	Trips    int            `json:"breaker_trips,omitempty"`
}

// TeamCount is what a team was given.
type TeamCount struct {
	Handoffs int `json:"handoffs"`
	CatchAll int `json:"catch_all"` // of them, that only the catch-all could take
	Peak     int `json:"most_open"` // at once
	Capacity int `json:"capacity"`  // of its members together; 0: one of them has no limit
}

// Rate is how many of some accounts won.
type Rate struct {
	Accounts int `json:"accounts"`
	Won      int `json:"won"`
}

// side gathers what came of it under one policy.
func (pl *player) side(ctx context.Context, b *branch) (*Side, error) {
	s := &Side{policy: b.policy, standings: map[string]*Standing{}, strangers: map[string]*Standing{},
		plays: map[string]*PlayCount{}, teams: map[string]*TeamCount{}}
	for i := range b.policy.Plays {
		name := b.policy.Plays[i].Name
		s.plays[name] = &PlayCount{Trips: b.tally.trips[name]}
	}
	for i := range b.policy.Teams.Teams {
		t := &b.policy.Teams.Teams[i]
		c := &TeamCount{Peak: b.tally.peak[t.Name]}
		for _, m := range t.Members {
			if c.Capacity += m.Capacity; m.Capacity == 0 {
				c.Capacity = 0
				break
			}
		}
		s.teams[t.Name] = c
	}
	reader := pl.graph.Reader()
	err := scan(ctx, pl.accounts.Table, func(rec store.Record) error {
		if rec.Sort != account.Sort || !subject.Valid(rec.Partition) || subject.KindOf(rec.Partition) == subject.Anonymous {
			return nil
		}
		it, err := account.FromRecord(rec)
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		if !it.Root() || it.Facts.Empty() {
			return nil
		}
		v, err := reader.View(ctx, it.ID, &it.Facts, pl.h.until)
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		e := b.policy.Evaluate(v)
		s.standings[it.ID] = &Standing{Score: e.Score, Band: e.Band, Stages: e.Stages, Acted: map[string]int{}, Observed: map[string]int{}, Stopped: map[string]int{},
			name: it.Facts.Field("name"), rules: e.Rules, places: b.policy.Placements(v), deals: v.Deals}
		return nil
	})
	if err != nil {
		return nil, err
	}
	root := func(id string, at time.Time) (string, error) {
		p, err := reader.At(ctx, id, at.UnixMilli())
		if err != nil {
			return "", fmt.Errorf("simulate: %w", err)
		}
		return p.Root, nil
	}
	if err := pl.handoffs(ctx, b, s, root); err != nil {
		return nil, err
	}
	return s, pl.rates(b, s, root)
}

// handoffs reads what route recorded of each decision.
func (pl *player) handoffs(ctx context.Context, b *branch, s *Side, root func(string, time.Time) (string, error)) error {
	records := &ledger.Ledger{Table: b.records}
	return scan(ctx, b.records, func(rec store.Record) error {
		row, ok, err := records.Decode(ctx, rec)
		if err != nil || !ok || row.Type != ledger.Handoff {
			return err
		}
		var r routing.Record
		if err := json.Unmarshal(row.Body, &r); err != nil {
			return fmt.Errorf("simulate: handoff row %s: %w", row.ID, err)
		}
		if row.ID != r.Decision || r.At.Before(pl.o.Since) || s.plays[r.Play] == nil {
			return nil
		}
		id, err := root(r.Account, pl.h.until)
		if err != nil {
			return err
		}
		st := cmp.Or(s.standings[id], s.strangers[id])
		if st == nil {
			st = &Standing{Acted: map[string]int{}, Observed: map[string]int{}, Stopped: map[string]int{}}
			s.strangers[id] = st
		}
		p := s.plays[r.Play]
		p.Due++
		switch r.Outcome {
		case routing.Offered, routing.EnrolledIn:
			p.Acted++
			st.Acted[r.Play]++
		case routing.Observed:
			p.Observed++
			st.Observed[r.Play]++
		default:
			if p.Stopped++; p.Why == nil {
				p.Why = map[string]int{}
			}
			p.Why[r.Outcome]++
			st.Stopped[r.Play]++
		}
		if r.Outcome != routing.Offered || r.Choice == nil {
			return nil
		}
		if t := s.teams[r.Choice.Team]; t != nil {
			t.Handoffs++
			if r.Choice.How == routing.ByCatchAll {
				t.CatchAll++
			}
		}
		if !r.At.Before(st.handed) {
			st.handed, st.Owner = r.At, r.Choice.Owner
		}
		return nil
	})
}

// rates counts wins by the highest band that an account was in, and by the rules that gave it points, before its first
// win: what came after, the win itself included, foretells nothing.
func (pl *player) rates(b *branch, s *Side, root func(string, time.Time) (string, error)) error {
	first := map[string]time.Time{}
	for _, w := range pl.h.wins {
		id, err := root(w.subject, w.at)
		if err != nil {
			return err
		}
		if at, ok := first[id]; !ok || w.at.Before(at) {
			first[id] = w.at
		}
	}
	courses := map[string]*course{}
	for seen, c := range b.tally.seen {
		id := seen
		if s.standings[id] == nil {
			var err error
			if id, err = root(seen, pl.h.until); err != nil {
				return err
			}
		}
		if have := courses[id]; have != nil {
			have.join(c)
		} else {
			courses[id] = &course{bands: slices.Clone(c.bands), rules: slices.Clone(c.rules)}
		}
	}
	lowest := len(b.policy.Scoring.Bands) - 1
	s.bands, s.rules = make([]Rate, lowest+1), make([]Rate, len(b.policy.Rules()))
	for id, c := range courses {
		if s.standings[id] == nil {
			continue // a device that nobody was recognised on
		}
		win, won := first[id]
		if won && win.Before(pl.o.Since) {
			continue // decided before the time that is looked at
		}
		n := 0
		if won {
			n = 1
		}
		count := func(r *Rate) { r.Accounts, r.Won = r.Accounts+1, r.Won+n }
		count(&s.all)
		count(&s.bands[c.highest(win, lowest)])
		for i, at := range c.rules {
			if !at.IsZero() && (!won || at.Before(win)) {
				count(&s.rules[i])
			}
		}
	}
	return nil
}

// placeOf is where an account stands in a funnel and why, in words.
func (s *Standing) placeOf(name string) string {
	for _, p := range s.places {
		if p.Funnel != name {
			continue
		}
		text := strings.Join(p.Why.Texts, "; ")
		if p.Reason != "" {
			text = strings.TrimSuffix(p.Reason+": "+text, ": ")
		}
		return text
	}
	return ""
}

// everybody is who stands at the end, and who was decided about and does not.
func (s *Side) everybody() map[string]*Standing {
	out := maps.Clone(s.strangers)
	maps.Copy(out, s.standings)
	return out
}

// undecided is the standing under a policy that never decided anything about the account.
func (s *Standing) undecided() *Standing {
	out := *s
	out.Owner, out.Acted, out.Observed, out.Stopped = "", nil, nil, nil
	return &out
}
