package generate

import (
	"strings"
	"time"
)

// The marketing site reports through Segment: page, track and identify calls with Segment's own field names.

var pageTitles = map[string]string{
	"/": "Handoff", "/pricing": "Pricing", "/docs": "Documentation", "/docs/quickstart": "Quickstart", "/docs/api": "API reference",
	"/blog/exactly-once": "Exactly once, honestly", "/blog/schema-drift": "When a field is renamed", "/blog/on-call": "On-call for pipelines",
	"/customers": "Customers", "/security": "Security", "/legal/dpa": "Data processing addendum", "/product": "Product",
	"/compare": "Compare", "/demo": "Request a demo", "/signup": "Sign up", "/webinars/replay": "Webinar: replay without fear",
	"/guides/routing": "Guide: routing leads", "/integrations": "Integrations", "/careers": "Careers",
}

var readingPages = []string{
	"/", "/", "/product", "/docs", "/docs/quickstart", "/docs/api", "/blog/exactly-once", "/blog/schema-drift",
	"/blog/on-call", "/customers", "/integrations", "/compare", "/guides/routing", "/careers",
}

// segmentCall is what every Segment call has in common. userId is set once the person has signed up.
func (s *script) segmentCall(p *person, at time.Time, kind string, user bool) object {
	call := o("type", kind, "messageId", "ajs-next-"+s.r.text(hexDigits, 20), "anonymousId", p.anon)
	if user {
		call = append(call, field{"userId", p.user})
	} else {
		call = append(call, field{"userId", null{}})
	}
	return append(call, o("originalTimestamp", iso(at), "sentAt", iso(at.Add(340*time.Millisecond)),
		"receivedAt", iso(at.Add(700*time.Millisecond)), "timestamp", iso(at.Add(20*time.Millisecond)))...)
}

func (s *script) segmentContext(p *person, path string, from arrival) object {
	return o("ip", p.ip, "userAgent", p.agent, "locale", p.company.locale, "timezone", p.company.zone,
		"library", o("name", "analytics.js", "version", "npm:next-1.76.0"),
		"campaign", optObject(from.campaign),
		"page", o("path", path, "url", site+path, "title", pageTitles[path], "referrer", opt(from.referrer)))
}

func (s *script) segment(p *person, at time.Time, call object, cases ...string) {
	i := call.at("type")
	s.emit(record{tool: "segment", source: segmentSource, detailType: call[i].value.(string), at: at, detail: call, cases: cases})
}

// page views one page of the site.
func (s *script) page(p *person, at time.Time, path string, from arrival) {
	url := site + path
	if len(from.campaign) > 0 {
		var q []string
		for _, f := range from.campaign {
			name := f.key
			if name == "name" {
				name = "campaign"
			}
			q = append(q, "utm_"+name+"="+strings.ReplaceAll(f.value.(string), " ", "+"))
		}
		url += "?" + strings.Join(q, "&")
	}
	call := s.segmentCall(p, at, "page", p.signedUp(at))
	call = append(call, o("name", pageTitles[path], "properties",
		o("name", pageTitles[path], "path", path, "url", url, "title", pageTitles[path], "referrer", opt(from.referrer)),
		"context", s.segmentContext(p, path, from))...)
	s.segment(p, at, call)
}

// track reports something done on the site.
func (s *script) track(p *person, at time.Time, event, path string, props object, from arrival, cases ...string) {
	call := s.segmentCall(p, at, "track", p.signedUp(at))
	call = append(call, o("event", event, "properties", props, "context", s.segmentContext(p, path, from))...)
	if i := props.at("plan"); i >= 0 && !at.Before(s.renameFrom) {
		// From the fourth month on the web team calls the field plan_name. Nothing breaks: that is what makes it bad.
		renamed, _ := props.renamed("plan", "plan_name")
		call = call.with(renamed, "properties")
		cases = append(cases, CaseRenamed)
	}
	s.segment(p, at, call, cases...)
}

// identify tells the site's Segment who a browser is. extra adds traits.
func (s *script) identify(p *person, at time.Time, path string, extra object, cases ...string) {
	if !p.named {
		p.named = true
		if p.seen {
			cases = append(cases, CaseAnonymousFirst)
		}
	}
	traits := append(o("email", p.email, "firstName", p.first, "lastName", p.last), extra...)
	call := s.segmentCall(p, at, "identify", p.signedUp(at))
	call = append(call, o("traits", traits, "context", s.segmentContext(p, path, returning))...)
	s.segment(p, at, call, cases...)
}

// traits is what a longer form asks for.
func (p *person) traits() object {
	t := o("title", p.title, "phone", p.phone)
	if p.company.business() {
		t = append(t, o("company", o("name", p.company.name, "domain", p.company.domain))...)
	}
	return t
}
