// Package stack is a pipeline as its operator has it before him: tables, policy, contracts, and what is in transit. Open
// joins the five functions, the embedded store and the local runtime into the pipeline of one machine; infra/deployed
// joins the same parts of a stack on AWS. It is wiring alone: what runs when is the template's to say.
package stack

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"handoff/functions/enrich"
	"handoff/infra/local"
	policyfiles "handoff/infra/policy"
	"handoff/shared/contract"
	"handoff/shared/embedded"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/wire"
	"handoff/shared/wire/pipeline"
)

// Config says where and how the pipeline runs. Only Dir, or FS, is needed.
type Config struct {
	Dir      string
	FS       vfs.FS          // instead of the machine's files: tests
	NoSync   bool            // bulk loads that can be started again
	Template []byte          // template.yaml; found beside the program or above the working folder unless given
	Policy   fs.FS           // instead of the default policy
	Dataset  enrich.Provider // whom enrich asks; nobody unless given
	// Contracts read events instead of the sources as they ship.
	Contracts *contract.Set
	Clock     local.Clock // the wall clock unless given
	Log       *slog.Logger
	Seed      uint64
	Faults    local.Faults

	// Tables keeps the tables elsewhere than in the folder, where the queues stay: a test's in DynamoDB Local. Scanner is
	// asked of them, too.
	Tables func(name string) store.Table
	// NextDue, for virtual time, is local.Config's; unless given, the time index is asked shard by shard.
	NextDue func(until time.Time) (time.Time, bool)
	// Table and Bus wrap what the handlers are given, and Handler each of them: tests inject faults there, or count.
	Table   func(name string, t store.Table) store.Table
	Bus     func(event.Publisher) event.Publisher
	Handler func(function string, h event.Handler) event.Handler
	// Parts may change what the handlers are made of.
	Parts func(*wire.Parts)
	// Wire may change the topology before it runs.
	Wire func(*local.Topology)
}

// Stack is a running pipeline, or one that can be asked.
type Stack struct {
	Name      string         // of a deployed stack; "" on one machine
	Runtime   *local.Runtime // of one machine; nil where the stack is deployed
	Transit   Transit
	Now       func() time.Time // the pipeline's own time
	Accounts  store.Table      // with store.Scanner
	History   store.Table      // the ledger's table, with store.Scanner
	Ledger    *ledger.Ledger
	Graph     *graph.Graph
	Gates     *graph.Gates
	Policy    policy.Source // the one in force
	Policies  *policy.Book  // all that were ever activated
	Contracts *contract.Set
	Topology  *local.Topology
	Log       *slog.Logger

	db      *embedded.DB
	virtual bool
	running atomic.Bool
}

// Names of the tables and of the runtime's keyspace inside the folder.
const (
	accountsTable = "accounts"
	ledgerTable   = "ledger"
	runtimeSpace  = "runtime"
)

