package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"handoff/events/journeys"
	"handoff/infra/intake"
	"handoff/infra/stack"
	"handoff/shared/event"
)

type importCmd struct {
	Paths []string          `arg:"" help:"Files or folders: .jsonl, .json, .csv, also .gz." type:"existingpath"`
	As    string            `help:"What a CSV's rows are, where the columns do not tell." enum:",list,account,contact,opportunity,spend" default:""`
	Tool  string            `help:"The tool whose raw payloads the JSON lines are." enum:",segment,rudderstack,stripe,salesforce,hubspot" default:""`
	Set   map[string]string `help:"A value for a column that a CSV lacks. Can be given again." placeholder:"COLUMN=VALUE"`
	Dry   bool              `help:"Read and count, put nothing on the bus." short:"n"`
}

func (importCmd) Help() string {
	return `Loads history and lists through the source contracts. Evidence older than a play's
act_within contacts nobody, so years of history can be loaded in peace.

  handoff import exports/segment-2025.jsonl.gz --tool segment
  handoff import attendees.csv --set list="Spring webinar" --set type=webinar \
    --set status=attended --set at=2026-03-12
  handoff import accounts.csv --as account --set crm=salesforce --set at=2026-11-20

A row or line that cannot be read is named with its place; the others are loaded, and
the exit status is 3. What a contract refuses is in quarantine, whole.`
}

// fed counts what a command put on the bus.
type fed struct {
	Accepted int      `json:"accepted"`
	Refused  []string `json:"refused"`
}

// chunk is how many events one put carries: they share a write to the disk.
const chunk = 500

// feed puts events on the bus in chunks.
type feed struct {
	e     *env
	s     *stack.Stack
	dry   bool
	batch []event.Envelope
	fed
}

func (f *feed) add(ev event.Envelope) error {
	f.batch = append(f.batch, ev)
	if len(f.batch) < chunk {
		return nil
	}
	return f.flush()
}

func (f *feed) flush() error {
	if len(f.batch) > 0 && !f.dry {
		ids, err := f.s.Put(f.e.ctx, f.batch)
		for _, id := range ids {
			if id != "" {
				f.Accepted++
			}
		}
		if err != nil {
			return err
		}
	} else {
		f.Accepted += len(f.batch)
	}
	f.batch = f.batch[:0]
	return nil
}

func (f *feed) bad(err *journeys.LineError) { f.Refused = append(f.Refused, err.Error()) }

// finish delivers what was put, tells the counts, and asks for a person where lines were refused.
func (f *feed) finish(verb string) error {
	if err := f.flush(); err != nil {
		return err
	}
	if !f.dry {
		if err := f.s.Settle(f.e.ctx); err != nil {
			return err
		}
	}
	err := f.e.answer(f.fed, func(w io.Writer) error {
		fmt.Fprintf(w, "%s %d events.\n", verb, f.Accepted)
		if n := len(f.Refused); n > 0 {
			fmt.Fprintf(w, "%d lines could not be read and were not accepted; mend them and %s them again:\n", n, strings.ToLower(firstWord(f.e.args)))
			for i, r := range f.Refused {
				if i == 20 {
					fmt.Fprintf(w, "  … and %d more (--format json lists all)\n", n-i)
					break
				}
				fmt.Fprintf(w, "  %s\n", r)
			}
		}
		if f.Accepted > 0 && !f.dry {
			fmt.Fprintln(w, "Next: handoff quarantine list · handoff status · handoff conserve")
		}
		return nil
	})
	if err == nil && len(f.Refused) > 0 {
		return errAct
	}
	return err
}

// firstWord is the command among the words.
func firstWord(args []string) string {
	for _, a := range args {
		if a == "send" || a == "import" {
			return a
		}
	}
	return "send"
}

func (c importCmd) Run(e *env) error {
	return e.with(func(s *stack.Stack) error {
		f := &feed{e: e, s: s, dry: c.Dry}
		o := intake.Options{Tool: c.Tool, As: c.As, Set: c.Set, Now: now()}
		for _, p := range c.Paths {
			files, err := intake.Files(p)
			if err != nil {
				return err
			}
			for _, file := range files {
				if err := intake.ReadFile(file, o, f.add, f.bad); err != nil {
					return err
				}
			}
		}
		verb := "Imported"
		if c.Dry {
			verb = "Would import"
		}
		return f.finish(verb)
	})
}

// now is the machine's time as events carry it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
