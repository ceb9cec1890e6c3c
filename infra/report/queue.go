package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"handoff/functions/route"
	"handoff/shared/routing"
)

// Handoff is one that holds its place: open, accepted or contacted.
type Handoff struct {
	ID       string    `json:"id"`
	Account  string    `json:"account"`
	Name     string    `json:"name"`
	Person   string    `json:"person,omitempty"`
	Play     string    `json:"play"`
	Team     string    `json:"team"`
	Owner    string    `json:"owner"`
	State    string    `json:"state"`  // open, accepted, first_outreach
	Reason   string    `json:"reason"` // why now, one sentence
	OpenedAt time.Time `json:"opened_at"`
	DueAt    time.Time `json:"due_at,omitzero"` // of the first outreach
	Age      int64     `json:"age_seconds"`
	Overdue  bool      `json:"overdue"` // no outreach came by the deadline
	Packet   bool      `json:"packet"`  // handoff brief tells what comes along
}

// waits reports whether the SLA clock still runs.
func (h *Handoff) waits() bool { return h.State != string(routing.Contacted) }

// QueueFilter narrows the queue; empty fields do not. Rep is an address or the beginning of one.
type QueueFilter struct {
	Rep, Team string
	Overdue   bool
}

func (f QueueFilter) takes(owner, team string) bool {
	return (f.Rep == "" || strings.HasPrefix(strings.ToLower(owner), strings.ToLower(f.Rep))) && (f.Team == "" || strings.EqualFold(f.Team, team))
}

// Rep is one owner's part of the queue, and how fast the first outreach came to the handoffs offered to them.
type Rep struct {
	Owner     string    `json:"owner"`
	Team      string    `json:"team"`
	Open      int       `json:"open"`    // hold their place
	Waiting   int       `json:"waiting"` // of these, without an outreach yet
	Overdue   int       `json:"overdue"`
	OldestDue time.Time `json:"oldest_due,omitzero"` // of those waiting
	Offered   int       `json:"offered"`             // ever
	Reached   int       `json:"reached"`             // of these, that had a first outreach
	// MedianOutreach is from the offer to the first outreach, in seconds by the wall, nights and weekends included;
	// over the handoffs that had one. 0 where none had.
	MedianOutreach int64 `json:"median_outreach_seconds"`
}

// Queue is the open handoffs and the totals by rep.
type Queue struct {
	At       time.Time `json:"at"`
	Handoffs []Handoff `json:"handoffs"` // overdue first, then by deadline; those already contacted last
	Reps     []Rep     `json:"reps"`
	Known    Filters   `json:"known"`
}

// Filters are the reps and teams that a filter can name.
type Filters struct {
	Reps  []string `json:"reps"`
	Teams []string `json:"teams"`
}

// Queue lists the open handoffs.
func (s *Snapshot) Queue(ctx context.Context, f QueueFilter) (*Queue, error) {
	open, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	q := &Queue{At: s.At, Handoffs: []Handoff{}, Reps: []Rep{}}
	reps := map[string]*Rep{}
	took := map[string][]int64{}
	rep := func(owner, team string) *Rep {
		if reps[owner] == nil {
			reps[owner] = &Rep{Owner: owner, Team: team}
		}
		return reps[owner]
	}
	known := func(owner, team string) {
		if !slices.Contains(q.Known.Reps, owner) {
			q.Known.Reps = append(q.Known.Reps, owner)
		}
		if !slices.Contains(q.Known.Teams, team) {
			q.Known.Teams = append(q.Known.Teams, team)
		}
	}
	for _, h := range open {
		known(h.Owner, h.Team)
		if !f.takes(h.Owner, h.Team) {
			continue
		}
		r := rep(h.Owner, h.Team)
		r.Open++
		if h.waits() {
			r.Waiting++
			if r.OldestDue.IsZero() || h.DueAt.Before(r.OldestDue) {
				r.OldestDue = h.DueAt
			}
		}
		if h.Overdue {
			r.Overdue++
		}
		h.Packet = p.packets[h.ID]
		if !f.Overdue || h.Overdue {
			q.Handoffs = append(q.Handoffs, h)
		}
	}
	for _, o := range p.offers {
		if o.at.IsZero() || o.owner == "" {
			continue // an answer to a handoff of which no offer is known
		}
		known(o.owner, o.team)
		if !f.takes(o.owner, o.team) {
			continue
		}
		r := rep(o.owner, o.team)
		r.Offered++
		if !o.outreach.IsZero() {
			r.Reached++
			took[o.owner] = append(took[o.owner], max(0, int64(o.outreach.Sub(o.at)/time.Second)))
		}
	}
	for owner, r := range reps {
		r.MedianOutreach = median(took[owner])
		q.Reps = append(q.Reps, *r)
	}
	slices.SortFunc(q.Reps, func(a, b Rep) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Open, a.Open), cmp.Compare(b.Offered, a.Offered), compare(a.Owner, b.Owner))
	})
	slices.Sort(q.Known.Reps)
	slices.Sort(q.Known.Teams)
	return q, nil
}

// open reads all open handoffs once.
func (s *Snapshot) open(ctx context.Context) ([]Handoff, error) {
	if s.queue != nil {
		return s.queue, nil
	}
	out := []Handoff{}
	for w, err := range route.Open(ctx, s.Accounts) {
		if err != nil {
			return nil, err
		}
		if w.Ending() || w.OpenedAt.After(s.At) {
			continue
		}
		h := Handoff{
			ID: w.ID, Account: w.Account, Name: cmp.Or(w.Context.Name, w.Context.Domain, w.Account), Person: w.Person, Play: w.Play,
			Team: w.Team, Owner: w.Owner, State: string(w.State()), Reason: w.Reason, OpenedAt: w.OpenedAt, DueAt: w.DueAt,
			Age: int64(s.At.Sub(w.OpenedAt) / time.Second), Overdue: w.Late(s.At),
		}
		a, err := s.account(ctx, w.Account)
		if err != nil {
			return nil, err
		}
		if a != nil {
			h.Account, h.Name = a.ID, a.Name
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Handoff) int {
		return cmp.Or(late(b.waits())-late(a.waits()), a.DueAt.Compare(b.DueAt), a.OpenedAt.Compare(b.OpenedAt), compare(a.ID, b.ID))
	})
	s.queue = out
	return out, nil
}

func late(b bool) int {
	if b {
		return 1
	}
	return 0
}

// median of whole numbers, the lower of the two in the middle; 0 of none. It sorts its argument.
func median(v []int64) int64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[(len(v)-1)/2]
}
