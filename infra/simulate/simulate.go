// Package simulate plays the ledger's history under two policies, the one in force and another, and compares what would
// have come of it.
//
// What is simulated: every touch of the ledger, as its highest revision counts, is handed to the very code of score and
// route at the time it happened, in that order, under each policy, in a store of its own. Scores, stages, plays, gates,
// cool-downs, caps, owners, deadlines and capacity follow from that, and between touches the clock is swept as the
// pipeline's is. Policies that keep the same things of touches share the facts: each touch is folded once and evaluated by
// both. Nothing is published and nothing is written to the stack.
//
// What is not known is not made up. An answer of a rep counts for the handoff it names, so a handoff that only the other
// policy makes is never answered, and lapses by itself. What enrichment answered is known from the moment it would have
// been asked. Pauses and overridden modes are left out; a breaker that trips is taken to be resumed a day later.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"handoff/infra/stack"
	"handoff/shared/policy"
)

// Options say what to simulate.
type Options struct {
	Since, Until time.Time // decisions and wins in between count; the history before Since is folded all the same
	Sample       int       // accounts, chosen by a hash of their ids; 0: all
	Folder       string    // for the stores of the simulation; the system's folder for temporary files unless given
	// Progress is told how far it is. It may be called by two goroutines at once: policies that keep different things of
	// touches are played side by side.
	Progress func(what string, done, total int)
}

// Run simulates.
func Run(ctx context.Context, s *stack.Stack, before, after *policy.Policy, o Options) (_ *Report, err error) {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	dir, err := os.MkdirTemp(o.Folder, "handoff-simulate")
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h, err := load(ctx, s, filepath.Join(dir, "history"), o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.db.Close()) }()
	if h.touches == 0 {
		return nil, errors.New("simulate: the ledger has no touch in this time, so there is nothing to compare")
	}
	sides, err := both(ctx, h, before, after, dir, o)
	if err != nil {
		return nil, err
	}
	return compare(h, sides[0], sides[1], o), nil
}

// both plays the history once where the policies keep the same things of touches, else under each by itself, at once.
func both(ctx context.Context, h *history, before, after *policy.Policy, dir string, o Options) ([]*Side, error) {
	under, names := []*policy.Policy{before, after}, []string{"before", "after"}
	if before.FoldHash == after.FoldHash {
		return play(ctx, h, under, names, filepath.Join(dir, "both"), o)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	sides, errs := make([]*Side, 2), make([]error, 2)
	var group sync.WaitGroup
	for i := range under {
		group.Go(func() {
			s, err := play(ctx, h, under[i:i+1], names[i:i+1], filepath.Join(dir, names[i]), o)
			if errs[i] = err; err != nil {
				stop()
				return
			}
			sides[i] = s[0]
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return nil, err
		}
	}
	return sides, errors.Join(errs...)
}
