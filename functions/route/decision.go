package route

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
	"handoff/shared/watch"
)

// decision routes one DecisionMade: who, by when, or why nobody.
func (h *Handler) decision(ctx context.Context, i int, e *event.Envelope, stops *stopped, n *watch.Note) error {
	d, err := decode[event.Decision](e)
	if err != nil {
		return err
	}
	*n = watch.Note{Account: d.Account, Correlation: d.Correlation, Causation: d.Causation, Play: d.Play}
	if d.ID == "" || d.Account == "" || d.Play == "" || d.AsOf.IsZero() {
		return fmt.Errorf("route: DecisionMade %s lacks one of id, account, play and as_of", e.ID)
	}
	if stops.again(i, d.Account, d.ID) {
		n.Outcome = duplicate
		return nil
	}
	return retry(ctx, func() error { return h.decide(ctx, i, d, stops, n) })
}

// decide is one try. It ends with store.ErrConflict where another writer came between.
func (h *Handler) decide(ctx context.Context, i int, d *event.Decision, stops *stopped, n *watch.Note) error {
	roster, err := h.Policy.Roster(ctx)
	if err != nil {
		return fmt.Errorf("route: read the policy: %w", err)
	}
	c, err := h.gather(ctx, d, d.Account, roster)
	if err != nil {
		return err
	}
	n.Account = c.Account
	s := c.state
	// Done before? Loading has repaired what that left untold. The item knows the latest decisions, the ledger all.
	if s.item.Knows(d.ID) {
		n.Outcome = duplicate
		return nil
	}
	switch _, err := h.Ledger.Get(ctx, ledger.Row{Owner: d.Account, Type: ledger.Handoff, Time: d.AsOf, ID: d.ID}); {
	case err == nil:
		n.Outcome = duplicate
		return nil
	case !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("route: look for the record of %s: %w", d.ID, err)
	}
	v := routing.Decide(c.Case)
	if v.Act {
		if err := h.count(ctx, &v, c.Switch, c.play, c.Now); err != nil {
			return err
		}
	}
	n.Outcome, n.Reason, _ = strings.Cut(v.Record.Outcome, ":") // gated:customer
	n.Handoff = v.Record.Handoff
	if v.Record.Outcome == routing.Held {
		return h.hold(ctx, s, d, &v, c.Now)
	}
	if !v.Act {
		r, err := row(d.Account, ledger.Handoff, d.AsOf, d.ID, &v.Record)
		if err == nil {
			stops.add(i, r)
		}
		return err
	}
	if ch := v.Record.Choice; ch != nil && ch.How == routing.ByCatchAll {
		h.Log.WarnContext(ctx, "route: no_eligible_owner, the catch-all takes it", "team", ch.Team, "play", d.Play, "handoff", v.Slot.ID)
	}
	n.Published = 1
	return h.offer(ctx, d, &v, s, c.Team, c.team, c.Now)
}

// gathered is all that the routing of a decision depends on, as read, with the versions that writes expect.
type gathered struct {
	routing.Case
	state      *state
	play, team int64
}

// gather reads it.
func (h *Handler) gather(ctx context.Context, d *event.Decision, account string, roster *routing.Roster) (*gathered, error) {
	account, gates, err := h.check(ctx, account, d.Person)
	if err != nil {
		return nil, err
	}
	keys := []store.Key{routing.PlayKey(d.Play)}
	if p := roster.Play(d.Play); p != nil && p.Team != "" {
		keys = append(keys, routing.TeamKey(roster.TeamOf(p, &gates)))
	}
	own := len(keys)
	for _, a := range gates.Elsewhere {
		if a != account && !slices.Contains(gates.Former, a) {
			keys = append(keys, routing.HandoffsKey(a))
		}
	}
	s, recs, err := h.load(ctx, account, gates.Former, keys...)
	if err != nil {
		return nil, err
	}
	c := &gathered{state: s, play: recs[0].Version, Case: routing.Case{
		Decision: d, Account: account, Roster: roster, Gates: gates, Item: s.item, Now: h.now(),
	}}
	for _, rec := range recs[own:] {
		item, err := routing.Decode(rec.Partition, rec.Body)
		if err != nil {
			return nil, fmt.Errorf("route: %w", err)
		}
		c.Elsewhere = append(c.Elsewhere, item)
	}
	play, err := routing.DecodePlay(d.Play, recs[0].Body)
	if err != nil {
		return nil, fmt.Errorf("route: %w", err)
	}
	var team routing.TeamState
	if own > 1 {
		c.team = recs[1].Version
		if team, err = routing.DecodeTeam(recs[1].Partition, recs[1].Body); err != nil {
			return nil, fmt.Errorf("route: %w", err)
		}
	}
	c.Switch, c.Team = &play, &team
	return c, nil
}

