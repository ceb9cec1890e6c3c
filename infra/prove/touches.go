package prove

import (
	"context"
	"fmt"
	"slices"

	"handoff/shared/account"
	"handoff/shared/graph"
	"handoff/shared/ledger"
	"handoff/shared/store"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// readerSubjects is for how many subjects one Reader keeps the items it read.
const readerSubjects = 256

// ledger walks the ledger once. Partitions come whole, so touches of one subject follow each other.
func (c *check) ledger(ctx context.Context) error {
	w := &walk{check: c, reader: c.Graph.Reader(), suspects: map[string][]*missing{}}
	for _, m := range c.events_ {
		for _, k := range m.keys {
			w.suspects[k] = append(w.suspects[k], m)
		}
	}
	err := scan(ctx, c.History, func(rec store.Record) error { return w.record(ctx, rec) })
	if err == nil {
		err = w.flush(ctx)
	}
	if err == nil {
		err = w.outcomes(ctx)
	}
	return err
}

// walk is the state of the walk through the ledger.
type walk struct {
	*check
	reader   *graph.Reader
	subject  string
	subjects int
	held     *touch.Touch          // the highest revision so far of the touch at hand
	suspects map[string][]*missing // events without their rows, by keys
	batch    []decided
}

func (w *walk) record(ctx context.Context, rec store.Record) error {
	row, ok, err := w.Ledger.Decode(ctx, rec)
	if err != nil || !ok {
		return err
	}
	switch row.Type {
	case ledger.Quarantine, ledger.Ignored:
		return w.seen.aside(row)
	case ledger.Touch, ledger.Enrichment:
		t, err := graph.Touch(row)
		if err != nil {
			return fmt.Errorf("prove: %w", err)
		}
		if row.Type == ledger.Touch {
			w.seen.touch(t)
		}
		w.recognise(t)
		if w.held != nil && (w.held.ID != t.ID || !w.held.Time.Equal(t.Time) || w.held.Subject != t.Subject) {
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
		if w.held != nil {
			w.out.Touches.add(Superseded, "")
		}
		w.held = t
	case ledger.Decision:
		return w.decision(ctx, row)
	}
	return nil
}

// recognise finds events that another version of their contract has read: their touch stands elsewhere than today's
// version would put it, under the same id.
func (w *walk) recognise(t *touch.Touch) {
	if len(w.suspects) == 0 {
		return
	}
	for _, m := range w.suspects["touch:"+t.ID.String()] {
		switch {
		case m.contract == t.Contract && t.Revision == 0:
		case m.ID == t.EventID:
			m.class = Recorded
		case m.class == "":
			m.class = Duplicate
		}
	}
}

// flush decides on the touch at hand.
func (w *walk) flush(ctx context.Context) error {
	t := w.held
	w.held = nil
	if t == nil {
		return nil
	}
	if t.Withdrawn {
		w.out.Touches.add(Superseded, "")
		return nil
	}
	if subject.KindOf(t.Subject) == subject.Campaign {
		w.out.Touches.add(Spend, "") // nobody's behaviour: reports read it from the ledger, no account absorbs it
		return nil
	}
	if touch.Kept(t.Kind) {
		return w.bookkeeping(ctx, t)
	}
	if w.subject != t.Subject {
		w.subject = t.Subject
		if w.subjects++; w.subjects%readerSubjects == 0 {
			w.reader = w.Graph.Reader()
		}
	}
	class, root, err := w.inFacts(ctx, w.reader, t)
	if err != nil {
		return err
	}
	if class != "" {
		w.out.Touches.add(class, "")
		return nil
	}
	w.touches = append(w.touches, &missing{
		Item: Item{ID: t.ID.String(), Time: t.Time, Source: t.Source, Kind: t.Kind, Subject: t.Subject,
			Why: fmt.Sprintf("joining it changes the facts of %s, so it is not inside them", root)},
		keys: []string{"touch:" + t.ID.String(), "event:" + t.EventID, "enrich:" + t.Subject},
		again: func(ctx context.Context) (string, string, error) {
			class, _, err := w.inFacts(ctx, w.Graph.Reader(), t)
			return class, "", err
		},
	})
	return nil
}

// bookkeeping proves what an operator has said of who is whom: it stands in the item of the subject. What he asked of
// route is in the history of the handoff.
func (w *walk) bookkeeping(ctx context.Context, t *touch.Touch) error {
	done := func(ctx context.Context) (string, string, error) {
		it, err := w.Graph.Reader().Item(ctx, t.Subject)
		if err != nil {
			return "", "", fmt.Errorf("prove: what came of %s: %w", t.ID, err)
		}
		switch t.Kind {
		case touch.SubjectsLinked, touch.SubjectsUnlinked:
			// Of many acts on one target the item keeps the latest: then this one counts for nothing any more.
			if !it.Links.Shared && !slices.ContainsFunc(it.Links.List, func(l subject.Link) bool { return l.Act >= t.Time.UnixMilli() && slices.Contains(t.Links, l.Target) }) {
				return "", "", nil
			}
		case touch.TouchesRevised:
			if it.Marks[account.Revised].Time < t.Time.UnixMilli() {
				return "", "", nil
			}
		}
		return Kept, "", nil
	}
	class, of, err := done(ctx)
	if err != nil {
		return err
	}
	if class != "" {
		w.out.Touches.add(class, of)
		return nil
	}
	w.touches = append(w.touches, &missing{
		Item: Item{ID: t.ID.String(), Time: t.Time, Source: t.Source, Kind: t.Kind, Subject: t.Subject, Why: t.Subject + " does not know of it"},
		keys: []string{"touch:" + t.ID.String(), "event:" + t.EventID}, again: done,
	})
	return nil
}

// inFacts reports whether a touch is inside the facts of the account that it belongs to: then joining it changes
// nothing. Facts that are still to be folded under the policy in force cannot answer.
func (c *check) inFacts(ctx context.Context, r *graph.Reader, t *touch.Touch) (class, root string, err error) {
	p, as, err := r.Whose(ctx, t)
	if err != nil {
		return "", "", fmt.Errorf("prove: whose is touch %s: %w", t.ID, err)
	}
	it, err := r.Item(ctx, p.Root)
	if err != nil {
		return "", "", fmt.Errorf("prove: whose is touch %s: %w", t.ID, err)
	}
	if it.Fold == "" {
		return "", p.Root, nil
	}
	if it.Fold != c.memory.Hash() {
		return Refold, p.Root, nil
	}
	var changed bool
	if changed, c.scratch = it.Facts.Absorb(t, as, c.memory, c.scratch); !changed {
		return Absorbed, p.Root, nil
	}
	// What joining it has changed must not hide the next one: these facts are read again.
	r.Drop(p.Root)
	for _, id := range p.Path {
		if over, err := r.Item(ctx, id); err != nil {
			return "", "", err
		} else if len(over.Refold) > 0 || it.Next != nil {
			return Refold, p.Root, nil
		}
	}
	return "", p.Root, nil
}

func (c *check) finishTouches(ctx context.Context) error {
	return c.settle(ctx, c.touches, &c.out.Touches)
}
