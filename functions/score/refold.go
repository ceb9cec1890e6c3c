package score

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/store"
	"handoff/shared/subject"
)

// page is how many touches a refold reads between two stores of its cursor.
const page = 2000

// lease is how long a refold is left to the process that began it.
const lease = time.Minute

// refold makes an account's facts anew from the ledger: what still belongs to it fills a new generation, what belongs
// elsewhere now is joined there. It can stop after any write and be run again: the cursor stands in the account, joining
// twice changes nothing, and the swap at the end is one write.
func (s *session) refold(ctx context.Context, id, cause string, at time.Time, meta event.Meta) error {
	if err := s.flush(ctx); err != nil {
		return err
	}
	s.Drop(id)
	it, err := s.Item(ctx, id)
	if err != nil {
		return err
	}
	if it.Version == 0 {
		return nil
	}
	if err := s.newer(it); err != nil {
		return err
	}
	if !strings.Contains(cause, revised) {
		if done, err := s.handOver(ctx, it, at, meta); done || err != nil {
			return err
		}
	}
	mem := s.rules.Memory()
	if it.Next == nil || it.Next.Cause != cause || it.Next.Fold != mem.Hash() {
		it.Next = &account.Generation{Cause: cause, Fold: mem.Hash()}
		// Should this process not finish, the sweep does. Until then every fold joins both generations.
		it.Due = s.Now().Add(lease).Unix()
		if err := s.write(ctx, []string{id}); err != nil {
			return err
		}
	}
	members, err := s.graph.Members(ctx, id)
	if err != nil {
		return err
	}
	if !slices.Contains(members, id) {
		members = append(members, id)
	}
	slices.Sort(members)
	for _, m := range members {
		if m < it.Next.Member {
			continue
		}
		if err := s.refoldMember(ctx, it, m, at, meta); err != nil {
			return err
		}
	}
	it.Facts, it.Fold, it.Next, it.Due = it.Next.Facts, it.Next.Fold, nil, 0
	it.Epoch = s.rules.Ref().Epoch
	if p, err := s.At(ctx, id, at.UnixMilli()); err != nil {
		return err
	} else if p.Root != id {
		// Nothing belongs here any more; what it remembered went with its touches. As after handOver, no policy is
		// named under which nothing was folded.
		it.Told = account.Told{Pending: it.Told.Pending}
		if it.Facts.Empty() {
			it.Fold = ""
		}
		it.Due = resting(it)
		s.mark(it, true)
		return s.flush(ctx)
	}
	s.mark(it, true)
	if err := s.judgeAt(ctx, it, at, meta, judged{refolded: true}); err != nil {
		return err
	}
	return s.flush(ctx)
}

// renew brings an account's facts under the policy in force. Facts of a newer policy than this process knows yet are
// left alone: the touch comes back, and by then the policy has been read again.
func (s *session) renew(ctx context.Context, it *account.Item, at time.Time, meta event.Meta) (*account.Item, error) {
	hash := s.rules.Memory().Hash()
	switch it.Fold {
	case hash:
		return it, nil
	case "":
		it.Fold, it.Epoch = hash, s.rules.Ref().Epoch
		return it, nil
	}
	if err := s.refold(ctx, it.ID, "fold:"+hash, at, meta); err != nil {
		return nil, err
	}
	return s.Item(ctx, it.ID)
}

// newer refuses facts of a newer policy than this process knows yet.
func (s *session) newer(it *account.Item) error {
	if epoch := s.rules.Ref().Epoch; it.Fold != "" && it.Fold != s.rules.Memory().Hash() && it.Epoch > epoch {
		return fmt.Errorf("score: %s was folded under policy epoch %d, this process still has %d: %w", it.ID, it.Epoch, epoch, store.ErrUnavailable)
	}
	return nil
}

// refoldMember reads one member's timeline into the new generation, a page at a time.
func (s *session) refoldMember(ctx context.Context, it *account.Item, member string, at time.Time, meta event.Meta) error {
	next, mem := it.Next, s.rules.Memory()
	from := time.Time{}
	if next.Member == member && next.From != 0 {
		from = time.UnixMilli(next.From).UTC()
	}
	ivs, err := s.Intervals(ctx, member)
	if err != nil {
		return err
	}
	for _, iv := range ivs {
		s.open.placed = append(s.open.placed, placement{subject: member, Interval: iv})
	}
	elsewhere := map[string]*account.Facts{}
	var links []string
	n := 0
	for t, err := range s.graph.Timeline(ctx, member, from, time.Time{}) {
		if err != nil {
			return err
		}
		p, as, err := s.Whose(ctx, t)
		if err != nil {
			return err
		}
		into := &next.Facts
		if p.Root != it.ID {
			if elsewhere[p.Root] == nil {
				elsewhere[p.Root] = &account.Facts{}
				links = append(links, p.Root)
				if p.Root != member {
					s.list(linkRow(p.Root, member, t))
				}
			}
			into = elsewhere[p.Root]
		}
		_, s.scratch = into.Absorb(t, as, mem, s.scratch)
		if n++; n%page == 0 {
			if err := s.store(ctx, it, member, t.Time, links, elsewhere, at, meta); err != nil {
				return err
			}
			clear(elsewhere)
			links = links[:0]
		}
	}
	if len(links) == 0 {
		next.Member, next.From = member, 0
		return nil // nothing to write yet: reading this member again costs less
	}
	return s.store(ctx, it, member, time.Time{}, links, elsewhere, at, meta)
}

