package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"handoff/infra/prose"
	"handoff/shared/event"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// printer writes an answer as a colleague would tell it, within 80 columns.
type printer struct {
	*Answer
	b strings.Builder
}

// Print writes the answer for people.
func (a *Answer) Print(w io.Writer) error {
	p := &printer{Answer: a}
	p.head()
	p.short()
	for i := range a.Decisions {
		p.decision(i)
	}
	p.standing()
	p.others()
	p.revenue()
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *printer) line(first, rest, format string, args ...any) {
	p.b.WriteString(prose.Wrap(first, rest, fmt.Sprintf(format, args...)))
	p.b.WriteByte('\n')
}

func (p *printer) gap() { p.b.WriteByte('\n') }

// called is the account as people call it.
func (a *Answer) called() string {
	key := subject.KeyOf(a.Account)
	if a.Name == "" || a.Name == key {
		return key
	}
	return a.Name + " (" + key + ")"
}

func (p *printer) head() {
	about := p.called()
	acted := slices.ContainsFunc(p.Decisions, func(d Decision) bool { return d.acted() })
	switch {
	case p.When == nil && acted:
		p.line("", "", "Why did we contact %s?", about)
	case p.When == nil:
		p.line("", "", "What was done about %s?", about)
	case acted:
		p.line("", "", "Why did we contact %s on %s?", about, p.day())
	default:
		p.line("", "", "Why did we not contact %s on %s?", about, p.day())
	}
	if p.Person != "" {
		p.line("", "", "%s belongs to %s.", p.Person, about)
	}
	p.gap()
}

func (p *printer) day() string {
	if p.When.Moment {
		return p.When.Until.Format("Monday, 2 January 2006 15:04 UTC") + " or in the day before"
	}
	return prose.Day(p.When.From)
}

func (d *Decision) acted() bool {
	return d.Outcome != nil && (d.Outcome.Outcome == routing.Offered || d.Outcome.Outcome == routing.EnrolledIn)
}

// clock is a time on the day asked about, or with its day.
func (p *printer) clock(t time.Time) string {
	if p.When != nil && !p.When.Moment && p.When.contains(t) {
		return t.UTC().Format("15:04")
	}
	return prose.Stamp(t, p.Now)
}

// at is clock in a sentence.
func (p *printer) at(t time.Time) string {
	if p.When != nil && !p.When.Moment && p.When.contains(t) {
		return "at " + t.UTC().Format("15:04")
	}
	return "on " + prose.Stamp(t, p.Now)
}

// near is a time beside another: its day is said only if it differs.
func (p *printer) near(t, other time.Time) string {
	if t.UTC().Truncate(24 * time.Hour).Equal(other.UTC().Truncate(24 * time.Hour)) {
		return t.UTC().Format("15:04")
	}
	return prose.Stamp(t, p.Now)
}

// short is the answer in a few sentences.
func (p *printer) short() {
	var said []string
	for i := range p.Decisions {
		d := &p.Decisions[i]
		if !d.acted() {
			continue
		}
		said = append(said, p.because(d))
	}
	if len(said) == 0 {
		return
	}
	slices.Reverse(said) // the latest is what people remember
	p.line("", "", "%s", said[0])
	for _, s := range said[1:] {
		p.line("", "", "%s", s)
	}
	p.gap()
}

func (p *printer) because(d *Decision) string {
	var b strings.Builder
	if c := d.Cause; c != nil {
		fmt.Fprintf(&b, "Because %s %s", does(c.Who, c.Kind), p.at(c.Time))
	} else {
		fmt.Fprintf(&b, "Because its time came %s", p.at(d.MadeAt))
	}
	switch d.Outcome.Outcome {
	case routing.EnrolledIn:
		fmt.Fprintf(&b, ", the play %s enrolled %s", d.Decision.Play, or(d.Person, "the account"))
	default:
		fmt.Fprintf(&b, ", the play %s gave it to %s of %s", d.Decision.Play, d.Owner, d.Outcome.Choice.Team)
	}
	fmt.Fprintf(&b, ": %s", lower(d.Decision.Reason))
	if s := p.response(d); s != "" {
		b.WriteString(" " + s)
	}
	return b.String()
}

// response says how the team answered.
func (p *printer) response(d *Decision) string {
	var parts []string
	for _, s := range d.Steps {
		took := prose.For(s.Time.Sub(d.Outcome.At))
		switch s.Outcome {
		case "accepted":
			parts = append(parts, fmt.Sprintf("%s accepted after %s", or(s.By, "the team"), took))
		case "first_outreach":
			in := "in time"
			if !d.Outcome.DueAt.IsZero() && s.Time.After(d.Outcome.DueAt) {
				in = "after the deadline"
			}
			parts = append(parts, fmt.Sprintf("the first outreach came after %s, %s", took, in))
		case "rejected":
			parts = append(parts, fmt.Sprintf("%s rejected it after %s", or(s.By, "the team"), took))
		}
	}
	if len(parts) == 0 {
		if d.Outcome.Outcome == routing.Offered {
			return "Nobody answered."
		}
		return ""
	}
	return capital(strings.Join(parts, "; ")) + "."
}

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
	p.choice(d)
	p.followed(d)
	p.knowledge(d)
	p.policy(d)
	p.gap()
}

// ruleText is the rule as the policy has it, on one line, without its name and points.
func ruleText(yaml string) string {
	var parts []string
	for i, l := range strings.Split(yaml, "\n") {
		l = strings.TrimSpace(l)
		if i == 0 || l == "" || strings.HasPrefix(l, "points:") {
			continue
		}
		parts = append(parts, l)
	}
	if len(parts) == 0 {
		return ""
	}
	return " [" + strings.Join(parts, ", ") + "]"
}

