package generate

import (
	"time"
)

// Marketing automation: HubSpot webhooks, forwarded to the bus one notification an entry. HubSpot's times are
// milliseconds, its ids numbers, its values always strings.

const hubspotDetailType = "hubspot.webhook"

func (s *script) hubspot(p *person, at time.Time, kind string, extra object, cases ...string) {
	s.emit(record{tool: "hubspot", source: hubspotSource, detailType: hubspotDetailType, at: at, cases: cases,
		detail: append(o("eventId", s.r.between(100_000_000, 4_000_000_000), "subscriptionId", 2_881_204, "portalId", 24_470_117, "appId", 1_660_301,
			"occurredAt", at.UnixMilli(), "subscriptionType", kind, "attemptNumber", 0, "objectId", p.hub), extra...)})
}

// hubContact creates the contact in HubSpot with what a form told; nothing is sent twice.
func (s *script) hubContact(p *person, at time.Time) {
	if p.inHub {
		return
	}
	p.inHub = true
	s.hubspot(p, at, "contact.creation", o("changeFlag", "CREATED", "changeSource", "FORM"))
	s.hubProperty(p, at.Add(40*time.Millisecond), "email", p.email)
	s.hubProperty(p, at.Add(60*time.Millisecond), "firstname", p.first)
	s.hubProperty(p, at.Add(61*time.Millisecond), "lastname", p.last)
	s.hubProperty(p, at.Add(80*time.Millisecond), "jobtitle", p.title)
	if p.company.business() {
		s.hubProperty(p, at.Add(90*time.Millisecond), "company", p.company.name)
	}
}

// hubProperty reports one changed property of the contact.
func (s *script) hubProperty(p *person, at time.Time, name, value string, cases ...string) {
	s.hubspot(p, at, "contact.propertyChange", o("propertyName", name, "propertyValue", value, "changeSource", "CRM"), cases...)
}
