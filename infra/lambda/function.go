package lambda

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Function is a Lambda function: as many environments as invocations have run at once. It is safe for concurrent use.
type Function struct {
	Config
	log *lines

	seats chan struct{} // one for each environment that may be at work
	mu    sync.Mutex
	idle  []*environment // the last used comes first: it is warm
	all   map[*environment]bool
	over  bool
}

// Error is how an invocation failed, as Lambda tells it to the caller: errorType and errorMessage.
type Error struct{ Type, Message string }

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Types of errors that the function did not report itself.
const (
	TimedOut  = "Sandbox.Timedout"  // it overran, and was killed
	Exited    = "Runtime.ExitError" // its process ended
	InitError = "Runtime.InitError" // it did not come to ask for work
	TooLarge  = "Function.ResponseSizeTooLarge"
)

var errClosed = errors.New("lambda: the function is closed")

// New checks the configuration, all of it at once. It starts nothing: the first invocation does, or Warm.
func New(c Config) (*Function, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	c.withDefaults()
	return &Function{Config: c, log: &lines{w: c.Log}, seats: make(chan struct{}, c.Concurrency), all: map[*environment]bool{}}, nil
}

// Warm starts one environment, so that a function that cannot start says so now. It answers how long that took, from
// exec to the first request for work.
func (f *Function) Warm(ctx context.Context) (time.Duration, error) {
	select {
	case f.seats <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	defer func() { <-f.seats }()
	env, err := f.take(ctx)
	if err != nil {
		return 0, err
	}
	f.put(env)
	return env.started, nil
}

// Invoke calls the function once and returns what it answered. An *Error says how it failed.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case f.seats <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-f.seats }()
	for {
		env, err := f.take(ctx)
		if err != nil {
			return nil, err
		}
		out, usable, err := env.invoke(ctx, payload)
		if usable {
			f.put(env)
			return out, err
		}
		f.drop(env)
		if !errors.Is(err, errGone) {
			return out, err
		}
	}
}

// take finds an idle environment, or starts one.
func (f *Function) take(ctx context.Context) (*environment, error) {
	for {
		f.mu.Lock()
		if f.over {
			f.mu.Unlock()
			return nil, errClosed
		}
		n := len(f.idle)
		if n == 0 {
			f.mu.Unlock()
			return f.start(ctx)
		}
		env := f.idle[n-1]
		f.idle = f.idle[:n-1]
		f.mu.Unlock()
		select {
		case <-env.ended: // it crashed between invocations
			f.drop(env)
		default:
			return env, nil
		}
	}
}

func (f *Function) start(ctx context.Context) (*environment, error) {
	env, err := launch(f)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	over := f.over
	f.all[env] = true
	f.mu.Unlock()
	if over {
		f.drop(env)
		return nil, errClosed
	}
	if err := env.await(ctx); err != nil {
		f.drop(env)
		return nil, err
	}
	return env, nil
}

func (f *Function) put(env *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over {
		f.idle = append(f.idle, env)
	}
}

// drop ends an environment for good.
func (f *Function) drop(env *environment) {
	env.stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.all, env)
}

// Close kills every environment, as Lambda does with those that it needs no more; an invocation under way fails.
func (f *Function) Close() error {
	f.mu.Lock()
	f.over = true
	var envs []*environment
	for env := range f.all {
		envs = append(envs, env)
	}
	f.mu.Unlock()
	for _, env := range envs {
		env.stop()
	}
	return nil
}

// Processes lists the process ids of the environments.
func (f *Function) Processes() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []int
	for env := range f.all {
		select {
		case <-env.ended:
		default:
			out = append(out, env.cmd.Process.Pid)
		}
	}
	return out
}

func (f *Function) fail(typ, requestID, format string, args ...any) *Error {
	return &Error{typ, fmt.Sprintf("RequestId: %s Error: %s", requestID, fmt.Sprintf(format, args...))}
}
