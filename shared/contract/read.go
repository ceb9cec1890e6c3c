package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"handoff/shared/event"
	"handoff/shared/pattern"
)

// scratch is what one Read needs and the next may use again.
type scratch struct {
	buf []byte
	ev  pattern.Event
}

var pool = sync.Pool{New: func() any { return new(scratch) }}

// Read says what an event makes, an Outcome per record: one, unless its contract splits an array. It depends on the
// contracts and the event alone, and on nothing of the envelope but source, detail-type and, as the clock that the
// event's time is held against, time.
func (s *Set) Read(e *event.Envelope) []Outcome {
	sc := pool.Get().(*scratch)
	defer pool.Put(sc)
	doc, err := parseDoc(e.Detail)
	switch {
	case err != nil:
		return failed(e, nil, &Failure{Code: Malformed, Field: "detail", Reason: fmt.Sprintf("The detail is not JSON: %v.", err)})
	case doc.kind != object:
		return failed(e, nil, &Failure{Code: Malformed, Field: "detail", Reason: fmt.Sprintf("The detail is %v; an event's detail is an object.", doc.kind)})
	}
	if err := sc.prepare(e, doc.raw); err != nil {
		return failed(e, nil, &Failure{Code: Malformed, Field: "detail", Reason: fmt.Sprintf("The event cannot be read: %v.", err)})
	}
	c, bad := s.Recognise(&sc.ev)
	if bad != nil {
		return failed(e, nil, bad)
	}
	r := record{contract: c.Name, source: e.Source, detailType: e.DetailType, event: &doc, detail: &doc}
	if c.record != nil {
		switch at := r.at(c.record); at.kind {
		case array:
			return c.split(sc, e, &r, at)
		case object:
			r.detail = at
			if err := sc.prepare(e, at.raw); err != nil {
				return failed(e, c, &Failure{Code: Malformed, Field: c.record.text, Reason: fmt.Sprintf("The record cannot be read: %v.", err)})
			}
		}
	}
	return []Outcome{c.read(sc, e, &r)}
}

// split reads each element of an array as an event of its own, so that a broken one holds up none of the others.
func (c *Contract) split(sc *scratch, e *event.Envelope, whole *record, list *value) []Outcome {
	if len(list.members) == 0 {
		return []Outcome{{Event: e, Contract: c.id, Owner: c.Owner, Ignored: "The list of records is empty: there is nothing in the event."}}
	}
	out := make([]Outcome, len(list.members))
	for i := range list.members {
		v := &list.members[i].val
		field := fmt.Sprintf("%s.%d", c.record.text, i)
		if v.kind != object {
			// The whole event stays, since the element alone could not be an event's detail.
			out[i] = failed(e, c, &Failure{Code: Schema, Field: field, Reason: fmt.Sprintf("The record is %v; want an object.", v.kind)})[0]
			continue
		}
		part := *e
		part.Detail = json.RawMessage(v.raw)
		if err := sc.prepare(&part, v.raw); err != nil {
			out[i] = failed(&part, c, &Failure{Code: Malformed, Field: field, Reason: fmt.Sprintf("The record cannot be read: %v.", err)})[0]
			continue
		}
		r := *whole
		r.event, r.detail = v, v
		out[i] = c.read(sc, &part, &r)
	}
	return out
}

func failed(e *event.Envelope, c *Contract, f *Failure) []Outcome {
	o := Outcome{Event: e, Failure: f}
	if c != nil {
		f.Contract, f.Owner = c.id, c.Owner
		o.Contract, o.Owner = c.id, c.Owner
	}
	return []Outcome{o}
}

// prepare makes the event that patterns are matched against: the envelope with raw as its detail.
func (sc *scratch) prepare(e *event.Envelope, raw string) error {
	b := append(sc.buf[:0], `{"source":`...)
	b = appendJSON(b, e.Source)
	b = append(b, `,"detail-type":`...)
	b = appendJSON(b, e.DetailType)
	b = append(b, `,"account":`...)
	b = appendJSON(b, e.Account)
	b = append(b, `,"region":`...)
	b = appendJSON(b, e.Region)
	b = append(b, `,"detail":`...)
	b = append(b, raw...)
	b = append(b, '}')
	sc.buf = b
	return pattern.Parse(b, &sc.ev)
}

