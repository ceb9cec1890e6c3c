package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"slices"
	"strconv"
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
	"handoff/shared/wire"
)

// player is one policy's pipeline: score and route over a store of their own, driven by the history's clock.
type player struct {
	h      *history
	policy *policy.Policy
	name   string
	o      Options

	db       *embedded.DB
	accounts *watched
	ledger   *ledger.Ledger
	graph    *graph.Graph
	score    *score.Handler
	route    event.Handler

	now       time.Time
	decided   []event.Envelope
	asked     []string // companies that enrichment was asked about
	ticks     int
	delivered map[touch.ID]bool // enrichments
	tally     *tally
	resume    map[string]time.Time // plays whose breaker tripped: when somebody resumes them
}

// step is the longest that touches are handed over together. Each is evaluated by itself all the same; what they share
// is the moment at which route acts.
const step = 10 * time.Minute

// play runs the history under one policy.
func play(ctx context.Context, h *history, p *policy.Policy, dir, name string, o Options) (_ *Side, err error) {
	log := slog.New(slog.DiscardHandler)
	db, err := embedded.Open(dir, embedded.Options{NoSync: true, Memory: 64 << 20, Log: log})
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	pl := &player{h: h, policy: p, name: name, o: o, db: db, delivered: map[touch.ID]bool{}, resume: map[string]time.Time{}}
	pl.tally = newTally(p, o, func() time.Time { return pl.now })
	pl.accounts = &watched{Table: db.Table("accounts"), player: pl}
	pl.ledger = &ledger.Ledger{Table: db.Table("ledger")}
	pl.graph = &graph.Graph{Accounts: pl.accounts, Ledger: pl.ledger, Implied: h.implied}
	now := func() time.Time { return pl.now }
	rules := watchedRules{p, pl.tally}
	pl.score, err = score.New(score.Config{Accounts: pl.accounts, Ledger: pl.ledger, Bus: pl, Implied: h.implied, Log: log, Now: now,
		Policy: func(context.Context) (score.Rules, error) { return rules, nil }})
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	parts := &wire.Parts{Accounts: pl.accounts, Ledger: pl.ledger, Bus: pl, Log: log, Now: now, Policy: policy.Static(p)}
	if pl.route, err = parts.Route(); err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	if err := pl.run(ctx); err != nil {
		return nil, err
	}
	return pl.side(ctx)
}

// Publish takes what score and route say: decisions are routed, questions about companies answered, the rest is heard by
// nobody.
func (pl *player) Publish(_ context.Context, events []event.Envelope) error {
	for i := range events {
		switch events[i].DetailType {
		case event.DecisionMade:
			pl.decided = append(pl.decided, events[i])
		case event.EnrichmentWanted:
			d, err := event.Decode[event.EnrichmentWantedDetail](&events[i], event.EnrichmentWanted)
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
		// An answer, and a purchase, come alone: what was before them must be told from what is after.
		alone := slices.Contains(touch.FeedbackKinds, t.Kind) || t.Kind == touch.OpportunityWon || t.Kind == touch.SubscriptionStarted
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

// fold hands touches to score, what it decides to route, and answers to route.
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
	for i, t := range batch {
		if slices.Contains(touch.FeedbackKinds, t.Kind) {
			if err := errors.Join(pl.route.Handle(ctx, events[i:i+1])...); err != nil {
				return fmt.Errorf("simulate: %w", err)
			}
		}
	}
	return nil
}

// follow routes what was decided, and answers what was asked of enrichment, until nothing is left.
func (pl *player) follow(ctx context.Context) error {
	for len(pl.asked) > 0 || len(pl.decided) > 0 {
		asked, decided := pl.asked, pl.decided
		pl.asked, pl.decided = nil, nil
		if len(decided) > 0 {
			if err := errors.Join(pl.route.Handle(ctx, decided)...); err != nil {
				return fmt.Errorf("simulate: %w", err)
			}
		}
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
		if len(answers) > 0 {
			if err := pl.fold(ctx, answers); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep moves the clock to a time, and does what comes due before it, at its own minute.
func (pl *player) sweep(ctx context.Context, until time.Time) error {
	for {
		due, ok, err := pl.accounts.due(ctx, until)
		if err != nil {
			return err
		}
		for play, at := range pl.resume {
			if !at.After(until) && (!ok || !at.After(due)) {
				due, ok = at, true
				pl.now = later(pl.now, at)
				delete(pl.resume, play)
				if err := route.Resume(ctx, pl.accounts, play, routing.Switch{At: pl.now, By: "simulation", Why: "a day has passed"}); err != nil {
					return fmt.Errorf("simulate: %w", err)
				}
			}
		}
		if !ok {
			return nil
		}
		if pl.now = later(pl.now, due); pl.now.Equal(pl.accounts.swept) {
			pl.now = pl.now.Add(time.Minute) // what is still due is so by the next minute's sweep
			if pl.now.After(until) {
				return nil
			}
		}
		pl.accounts.swept = pl.now
		pl.ticks++
		tick := []event.Envelope{{ID: "tick-" + strconv.Itoa(pl.ticks), Source: "aws.events", DetailType: event.Sweep, Time: pl.now}}
		if err := errors.Join(append(pl.score.Handle(ctx, tick), pl.route.Handle(ctx, tick)...)...); err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		if err := pl.follow(ctx); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// watched is the accounts table, looked at as it is written: when something is due next, how much a team has open, which
// breaker tripped.
type watched struct {
	store.Table
	player   *player
	earliest int64 // no due time is before it; 0: not known
	swept    time.Time
}

func (w *watched) saw(rs ...store.Record) {
	for i := range rs {
		r := &rs[i]
		if r.Due != 0 && r.Due != account.Asleep && r.Due < w.earliest {
			w.earliest = r.Due
		}
		w.player.tally.wrote(r, w.player)
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
