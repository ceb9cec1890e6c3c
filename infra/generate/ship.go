package generate

import (
	"slices"
	"strconv"
	"time"
)

// shipper delivers records as the world would: a little late, sometimes very late, sometimes twice, sometimes broken.
type shipper struct {
	queue   *queue
	summary *Summary
	end     time.Time
	err     error // the first failure of the queue: generation stops at the next account
}

// latency bounds, in milliseconds, of a delivery when all is well.
var latency = map[string][2]int{
	"segment": {900, 15_000}, "rudderstack": {1500, 25_000}, "stripe": {800, 4000},
	"salesforce": {700, 9000}, "hubspot": {4000, 90_000}, "canonical": {300, 3000},
}

// breakable names the fields of a tool that a breakage touches, and a value of another type.
type breakable struct {
	id, typed []string
	at        [][]string // every field that tells the time
	alsoAt    []string   // another that would stand in for the time: left out
	alsoID    string     // and for the id
	subject   []string   // top-level members that name somebody
	wrong     any
}

var breakables = map[string]breakable{
	"segment":     {[]string{"messageId"}, []string{"type"}, [][]string{{"originalTimestamp"}, {"timestamp"}}, nil, "", []string{"userId", "anonymousId", "traits", "properties"}, list{"track"}},
	"rudderstack": {[]string{"messageId"}, []string{"type"}, [][]string{{"originalTimestamp"}}, nil, "", []string{"userId", "anonymousId", "traits", "context"}, 7},
	"stripe":      {[]string{"id"}, []string{"data"}, [][]string{{"created"}}, nil, "", nil, "object"},
	"salesforce":  {[]string{"payload", "ChangeEventHeader", "transactionKey"}, []string{"payload", "ChangeEventHeader", "recordIds"}, [][]string{{"payload", "ChangeEventHeader", "commitTimestamp"}}, []string{"payload", "CreatedDate"}, "id", nil, "none"},
	"hubspot":     {[]string{"eventId"}, []string{"objectId"}, [][]string{{"occurredAt"}}, nil, "", []string{"objectId"}, o("id", 7)},
	"canonical":   {[]string{"id"}, []string{"subject"}, [][]string{{"time"}}, nil, "", []string{"subject"}, 12},
}

func (sh *shipper) send(s *script, r record) {
	bounds := latency[r.tool]
	wait := time.Duration(s.r.between(bounds[0], bounds[1])) * time.Millisecond
	cases := r.cases
	at := r.at.Add(wait)
	if !r.steady {
		late, which := time.Duration(0), ""
		switch x := s.r.IntN(1000); {
		case x < 18:
			late, which = time.Duration(s.r.between(120, 72*60))*time.Minute, CaseLateHours
		case x < 22:
			late, which = time.Duration(s.r.between(7*24, 35*24))*time.Hour, CaseLateWeeks
		}
		if which != "" && at.Add(late).Before(sh.end) {
			at = at.Add(late)
			cases = append(cases[:len(cases):len(cases)], which)
		}
	}
	sh.put(s, r, r.detail, at, cases...)
	switch x := s.r.IntN(1000); {
	case x < 14:
		sh.put(s, r, r.detail, s.soon(at, 1, 90), append(r.cases[:len(r.cases):len(r.cases)], CaseDuplicate)...)
	case x < 22:
		again := s.soon(at, 1, 240)
		if detail, ok := retried(r, again); ok {
			sh.put(s, r, detail, again, append(r.cases[:len(r.cases):len(r.cases)], CaseRetried)...)
		}
	case x < 28 && !r.steady && !slices.Contains(r.cases, CaseRenameBreaks): // one thing wrong at a time
		sh.broken(s, r, at)
	}
}

// retried is the same event as the tool's next attempt sends it: what belongs to the attempt differs.
func retried(r record, at time.Time) (object, bool) {
	switch r.tool {
	case "segment", "rudderstack":
		return r.detail.with(iso(at), "sentAt").with(iso(at.Add(800*time.Millisecond)), "receivedAt"), true
	case "stripe":
		return r.detail.with(2, "pending_webhooks"), true
	case "hubspot":
		if r.detail.at("eventId") >= 0 {
			return r.detail.with(1, "attemptNumber"), true
		}
	}
	return nil, false
}

// broken puts another event on the bus that looks like r and that a contract must refuse.
func (sh *shipper) broken(s *script, r record, at time.Time) {
	b := breakables[r.tool]
	if len(b.id) == 1 && r.detail.at(b.id[0]) < 0 {
		return // an array of notifications
	}
	fresh := any("broken-" + s.r.text(hexDigits, 20))
	if r.tool == "hubspot" {
		fresh = s.r.between(100_000_000, 4_000_000_000)
	}
	detail := r.detail.with(fresh, b.id...)
	late := r.at.Add(time.Duration(s.r.between(3*24, 40*24)) * time.Hour)
	var which string
	switch s.r.IntN(6) {
	case 0:
		if detail, which = detail.with(nil, b.id...), CaseNoID; b.alsoID != "" {
			detail = detail.with(nil, b.alsoID)
		}
	case 1:
		for _, path := range b.at {
			detail = detail.with("yesterday afternoon", path...)
		}
		if b.alsoAt != nil {
			detail = detail.with(nil, b.alsoAt...)
		}
		which = CaseBadTime
	case 2:
		detail, which = detail.with(b.wrong, b.typed...), CaseWrongType
	case 3:
		if len(b.subject) == 0 {
			return
		}
		for _, k := range b.subject {
			detail = detail.with(nil, k)
		}
		which = CaseNoSubject
	case 4:
		var future any = iso(late)
		switch r.tool {
		case "stripe":
			future = late.Unix()
		case "salesforce", "hubspot":
			future = late.UnixMilli()
		}
		for _, path := range b.at {
			detail = detail.with(future, path...)
		}
		which = CaseFuture
	case 5:
		i := r.detail.at("context")
		if r.tool != "segment" || i < 0 {
			return
		}
		detail = r.detail.with("fr-FR-x-"+strconv.Itoa(s.r.IntN(99)), "context", "locale")
		at, which = s.soon(at, 1, 60), CaseIDReused
	}
	sh.put(s, r, detail, at, which)
}

// put queues one delivery. Deliveries that would fall after the journey's end are brought back to just before it.
func (sh *shipper) put(s *script, r record, detail object, at time.Time, cases ...string) {
	at = at.Truncate(time.Millisecond)
	if !at.Before(sh.end) {
		at = sh.end.Add(-time.Millisecond)
	}
	for _, c := range cases {
		sh.summary.Cases[c]++
	}
	sh.summary.Events++
	sh.summary.Tools[r.tool]++
	if err := sh.queue.push(delivery{at: at.UnixMilli(), happened: r.at.UnixMilli(), account: int32(s.a.n), tool: toolIndex[r.tool]}, r, detail, at); err != nil && sh.err == nil {
		sh.err = err
	}
}

var toolIndex = func() map[string]uint8 {
	m := map[string]uint8{}
	for i, t := range Tools {
		m[t] = uint8(i)
	}
	return m
}()

// line writes the entry as a producer would put it on the bus.
func appendLine(b []byte, r record, detail object, at time.Time) []byte {
	return appendJSON(b, o("source", r.source, "detail-type", r.detailType, "time", iso(at), "detail", detail))
}
