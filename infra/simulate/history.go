package simulate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/embedded"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// history is the ledger's touches in order of time, in a folder of its own: memory does not grow with them.
type history struct {
	db       *embedded.DB
	table    store.Table
	ledger   *ledger.Ledger // reads rows as the ledger stores them
	implied  func(email string) string
	touches  int
	accounts int // sampled; 0: all
	first    time.Time
	last     time.Time
	latest   map[touch.ID]int // the highest revision, of touches that have more than one
	enriched map[string][]*touch.Touch
	wins     []won
	until    time.Time
}

// won is a purchase: a deal won, or a subscription begun.
type won struct {
	subject string
	at      time.Time
}

// partition holds all rows; their sort key is the time.
const partition = "history"

// page is how many rows are moved at once.
const page = 500

// load copies the rows out of the ledger.
func load(ctx context.Context, s *stack.Stack, dir string, o Options) (_ *history, err error) {
	db, err := embedded.Open(dir, embedded.Options{NoSync: true, Memory: 32 << 20, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	h := &history{db: db, table: db.Table("history"), implied: s.Graph.Implied, latest: map[touch.ID]int{}, enriched: map[string][]*touch.Touch{}, until: o.Until}
	h.ledger = &ledger.Ledger{Table: h.table}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	var rows []ledger.Row
	flush := func() error {
		for _, res := range h.ledger.Append(ctx, rows) {
			if res.Err != nil {
				return fmt.Errorf("simulate: %w", res.Err)
			}
		}
		rows = rows[:0]
		return ctx.Err()
	}
	add := func(row *ledger.Row) error {
		if row.Type != ledger.Touch && row.Type != ledger.Enrichment || !o.Until.IsZero() && row.Time.After(o.Until) {
			return nil
		}
		t, err := graph.Touch(row)
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		if t.Revision > 0 {
			h.latest[t.ID] = max(h.latest[t.ID], t.Revision)
		}
		if row.Type == ledger.Enrichment {
			h.enriched[t.Subject] = append(h.enriched[t.Subject], t)
			return nil
		}
		if h.touches++; h.first.IsZero() || t.Time.Before(h.first) {
			h.first = t.Time
		}
		if t.Time.After(h.last) {
			h.last = t.Time
		}
		if (t.Kind == touch.OpportunityWon || t.Kind == touch.SubscriptionStarted) && !t.Test {
			h.wins = append(h.wins, won{t.Subject, t.Time})
		}
		r := *row
		r.Owner = partition // one partition, so that one query answers in order of time
		rows = append(rows, r)
		if h.touches%(20*page) == 0 {
			o.Progress("reading the ledger", h.touches, 0)
		}
		if len(rows) == page {
			return flush()
		}
		return nil
	}
	if o.Sample > 0 {
		err = h.sample(ctx, s, o, add)
	} else {
		err = scan(ctx, s.History, func(rec store.Record) error {
			row, ok, err := s.Ledger.Decode(ctx, rec)
			if err != nil || !ok {
				return err
			}
			return add(row)
		})
	}
	if err == nil {
		err = flush()
	}
	return h, err
}

// sample reads the timelines of some accounts alone: those whose ids have the lowest hashes, so that a larger sample
// holds a smaller one.
func (h *history) sample(ctx context.Context, s *stack.Stack, o Options, add func(*ledger.Row) error) error {
	type chosen struct {
		id   string
		hash [32]byte
	}
	var all []chosen
	err := scan(ctx, s.Accounts, func(rec store.Record) error {
		if rec.Sort != account.Sort || !subject.Valid(rec.Partition) || subject.KindOf(rec.Partition) == subject.Anonymous {
			return nil
		}
		it, err := account.FromRecord(rec)
		if err != nil {
			return fmt.Errorf("simulate: read %s: %w", rec.Partition, err)
		}
		if it.Root() && !it.Facts.Empty() {
			all = append(all, chosen{it.ID, sha256.Sum256([]byte(it.ID))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b chosen) int {
		return cmp.Or(slices.Compare(a.hash[:], b.hash[:]), strings.Compare(a.id, b.id))
	})
	all = all[:min(o.Sample, len(all))]
	h.accounts = len(all)
	read := map[string]bool{}
	for i, c := range all {
		o.Progress("reading the ledger", i, len(all))
		members, err := s.Graph.Dependents(ctx, c.id)
		if err != nil {
			return fmt.Errorf("simulate: who belongs to %s: %w", c.id, err)
		}
		for _, m := range members {
			if read[m] {
				continue
			}
			read[m] = true
			for row, err := range s.Ledger.Timeline(ctx, m, time.Time{}, time.Time{}) {
				if err != nil {
					return fmt.Errorf("simulate: %w", err)
				}
				if err := add(row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func scan(ctx context.Context, t store.Table, visit func(store.Record) error) error {
	s, ok := t.(store.Scanner)
	if !ok {
		return errors.New("simulate: this store cannot be walked")
	}
	for cursor := ""; ; {
		p, err := s.Scan(ctx, page, cursor)
		if err != nil {
			return fmt.Errorf("simulate: %w", err)
		}
		for _, rec := range p.Records {
			if err := visit(rec); err != nil {
				return err
			}
		}
		if cursor = p.Cursor; cursor == "" {
			return nil
		}
	}
}

// reader yields the touches in order, as they count now; io.EOF after the last.
type reader struct {
	h    *history
	next func() (*ledger.Row, error, bool)
}

func (r *reader) read() (*touch.Touch, error) {
	for {
		row, err, ok := r.next()
		if !ok {
			return nil, io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("simulate: %w", err)
		}
		t, err := graph.Touch(row)
		if err != nil {
			return nil, fmt.Errorf("simulate: %w", err)
		}
		if t.Revision < r.h.latest[t.ID] || t.Withdrawn {
			continue
		}
		t.RecordedAt = t.Time
		return t, nil
	}
}
