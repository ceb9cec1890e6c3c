package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/infra/aside"
	"handoff/infra/explain"
	"handoff/shared/event"
	"handoff/shared/ledger"
	"handoff/shared/routing"
	"handoff/shared/subject"
)

// check holds what came of a scene to what is expected. What is not expected must not have happened.
func (p *play) check(sc *Scene) {
	p.t.Helper()
	var routed []*Expect
	quarantined := 0
	for i := range sc.Expect {
		e := &sc.Expect[i]
		what := e.Phrase
		if _, after, ok := strings.Cut(what, ": "); ok {
			what = after
		}
		var err error
		switch what {
		case "nothing":
		case "stands":
			err = p.stands(sc, e)
		case "explain":
			err = p.explained(sc, e)
		case "belongs":
			err = p.belongs(sc, e)
		case "worth":
			err = p.worth(e)
		case "quarantined":
			quarantined++
			err = p.quarantine(e)
		case "dead":
			err = p.dead(e)
		default:
			routed = append(routed, e)
		}
		if err != nil {
			p.t.Errorf("%s:%d: %s\n    %v", p.story.File, e.Line, e.Text, err)
		}
	}
	p.records(sc, routed)
	all, err := aside.Quarantined(context.Background(), p.Stack, aside.Filter{Resolved: true})
	if err != nil {
		p.t.Fatal(err)
	}
	if fresh := len(all) - p.quarantined; fresh != quarantined {
		var why []string
		for _, q := range all {
			why = append(why, q.Reason)
		}
		p.t.Errorf("%s:%d: %d events went to quarantine, want %d:\n    %s", p.story.File, sc.Line, fresh, quarantined, strings.Join(why, "\n    "))
	}
	p.quarantined = len(all)
}

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

// figure is one part of an evaluation as text.
func figure(e *event.Evaluation, key string) string {
	switch key {
	case "score":
		return strconv.Itoa(e.Score)
	case "fit":
		return strconv.Itoa(e.Fit)
	case "interest":
		return strconv.Itoa(e.Interest)
	case "band":
		return e.Band
	case "quadrant":
		return e.Quadrant
	case "motion":
		return e.Motion
	case "pql":
		var on []string
		for _, name := range slices.Sorted(maps.Keys(e.PQL)) {
			if e.PQL[name] {
				on = append(on, name)
			}
		}
		if on == nil {
			return "none"
		}
		return strings.Join(on, " + ")
	case "plays":
		if len(e.Plays) == 0 {
			return "none"
		}
		return strings.Join(e.Plays, " + ")
	case "unknown":
		return strings.Join(e.Unknown, " + ")
	case "committee":
		if e.Committee == nil {
			return "nobody"
		}
		return e.Committee.String()
	case "checklists":
		var lists []string
		for i := range e.Checklists {
			lists = append(lists, e.Checklists[i].String())
		}
		return strings.Join(lists, "; ")
	case "stage":
		return strings.Join(slices.Sorted(maps.Values(e.Stages)), " + ")
	}
	if s, ok := e.Stages[key]; ok {
		return s
	}
	for _, r := range e.Rules {
		if r.Rule == key {
			return strconv.Itoa(r.Points)
		}
	}
	return "nothing"
}

