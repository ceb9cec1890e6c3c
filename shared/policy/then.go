package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"handoff/shared/store"
)

// At is the policy that was in force at a time. It goes back from the one in force now, so that a policy whose
// activation never took effect is left out. While none was ever activated it is the book's default. What this build
// cannot compile is *Invalid: an older build wrote words that it no longer knows, or a newer one words that it does not
// know yet.
func (b *Book) At(ctx context.Context, at time.Time) (*Policy, error) {
	a, _, err := b.InForce(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return b.byDefault()
	}
	for err == nil && a.Epoch > 0 && a.At.After(at) {
		a, err = b.Text(ctx, a.Replaces)
	}
	if err == nil && a.Files == nil { // the head stands without them
		a, err = b.Text(ctx, a.Epoch)
	}
	if err != nil {
		return nil, fmt.Errorf("policy: what was in force at %s: %w", at.UTC().Format(time.RFC3339), err)
	}
	return a.Compile()
}
