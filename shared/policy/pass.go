package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"handoff/shared/event"
	"handoff/shared/store"
)

// PassKey is where the pass over the accounts stands in the accounts table. Its partition is not the policy's own: score,
// which moves the pass on, cannot write what is in force.
var PassKey = store.Key{Partition: "pass", Sort: "policy"}

// Pass is what an activation leaves to be done: the owners of stages to be told, and, where facts or evaluations change,
// every account to be brought under the policy, also those of which nothing is heard any more. The activation writes it
// together with what is in force and places it in the time index; score's sweep does it, a bounded part a minute, by
// walking the time index, where every account with facts has a place (see account.Asleep).
type Pass struct {
	Epoch int64  `json:"epoch"`
	Fold  string `json:"fold"`
	Eval  string `json:"eval"`
	// Untold are activations still to be published, frozen here so that no crash loses them.
	Untold []event.PolicyActivatedDetail `json:"untold,omitempty"`
	// From is the unix second from which on accounts are walked, when every process goes by this epoch; 0: no sweep has
	// seen the activation yet.
	From int64 `json:"from,omitempty"`

	Shard  int    `json:"shard"` // of the time index; store.Shards when all are done
	Cursor string `json:"cursor,omitempty"`

	Looked    int `json:"looked"`    // accounts come across
	Folded    int `json:"folded"`    // whose facts were made anew
	Evaluated int `json:"evaluated"` // that were evaluated again on the facts they had
	Failed    int `json:"failed"`    // that could not be, as the log says
	version   int64
}

// ReadPass reads it; where nothing was ever activated, it is one that is done.
func ReadPass(ctx context.Context, accounts store.Table) (*Pass, error) {
	rec, err := accounts.Get(ctx, PassKey)
	if errors.Is(err, store.ErrNotFound) {
		return &Pass{Shard: store.Shards}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("policy: read the pass over the accounts: %w", err)
	}
	p := &Pass{version: rec.Version}
	if err := json.Unmarshal(rec.Body, p); err != nil {
		return nil, fmt.Errorf("policy: decode the pass over the accounts: %w", err)
	}
	return p, nil
}

// Done reports whether every account was walked.
func (p *Pass) Done() bool { return p.Shard >= store.Shards }

// Record is the item as it is to be written, due at a unix second; 0 for never.
func (p *Pass) Record(due int64) (store.Record, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return store.Record{}, fmt.Errorf("policy: encode the pass over the accounts: %w", err)
	}
	return store.Record{Key: PassKey, Version: p.version, Due: due, Body: body}, nil
}

// follow takes an activation in. A pass to the same facts and evaluations goes on where it is, or stays done; what the
// activations before had to tell is kept.
func (p *Pass) follow(a *Active, changed []event.StageChanged) {
	act := "policy:" + strconv.FormatInt(a.Epoch, 10)
	told := event.PolicyActivatedDetail{Meta: event.Meta{Correlation: act, Causation: act}, Epoch: a.Epoch, Fold: a.Fold, Eval: a.Eval, By: a.By, Why: a.Why, At: a.At, Replaces: a.Replaces, Restores: a.Restores, Changed: changed}
	if p.Fold == a.Fold && p.Eval == a.Eval {
		p.Epoch, p.Untold = a.Epoch, append(p.Untold, told)
		return
	}
	*p = Pass{Epoch: a.Epoch, Fold: a.Fold, Eval: a.Eval, Untold: append(p.Untold, told), version: p.version}
}
