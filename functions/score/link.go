package score

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// link records that one subject leads to another. Where that changes whose the touches of the subject, or of any other
// that leads here, are, the accounts they leave must be folded again: that work is stored with the link itself, in
// one write, so a crash after it cannot forget it. A link that moves nothing, and most do not, waits for the batch's
// writes: it stands before the accounts do.
func (s *session) link(ctx context.Context, id string, l subject.Link, w work) error {
	t := w.touch
	from, err := s.Item(ctx, id)
	if err != nil {
		return err
	}
	added := from.Links.Clone()
	if !added.Add(from.ID, l) {
		if i := slices.Index(from.Links.List, l); i >= 0 {
			// The delivery that made the link may have died before it looked again.
			s.open.linked = append(s.open.linked, relinked{from.ID, subject.Links{List: slices.Delete(added.List, i, i+1), Shared: added.Shared}})
		}
		return nil
	}
	// The target lists its members before anyone can be one: flush appends the row before it writes the link, and a crash
	// between leaves a listed stranger, which is harmless.
	if to := subject.Linked(l.Target); to != "" && !l.Unlink {
		if i, found := slices.BinarySearch(from.Roots, to); !found {
			from.Roots = slices.Insert(from.Roots, i, to)
			s.list(linkRow(to, from.ID, t))
		}
	}
	s.mark(from, false)
	if same(from.ID, &from.Links, &added) {
		from.Links = added
		return nil
	}
	// Others may fold, or link, while this link is on its way and not to be seen. Whoever reads after it is written sees
	// it and verifies what it has put down; what was put down before is seen by looking again then.
	s.open.linked = append(s.open.linked, relinked{from.ID, from.Links})
	if err := s.leaving(ctx, from, from.Links, added); err != nil {
		return err
	}
	if l.Act != 0 && subject.IsIndividual(l.Target) {
		if err := s.parting(ctx, from, l.Target); err != nil {
			return err
		}
	}
	if len(from.Refold) == 0 {
		return nil
	}
	from.Due = t.RecordedAt.Unix() // the sweep finishes what a crash leaves undone
	// What this batch has folded so far was folded under the old links: written now, so that the refold finds it.
	if err := s.flush(ctx); err != nil {
		return err
	}
	return s.resume(ctx, from, t.RecordedAt, w.meta)
}

// leaving finds the roots that some of the touches of from, and of all that lead to it, leave when its links change
// from one set to another, and adds them to what is to be folded again. It leaves from with the new links, or with
// those it had where it fails.
func (s *session) leaving(ctx context.Context, from *account.Item, without, with subject.Links) (err error) {
	had := from.Links
	defer func() {
		if err != nil {
			from.Links = had
		}
	}()
	dependents, err := s.concerned(ctx, from.ID, &without, &with)
	if err != nil {
		return err
	}
	if err := s.Load(ctx, dependents...); err != nil {
		return err
	}
	from.Links = without
	before := make([][]subject.Interval, len(dependents))
	for i, d := range dependents {
		if before[i], err = s.Intervals(ctx, d); err != nil {
			return err
		}
	}
	from.Links = with
	for i, d := range dependents {
		after, err := s.Intervals(ctx, d)
		if err != nil {
			return err
		}
		if err := s.moved(ctx, before[i], after); err != nil {
			return err
		}
		for _, left := range subject.Left(before[i], after) {
			if slices.Contains(from.Refold, left.Root) {
				continue
			}
			moved, err := s.counted(ctx, d, left)
			if err != nil {
				return err
			}
			if moved {
				from.Refold = append(from.Refold, left.Root)
			}
		}
	}
	slices.Sort(from.Refold)
	return nil
}

