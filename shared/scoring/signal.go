package scoring

import (
	"fmt"
	"slices"
	"strings"

	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/problem"
	"handoff/shared/touch"
)

// signal is a compiled Signal.
type signal struct {
	name string
	test condition.Test
}

func (m *Model) compileSignals(list []Signal, comp *condition.Compiler, out *problem.List) {
	if len(list) > condition.MaxNames {
		out.Add("$.signals", "there are %d signals; %d are the limit", len(list), condition.MaxNames)
	}
	seen := map[string]bool{"any": true}
	for i := range list {
		s, path := &list[i], fmt.Sprintf("$.signals[%d]", i)
		if s.Name == "" || seen[s.Name] {
			out.Add(path+".name", "a signal needs a name of its own (and not any), it has %q", s.Name)
		}
		seen[s.Name] = true
		m.signals = append(m.signals, signal{s.Name, comp.Compile(&s.When, path+".when", condition.OfMembers, out)})
	}
}

// Signal fills in which signals hold; it comes before all that asks for them. It allocates nothing.
func (m *Model) Signal(f *condition.Frame) {
	f.Signals = 0
	for i := range m.signals {
		if m.signals[i].test.Holds(f) {
			f.Signals |= 1 << i
		}
	}
}

// BecauseSignal gathers why the signals of the mask hold. Each is one text, with its name before what it is inferred from.
func (m *Model) BecauseSignal(f *condition.Frame, mask uint64, c *condition.Cause) {
	for i := range m.signals {
		if mask>>i&1 == 0 {
			continue
		}
		before := len(c.Texts)
		m.signals[i].test.Because(f, within{m}, c)
		if c.Brief {
			continue
		}
		text := spaced(m.signals[i].name)
		if because := c.Texts[before:]; len(because) > 0 {
			text += " (" + strings.Join(because, ", ") + ")"
		}
		c.Texts = append(c.Texts[:before], text)
	}
}

// Signals says which signals hold, and from which touches they are inferred.
func (m *Model) Signals(f *condition.Frame) []event.Signal {
	var out []event.Signal
	for i := range m.signals {
		if f.Signals>>i&1 == 0 {
			continue
		}
		var c condition.Cause
		m.signals[i].test.Because(f, within{m}, &c)
		out = append(out, event.Signal{Name: m.signals[i].name, Text: condition.Sentence(strings.Join(c.Texts, "; ")), Evidence: once(c.Evidence)})
	}
	return out
}

// once leaves out touches by which several questions hold.
func once(ids []touch.ID) []touch.ID {
	var out []touch.ID
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// within explains to the inside of a score: signals are known there, the score and what is made of it are not.
type within struct{ m *Model }

func (w within) BecauseSignal(f *condition.Frame, mask uint64, c *condition.Cause) {
	w.m.BecauseSignal(f, mask, c)
}
func (within) BecauseScore(*condition.Frame, *condition.Cause)       {}
func (within) BecausePQL(*condition.Frame, uint64, *condition.Cause) {}
func (within) BecauseStage(*condition.Frame, int, *condition.Cause)  {}
