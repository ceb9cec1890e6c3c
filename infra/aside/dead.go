package aside

import (
	"context"
	"fmt"
	"strings"
	"time"

	"handoff/infra/local"
	"handoff/infra/stack"
)

// Letter is a dead letter with how long it has been one.
type Letter struct {
	local.DeadLetter
	Reason string `json:"reason"`      // the text of the last failure
	Age    int64  `json:"age_seconds"` // since it died
}

// Letters lists the dead letters, oldest first by queue; queue narrows it to one function or queue, by any part of its
// name.
func Letters(s *stack.Stack, queue string) ([]Letter, error) {
	out := []Letter{}
	for d, err := range s.Runtime.DeadLetters() {
		if err != nil {
			return nil, fmt.Errorf("read the dead letters: %w", err)
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

func letter(s *stack.Stack, d local.DeadLetter) Letter {
	return Letter{DeadLetter: d, Reason: d.Error(), Age: int64(max(s.Runtime.Now().Sub(d.DiedAt), 0) / time.Second)}
}

// LetterOf returns one by its id.
func LetterOf(s *stack.Stack, id string) (*Letter, error) {
	d, err := s.Runtime.DeadLetter(id)
	if local.IsNotFound(err) {
		return nil, fmt.Errorf("%s: %w among the dead letters; dlq list shows the ids", id, ErrUnknown)
	}
	if err != nil {
		return nil, err
	}
	l := letter(s, d)
	return &l, nil
}

// Replayed is what became of dead letters that were sent again, each by its id.
type Replayed struct {
	Done  []string `json:"done"`  // handled now
	Again []string `json:"again"` // failed again: tried on by the queue for its usual time
	Dead  []string `json:"dead"`  // dead again already
}

// Replay sends dead letters again, each to the one function that failed, and looks what became of them.
func Replay(ctx context.Context, s *stack.Stack, letters []Letter) (*Replayed, error) {
	out := &Replayed{Done: []string{}, Again: []string{}, Dead: []string{}}
	type place struct{ queue, event string }
	again, dead := map[place]bool{}, map[place]bool{}
	for i := range letters {
		if err := s.Runtime.Replay(ctx, letters[i].ID); err != nil {
			return out, fmt.Errorf("replay %s: %w", letters[i].ID, err)
		}
	}
	if err := s.Settle(ctx); err != nil {
		return out, fmt.Errorf("deliver %d dead letters again: %w", len(letters), err)
	}
	for m, err := range s.Runtime.InFlight() {
		if err != nil {
			return out, fmt.Errorf("look what became of them: %w", err)
		}
		again[place{m.Queue, m.Event.ID}] = true
	}
	for d, err := range s.Runtime.DeadLetters() {
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
