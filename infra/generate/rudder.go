package generate

import "time"

// The product reports through RudderStack: the web app with a browser SDK, the servers with one that knows the user
// only. The bus sees one fixed detail-type; the kind of call is in the detail.

const rudderDetailType = "rudderstack-event"

var features = []string{"Pipeline Created", "Source Connected", "Rule Edited", "Report Viewed", "Dashboard Viewed", "Replay Started", "Export Downloaded", "Alert Configured"}

func (s *script) rudderCall(p *person, at time.Time, kind string) object {
	return o("type", kind, "channel", "web", "messageId", s.r.uuid(), "userId", p.user, "anonymousId", p.appAnon,
		"originalTimestamp", iso(at), "sentAt", iso(at.Add(900*time.Millisecond)),
		"receivedAt", iso(at.Add(1400*time.Millisecond)),
		"request_ip", p.ip,
		"context", o("app", o("name", "Handoff", "namespace", "com.handoff.app", "version", "5.12.0"),
			"library", o("name", "RudderLabs JavaScript SDK", "version", "3.7.5"),
			"traits", o("email", p.emailAt(at)), "locale", p.company.locale, "timezone", p.company.zone))
}

func (s *script) rudder(p *person, at time.Time, call object, cases ...string) {
	s.emit(record{tool: "rudderstack", source: rudderSource, detailType: rudderDetailType, at: at, detail: call, cases: cases})
}

// app reports something done in the product's web app.
func (s *script) app(p *person, at time.Time, event string, props object, cases ...string) {
	call := append(s.rudderCall(p, at, "track"), o("event", event, "properties", append(o("workspace_id", p.company.group), props...))...)
	s.rudder(p, at, call, cases...)
}

// server reports something that the product's servers saw. During two weeks of the fourth month they ship a release
// that sends eventName for event, and nobody but the quarantine notices.
func (s *script) server(p *person, at time.Time, event string, props object, cases ...string) {
	call := o("type", "track", "channel", "server", "messageId", s.r.uuid(), "userId", p.user,
		"originalTimestamp", iso(at), "sentAt", iso(at.Add(60*time.Millisecond)),
		"receivedAt", iso(at.Add(90*time.Millisecond)),
		"context", o("library", o("name", "rudder-sdk-go", "version", "1.2.3")),
		"event", event, "properties", append(o("workspace_id", p.company.group), props...))
	if !at.Before(s.breakFrom) && at.Before(s.breakUntil) {
		call, _ = call.renamed("event", "eventName")
		call = call.with(o("library", o("name", "rudder-sdk-go", "version", "2.0.0")), "context")
		cases = append(cases, CaseRenameBreaks)
	}
	s.rudder(p, at, call, cases...)
}

// appIdentify tells the product's stream who the user is now.
func (s *script) appIdentify(p *person, at time.Time, cases ...string) {
	traits := o("email", p.emailAt(at), "name", p.name(), "title", p.title)
	call := append(s.rudderCall(p, at, "identify"), o("traits", traits)...)
	i := call.at("context")
	call[i].value = call[i].value.(object).with(traits, "traits")
	s.rudder(p, at, call, cases...)
}

// appGroup says which workspace the user works in.
func (s *script) appGroup(p *person, at time.Time) {
	a := p.company
	traits := o("name", a.name)
	if a.business() {
		traits = append(traits, o("domain", a.domain, "employees", a.employees, "industry", a.industry)...)
	}
	call := append(s.rudderCall(p, at, "group"), o("groupId", a.group, "traits", traits)...)
	s.rudder(p, at, call)
}
