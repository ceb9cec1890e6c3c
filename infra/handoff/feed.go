package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"handoff/events/journeys"
	"handoff/infra/intake"
	"handoff/infra/prose"
	"handoff/infra/stack"
	"handoff/shared/event"
)

// fed counts what a command put on the bus.
type fed struct {
	Accepted int      `json:"accepted"`
	Past     int      `json:"past_the_bus,omitempty"` // of these, that went to ingest's own queue: no archive has them
	Refused  []string `json:"refused"`                // lines that are no events
	Broken   []broken `json:"broken"`                 // accepted, and kept in quarantine
}

// broken is what events have in common that broke their contract; Reason and First are of the first of them.
type broken struct {
	Contract string `json:"contract,omitempty"`
	Code     string `json:"code"`
	Field    string `json:"field,omitempty"`
	Reason   string `json:"reason"`
	Events   int    `json:"events"`
	First    string `json:"first"` // its place
}

// causes is how many reasons the text lists.
const causes = 8

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
	f.judge(&ev)
	f.batch = append(f.batch, ev)
	if len(f.batch) < chunk {
		return nil
	}
	return f.flush()
}

// judge reads an event as ingest will, to tell the person who sends it at once what ingest would put in quarantine.
func (f *feed) judge(ev *event.Envelope) {
	if ev.Source == event.Source {
		return // our own: not for ingest
	}
	for _, o := range f.s.Contracts.Read(ev) {
		if o.Failure == nil {
			continue
		}
		b := broken{Contract: o.Contract, Code: o.Failure.Code, Field: o.Failure.Field, Reason: o.Failure.Reason, Events: 1, First: place(ev)}
		known := false
		for i := range f.Broken {
			k := &f.Broken[i]
			if known = k.Contract == b.Contract && k.Code == b.Code && k.Field == b.Field; known {
				k.Events++
				break
			}
		}
		if !known {
			f.Broken = append(f.Broken, b)
		}
	}
}

// place is where an event came from, as far as it says.
func place(ev *event.Envelope) string {
	var at struct {
		File string
		Row  int
	}
	if ev.Source == intake.ImportSource && json.Unmarshal(ev.Detail, &at) == nil && at.File != "" {
		return fmt.Sprintf("%s, row %d", at.File, at.Row)
	}
	return fmt.Sprintf("%s of %s, %s", ev.DetailType, ev.Source, ev.Time.UTC().Format("2006-01-02 15:04"))
}

func (f *feed) flush() error {
	if len(f.batch) > 0 && !f.dry {
		took, err := f.s.Put(f.e.ctx, f.batch)
		f.Accepted += took.Accepted
		f.Past += took.Past
		if err != nil {
			return f.halfway(err)
		}
	} else {
		f.Accepted += len(f.batch)
	}
	f.batch = f.batch[:0]
	return nil
}

// halfway says how far a feed came that cannot go on, and that beginning again is safe.
func (f *feed) halfway(err error) error {
	if f.s.Name == "" || f.Accepted == 0 {
		return err
	}
	return fmt.Errorf("%w\n%s were accepted before: run the same command again, what came twice changes nothing", err, prose.Of(f.Accepted, "event"))
}

func (f *feed) bad(err *journeys.LineError) { f.Refused = append(f.Refused, err.Error()) }

// finish delivers what was put, tells the counts, and asks for a person where lines were refused or contracts broken.
func (f *feed) finish(verb string) error {
	if err := f.flush(); err != nil {
		return err
	}
	if !f.dry {
		if _, err := f.s.Transit.Settle(f.e.ctx); err != nil {
			return err
		}
	}
	if f.Refused == nil {
		f.Refused = []string{}
	}
	if f.Broken == nil {
		f.Broken = []broken{}
	}
	slices.SortStableFunc(f.Broken, func(a, b broken) int { return b.Events - a.Events })
	if err := f.e.answer(f.fed, func(w io.Writer) error { f.print(w, verb); return nil }); err != nil {
		return err
	}
	if len(f.Refused)+len(f.Broken) > 0 {
		return errAct
	}
	return nil
}

func (f *feed) print(w io.Writer, verb string) {
	fmt.Fprintf(w, "%s %s.\n", verb, prose.Of(f.Accepted, "event"))
	if f.Past > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", prose.Of(f.Past, "event")+" of sources that begin with aws. went straight to ingest's queue: only AWS's partners may put those on the bus. The archive does not have them, so keep the files."))
	}
	if n := len(f.Refused); n > 0 {
		fmt.Fprintln(w, prose.Wrap("", "", prose.Of(n, "line")+" could not be read and not accepted. Mend, and "+firstWord(f.e.args)+" again:"))
		for i, r := range f.Refused {
			if i == listed {
				fmt.Fprintf(w, "  … and %s more: --format json has them\n", prose.Count(n-i))
				break
			}
			fmt.Fprintln(w, prose.Wrap("  ", "    ", r))
		}
	}
	if len(f.Broken) > 0 {
		events := 0
		for _, b := range f.Broken {
			events += b.Events
		}
		fate := " broke a contract, and is kept whole in quarantine:"
		if events > 1 {
			fate = " broke a contract, and are kept whole in quarantine:"
		}
		if f.dry {
			fate = " would go to quarantine:"
		}
		fmt.Fprintln(w, prose.Wrap("", "", prose.Of(events, "event")+fate))
		for i, b := range f.Broken {
			if i == causes {
				fmt.Fprintf(w, "  … for %s: --format json has them\n", prose.Of(len(f.Broken)-i, "more reason"))
				break
			}
			first := b.First
			if b.Events > 1 {
				first = fmt.Sprintf("%s, the first %s", prose.Of(b.Events, "event"), first)
			}
			fmt.Fprintln(w, prose.Wrap("  ", "    ", fmt.Sprintf("%s: %s. %s", first, b.Code, b.Reason)))
		}
	}
	if f.Accepted > 0 && !f.dry {
		fmt.Fprintln(w, "Next: handoff quarantine list · handoff status · handoff conserve")
	}
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
