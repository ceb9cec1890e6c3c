package explain

import (
	"context"
	"fmt"
	"slices"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/infra/whose"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/policy"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Question is what is asked.
type Question struct {
	Who     string
	At      string         // see ParseAt; "" for all time
	AsKnown time.Time      // restricts what is known; zero: as known then, and now
	Zone    *time.Location // whose days and hours are meant and told; nil: UTC. One in At goes before it.
}

// Story answers why somebody was contacted, or not, at a time; at may be "".
func Story(ctx context.Context, s *stack.Stack, who, at string) (*Answer, error) {
	return Ask(ctx, s, Question{Who: who, At: at})
}

// Ask answers a question.
func Ask(ctx context.Context, s *stack.Stack, q Question) (*Answer, error) {
	now, err := report.Now(ctx, s)
	if err != nil {
		return nil, err
	}
	if now = now.UTC(); q.Zone != nil {
		now = now.In(q.Zone)
	}
	a := &Answer{Asked: q.Who, Now: now, Decisions: []Decision{}, Others: []Line{}}
	at := now
	if q.At != "" {
		w, err := ParseAt(q.At, now)
		if err != nil {
			return nil, err
		}
		a.When, a.Now = &w, now.In(w.Until.Location())
		if last := w.Until.Add(-time.Nanosecond); last.Before(at) {
			at = last
		}
	}
	found, err := FindAt(ctx, s, q.Who, at)
	if err != nil {
		return nil, err
	}
	a.Subject, a.Account, a.One = found.Subject, found.Account, found.Decision != ""
	if q.AsKnown.Before(now) {
		a.AsKnown = q.AsKnown
	}
	t := &teller{Stack: s, answer: a, asKnown: a.AsKnown, only: found.Decision, names: map[string]string{}}
	if found.Note != "" {
		a.Whose = append(a.Whose, found.Note)
		a.Subject = a.Account
	}
	if t.policy, err = s.Policy.Active(ctx); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if t.past, err = readPast(ctx, s, found.Account); err != nil {
		return nil, err
	}
	t.past.leaveOut(t.only)
	t.folder = &folder{stack: s, history: t.past.touches}
	return a, t.tell(ctx, at)
}

// teller makes one answer.
type teller struct {
	*stack.Stack
	answer  *Answer
	asKnown time.Time
	only    string // a decision or a handoff, if one was named
	past    *past
	folder  *folder
	policy  *policy.Policy // in force now
	texts   *[]kept        // of all policies, once they were asked for
	rulings map[int]*ruling
	reader  *graph.Reader
	names   map[string]string
}

// tell answers; at is the end of the time asked about, as far as it has come.
func (t *teller) tell(ctx context.Context, at time.Time) error {
	a := t.answer
	t.reader = t.Graph.Reader()
	root, err := t.reader.Item(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("explain: read %s: %w", a.Account, err)
	}
	a.Name, a.Members = root.Facts.Field("name"), t.past.members
	said, err := whose.Of(ctx, t.reader, a.Account, a.Members, at.UnixMilli())
	if err != nil {
		return fmt.Errorf("explain: who belongs to %s: %w", a.Account, err)
	}
	a.Whose = append(a.Whose, said...)
	a.SetRight = t.past.setRight()
	if a.Subject != a.Account && !subject.IsCompany(a.Subject) {
		a.Person = t.nameAt(ctx, a.Subject, at)
	}
	if err := t.elsewhere(ctx, at); err != nil {
		return err
	}
	t.leaveOut()
	t.apart(ctx)
	chosen := t.choose()
	for _, d := range t.past.decisions {
		if !slices.Contains(chosen, d) {
			a.Others = append(a.Others, line(d))
			continue
		}
		one, err := t.decision(ctx, d)
		if err != nil {
			return err
		}
		a.Decisions = append(a.Decisions, *one)
	}
	if a.When != nil {
		for _, x := range t.past.touches {
			if !a.When.contains(x.Time) || !a.AsKnown.IsZero() && x.RecordedAt.After(a.AsKnown) {
				continue
			}
			if ours, err := t.past.ours(ctx, x); err != nil {
				return err
			} else if ours {
				a.InTime = append(a.InTime, t.touchLine(ctx, x))
			}
		}
		slices.SortStableFunc(a.InTime, func(x, y TouchLine) int { return x.Time.Compare(y.Time) })
	}
	a.Revenue = []Revenue{}
	for _, r := range t.past.revenue {
		if a.When == nil || !r.Time.Before(a.When.From) {
			a.Revenue = append(a.Revenue, r)
		}
	}
	slices.SortStableFunc(a.Revenue, func(x, y Revenue) int { return x.Time.Compare(y.Time) })
	a.Standing, err = t.standing(ctx, root, at)
	return err
}

// choose picks the decisions to explain in full.
func (t *teller) choose() []*made {
	var out []*made
	all := t.past.decisions
	switch w := t.answer.When; {
	case t.only != "":
		for _, d := range all {
			if d.is(t.only) {
				out = append(out, d)
			}
		}
	case w != nil: // of a moment the last ones made by then: why does it stand like this?
		for _, d := range all {
			if w.contains(d.at) {
				out = append(out, d)
			}
		}
	case len(all) > 0:
		y, m, d := all[len(all)-1].at.In(t.answer.Now.Location()).Date()
		day := time.Date(y, m, d, 0, 0, 0, 0, t.answer.Now.Location())
		for _, d := range all {
			if !d.at.Before(day) {
				out = append(out, d)
			}
		}
	}
	return out
}

func line(d *made) Line {
	l := Line{ID: d.decision.ID, MadeAt: d.at, Play: d.decision.Play, Outcome: "not routed yet", Reason: d.decision.Reason}
	if d.outcome != nil {
		l.Outcome, l.Handoff = d.outcome.Outcome, d.outcome.Handoff
	}
	return l
}

// decision tells one in full.
func (t *teller) decision(ctx context.Context, d *made) (*Decision, error) {
	e := &d.decision.Evaluation
	out := &Decision{MadeAt: d.at, Decision: d.decision, Outcome: d.outcome, Person: t.name(ctx, d.decision.Person), Rules: []Rule{}, Grounds: []TouchLine{}, Steps: []Step{}}
	if id, err := touch.ParseID(d.decision.Causation); err == nil {
		if c := t.past.byID[id]; c != nil {
			l := t.touchLine(ctx, c)
			out.Cause = &l
		}
	}
	ruled, err := t.ruledBy(ctx, e.Policy, d.at)
	if err != nil {
		return nil, err
	}
	then := ruled.policy
	out.Policy = t.policyThen(e.Policy, ruled)
	if out.Policy.Text, err = t.passages(ctx, d, ruled); err != nil {
		return nil, err
	}
	g := newPages(e.Policy.Epoch, ruled.files)
	out.Play = PlayText{Name: d.decision.Play, Text: g.entry(playsFile, hop{"plays", ""}, hop{"name", d.decision.Play})}
	if then != nil {
		if p := then.Play(d.decision.Play); p != nil {
			out.Play.Description = p.Description
		}
	}
	for _, c := range e.Rules {
		r := Rule{Contribution: c}
		for _, id := range c.Evidence {
			r.Touches = append(r.Touches, t.byID(ctx, id))
		}
		r.Policy = g.entry(scoringFile, hop{c.Group, ""}, hop{"rules", ""}, hop{"rule", c.Rule})
		out.Rules = append(out.Rules, r)
	}
	out.Signals = t.inferred(ctx, e, g)
	for _, s := range d.after {
		if !t.asKnown.IsZero() && s.recorded.After(t.asKnown) {
			continue
		}
		if s.record.Outcome == "received" && (out.Confirmed.IsZero() || s.time.Before(out.Confirmed)) {
			out.Confirmed = s.time
		}
		out.Steps = append(out.Steps, Step{Time: s.time, Outcome: s.record.Outcome, Reason: s.record.Reason, By: t.person(s.record.By), Touch: s.record.Touch, State: string(s.record.State), End: s.record.End})
	}
	if out.Word, err = t.word(ctx, d); err != nil {
		return nil, err
	}
	if out.Concerns, err = t.concerns(ctx, &d.decision); err != nil {
		return nil, err
	}
	out.people = map[string]string{}
	meet := func(ids ...string) {
		for _, id := range ids {
			if n := t.person(id); n != id {
				out.people[id] = n
			}
		}
	}
	for _, s := range d.after {
		meet(s.record.By)
	}
	if o := d.outcome; o != nil && o.Choice != nil {
		out.Owner = t.person(o.Choice.Owner)
		meet(o.Choice.Owner)
		for _, r := range o.Choice.Rejected {
			meet(r.Who)
		}
	}
	if then == nil {
		then = t.policy
	}
	return out, t.known(ctx, d, out, then)
}

// inferred are the signals of an evaluation, with their text in its policy.
func (t *teller) inferred(ctx context.Context, e *event.Evaluation, g *pages) []Inferred {
	var out []Inferred
	for _, s := range e.Signals {
		x := Inferred{Signal: s, Policy: g.entry(scoringFile, hop{"signals", ""}, hop{"name", s.Name})}
		for _, id := range s.Evidence {
			x.Touches = append(x.Touches, t.byID(ctx, id))
		}
		out = append(out, x)
	}
	return out
}
