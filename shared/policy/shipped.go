package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"handoff/shared/ledger"
)

// Keeper has the text of a default policy recorded before anything is decided by it. A policy that was activated stands
// in the ledger by that; the default is the build's, and the next build may have another.
type Keeper struct {
	Ledger *ledger.Ledger
	Now    func() time.Time

	mu   sync.Mutex
	kept *Policy // the one recorded last
}

// Keep records p if it is a default and this process has not done so yet.
func (k *Keeper) Keep(ctx context.Context, p *Policy) error {
	if p.Epoch != 0 {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if p == k.kept {
		return nil
	}
	id, err := hash(p.Text)
	if err != nil {
		return fmt.Errorf("policy: hash the default policy: %w", err)
	}
	body, err := json.Marshal(&Active{Fold: p.FoldHash, Eval: p.EvalHash, By: "the build", Why: "In force while none was activated.", Files: p.Text})
	if err != nil {
		return fmt.Errorf("policy: encode the default policy: %w", err)
	}
	row := ledger.Row{Owner: ActiveKey.Partition, Type: ledger.Default, ID: id, RecordedAt: k.Now(), Body: body}
	if _, err := k.Ledger.AppendOne(ctx, row); err != nil {
		return fmt.Errorf("policy: record the default policy, by which is decided: %w", err)
	}
	k.kept = p
	return nil
}
