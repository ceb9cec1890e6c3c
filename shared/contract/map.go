package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"handoff/shared/touch"
)

// Limits of what a touch carries over from a payload; the archive keeps the payload itself.
const (
	maxProps = 64
	maxProp  = 1 << 10 // bytes of one property
)

// draft is what a touch has of its event whatever the rule.
type draft struct {
	producer  string
	time      time.Time
	sum       string
	test      bool
	delivered time.Time
	event     string
}

// apply appends the rule's touches; their ordinals go on from those that the event has already made.
func (x *rule) apply(c *Contract, r *record, d draft, made []touch.Touch) ([]touch.Touch, *Failure) {
	if x.each == nil {
		t, f := x.touch(c, r, d, len(made))
		return append(made, t), f
	}
	list := r.at(x.each)
	if list.kind != array || len(list.members) == 0 {
		return nil, &Failure{Code: Schema, Field: x.each.text, Reason: fmt.Sprintf("The field is %v; want an array with at least one element.", list.kind)}
	}
	for i := range list.members {
		one := *r
		one.item = &list.members[i].val
		t, f := x.touch(c, &one, d, len(made))
		if f != nil {
			return nil, f
		}
		made = append(made, t)
	}
	return made, nil
}

func (x *rule) touch(c *Contract, r *record, d draft, ordinal int) (touch.Touch, *Failure) {
	t := touch.Touch{ProducerID: d.producer, Time: d.time, Ordinal: ordinal, Digest: d.sum, Contract: c.id, EventID: d.event}
	var f *Failure
	if x.producer != c.producer {
		if t.ProducerID, f = x.producer.read(r, d.sum); f != nil {
			return t, f
		}
	}
	if len(c.clocks) == 0 || &x.clocks[0] != &c.clocks[0] {
		if t.Time, f = eventTime(x.clocks, r, d.delivered); f != nil {
			return t, f
		}
	}
	t.Kind = x.kind.eval(r)
	if !slices.Contains(touch.Kinds, t.Kind) {
		return t, &Failure{Code: Schema, Field: x.kind.place(), Reason: "The field does not give a known kind of touch."}
	}
	if t.Source = x.source.eval(r); t.Source == "" {
		t.Source = c.Name
	}
	t.SourceType = x.sourceType.eval(r)
	t.ID = touch.NewID(t.Source, t.SourceType, t.ProducerID, ordinal)
	if t.Subject, f = x.whom(r); f != nil {
		return t, f
	}
	for i := range x.links {
		if l := x.links[i].read(r); l != "" && l != t.Subject && !slices.Contains(t.Links, l) {
			t.Links = append(t.Links, l)
		}
	}
	unnamed(&t)
	t.Person, t.Company = readFields(x.person, r), readFields(x.company, r)
	if t.Opportunity, f = x.opportunity.read(r); f != nil {
		return t, f
	}
	if t.Money, f = x.money.read(r); f != nil {
		return t, f
	}
	if t.Feedback, f = x.feedback.read(r, t.Kind); f != nil {
		return t, f
	}
	t.Channel, t.Campaign, t.URL = x.channel.eval(r), x.campaign.eval(r), clip(x.url.eval(r))
	t.Props = x.properties(r)
	t.Test = d.test || x.test.eval(r) == "true"
	return t, nil
}

func (x *rule) whom(r *record) (string, *Failure) {
	for i := range x.subject {
		if id := x.subject[i].read(r); id != "" {
			return id, nil
		}
	}
	return "", &Failure{Code: NoSubject, Field: strings.Join(refPlaces(x.subject), " or "),
		Reason: "The event names nobody whom it concerns: the ids are missing, or are fillers such as null, undefined or anonymous."}
}

func readFields(fields []field, r *record) map[string]string {
	var out map[string]string
	for _, f := range fields {
		if s := f.of.eval(r); s != "" {
			if out == nil {
				out = make(map[string]string, len(fields))
			}
			out[f.name] = clip(s)
		}
	}
	return out
}

func (x *rule) properties(r *record) map[string]any {
	var out map[string]any
	put := func(name string, v *value) {
		if len(out) >= maxProps {
			return
		}
		if out == nil {
			out = map[string]any{}
		}
		switch v.kind {
		case text:
			out[name] = clip(v.text)
		case number:
			out[name] = json.Number(v.text)
		case boolean:
			out[name] = v.text == "true"
		}
	}
	for _, p := range x.props {
		if p.path != nil {
			put(p.name, r.at(p.path))
		} else if s := p.of.eval(r); s != "" {
			put(p.name, &value{kind: text, text: s})
		}
	}
	for i := range x.propsFrom {
		from := r.at(&x.propsFrom[i])
		if from.kind != object {
			continue
		}
		for j := range from.members {
			if m := &from.members[j]; m.key != "" {
				if _, ok := out[m.key]; !ok {
					put(m.key, from.get(m.key))
				}
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// clip bounds a text, at the end of a character.
func clip(s string) string {
	if len(s) <= maxProp {
		return s
	}
	return strings.ToValidUTF8(s[:maxProp], "")
}
