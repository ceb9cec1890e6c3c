package lambda

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// environment is one process with its Runtime API.
type environment struct {
	f       *Function
	cmd     *exec.Cmd
	server  *http.Server
	out     *lineWriter
	ended   chan struct{}    // closed when the process is gone; exit is set then
	ready   chan struct{}    // closed when it asked for its first invocation; started is set then
	work    chan *invocation // taken by the process's request for the next invocation
	exit    error
	exec    time.Time
	started time.Duration

	mu      sync.Mutex
	asked   bool
	initErr *Error      // as the process reported it
	current *invocation // handed out, not answered
	fresh   bool        // nothing was invoked yet: the first report tells how long init took
}

// invocation is one call of the function.
type invocation struct {
	id      string
	payload []byte
	handed  chan struct{} // closed when the process has taken it
	answer  chan answer   // holds one
	begin   time.Time     // set before handed is closed
}

type answer struct {
	body []byte
	err  error
}

// launch starts a process and its Runtime API on a free loopback port.
func launch(f *Function) (*environment, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lambda: function %s: listen for its Runtime API: %w", f.Name, err)
	}
	e := &environment{f: f, ended: make(chan struct{}), ready: make(chan struct{}), work: make(chan *invocation), out: &lineWriter{to: f.log}, fresh: true}
	e.server = &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}
	e.cmd = exec.Command(f.Path)
	e.cmd.Dir = filepath.Dir(f.Path)
	e.cmd.Env = f.environ(l.Addr().String(), time.Now().UTC().Format("2006/01/02")+"/["+version+"]"+hexID(16))
	e.cmd.Stdout, e.cmd.Stderr = e.out, e.out
	e.cmd.WaitDelay = time.Second
	bind(e.cmd)
	e.exec = time.Now()
	if err := e.cmd.Start(); err != nil {
		_ = l.Close() // nobody was told of it
		if errors.Is(err, syscall.ENOEXEC) || errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: it is built for another machine", err)
		}
		return nil, fmt.Errorf("lambda: function %s: start %s: %w", f.Name, f.Path, err)
	}
	go func() { _ = e.server.Serve(l) }() // until stop closes it
	go func() {
		e.exit = e.cmd.Wait()
		e.out.flush()
		close(e.ended)
	}()
	return e, nil
}

// await waits until the process asks for work.
func (e *environment) await(ctx context.Context) error {
	timer := time.NewTimer(e.f.Init)
	defer timer.Stop()
	select {
	case <-e.ready:
		return nil
	case <-e.ended:
		e.mu.Lock()
		reported := e.initErr
		e.mu.Unlock()
		if reported != nil {
			return fmt.Errorf("lambda: function %s cannot start: %w", e.f.Name, reported)
		}
		return fmt.Errorf("lambda: function %s cannot start: %w", e.f.Name, &Error{InitError, fmt.Sprintf("%s; its last word: %s", exitText(e.exit), e.out.last())})
	case <-timer.C:
		return fmt.Errorf("lambda: function %s cannot start: %w", e.f.Name, &Error{InitError, fmt.Sprintf("it did not ask for work within %v", e.f.Init)})
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errGone says that an environment ended, or got stuck, after its last invocation: nothing has begun, another can take it.
var errGone = errors.New("lambda: the environment is gone")

// invoke runs one invocation. usable says whether the environment may take another.
func (e *environment) invoke(ctx context.Context, payload []byte) (out []byte, usable bool, err error) {
	i := &invocation{id: e.f.RequestID(), payload: payload, handed: make(chan struct{}), answer: make(chan answer, 1)}
	timer := time.NewTimer(e.f.Timeout) // also for what the process still does after its last answer
	defer timer.Stop()
	select {
	case e.work <- i:
	case <-e.ended:
		return nil, false, errGone
	case <-timer.C:
		return nil, false, errGone
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	<-i.handed
	timer.Reset(e.f.Timeout)
	status := "error"
	defer func() { e.report(i, status) }()
	done := func(a answer, usable bool) ([]byte, bool, error) {
		if a.err == nil {
			status = "success"
		}
		return a.body, usable, a.err
	}
	select {
	case a := <-i.answer:
		return done(a, true)
	case <-e.ended:
		select {
		case a := <-i.answer: // it answered and ended, as after a panic
			return done(a, false)
		default:
			return nil, false, e.exited(i.id)
		}
	case <-timer.C:
		status = "timeout"
		return nil, false, e.timedOut(i.id)
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

func (e *environment) timedOut(id string) error {
	return e.f.fail(TimedOut, id, "Task timed out after %.2f seconds", e.f.Timeout.Seconds())
}

func (e *environment) exited(id string) error {
	return e.f.fail(Exited, id, "Runtime exited: %s; its last word: %s", exitText(e.exit), e.out.last())
}

func exitText(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// stop kills the process and waits for its end.
func (e *environment) stop() {
	_ = e.cmd.Process.Kill() // an error says that it ended before
	<-e.ended
	_ = e.server.Close() // closes connections; there is nobody left to be told
}
