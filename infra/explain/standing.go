package explain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/infra/prose"
	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/graph"
	"handoff/shared/policy"
	"handoff/shared/routing"
	"handoff/shared/scoring"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// standing evaluates the account at the end of the time asked about, by the policy of then and what was known then, and
// says why nothing more was done. What was heard of that time later is told beside it.
func (t *teller) standing(ctx context.Context, root *account.Item, end time.Time) (*Standing, error) {
	heard := end
	if !t.asKnown.IsZero() {
		heard = t.asKnown
	}
	known := t.past.by(heard)
	known = slices.DeleteFunc(slices.Clone(known), func(x *touch.Touch) bool { return x.Time.After(end) })
	s := &Standing{At: account.HourOf(end), KnownAt: heard, Why: []string{}, Text: []Passage{}}
	p, err := t.policyAt(ctx, s, end)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		s.Nothing = true
		s.Why = append(s.Why, "Nothing was known of it yet.")
		return s, t.heardSince(ctx, s, p, root, known, end)
	}
	var v *account.View
	if t.answer.When == nil && t.asKnown.IsZero() && root.Fold == p.FoldHash {
		if v, err = t.reader.View(ctx, root.ID, &root.Facts, end); err != nil {
			return nil, fmt.Errorf("explain: evaluate %s: %w", root.ID, err)
		}
		err = t.count(ctx, t.reader, root.ID, known)
	} else {
		a, err := t.folder.fold(ctx, p, known, nil)
		if err != nil {
			return nil, err
		}
		if v, err = a.view(ctx, root.ID, end); err != nil {
			return nil, err
		}
		err = t.count(ctx, a.graph.Reader(), v.Account, known)
	}
	if err != nil {
		return nil, err
	}
	s.Evaluation = p.Evaluate(v)
	g := newPages(p.Epoch, p.Text)
	g.evaluation(&s.Evaluation)
	s.Text = g.out
	s.Signals = t.inferred(ctx, &s.Evaluation, g)
	s.nextBand(p)
	t.why(s, p, v, end)
	return s, t.heardSince(ctx, s, p, root, known, end)
}

// count counts the touches that are the account's.
func (t *teller) count(ctx context.Context, r *graph.Reader, root string, known []*touch.Touch) error {
	t.answer.Touches = 0
	for _, x := range known {
		p, err := r.At(ctx, x.Subject, x.Time.UnixMilli())
		if err != nil {
			return fmt.Errorf("explain: whose is %s: %w", x.Subject, err)
		}
		if p.Root == root && !touch.Kept(x.Kind) {
			t.answer.Touches++
		}
	}
	return nil
}

// policyAt is the policy in force at a time. Where this build cannot read it, today's speaks instead, and the answer
// says so.
func (t *teller) policyAt(ctx context.Context, s *Standing, at time.Time) (*policy.Policy, error) {
	p, err := t.Policies.At(ctx, at)
	switch {
	case errors.Is(err, policy.ErrInvalid):
		s.Why = append(s.Why, "This build cannot read the policy of then, so this is judged by the one in force now.")
		return t.policy, nil
	case err != nil:
		return nil, fmt.Errorf("explain: %w", err)
	}
	s.Replaced = p.EvalHash != t.policy.EvalHash || p.FoldHash != t.policy.FoldHash
	return p, nil
}