// check reads the gates of the account that stands for another now, which may itself have moved on.
func (h *Handler) check(ctx context.Context, account, person string) (string, routing.GateState, error) {
	var former []string
	for range 8 {
		g, err := h.Gates.Check(ctx, account, person)
		if err != nil {
			return account, g, fmt.Errorf("route: read the gates of %s: %w", watch.Discreet(account), err)
		}
		if g.Forward == "" || g.Forward == account {
			g.Former = append(former, g.Former...)
			return account, g, nil
		}
		former = append(former, account)
		account = g.Forward
	}
	return account, routing.GateState{}, fmt.Errorf("route: %s leads on more than eight times; its forwards make a ring", watch.Discreet(account))
}

// count enters the decision into the breaker, before anything is opened: a crash in between has counted one that the
// redelivery finds counted, so the breaker errs on the side of caution and never counts twice. The write is conditional
// on the play's item as read, so a pause that came meanwhile is seen by the next try.
func (h *Handler) count(ctx context.Context, v *routing.Verdict, play *routing.PlayState, version int64, now time.Time) error {
	changed, ok := play.Count(v.Record.Decision, v.Play.MaxVolume(), now)
	if changed {
		body, err := json.Marshal(play)
		if err != nil {
			return fmt.Errorf("route: encode the play item of %s: %w", v.Play.Name, err)
		}
		if err := h.Accounts.Put(ctx, store.Record{Key: routing.PlayKey(v.Play.Name), Version: version, Body: body}); err != nil {
			return fmt.Errorf("route: count for the breaker of %s: %w", v.Play.Name, err)
		}
	}
	if !ok {
		v.Trip(play)
		metric.From(ctx).Add(metric.BreakersTripped, 1)
		h.Log.LogAttrs(ctx, slog.LevelError, "route: the breaker tripped; nobody is contacted until the play is resumed",
			slog.String("play", v.Play.Name), slog.String("why", play.Tripped.Why))
	}
	return nil
}

// offer opens the slot, moves the team's counters with it, and tells.
func (h *Handler) offer(ctx context.Context, d *event.Decision, v *routing.Verdict, s *state, team *routing.TeamState, teamVersion int64, now time.Time) error {
	effects := v.Open(s.item, team, now)
	p := &routing.Pending{Since: now, Handoffs: []string{v.Slot.ID}}
	// The row of a decision stands under the account and the time that the decision names, whatever came of it: that key
	// is how a later delivery finds it.
	r, err := row(d.Account, ledger.Handoff, d.AsOf, d.ID, &v.Record)
	if err != nil {
		return err
	}
	p.Rows = append(p.Rows, r)
	kind := event.HandoffOffered
	if v.Slot.Nurture {
		kind = event.NurtureEnrolled
	}
	detail := v.Slot.Detail(s.item.Account)
	if d.Packet != nil {
		// The slot has no packet, which would weigh on every later write of the account's handoffs: the offer and the
		// decision's row have it.
		packet := *d.Packet
		packet.Handoffs, detail.Packet = v.Record.Open, &packet
	}
	env, err := envelope(kind, now, detail)
	if err != nil {
		return err
	}
	p.Events = append(p.Events, env)
	for i := range effects {
		if err := h.taken(p, s.item.Account, &effects[i], now); err != nil {
			return err
		}
	}
	var rec *store.Record
	if !v.Slot.Nurture {
		if rec, err = teamRecord(v.Record.Choice.Team, team, teamVersion); err != nil {
			return err
		}
	}
	return h.commit(ctx, s, rec, p)
}

// taken adds the row and the event of an answer.
func (h *Handler) taken(p *routing.Pending, account string, e *routing.Effect, now time.Time) error {
	r, err := answerRow(account, e)
	if err != nil {
		return err
	}
	p.Rows = append(p.Rows, r)
	return announce(p, account, e, e.Answer.Touch, now)
}

func answerRow(account string, e *routing.Effect) (ledger.Row, error) {
	t := ledger.Handoff
	if e.Answer.Kind == touch.HandoffReceived {
		t = ledger.Receipt
	}
	return row(account, t, e.Answer.At, e.Answer.Touch, &e.Record)
}
