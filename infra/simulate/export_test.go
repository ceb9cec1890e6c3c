package simulate

import (
	"context"
	"path/filepath"

	"handoff/infra/stack"
	"handoff/shared/policy"
)

// Apart is Run with each policy played by itself, also where one fold would do for both.
func Apart(ctx context.Context, s *stack.Stack, before, after *policy.Policy, dir string, o Options) (*Report, error) {
	o.Progress = func(string, int, int) {}
	h, err := load(ctx, s, filepath.Join(dir, "history"), o)
	if err != nil {
		return nil, err
	}
	defer h.db.Close()
	var sides []*Side
	for i, p := range []*policy.Policy{before, after} {
		name := []string{"before", "after"}[i]
		one, err := play(ctx, h, []*policy.Policy{p}, []string{name}, filepath.Join(dir, name), o)
		if err != nil {
			return nil, err
		}
		sides = append(sides, one...)
	}
	return compare(h, sides[0], sides[1], o), nil
}
