package prove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"handoff/functions/ingest"
	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/touch"
)

// seen gathers the accepted events where the archive cannot be read, as EventBridge's cannot: from the rows that they
// left, from ingest's dead letters, and from its queue. What it cannot see is what has no row by design, duplicates, and
// what was lost before it had one; Untold says so, with the archive's own count to compare.
type seen struct {
	*check
	fates map[uint64]fate // by the hash of the envelope's id; 64 bits tell ten million apart but for one case in 300,000
	of    []string
}

// fate is what became of one event: an index into fateClasses, and one into of.
type fate struct{ class, of uint16 }

// fateClasses are ordered: of an event's parts, the class that comes last is the event's, as judge has it.
var fateClasses = []string{Ignored, Recorded, Quarantined}

func (s *seen) note(class string, of string, it Item) {
	h := fnv.New64a()
	h.Write([]byte(it.ID))
	k := h.Sum64()
	now := fate{class: uint16(slices.Index(fateClasses, class))}
	if now.of = uint16(slices.Index(s.of, of)); now.of == 1<<16-1 {
		now.of = uint16(len(s.of))
		s.of = append(s.of, of)
	}
	if had, ok := s.fates[k]; !ok || had.class < now.class {
		s.fates[k] = now
		s.each(class, it)
	}
}

// touch notes the event that made a touch. On nil it does nothing: the archive told of it.
func (s *seen) touch(t *touch.Touch) {
	if s == nil || t.Revision > 0 {
		return
	}
	s.out.Made++
	s.note(Recorded, "", Item{ID: t.EventID, Time: t.Time, Source: t.Source, Kind: t.SourceType})
}

// aside notes an event that made no touch. On nil it does nothing.
func (s *seen) aside(row *ledger.Row) error {
	if s == nil {
		return nil
	}
	var a ingest.Aside
	if err := json.Unmarshal(row.Body, &a); err != nil {
		return fmt.Errorf("prove: read row %s of %s: %w", row.ID, row.Owner, err)
	}
	it := Item{ID: a.EventID, Time: row.Time, Source: a.Source, Kind: a.DetailType, Why: a.Reason}
	switch {
	case row.Type == ledger.Ignored:
		s.note(Ignored, a.Reason, it)
	case a.Failure != nil:
		s.note(Quarantined, a.Failure.Code, it)
	default:
		s.note(Quarantined, "", it)
	}
	return nil
}

// ingestFunction is the one that hears events from outside, by its logical id.
const ingestFunction = "IngestFunction"

func (s *seen) finish(ctx context.Context) error {
	hop := &s.out.Events
	counts := map[fate]int{}
	for _, f := range s.fates {
		counts[f]++
	}
	for class := range fateClasses {
		for of := range s.of { // in the order they were met, so that two runs print alike
			for range counts[fate{uint16(class), uint16(of)}] {
				hop.add(fateClasses[class], s.of[of])
			}
		}
	}
	queues, err := s.Transit.Queues(ctx)
	if err != nil {
		return fmt.Errorf("prove: read the queues: %w", err)
	}
	for _, q := range queues {
		if q.Function == ingestFunction {
			hop.Total += q.Messages
			term(&hop.Terms, InFlight).Count += q.Messages
		}
	}
	for d, err := range s.Transit.Letters(ctx) {
		if errors.Is(err, transit.ErrPartly) {
			s.untold(err.Error())
			break
		}
		if err != nil {
			return fmt.Errorf("prove: read the dead letters: %w", err)
		}
		if e := &d.Event; e.Source != event.Source && !event.Tick(e) {
			h := fnv.New64a()
			h.Write([]byte(e.ID))
			if _, there := s.fates[h.Sum64()]; !there {
				s.each(Dead, Item{ID: e.ID, Time: e.Time, Source: e.Source, Kind: e.DetailType, Why: d.Error()})
				hop.add(Dead, "")
			}
		}
	}
	s.untold("the archive of a deployed stack can be replayed but not read: events are counted by what they left, so duplicates, which leave nothing, are not counted, and an event lost before it left a row would not be missed here")
	if c, ok := s.Transit.(stack.Counter); ok {
		n, err := c.Counted(ctx)
		if err != nil {
			return err
		}
		s.untold(fmt.Sprintf("the archive counts %d events by EventBridge, up to a day late; %d are seen here. More there are duplicates, or those that were lost; fewer there came since it counted", n, hop.Total))
	}
	return nil
}
