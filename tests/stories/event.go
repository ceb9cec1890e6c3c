package stories

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
	"handoff/tests/rig"
)

// envelope is the event that a scene puts on the bus, as a tool of one's own puts it.
func (p *play) envelope(sc *Scene) (event.Envelope, error) {
	id := sc.What.Get("id")
	if id == "" {
		id = "line-" + strconv.Itoa(sc.Line)
	}
	if kind, about := kindOf(sc.What.Phrase, answers); kind != "" {
		return p.answer(sc, id, kind, about)
	}
	kind, more := kindOf(sc.What.Phrase, verbs)
	if kind == "" || more != "" {
		return event.Envelope{}, fmt.Errorf("nobody can %q; words.go has what people do", sc.What.Phrase)
	}
	who, err := subjectOf(sc.Who)
	if err != nil {
		return event.Envelope{}, err
	}
	at := sc.At
	said := []rig.With{}
	person, company, deal := rig.With{}, rig.With{}, rig.With{}
	if subject.KindOf(who) == subject.Opportunity {
		deal["id"] = who
		deal["status"] = "open"
		switch kind {
		case touch.OpportunityWon:
			deal["status"] = "won"
		case touch.OpportunityLost:
			deal["status"] = "lost"
		case touch.RefundIssued:
			delete(deal, "status")
		}
	}
	for _, d := range sc.What.Details {
		switch {
		case d.Key == "id":
		case d.Key == "happened":
			if at, err = p.moment(d.Value, sc.At); err != nil {
				return event.Envelope{}, err
			}
		case d.Key == "also" || d.Key == "of":
			var ids []string
			for _, s := range strings.Split(d.Value, " + ") {
				id, err := subjectOf(s)
				if err != nil {
					return event.Envelope{}, err
				}
				ids = append(ids, id)
			}
			said = append(said, rig.Links(ids...))
		case d.Key == "test":
			said = append(said, rig.With{"test": d.Value == "yes"})
		case slices.Contains([]string{"channel", "campaign", "url", "invoice", "invoice_type"}, d.Key):
			said = append(said, rig.With{d.Key: d.Value})
		case d.Key == "amount" || d.Key == "money":
			m, err := money(d.Value)
			if err != nil {
				return event.Envelope{}, err
			}
			if len(deal) > 0 && d.Key == "amount" && kind != touch.RefundIssued {
				deal["amount"] = m
			} else {
				said = append(said, rig.With{"money": m})
			}
		case len(deal) > 0 && strings.HasPrefix(d.Key, "answers."):
			answers, _ := deal["answers"].(rig.With)
			if answers == nil {
				answers = rig.With{}
			}
			answers[strings.TrimPrefix(d.Key, "answers.")] = d.Value
			deal["answers"] = answers
		case len(deal) > 0 && slices.Contains([]string{"type", "owner", "stage", "name", "status", "close_date"}, d.Key):
			deal[d.Key] = d.Value
		case strings.HasPrefix(d.Key, "company.") || subject.IsCompany(who) && slices.Contains(account.CompanyFields, d.Key):
			company[strings.TrimPrefix(d.Key, "company.")] = d.Value
		case !subject.IsCompany(who) && slices.Contains(account.PersonFields, d.Key):
			person[d.Key] = d.Value
		default:
			return event.Envelope{}, fmt.Errorf("%q says nothing about %s that is known", d.Key, sc.Who)
		}
	}
	for key, fields := range map[string]rig.With{"person": person, "company": company, "opportunity": deal} {
		if len(fields) > 0 {
			said = append(said, rig.With{key: fields})
		}
	}
	return rig.Late(rig.Say(id, kind, who, at, said...), sc.At), nil
}

// answer is what a team's tool says of a handoff.
func (p *play) answer(sc *Scene, id, kind, about string) (event.Envelope, error) {
	who, at, reason := p.story.Account, sc.At, ""
	var err error
	for _, d := range sc.What.Details {
		switch d.Key {
		case "id":
		case "of":
			who, err = subjectOf(d.Value)
		case "reason":
			reason = d.Value
		case "happened":
			at, err = p.moment(d.Value, sc.At)
		default:
			err = fmt.Errorf("%q says nothing about a handoff", d.Key)
		}
		if err != nil {
			return event.Envelope{}, err
		}
	}
	if who == "" || about == "" {
		return event.Envelope{}, fmt.Errorf("say which play is answered (accepts mql), and of whom: of: initech.example")
	}
	return rig.Late(rig.Say(id, kind, who, at, rig.Answers(about, sc.Who, reason)), sc.At), nil
}

// money reads "9000.00 USD".
func money(s string) (map[string]any, error) {
	amount, currency, ok := strings.Cut(strings.ReplaceAll(s, ",", ""), " ")
	if !ok || len(currency) != 3 {
		return nil, fmt.Errorf("%q is no amount; write 9000.00 USD", s)
	}
	return map[string]any{"amount": amount, "currency": currency}, nil
}

// moments are how a story writes a time; what is left out is that of the scene.
var moments = []string{"15:04", "15:04:05", "2 January 15:04", "2 January 2006 15:04", "2 January 2006 15:04:05"}

// moment reads a time of the story's place. A weekday before it is held to the calendar.
func (p *play) moment(s string, beside time.Time) (time.Time, error) {
	text := s
	day, rest, _ := strings.Cut(s, " ")
	weekday := slices.IndexFunc([]time.Weekday{0, 1, 2, 3, 4, 5, 6}, func(d time.Weekday) bool { return strings.EqualFold(d.String(), day) })
	if weekday >= 0 {
		text = rest
	}
	beside = beside.In(p.story.Zone)
	for _, layout := range moments {
		t, err := time.ParseInLocation(layout, text, p.story.Zone)
		if err != nil {
			continue
		}
		y, m, d := t.Date()
		if !strings.Contains(layout, "2006") {
			y = beside.Year()
		}
		if !strings.Contains(layout, "January") {
			m, d = beside.Month(), beside.Day()
		}
		t = time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, p.story.Zone)
		if weekday >= 0 && t.Weekday() != time.Weekday(weekday) {
			return t, fmt.Errorf("%s is a %s", t.Format("2 January 2006"), t.Weekday())
		}
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 14:30, or Thursday 5 March 14:30", s)
}