func stages(m map[string]string) string {
	var out []string
	for _, s := range m {
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
		return fmt.Sprintf("handed to %s of %s, first outreach due by %s", d.Owner, o.Choice.Team, p.near(o.DueAt, d.MadeAt))
	case o.Outcome == routing.EnrolledIn:
		return "enrolled in a nurture sequence"
	case o.Outcome == routing.Observed:
		return "observed only; nobody was contacted"
	}
	return "nobody was contacted"
}

// touch is one touch in a line: when, who, what, from which tool, and how much later it was heard.
func (p *printer) touch(t TouchLine, decided time.Time) string {
	if t.Missing {
		return "touch " + t.ID.String() + ", which now belongs to another account"
	}
	s := fmt.Sprintf("%s, %s (%s)", prose.Stamp(t.Time, p.Now), does(t.Who, t.Kind), t.Source)
	if t.Time.Unix() == 0 {
		s = fmt.Sprintf("%s told %s (%s)", prose.Stamp(t.RecordedAt, p.Now), "about the company", t.Source)
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
	p.line(in, in, "%s Known now: %s", text, lower(d.Known.Verdict))
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
	ref := d.Decision.Evaluation.Policy
	text := fmt.Sprintf("Policy: epoch %d, rules %s, fold %s", ref.Epoch, ref.Eval, ref.Fold)
	switch {
	case d.Play.SamePolicy:
		text += ", in force to this day."
	case d.Play.AtHand:
		text += ", replaced since."
	default:
		text += ", replaced since; its text is not in the ledger."
	}
	if d.Play.Text != "" {
		text += " The play then:"
	}
	p.line(in, in, "%s", text)
	for _, l := range conditionOf(d.Play.Text) {
		p.b.WriteString(prose.Clip("     | " + l))
		p.b.WriteByte('\n')
	}
}

// conditionOf is the part of a play's text that says when it is due, and how long evidence counts.
func conditionOf(text string) []string {
	var out []string
	keep := false
	for _, l := range strings.Split(text, "\n") {
		if l == "" {
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

// standing says how the account stood where nothing, or not all, was done.
func (p *printer) standing() {
	s := p.Standing
	if s == nil || p.One {
		return
	}
	acted := slices.ContainsFunc(p.Decisions, func(d Decision) bool { return d.acted() })
	if acted && p.When != nil && !p.When.Moment {
		return // the decisions say it all
	}
	when, known := "Now", "known now"
	if p.When != nil {
		known = "known then"
		when = "At the end of that day"
		if p.When.Moment {
			when = "At that moment"
		}
	} else {
		when += ", " + prose.Stamp(s.At, time.Time{})
	}
	if s.Nothing {
		p.line("", "", "%s nothing was known of it yet: no touch had been recorded.", when)
		p.gap()
		return
	}
	e := &s.Evaluation
	p.line("", "", "%s: score %d = fit %d + interest %d, band %s%s, by %s %s.", when, e.Score, e.Fit, e.Interest, e.Band, stages(e.Stages), prose.Of(p.Touches, "touch"), known)
	for _, r := range e.Rules {
		p.line(fmt.Sprintf("   %+4d  ", r.Points), "         ", "%s", r.Text)
	}
	for _, w := range s.Why {
		p.line("- ", "  ", "%s", w)
	}
	if p.When != nil {
		p.line("- ", "  ", "%s", p.heard())
	}
	p.gap()
}

// heard says what was seen of the account in the time asked about.
func (p *printer) heard() string {
	if len(p.InTime) == 0 {
		return "Nothing was seen of it in that time."
	}
	var kinds []string
	count := map[string]int{}
	for _, t := range p.InTime {
		if count[t.Kind]++; count[t.Kind] == 1 {
			kinds = append(kinds, t.Kind)
		}
	}
	var parts []string
	for _, k := range kinds {
		s := strings.ReplaceAll(k, "_", " ")
		if count[k] > 1 {
			s += fmt.Sprintf(" × %d", count[k])
		}
		parts = append(parts, s)
	}
	return "Seen in that time: " + strings.Join(parts, ", ") + "."
}

// others lists the rest of its decisions.
func (p *printer) others() {
	if len(p.Others) == 0 {
		if len(p.Decisions) == 0 {
			p.line("", "", "No decision was ever made about it.")
		}
		return
	}
	p.line("", "", "Other decisions about it:")
	for _, l := range p.Others {
		p.line("  ", "      ", "%s  %s: %s", prose.Stamp(l.MadeAt, p.Now), l.Play, strings.ReplaceAll(strings.TrimPrefix(l.Outcome, routing.Gated), "_", " "))
	}
}

// shownRevenue is how many conversions the text names.
const shownRevenue = 3

// revenue says what came of it in money.
func (p *printer) revenue() {
	if len(p.Revenue) == 0 {
		return
	}
	var parts []string
	for i, r := range p.Revenue {
		if i == shownRevenue {
			parts = append(parts, fmt.Sprintf("and %s more", prose.Count(len(p.Revenue)-i)))
			break
		}
		s := fmt.Sprintf("%s, %s business of %s", prose.Stamp(r.Time, p.Now), r.Type, r.Amount)
		if r.First != r.Amount {
			s += fmt.Sprintf(" (told as %s before)", r.First)
		}
		parts = append(parts, s)
	}
	p.gap()
	p.line("", "  ", "Revenue since: %s.", strings.Join(parts, "; "))
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// lower begins a sentence inside another; a name keeps its capital.
func lower(s string) string {
	first, _, _ := strings.Cut(s, " ")
	switch strings.ToLower(first) {
	case "nothing", "demo", "contact", "score", "usage", "activated", "won", "a", "no", "there":
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
