package route

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"handoff/shared/routing"
	"handoff/shared/store"
)

// Pause stops a play at once: what route has not counted when this returns is not acted on. w says who, when and why.
func Pause(ctx context.Context, accounts store.Table, play string, w routing.Switch) error {
	return change(ctx, accounts, play, func(s *routing.PlayState) { s.Pause(w) })
}

// ErrRuns is the error where a play that nothing stops is to be resumed.
var ErrRuns = errors.New("the play was neither paused nor stopped by its breaker")

// Resume ends a pause and resets a breaker that tripped. Decisions stopped meanwhile stay stopped. Where nothing stops the
// play it is ErrRuns, and nothing changes.
func Resume(ctx context.Context, accounts store.Table, play string, w routing.Switch) error {
	return changeIf(ctx, accounts, play, func(s *routing.PlayState) error {
		if !s.Stopped() {
			return ErrRuns
		}
		s.Resume(w)
		return nil
	})
}

// SetMode overrides the policy's mode of a play; "" ends that.
func SetMode(ctx context.Context, accounts store.Table, play string, m routing.Mode, w routing.Switch) error {
	switch m {
	case "", routing.Observe, routing.Hold, routing.Live:
		return change(ctx, accounts, play, func(s *routing.PlayState) { s.SetMode(m, w) })
	}
	return fmt.Errorf("mode %q of play %s: it must be observe, hold or live", m, play)
}

func change(ctx context.Context, accounts store.Table, play string, f func(*routing.PlayState)) error {
	return changeIf(ctx, accounts, play, func(s *routing.PlayState) error {
		f(s)
		return nil
	})
}

// changeIf writes a play's item unless f is against it.
func changeIf(ctx context.Context, accounts store.Table, play string, f func(*routing.PlayState) error) error {
	return retry(ctx, func() error {
		recs, err := accounts.GetMany(ctx, []store.Key{routing.PlayKey(play)})
		if err != nil {
			return fmt.Errorf("read the play item of %s: %w", play, err)
		}
		s, err := routing.DecodePlay(play, recs[0].Body)
		if err != nil {
			return err
		}
		if err := f(&s); err != nil {
			return err
		}
		body, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("encode the play item of %s: %w", play, err)
		}
		if err := accounts.Put(ctx, store.Record{Key: routing.PlayKey(play), Version: recs[0].Version, Body: body}); err != nil {
			return fmt.Errorf("write the play item of %s: %w", play, err)
		}
		return nil
	})
}

// Switches reads what operators and breakers have set, by play. A play that nobody has touched has a zero state.
func Switches(ctx context.Context, accounts store.Table, plays []string) (map[string]routing.PlayState, error) {
	keys := make([]store.Key, len(plays))
	for i, p := range plays {
		keys[i] = routing.PlayKey(p)
	}
	recs, err := accounts.GetMany(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read the play items: %w", err)
	}
	out := make(map[string]routing.PlayState, len(plays))
	for i, p := range plays {
		if out[p], err = routing.DecodePlay(p, recs[i].Body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// forever is later than any deadline.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Waiting is a handoff that holds its place, and the account it is of.
type Waiting struct {
	Account string
	routing.Slot
}

// Open yields every handoff that is open, accepted or contacted, in no promised order. Each has a next time, so the time
// index lists them all; it may lag by moments, the handoffs themselves are read consistently.
func Open(ctx context.Context, accounts store.Table) iter.Seq2[Waiting, error] {
	return func(yield func(Waiting, error) bool) {
		for item, err := range due(ctx, accounts) {
			if err != nil {
				yield(Waiting{}, fmt.Errorf("list the open handoffs: %w", err))
				return
			}
			for i := range item.Slots {
				if item.Slots[i].Holds() && !yield(Waiting{item.Account, item.Slots[i]}, nil) {
					return
				}
			}
		}
	}
}

// HeldBack is a decision that is held, and the account whose item it stands in.
type HeldBack struct {
	Account string
	routing.HeldBack
}

// Held yields every decision that waits for a person's word, in no promised order; see Open.
func Held(ctx context.Context, accounts store.Table) iter.Seq2[HeldBack, error] {
	return func(yield func(HeldBack, error) bool) {
		for item, err := range due(ctx, accounts) {
			if err != nil {
				yield(HeldBack{}, fmt.Errorf("list what is held: %w", err))
				return
			}
			for _, h := range item.Held {
				if !yield(HeldBack{item.Account, h}, nil) {
					return
				}
			}
		}
	}
}

// Release puts a person's word on a decision that is held: the next sweep lets it go through all gates, or drops it. It
// is store.ErrNotFound for one that is not held, or no longer, and a routing.SaidError where somebody has spoken already:
// the first word counts.
func Release(ctx context.Context, accounts store.Table, account, decision string, w routing.Word) error {
	return retry(ctx, func() error {
		rec, err := accounts.Get(ctx, routing.HandoffsKey(account))
		if err != nil {
			return fmt.Errorf("read the handoffs of %s: %w", account, err)
		}
		item, err := routing.Decode(account, rec.Body)
		if err != nil {
			return err
		}
		found, changed, err := item.Say(decision, w)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%s is not held: %w", decision, store.ErrNotFound)
		}
		if !changed {
			return nil
		}
		next, err := record(&state{item, rec.Version})
		if err != nil {
			return err
		}
		if err := accounts.Put(ctx, next); err != nil {
			return fmt.Errorf("write the handoffs of %s: %w", account, err)
		}
		return nil
	})
}

// due yields every handoffs item that the time index lists, read consistently.
func due(ctx context.Context, accounts store.Table) iter.Seq2[*routing.Item, error] {
	return func(yield func(*routing.Item, error) bool) {
		for shard := range store.Shards {
			for cursor := ""; ; {
				page, err := accounts.DueBefore(ctx, shard, forever, sweepPage, cursor)
				var keys []store.Key
				for _, rec := range page.Records {
					if rec.Sort == routing.HandoffsSort {
						keys = append(keys, rec.Key)
					}
				}
				var recs []store.Record // the index holds keys alone
				if err == nil && len(keys) > 0 {
					recs, err = accounts.GetMany(ctx, keys)
				}
				if err != nil {
					yield(nil, err)
					return
				}
				for i, rec := range recs {
					item, err := routing.Decode(keys[i].Partition, rec.Body)
					if !yield(item, err) || err != nil {
						return
					}
				}
				if cursor = page.Cursor; cursor == "" {
					break
				}
			}
		}
	}
}
