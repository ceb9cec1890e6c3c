package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"handoff/shared/account"
	"handoff/shared/condition"
	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// Bounds of the sentence.
const (
	MaxReason  = 300 // characters
	maxClauses = 4
	maxName    = 50 // characters of a company's or a person's
	maxMissing = 120
)

// Actor is who made the touch at which a decision is made. A zero Actor is nobody.
type Actor struct {
	Touch  touch.ID
	Person string            // a subject
	Fields map[string]string // what is known of who is not among the view's people
}

// SaySignal says what signals are inferred from.
func (x *explainer) SaySignal(f *condition.Frame, mask uint64, s *condition.Speech) {
	x.score.SaySignal(f, mask, s)
}

// SayScore says what weighs most.
func (x *explainer) SayScore(f *condition.Frame, s *condition.Speech) { x.score.SayScore(f, s) }

// SayPQL says why playbooks hold.
func (x *explainer) SayPQL(f *condition.Frame, mask uint64, s *condition.Speech) {
	x.score.SayPQL(f, mask, s)
}

// Reason is the one sentence a rep reads: who, what they did, why this play, now. It names days and not how long ago they
// are, since it is read later than it is written: "Initech (SaaS, 250 people) viewed pricing twice between 2 and 4 March
// and Ann Lee (CTO) asked for a demo on 4 March; score 115." It has no word of the policy's own but what the policy says
// for people, and at most MaxReason characters. e is the view's evaluation.
func (p *Policy) Reason(v *account.View, e *event.Evaluation, play string, by Actor) string {
	f := p.frame(v)
	defer p.done(f)
	who, person := company(v), ""
	if subject.IsCompany(v.Account) {
		person = personOf(v, by.Person, by.Fields)
	}
	i := slices.IndexFunc(p.Plays, func(c Play) bool { return c.Name == play })
	if i < 0 || !p.holds(f, i) {
		return fmt.Sprintf("What was due for %s no longer is.", who)
	}
	var s condition.Speech
	p.plays[i].Say(f, (*explainer)(p), &s)
	s.Add(condition.Clause{Does: p.Plays[i].Missing})
	if s.Customer || f.Customer {
		who = "The customer " + who
	}
	tail := ""
	if !f.Customer && e.Score != 0 {
		tail = fmt.Sprintf("; score %d", e.Score)
	}
	return sentence(who, person, tail, by.Touch, s.Clauses, &p.Plays[i])
}

// sentence puts it together: the company's clauses, then what the person did, then the score. What does not fit is left
// out from the end, but what the person did stays, and what the play itself says is missing.
func sentence(who, person, tail string, newest touch.ID, clauses []condition.Clause, play *Play) string {
	var theirs, missing []condition.Clause
	var rest []condition.Clause
	for _, c := range clauses {
		switch {
		case person != "" && newest != (touch.ID{}) && c.By == newest && len(theirs) == 0:
			theirs = append(theirs, c)
		case play.Missing != "" && c.Does == play.Missing:
			missing = append(missing, c)
		default:
			rest = append(rest, c)
		}
	}
	for n := min(len(rest), maxClauses-len(theirs)-len(missing)); ; n-- {
		if text := tell(who, person, append(slices.Clone(rest[:n]), missing...), theirs, play) + tail + "."; n == 0 || len([]rune(text)) <= MaxReason {
			return condition.Short(text, MaxReason)
		}
	}
}

func tell(who, person string, clauses, theirs []condition.Clause, play *Play) string {
	var parts []string
	for _, c := range clauses {
		parts = append(parts, c.Does+c.When)
	}
	switch {
	case len(theirs) == 0 && len(parts) == 0:
		return who + " is due for this: " + cmp.Or(strings.TrimSuffix(condition.Short(play.Description, maxMissing), "."), strings.ReplaceAll(play.Name, "_", " "))
	case len(theirs) == 0:
		return who + " " + list(parts)
	case len(parts) == 0:
		if title, only := strings.CutPrefix(person, "its "); only {
			person = "A " + title
		}
		if strings.HasSuffix(person, "@"+who) {
			return person + " " + theirs[0].Does + theirs[0].When // the address says whose
		}
		return person + " of " + strings.Replace(who, "The customer ", "the customer ", 1) + " " + theirs[0].Does + theirs[0].When
	}
	return who + " " + list(append(parts, person+" "+theirs[0].Does+theirs[0].When))
}

func list(parts []string) string {
	last := len(parts) - 1
	if last == 0 {
		return parts[0]
	}
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// company is the account by name, with its industry and size where they are known: "Initech (SaaS, 250 people)". An
// account that is a person is called as a person.
func company(v *account.View) string {
	f := v.Facts
	name := cmp.Or(f.Field("name"), f.Field("domain"))
	if name == "" && !subject.IsCompany(v.Account) {
		if who := personOf(v, v.Account, nil); who != "" {
			return strings.Replace(who, "its ", "A ", 1)
		}
		return "Somebody whose company is unknown"
	}
	name = condition.Short(cmp.Or(name, subject.KeyOf(v.Account)), maxName)
	var is []string
	if s := f.Field("industry"); s != "" {
		is = append(is, condition.Short(s, maxName))
	}
	switch n := f.Field("employees"); n {
	case "":
	case "1":
		is = append(is, "1 person")
	default:
		is = append(is, condition.Short(n, 12)+" people")
	}
	if len(is) > 0 {
		name += " (" + strings.Join(is, ", ") + ")"
	}
	return name
}

// personOf is a person by name and title, "" where neither these nor an address is known. Of who is not among the view's
// people the fields given count.
func personOf(v *account.View, id string, fields map[string]string) string {
	if id == "" || subject.IsCompany(id) {
		return ""
	}
	for i := range v.People {
		if v.People[i].ID == id {
			fields = v.People[i].Fields
		}
	}
	name, title := condition.Short(fields["name"], maxName), condition.Short(fields["title"], maxName)
	switch {
	case name != "" && title != "":
		return name + " (" + title + ")"
	case title != "":
		return "its " + title
	case name != "":
		return name
	case subject.KindOf(id) == subject.Email:
		return subject.KeyOf(id)
	}
	return ""
}