// heardSince judges the same moment by all that has been heard of it since, where that is more than was known then.
func (t *teller) heardSince(ctx context.Context, s *Standing, p *policy.Policy, root *account.Item, known []*touch.Touch, end time.Time) error {
	if t.answer.When == nil {
		return nil // known now and known then are one
	}
	late, setRight, err := t.past.late(ctx, end, s.KnownAt)
	if err != nil || len(late)+len(setRight) == 0 {
		return err
	}
	for _, x := range late {
		s.Late = append(s.Late, t.touchLine(ctx, x))
	}
	judge := func(more []*touch.Touch) (*event.Evaluation, error) {
		a, err := t.folder.fold(ctx, p, known, more)
		if err != nil {
			return nil, err
		}
		v, err := a.view(ctx, root.ID, end)
		if err != nil {
			return nil, err
		}
		e := p.Evaluate(v)
		return &e, nil
	}
	now, err := judge(late)
	if err != nil {
		return err
	}
	if len(setRight) > 0 {
		before := now
		if now, err = judge(slices.Concat(late, setRight)); err != nil {
			return err
		}
		if same(before, now) {
			setRight = nil // it is not about this
		}
	}
	if len(late)+len(setRight) > 0 {
		s.Now, s.SetRight = now, len(setRight)
	}
	return nil
}

// nextBand finds the band above the score.
func (s *Standing) nextBand(p *policy.Policy) {
	bands := slices.Clone(p.Scoring.Bands)
	slices.SortFunc(bands, func(a, b scoring.Band) int { return cmp.Compare(a.From, b.From) })
	for _, b := range bands {
		if int64(s.Evaluation.Score) < b.From {
			s.NextBand, s.Missing = b.Name, int(b.From)-s.Evaluation.Score
			return
		}
	}
}

