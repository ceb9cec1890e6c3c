package stories

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/tests/rig"
)

// events are what a story puts on the bus, and whether that is all that happens in it.
func events(s *Story) ([]event.Envelope, error) {
	p := &play{story: s}
	var out []event.Envelope
	for i := range s.Scenes {
		sc := &s.Scenes[i]
		switch {
		case sc.Who == "time" || strings.HasPrefix(sc.Who, "event "):
			continue
		case sc.Who == "operator" || sc.Who == "score" || sc.Who == "route":
			return nil, nil
		}
		e, err := p.envelope(sc)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Whatever the order in which a story's events arrive, and how often, what is known at its end and what that comes to is
// the same, and is what the ledger alone gives.
func TestAnyOrderOfAStory(t *testing.T) {
	outer := t
	type told struct {
		story       *Story
		events      []event.Envelope
		facts, made map[string]string
	}
	perform := func(t *rapid.T, s *Story, events []event.Envelope) (facts, made map[string]string) {
		files, err := shipped()
		if err == nil {
			files, err = patched(files, s.Patches)
		}
		if err != nil {
			t.Fatalf("%s: %v", s.File, err)
		}
		end := s.Scenes[len(s.Scenes)-1].At
		r := rig.Open(within{outer, t}, rig.Config{Start: end, Policy: folder(files), Dataset: companies(s.Companies)})
		defer r.Close()
		for _, e := range events {
			r.Send(e)
		}
		r.Quiet()
		facts, made = r.Facts(), r.Evaluations(end)
		if d := rig.Diff(r.Rebuilt(), facts); d != "" {
			t.Fatalf("%s: rebuilt and incremental facts: %s", s.File, d)
		}
		return facts, made
	}
	var tellable []*told
	for _, s := range all(t) {
		es, err := events(s)
		if err != nil {
			t.Fatal(err)
		}
		if len(es) > 2 {
			tellable = append(tellable, &told{story: s, events: es})
		}
	}
	if len(tellable) < least/2 {
		t.Fatalf("only %d stories can be told in any order", len(tellable))
	}
	rig.Check(t, checks, func(t *rapid.T) {
		one := rapid.SampledFrom(tellable).Draw(t, "story")
		if one.facts == nil {
			one.facts, one.made = perform(t, one.story, one.events)
		}
		order := rapid.Permutation(one.events).Draw(t, "order")
		order = append(order, order[:rapid.IntRange(0, len(order)).Draw(t, "twice")]...)
		facts, made := perform(t, one.story, order)
		if d := rig.Diff(one.facts, facts); d != "" {
			t.Fatalf("%s: facts -in order +shuffled: %s", one.story.File, d)
		}
		if d := rig.Diff(one.made, made); d != "" {
			t.Fatalf("%s: evaluations -in order +shuffled: %s", one.story.File, d)
		}
	})
}
