package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"handoff/infra/prose"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// decision tells one in full.
func (p *printer) decision(i int) {
	d := &p.Decisions[i]
	e := &d.Decision.Evaluation
	p.line(fmt.Sprintf("%d. ", i+1), "   ", "%s  %s: %s", p.clock(d.MadeAt), d.Decision.Play, p.done(d))
	in, item, sub := "   ", "   - ", "     "
	if d.Play.Description != "" {
		p.line(in, in, "The play: %s", d.Play.Description)
	}
	p.line(in, in, "Why: %s", d.Decision.Reason)
	for _, g := range d.Grounds {
		p.line(item, sub, "%s", p.touch(g, d.MadeAt))
	}
	p.line(in, in, "Score %d = fit %d + interest %d: band %s, fit/interest %s%s.", e.Score, e.Fit, e.Interest, e.Band, e.Quadrant, stages(e.Stages))
	for _, r := range d.Rules {
		p.line(fmt.Sprintf("   %+4d  ", r.Points), "         ", "%s%s", r.Text, ruleText(r.Policy))
		for _, t := range r.Touches {
			if !slices.ContainsFunc(d.Grounds, func(g TouchLine) bool { return g.ID == t.ID }) {
				p.line("         ", "         ", "%s", p.touch(t, d.MadeAt))
			}
		}
	}
	p.signals(d.Signals, d.Grounds, d.MadeAt, in)
	p.playbooks(e, in, in)
	p.places(e, d.MadeAt, in, in)
	if s := purchase(e); s != "" {
		p.line(in, in, "%s", s)
	}
	var rest []string
	if len(e.NotFired) > 0 {
		rest = append(rest, "Did not count: "+strings.Join(e.NotFired, ", ")+".")
	}
	if len(e.Unknown) > 0 {
		rest = append(rest, "Unknown: "+strings.ReplaceAll(strings.Join(e.Unknown, ", "), "_", " ")+".")
	}
	if len(rest) > 0 {
		p.line(in, in, "%s", strings.Join(rest, " "))
	}
	p.content(d, in)
	p.packet(d, in)
	p.choice(d)
	p.followed(d)
	p.knowledge(d)
	p.policy(d)
	p.gap()
}

// purchase says who takes part in one and how well open deals are understood. One role alone, with no deal, is no purchase.
func purchase(e *event.Evaluation) string {
	var says []string
	if c := e.Committee; c != nil && (c.Covered > 1 || len(e.Checklists) > 0) {
		says = append(says, "Buying committee: "+c.String()+".")
	}
	for i := range e.Checklists {
		if c := &e.Checklists[i]; i == 0 || c.Deal != e.Checklists[i-1].Deal {
			says = append(says, "Deal "+subject.KeyOf(c.Deal)+": "+c.String()+".")
		} else {
			says = append(says, capital(c.String())+".")
		}
	}
	return strings.Join(says, " ")
}

// ruleText is the entry of a policy's list as it stands there, on one line, without its name, its points and what it is
// described as.
func ruleText(entry string) string {
	var list []yaml.MapSlice
	if err := yaml.UnmarshalWithOptions([]byte(entry), &list, yaml.UseOrderedMap()); err != nil || len(list) != 1 {
		return "" // it was cut out of a file that compiled; where it cannot be read alone, the file tells
	}
	rule := slices.DeleteFunc(list[0], func(e yaml.MapItem) bool {
		return slices.Contains([]any{"rule", "name", "points", "description"}, e.Key)
	})
	if len(rule) == 0 {
		return ""
	}
	text, err := yaml.MarshalWithOptions(rule, yaml.Flow(true))
	if err != nil {
		return ""
	}
	return " [" + strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(text)), "{"), "}") + "]"
}

