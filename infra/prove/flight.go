package prove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"handoff/infra/stack"
	"handoff/infra/transit"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// check is one proof under way.
type check struct {
	*stack.Stack
	memory account.Memory
	each   func(class string, it Item)
	out    *Conservation

	events_   []*missing // events without all their rows
	touches   []*missing // touches outside the facts
	decisions []*missing // decisions without an outcome
	scratch   []account.Keep
	seen      *seen // instead of events_, where the archive cannot be read
}

// missing is something without its evidence. The pipeline may be running: it may be on its way, or have arrived since.
type missing struct {
	Item
	keys     []string // any of which, in a message that is not done with, accounts for it
	contract string   // of an event: name@version that reads it today
	class    string   // found meanwhile
	again    func(ctx context.Context) (class, of string, err error)
}

// keysOf names what a message is about.
func keysOf(e *event.Envelope) []string {
	keys := []string{"event:" + e.ID}
	if e.Source != event.Source {
		return keys
	}
	var d struct {
		ID      string
		Account string
		Touch   struct{ ID string }
	}
	if json.Unmarshal(e.Detail, &d) != nil {
		return keys // it stands in the queue under its own id all the same
	}
	switch e.DetailType {
	case event.TouchRecorded, event.AccountEnriched:
		keys = append(keys, "touch:"+d.Touch.ID)
	case event.EnrichmentWanted:
		keys = append(keys, "enrich:"+d.Account)
	case event.DecisionMade:
		keys = append(keys, "decision:"+d.ID)
	case event.ConversionRecorded:
		keys = append(keys, "conversion:"+d.ID)
	}
	return keys
}

// settle looks for the missing where the pipeline keeps what it is not done with: in items as work still to be told,
// then in queues, then among dead letters, then where they should have been. That is the order in which things move, so
// one that moves while it is looked for is met at the next place.
func (c *check) settle(ctx context.Context, list []*missing, hop *Hop) error {
	if len(list) == 0 {
		return nil
	}
	wanted := make(map[string][]*missing, len(list))
	for _, m := range list {
		for _, k := range m.keys {
			wanted[k] = append(wanted[k], m)
		}
	}
	found := func(class string, keys ...string) {
		for _, k := range keys {
			for _, m := range wanted[k] {
				if m.class == "" {
					m.class = class
				}
			}
		}
	}
	if err := c.owed(ctx, found); err != nil {
		return err
	}
	unseen, err := c.underWay(ctx, found)
	if err != nil {
		return err
	}
	for _, m := range list {
		class, of, err := m.again(ctx)
		switch {
		case err != nil:
			return err
		case class != "":
			m.class = class
		case m.class == "" && unseen > 0:
			m.class = Undecided
			if len(hop.Open) < MaxLost {
				hop.Open = append(hop.Open, m.Item)
			}
		}
		if hop == &c.out.Events {
			c.each(or(m.class, Unaccounted), m.Item)
		}
		if m.class == "" {
			hop.lose(m.Item)
		} else {
			hop.add(m.class, of)
		}
	}
	return nil
}

// underWay tells found of what stands in queues and among dead letters, and answers how many messages stand there, or
// about as many, that nobody can look into.
func (c *check) underWay(ctx context.Context, found func(class string, keys ...string)) (unseen int, err error) {
	for m, err := range c.Transit.InFlight(ctx) {
		if errors.Is(err, transit.ErrUntold) {
			if unseen, err = c.standing(ctx); err != nil {
				return 0, err
			}
			break
		}
		if err != nil {
			return 0, fmt.Errorf("prove: read what is in flight: %w", err)
		}
		found(InFlight, keysOf(&m.Event)...)
	}
	for d, err := range c.Transit.Letters(ctx) {
		if errors.Is(err, transit.ErrPartly) {
			c.untold(err.Error())
			return unseen + 1, nil
		}
		if err != nil {
			return 0, fmt.Errorf("prove: read the dead letters: %w", err)
		}
		found(Dead, keysOf(&d.Event)...)
	}
	return unseen, nil
}

// standing counts what stands in the functions' queues, where only counts are told.
func (c *check) standing(ctx context.Context) (int, error) {
	queues, err := c.Transit.Queues(ctx)
	if err != nil {
		return 0, fmt.Errorf("prove: read the queues: %w", err)
	}
	n := 0
	for _, q := range queues {
		if !q.Dead {
			n += q.Messages
		}
	}
	switch {
	case n > 0:
		c.untold(fmt.Sprintf("the functions' queues hold about %d messages, which nobody but the functions can read: what has no evidence may be among them. Run this again when handoff status shows empty queues", n))
	default:
		c.untold("the functions' queues are empty by SQS's counts, which can be a minute old")
	}
	return n, nil
}

// untold notes once what this proof could not see.
func (c *check) untold(says string) {
	if !slices.Contains(c.out.Untold, says) {
		c.out.Untold = append(c.out.Untold, says)
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// owed walks the accounts table for what was decided and is still to be told.
func (c *check) owed(ctx context.Context, found func(class string, keys ...string)) error {
	return scan(ctx, c.Accounts, func(rec store.Record) error {
		switch {
		case rec.Sort == routing.HandoffsSort:
			it, err := routing.Decode(rec.Partition, rec.Body)
			if err != nil {
				return fmt.Errorf("prove: %w", err)
			}
			if it.Pending != nil {
				for i := range it.Pending.Rows {
					found(InFlight, "decision:"+it.Pending.Rows[i].ID)
				}
			}
		case rec.Sort == account.Key("").Sort && subject.Valid(rec.Partition):
			it, err := account.FromRecord(rec)
			if err != nil {
				return fmt.Errorf("prove: read %s: %w", rec.Partition, err)
			}
			for i := range it.Told.Pending {
				p := &it.Told.Pending[i]
				found(InFlight, keysOf(&event.Envelope{Source: event.Source, DetailType: p.DetailType, Detail: p.Detail})[1:]...)
			}
		}
		return nil
	})
}

// scanPage is how many records of a table are read at once.
const scanPage = 1000

// scan walks a whole table.
func scan(ctx context.Context, t store.Table, f func(store.Record) error) error {
	sc, ok := t.(store.Scanner)
	if !ok {
		return fmt.Errorf("prove: this table cannot be walked: %T is no store.Scanner", t)
	}
	for cursor := ""; ; {
		page, err := sc.Scan(ctx, scanPage, cursor)
		if err != nil {
			return fmt.Errorf("prove: walk a table: %w", err)
		}
		for i := range page.Records {
			if err := f(page.Records[i]); err != nil {
				return err
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return nil
		}
	}
}