// why says why nothing (more) was done by the end of the time asked about.
func (t *teller) why(s *Standing, rules *policy.Policy, v *account.View, end time.Time) {
	say := func(format string, args ...any) { s.Why = append(s.Why, fmt.Sprintf(format, args...)) }
	last := map[string]*made{}
	for _, d := range t.past.decisions {
		if !d.at.After(end) {
			last[d.decision.Play] = d
		}
	}
	for _, name := range s.Evaluation.Plays {
		d := last[name]
		apart := slices.IndexFunc(t.past.apart, func(d *made) bool { return !d.elsewhere && d.decision.Play == name && !d.at.After(end) })
		switch {
		case d == nil && apart >= 0:
			by := t.past.apart[apart]
			say("The play %s held, and was decided on %s when they counted for %s, %s; the same evidence is never acted on twice.",
				name, t.day(by.at), subject.KeyOf(by.decision.Account), t.outcomeWords(by.outcome))
		case d == nil && subject.KindOf(v.Account) == subject.Anonymous:
			say("The play %s held, and nobody could be contacted: it is a device that nobody has named.", name)
		case d == nil:
			say("The play %s held, and no decision is recorded for it: its evidence was not newer than what had been decided on before, or it had not been judged again by then.", name)
		default:
			s.Fired = append(s.Fired, name)
			say("The play %s held already: it was decided on %s, %s; the same evidence is never acted on twice.", name, t.day(d.at), t.outcomeWords(d.outcome))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(last)) {
		d := last[name]
		if open := t.stillOpen(d, end); open != "" {
			say("%s", open)
			continue
		}
		if d.outcome == nil || d.outcome.Handoff == "" || slices.Contains(s.Evaluation.Plays, name) {
			continue
		}
		if p := rules.Play(name); p != nil && p.CoolDown > 0 && end.Before(d.at.Add(p.CoolDown.Duration())) {
			say("The play %s is quiet for %s after it acted, on %s.", name, p.CoolDown, t.day(d.at))
		}
	}
	if len(s.Evaluation.Plays) == 0 {
		text := "No play's condition held"
		if s.NextBand != "" {
			text += fmt.Sprintf(": the score was %d, %s below the band %s", s.Evaluation.Score, prose.Of(s.Missing, "point"), s.NextBand)
		} else {
			text += fmt.Sprintf("; the score was %d, band %s", s.Evaluation.Score, s.Evaluation.Band)
		}
		if rules.IsCustomer(v) {
			text += ", and it is a customer, whom the plays for new business leave alone"
		}
		say("%s.", text)
	}
}

// stillOpen says who has a decision's handoff at a time, "" where nobody does.
func (t *teller) stillOpen(d *made, end time.Time) string {
	if d.outcome == nil || d.outcome.Choice == nil || d.outcome.Handoff == "" {
		return ""
	}
	owner, state, due := d.outcome.Choice.Owner, d.outcome.State, d.outcome.DueAt
	for i := range d.after {
		st := &d.after[i]
		if st.recorded.After(end) || st.record.State == "" {
			continue
		}
		state = st.record.State
		if st.record.Choice != nil {
			owner = st.record.Choice.Owner
		}
	}
	switch state {
	case routing.Open, routing.Accepted:
		when := fmt.Sprintf("is due on %s", t.day(due))
		if due.Before(end) {
			when = fmt.Sprintf("was due on %s, %s ago", t.day(due), prose.For(end.Sub(due)))
		}
		return fmt.Sprintf("%s has the handoff of %s, %s; the first outreach %s.",
			t.person(owner), d.decision.Play, map[routing.State]string{routing.Open: "not answered", routing.Accepted: "accepted"}[state], when)
	case routing.Contacted:
		return fmt.Sprintf("%s has the handoff of %s and has reached out; what comes of it is open.", t.person(owner), d.decision.Play)
	}
	return ""
}

// day is one of the zone that was asked in.
func (t *teller) day(at time.Time) string {
	return at.In(t.answer.Now.Location()).Format("Monday, 2 January 2006")
}

// touchLine tells one touch.
func (t *teller) touchLine(ctx context.Context, x *touch.Touch) TouchLine {
	who := x.Subject
	// Where nobody can tell whom an operator parted, it is told of whom it names.
	parted, _ := t.reader.Parted(ctx, x)
	if strongest := subject.StrongestPerson(x, parted...); strongest != "" {
		who = strongest
	}
	return TouchLine{ID: x.ID, Time: x.Time, RecordedAt: x.RecordedAt, Kind: x.Kind, Who: t.nameAt(ctx, who, x.Time), Subject: x.Subject,
		Source: x.Source, EventID: x.EventID, Contract: x.Contract}
}

func (t *teller) byID(ctx context.Context, id touch.ID) TouchLine {
	if x := t.past.byID[id]; x != nil {
		return t.touchLine(ctx, x)
	}
	return TouchLine{ID: id, Missing: true}
}

// name is what a person is called, with the title; the id's own key where nobody has told a name.
func (t *teller) name(ctx context.Context, id string) string { return t.nameAt(ctx, id, t.answer.Now) }

func (t *teller) nameAt(ctx context.Context, id string, at time.Time) string {
	if id == "" || subject.IsCompany(id) {
		return subject.KeyOf(id)
	}
	key := id + at.Format("2006-01-02")
	if n, ok := t.names[key]; ok {
		return n
	}
	name := subject.KeyOf(id)
	p, err := t.reader.At(ctx, id, at.UnixMilli())
	if err == nil {
		regs := map[string]account.Register{}
		for _, step := range append(slices.Clone(p.Path), id) {
			it, err := t.reader.Item(ctx, step)
			if err != nil || subject.IsCompany(step) {
				continue
			}
			for f, r := range it.Fields {
				account.Write(regs, f, r)
			}
		}
		if n := regs["name"].Value; n != "" {
			name = n
			if title := regs["title"].Value; title != "" {
				name += " (" + title + ")"
			}
		} else if subject.KindOf(p.Person) == subject.Email {
			name = subject.KeyOf(p.Person)
		} else if subject.KindOf(id) == subject.Anonymous {
			name = "an anonymous visitor"
		}
	}
	t.names[key] = name
	return name
}

// person is a member of a team by name, however a tool calls them: of today's teams, or of those of then.
func (t *teller) person(id string) string {
	teams := t.policy.Teams.Teams
	for _, r := range t.rulings {
		if r.policy != nil {
			teams = append(slices.Clip(teams), r.policy.Teams.Teams...)
		}
	}
	for _, team := range teams {
		for _, m := range team.Members {
			if m.Name != "" && (strings.EqualFold(m.Email, id) || m.CRM != "" && m.CRM == id) {
				return m.Name
			}
		}
	}
	return id
}
