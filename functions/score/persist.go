package score

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/metric"
	"handoff/shared/store"
)

// flush writes what the session changed: member rows, subjects, accounts; then it publishes.
//
// Each stage repairs by redelivery: rows and subjects written without the account are written again as no-ops; an account
// written without its messages keeps them in Pending, and the redelivered touch loads that account.
func (s *session) flush(ctx context.Context) error {
	if err := s.appendLinks(ctx); err != nil {
		return err
	}
	var subjects, roots []string
	for id := range s.dirty {
		if s.roots[id] {
			roots = append(roots, id)
		} else {
			subjects = append(subjects, id)
		}
	}
	slices.Sort(subjects)
	slices.Sort(roots)
	if err := s.write(ctx, subjects); err != nil {
		return err
	}
	due := make(map[string]int64, len(roots))
	for _, id := range roots {
		it := s.Held(id)
		if err := s.schedule(ctx, it); err != nil {
			return err
		}
		if due[id] = it.Due; len(it.Told.Pending) > 0 {
			// What made it speak may have been a tick, which brings no touch of this account again: until it has
			// spoken it is due, so that the next sweep finds it.
			it.Due = s.Now().Unix()
		}
	}
	if err := s.write(ctx, roots); err != nil {
		return err
	}
	clear(s.dirty)
	clear(s.roots)
	clear(s.review)
	return s.publish(ctx, roots, due)
}

func (s *session) appendLinks(ctx context.Context) error {
	if len(s.links) == 0 {
		return nil
	}
	for _, res := range s.Ledger.Append(ctx, s.links) {
		if res.Err != nil {
			return fmt.Errorf("score: list a member: %w", res.Err)
		}
	}
	s.links = s.links[:0]
	clear(s.listed)
	return nil
}

// write puts items and moves their versions on.
func (s *session) write(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	recs := make([]store.Record, len(ids))
	for i, id := range ids {
		recs[i] = s.Held(id).Record()
	}
	var first error
	for i, err := range s.Accounts.PutMany(ctx, recs) {
		if err != nil {
			first = errors.Join(first, fmt.Errorf("score: write %s: %w", ids[i], err))
			s.Drop(ids[i])
			continue
		}
		s.Held(ids[i]).Version++
	}
	return first
}

// publish sends what the accounts have pending: first the ledger rows of decisions, so that nothing is acted on that
// could not be explained; then the messages; then the accounts forget them and take their own place in the time index.
func (s *session) publish(ctx context.Context, roots []string, due map[string]int64) error {
	var rows []ledger.Row
	var out []event.Envelope
	var cleared []string
	for _, id := range roots {
		it := s.Held(id)
		if it == nil || len(it.Told.Pending) == 0 {
			continue
		}
		cleared = append(cleared, id)
		for _, p := range it.Told.Pending {
			out = append(out, event.Envelope{Source: event.Source, DetailType: p.DetailType, Detail: p.Detail, Trace: s.traces[p.DetailType+p.ID]})
			if p.DetailType == event.DecisionMade {
				rows = append(rows, ledger.Row{Owner: id, Type: ledger.Decision, Time: time.UnixMilli(p.Time).UTC(), ID: p.ID, RecordedAt: s.Now(), Body: p.Detail})
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	for _, res := range s.Ledger.Append(ctx, rows) {
		if res.Err != nil {
			return fmt.Errorf("score: record a decision: %w", res.Err)
		}
	}
	if err := s.Bus.Publish(ctx, out); err != nil {
		return fmt.Errorf("score: publish: %w", err)
	}
	if tally := metric.From(ctx); tally != nil {
		for i := range out {
			tally.Add(published[out[i].DetailType], 1)
		}
	}
	for _, id := range cleared {
		s.Held(id).Told.Pending, s.Held(id).Due = nil, due[id]
	}
	// Another writer may have moved an account on meanwhile. It loaded the same pending messages and publishes them
	// again, under the same ids, so losing this write costs a repeat and nothing else.
	if err := s.write(ctx, cleared); err != nil && !errors.Is(err, store.ErrConflict) {
		return err
	}
	return nil
}
