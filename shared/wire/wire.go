// Package wire joins the functions to what they run on: stores, a bus, the policy in force. The mains of
// functions/*/lambda and the pipeline of one machine (infra/stack) make the same handlers here, and ingest's in
// wire/pipeline, so that they cannot come to differ. It knows no technology: the stores and the bus are given to it.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"handoff/functions/attribution"
	"handoff/functions/enrich"
	"handoff/functions/route"
	"handoff/functions/score"
	policyfiles "handoff/infra/policy"
	"handoff/shared/account"
	"handoff/shared/company"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/trace"
	"handoff/shared/watch"
)

// PolicyAge is how long a function goes by the policy that it has read before it looks for a newer.
const PolicyAge = time.Minute

// Parts is what handlers are made of. It is for one goroutine; the handlers are not.
type Parts struct {
	Accounts store.Table
	Ledger   *ledger.Ledger
	Bus      event.Publisher
	Provider enrich.Provider // whom enrich asks; nil: nobody
	Log      *slog.Logger
	Now      func() time.Time

	Policy policy.Source // nil: the one that is active in Accounts, or as long as none is, the one that the build ships

	// Lines is the level of the log line that each event leaves, if it did not fail. The deployed functions say it at INFO;
	// on one machine, where somebody reads along, it is DEBUG unless set.
	Lines slog.Leveler
	// Metrics takes lines in CloudWatch's embedded metric format; nil, as on one machine: nothing is counted.
	Metrics   io.Writer
	Namespace string
	Spans     *trace.Exporter // nil: nothing is traced
}

// counted counts what is published.
type counted struct{ event.Publisher }

func (c counted) Publish(ctx context.Context, events []event.Envelope) error {
	err := c.Publisher.Publish(ctx, events)
	left := 0
	if err != nil {
		left = len(events) // nobody knows what was taken, so all of it comes again
		if l, ok := errors.AsType[*event.Leftover](err); ok {
			left = len(l.Events)
		}
	}
	tally := metric.From(ctx)
	tally.Add(metric.PublishedEvents, len(events)-left)
	tally.Add(metric.PublishFailures, left)
	return err
}

// Publisher is what handlers publish to.
func (p *Parts) Publisher() event.Publisher {
	if p.Bus == nil || p.Metrics == nil {
		return p.Bus
	}
	return counted{p.Bus}
}

// log names the function in each of its lines.
func (p *Parts) log(function string) *slog.Logger {
	if p.Log == nil {
		return nil
	}
	return p.Log.With("function", function)
}

// Watched lets a handler be seen, unless err says that there is none. Its words are metric labels.
func (p *Parts) Watched(function string, h event.Handler, err error) (event.Handler, error) {
	if err != nil {
		return nil, err
	}
	level := slog.LevelDebug
	if p.Lines != nil {
		level = p.Lines.Level()
	}
	return &watch.Handler{Function: function, Next: h, Log: p.log(function), Level: level, Now: p.Now, Metrics: p.Metrics, Namespace: p.Namespace, Spans: p.Spans}, nil
}

// DefaultPolicy compiles the policy that the build ships.
func DefaultPolicy() (*policy.Policy, error) {
	p, err := policy.Load(policyfiles.Default)
	if err != nil {
		return nil, fmt.Errorf("wire: the built-in policy: %w", err)
	}
	return p, nil
}

// Implied is the account that an e-mail subject's domain stands for, "" for free mail and the like.
func Implied(email string) string {
	acct, _ := company.AccountOf(email)
	return acct
}

// source is the policy's, made once.
func (p *Parts) source() (policy.Source, error) {
	if p.Policy == nil {
		if p.Accounts == nil || p.Ledger == nil || p.Now == nil {
			return nil, errors.New("wire: Accounts, Ledger or Now is missing: the active policy cannot be read")
		}
		p.Policy = policy.Stored(&policy.Book{Accounts: p.Accounts, Ledger: p.Ledger, Ship: sync.OnceValues(DefaultPolicy), Now: p.Now, Log: p.Log}, PolicyAge)
	}
	return p.Policy, nil
}

// Graph reads journeys and subjects.
func (p *Parts) Graph() *graph.Graph {
	return &graph.Graph{Accounts: p.Accounts, Ledger: p.Ledger, Implied: Implied}
}

// Gates reads what is true of an account at the moment of acting.
func (p *Parts) Gates() (*graph.Gates, error) {
	source, err := p.source()
	if err != nil {
		return nil, err
	}
	return &graph.Gates{Graph: p.Graph(), Now: p.Now, Customer: func(ctx context.Context, v *account.View) (bool, error) {
		active, err := source.Active(ctx)
		if err != nil {
			return false, err
		}
		return active.IsCustomer(v), nil
	}}, nil
}

// Enrich makes that function. It needs no Accounts.
func (p *Parts) Enrich() (event.Handler, error) {
	provider := p.Provider
	if provider == nil {
		provider = enrich.Chain{}
	}
	h, err := enrich.New(enrich.Config{Ledger: p.Ledger, Bus: p.Publisher(), Provider: provider, Log: p.log("enrich"), Now: p.Now})
	return p.Watched("enrich", h, err)
}

// Score makes that function.
func (p *Parts) Score() (event.Handler, error) {
	source, err := p.source()
	if err != nil {
		return nil, err
	}
	now := p.Now
	if now == nil {
		now = time.Now
	}
	keeper := &policy.Keeper{Ledger: p.Ledger, Now: now}
	h, err := score.New(score.Config{Accounts: p.Accounts, Ledger: p.Ledger, Bus: p.Publisher(), Implied: Implied, Log: p.log("score"), Now: p.Now,
		Policy: func(ctx context.Context) (score.Rules, error) {
			rules, err := source.Active(ctx)
			if err != nil {
				return nil, err
			}
			return rules, keeper.Keep(ctx, rules)
		}})
	return p.Watched("score", h, err)
}

// Route makes that function.
func (p *Parts) Route() (event.Handler, error) {
	gates, err := p.Gates()
	if err != nil {
		return nil, err
	}
	h, err := route.New(route.Config{Accounts: p.Accounts, Ledger: p.Ledger, Bus: p.Publisher(), Policy: newRosters(p.Policy), Gates: gates, Resolver: gates,
		Log: p.log("route"), Now: p.Now})
	return p.Watched("route", h, err)
}

// Attribution makes that function.
func (p *Parts) Attribution() (event.Handler, error) {
	source, err := p.source()
	if err != nil {
		return nil, err
	}
	h, err := attribution.New(attribution.Config{Accounts: p.Accounts, Ledger: p.Ledger, Bus: p.Publisher(), Journey: p.Graph(), Policy: newModels(source),
		Now: p.Now})
	return p.Watched("attribution", h, err)
}
