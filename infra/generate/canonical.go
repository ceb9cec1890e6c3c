package generate

import (
	"time"
)

// Tools of one's own put canonical touch events on the bus themselves: the webinar tool, the help desk, the badge
// scanner at a fair, the button in the CRM with which a rep answers a handoff.

func (s *script) canonical(at time.Time, kind, subject, tool string, extra object, cases ...string) {
	s.emit(record{tool: "canonical", source: tool, detailType: "Touch", at: at, cases: cases,
		detail: append(o("source", tool, "id", tool+"-"+s.r.text(hexDigits, 20), "kind", kind, "time", iso(at), "subject", subject), extra...)})
}

// personal is a canonical event of a person.
func (s *script) personal(at time.Time, p *person, kind, tool string, extra object, cases ...string) {
	s.canonical(at, kind, "email:"+p.emailAt(at), tool, extra, cases...)
}
