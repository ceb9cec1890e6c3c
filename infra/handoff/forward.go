package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"handoff/infra/stack"
)

// A data folder belongs to one process. While `handoff local` runs on it, other commands are carried out by that process:
// they post their words to it and print what it answers. The address and a secret stand in a file of the folder that
// only its owner can read, so no web page and no other user can make it run anything.

const (
	commandPath = "/_handoff/command"
	addressFile = "local.json"
	maxStdin    = 256 << 20
)

// address is the content of addressFile.
type address struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// request is a command to carry out; frame is one piece of its answer, a JSON line.
type (
	request struct {
		Args  []string `json:"args"`
		Stdin []byte   `json:"stdin,omitempty"`
	}
	frame struct {
		Out  []byte `json:"out,omitempty"`
		Err  []byte `json:"err,omitempty"`
		Exit *int   `json:"exit,omitempty"`
	}
)

// forward has the process that holds the folder carry this command out.
func (e *env) forward(inUse error) error {
	b, err := os.ReadFile(filepath.Join(e.data, addressFile))
	if err != nil {
		return inUse
	}
	var a address
	if err := json.Unmarshal(b, &a); err != nil {
		return fmt.Errorf("read %s: %w", filepath.Join(e.data, addressFile), err)
	}
	req := request{Args: absolute(e.args)}
	if readsStdin(e.args) {
		if req.Stdin, err = io.ReadAll(io.LimitReader(e.stdin, maxStdin+1)); err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		if len(req.Stdin) > maxStdin {
			return fmt.Errorf("standard input is over %d MB: stop `handoff local`, or send it in parts", maxStdin>>20)
		}
	}
	body, err := json.Marshal(req)
	if err != nil {
		return err
	}
	hr, err := http.NewRequestWithContext(e.ctx, http.MethodPost, a.URL+commandPath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	hr.Header.Set("Authorization", "Bearer "+a.Secret)
	resp, err := http.DefaultClient.Do(hr)
	if err != nil {
		return fmt.Errorf("the folder %s is held by another process, which does not answer at %s: %w", e.data, a.URL, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("`handoff local` at %s refused the command: %s", a.URL, resp.Status)
	}
	for dec := json.NewDecoder(resp.Body); ; {
		var f frame
		if err := dec.Decode(&f); err != nil {
			return fmt.Errorf("`handoff local` stopped while it answered: %w", err)
		}
		e.stdout.Write(f.Out)
		e.stderr.Write(f.Err)
		if f.Exit != nil {
			return exitCode(*f.Exit)
		}
	}
}

// absolute spells out the files among the words: the other process stands in another folder.
func absolute(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		flag, path := "", a
		if strings.HasPrefix(a, "-") {
			var ok bool
			if flag, path, ok = strings.Cut(a, "="); !ok {
				out[i] = a
				continue
			}
			flag += "="
		}
		if _, err := os.Stat(path); err == nil {
			if abs, err := filepath.Abs(path); err == nil {
				path = abs
			}
		}
		out[i] = flag + path
	}
	return out
}

// readsStdin reports whether a command takes its input from there.
func readsStdin(args []string) bool {
	for _, a := range args {
		if a == "-" || a == "send" || a == "import" {
			return true
		}
	}
	return false
}

// serveCommands carries out what forward posts.
func serveCommands(s *stack.Stack, secret string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+secret)) != 1 {
			http.Error(w, "this is for the handoff command", http.StatusForbidden)
			return
		}
		var req request
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 2*maxStdin)).Decode(&req); err != nil {
			http.Error(w, "unreadable command", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		f := &frames{enc: json.NewEncoder(w), flush: http.NewResponseController(w).Flush}
		exit := runOn(r.Context(), s, req.Args, bytes.NewReader(req.Stdin), f.writer(false), f.writer(true))
		f.send(frame{Exit: &exit})
	})
}

// runOn is run, over a stack that is open already.
func runOn(ctx context.Context, s *stack.Stack, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runWith(&env{ctx: ctx, args: args, stdin: stdin, stdout: stdout, stderr: stderr, open: s})
}

// frames sends the two outputs over one connection.
type frames struct {
	mu    sync.Mutex
	enc   *json.Encoder
	flush func() error
}

func (f *frames) send(fr frame) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.enc.Encode(fr), f.flush())
}

func (f *frames) writer(isErr bool) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		if isErr {
			return len(p), f.send(frame{Err: p})
		}
		return len(p), f.send(frame{Out: p})
	})
}

type writerFunc func(p []byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// publishAddress writes where this process listens; the answer removes the file again.
func publishAddress(dir, url string) (secret string, remove func() error, err error) {
	secret = rand.Text()
	b, err := json.Marshal(address{URL: url, Secret: secret})
	if err != nil {
		return "", nil, err
	}
	path := filepath.Join(dir, addressFile)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return "", nil, fmt.Errorf("write the address for other commands: %w", err)
	}
	return secret, func() error { return os.Remove(path) }, nil
}