// stands compares how an account stands now.
func (p *play) stands(sc *Scene, e *Expect) error {
	account, _, err := p.whose(e)
	if err != nil {
		return err
	}
	now := p.Evaluation(account)
	var wrong []string
	for _, d := range e.Details {
		got := figure(&now, d.Key)
		if d.Key == "rule" {
			rule, points, _ := strings.Cut(d.Value, " = ")
			if g := figure(&now, rule); g != points {
				wrong = append(wrong, fmt.Sprintf("the rule %q gives %s, want %s", rule, g, points))
			}
			continue
		}
		if got != d.Value {
			wrong = append(wrong, fmt.Sprintf("%s is %s, want %s", d.Key, got, d.Value))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	var points []string
	for _, r := range now.Rules {
		points = append(points, fmt.Sprintf("%+d %s", r.Points, r.Text))
	}
	return fmt.Errorf("%s\n    %s", strings.Join(wrong, "\n    "), strings.Join(points, "\n    "))
}

// explained asks handoff explain, and looks for sentences in what it prints.
func (p *play) explained(sc *Scene, e *Expect) error {
	account, _, err := p.whose(e)
	if err != nil {
		return err
	}
	q := explain.Question{Who: account, At: e.Get("at")}
	if k := subject.KindOf(account); k == subject.Account || k == subject.Email {
		q.Who = subject.KeyOf(account)
	}
	if known := e.Get("as known"); known != "" {
		if q.AsKnown, err = p.moment(known, sc.At); err != nil {
			return err
		}
	}
	a, err := explain.Ask(context.Background(), p.Stack, q)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := a.Print(&b); err != nil {
		return err
	}
	flat := strings.Join(strings.Fields(b.String()), " ")
	for _, d := range e.Details {
		says := strings.Contains(flat, d.Value)
		switch {
		case d.Key == "says" && !says:
			return fmt.Errorf("it does not say %q; it says:\n%s", d.Value, b.String())
		case d.Key == "never says" && says:
			return fmt.Errorf("it says %q:\n%s", d.Value, b.String())
		case !slices.Contains([]string{"at", "as known", "says", "never says"}, d.Key):
			return fmt.Errorf("%q is nothing that explain can be asked", d.Key)
		}
	}
	return nil
}

// belongs resolves whose somebody's touches of a time are.
func (p *play) belongs(sc *Scene, e *Expect) error {
	at := sc.At
	var who, to string
	var err error
	for _, d := range e.Details {
		switch d.Key {
		case "who":
			who, err = subjectOf(d.Value)
		case "to":
			to, err = subjectOf(d.Value)
		case "at":
			at, err = p.moment(d.Value, sc.At)
		default:
			err = fmt.Errorf("%q: say who, to and at", d.Key)
		}
		if err != nil {
			return err
		}
	}
	place, err := p.Graph.Reader().At(context.Background(), who, at.UnixMilli())
	if err == nil && place.Root != to {
		err = fmt.Errorf("it belongs to %s, want %s", place.Root, to)
	}
	return err
}

// worth compares the revenue that is credited for a deal.
func (p *play) worth(e *Expect) error {
	id, err := subjectOf(e.Get("deal"))
	if err != nil {
		return err
	}
	a, ok := p.Attributed()[id]
	if !ok {
		return fmt.Errorf("no revenue of %s is credited; there is that of %v", id, slices.Sorted(maps.Keys(p.Attributed())))
	}
	if got := strings.ReplaceAll(a.Amount.String(), ",", ""); got != e.Get("amount") {
		return fmt.Errorf("it is worth %s", got)
	}
	if to := e.Get("account"); to != "" {
		if want, err := subjectOf(to); err != nil || a.Account != want {
			return fmt.Errorf("it is credited to %s, %v", a.Account, err)
		}
	}
	return nil
}

// quarantine looks for an event in quarantine.
func (p *play) quarantine(e *Expect) error {
	all, err := aside.Quarantined(context.Background(), p.Stack, aside.Filter{Resolved: true})
	if err != nil {
		return err
	}
	var why []string
	for _, q := range all {
		if q.Code == e.Get("code") {
			return nil
		}
		why = append(why, q.Code+": "+q.Reason)
	}
	return fmt.Errorf("none has the code %q:\n    %s", e.Get("code"), strings.Join(why, "\n    "))
}

// dead counts the dead letters.
func (p *play) dead(e *Expect) error {
	letters, err := aside.Letters(context.Background(), p.Stack, e.Get("of"))
	if err != nil {
		return err
	}
	got := len(letters)
	if p.times > Once && got > 0 {
		got = (got + int(p.times) - 1) / int(p.times) // a second delivery may die too
	}
	if strconv.Itoa(got) != e.Get("letters") {
		return fmt.Errorf("there are %d", len(letters))
	}
	return nil
}
