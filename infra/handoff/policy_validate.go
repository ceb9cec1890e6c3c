package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"handoff/infra/stack"
	"handoff/infra/validate"
	"handoff/shared/policy"
	"handoff/shared/store"
)

type policyValidateCmd struct {
	Dir    policyDir `arg:"" optional:"" help:"Folder with the policy's YAML; unless given, the policy in force." type:"path"`
	Strict bool      `help:"Count warnings as errors."`
}

func (policyValidateCmd) Help() string {
	return `Every finding names file and line, and says what to do. Exit status 3 where there is an error.

Errors are what the text itself says and what is beyond doubt: what is no policy, rules, stages,
moves, motions and plays that can never hold or that another always comes before, bands that no
score is in. With one, a policy cannot be built, activated, or started with.

Warnings depend on tools, people and dates: touches and fields that no source contract carries,
plays that a gate always stops, teams in which nobody works, deadlines at night.

  handoff policy validate my-policy
  handoff policy validate my-policy --strict`
}

func (c policyValidateCmd) Run(e *env) error {
	if c.Dir != "" {
		files, err := policy.ReadFiles(os.DirFS(string(c.Dir)))
		if err != nil {
			return err
		}
		return c.validate(e, files, time.Now())
	}
	return e.existing(func(s *stack.Stack) error {
		files, err := textInForce(e, s)
		if err != nil {
			return err
		}
		return c.validate(e, files, s.Now())
	})
}

// textInForce is the text of the policy in force.
func textInForce(e *env, s *stack.Stack) (map[string]string, error) {
	a, _, err := s.Policies.InForce(e.ctx)
	if errors.Is(err, store.ErrNotFound) {
		return s.Policies.Default.Text, nil
	}
	if err == nil {
		a, err = s.Policies.Text(e.ctx, a.Epoch)
	}
	if err != nil {
		return nil, err
	}
	return a.Files, nil
}

func (c policyValidateCmd) validate(e *env, files map[string]string, now time.Time) error {
	r, err := validate.Files(files, now, c.Strict)
	if err != nil {
		return err
	}
	if err := e.answer(r, func(w io.Writer) error { printFindings(w, r); return nil }); err != nil {
		return err
	}
	if !r.Valid {
		return errAct
	}
	return nil
}

func printFindings(w io.Writer, r *validate.Result) {
	for _, f := range r.Findings {
		fmt.Fprintf(w, "%s:%d: %s\n", f.File, f.Line, f.Severity)
		para(w, 4, f.Text)
	}
	switch {
	case len(r.Findings) == 0:
		para(w, 0, "The policy holds together, and everything it asks about can happen.")
	case r.Valid:
		para(w, 0, fmt.Sprintf("%s, no error: it can be built, activated and run.", count(r.Warnings, "warning", "warnings")))
	default:
		para(w, 0, fmt.Sprintf("%s and %s: it cannot be built, activated or run.", count(r.Errors, "error", "errors"), count(r.Warnings, "warning", "warnings")))
	}
}
