package aside

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/store"
)

// Letter is a dead letter with how long it has been one.
type Letter struct {
	transit.Letter
	Reason string `json:"reason"`      // the text of the last failure, or where to read it
	Age    int64  `json:"age_seconds"` // since it died; since it came, where that is all that is known
}

// Letters lists the dead letters, oldest first by queue; queue narrows it to one function or queue, by any part of its
// name. An error that wraps transit.ErrPartly comes with those that were found.
func Letters(ctx context.Context, s *stack.Stack, queue string) ([]Letter, error) {
	out := []Letter{}
	for d, err := range s.Transit.Letters(ctx) {
		if err != nil {
			return out, fmt.Errorf("read the dead letters: %w", err)
		}
		if has(d.Queue, queue) || has(d.Source, queue) || has(d.Function, queue) {
			out = append(out, letter(s, d))
		}
	}
	return out, nil
}

func has(name, part string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(part))
}

func letter(s *stack.Stack, d transit.Letter) Letter {
	l := Letter{Letter: d, Reason: d.Error(), Age: int64(max(s.Now().Sub(d.Since()), 0) / time.Second)}
	switch code := d.Attributes["ERROR_CODE"]; {
	case d.Destination != "" && code != "":
		l.Reason = strings.TrimSuffix(code+": "+l.Reason, ": ")
	case l.Reason == "" && d.Destination != "":
		l.Reason = "the letter names no error"
	case l.Reason == "" && s.Name != "":
		l.Reason = "the queue keeps no error; the log of " + d.Function + " has it"
	}
	return l
}

// LetterOf returns one by its id.
func LetterOf(ctx context.Context, s *stack.Stack, id string) (*Letter, error) {
	d, err := s.Transit.Letter(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%s: %w among the dead letters; dlq list shows the ids", id, ErrUnknown)
	}
	if err != nil {
		return nil, err
	}
	l := letter(s, d)
	return &l, nil
}

// Named returns letters by their ids, in one look at all.
func Named(ctx context.Context, s *stack.Stack, ids ...string) ([]Letter, error) {
	all, err := Letters(ctx, s, "")
	if err != nil && !errors.Is(err, transit.ErrPartly) {
		return nil, err
	}
	out := make([]Letter, 0, len(ids))
	for _, id := range ids {
		i := slices.IndexFunc(all, func(l Letter) bool { return l.ID == id })
		switch {
		case i >= 0:
			out = append(out, all[i])
		case err != nil:
			return nil, fmt.Errorf("%s was not found: %w", id, err)
		default:
			return nil, fmt.Errorf("%s: %w among the dead letters; dlq list shows the ids", id, ErrUnknown)
		}
	}
	return out, nil
}

// Replayed is what became of dead letters that were sent again, each by its id.
type Replayed struct {
	Done  []string `json:"done"`           // handled now
	Again []string `json:"again"`          // failed again: tried on by the queue for its usual time
	Dead  []string `json:"dead"`           // dead again already
	Sent  []string `json:"sent,omitempty"` // to a function that goes on by itself: what becomes of them shows later
	// Moving is about how many are under way by SQS's own move, which names none.
	Moving int `json:"moving,omitempty"`
	// Kept are queues whose letters go nowhere, with what to do instead.
	Kept []transit.Kept `json:"kept,omitempty"`
}

// Replay sends dead letters again, each to the one function that failed, and looks what became of them.
func Replay(ctx context.Context, s *stack.Stack, letters []Letter) (*Replayed, error) {
	out := &Replayed{Done: []string{}, Again: []string{}, Dead: []string{}}
	if len(letters) == 0 {
		return out, nil
	}
	type place struct{ queue, event string }
	again, dead := map[place]bool{}, map[place]bool{}
	ids := make([]string, len(letters))
	for i := range letters {
		ids[i] = letters[i].ID
	}
	if err := s.Transit.Replay(ctx, ids...); err != nil {
		return out, fmt.Errorf("replay: %w", err)
	}
	settled, err := s.Transit.Settle(ctx)
	if err != nil {
		return out, fmt.Errorf("deliver %d dead letters again: %w", len(letters), err)
	}
	if !settled {
		out.Sent = ids
		return out, nil
	}
	for m, err := range s.Transit.InFlight(ctx) {
		if err != nil {
			return out, fmt.Errorf("look what became of them: %w", err)
		}
		again[place{m.Queue, m.Event.ID}] = true
	}
	for d, err := range s.Transit.Letters(ctx) {
		if err != nil {
			return out, fmt.Errorf("look what became of them: %w", err)
		}
		dead[place{d.Source, d.Event.ID}] = true
	}
	for i := range letters {
		l := &letters[i]
		switch at := (place{l.Source, l.Event.ID}); {
		case again[at]:
			out.Again = append(out.Again, l.ID)
		case dead[at]:
			out.Dead = append(out.Dead, l.ID)
		default:
			out.Done = append(out.Done, l.ID)
		}
	}
	return out, nil
}

// ReplayAll sends all dead letters again, of all queues or of those whose names have part in them: by the queues' own
// move where they have one, which needs no reading.
func ReplayAll(ctx context.Context, s *stack.Stack, part string) (*Replayed, error) {
	if m, ok := s.Transit.(stack.Mover); ok {
		moved, err := m.Move(ctx, part)
		return &Replayed{Done: []string{}, Again: []string{}, Dead: []string{}, Moving: moved.Moving, Kept: moved.Kept}, err
	}
	list, err := Letters(ctx, s, part)
	if err != nil {
		return nil, err
	}
	return Replay(ctx, s, list)
}

// Discard deletes dead letters for good: the decision that what they say will not be handled.
func Discard(ctx context.Context, s *stack.Stack, ids ...string) error {
	err := s.Transit.Discard(ctx, ids...)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %w; dlq list shows the ids", err, ErrUnknown)
	}
	return err
}