// stages says where it stood, in which funnel where there are several.
func stages(m map[string]string) string {
	var out []string
	for funnel, s := range m {
		if len(m) > 1 {
			s += " (" + funnel + ")"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	if len(out) == 0 {
		return ""
	}
	return ", stage " + prose.List(out)
}

// done says what was done with a decision.
func (p *printer) done(d *Decision) string {
	o := d.Outcome
	switch {
	case o == nil:
		return "decided, and not routed yet"
	case o.Outcome == routing.Offered:
		return fmt.Sprintf("handed to %s of %s%s, first outreach due by %s", d.Owner, o.Choice.Team, p.after(d), p.near(o.DueAt, d.MadeAt))
	case o.Outcome == routing.EnrolledIn:
		return "enrolled in a nurture sequence" + p.after(d)
	case o.Outcome == routing.Held && d.Word != nil:
		return "held, " + d.Word.Says() + ", not yet acted on"
	case o.Outcome == routing.Held:
		return "held for a person's word"
	case o.Outcome == routing.Observed:
		return "observed only; nobody was contacted"
	}
	return "nobody was contacted"
}

// after says when something was done that a person let go first.
func (p *printer) after(d *Decision) string {
	if d.Outcome.By == "" {
		return ""
	}
	return ", after it was held, on " + p.stamp(d.Outcome.At)
}

// released is who let an enrolment go; of a handoff it stands in why it went to whom.
func released(o *routing.Record) string {
	if o.By == "" || o.Outcome != routing.EnrolledIn {
		return ""
	}
	said, _, ok := strings.Cut(o.Reason, ". Enrolled ")
	if !ok {
		return ""
	}
	return said + "."
}

// touch is one touch in a line: when, who, what, from which tool, and how much later it was heard.
func (p *printer) touch(t TouchLine, decided time.Time) string {
	if t.Missing {
		return "touch " + t.ID.String() + ", which now belongs to another account"
	}
	s := fmt.Sprintf("%s, %s (%s)", p.stamp(t.Time), does(t.Who, t.Kind), t.Source)
	if t.Time.Unix() == 0 {
		s = fmt.Sprintf("%s, the provider told about the company (%s)", p.stamp(t.RecordedAt), t.Source)
	} else if late := t.RecordedAt.Sub(t.Time); late > time.Hour {
		s += fmt.Sprintf(", recorded %s later", prose.For(late))
	}
	return s
}

// choice says who got it, who else could have and why not; or what stood against acting.
func (p *printer) choice(d *Decision) {
	o := d.Outcome
	if o == nil {
		return
	}
	in, item, sub := "   ", "   - ", "     "
	for _, s := range o.Stops {
		gate, gated := strings.CutPrefix(s.Outcome, routing.Gated)
		if gated {
			gate = "gate " + gate
		}
		p.line(item, sub, "Stopped (%s): %s.", strings.ReplaceAll(gate, "_", " "), s.Why)
	}
	if said := released(o); said != "" {
		p.line(in, in, "It was held: %s", said)
	}
	c := o.Choice
	if c == nil {
		return
	}
	verb := "It went to"
	if !d.acted() {
		verb = "It would have gone to"
	}
	p.line(in, in, "%s %s of %s: %s.", verb, d.Owner, c.Team, c.Why)
	for _, r := range c.Rejected {
		p.line(item, sub, "not %s: %s", p.nameOf(d, r.Who), r.Why)
	}
}

// nameOf leaves ids as they are but for those the answer knows by name.
func (p *printer) nameOf(d *Decision, who string) string {
	if n := d.people[who]; n != "" {
		return n
	}
	return who
}

// followed says what came of it.
func (p *printer) followed(d *Decision) {
	if !d.acted() {
		return
	}
	in, item, sub := "   ", "   - ", "     "
	switch {
	case !d.Confirmed.IsZero():
		p.line(in, in, "Sent as %s; the destination confirmed it at %s.", d.Outcome.Handoff, p.clock(d.Confirmed))
	default:
		p.line(in, in, "Sent as %s, unconfirmed: no tool has named that id as received.", d.Outcome.Handoff)
	}
	for _, s := range d.Steps {
		reason := s.Reason
		if s.By != "" {
			for id, name := range d.people {
				reason = strings.NewReplacer(id, name, capital(id), name).Replace(reason)
			}
		}
		p.line(item, sub, "%s  %s", p.clock(s.Time), reason)
	}
}

func (p *printer) knowledge(d *Decision) {
	in, item, sub := "   ", "   - ", "     "
	text := "Known then: folded again today from what was recorded by that moment, it comes to the same evaluation."
	switch {
	case d.Known.AtOnce > 0:
		text = fmt.Sprintf("Known then: %s were recorded in the very moment of the decision, as by a bulk load, and which came first is not known; folded again with all of them it differs: %s.",
			prose.Of(d.Known.AtOnce, "touch"), differs(&d.Decision.Evaluation, d.Known.Then))
	case !d.Known.Same:
		text = fmt.Sprintf("Known then: folded again today from what was recorded by that moment, it does not come to quite the same: %s.", differs(&d.Decision.Evaluation, d.Known.Then))
	}
	now := "Known now"
	if !p.AsKnown.IsZero() {
		now = "Known by " + p.stamp(p.AsKnown)
	}
	p.line(in, in, "%s %s: %s", text, now, lower(d.Known.Verdict))
	for i, t := range d.Known.Late {
		if i == 5 {
			p.line(item, sub, "and %s more", prose.Count(len(d.Known.Late)-i))
			break
		}
		p.line(item, sub, "%s", p.touch(t, d.MadeAt))
	}
}

// differs says in what two evaluations differ.
func differs(then, again *event.Evaluation) string {
	var parts []string
	say := func(what string, a, b any) {
		if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
			parts = append(parts, fmt.Sprintf("%s %s rather than %s", what, or(y, "none"), or(x, "none")))
		}
	}
	say("score", then.Score, again.Score)
	say("band", then.Band, again.Band)
	say("stage", strings.TrimPrefix(stages(then.Stages), ", stage "), strings.TrimPrefix(stages(again.Stages), ", stage "))
	say("motion", then.Motion, again.Motion)
	say("unknown", strings.Join(then.Unknown, " and "), strings.Join(again.Unknown, " and "))
	if len(parts) == 0 {
		parts = append(parts, "the wording or the evidence of a rule")
	}
	return strings.Join(parts, "; ")
}

func (p *printer) policy(d *Decision) {
	in := "   "
	ref := &d.Policy
	text := fmt.Sprintf("Policy: epoch %d", ref.Epoch)
	switch {
	case !ref.At.IsZero():
		text += fmt.Sprintf(", activated by %s on %s (%q)", ref.By, p.stamp(ref.At), ref.Why)
	case ref.Epoch == 0:
		text += " (the default)"
	}
	text += fmt.Sprintf(", rules %s, fold %s", ref.Eval, ref.Fold)
	switch {
	case !ref.AtHand:
		text += ", replaced since; its text is not in the ledger."
	case !ref.Same:
		text += ", replaced since."
	case !ref.SameTeams:
		text += ", in force to this day but for the teams, which have changed."
	default:
		text += ", in force to this day."
	}
	lines := conditionOf(d.Play.Text)
	if len(lines) > 0 {
		text += " The play then:"
	}
	p.line(in, in, "%s", text)
	if i := slices.IndexFunc(ref.Text, func(x Passage) bool { return x.What == "play" }); i >= 0 && len(lines) > 0 {
		p.line("     ", "", "%s:%d", ref.Text[i].File, ref.Text[i].Line)
	}
	for _, l := range lines {
		p.b.WriteString(prose.Clip("     | " + l))
		p.b.WriteByte('\n')
	}
}

// conditionOf is the part of a play's text that says when it is due, and how long evidence counts.
func conditionOf(text string) []string {
	var out []string
	keep := false
	for _, l := range strings.Split(text, "\n") {
		if l = strip(l); l == "" {
			continue
		}
		indent := len(l) - len(strings.TrimLeft(l, " "))
		if indent <= 2 {
			key, _, _ := strings.Cut(strings.TrimSpace(l), ":")
			keep = key == "when" || key == "bands" || key == "act_within" || key == "mode" || key == "hand_raise"
		}
		if keep {
			out = append(out, strings.TrimPrefix(l, "  "))
		}
	}
	return out
}
