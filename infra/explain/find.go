// Package explain answers why somebody was contacted, or why nobody was: what was done by which play, because of which
// score, from which touches, under which policy; what did not fire and what was unknown; who else could have got it; what
// came of it; and whether what has been heard since would have changed it. It reads and never writes.
//
// What was known at a moment is not guessed from what stands now: the touches recorded by then are folded again, in a
// store of their own, by the code of score itself.
package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/stack"
	"handoff/shared/account"
	"handoff/shared/company"
	"handoff/shared/condition"
	"handoff/shared/contract"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// ErrUnknown is wrapped when nobody is known by what was asked.
var ErrUnknown = errors.New("nobody is known by that")

// Found is who was meant.
type Found struct {
	Asked    string `json:"asked"`
	Subject  string `json:"subject"`            // that was named
	Account  string `json:"account"`            // that it belongs to now: the root subject
	Decision string `json:"decision,omitempty"` // where a decision or a handoff was named
	// Note says how the account was found where nothing is known of the very subject that was named.
	Note string `json:"note,omitempty"`
}

// Tools whose ids people paste without saying whose they are.
var tools = []string{"salesforce", "hubspot", "stripe", "segment", "rudderstack"}

// Find resolves a domain, an e-mail address, a subject id, a CRM or user id, a handoff or decision id, or a company's
// name, as they belong together now.
func Find(ctx context.Context, s *stack.Stack, who string) (*Found, error) {
	return FindAt(ctx, s, who, s.Now())
}

// FindAt resolves who was meant by a word at a time: somebody who changed jobs belonged elsewhere then.
func FindAt(ctx context.Context, s *stack.Stack, who string, at time.Time) (*Found, error) {
	who = strings.TrimSpace(who)
	f := &Found{Asked: who}
	if who == "" {
		return nil, fmt.Errorf("an empty word: %w", ErrUnknown)
	}
	switch {
	case strings.HasPrefix(who, "hof_"):
		return f, f.handoff(ctx, s, who, at)
	case strings.HasPrefix(who, "d-"):
		return f, f.decision(ctx, s, who, at)
	}
	for _, id := range candidates(who) {
		ok, err := f.take(ctx, s, id, at)
		if ok && err == nil && f.Note != "" {
			_, near, err := byName(ctx, s, who)
			if near != "" {
				f.Note += " " + capital(strings.TrimPrefix(near, ", "))
			}
			return f, err
		}
		if ok || err != nil {
			return f, err
		}
	}
	ids, near, err := byName(ctx, s, who)
	switch {
	case err != nil:
		return nil, err
	case len(ids) > 1:
		for i := range ids {
			ids[i] = subject.KeyOf(ids[i])
		}
		return nil, fmt.Errorf("%d accounts are called %q: %s. Ask by one of these domains", len(ids), who, strings.Join(ids, ", "))
	case len(ids) == 1:
		if ok, err := f.take(ctx, s, ids[0], at); ok || err != nil {
			return f, err
		}
	}
	return nil, unknown(who, near)
}

// unknown says that nobody is known by a word, and what to ask for instead.
func unknown(who, near string) error {
	class := company.ClassOf(who)
	switch {
	case near != "":
		return fmt.Errorf("%q: %w%s", who, ErrUnknown, near)
	case !contract.Usable(who):
		return fmt.Errorf("%q: %w, for it is what tools write where they have no id: it links nobody to anybody. Ask by a domain or an e-mail address", who, ErrUnknown)
	case strings.Contains(who, "@") && (class == company.FreeMail || class == company.Disposable):
		return fmt.Errorf("%q: %w. Its domain says nothing about a company, so there is no account to ask about either", who, ErrUnknown)
	case class == company.FreeMail || class == company.Disposable:
		return fmt.Errorf("%q: %w. It is a mail provider, where everybody is an account of one: ask by the whole e-mail address", who, ErrUnknown)
	}
	return fmt.Errorf("%q: %w. Try a domain (initech.example), an e-mail address, an id of the CRM, or handoff queue to see who is open", who, ErrUnknown)
}

// candidates are the subjects that a word may mean, the likeliest first.
func candidates(who string) []string {
	if subject.Valid(who) {
		return []string{who}
	}
	low := strings.ToLower(who)
	var out []string
	if strings.Contains(low, "@") {
		return []string{subject.New(subject.Email, low)}
	}
	if domain, ok := company.Domain(low); ok && strings.Contains(low, ".") {
		out = append(out, subject.New(subject.Account, domain))
	}
	out = append(out, subject.New(subject.User, who), subject.New(subject.Group, who))
	for _, tool := range tools {
		for _, kind := range []string{subject.CRMAccount, subject.Contact, subject.Opportunity, subject.Customer, subject.Anonymous} {
			out = append(out, subject.New(kind, tool+"/"+who))
		}
	}
	return out
}

