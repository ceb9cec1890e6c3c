package score

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// refolded is the mark of a subject for which all that its revised touches change was done.
const refolded = "refolded"

// stands reports whether a touch that has come is not the one that counts: it is a later revision, which a refold reads
// from the ledger, or there is one. Only touches recorded before the newest revision of their subject can have others, so
// the ledger is asked for nobody else's.
func (s *session) stands(ctx context.Context, t *touch.Touch) (stale bool, err error) {
	if t.Revision > 0 || t.Withdrawn {
		return true, nil
	}
	it, err := s.Item(ctx, t.Subject)
	if err != nil {
		return false, err
	}
	if at, ok := it.Marks[account.Revised]; !ok || t.RecordedAt.UnixMilli() > at.Time {
		return false, nil
	}
	for now, err := range s.graph.Said(ctx, t.Subject, t.Time, t.Time.Add(time.Millisecond)) {
		if err != nil {
			return false, err
		}
		if now.ID == t.ID {
			return now.Revision > 0 || now.Withdrawn, nil
		}
	}
	return false, nil
}

// revise makes everything anew that the touches of a subject said before they were mapped anew: the links and registers
// of all whom they name, and the facts of the accounts that they left, came to or stayed with.
//
// What is owed is stored first, in the subject's own item: the accounts as the old links have them. Then whom the
// touches name is read again; a link that changes stores what it moves with itself, as links do. Last, the accounts
// by the new links. A crash anywhere leaves the request to come again, and it does the same once more.
func (s *session) revise(ctx context.Context, w work) error {
	t, at := w.touch, w.touch.RecordedAt
	el := account.Element{Time: t.Time.UnixMilli(), ID: t.ID}
	it, err := s.Item(ctx, t.Subject)
	if err != nil || it.Marks[refolded].Compare(el) >= 0 {
		return err
	}
	var live []*touch.Touch
	named, owed := []string{t.Subject}, []string{}
	note := func(list *[]string, id string) {
		if id != "" && !slices.Contains(*list, id) {
			*list = append(*list, id)
		}
	}
	for r, err := range s.graph.Revisions(ctx, t.Subject) {
		if err != nil {
			return err
		}
		for _, id := range append(subject.Named(r), account.DealOf(r)) {
			note(&named, id)
		}
		place, err := s.At(ctx, t.Subject, r.Time.UnixMilli())
		if err != nil {
			return err
		}
		note(&owed, place.Root)
		live = append(live, r)
	}
	for _, id := range named {
		if subject.IsPerson(id) || subject.KindOf(id) == subject.Opportunity {
			place, err := s.At(ctx, id, at.UnixMilli())
			if err != nil {
				return err
			}
			note(&owed, place.Root) // where what is known of it is looked at
		}
	}
	if err := s.owe(ctx, t.Subject, el, owed); err != nil {
		return err
	}
	for _, id := range named {
		if err := s.reread(ctx, id, owed, el); err != nil {
			return err
		}
	}
	owed = []string{}
	for _, r := range live {
		place, err := s.At(ctx, t.Subject, r.Time.UnixMilli())
		if err != nil {
			return err
		}
		if err := s.member(ctx, r, &place); err != nil {
			return err
		}
		root, err := s.Item(ctx, place.Root)
		if err != nil {
			return err
		}
		if root.Version == 0 {
			s.mark(root, true) // an account that begins with what came to it
		}
		note(&owed, place.Root)
	}
	if err := s.owe(ctx, t.Subject, el, owed); err != nil {
		return err
	}
	for _, id := range named {
		it, err := s.Item(ctx, id)
		if err != nil {
			return err
		}
		if err := s.resume(ctx, it, at, w.meta); err != nil {
			return err
		}
	}
	if it, err = s.Item(ctx, t.Subject); err != nil {
		return err
	}
	it.Marks[refolded] = el
	s.mark(it, false)
	return s.flush(ctx)
}

