package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"handoff/functions/score"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
	"handoff/shared/wire"
)

// branch is one policy over the facts of a player: what it decides, and handoffs, teams and plays of its own.
type branch struct {
	policy  *policy.Policy
	prefix  string
	names   map[string]string // of its plays, as score is told them
	own     *watched
	records store.Table // its ledger: what became of decisions
	route   event.Handler
	decided []event.Envelope
	tally   *tally
	resume  map[string]time.Time // plays whose breaker tripped: when somebody resumes them
}

func (pl *player) branch(p *policy.Policy, name string) (*branch, error) {
	b := &branch{policy: p, prefix: name + "/", names: map[string]string{}, records: pl.db.Table("ledger-" + name), resume: map[string]time.Time{}}
	for i := range p.Plays {
		b.names[p.Plays[i].Name] = b.prefix + p.Plays[i].Name
	}
	b.tally = newTally(p, pl.o, func() time.Time { return pl.now })
	b.own = &watched{Table: pl.db.Table("handoffs-" + name), wrote: b.wrote}
	parts := &wire.Parts{Accounts: split{pl.accounts, b.own}, Ledger: &ledger.Ledger{Table: aside{pl.ledger.Table, b.records}}, Bus: silent{},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return pl.now }, Policy: policy.Static(p)}
	var err error
	if b.route, err = parts.Route(); err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	return b, nil
}

// silent hears nobody: what route tells is looked up in its rows.
type silent struct{}

func (silent) Publish(context.Context, []event.Envelope) error { return nil }

// policies are the rules of all branches in one, for score to fold touches once. Each policy's plays go under a name of
// their own, so that score remembers for each by itself what it has fired.
type policies struct {
	branches []*branch
	newest   map[string]account.Element // of the plays in the last outcome
	decided  map[[2]string][]decided    // by account and play, to be published in this order
}

// decided is what a decision says by its own policy.
type decided struct {
	id         string
	evaluation event.Evaluation
}

func newPolicies(branches []*branch) *policies {
	return &policies{branches: branches, newest: map[string]account.Element{}, decided: map[[2]string][]decided{}}
}

// of is the branch and the play's own name.
func (p *policies) of(play string) (*branch, string) {
	for _, b := range p.branches {
		if name, ok := strings.CutPrefix(play, b.prefix); ok {
			return b, name
		}
	}
	panic("simulate: score speaks of a play that no policy has: " + strconv.Quote(play))
}

// first is the policy that stands for all where they agree: in what is kept of touches.
func (p *policies) first() *policy.Policy { return p.branches[0].policy }

// Memory implements score.Rules.
func (p *policies) Memory() account.Memory { return p.first().Memory() }

// Keep implements score.Rules.
func (p *policies) Keep(rule string) int { return p.first().Keep(rule) }

// Ref implements score.Rules.
func (p *policies) Ref() event.PolicyRef { return p.first().Ref() }

// Canonical implements score.Rules. Credits are not simulated.
func (p *policies) Canonical(conversion, deal string) bool {
	return p.first().Canonical(conversion, deal)
}

// Outcome implements score.Rules. Each evaluation is noted: score makes one after every touch, and one when time alone
// changes something.
func (p *policies) Outcome(v *account.View) policy.Outcome {
	var out policy.Outcome
	clear(p.newest)
	for i, b := range p.branches {
		o := b.policy.Outcome(v)
		b.tally.evaluated(v, &o)
		plays := o.Plays
		if i == 0 {
			out = o
			out.Plays = make([]policy.Held, 0, len(plays))
		}
		for _, h := range plays {
			h.Play = b.names[h.Play]
			p.newest[h.Play] = h.Newest
			out.Plays = append(out.Plays, h)
		}
	}
	return out
}

// Evaluate implements score.Rules. Of which play is not known here: Packet, which score asks for next, fills it in.
func (p *policies) Evaluate(*account.View) event.Evaluation { return event.Evaluation{} }

