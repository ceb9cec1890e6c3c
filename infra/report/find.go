package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// ErrUnknown is wrapped where nothing is known of what was asked for.
var ErrUnknown = errors.New("not known")

// Several is the error where what was asked for fits more than one account.
type Several struct {
	Asked    string
	Accounts []string // "name (id)", at most ten
	More     int
}

func (e *Several) Error() string {
	more := ""
	if e.More > 0 {
		more = fmt.Sprintf(" and %d more", e.More)
	}
	return fmt.Sprintf("%q fits several accounts: %s%s; ask for one of them by its id", e.Asked, strings.Join(e.Accounts, ", "), more)
}

// Find answers the account that somebody means by a domain, an e-mail address, a subject id (user:42), an id of a tool
// (a CRM's record, a billing customer), a handoff's id, or the account's name or part of it.
func (s *Snapshot) Find(ctx context.Context, who string) (*Assessed, error) {
	who = strings.TrimSpace(who)
	for _, id := range s.candidates(who) {
		a, err := s.account(ctx, id)
		if err != nil || a != nil {
			return a, err
		}
	}
	if strings.HasPrefix(who, "hof_") {
		rec, err := s.Stack.Accounts.Get(ctx, routing.HandoffKey(who))
		if err == nil {
			var p routing.Pointer
			if err := json.Unmarshal(rec.Body, &p); err != nil {
				return nil, fmt.Errorf("report: read where %s leads: %w", who, err)
			}
			return s.account(ctx, p.Account)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("report: read where %s leads: %w", who, err)
		}
	}
	return s.byName(ctx, who)
}

// candidates are the subject ids that somebody may mean, the likeliest first.
func (s *Snapshot) candidates(who string) []string {
	low := strings.ToLower(who)
	switch {
	case who == "":
		return nil
	case subject.Valid(who):
		return []string{who}
	case strings.Contains(who, "@"):
		return []string{subject.New(subject.Email, low)}
	}
	var out []string
	if strings.Contains(who, ".") {
		host := strings.TrimPrefix(strings.TrimPrefix(low, "https://"), "http://")
		host, _, _ = strings.Cut(host, "/")
		out = append(out, subject.New(subject.Account, strings.TrimPrefix(host, "www.")))
	}
	out = append(out, subject.New(subject.User, who), subject.New(subject.Group, who))
	for _, c := range s.Contracts.Contracts() {
		for _, kind := range []string{subject.CRMAccount, subject.Contact, subject.Opportunity, subject.Customer, subject.Anonymous} {
			out = append(out, subject.New(kind, c.Name+"/"+recordID(who)))
		}
	}
	return out
}

func (s *Snapshot) byName(ctx context.Context, who string) (*Assessed, error) {
	accounts, err := s.all(ctx)
	if err != nil {
		return nil, err
	}
	low := strings.ToLower(who)
	var exact, part []*Assessed
	for i := range accounts {
		a := &accounts[i]
		switch name := strings.ToLower(a.Name); {
		case name == low:
			exact = append(exact, a)
		case low != "" && (strings.Contains(name, low) || strings.Contains(strings.ToLower(a.ID), low)):
			part = append(part, a)
		}
	}
	found := exact
	if len(found) == 0 {
		found = part
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("nothing is known of %q: try a domain, an e-mail address, an id of a tool, or part of a name: %w", who, ErrUnknown)
	case 1:
		return found[0], nil
	}
	e := &Several{Asked: who}
	for _, a := range found {
		if len(e.Accounts) < 10 {
			e.Accounts = append(e.Accounts, fmt.Sprintf("%s (%s)", a.Name, a.ID))
		} else {
			e.More++
		}
	}
	slices.Sort(e.Accounts)
	return nil, e
}