// take accepts a subject that something is known of.
func (f *Found) take(ctx context.Context, s *stack.Stack, id string, at time.Time) (bool, error) {
	r := s.Graph.Reader()
	p, err := r.At(ctx, id, at.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("explain: whose is %s: %w", id, err)
	}
	for _, known := range append(p.Path, p.Root) {
		it, err := r.Item(ctx, known)
		if err != nil {
			return false, fmt.Errorf("explain: read %s: %w", known, err)
		}
		if it.Version == 0 {
			continue
		}
		f.Subject, f.Account = id, p.Root
		if it, err = r.Item(ctx, id); err != nil {
			return false, fmt.Errorf("explain: read %s: %w", id, err)
		}
		if it.Version == 0 && id != p.Root {
			f.Note = fmt.Sprintf("Nothing was ever heard of %s itself; by its domain it would belong to %s, and this is about that.", subject.KeyOf(id), subject.KeyOf(p.Root))
		}
		return true, nil
	}
	return false, nil
}

// handoff leads from a handoff's id to its account and decision.
func (f *Found) handoff(ctx context.Context, s *stack.Stack, id string, at time.Time) error {
	rec, err := s.Accounts.Get(ctx, routing.HandoffKey(id))
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%s: %w: no handoff has that id", id, ErrUnknown)
	}
	if err != nil {
		return fmt.Errorf("explain: follow %s: %w", id, err)
	}
	var p routing.Pointer
	if err := json.Unmarshal(rec.Body, &p); err != nil {
		return fmt.Errorf("explain: follow %s: %w", id, err)
	}
	if _, err := f.take(ctx, s, p.Account, at); err != nil {
		return err
	}
	if f.Account == "" {
		f.Subject, f.Account = p.Account, p.Account
	}
	f.Decision = id // the reader of the history knows the decision by its handoff
	return nil
}

// decision finds the account of a decision: by the handoff it made, or else in the ledger, from one end to the other.
func (f *Found) decision(ctx context.Context, s *stack.Stack, id string, at time.Time) error {
	err := f.handoff(ctx, s, routing.HandoffID(id), at)
	f.Decision = id
	if err == nil || !errors.Is(err, ErrUnknown) {
		return err
	}
	var d event.Decision
	err = rows(ctx, s, func(row *ledger.Row) (bool, error) {
		if row.Type != ledger.Decision || row.ID != id {
			return true, nil
		}
		return false, json.Unmarshal(row.Body, &d)
	})
	if err != nil {
		return err
	}
	if d.Account == "" {
		return fmt.Errorf("%s: %w: no decision has that id", id, ErrUnknown)
	}
	if _, err = f.take(ctx, s, d.Account, at); err == nil && f.Account == "" {
		f.Subject, f.Account = d.Account, d.Account
	}
	return err
}

// rows walks the ledger until f has enough.
func rows(ctx context.Context, s *stack.Stack, f func(*ledger.Row) (more bool, err error)) error {
	table, ok := s.History.(store.Scanner)
	if !ok {
		return errors.New("explain: this ledger cannot be walked; name the account instead")
	}
	for cursor := ""; ; {
		page, err := table.Scan(ctx, 1000, cursor)
		if err != nil {
			return fmt.Errorf("explain: walk the ledger: %w", err)
		}
		for _, rec := range page.Records {
			row, ok, err := s.Ledger.Decode(ctx, rec)
			if err == nil && ok {
				ok, err = f(row)
				if err == nil && !ok {
					return nil
				}
			}
			if err != nil {
				return fmt.Errorf("explain: %w", err)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			return nil
		}
	}
}

// maxNear is how many accounts are offered for a word that names none.
const maxNear = 5

// byName finds the companies of a name. Where none has it, near offers those whose name or domain has the word in it, or
// is not far from it; for an e-mail address those that are not far from it.
func byName(ctx context.Context, s *stack.Stack, name string) (found []string, near string, err error) {
	table, ok := s.Accounts.(store.Scanner)
	if !ok || name == "" {
		return nil, "", nil
	}
	low := strings.ToLower(name)
	var holds, words []string
	for cursor := ""; ; {
		page, err := table.Scan(ctx, 1000, cursor)
		if err != nil {
			return nil, "", fmt.Errorf("explain: look for a name: %w", err)
		}
		for _, rec := range page.Records {
			kind, key := subject.KindOf(rec.Partition), subject.KeyOf(rec.Partition)
			switch {
			case rec.Sort != account.Key("").Sort:
			case strings.Contains(low, "@"):
				if kind == subject.Email {
					words = append(words, key)
				}
			case kind == subject.Account:
				it, err := account.FromRecord(rec)
				if err != nil {
					return nil, "", fmt.Errorf("explain: read %s: %w", rec.Partition, err)
				}
				called := it.Facts.Field("name")
				if strings.EqualFold(called, name) {
					found = append(found, it.ID)
				}
				words = append(words, key)
				if called != "" {
					words = append(words, called)
				}
				if len(low) > 2 && (strings.Contains(strings.ToLower(called), low) || strings.Contains(key, low)) {
					holds = append(holds, (&Answer{Account: it.ID, Name: called}).called())
				}
			}
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	slices.Sort(found)
	slices.Sort(holds)
	slices.Sort(words)
	switch {
	case len(holds) > maxNear:
		near = fmt.Sprintf(", and %d accounts have it in their name. Ask by a domain: %s, …", len(holds), strings.Join(holds[:maxNear], ", "))
	case len(holds) > 0:
		near = ". Ask by a domain: " + strings.Join(holds, ", ")
	default:
		near = condition.DidYouMean(low, words)
	}
	return found, near, nil
}
