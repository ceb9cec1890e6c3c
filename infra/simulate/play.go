package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/functions/route"
	"handoff/functions/score"
	"handoff/shared/account"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/touch"
)

// player plays the history under policies that keep the same things of touches: score folds each touch once and
// evaluates the account by each policy; then every policy has its own route.
type player struct {
	h    *history
	name string
	o    Options

	db       *embedded.DB
	accounts *watched // subjects and accounts
	ledger   *ledger.Ledger
	graph    *graph.Graph
	score    *score.Handler
	rules    *policies
	branches []*branch

	now       time.Time
	swept     time.Time
	asked     []string // companies that enrichment was asked about
	ticks     int
	delivered map[touch.ID]bool // enrichments
}

// step is the longest that touches are handed over together. Each is evaluated by itself all the same; what they share
// is the moment at which route acts.
const step = 10 * time.Minute

// play runs the history under policies of one fold, by name.
func play(ctx context.Context, h *history, under []*policy.Policy, names []string, dir string, o Options) (_ []*Side, err error) {
	log := slog.New(slog.DiscardHandler)
	db, err := embedded.Open(dir, embedded.Options{NoSync: true, Memory: 64 << 20, Log: log})
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pl := &player{h: h, name: strings.Join(names, " and "), o: o, db: db, delivered: map[touch.ID]bool{}}
	pl.accounts = &watched{Table: db.Table("accounts")}
	pl.ledger = &ledger.Ledger{Table: db.Table("ledger")}
	pl.graph = &graph.Graph{Accounts: pl.accounts, Ledger: pl.ledger, Implied: h.implied}
	for i, p := range under {
		b, err := pl.branch(p, names[i])
		if err != nil {
			return nil, err
		}
		pl.branches = append(pl.branches, b)
	}
	pl.rules = newPolicies(pl.branches)
	pl.score, err = score.New(score.Config{Accounts: pl.accounts, Ledger: pl.ledger, Bus: pl, Implied: h.implied, Log: log,
		Now:    func() time.Time { return pl.now },
		Policy: func(context.Context) (score.Rules, error) { return pl.rules, nil }})
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	if err := pl.run(ctx); err != nil {
		return nil, err
	}
	var out []*Side
	for _, b := range pl.branches {
		s, err := pl.side(ctx, b)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Publish takes what score says: decisions wait for their policy's route, questions about companies for an answer, the
// rest is heard by nobody.
func (pl *player) Publish(_ context.Context, events []event.Envelope) error {
	for i := range events {
		e := &events[i]
		switch e.DetailType {
		case event.DecisionMade:
			var d event.Decision
			if err := json.Unmarshal(e.Detail, &d); err != nil {
				return fmt.Errorf("simulate: decode a decision: %w", err)
			}
			b, err := pl.rules.own(&d)
			if err != nil {
				return err
			}
			detail, err := json.Marshal(&d)
			if err != nil {
				return fmt.Errorf("simulate: encode decision %s: %w", d.ID, err)
			}
			own := *e
			own.Detail = detail
			b.decided = append(b.decided, own)
		case event.EnrichmentWanted:
			d, err := event.Decode[event.EnrichmentWantedDetail](e, event.EnrichmentWanted)
			if err != nil {
				return err
			}
			pl.asked = append(pl.asked, d.Account)
		}
	}
	return nil
}

func (pl *player) run(ctx context.Context) error {
	next, stop := iter.Pull2(pl.h.ledger.Timeline(ctx, partition, time.Time{}, time.Time{}))
	defer stop()
	r := &reader{pl.h, next}
	var batch []*touch.Touch
	done := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := pl.sweep(ctx, batch[0].Time); err != nil {
			return err
		}
		pl.now = batch[len(batch)-1].Time
		if err := pl.fold(ctx, batch); err != nil {
			return err
		}
		if done += len(batch); done/1000 != (done-len(batch))/1000 {
			pl.o.Progress(pl.name, done, pl.h.touches)
		}
		batch = batch[:0]
		return ctx.Err()
	}
	for {
		t, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		// What route hears, and a purchase, come alone: what was before them must be told from what is after.
		alone := isHeard(t.Kind) || t.Kind == touch.OpportunityWon || t.Kind == touch.SubscriptionStarted
		if len(batch) > 0 && (alone || t.Time.Sub(batch[0].Time) > step || !t.Time.Truncate(time.Hour).Equal(batch[0].Time.Truncate(time.Hour))) {
			if err := flush(); err != nil {
				return err
			}
		}
		if batch = append(batch, t); alone || len(batch) == page {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return pl.sweep(ctx, pl.h.until)
}

// fold hands touches to score, what it decides to route, and what route hears itself to route.
func (pl *player) fold(ctx context.Context, batch []*touch.Touch) error {
	rows, events := make([]ledger.Row, len(batch)), make([]event.Envelope, len(batch))
	for i, t := range batch {
		var err error
		if rows[i], events[i], err = graph.Recorded(t, pl.now); err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
	}
	for _, res := range pl.ledger.Append(ctx, rows) {
		if res.Err != nil {
			return fmt.Errorf("simulate: %w", res.Err)
		}
	}
	if err := errors.Join(pl.score.Handle(ctx, events)...); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	if err := pl.follow(ctx); err != nil {
		return err
	}
	for _, e := range heard(batch, events) {
		for _, b := range pl.branches {
			if err := b.handle(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func isHeard(kind string) bool { return slices.Contains(touch.RouteKinds, kind) }

// handle hands events to the branch's route.
func (b *branch) handle(ctx context.Context, events ...event.Envelope) error {
	if len(events) == 0 {
		return nil
	}
	if err := errors.Join(b.route.Handle(ctx, events)...); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return nil
}

// follow routes what was decided, and answers what was asked of enrichment, until nothing is left.
func (pl *player) follow(ctx context.Context) error {
	for {
		for _, b := range pl.branches {
			decided := b.decided
			b.decided = nil
			if err := b.handle(ctx, decided...); err != nil {
				return err
			}
		}
		asked := pl.asked
		pl.asked = nil
		var answers []*touch.Touch
		for _, id := range asked {
			for _, t := range pl.h.enriched[id] {
				if t.Revision < pl.h.latest[t.ID] || t.Withdrawn || pl.delivered[t.ID] {
					continue
				}
				pl.delivered[t.ID] = true
				c := *t
				c.RecordedAt = pl.now
				answers = append(answers, &c)
			}
		}
		if len(answers) == 0 {
			return nil
		}
		if err := pl.fold(ctx, answers); err != nil {
			return err
		}
	}
}

// sweep moves the clock to a time, and does what comes due before it, at its own minute: for score, or for a policy's
// route, whichever has something due then.
func (pl *player) sweep(ctx context.Context, until time.Time) error {
	for {
		due, ok, err := pl.accounts.due(ctx, until)
		if err != nil {
			return err
		}
		for _, b := range pl.branches {
			at, own, err := b.own.due(ctx, until)
			if err != nil {
				return err
			}
			if own && (!ok || at.Before(due)) {
				due, ok = at, true
			}
		}
		for _, b := range pl.branches {
			for play, at := range b.resume {
				if !at.After(until) && (!ok || !at.After(due)) {
					due, ok = at, true
					pl.now = later(pl.now, at)
					delete(b.resume, play)
					if err := route.Resume(ctx, b.own, play, routing.Switch{At: pl.now, By: "simulation", Why: "a day has passed"}); err != nil {
						return fmt.Errorf("simulate: %w", err)
					}
				}
			}
		}
		if !ok {
			return nil
		}
		if pl.now = later(pl.now, due); pl.now.Equal(pl.swept) {
			pl.now = pl.now.Add(time.Minute) // what is still due is so by the next minute's sweep
			if pl.now.After(until) {
				return nil
			}
		}
		pl.swept = pl.now
		pl.ticks++
		if err := pl.tick(ctx, event.Envelope{ID: "tick-" + strconv.Itoa(pl.ticks), Source: "aws.events", DetailType: event.Sweep, Time: pl.now}); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// tick sweeps those for whom something is due.
func (pl *player) tick(ctx context.Context, tick event.Envelope) error {
	_, ok, err := pl.accounts.due(ctx, pl.now)
	if err != nil {
		return err
	}
	if ok {
		if err := errors.Join(pl.score.Handle(ctx, []event.Envelope{tick})...); err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
	}
	for _, b := range pl.branches {
		if _, ok, err = b.own.due(ctx, pl.now); err != nil {
			return err
		}
		if ok {
			if err := b.handle(ctx, tick); err != nil {
				return err
			}
		}
	}
	return pl.follow(ctx)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// watched is a table, looked at as it is written: when something is due next, and what else one wants to know.
type watched struct {
	store.Table
	wrote    func(*store.Record)
	earliest int64 // no due time is before it; 0: not known
}

func (w *watched) saw(rs ...store.Record) {
	for i := range rs {
		r := &rs[i]
		if r.Due != 0 && r.Due != account.Asleep && r.Due < w.earliest {
			w.earliest = r.Due
		}
		if w.wrote != nil {
			w.wrote(r)
		}
	}
}

func (w *watched) Put(ctx context.Context, r store.Record) error {
	err := w.Table.Put(ctx, r)
	if err == nil {
		w.saw(r)
	}
	return err
}

func (w *watched) PutMany(ctx context.Context, rs []store.Record) []error {
	errs := w.Table.PutMany(ctx, rs)
	for i, err := range errs {
		if err == nil {
			w.saw(rs[i])
		}
	}
	return errs
}

func (w *watched) PutPair(ctx context.Context, a, b store.Record) error {
	err := w.Table.PutPair(ctx, a, b)
	if err == nil {
		w.saw(a, b)
	}
	return err
}

// due is when something is due next, if that is at until or before. The index is asked only where what was written since
// leaves that open.
func (w *watched) due(ctx context.Context, until time.Time) (time.Time, bool, error) {
	limit := until.Unix()
	if w.earliest > limit {
		return time.Time{}, false, nil
	}
	next := account.Asleep
	for shard := range store.Shards {
		p, err := w.DueBefore(ctx, shard, time.Unix(min(next, account.Asleep-1), 0), 1, "")
		if err != nil {
			return time.Time{}, false, fmt.Errorf("simulate: %w", err)
		}
		for _, r := range p.Records {
			next = min(next, r.Due)
		}
	}
	w.earliest = next
	return time.Unix(next, 0).UTC(), next <= limit, nil
}
