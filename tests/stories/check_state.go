package stories

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"handoff/infra/aside"
	"handoff/infra/explain"
	"handoff/shared/event"
	"handoff/shared/subject"
)

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
