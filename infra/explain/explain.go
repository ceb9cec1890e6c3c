package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/infra/report"
	"handoff/infra/stack"
	"handoff/infra/whose"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Question is what is asked.
type Question struct {
	Who     string
	At      string    // see ParseAt; "" for all time
	AsKnown time.Time // restricts what is known; zero: as known then
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
	found, err := Find(ctx, s, q.Who)
	if err != nil {
		return nil, err
	}
	a := &Answer{Asked: q.Who, Subject: found.Subject, Account: found.Account, Now: now, One: found.Decision != "", Decisions: []Decision{}, Others: []Line{}}
	if q.At != "" {
		w, err := ParseAt(q.At, now)
		if err != nil {
			return nil, err
		}
		a.When = &w
	}
	t := &teller{Stack: s, answer: a, asKnown: q.AsKnown, only: found.Decision, names: map[string]string{}}
	if t.policy, err = s.Policy.Active(ctx); err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	if t.past, err = readPast(ctx, s, found.Account); err != nil {
		return nil, err
	}
	return a, t.tell(ctx)
}

// teller makes one answer.
type teller struct {
	*stack.Stack
	answer  *Answer
	asKnown time.Time
	only    string // a decision or a handoff, if one was named
	past    *past
	policy  *policy.Policy // in force now
	reader  *graph.Reader
	names   map[string]string
}

func (t *teller) tell(ctx context.Context) error {
	a := t.answer
	t.reader = t.Graph.Reader()
	root, err := t.reader.Item(ctx, a.Account)
	if err != nil {
		return fmt.Errorf("explain: read %s: %w", a.Account, err)
	}
	a.Name, a.Members = root.Facts.Field("name"), t.past.members
	if a.Whose, err = whose.Of(ctx, t.reader, a.Account, a.Members, a.Now.UnixMilli()); err != nil {
		return fmt.Errorf("explain: who belongs to %s: %w", a.Account, err)
	}
	a.SetRight = t.past.setRight()
	if a.Subject != a.Account && !subject.IsCompany(a.Subject) {
		a.Person = t.name(ctx, a.Subject)
	}
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
	end := a.Now
	if a.When != nil {
		end = a.When.Until
		for _, x := range t.past.touches {
			if a.When.contains(x.Time) {
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
	a.Standing, err = t.standing(ctx, root, end)
	return err
}

// choose picks the decisions to explain in full.
func (t *teller) choose() []*made {
	var out []*made
	all := t.past.decisions
	switch w := t.answer.When; {
	case t.only != "":
		for _, d := range all {
			if d.decision.ID == t.only || routing.HandoffID(d.decision.ID) == t.only {
				out = append(out, d)
			}
		}
	case w != nil && w.Moment:
		// The last ones made by then: an answer to "why does it stand like this?".
		for _, d := range all {
			if w.contains(d.at) {
				out = append(out, d)
			}
		}
	case w != nil:
		for _, d := range all {
			if w.contains(d.at) {
				out = append(out, d)
			}
		}
	case len(all) > 0:
		day := all[len(all)-1].at.Truncate(24 * time.Hour)
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
	then, err := t.policyOf(ctx, e.Policy)
	if err != nil {
		return nil, err
	}
	out.Play = PlayText{Name: d.decision.Play, SamePolicy: e.Policy.Eval == t.policy.EvalHash && e.Policy.Fold == t.policy.FoldHash, AtHand: then != nil}
	if then != nil {
		if p := then.Play(d.decision.Play); p != nil {
			out.Play.Description = p.Description
		}
		out.Play.Text = block(then.Text["plays.yaml"], "name", d.decision.Play)
	}
	for _, c := range e.Rules {
		r := Rule{Contribution: c}
		for _, id := range c.Evidence {
			r.Touches = append(r.Touches, t.byID(ctx, id))
		}
		if then != nil {
			r.Policy = block(then.Text["scoring.yaml"], "rule", c.Rule)
		}
		out.Rules = append(out.Rules, r)
	}
	out.Signals = t.inferred(ctx, e, then)
	for _, s := range d.after {
		if s.record.Outcome == "received" && (out.Confirmed.IsZero() || s.time.Before(out.Confirmed)) {
			out.Confirmed = s.time
		}
		out.Steps = append(out.Steps, Step{Time: s.time, Outcome: s.record.Outcome, Reason: s.record.Reason, By: t.person(s.record.By), Touch: s.record.Touch, State: string(s.record.State)})
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

// inferred are the signals of an evaluation; p is its policy, nil where that is not at hand.
func (t *teller) inferred(ctx context.Context, e *event.Evaluation, p *policy.Policy) []Inferred {
	var out []Inferred
	for _, s := range e.Signals {
		x := Inferred{Signal: s}
		for _, id := range s.Evidence {
			x.Touches = append(x.Touches, t.byID(ctx, id))
		}
		if p != nil {
			x.Policy = block(p.Text["scoring.yaml"], "name", s.Name)
		}
		out = append(out, x)
	}
	return out
}

// policyOf finds the policy that an evaluation was made under; nil if its text is not at hand.
func (t *teller) policyOf(ctx context.Context, ref event.PolicyRef) (*policy.Policy, error) {
	if ref.Eval == t.policy.EvalHash && ref.Fold == t.policy.FoldHash {
		return t.policy, nil
	}
	texts, err := policyTexts(ctx, t.Ledger)
	if err != nil {
		return nil, err
	}
	for _, a := range texts {
		if a.Eval != ref.Eval || a.Fold != ref.Fold { // the hashes of then: a newer build may make others of the same text
			continue
		}
		if p, err := a.Compile(); err == nil {
			return p, nil
		}
	}
	return nil, nil
}

// block is the text of one entry of a YAML list, found by a key and its value, without comments.
func block(text, key, value string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		trimmed := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "- "))
		k, v, ok := strings.Cut(trimmed, ":")
		if !ok || k != key || strings.Trim(strings.TrimSpace(strip(v)), `"'`) != value || !strings.HasPrefix(strings.TrimSpace(l), "- ") {
			continue
		}
		indent := len(l) - len(strings.TrimLeft(l, " "))
		out := []string{strip(l[indent:])}
		for _, next := range lines[i+1:] {
			if strings.TrimSpace(strip(next)) == "" {
				if strings.TrimSpace(next) == "" {
					break
				}
				continue
			}
			if len(next)-len(strings.TrimLeft(next, " ")) <= indent {
				break
			}
			out = append(out, strip(next[indent:]))
		}
		return strings.Join(out, "\n")
	}
	return ""
}

// strip takes a comment off a line.
func strip(l string) string {
	if i := strings.Index(l, " #"); i >= 0 {
		l = l[:i]
	}
	if strings.HasPrefix(strings.TrimSpace(l), "#") {
		return ""
	}
	return strings.TrimRight(l, " ")
}
