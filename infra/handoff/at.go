package main

import (
	"fmt"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
)

// stands refuses to show at an earlier hour what stands now. newest tells, of the snapshot of now, when what would be shown
// came to stand so; who is for the command that does go back.
func (e *env) stands(s *stack.Stack, snap *report.Snapshot, at, who string, newest func(now *report.Snapshot) (time.Time, error)) error {
	if at == "" {
		return nil
	}
	now, err := take(e.ctx, s, "")
	if err != nil || !snap.At.Before(now.At) {
		return err
	}
	last, err := newest(now)
	if err != nil || !snap.At.Before(last) {
		return err
	}
	if whole := last.Truncate(time.Second); whole.Before(last) {
		last = whole.Add(time.Second) // to be given to --at as it is told
	}
	return fmt.Errorf("--at %q is earlier than the newest of what is shown here, of %s. This shows what stands, and would show later things as if they had been so then; `handoff explain %s --at %q` tells how it stood",
		at, last.UTC().Format(time.RFC3339), who, at)
}
