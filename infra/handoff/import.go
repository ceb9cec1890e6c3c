package main

import (
	"time"

	"handoff/infra/intake"
	"handoff/infra/stack"
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
  handoff import attendees.csv --set list="Spring webinar" \
    --set type=webinar --set status=attended --set at=2026-03-12
  handoff import accounts.csv --as account --set crm=salesforce \
    --set at=2026-11-20

A row or line that cannot be read is named with its place; the others are loaded. What a
contract refuses is kept whole in quarantine. In both cases the exit status is 3.`
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