func appendJSON(b []byte, s string) []byte {
	for _, r := range s {
		if r < ' ' || r == '"' || r == '\\' || r > '~' {
			quoted, _ := json.Marshal(s) // a string always can be
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// read goes through the contract in the order its manual gives: refuse, require, id and time, ignore, map.
func (c *Contract) read(sc *scratch, e *event.Envelope, r *record) Outcome {
	out := Outcome{Event: e, Contract: c.id, Owner: c.Owner}
	fail := func(f *Failure) Outcome {
		f.Contract, f.Owner = c.id, c.Owner
		return Outcome{Event: e, Contract: c.id, Owner: c.Owner, Failure: f}
	}
	for i := range c.refuse {
		if x := &c.refuse[i]; x.when.Match(&sc.ev) {
			return fail(&Failure{Code: Incomplete, Field: x.field, Reason: x.reason})
		}
	}
	for i := range c.require {
		if f := c.require[i].check(sc, r); f != nil {
			return fail(f)
		}
	}
	for _, detailType := range [...]string{"", e.DetailType} {
		compiled, ok := c.schemas[detailType]
		if !ok {
			continue
		}
		v, err := compiled()
		if err != nil { // the contract's own fault, found by its tests; the event is kept
			return fail(&Failure{Code: Schema, Reason: fmt.Sprintf("The contract's schema cannot be used: %v.", err)})
		}
		if f := v.check(r.detail); f != nil {
			return fail(f)
		}
	}
	for i := range c.volatile {
		c.volatile[i].mark(r)
	}
	sum := digest(r.detail)
	var producer string
	var at time.Time
	var f *Failure
	if c.producer != nil {
		if producer, f = c.producer.read(r, sum); f != nil {
			return fail(f)
		}
	}
	if c.clocks != nil {
		if at, f = eventTime(c.clocks, r, e.Time); f != nil {
			return fail(f)
		}
	}
	for i := range c.ignore {
		if x := &c.ignore[i]; x.when.Match(&sc.ev) {
			out.Ignored = x.reason
			return out
		}
	}
	test := c.test != nil && c.test.Match(&sc.ev)
	for i := range c.rules {
		x := &c.rules[i]
		if x.when != nil && !x.when.Match(&sc.ev) {
			continue
		}
		d := draft{producer: producer, time: at, sum: sum, test: test, delivered: e.Time, event: e.ID}
		if out.Touches, f = x.apply(c, r, d, out.Touches); f != nil {
			return fail(f)
		}
		if !x.also {
			break
		}
	}
	if len(out.Touches) > 0 {
		return out
	}
	if c.otherwise == "" {
		return fail(&Failure{Code: Schema, Field: "detail", Reason: "No rule of the contract maps this kind of event: add one to its map, or say under ignore why it does not matter."})
	}
	out.Ignored = c.otherwise
	return out
}

func (q *requirement) check(sc *scratch, r *record) *Failure {
	if q.when != nil && !q.when.Match(&sc.ev) {
		return nil
	}
	found := &missing
	for i := range q.paths {
		if v := r.at(&q.paths[i]); v.kind != absent && v.kind != null {
			found = v
			break
		}
	}
	var problem string
	switch {
	case found.kind == absent:
		problem = "The field is missing"
	case !found.is(q.typ):
		problem = fmt.Sprintf("The field is %v; want %s", found.kind, q.typ)
	case q.in != nil && !slices.Contains(q.in, scalar(found)):
		problem = "The field's value is not one of " + strings.Join(q.in, ", ")
	default:
		return nil
	}
	if q.why != "" {
		problem += ": " + q.why
	}
	return &Failure{Code: q.code, Field: q.field.place(), Reason: problem + "."}
}

func (v *value) is(typ string) bool {
	switch typ {
	case "string":
		return v.kind == text
	case "number":
		return v.kind == number
	case "integer":
		_, err := strconv.ParseInt(v.text, 10, 64)
		return v.kind == number && err == nil
	case "boolean":
		return v.kind == boolean
	case "object":
		return v.kind == object
	case "array":
		return v.kind == array
	}
	return true
}

// mark leaves the field that p names out of the digest.
func (p *path) mark(r *record) {
	if p.root != "detail" || len(p.keys) == 0 {
		return
	}
	v := r.detail
	for _, k := range p.keys[:len(p.keys)-1] {
		v = v.get(k)
	}
	for i := range v.members {
		if v.kind == object && v.members[i].key == p.keys[len(p.keys)-1] {
			v.members[i].volatile = true
		}
	}
}

func (d *identity) read(r *record, sum string) (string, *Failure) {
	if d.digest {
		return sum, nil
	}
	id := d.of.eval(r)
	if !usable(id) {
		return "", &Failure{Code: NoID, Field: d.of.place(), Reason: "The event has no id of its producer, so a redelivery could not be told from another event."}
	}
	return id, nil
}
