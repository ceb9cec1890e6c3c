package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"handoff/infra/stack"
)

// cloud names a deployed stack.
type cloud struct{ stack, region, profile string }

// connect opens a deployed stack, in the build that has the AWS SDK: see aws.go. Compiling the SDK takes longer than all
// the rest of the command, and most who run it have no stack. So bin/handoff leaves it out and lets bin/handoff-aws run
// what is asked of a stack.
var connect func(ctx context.Context, c cloud) (*stack.Stack, error)

// helper is that build's name.
const helper = "handoff-aws"

// onlyHere are the commands that have nothing to ask of a stack.
var onlyHere = map[string]string{
	"local":    "it runs the pipeline on this machine",
	"demo":     "it replays a journey on this machine",
	"generate": "it writes files; handoff import brings them to a stack",
	"pattern":  "it reads its input alone",
}

// choose decides between a folder and a deployed stack.
func (e *env) choose(c *cli, k *kong.Context) error {
	given := func(flag string) bool {
		return slices.ContainsFunc(k.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == flag })
	}
	if c.Stack == "" {
		for _, flag := range []string{"region", "profile"} {
			if given(flag) {
				return fmt.Errorf("--%s is of a deployed stack: name it with --stack, or drop --%s", flag, flag)
			}
		}
		return nil
	}
	from := "--stack"
	if !given("stack") {
		from = "HANDOFF_STACK"
	}
	command, _, _ := strings.Cut(k.Command(), " ")
	switch why, here := onlyHere[command]; {
	case here:
		return fmt.Errorf("%s knows no stack, since %s: drop %s", command, why, from)
	case given("data"):
		return fmt.Errorf("--data names a folder and %s a deployed stack: drop --data to ask the stack %s, or drop %s to ask the folder", from, c.Stack, from)
	case e.open != nil:
		return fmt.Errorf("%s is not for a process that runs a pipeline itself", from)
	}
	e.cloud = cloud{c.Stack, c.Region, c.Profile}
	return nil
}

// deployed runs f over the stack, or has the helper run the whole command.
func (e *env) deployed(f func(s *stack.Stack) error) error {
	if connect == nil {
		return e.help()
	}
	s, err := connect(e.ctx, e.cloud)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

// help has the build with the AWS SDK run this command.
func (e *env) help() error {
	path, err := findHelper()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(e.ctx, path, e.args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.stdin, e.stdout, e.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it has letters to put back
	cmd.WaitDelay = 30 * time.Second
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return exitCode(exit.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return nil
}

// findHelper looks beside this program, then on the PATH.
func findHelper() (string, error) {
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			path := filepath.Join(filepath.Dir(exe), helper)
			if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() {
				return path, nil
			}
		}
	}
	path, err := exec.LookPath(helper)
	if err != nil {
		return "", fmt.Errorf("asking a deployed stack needs %s, which is neither beside this program nor on the PATH: run make bin-aws in a checkout of Handoff", helper)
	}
	return path, nil
}
