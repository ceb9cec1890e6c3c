// Package report answers the questions of those who run the pipeline: who waits, what is unexplained, where the funnel
// leaks, who is hot, whose revenue it was, what was turned away and what stands still. It reads and never writes, but
// for Stamp; every answer is a plain struct. Where an answer is an estimate or leaves something out, its type says so.
package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"handoff/infra/stack"
	"handoff/shared/policy"
	"handoff/shared/store"
)

// Snapshot is one moment at which questions are asked, under one policy. What several questions need (accounts
// evaluated, the history read through) is made once, by the first that asks. It is not safe for concurrent use.
type Snapshot struct {
	*stack.Stack
	At     time.Time // UTC
	Policy *policy.Policy

	accounts []Assessed
	index    map[string]int
	past     *past
	queue    []Handoff
	deals    map[string][]Deal
}

// Take makes a snapshot; a zero time means Now. Another time looks by that clock at decay and deadlines, at all that is
// known now: earlier than what Newest tells it is no picture of how things stood.
func Take(ctx context.Context, s *stack.Stack, at time.Time) (*Snapshot, error) {
	if at.IsZero() {
		var err error
		if at, err = Now(ctx, s); err != nil {
			return nil, err
		}
	}
	p, err := s.Policy.Active(ctx)
	if err != nil {
		return nil, fmt.Errorf("report: read the policy in force: %w", err)
	}
	return &Snapshot{Stack: s, At: at.UTC(), Policy: p}, nil
}

// stampKey holds the time at which a replay ended. It is no subject, so no handler and no report meets it.
var stampKey = store.Key{Partition: "replay", Sort: "until"}

type stamp struct {
	At time.Time `json:"at"`
}

// Stamp notes that the data was fed in virtual time and ends at a moment, so that commands which open the folder later
// ask as of then rather than as of the wall clock, by which every deadline would be long past.
func Stamp(ctx context.Context, s *stack.Stack, at time.Time) error {
	body, err := json.Marshal(stamp{at.UTC()})
	if err != nil {
		return err
	}
	recs, err := s.Accounts.GetMany(ctx, []store.Key{stampKey})
	if err == nil {
		err = s.Accounts.Put(ctx, store.Record{Key: stampKey, Version: recs[0].Version, Body: body})
	}
	if err != nil {
		return fmt.Errorf("report: note where the replay ended: %w", err)
	}
	return nil
}

// Now is the moment that reports are about unless told: where a replay ended (see Stamp) as long as nothing came after
// it, else the pipeline's own time, virtual or the wall's.
func Now(ctx context.Context, s *stack.Stack) (time.Time, error) {
	now := s.Now().UTC()
	if s.Name != "" {
		return now, nil // no replay in virtual time ever fed a deployed stack
	}
	rec, err := s.Accounts.Get(ctx, stampKey)
	if errors.Is(err, store.ErrNotFound) {
		return now, nil
	}
	if err != nil {
		return now, fmt.Errorf("report: read where the replay ended: %w", err)
	}
	var st stamp
	if err := json.Unmarshal(rec.Body, &st); err != nil {
		return now, fmt.Errorf("report: read where the replay ended: %w", err)
	}
	if now.Before(st.At) {
		return now, nil
	}
	for _, err := range s.Transit.Archived(ctx, st.At.Add(time.Minute), time.Time{}) {
		if err != nil {
			return now, fmt.Errorf("report: look for events after the replay: %w", err)
		}
		return now, nil // real events have come since
	}
	return st.At, nil
}
