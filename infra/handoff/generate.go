package main

import (
	"fmt"
	"io"
	"time"

	"handoff/infra/generate"
)

type generateCmd struct {
	Out      string `help:"Folder to write to." required:"" type:"path" placeholder:"DIR"`
	Seed     uint64 `help:"The same seed makes the same journey." default:"1"`
	Events   int    `help:"About how many events." default:"20000"`
	Accounts int    `help:"Companies and lone individuals; 0 makes one for every 60 events." default:"0"`
	Months   int    `help:"Length of the journey." default:"6"`
	Start    string `help:"First day, YYYY-MM-DD." default:"2026-01-05" placeholder:"DATE"`
}

func (generateCmd) Help() string {
	return `Writes a journey in the tools' own formats: sales-led, product-led and hybrid accounts,
anonymous first visits, job changes, late and repeated deliveries, a field renamed midway,
broken payloads. One file per tool, and companies.csv for enrich.

  handoff generate --out journey --events 50000 --seed 7
  make run DATA=journey`
}

func (c generateCmd) Run(e *env) error {
	start, err := time.Parse("2006-01-02", c.Start)
	if err != nil {
		return fmt.Errorf("--start %s is not a day: write YYYY-MM-DD", c.Start)
	}
	if c.Accounts == 0 {
		c.Accounts = max(c.Events/60, 1)
	}
	sum, err := generate.WriteDir(e.ctx, generate.Config{Seed: c.Seed, Start: start, Months: c.Months, Events: c.Events, Accounts: c.Accounts}, c.Out)
	if err != nil {
		return err
	}
	return e.answer(sum, func(w io.Writer) error {
		fmt.Fprintf(w, "Wrote %s of %s, %s to %s, into %s.\n", count(sum.Events, "event", "events"), count(sum.Accounts, "account", "accounts"), sum.First.Format("2 Jan 2006"), sum.Last.Format("2 Jan 2006"), near(c.Out))
		for _, tool := range generate.Tools {
			fmt.Fprintf(w, "  %-12s %8d\n", tool, sum.Tools[tool])
		}
		fmt.Fprintf(w, "Next: make run DATA=%s\n", near(c.Out))
		return nil
	})
}
