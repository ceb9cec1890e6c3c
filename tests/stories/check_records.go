package stories

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// records matches what route recorded with what is expected of it, one to one.
func (p *play) records(sc *Scene, want []*Expect) {
	p.t.Helper()
	got := p.news()
	var wrong []string
	for _, e := range want {
		i := slices.IndexFunc(got, func(r routing.Record) bool { d, err := p.differs(sc, e, &r); return err == nil && d == "" })
		if i >= 0 {
			got = slices.Delete(got, i, i+1)
			continue
		}
		// The nearest is the one of the same play, or of any.
		why := "no such thing was recorded"
		for i := range got {
			d, err := p.differs(sc, e, &got[i])
			if err != nil {
				why = err.Error()
				break
			}
			if strings.Contains(e.Phrase, got[i].Play+" "+got[i].Outcome) {
				why = d
				break
			}
		}
		wrong = append(wrong, fmt.Sprintf("- line %d  %s\n      %s", e.Line, e.Text, why))
	}
	for i := range got {
		if got[i].Outcome != routing.Observed { // that nobody is contacted by a play which only looks on goes without saying
			wrong = append(wrong, "+          "+p.tell(&got[i]))
		}
	}
	if len(wrong) > 0 {
		p.t.Errorf("%s:%d: expected (-) and recorded (+) differ:\n    %s", p.story.File, sc.Line, strings.Join(wrong, "\n    "))
	}
}

// whose is the account that an expectation names, and the rest of its phrase.
func (p *play) whose(e *Expect) (account, phrase string, err error) {
	who, rest, ok := strings.Cut(e.Phrase, ": ")
	if !ok {
		return p.story.Account, e.Phrase, nil
	}
	account, err = subjectOf(who)
	return account, rest, err
}

// differs says in what a record is not what is expected; "" where it is.
func (p *play) differs(sc *Scene, e *Expect, r *routing.Record) (string, error) {
	account, phrase, err := p.whose(e)
	if err != nil {
		return "", err
	}
	var out []string
	is := func(key, got, want string) {
		if got != want {
			out = append(out, fmt.Sprintf("%s is %q, want %q", key, got, want))
		}
	}
	is("account", r.Account, account)
	is("play and outcome", strings.TrimSpace(r.Play+" "+r.Outcome), phrase)
	choice := r.Choice
	if choice == nil {
		choice = &routing.Choice{}
	}
	var decision *event.Decision
	if r.Decision != "" {
		decision = p.decision(r)
	}
	for _, d := range e.Details {
		switch d.Key {
		case "to", "would go to":
			is(d.Key, choice.Owner, d.Value)
		case "team":
			is(d.Key, choice.Team, d.Value)
		case "how":
			is(d.Key, choice.How, d.Value)
		case "by":
			is(d.Key, r.By, d.Value)
		case "state":
			is(d.Key, string(r.State), d.Value)
		case "person":
			id, err := subjectOf(d.Value)
			if err != nil {
				return "", err
			}
			is(d.Key, r.Person, id)
		case "stops":
			var stops []string
			for _, s := range r.Stops {
				stops = append(stops, s.Outcome)
			}
			is(d.Key, strings.Join(stops, " + "), d.Value)
		case "passed over":
			found := slices.ContainsFunc(choice.Rejected, func(x routing.Rejection) bool { return x.Who+" "+x.Why == d.Value })
			if !found {
				out = append(out, fmt.Sprintf("passed over are %v, want %q", choice.Rejected, d.Value))
			}
		case "because":
			if !strings.Contains(r.Reason, d.Value) {
				out = append(out, fmt.Sprintf("the reason is %q, want in it %q", r.Reason, d.Value))
			}
		case "due", "at":
			at, err := p.moment(d.Value, sc.At)
			if err != nil {
				return "", err
			}
			got := r.At
			if d.Key == "due" {
				got = r.DueAt
			}
			is(d.Key, p.stamp(got), p.stamp(at))
		case "asset":
			is(d.Key, p.asset(r.Handoff), d.Value)
		case "score", "band", "fit", "interest":
			if decision == nil {
				return "", fmt.Errorf("%s is no decision, so it has no %s", phrase, d.Key)
			}
			is(d.Key, figure(&decision.Evaluation, d.Key), d.Value)
		default:
			return "", fmt.Errorf("%q is nothing that can be expected of a play", d.Key)
		}
	}
	return strings.Join(out, "; "), nil
}

// decision is the one that a record is of. One and the same stands under two accounts where its evidence moved.
func (p *play) decision(r *routing.Record) *event.Decision {
	var found *event.Decision
	for row := range p.Rows() {
		if row.Type != ledger.Decision || row.ID != r.Decision {
			continue
		}
		var d event.Decision
		if err := json.Unmarshal(row.Body, &d); err != nil {
			p.t.Fatal(err)
		}
		if found == nil || d.Account == r.Account {
			found = &d
		}
	}
	return found
}

// tell is a record in a story's words.
func (p *play) tell(r *routing.Record) string {
	s := "=> "
	if r.Account != p.story.Account {
		kind, key := subject.KindOf(r.Account), subject.KeyOf(r.Account)
		if kind == subject.Account || kind == subject.Email {
			s += key + ": "
		} else {
			s += r.Account + ": "
		}
	}
	s += strings.TrimSpace(r.Play + " " + r.Outcome)
	add := func(key, v string) {
		if v != "" {
			s += ", " + key + ": " + v
		}
	}
	if r.Choice != nil {
		add("to", r.Choice.Owner)
		add("how", r.Choice.How)
	}
	if !r.DueAt.IsZero() {
		add("due", p.stamp(r.DueAt))
	}
	add("by", r.By)
	add("asset", p.asset(r.Handoff))
	add("at", p.stamp(r.At))
	return s + "\n      " + r.Reason
}

func (p *play) stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.In(p.story.Zone).Format("Monday 2 January 2006 15:04:05")
}

// asset is what a nurture sends.
func (p *play) asset(handoff string) string {
	for _, e := range p.Told(event.NurtureEnrolled) {
		if d, err := event.Decode[event.HandoffDetail](&e, event.NurtureEnrolled); err == nil && d.ID == handoff {
			return d.Asset
		}
	}
	return ""
}
