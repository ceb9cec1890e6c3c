// Package route turns decisions into handoffs and keeps them until they are finished.
//
// It consumes DecisionMade, TouchRecorded of the feedback and withdrawal kinds and the one-minute sweep; it publishes HandoffOffered,
// NurtureEnrolled, HandoffReminded, HandoffEscalated, HandoffClosed and HandoffReassigned. It writes the account's handoffs item, the
// counters of its team and of its play, and the ledger's handoff and receipt rows: one for every decision, also where
// nobody was contacted.
//
// A decision delivered again is known by the handoffs item or by its ledger row and only repairs what an earlier try
// left untold. Answers are taken by their own time, in any order; one that comes before its handoff waits a week, one
// that fits none is recorded as unmatched. A withdrawal of consent closes what is open about the person at once, and stops
// what is on its way; one that is older than a later consent does nothing. Evidence older than the play's act_within never acts.
package route

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/trace"
	"handoff/shared/watch"
)

// Rosters answers with the plays and teams of the policy in force. Implementations cache.
type Rosters interface {
	Roster(ctx context.Context) (*routing.Roster, error)
}

// Gates reads, consistently, what is true of an account and a person now. An account that nobody knows has no gate
// closed: that is an empty state, no error. person may be empty.
type Gates interface {
	Check(ctx context.Context, account, person string) (routing.GateState, error)
}

// Resolver answers the account that a subject's touches of a time belong to: the subject itself where it stands alone,
// store.ErrNotFound where nothing is known of it.
type Resolver interface {
	Resolve(ctx context.Context, subject string, at time.Time) (account string, err error)
	// Who answers the ids of the person whom a touch is about, the strongest first, also of a touch that nobody has
	// written down yet; none where it is about nobody.
	Who(ctx context.Context, t *touch.Touch) ([]routing.Identity, error)
}

// Config is what a Handler is made of.
type Config struct {
	Accounts store.Table
	Ledger   *ledger.Ledger
	Bus      event.Publisher
	Policy   Rosters
	Gates    Gates
	Resolver Resolver
	Log      *slog.Logger
	Now      func() time.Time
}

// Validate reports everything that is missing.
func (c *Config) Validate() error {
	var errs []error
	for _, p := range [...]struct {
		name    string
		missing bool
	}{
		{"Accounts", c.Accounts == nil}, {"Ledger", c.Ledger == nil || c.Ledger.Table == nil}, {"Bus", c.Bus == nil},
		{"Policy", c.Policy == nil}, {"Gates", c.Gates == nil}, {"Resolver", c.Resolver == nil}, {"Log", c.Log == nil},
		{"Now", c.Now == nil},
	} {
		if p.missing {
			errs = append(errs, fmt.Errorf("route: %s is not set", p.name))
		}
	}
	return errors.Join(errs...)
}

// Handler is the function.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Handler{c}, nil
}

// Handle does the events one by one, in their order, so that a batch is offered out as the same events one at a time
// would be. The rows of decisions that nothing came of are appended together at the end; an event is done when its row is.
func (h *Handler) Handle(ctx context.Context, batch []event.Envelope) []error {
	out := make([]error, len(batch))
	notes := watch.Notes(ctx, batch)
	var stops stopped
	for i := range batch {
		e, n := &batch[i], &notes[i]
		one := trace.With(ctx, e.Trace)
		switch {
		case event.Tick(e):
			out[i] = h.sweep(one, e, n)
		case e.DetailType == event.DecisionMade:
			out[i] = h.decision(one, i, e, &stops, n)
		case e.DetailType == event.TouchRecorded:
			out[i] = h.feedback(one, e, n)
		default:
			n.Outcome = ignored // not an event that route takes: see its rules in template.yaml
		}
	}
	for i, err := range stops.append(ctx, h.Ledger) {
		out[i] = errors.Join(out[i], err)
	}
	tally := metric.From(ctx)
	for i := range batch {
		if out[i] == nil {
			count(tally, &batch[i], &notes[i])
		}
	}
	return out
}

// now is the handler's time as rows hold it.
func (h *Handler) now() time.Time { return h.Now().UTC().Truncate(time.Millisecond) }

// stopped gathers the rows of decisions that nothing came of.
type stopped struct {
	rows   []ledger.Row
	events [][]int // per row, the events of the batch that wait for it
	byID   map[string]int
}

// add enters a row for an event of the batch. Two deliveries of one decision share the first one's row.
func (s *stopped) add(event int, row ledger.Row) {
	if s.again(event, row.Owner, row.ID) {
		return
	}
	if s.byID == nil {
		s.byID = map[string]int{}
	}
	s.byID[row.Owner+" "+row.ID] = len(s.rows)
	s.rows, s.events = append(s.rows, row), append(s.events, []int{event})
}

// again lets an event wait for a row that the batch is to write already.
func (s *stopped) again(event int, owner, id string) bool {
	i, ok := s.byID[owner+" "+id]
	if ok {
		s.events[i] = append(s.events[i], event)
	}
	return ok
}

// append writes the rows and answers an error per event. A row that stands there came from another delivery.
func (s *stopped) append(ctx context.Context, l *ledger.Ledger) map[int]error {
	errs := map[int]error{}
	if len(s.rows) == 0 {
		return errs
	}
	for i, r := range l.Append(ctx, s.rows) {
		for _, e := range s.events[i] {
			errs[e] = r.Err
		}
	}
	return errs
}

// decode reads one of our own details strictly: a field that this build does not know means that a newer one is being
// deployed, and the queue brings the event again.
func decode[T any](e *event.Envelope) (*T, error) {
	var v T
	d := json.NewDecoder(bytes.NewReader(e.Detail))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("route: %s %s cannot be read: %w", e.DetailType, e.ID, err)
	}
	return &v, nil
}

// tries bounds how often a write is repeated that met another's. The queue repeats what is left.
const tries = 10

// retry repeats f while it meets other writers.
func retry(ctx context.Context, f func() error) error {
	var err error
	for range tries {
		if err = f(); !errors.Is(err, store.ErrConflict) {
			return err
		}
		metric.From(ctx).Add(metric.Conflicts, 1)
	}
	return err
}

func isFeedback(kind string) bool { return slices.Contains(touch.FeedbackKinds, kind) }
