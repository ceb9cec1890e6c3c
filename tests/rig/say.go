package rig

import (
	"encoding/json"
	"maps"
	"time"

	"handoff/shared/event"
	"handoff/shared/subject"
	"handoff/shared/touch"
)

// With is more that a touch says, by the fields of the canonical touch event (events/schemas/Touch.schema.json).
type With map[string]any

// Say is a canonical touch event of a tool of one's own, delivered at the moment it happened. id is the producer's;
// who is a subject.
func Say(id, kind, who string, at time.Time, more ...With) event.Envelope {
	d := map[string]any{"id": id, "kind": kind, "time": at.UTC().Format(time.RFC3339Nano), "subject": who}
	for _, m := range more {
		maps.Copy(d, m)
	}
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // the tests' own literals
	}
	return event.Envelope{Source: "acme.app", DetailType: "Touch", Time: at, Detail: b}
}

// Late is the same event, delivered later.
func Late(e event.Envelope, at time.Time) event.Envelope {
	e.Time = at
	return e
}

// Person and Company say registers; Deal a deal, with an amount in minor units of US dollars unless it is 0.
func Person(kv ...string) With  { return With{"person": pairs(kv)} }
func Company(kv ...string) With { return With{"company": pairs(kv)} }

// Deal says a deal's status and amount.
func Deal(id, status string, minor int64) With {
	o := map[string]any{"id": subject.New(subject.Opportunity, id)}
	if status != "" {
		o["status"] = status
	}
	if minor != 0 {
		o["amount"] = map[string]any{"minor": minor, "currency": "USD"}
	}
	return With{"opportunity": o}
}

// Answers names the handoff that a feedback touch answers.
func Answers(play, rep, reason string) With {
	f := map[string]any{"play": play, "rep": rep}
	if reason != "" {
		f["reason"] = reason
	}
	return With{"feedback": f}
}

// Links says which other subjects the touch's own is, or belongs to.
func Links(ids ...string) With { return With{"links": ids} }

func pairs(kv []string) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(kv); i += 2 {
		out[kv[i]] = kv[i+1]
	}
	return out
}

// TouchID is the id that Say's touch will have.
func TouchID(id, kind string) touch.ID { return touch.NewID("acme.app", kind, id, 0) }

// Raw is an event as a tool puts it.
func Raw(source, detailType, detail string, at time.Time) event.Envelope {
	return event.Envelope{Source: source, DetailType: detailType, Time: at, Detail: json.RawMessage(detail)}
}