// store joins what moved into its new accounts, then the cursor into the old one: in that order, so that a crash reads a
// page again rather than skip it.
func (s *session) store(ctx context.Context, it *account.Item, member string, upTo time.Time, order []string, elsewhere map[string]*account.Facts, at time.Time, meta event.Meta) error {
	place, err := s.At(ctx, it.ID, at.UnixMilli())
	if err != nil {
		return err
	}
	slices.Sort(order)
	for _, id := range order {
		if err := s.give(ctx, it, id, elsewhere[id], place.Root != it.ID, at, meta); err != nil {
			return err
		}
	}
	it.Next.Member, it.Next.From = member, 0
	if !upTo.IsZero() {
		it.Next.From = upTo.UnixMilli()
	}
	s.mark(it, true)
	return s.flush(ctx)
}

// give joins facts that were one account's into another's.
func (s *session) give(ctx context.Context, from *account.Item, to string, facts *account.Facts, dissolves bool, at time.Time, meta event.Meta) error {
	it, err := s.Item(ctx, to)
	if err != nil {
		return err
	}
	if it.Fold != "" && it.Fold != s.rules.Memory().Hash() {
		// Folded under another policy: its own refold reads what is given here from the ledger, too. The sweep does that.
		// Done here it could go on for ever: of two accounts that had the same member one after the other, each would fold
		// the other again before it is done itself.
		if err := s.newer(it); err != nil {
			return err
		}
		if dissolves {
			carry(from, it)
		} else if from.Next != nil && strings.HasPrefix(from.Next.Cause, undone) {
			carryFired(&from.Told, &it.Told, facts)
		}
		if it.Next != nil && it.Next.Fold == s.rules.Memory().Hash() {
			it.Next.Facts.Join(facts, s.rules.Keep) // it may have read past this
		}
		if i, found := slices.BinarySearch(it.Refold, to); !found {
			it.Refold = slices.Insert(it.Refold, i, to)
		}
		it.Due = s.Now().Unix()
		s.mark(it, true)
		return nil
	}
	changed := it.Facts.Join(facts, s.rules.Keep)
	if it.Next != nil {
		it.Next.Facts.Join(facts, s.rules.Keep)
		changed = true
	}
	if !changed {
		return nil
	}
	if it, err = s.renew(ctx, it, at, meta); err != nil {
		return err
	}
	carryRevenue(&from.Told, &it.Told, facts, dissolves)
	if dissolves {
		carry(from, it)
	} else if from.Next != nil && strings.HasPrefix(from.Next.Cause, undone) {
		carryFired(&from.Told, &it.Told, facts)
	}
	s.mark(it, true)
	return s.judgeAt(ctx, it, at, meta, judged{refolded: true})
}

// handOver is the quick way, and the usual one: a person or a device that was an account of its own has become known,
// and all it and its members ever did belongs to one other account. Its frozen facts are joined there whole; the ledger
// is not read.
func (s *session) handOver(ctx context.Context, it *account.Item, at time.Time, meta event.Meta) (bool, error) {
	if it.Next != nil || it.Fold != s.rules.Memory().Hash() {
		return false, nil
	}
	members, err := s.graph.Dependents(ctx, it.ID)
	if err != nil {
		return false, err
	}
	if err := s.Load(ctx, members...); err != nil {
		return false, err
	}
	all := subject.Interval{}
	for _, m := range members {
		ivs, err := s.Intervals(ctx, m)
		if err != nil {
			return false, err
		}
		if len(ivs) != 1 || ivs[0].Root == it.ID || all.Root != "" && all != ivs[0] {
			return false, nil
		}
		all = ivs[0]
	}
	if all.Below && len(it.Facts.Company) > 0 || !all.Below && len(it.Facts.Below) > 0 {
		return false, nil // what was said of it is said of a company below now, or the reverse: the ledger has it apart
	}
	to := all.Root
	for _, m := range members {
		s.open.placed = append(s.open.placed, placement{subject: m, Interval: all})
		if m != to {
			s.list(memberRow(to, m, at))
		}
	}
	target, err := s.Item(ctx, to)
	if err != nil {
		return false, err
	}
	if target.Fold != "" && target.Fold != it.Fold {
		return false, nil
	}
	if err := s.give(ctx, it, to, &it.Facts, true, at, meta); err != nil {
		return false, err
	}
	// The target first: a crash between leaves the touches in both, and this runs again.
	if err := s.flush(ctx); err != nil {
		return false, err
	}
	it.Facts, it.Fold, it.Told, it.Due = account.Facts{}, "", account.Told{}, 0
	s.mark(it, false)
	return true, s.flush(ctx)
}
