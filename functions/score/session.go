package score

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/store"
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
		if err := s.apply(ctx, w); err != nil {
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
		ids = append(ids, subject.Named(w.touch)...)
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

// apply folds one touch.
func (s *session) apply(ctx context.Context, w work) error {
	t := w.touch
	if subject.KindOf(t.Subject) == subject.Campaign {
		return nil // spend is read from the ledger by reports; it is nobody's behaviour
	}
	named := subject.Named(t)
	if len(named) == 0 {
		return fmt.Errorf("score: %w: %s names no valid subject (%q)", touch.ErrInvalid, t.ID, t.Subject)
	}
	deal := account.DealOf(t)
	if err := s.Load(ctx, named...); err != nil {
		return err
	}
	for _, id := range named {
		if err := s.resume(ctx, s.Held(id), t.RecordedAt, w.meta); err != nil {
			return err
		}
	}
	for _, e := range subject.Edges(t) {
		if err := s.link(ctx, e, w); err != nil {
			return err
		}
	}
	told, err := s.registers(ctx, t, deal)
	if err != nil {
		return err
	}
	at := t.Time.UnixMilli()
	p, err := s.At(ctx, t.Subject, at)
	if err != nil {
		return err
	}
	root, err := s.Item(ctx, p.Root)
	if err != nil {
		return err
	}
	if root.Next != nil {
		// A refold of this account runs elsewhere. It was marked after the link that caused it was written, so reading
		// the way here again shows that link.
		s.Drop(p.Path...)
		if p, err = s.At(ctx, t.Subject, at); err != nil {
			return err
		}
		if root, err = s.Item(ctx, p.Root); err != nil {
			return err
		}
	}
	if err := s.resume(ctx, root, t.RecordedAt, w.meta); err != nil {
		return err
	}
	if err := s.member(ctx, t, p.Root); err != nil {
		return err
	}
	if root, err = s.renew(ctx, root, w.touch.RecordedAt, w.meta); err != nil {
		return err
	}
	if len(p.Path) > 1 {
		s.open.placed = append(s.open.placed, placement{t.Subject, subject.Interval{From: at, Until: at + 1, Root: root.ID}, p.Path})
	}
	changed, scratch := root.Facts.Absorb(t, s.rules.Memory(), s.scratch)
	s.scratch = scratch
	if root.Next != nil {
		_, s.scratch = root.Next.Facts.Absorb(t, s.rules.Memory(), s.scratch)
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
	}
}

// registers writes what a touch says of a person or a deal to that subject's own item, and reports whether it says
// anything: then an evaluation may differ by it. That the item holds it already does not mean that the account was
// evaluated with it: a delivery before this one may have died between the two writes.
func (s *session) registers(ctx context.Context, t *touch.Touch, deal string) (says bool, err error) {
	el := account.Of(t)
	fields := personFields(t)
	if who := subject.StrongestPerson(t); who != "" && len(fields) > 0 {
		it, err := s.Item(ctx, who)
		if err != nil {
			return false, err
		}
		if it.Fields == nil {
			it.Fields = map[string]account.Register{}
		}
		wrote := false
		for _, f := range account.PersonFields {
			if v := fields[f]; v != "" {
				wrote = account.Write(it.Fields, f, account.Register{Value: v, Element: el}) || wrote
			}
		}
		if wrote {
			s.mark(it, false)
		}
		says = true
	}
	if deal != "" {
		it, err := s.Item(ctx, deal)
		if err != nil {
			return false, err
		}
		if writeDeal(it, t) {
			s.mark(it, false)
		}
		says = true
	}
	return says, nil
}

// personFields is what a touch says of its person: the fields it carries, and what its kind means for being contacted.
func personFields(t *touch.Touch) map[string]string {
	said := map[string]string{}
	switch t.Kind {
	case touch.Unsubscribed:
		said["unsubscribed"] = "true"
	case touch.EmailBounced:
		said["bounced"] = "true"
	case touch.ConsentWithdrawn:
		said["consent"] = "withdrawn"
	case touch.ConsentGiven:
		said["consent"], said["unsubscribed"] = "given", "false"
	}
	if t.Test {
		said["test"] = "true"
	}
	if len(said) == 0 {
		return t.Person
	}
	for f, v := range t.Person {
		if _, ok := said[f]; !ok {
			said[f] = v
		}
	}
	return said
}

// writeDeal joins a touch into a deal's registers and marks.
func writeDeal(it *account.Item, t *touch.Touch) bool {
	if it.Fields == nil {
		it.Fields, it.Marks = map[string]account.Register{}, map[string]account.Element{}
	}
	if it.Marks == nil {
		it.Marks = map[string]account.Element{}
	}
	el, changed := account.Of(t), false
	set := func(field, v string) {
		if v != "" {
			changed = account.Write(it.Fields, field, account.Register{Value: v, Element: el}) || changed
		}
	}
	mark := func(name string) {
		if have, ok := it.Marks[name]; !ok || el.Compare(have) < 0 {
			it.Marks[name], changed = el, true
		}
	}
	o := t.Opportunity
	status := o.Status
	switch t.Kind {
	case touch.OpportunityWon, touch.InvoicePaid:
		status = "won"
	case touch.OpportunityLost:
		status = "lost"
	}
	set("name", o.Name)
	set("stage", o.Stage)
	set("status", status)
	set("type", o.Type)
	set("owner", o.Owner)
	set("close_date", o.CloseDate)
	switch {
	case t.Kind == touch.RefundIssued && t.Money != nil:
		// A running total per charge or credit note, so whichever order they come in, the latest of each counts once.
		of, _ := t.Props["refund_of"].(string)
		set(graph.Refunded+of, graph.AmountText(*t.Money))
	case o.Amount != nil:
		set("amount", graph.AmountText(*o.Amount))
	case t.Kind == touch.InvoicePaid && t.Money != nil:
		set("amount", graph.AmountText(*t.Money))
	}
	if t.Test {
		set("test", "true")
	}
	mark("created")
	if status == "won" || status == "lost" {
		mark(status)
	}
	return changed
}

// member sees to it that a root lists the subject as a member, once.
func (s *session) member(ctx context.Context, t *touch.Touch, root string) error {
	if root == t.Subject {
		return nil
	}
	it, err := s.Item(ctx, t.Subject)
	if err != nil {
		return err
	}
	i, found := slices.BinarySearch(it.Roots, root)
	if found {
		return nil
	}
	it.Roots = slices.Insert(it.Roots, i, root)
	s.list(linkRow(root, t.Subject, t))
	s.mark(it, false)
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
			out = append(out, event.Envelope{Source: event.Source, DetailType: p.DetailType, Detail: p.Detail})
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
