package generate

import "time"

// record is one event as its tool would send it, before delivery goes wrong.
type record struct {
	tool       string
	source     string // of the envelope
	detailType string
	at         time.Time // when it happened
	detail     object
	cases      []string // special cases it counts as
	steady     bool     // part of a fixed story: never late
}

// Sources on the bus. Partner sources are named by the partner and by the id that its console shows.
const (
	segmentSource    = "aws.partner/segment.com/QY3Rm7dTeBk1"
	rudderSource     = "rudderstack"
	stripeSource     = "aws.partner/stripe.com/ed_61RkT0aYq3"
	salesforceSource = "aws.partner/salesforce.com/00DHn0000004kQ/0YLHn0000000001"
	hubspotSource    = "hubspot"
)

// site is where our own web pages live.
const (
	ourDomain = "handoff.example"
	site      = "https://www." + ourDomain
)

// arrival is how a visitor came to the site.
type arrival struct {
	channel  string // what a mapping should make of it
	referrer string
	campaign object
}

func campaign(source, medium, name string) object {
	return o("name", name, "source", source, "medium", medium)
}

var arrivals = map[string][]arrival{
	"organic_search": {{"organic_search", "https://www.google.com/", nil}, {"organic_search", "https://www.bing.com/", nil}, {"organic_search", "https://duckduckgo.com/", nil}},
	"paid_search": {
		{"paid_search", "https://www.google.com/", campaign("google", "cpc", "brand-search")},
		{"paid_search", "https://www.google.com/", campaign("google", "cpc", "event-pipelines-nonbrand").with("event pipeline", "term")},
		{"paid_search", "https://www.bing.com/", campaign("bing", "cpc", "competitor-terms")},
	},
	"paid_social": {
		{"paid_social", "https://www.linkedin.com/", campaign("linkedin", "paid_social", "platform-leads-q1")},
		{"paid_social", "https://www.linkedin.com/", campaign("linkedin", "paid_social", "cto-retargeting")},
		{"paid_social", "https://www.reddit.com/", campaign("reddit", "paid_social", "devs-june")},
	},
	"email": {
		{"email", "", campaign("hubspot", "email", "monthly-newsletter")},
		{"email", "", campaign("hubspot", "email", "nurture-case-study")},
		{"email", "", campaign("hubspot", "Newsletter_v2_FINAL", "spring_test_DO_NOT_USE")}, // a tag that nobody mapped
	},
	"referral": {
		{"referral", "https://weekly.devdigest.example/issues/88", nil},
		{"referral", "https://partners.cloudatlas.example/handoff", campaign("cloudatlas", "referral", "partner-directory")},
	},
	"event":  {{"event", "", campaign("datasummit", "event", "datasummit-2026")}},
	"direct": {{"direct", "", nil}},
}

// channels weights how visitors come, on the whole.
var channels = []string{
	"organic_search", "organic_search", "organic_search", "organic_search", "paid_search", "paid_search", "paid_social",
	"email", "referral", "referral", "event", "direct", "direct", "direct",
}

// arrive draws how somebody comes.
func arrive(r random) arrival { return pick(r, arrivals[pick(r, channels)]) }

// returning is how somebody comes back who knows the way.
var returning = arrivals["direct"][0]
