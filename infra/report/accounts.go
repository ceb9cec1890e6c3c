package report

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// Assessed is one account as the policy judges it at an hour.
type Assessed struct {
	ID         string
	Name       string
	Item       *account.Item
	View       *account.View
	Evaluation event.Evaluation
	Match      *subject.Match // of somebody who names a company that is no account for sure
}

// pageSize is how many items a scan reads at once.
const pageSize = 500

// errNoScan is what a deployed table answers until its driver can scan.
var errNoScan = errors.New("report: this store cannot be walked through; reports need one that can")

// Accounts yields every account (a company, or a person without one) that has any facts, evaluated at a time, in no
// promised order. Subjects whose touches count for another are left out.
func Accounts(ctx context.Context, s *stack.Stack, p *policy.Policy, at time.Time) iter.Seq2[*Assessed, error] {
	return func(yield func(*Assessed, error) bool) {
		for recs, err := range pages(ctx, s.Accounts) {
			if err != nil {
				yield(nil, fmt.Errorf("report: walk the accounts: %w", err))
				return
			}
			r := s.Graph.Reader()
			for i := range recs {
				if recs[i].Sort != "item" || !subject.Valid(recs[i].Partition) {
					continue
				}
				it, err := account.FromRecord(recs[i])
				if err != nil {
					yield(nil, fmt.Errorf("report: %w", err))
					return
				}
				if !it.Root() || it.Facts.Empty() {
					continue
				}
				place, err := r.At(ctx, it.ID, at.UnixMilli())
				if err != nil {
					yield(nil, fmt.Errorf("report: resolve %s: %w", it.ID, err))
					return
				}
				if place.Root != it.ID {
					continue
				}
				v, err := r.View(ctx, it.ID, &it.Facts, at)
				if err != nil {
					yield(nil, fmt.Errorf("report: read %s: %w", it.ID, err))
					return
				}
				if !yield(&Assessed{ID: it.ID, Name: nameOf(v), Item: it, View: v, Evaluation: p.Evaluate(v), Match: place.Match}, nil) {
					return
				}
			}
		}
	}
}

// pages walks a table.
func pages(ctx context.Context, t store.Table) iter.Seq2[[]store.Record, error] {
	return func(yield func([]store.Record, error) bool) {
		scanner, ok := t.(store.Scanner)
		if !ok {
			yield(nil, errNoScan)
			return
		}
		for cursor := ""; ; {
			page, err := scanner.Scan(ctx, pageSize, cursor)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(page.Records, nil) {
				return
			}
			if cursor = page.Cursor; cursor == "" {
				return
			}
		}
	}
}

// nameOf is what people call an account: its name, else its domain, else the name or address of its one person.
func nameOf(v *account.View) string {
	if n := v.Facts.Field("name"); n != "" {
		return n
	}
	if !subject.IsCompany(v.Account) {
		for _, p := range v.People {
			for _, f := range []string{"name", "email"} {
				if n := p.Fields[f]; n != "" {
					return n
				}
			}
		}
	}
	switch subject.KindOf(v.Account) {
	case subject.Anonymous:
		return "unknown visitor"
	case subject.Account, subject.Email:
		return subject.KeyOf(v.Account)
	}
	return v.Account
}

// all evaluates every account once and keeps them, ordered by id.
func (s *Snapshot) all(ctx context.Context) ([]Assessed, error) {
	if s.index != nil {
		return s.accounts, nil
	}
	for a, err := range Accounts(ctx, s.Stack, s.Policy, s.At) {
		if err != nil {
			return nil, err
		}
		s.accounts = append(s.accounts, *a)
	}
	slices.SortFunc(s.accounts, func(a, b Assessed) int { return compare(a.ID, b.ID) })
	s.index = make(map[string]int, len(s.accounts))
	for i := range s.accounts {
		s.index[s.accounts[i].ID] = i
	}
	return s.accounts, nil
}

// account finds the one that a subject's touches count for now; nil where nothing is known of it.
func (s *Snapshot) account(ctx context.Context, id string) (*Assessed, error) {
	if _, err := s.all(ctx); err != nil {
		return nil, err
	}
	i, ok := s.index[id]
	if !ok {
		place, err := s.Graph.Reader().At(ctx, id, s.At.UnixMilli())
		if err != nil {
			return nil, fmt.Errorf("report: resolve %s: %w", id, err)
		}
		if i, ok = s.index[place.Root]; !ok {
			return nil, nil
		}
	}
	return &s.accounts[i], nil
}