// owe stores with a subject that accounts are to be folded again.
func (s *session) owe(ctx context.Context, id string, el account.Element, roots []string) error {
	it, err := s.Item(ctx, id)
	if err != nil {
		return err
	}
	for _, root := range roots {
		if i, found := slices.BinarySearch(it.Refold, root); !found {
			it.Refold = slices.Insert(it.Refold, i, root)
		}
	}
	marked(it, el)
	if len(it.Refold) > 0 {
		it.Due = s.Now().Add(lease).Unix() // should this process not finish, the sweep does
	}
	s.mark(it, false)
	return s.flush(ctx)
}

// marked notes the newest revision.
func marked(it *account.Item, el account.Element) {
	if it.Marks == nil {
		it.Marks = map[string]account.Element{}
	}
	if it.Marks[account.Revised].Compare(el) < 0 {
		it.Marks[account.Revised] = el
	}
}

// reread makes a subject's links and registers anew from all touches that name it: they stand in its own timeline, in
// those of whoever leads to it or to whom it led, and, of a deal, in those of the accounts around.
func (s *session) reread(ctx context.Context, id string, around []string, el account.Element) error {
	it, err := s.Item(ctx, id)
	if err != nil {
		return err
	}
	fresh := &account.Item{ID: id, Marks: map[string]account.Element{}}
	owners := []string{}
	for _, root := range slices.Concat([]string{id}, it.Roots, around) {
		ds, err := s.dependents(ctx, root)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if !slices.Contains(owners, d) {
				owners = append(owners, d)
			}
		}
	}
	targets := map[string]*touch.Touch{}
	for _, owner := range owners {
		for t, err := range s.graph.Said(ctx, owner, time.Time{}, time.Time{}) {
			if err != nil {
				return err
			}
			if !t.Withdrawn {
				parted, err := s.Parted(ctx, t)
				if err != nil {
					return err
				}
				if err := hear(fresh, t, parted, targets); err != nil {
					return err
				}
			}
		}
	}
	for target, t := range targets {
		if i, found := slices.BinarySearch(it.Roots, target); !found {
			it.Roots = slices.Insert(it.Roots, i, target)
			s.list(linkRow(target, id, t))
		}
	}
	for _, name := range []string{account.Revised, refolded} {
		if have, ok := it.Marks[name]; ok {
			fresh.Marks[name] = have
		}
	}
	it.Fields, it.Marks = fresh.Fields, fresh.Marks
	marked(it, el)
	s.mark(it, false)
	if was := it.Links; !same(id, &was, &fresh.Links) {
		s.open.linked = append(s.open.linked, relinked{id, was})
		if err := s.leaving(ctx, it, was, fresh.Links); err != nil {
			return err
		}
		if len(it.Refold) > 0 {
			it.Due = s.Now().Add(lease).Unix()
		}
	} else {
		it.Links = fresh.Links
	}
	if err := s.flush(ctx); err != nil {
		return fmt.Errorf("score: read again what is said of a subject: %w", err)
	}
	return nil
}

// hear joins what one touch says of a subject into its item; parted are whom it names wrongly.
func hear(it *account.Item, t *touch.Touch, parted []string, targets map[string]*touch.Touch) error {
	if touch.Kept(t.Kind) {
		if t.Subject == it.ID && (t.Kind == touch.SubjectsLinked || t.Kind == touch.SubjectsUnlinked) {
			l, err := acted(t)
			if err != nil {
				return err
			}
			it.Links.Add(it.ID, l)
			if !l.Unlink {
				targets[l.Target] = t
			}
		}
		return nil
	}
	for _, e := range subject.Edges(t) {
		if e.From == it.ID {
			it.Links.Add(it.ID, subject.Link{Target: e.To, Time: t.Time.UnixMilli(), ID: t.ID})
			if to := subject.Linked(e.To); to != "" {
				targets[to] = t
			}
		}
	}
	if fields := personFields(t); subject.StrongestPerson(t, parted...) == it.ID && len(fields) > 0 {
		writePerson(it, fields, account.Of(t))
	}
	if account.DealOf(t) == it.ID {
		writeDeal(it, t)
	}
	return nil
}
