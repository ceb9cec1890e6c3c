package generate

import (
	"time"
)

// Marketing automation: HubSpot webhooks. HubSpot posts arrays; the receiver puts them on the bus as detail.events, or a
// lone notification as the detail itself. Times are milliseconds, ids numbers, values always strings.

const hubspotDetailType = "Webhook"

// notification is one element of what HubSpot posts.
func (s *script) notification(p *person, at time.Time, kind string, extra object) object {
	return append(o("eventId", s.r.between(100_000_000, 4_000_000_000), "subscriptionId", 2_881_204, "portalId", 24_470_117, "appId", 1_660_301,
		"occurredAt", at.UnixMilli(), "subscriptionType", kind, "attemptNumber", 0, "objectId", p.hub), extra...)
}

func (s *script) hubspot(at time.Time, detail object, cases ...string) {
	s.emit(record{tool: "hubspot", source: hubspotSource, detailType: hubspotDetailType, at: at, cases: cases, detail: detail})
}

// hubContact creates the contact in HubSpot with what a form told, once: one post with all of it.
func (s *script) hubContact(p *person, at time.Time) {
	if p.inHub {
		return
	}
	p.inHub = true
	posted := list{s.notification(p, at, "contact.creation", o("changeFlag", "CREATED", "changeSource", "FORM"))}
	told := []struct{ name, value string }{{"email", p.email}, {"firstname", p.first}, {"lastname", p.last}, {"jobtitle", p.title}, {"country", p.company.country}}
	if p.company.business() {
		told = append(told, struct{ name, value string }{"company", p.company.name})
	}
	for i, t := range told {
		posted = append(posted, s.notification(p, at.Add(time.Duration(40+i)*time.Millisecond), "contact.propertyChange",
			o("propertyName", t.name, "propertyValue", t.value, "changeSource", "FORM")))
	}
	s.hubspot(at, o("events", posted))
	// Marketing automation moves the contact along by itself.
	s.hubProperty(p, s.soon(at, 2, 30), "lifecyclestage", "lead")
	s.hubProperty(p, s.soon(at, 2*24*60, 20*24*60), "lifecyclestage", "marketingqualifiedlead")
	for range s.r.IntN(3) {
		s.hubProperty(p, s.soon(at, 24*60, 60*24*60), "hs_email_last_open_date", itoa(int(at.Unix())))
	}
}

// hubProperty reports one changed property of the contact.
func (s *script) hubProperty(p *person, at time.Time, name, value string, cases ...string) {
	s.hubspot(at, s.notification(p, at, "contact.propertyChange", o("propertyName", name, "propertyValue", value, "changeSource", "CRM")), cases...)
}
