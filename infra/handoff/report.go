package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"handoff/infra/prove"
	"handoff/infra/report"
	"handoff/infra/stack"
)

type reportCmd struct {
	Section string `arg:"" optional:"" default:"first" enum:"first,funnel,hot,revenue,sources,quarantine,all" help:"first, funnel, hot, revenue, sources, quarantine or all."`
	At      string `help:"By the clock of this time, not before the newest of what most sections show: 2026-03-12, or with T14:05:00Z." placeholder:"TIME"`
	Top     int    `help:"How many accounts hot lists." default:"10" placeholder:"N"`
	Models  string `help:"Attribution models to set side by side." default:"first,linear,w_shaped" placeholder:"LIST"`
}

func (reportCmd) Help() string {
	return `The numbers that a team looks at together. first is the three of the first screen:
buyers waiting past their deadline, what is unexplained, the best next point.

  handoff report
  handoff report revenue --models first,last,time_decay
  handoff report sources
  handoff report all --format json
  handoff report revenue --at 2026-03-12

It shows what stands. --at looks by another clock at decay and deadlines: not earlier than the
newest record; how an account stood before that tells handoff explain WHO --at TIME. Any time is
fine for revenue, which then leaves out what was won later, and for quarantine, which leaves out
what was set aside later; the rest is told as it is known now.`
}

// answers is the whole report as JSON.
type answers struct {
	First   *report.First   `json:"first,omitempty"`
	Funnels []report.Funnel `json:"funnels,omitempty"`
	Hot     []report.Hot    `json:"hot,omitempty"`
	Revenue *report.Revenue `json:"revenue,omitempty"`
	Sources *report.Sources `json:"sources,omitempty"`
	Rejects *report.Rejects `json:"quarantine,omitempty"`
}

func (c reportCmd) Run(e *env) error {
	return e.existing(func(s *stack.Stack) error {
		snap, err := take(e.ctx, s, c.At)
		if err != nil {
			return err
		}
		if c.Top < 1 {
			return fmt.Errorf("--top is %d: say how many accounts to list, 1 or more", c.Top)
		}
		if c.Section != "revenue" && c.Section != "quarantine" {
			if err := e.stands(s, snap, c.At, "WHO", func(now *report.Snapshot) (time.Time, error) { return now.Newest(e.ctx) }); err != nil {
				return err
			}
		}
		wants := func(section string) bool { return c.Section == section || c.Section == "all" }
		var a answers
		if wants("first") {
			if a.First, err = snap.First(e.ctx, lost(s)); err != nil {
				return err
			}
		}
		if wants("funnel") {
			if a.Funnels, err = snap.Funnels(e.ctx); err != nil {
				return err
			}
		}
		if wants("hot") {
			if a.Hot, err = snap.Hottest(e.ctx, c.Top); err != nil {
				return err
			}
		}
		if wants("revenue") {
			if a.Revenue, err = snap.Revenue(e.ctx, modelNames(c.Models)); err != nil {
				return err
			}
		}
		if wants("sources") {
			if a.Sources, err = snap.Sources(e.ctx); err != nil {
				return err
			}
		}
		if wants("quarantine") {
			if a.Rejects, err = snap.Rejects(e.ctx); err != nil {
				return err
			}
		}
		err = e.answer(a, func(w io.Writer) error {
			a.write(w, snap)
			return nil
		})
		if err == nil && a.Revenue != nil {
			for _, r := range a.Revenue.Currencies {
				if len(r.Broken) > 0 {
					return errAct
				}
			}
		}
		return err
	})
}

func (a *answers) write(w io.Writer, snap *report.Snapshot) {
	if a.First != nil {
		writeFirst(w, a.First)
	}
	if a.Funnels != nil {
		writeFunnels(w, a.Funnels, snap.At)
	}
	if a.Hot != nil {
		writeHot(w, a.Hot, snap.At)
	}
	if a.Revenue != nil {
		writeRevenue(w, a.Revenue)
	}
	if a.Sources != nil {
		writeBrought(w, a.Sources)
	}
	if a.Rejects != nil {
		writeRejects(w, a.Rejects, 0)
	}
}

// lost counts what was accepted and is nowhere to be found, as conserve does.
func lost(s *stack.Stack) report.Count {
	return func(ctx context.Context) (int, error) {
		c, err := prove.Conserve(ctx, s)
		if err != nil {
			return 0, err
		}
		return c.Unexplained(), nil
	}
}

// take makes the snapshot that a command is about.
func take(ctx context.Context, s *stack.Stack, at string) (*report.Snapshot, error) {
	t, err := parseTime(at)
	if err != nil {
		return nil, fmt.Errorf("--at: %w", err)
	}
	return report.Take(ctx, s, t)
}

// parseTime reads a time as people write it, UTC unless it says otherwise; "" is the zero time.
func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 2026-03-12, 2026-03-12 14:05 or 2026-03-12T14:05:00Z", s)
}

func modelNames(s string) []string {
	var out []string
	for _, m := range strings.Split(s, ",") {
		if m = strings.TrimSpace(m); m != "" {
			out = append(out, m)
		}
	}
	return out
}

// printFirst prints the first screen. lost may be nil.
func printFirst(ctx context.Context, w io.Writer, snap *report.Snapshot, lost report.Count) error {
	f, err := snap.First(ctx, lost)
	if err == nil {
		writeFirst(w, f)
	}
	return err
}

// printFunnel prints every active funnel.
func printFunnel(ctx context.Context, w io.Writer, snap *report.Snapshot) error {
	f, err := snap.Funnels(ctx)
	if err == nil {
		writeFunnels(w, f, snap.At)
	}
	return err
}

// printHot prints the n hottest accounts.
func printHot(ctx context.Context, w io.Writer, snap *report.Snapshot, n int) error {
	h, err := snap.Hottest(ctx, n)
	if err == nil {
		writeHot(w, h, snap.At)
	}
	return err
}

// printRevenue prints revenue by channel, model beside model.
func printRevenue(ctx context.Context, w io.Writer, snap *report.Snapshot, models ...string) error {
	r, err := snap.Revenue(ctx, models)
	if err == nil {
		writeRevenue(w, r)
	}
	return err
}

// printRejects prints what was quarantined and ignored, at most limit reasons of each; 0 prints all.
func printRejects(ctx context.Context, w io.Writer, snap *report.Snapshot, limit int) error {
	r, err := snap.Rejects(ctx)
	if err == nil {
		writeRejects(w, r, limit)
	}
	return err
}