// Packet implements score.Rules. Nobody reads a story here; it is where a decision's policy is known first.
func (p *policies) Packet(v *account.View, e *event.Evaluation, play string, _ policy.First) *event.Packet {
	b, name := p.of(play)
	*e = b.policy.Evaluate(v)
	newest := p.newest[play]
	if newest == (account.Element{}) {
		newest.Time = v.AsOf.UnixMilli()
	}
	key := [2]string{v.Account, play}
	p.decided[key] = append(p.decided[key], decided{score.DecisionID(v.Account, policy.Held{Play: name}, newest), *e})
	return nil
}

// Reason implements score.Rules.
func (p *policies) Reason(v *account.View, e *event.Evaluation, play string, by policy.Actor) string {
	b, name := p.of(play)
	return b.policy.Reason(v, e, name, by)
}

// Asset implements score.Rules.
func (p *policies) Asset(v *account.View, play string) (asset, because string) {
	b, name := p.of(play)
	return b.policy.Asset(v, name)
}

// ReviewAt implements score.Rules.
func (p *policies) ReviewAt(v *account.View) (first time.Time) {
	for _, b := range p.branches {
		if at := b.policy.ReviewAt(v); first.IsZero() || !at.IsZero() && at.Before(first) {
			first = at
		}
	}
	return first
}

// own gives a decision the names that it has under its own policy, and answers whose it is.
func (p *policies) own(d *event.Decision) (*branch, error) {
	key := [2]string{d.Account, d.Play}
	if len(p.decided[key]) == 0 {
		return nil, fmt.Errorf("simulate: %s is told of %s, and nothing was decided", d.Play, d.Account)
	}
	is := p.decided[key][0]
	p.decided[key] = p.decided[key][1:]
	b, name := p.of(d.Play)
	d.ID, d.Play, d.Evaluation = is.id, name, is.evaluation
	return b, nil
}

// split is the accounts table as a branch's route sees it: subjects and accounts are everybody's, and only read; the rest
// is the branch's own.
type split struct {
	store.Table // of facts
	own         *watched
}

func shared(k store.Key) bool { return k.Sort == account.Sort && subject.Valid(k.Partition) }

func (s split) Get(ctx context.Context, k store.Key) (store.Record, error) {
	if shared(k) {
		return s.Table.Get(ctx, k)
	}
	return s.own.Get(ctx, k)
}

func (s split) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	out := make([]store.Record, len(keys))
	for _, t := range []store.Table{s.Table, s.own} {
		var of []int
		var asked []store.Key
		for i, k := range keys {
			if shared(k) == (t == s.Table) {
				of, asked = append(of, i), append(asked, k)
			}
		}
		if len(asked) == 0 {
			continue
		}
		recs, err := t.GetMany(ctx, asked)
		if err != nil {
			return nil, err
		}
		for i, r := range recs {
			out[of[i]] = r
		}
	}
	return out, nil
}

func (s split) Put(ctx context.Context, r store.Record) error { return s.own.Put(ctx, r) }

func (s split) PutMany(ctx context.Context, rs []store.Record) []error { return s.own.PutMany(ctx, rs) }

func (s split) PutPair(ctx context.Context, a, b store.Record) error { return s.own.PutPair(ctx, a, b) }

func (s split) DueBefore(ctx context.Context, shard int, until time.Time, limit int, cursor string) (store.Page, error) {
	return s.own.DueBefore(ctx, shard, until, limit, cursor)
}

// aside is the ledger as a branch's route sees it: it reads everybody's links and touches, and keeps its own records apart.
type aside struct {
	store.Table
	own store.Table
}

func (a aside) Get(ctx context.Context, k store.Key) (store.Record, error) { return a.own.Get(ctx, k) }

func (a aside) GetMany(ctx context.Context, keys []store.Key) ([]store.Record, error) {
	return a.own.GetMany(ctx, keys)
}

func (a aside) Put(ctx context.Context, r store.Record) error { return a.own.Put(ctx, r) }

func (a aside) PutMany(ctx context.Context, rs []store.Record) []error { return a.own.PutMany(ctx, rs) }

func (a aside) PutPair(ctx context.Context, x, y store.Record) error { return a.own.PutPair(ctx, x, y) }

var _ score.Rules = (*policies)(nil)

// heard are the touches that route hears.
func heard(batch []*touch.Touch, events []event.Envelope) (out []event.Envelope) {
	for i, t := range batch {
		if isHeard(t.Kind) {
			out = append(out, events[i])
		}
	}
	return out
}
