package policy

import "context"

// Source answers with the policy in force. Implementations cache; the answer is shared and never changed.
type Source interface {
	Active(ctx context.Context) (*Policy, error)
}
