// Command handoff is the operator's: it runs the pipeline on one machine, feeds it, and answers what it did and why.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli is every command. A command's Run gets the context and the env.
type cli struct {
	Data    string `help:"Folder with the pipeline's data. Made if it is not there." default:".handoff" env:"HANDOFF_DATA" placeholder:"DIR" type:"path"`
	Stack   string `help:"Ask a deployed stack instead, by its CloudFormation name." env:"HANDOFF_STACK" placeholder:"NAME"`
	Region  string `help:"Of the stack; else as the AWS CLI finds it." placeholder:"REGION"`
	Profile string `help:"Of the AWS configuration; else as the AWS CLI finds it." placeholder:"NAME"`
	Format  string `help:"How to answer: text for people, json for programs." enum:"text,json" default:"text"`

	Local localCmd `cmd:"" group:"run" help:"Run the whole pipeline on this machine."`
	Send  sendCmd  `cmd:"" group:"run" help:"Put events on the bus."`

	Import     importCmd     `cmd:"" group:"run" help:"Load history or lists: JSON lines or CSV."`
	Generate   generateCmd   `cmd:"" group:"run" help:"Make a realistic journey in the tools' own formats."`
	Demo       demoCmd       `cmd:"" group:"run" help:"Replay a journey through the whole pipeline and show what came of it."`
	Status     statusCmd     `cmd:"" group:"see" help:"What is moving: sources, queues, dead letters, plays."`
	Account    accountCmd    `cmd:"" group:"see" help:"One account: who, how hot, where in the funnel, and why."`
	Explain    explainCmd    `cmd:"" group:"see" help:"Why something was done, or was not."`
	Brief      briefCmd      `cmd:"" group:"see" help:"What to know of an account that is handed over: people, deal, history."`
	Queue      queueCmd      `cmd:"" group:"see" help:"Open handoffs: owner, age, deadline."`
	Report     reportCmd     `cmd:"" group:"see" help:"The first screen, the funnel, revenue by channel."`
	DLQ        dlqCmd        `cmd:"" name:"dlq" group:"do" help:"Dead letters: list, show, replay."`
	Quarantine quarantineCmd `cmd:"" group:"do" help:"Events that broke a contract: list, process again."`
	Pause      pauseCmd      `cmd:"" group:"do" help:"Stop a play at once."`
	Resume     resumeCmd     `cmd:"" group:"do" help:"Let a play act again, after a pause or its breaker."`
	Reassign   reassignCmd   `cmd:"" group:"do" help:"Give a rep's open handoffs to others."`
	Unmerge    unmergeCmd    `cmd:"" group:"do" help:"Undo a link between a person and an account that was wrong."`
	Merge      mergeCmd      `cmd:"" group:"do" help:"Link two that no tool links, or take an unmerge back."`
	Mode       modeCmd       `cmd:"" group:"do" help:"Let a play observe, hold or act."`
	Release    releaseCmd    `cmd:"" group:"do" help:"Let what a play on hold decided go through, or drop it."`
	Remap      remapCmd      `cmd:"" group:"do" help:"Read a source's raw events again, after a mapping that was wrong."`
	Policy     policyCmd     `cmd:"" group:"do" help:"Put a policy in force, go back to one, show them."`
	Conserve   conserveCmd   `cmd:"" group:"prove" help:"Prove that no accepted event was lost."`
	Rebuild    rebuildCmd    `cmd:"" group:"prove" help:"Fold accounts again from the ledger and compare."`
	Pattern    patternCmd    `cmd:"" group:"prove" help:"Match event patterns: JSON lines in, JSON lines out."`
}

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // the command could not do its work
	exitUsage  = 2 // the words of the command are off
	exitAct    = 3 // it did its work, and a person must act on what it found
)

// errAct ends a command whose answer asks for a person: it was printed already.
var errAct = errors.New("a person must act")

func main() {
	collectLess()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// collectLess lets garbage grow to four times what is in use before it is collected, up to half a gigabyte altogether:
// over the half-year a fifth less processor time. GOGC and GOMEMLIMIT, where they are set, hold instead.
func collectLess() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(512 << 20)
	}
}

// run is the whole command; tests call it too.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runWith(&env{ctx: ctx, args: args, stdin: stdin, stdout: stdout, stderr: stderr})
}

// runWith parses the words of the command and runs it.
func runWith(e *env) int {
	ctx, args, stdout, stderr := e.ctx, e.args, e.stdout, e.stderr
	var c cli
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("handoff"),
		kong.Description("Buyer behaviour in, explained handoffs out. Start with `make run`, or with `handoff local` and `handoff send`."),
		kong.UsageOnError(), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.ExplicitGroups([]kong.Group{{Key: "run", Title: "Run and feed:"}, {Key: "see", Title: "See:"}, {Key: "do", Title: "Do:"}, {Key: "prove", Title: "Prove:"}}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 80, NoExpandSubcommands: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		fmt.Fprintln(stderr, "handoff:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help has printed
	}
	if err != nil {
		fmt.Fprintf(stderr, "handoff: %v\nTry: handoff --help\n", err)
		return exitUsage
	}
	if err := e.choose(&c, k); err != nil {
		fmt.Fprintln(stderr, "handoff:", err)
		return exitUsage
	}
	e.data, e.json = cmp.Or(c.Data, ".handoff"), c.Format == "json" // HANDOFF_DATA may be set, and empty
	switch err := k.Run(e); {
	case err == nil:
		return exitOK
	case errors.Is(err, errAct):
		return exitAct
	case errors.As(err, new(exitCode)):
		var code exitCode
		errors.As(err, &code)
		return int(code)
	default:
		fmt.Fprintln(stderr, "handoff:", err)
		return exitFailed
	}
}

// exitCode ends a command that another process ran, with that process's status.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit status %d", int(c)) }
