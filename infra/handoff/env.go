package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"handoff/infra/stack"
	"handoff/shared/embedded"
)

// env is what a command works with.
type env struct {
	ctx    context.Context
	args   []string // as given, to hand on
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	data   string // folder
	cloud  cloud  // the deployed stack to ask instead, if it has a name
	json   bool
	open   *stack.Stack // set where the command runs inside `handoff local`
}

// with opens the data folder, or the deployed stack, and runs f over it. Where a `handoff local` holds the folder, that process runs the whole
// command instead: the store belongs to one process, and the answer is the same.
func (e *env) with(f func(s *stack.Stack) error) error {
	if e.cloud.stack != "" {
		return e.deployed(f)
	}
	if e.open != nil {
		return f(e.open)
	}
	s, err := stack.Open(e.ctx, stack.Config{Dir: e.data})
	if errors.Is(err, embedded.ErrInUse) {
		return e.forward(err)
	}
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

// running reports whether the pipeline runs over the data: what a command leaves to it is done soon.
func (e *env) running() bool { return e.open != nil || e.cloud.stack != "" }

// existing is with, for commands that only make sense on data that is there.
func (e *env) existing(f func(s *stack.Stack) error) error {
	if e.open == nil && e.cloud.stack == "" {
		if _, err := os.Stat(filepath.Join(e.data, "CURRENT")); errors.Is(err, os.ErrNotExist) {
			if _, err := os.Stat(e.data); errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("there is no data in %s yet: start with `make run`, `handoff local` or `handoff import`, or name the folder with --data", e.data)
			}
		}
	}
	return e.with(f)
}

// answer prints a value as JSON where JSON is wanted, else lets text print.
func (e *env) answer(v any, text func(w io.Writer) error) error {
	if !e.json {
		return text(e.stdout)
	}
	enc := json.NewEncoder(e.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
