// Command check refuses a policy that a build must not ship: every error and warning of validation is one, as `handoff
// policy validate --strict` has it. make build runs it over infra/policy first.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"handoff/infra/validate"
	"handoff/shared/policy"
)

func main() {
	if err := check(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: check FOLDER")
	}
	files, err := policy.ReadFiles(os.DirFS(args[0]))
	if err != nil {
		return err
	}
	r, err := validate.Files(files, time.Now(), true)
	if err != nil || r.Valid {
		return err
	}
	for _, f := range r.Findings {
		fmt.Fprintf(os.Stderr, "%s/%s\n", args[0], f)
	}
	return fmt.Errorf("the policy in %s cannot be built: mend the %d above, and see handoff policy validate --help", args[0], r.Errors)
}