// Open joins everything. It delivers nothing yet: that is the Runtime's Run, Drain or AdvanceTo.
func Open(ctx context.Context, c Config) (_ *Stack, err error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = local.Wall{}
	}
	if c.Template == nil {
		if c.Template, err = FindTemplate(); err != nil {
			return nil, err
		}
	}
	top, err := local.Load(c.Template)
	if err != nil {
		return nil, err
	}
	if c.Wire != nil {
		c.Wire(top)
	}
	contracts := c.Contracts
	if contracts == nil {
		if contracts, err = pipeline.Contracts(); err != nil {
			return nil, err
		}
	}
	if c.Policy == nil {
		c.Policy = policyfiles.Default
	}
	pol, err := policy.LoadValid(c.Policy)
	if err != nil {
		return nil, err
	}
	db, err := embedded.Open(c.Dir, embedded.Options{FS: c.FS, NoSync: c.NoSync, Log: c.Log})
	if err != nil {
		return nil, err
	}
	if c.Tables == nil {
		c.Tables = func(name string) store.Table { return db.Table(name) }
	}
	s := &Stack{Accounts: c.Tables(accountsTable), History: c.Tables(ledgerTable), Contracts: contracts, Topology: top, Log: c.Log, db: db}
	s.Ledger = &ledger.Ledger{Table: s.History}
	s.Graph = &graph.Graph{Accounts: s.Accounts, Ledger: s.Ledger, Implied: wire.Implied}
	s.Policies = &policy.Book{Accounts: s.Accounts, Ledger: s.Ledger, Default: pol, Now: c.Clock.Now, Log: c.Log}
	s.Policy = policy.Stored(s.Policies, wire.PolicyAge)
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	_, s.virtual = c.Clock.(*local.Virtual)
	if c.NextDue == nil {
		c.NextDue = s.nextDue
	}
	late := &lateBus{}
	handlers, err := s.handlers(c, late)
	if err != nil {
		return nil, err
	}
	s.Runtime, err = local.New(local.Config{
		Topology: top, Handlers: handlers, Space: db.Space(runtimeSpace), Clock: c.Clock, Log: c.Log, Seed: c.Seed,
		Faults: c.Faults, NextDue: c.NextDue,
	})
	if err != nil {
		return nil, err
	}
	s.Transit, s.Now = machine{s.Runtime, s}, s.Runtime.Now
	late.Publisher = s.Runtime.Publisher()
	if c.Bus != nil {
		late.Publisher = c.Bus(late.Publisher)
	}
	return s, nil
}

// Run delivers by the wall clock until ctx is done.
func (s *Stack) Run(ctx context.Context) error {
	s.running.Store(true)
	defer s.running.Store(false)
	return s.Runtime.Run(ctx)
}

// settle is Settle of one machine.
func (s *Stack) settle(ctx context.Context) error {
	if s.virtual || s.running.Load() {
		return s.Runtime.Drain(ctx)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(run) }()
	err := s.Runtime.Drain(ctx)
	stop()
	return errors.Join(err, <-done)
}

// Close lets go of the folder, where there is one.
func (s *Stack) Close() error {
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}

// lateBus is the handlers' publisher: the runtime that it publishes to is made after them.
type lateBus struct{ event.Publisher }

// handlers makes the five functions, by their logical ids in the template.
func (s *Stack) handlers(c Config, bus event.Publisher) (map[string]event.Handler, error) {
	accounts, history := s.Accounts, s.History
	if c.Table != nil {
		accounts, history = c.Table(accountsTable, accounts), c.Table(ledgerTable, history)
	}
	parts := &wire.Parts{
		Accounts: accounts, Ledger: &ledger.Ledger{Table: history}, Bus: bus, Log: c.Log, Now: c.Clock.Now,
		Policy: s.Policy,
	}
	if c.Dataset != nil {
		parts.Provider = enrich.Chain{{Name: "dataset", Provider: c.Dataset}}
	}
	if c.Parts != nil {
		c.Parts(parts)
	}
	var err error
	if s.Gates, err = parts.Gates(); err != nil {
		return nil, err
	}
	all, err := pipeline.Handlers(parts, s.Contracts)
	if err != nil || c.Handler == nil {
		return all, err
	}
	for id, h := range all {
		all[id] = c.Handler(id, h)
	}
	return all, nil
}

// nextDue is when the next item of the time index is due, if that is at until or before: between such moments virtual
// time needs no sweep. A shard that has nothing due by then answers without a read.
func (s *Stack) nextDue(until time.Time) (time.Time, bool) {
	never := until.Unix() + 1
	next := never
	for shard := range store.Shards {
		page, err := s.Accounts.DueBefore(context.Background(), shard, time.Unix(next, 0), 1, "")
		if err != nil {
			return time.Time{}, true // then tick: the sweep says what is wrong
		}
		for _, r := range page.Records {
			next = r.Due // at most the one before
		}
	}
	return time.Unix(next, 0).UTC(), next != never
}
