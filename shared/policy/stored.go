package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"handoff/shared/metric"
	"handoff/shared/store"
)

// Static is a source that always answers with p.
func Static(p *Policy) Source { return static{p} }

type static struct{ p *Policy }

func (s static) Active(context.Context) (*Policy, error) { return s.p, nil }

// Stored answers with the policy in force, which it looks up once per age and compiles once per epoch; while none was
// activated that is the book's default. The epoch that it answers with never falls. When the tables cannot be read, or
// what stands there does not compile (a process of an older build may not know a newer one's words), it says so in the
// log and goes on with the policy it has; it fails only if it has none yet.
func Stored(b *Book, age time.Duration) Source { return &stored{book: b, age: age} }

type stored struct {
	book *Book
	age  time.Duration

	mu       sync.Mutex
	policy   *Policy
	version  int64 // of the item that policy was read by
	until    time.Time
	unusable bool // what is in force could not be read last time
}

// Refresh makes a Stored source look again at its next use, for a process that has just activated a policy itself.
func Refresh(s Source) {
	if s, ok := s.(*stored); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.until = time.Time{}
	}
}

func (s *stored) Active(ctx context.Context) (*Policy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.book.Now()
	if s.policy != nil && now.Before(s.until) {
		s.tell(ctx)
		return s.policy, nil
	}
	p, version, err := s.read(ctx)
	if err != nil {
		if s.policy == nil {
			return nil, err
		}
		s.book.log().ErrorContext(ctx, "the policy in force cannot be used: going on with the one before", "epoch", s.policy.Epoch, "error", err)
		s.unusable = true
		s.tell(ctx)
		s.until = now.Add(s.age)
		if !errors.Is(err, ErrInvalid) {
			s.until = now.Add(s.age / 6) // the tables may be back sooner than someone mends a policy
		}
		return s.policy, nil
	}
	if s.policy == nil || p.Epoch >= s.policy.Epoch {
		if s.policy == nil || p.Epoch > s.policy.Epoch {
			s.book.log().LogAttrs(ctx, slog.LevelInfo, "policy in force", slog.Int64("epoch", p.Epoch), slog.String("fold", p.FoldHash), slog.String("eval", p.EvalHash))
		}
		s.policy, s.version = p, version
	}
	s.unusable = false
	s.tell(ctx)
	s.until = now.Add(s.age)
	return s.policy, nil
}

// tell states at each use whether the policy in force is the one that is used: the log has a line only when it is looked
// up, and an alarm needs a metric that is there when all is well.
func (s *stored) tell(ctx context.Context) {
	var n int64
	if s.unusable {
		n = 1
	}
	metric.From(ctx).Set(metric.PolicyUnusable, n)
}

func (s *stored) read(ctx context.Context) (*Policy, int64, error) {
	a, version, err := s.book.InForce(ctx)
	switch {
	case errors.Is(err, store.ErrNotFound):
		p, err := s.book.byDefault()
		return p, 0, err
	case err != nil:
		return nil, 0, err
	case s.policy != nil && (s.version == version || s.policy.Epoch >= a.Epoch):
		return s.policy, s.version, nil
	}
	if a, err = s.book.Text(ctx, a.Epoch); err != nil {
		return nil, 0, fmt.Errorf("%w: the table says that it is in force", err)
	}
	p, err := a.Compile()
	return p, version, err
}