// parting adds to what is to be folded again the roots whose touches may name both of two persons whom an operator has
// parted, or joined again: who is with whom changes what such a touch says (see subject.Heard), wherever it belongs. They
// are of these two, or of others who lead to the same person.
func (s *session) parting(ctx context.Context, from *account.Item, to string) error {
	members, err := s.graph.Members(ctx, to)
	if err != nil {
		return err
	}
	for _, id := range slices.Concat([]string{from.ID, to}, members, s.listed[to]) {
		ivs, err := s.Intervals(ctx, id)
		if err != nil {
			return err
		}
		for _, iv := range ivs {
			root, err := s.Item(ctx, iv.Root)
			if err != nil {
				return err
			}
			if i, found := slices.BinarySearch(from.Refold, iv.Root); !found && (root.Next != nil || !root.Facts.Empty()) {
				from.Refold = slices.Insert(from.Refold, i, iv.Root)
			}
		}
	}
	return nil
}

// same reports whether nothing moves by changing a subject's links for others. Of a name it is who carries it that counts.
func same(id string, without, with *subject.Links) bool {
	if subject.KindOf(id) == subject.Name {
		return without.SameTargets(with)
	}
	return without.Same(with)
}

// concerned lists the subjects whose touches may move with a subject's links. The country of a company decides only
// between accounts of one name: it concerns those who ask by the names that the company carries.
func (s *session) concerned(ctx context.Context, id string, without, with *subject.Links) ([]string, error) {
	if !subject.IsCompany(id) || subject.KindOf(id) == subject.Name || !without.SameButCountry(with) {
		return s.dependents(ctx, id)
	}
	members, err := s.graph.Members(ctx, id)
	if err != nil {
		return nil, err
	}
	out := []string{id}
	for _, m := range append(members, s.listed[id]...) {
		if subject.KindOf(m) != subject.Name {
			continue
		}
		ds, err := s.dependents(ctx, m)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// dependents lists id and every subject that leads to it, with those that this session has yet to write down.
func (s *session) dependents(ctx context.Context, id string) ([]string, error) {
	out := []string{id}
	for i := 0; i < len(out); i++ {
		members, err := s.graph.Members(ctx, out[i])
		if err != nil {
			return nil, err
		}
		for _, m := range append(members, s.listed[out[i]]...) {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// counted reports whether any of a subject's touches of a stretch of time may be in the facts of the root it belonged
// to. Facts are a join: what they already hold does not change them, so a touch that would change them is not in them.
// (The touch being folded counts like any other: a refold may have read it from the ledger before it was delivered.)
func (s *session) counted(ctx context.Context, id string, in subject.Interval) (bool, error) {
	root, err := s.Item(ctx, in.Root)
	if err != nil || root.Facts.Empty() && root.Next == nil {
		return false, err
	}
	if root.Next != nil || root.Fold != s.rules.Memory().Hash() {
		return true, nil
	}
	facts, err := account.DecodeFacts(root.Facts.Encode())
	if err != nil {
		return false, err
	}
	for t, err := range s.graph.Timeline(ctx, id, in.FromTime(), in.UntilTime()) {
		if err != nil {
			return false, err
		}
		_, as, err := s.Whose(ctx, t)
		if err != nil {
			return false, err
		}
		as.Below = in.Below
		var changed bool
		if changed, s.scratch = facts.Absorb(t, as, s.rules.Memory(), s.scratch); !changed {
			return true, nil
		}
	}
	return false, nil
}

// resume does the refolds that an item still owes, and then clears them.
func (s *session) resume(ctx context.Context, it *account.Item, at time.Time, meta event.Meta) error {
	if it == nil || len(it.Refold) == 0 {
		return nil
	}
	id, todo := it.ID, it.Refold
	for _, root := range todo {
		if err := s.refold(ctx, root, cause(it), at, meta); err != nil {
			return err
		}
	}
	it, err := s.Item(ctx, id)
	if err != nil {
		return err
	}
	it.Refold = nil
	if it.Next == nil { // else another's refold of this very item is left to the sweep
		it.Due, s.review[id] = 0, true
		if err := s.schedule(ctx, it); err != nil {
			return err
		}
	}
	if err := s.write(ctx, []string{id}); err != nil {
		return fmt.Errorf("score: clear finished refolds: %w", err)
	}
	return nil
}

// cause names the state of links that a refold answers to.
func cause(it *account.Item) string {
	name := it.ID
	if _, ok := it.Marks[account.Revised]; ok {
		name = revised + name
	}
	if it.Links.Acted() || subject.IsCompany(it.ID) {
		name = undone + name
	}
	if n := len(it.Links.List); n > 0 {
		return fmt.Sprintf("%s/%d/%s", name, n, it.Links.List[n-1].ID)
	}
	return name + "/shared"
}

// undone begins the cause of a refold after an operator set a subject's links right, or a name, or a
// company that carries it, came to mean another account or none for sure. The accounts that touches go to by
// it learn what was fired for those touches: nobody is handed over a second time because a link was undone.
const undone = "undone:"

// revised begins the cause of a refold after touches of the subject were mapped anew: then facts are never handed over
// as they stand, but read from the ledger.
const revised = "revised:"

// carry hands an account's memory to the one that takes its touches in, so that nothing it already said is said
// again: what fired for a person does not fire a second time for the person's company.
func carry(from, to *account.Item) {
	carryTold(&from.Told, &to.Told)
	if len(from.Told.Fired)+len(from.Told.Was)+len(from.Told.Former) == 0 {
		return // nothing was ever decided there, so no handoff stands there
	}
	for _, id := range append([]string{from.ID}, from.Told.Former...) {
		if i, found := slices.BinarySearch(to.Told.Former, id); !found {
			to.Told.Former = slices.Insert(to.Told.Former, i, id)
		}
	}
}

func carryTold(from, to *account.Told) {
	for _, fired := range []map[string]account.Element{from.Fired, from.Was} {
		for play, el := range fired {
			if have, ok := to.Fired[play]; ok {
				if el.Compare(have) > 0 {
					to.Fired[play] = el
				}
				continue
			}
			if have, ok := to.Was[play]; !ok || el.Compare(have) > 0 {
				if to.Was == nil {
					to.Was = map[string]account.Element{}
				}
				to.Was[play] = el
			}
		}
	}
	for _, p := range from.Pending {
		if !slices.ContainsFunc(to.Pending, func(q account.Outgoing) bool { return q.ID == p.ID && q.DetailType == p.DetailType }) {
			to.Pending = append(to.Pending, p)
		}
	}
}

// carryFired lets an account that touches go to know which plays fired for them where they were.
func carryFired(from, to *account.Told, moved *account.Facts) {
	for _, fired := range []map[string]account.Element{from.Fired, from.Was} {
		for play, el := range fired {
			if !moved.Holds(el) {
				continue
			}
			if have, ok := to.Was[play]; ok && have.Compare(el) >= 0 {
				continue
			}
			if to.Was == nil {
				to.Was = map[string]account.Element{}
			}
			to.Was[play] = el
		}
	}
}

// carryRevenue lets conversions whose deals have moved go on under the new account: told again, in a later sequence.
// Of an account that dissolves all move, else those of the facts that do.
func carryRevenue(from, to *account.Told, facts *account.Facts, dissolves bool) {
	moved := make(map[string]bool, len(facts.Opportunities)+len(facts.Invoices))
	for _, a := range slices.Concat(facts.Opportunities, facts.Invoices) {
		moved[a.ID] = true
	}
	for id, r := range from.Revenue {
		if !dissolves && !moved[id] {
			continue
		}
		if !dissolves {
			delete(from.Revenue, id)
		}
		if _, have := to.Revenue[id]; have {
			continue
		}
		if to.Revenue == nil {
			to.Revenue = map[string]account.Register{}
		}
		r.Value, _, _ = strings.Cut(r.Value, " ")
		to.Revenue[id] = r
	}
}

func later(a int64, b time.Time) int64 { return max(a, account.HourOf(b).Unix()) }

// memberRow lists a member that came with facts handed over whole, without a touch at hand.
func memberRow(root, member string, at time.Time) ledger.Row {
	return linkRow(root, member, &touch.Touch{Subject: member, Time: at, RecordedAt: at})
}
