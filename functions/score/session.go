package score

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// session is one try at a batch: the items it holds, which of them changed, and the member rows that must stand before
// the items are written.
type session struct {
	*Handler
	rules Rules
	*graph.Reader
	dirty   map[string]bool
	roots   map[string]bool // dirty as accounts: written after the subjects
	review  map[string]bool // roots whose review time must be found again
	links   []ledger.Row
	listed  map[string][]string // what links says: members by whom they lead to
	open    open                // to be verified
	scratch []account.Keep
	said    int               // messages frozen
	traces  map[string]string // by message: the header of the event that made it say that
}

func (h *Handler) session(rules Rules, o open) *session {
	return &session{Handler: h, rules: rules, Reader: h.graph.Reader(), open: o,
		dirty: map[string]bool{}, roots: map[string]bool{}, review: map[string]bool{}, listed: map[string][]string{}}
}

// run folds all touches and writes. An error concerns the whole batch.
func (s *session) run(ctx context.Context, todo []work, errs []error) error {
	if err := s.prefetch(ctx, todo); err != nil {
		return err
	}
	for _, w := range todo {
		before := s.said
		err := s.apply(ctx, w)
		w.note.Published = s.said - before
		if err != nil {
			if errors.Is(err, account.ErrCorrupt) || errors.Is(err, touch.ErrInvalid) {
				errs[w.index] = err
				continue
			}
			return err
		}
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	return s.verify(ctx, todo[0].touch.RecordedAt, todo[0].meta)
}

// prefetch reads what the batch is sure to need in a few calls rather than one by one: the subjects that its touches
// name, and then hop by hop what they lead to. An item that cannot be read is the trouble of the touches that need it.
func (s *session) prefetch(ctx context.Context, todo []work) error {
	var ids []string
	for _, w := range todo {
		for _, id := range subject.Named(w.touch) {
			ids = append(ids, id)
			if c := s.implied(id); c != "" {
				ids = append(ids, c)
			}
		}
		for _, l := range w.touch.Links {
			if subject.KindOf(l) == subject.Name {
				ids = append(ids, l)
			}
		}
	}
	for range 4 {
		if err := s.Load(ctx, ids...); err != nil && !errors.Is(err, account.ErrCorrupt) {
			return err
		}
		ids = ids[:0]
		for _, w := range todo {
			ids = append(ids, s.Missing(w.touch.Subject, w.touch.Time.UnixMilli())...)
		}
		if len(ids) == 0 {
			break
		}
	}
	return nil
}

// implied is the company that an address stands for unless somebody says otherwise, "" for other ids.
func (s *session) implied(id string) string {
	if subject.KindOf(id) != subject.Email {
		return ""
	}
	return s.Implied(id)
}

// apply folds one touch.
func (s *session) apply(ctx context.Context, w work) error {
	t := w.touch
	if subject.KindOf(t.Subject) == subject.Campaign {
		w.note.Outcome = ignored
		return nil // spend is read from the ledger by reports; it is nobody's behaviour
	}
	named := subject.Named(t)
	if len(named) == 0 {
		return fmt.Errorf("score: %w: %s names no valid subject (%q)", touch.ErrInvalid, t.ID, t.Subject)
	}
	if err := s.Load(ctx, named...); err != nil {
		return err
	}
	if stale, err := s.stands(ctx, t); stale || err != nil {
		w.note.Outcome = ignored // another revision counts, and comes by a refold
		return err
	}
	deal := account.DealOf(t)
	for _, id := range named {
		if err := s.resume(ctx, s.Held(id), t.RecordedAt, w.meta); err != nil {
			return err
		}
	}
	if touch.Kept(t.Kind) {
		return s.keep(ctx, w)
	}
	for _, e := range subject.Edges(t) {
		if err := s.link(ctx, e.From, subject.Link{Target: e.To, Time: t.Time.UnixMilli(), ID: t.ID}, w); err != nil {
			return err
		}
	}
	// After the links. Written with them, a title would count for an account before what the links move does, should this
	// die in between: a score that never was might be acted on.
	told, err := s.registers(ctx, t, deal)
	if err != nil {
		return err
	}
	at := t.Time.UnixMilli()
	p, as, err := s.Whose(ctx, t)
	if err != nil {
		return err
	}
	root, err := s.Item(ctx, p.Root)
	if err != nil {
		return err
	}
	if root.Next != nil {
		// A refold of this account runs elsewhere. It was marked after the link that caused it was written, so reading
		// the way here again shows that link, and that this touch has another revision.
		s.Drop(p.Path...)
		if err := s.Load(ctx, t.Subject); err != nil {
			return err
		}
		if stale, err := s.stands(ctx, t); stale || err != nil {
			w.note.Outcome = ignored
			return err
		}
		if p, as, err = s.Whose(ctx, t); err != nil {
			return err
		}
		if root, err = s.Item(ctx, p.Root); err != nil {
			return err
		}
	}
	if err := s.resume(ctx, root, t.RecordedAt, w.meta); err != nil {
		return err
	}
	if err := s.member(ctx, t, &p); err != nil {
		return err
	}
	if root, err = s.renew(ctx, root, w.touch.RecordedAt, w.meta); err != nil {
		return err
	}
	w.note.Account, w.note.Outcome, w.note.Touches = root.ID, folded, 1
	if len(p.Path) > 1 {
		s.open.placed = append(s.open.placed, placement{t.Subject, subject.Interval{From: at, Until: at + 1, Root: root.ID, Below: p.Below}, p.Path})
	}
	changed, scratch := root.Facts.Absorb(t, as, s.rules.Memory(), s.scratch)
	s.scratch = scratch
	if root.Next != nil {
		_, s.scratch = root.Next.Facts.Absorb(t, as, s.rules.Memory(), s.scratch)
		changed = true
	}
	if len(root.Told.Pending) > 0 {
		s.mark(root, true) // an earlier try died before it had published these
		if root.Next == nil {
			root.Due, s.review[root.ID] = 0, true // its place in the time index is that of one who has not spoken
		}
	}
	if !changed && !told && root.Told.Eval == s.rules.Ref().Eval {
		// Facts keep a bounded part of the history; a touch outside it can still belong to a credited journey.
		w.note.Outcome = unchanged
		s.late(root, judged{touch: t, deal: deal}, w.meta)
		return nil
	}
	if changed {
		s.mark(root, true)
	}
	return s.judge(ctx, root, w, deal)
}

// mark notes that an item must be written; as an account, it goes after all subjects.
func (s *session) mark(it *account.Item, root bool) {
	s.dirty[it.ID] = true
	if root {
		s.roots[it.ID] = true
	} else {
		s.Changed(it.ID)
	}
}

// member sees to it that the account lists the subject as a member, once; and so does each company on the way there, which
// the account may be parted from.
func (s *session) member(ctx context.Context, t *touch.Touch, p *subject.Place) error {
	if p.Root == t.Subject {
		return nil
	}
	it, err := s.Item(ctx, t.Subject)
	if err != nil {
		return err
	}
	listed := func(root string) {
		if i, found := slices.BinarySearch(it.Roots, root); !found {
			it.Roots = slices.Insert(it.Roots, i, root)
			s.list(linkRow(root, t.Subject, t))
			s.mark(it, false)
		}
	}
	listed(p.Root)
	for _, id := range p.Path {
		// By an id of a tool or a name, only who says so leads there, and is listed with the link; to a domain an address does.
		if id != t.Subject && subject.KindOf(id) == subject.Account {
			listed(id)
		}
	}
	return nil
}

// list notes a member row, to be appended before the next write.
func (s *session) list(row ledger.Row) {
	if slices.Contains(s.listed[row.Owner], row.ID) {
		return
	}
	s.links = append(s.links, row)
	s.listed[row.Owner] = append(s.listed[row.Owner], row.ID)
}

// linkRow is the reverse of a link: the target's list of who leads to it.
func linkRow(target, from string, t *touch.Touch) ledger.Row {
	body, _ := json.Marshal(struct {
		Touch   touch.ID  `json:"touch"`
		Subject string    `json:"subject"`
		Time    time.Time `json:"time"`
	}{t.ID, t.Subject, t.Time})
	return ledger.Row{Owner: target, Type: ledger.Link, ID: from, Time: t.Time, RecordedAt: t.RecordedAt, Body: body}
}
