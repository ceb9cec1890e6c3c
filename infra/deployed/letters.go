package deployed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"handoff/infra/transit"
	"handoff/shared/queue"
	"handoff/shared/store"
)

// Letters looks into all dead-letter queues at once, and puts back what it saw.
func (f *flow) Letters(ctx context.Context) iter.Seq2[transit.Letter, error] {
	return func(yield func(transit.Letter, error) bool) {
		looks, errs := make([]look, len(f.all)), make([]error, len(f.all))
		var wg sync.WaitGroup
		for i := range f.all {
			if f.all[i].dead {
				wg.Go(func() { looks[i], errs[i] = f.look(ctx, &f.all[i]) })
			}
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			yield(transit.Letter{}, err)
			return
		}
		var elsewhere []string
		for i := range looks {
			for _, l := range looks[i].letters {
				if !yield(l, nil) {
					return
				}
			}
			if n := looks[i].elsewhere; n > 0 {
				elsewhere = append(elsewhere, fmt.Sprintf("about %d more of %s", n, f.all[i].id))
			}
		}
		if elsewhere != nil {
			yield(transit.Letter{}, fmt.Errorf("%w: by SQS's counts there are %s, hidden by another command that looks at them, or counted late. Ask again in a minute",
				transit.ErrPartly, strings.Join(elsewhere, ", ")))
		}
	}
}

// look is what one look into a dead-letter queue showed.
type look struct {
	letters   []transit.Letter
	elsewhere int
}

func (f *flow) look(ctx context.Context, l *line) (look, error) {
	held, err := l.Hold(ctx)
	if err != nil {
		return look{}, err
	}
	out := look{elsewhere: held.Elsewhere}
	for i := range held.Messages {
		out.letters = append(out.letters, f.letter(l, &held.Messages[i]))
	}
	slices.SortStableFunc(out.letters, func(a, b transit.Letter) int { return a.Since().Compare(b.Since()) })
	return out, held.Release(ctx)
}

// letter reads a message of a dead-letter queue. One that a redrive brought stands under the time at which it came into
// the function's queue; one that EventBridge could not deliver was sent here, with the reason.
func (f *flow) letter(l *line, m *queue.Message) transit.Letter {
	out := transit.Letter{ID: l.id + "/" + m.ID, Queue: l.id, Source: l.source, Destination: l.destination(), Receives: m.Receives, Attributes: m.Attributes}
	if src := f.line(l.source); src != nil {
		out.Function = src.function
	}
	if m.Redriven {
		out.Arrived = m.Sent
	} else {
		out.DiedAt = m.Sent
		if n, err := strconv.Atoi(m.Attributes["RETRY_ATTEMPTS"]); err == nil {
			out.Receives = n + 1 // those of EventBridge; what SQS counts here are looks
		}
	}
	if err := json.Unmarshal([]byte(m.Body), &out.Event); err != nil || out.Event.DetailType == "" {
		out.Body = m.Body
	}
	return out
}

// Letter looks for one letter, no further than until it comes.
func (f *flow) Letter(ctx context.Context, id string) (transit.Letter, error) {
	l, message, err := f.named(id)
	if err != nil {
		return transit.Letter{}, err
	}
	held, err := l.Hold(ctx, message)
	if err != nil {
		return transit.Letter{}, err
	}
	out, found := transit.Letter{}, false
	for i := range held.Messages {
		if m := &held.Messages[i]; m.ID == message {
			out, found = f.letter(l, m), true
		}
	}
	elsewhere := held.Elsewhere
	if err := held.Release(ctx); err != nil {
		return out, err
	}
	switch {
	case found:
		return out, nil
	case elsewhere > 0:
		return out, fmt.Errorf("%s was not seen, and %w: about %d letters are hidden by another command. Ask again in a minute", id, transit.ErrPartly, elsewhere)
	}
	return out, fmt.Errorf("dead letter %s: %w", id, store.ErrNotFound)
}

// named takes a letter's id apart.
func (f *flow) named(id string) (*line, string, error) {
	name, message, ok := strings.Cut(id, "/")
	if l := f.line(name); ok && l != nil && l.dead && message != "" {
		return l, message, nil
	}
	return nil, "", fmt.Errorf("%q does not name a dead letter; dlq list shows them: %w", id, store.ErrNotFound)
}

// group sorts ids by their queues, in the order in which these are first named.
func (f *flow) group(ids []string) ([]*line, map[*line][]string, error) {
	var order []*line
	of := map[*line][]string{}
	for _, id := range ids {
		l, message, err := f.named(id)
		if err != nil {
			return nil, nil, err
		}
		if of[l] == nil {
			order = append(order, l)
		}
		of[l] = append(of[l], message)
	}
	return order, of, nil
}

// Replay sends each letter to the queue that it came from, and deletes it then. Where one of them came from none, nothing
// is sent.
func (f *flow) Replay(ctx context.Context, ids ...string) error {
	order, of, err := f.group(ids)
	if err != nil {
		return err
	}
	for _, l := range order {
		if l.source == "" {
			return errors.New(l.stays())
		}
	}
	for _, l := range order {
		if err := l.Replay(ctx, f.line(l.source).Queue, of[l]...); err != nil {
			return err
		}
	}
	return nil
}

// Discard deletes letters for good.
func (f *flow) Discard(ctx context.Context, ids ...string) error {
	order, of, err := f.group(ids)
	if err != nil {
		return err
	}
	for _, l := range order {
		if err := l.Discard(ctx, of[l]...); err != nil {
			return err
		}
	}
	return nil
}

// Move begins SQS's own move for every dead-letter queue that has any, and says of the others why they keep theirs.
func (f *flow) Move(ctx context.Context, part string) (transit.Moved, error) {
	var out transit.Moved
	named := false
	for i := range f.all {
		l := &f.all[i]
		if !l.dead || !l.has(part) && (l.source == "" || !f.line(l.source).has(part)) {
			continue
		}
		named = true
		s, err := l.State(ctx)
		if err != nil {
			return out, err
		}
		switch n := s.Messages(); {
		case n == 0:
			continue
		case l.source == "":
			out.Kept = append(out.Kept, transit.Kept{Queue: l.id, Messages: n, Why: l.stays()})
			continue
		}
		if err := l.Queue.Move(ctx, f.line(l.source).Queue); err != nil {
			return out, err
		}
		out.Moving += s.Messages()
	}
	if !named {
		return out, fmt.Errorf("no dead-letter queue of the stack %s has %q in its name", f.stack, part)
	}
	return out, nil
}

// has tells whether a queue or its function has part in its name.
func (l *line) has(part string) bool {
	return strings.Contains(strings.ToLower(l.id+" "+l.function), strings.ToLower(part))
}
