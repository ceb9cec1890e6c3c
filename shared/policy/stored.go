package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"handoff/shared/store"
)

// ActiveKey is where the active policy stands in the accounts table.
var ActiveKey = store.Key{Partition: "policy", Sort: "active"}

// Active is the body of the active policy's item, and of the ledger row that activated it.
type Active struct {
	Epoch int64             `json:"epoch"` // rises with every activation, a rollback too
	Files map[string]string `json:"files"` // text by name
	By    string            `json:"by"`
	Why   string            `json:"why"`
	At    time.Time         `json:"at"`
}

// Compile compiles the files under the epoch.
func (a *Active) Compile() (*Policy, error) {
	p, err := Compile(a.Files)
	if err != nil {
		return nil, fmt.Errorf("policy: epoch %d: %w", a.Epoch, err)
	}
	p.Epoch = a.Epoch
	return p, nil
}

// Static is a source that always answers with p.
func Static(p *Policy) Source { return static{p} }

type static struct{ p *Policy }

func (s static) Active(context.Context) (*Policy, error) { return s.p, nil }

// Stored reads the active policy from the table and keeps it for ttl; while nothing was activated yet, the default is
// in force. The epoch that it answers with never falls. When the table cannot be read, or what stands there does not
// compile, it goes on with the policy it has read before; it fails only if there is none.
func Stored(table store.Table, byDefault *Policy, ttl time.Duration, now func() time.Time) Source {
	return &stored{table: table, byDefault: byDefault, ttl: ttl, now: now}
}

type stored struct {
	table     store.Table
	byDefault *Policy
	ttl       time.Duration
	now       func() time.Time

	mu      sync.Mutex
	policy  *Policy
	version int64 // of the item that policy was read from
	until   time.Time
}

func (s *stored) Active(ctx context.Context) (*Policy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.policy != nil && now.Before(s.until) {
		return s.policy, nil
	}
	p, version, err := s.read(ctx)
	switch {
	case err != nil && s.policy == nil:
		return nil, err
	case err != nil:
		return s.policy, nil // stale for as long as the table is away; the next call tries again
	case s.policy == nil || p.Epoch >= s.policy.Epoch:
		s.policy, s.version = p, version
	}
	s.until = now.Add(s.ttl)
	return s.policy, nil
}

func (s *stored) read(ctx context.Context) (*Policy, int64, error) {
	rec, err := s.table.Get(ctx, ActiveKey)
	if errors.Is(err, store.ErrNotFound) {
		return s.byDefault, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("policy: read the active policy: %w", err)
	}
	if s.policy != nil && s.version == rec.Version {
		return s.policy, s.version, nil
	}
	var a Active
	if err := json.Unmarshal(rec.Body, &a); err != nil {
		return nil, 0, fmt.Errorf("policy: decode the active policy: %w", err)
	}
	p, err := a.Compile()
	return p, rec.Version, err
}
