package explain

import (
	"strings"

	"handoff/shared/routing"
)

// outcomeWords says half a sentence of what became of a decision.
func (t *teller) outcomeWords(r *routing.Record) string {
	if r == nil {
		return "and it is still on its way to route"
	}
	gate, gated := strings.CutPrefix(r.Outcome, routing.Gated)
	switch {
	case r.Outcome == routing.Offered && r.Choice != nil:
		return "handed to " + t.person(r.Choice.Owner)
	case r.Outcome == routing.EnrolledIn:
		return "enrolled in a nurture sequence"
	case gated:
		return "stopped by the gate " + strings.ReplaceAll(gate, "_", " ")
	case r.Outcome == routing.Observed:
		return "only observed"
	}
	return "stopped: " + strings.ReplaceAll(r.Outcome, "_", " ")
}

// kindWords is a kind of touch as a verb for the person who did it.
func kindWords(kind string) string {
	if w, ok := verbs[kind]; ok {
		return w
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// does says who did what; what befell a deal or the account has no person before it.
func does(who, kind string) string {
	w := kindWords(kind)
	for _, article := range []string{"the ", "a deal", "an invoice"} {
		if strings.HasPrefix(w, article) {
			return w + ": " + who
		}
	}
	return who + " " + w
}

var verbs = map[string]string{
	"ad_clicked": "clicked an ad", "page_viewed": "viewed a page", "pricing_viewed": "viewed pricing", "docs_viewed": "read the docs",
	"content_downloaded": "downloaded content", "form_submitted": "submitted a form", "webinar_registered": "registered for a webinar",
	"webinar_attended": "attended a webinar", "event_attended": "attended an event", "email_sent": "was sent an e-mail",
	"email_opened": "opened an e-mail", "email_clicked": "clicked in an e-mail", "email_bounced": "was not reached by e-mail",
	"unsubscribed": "unsubscribed", "consent_given": "gave consent", "consent_withdrawn": "withdrew consent",
	"demo_requested": "requested a demo", "contact_sales_requested": "asked for sales", "list_member_added": "was on a list",
	"identified": "said who they are", "account_identified": "named their company", "signed_up": "signed up", "signed_in": "signed in",
	"activated": "activated the product", "feature_used": "used a feature", "invite_sent": "invited somebody",
	"invite_accepted": "accepted an invite", "usage_limit_reached": "reached a usage limit", "trial_started": "started a trial",
	"trial_ending": "is at the end of a trial", "support_requested": "asked for support", "onboarding_completed": "finished onboarding",
	"meeting_booked": "booked a meeting", "call_logged": "was called", "account_enriched": "the provider told about the company",
	"lead_created": "became a lead in the CRM", "contact_updated": "was updated in the CRM", "account_updated": "the account was updated in the CRM",
	"opportunity_won": "the deal was won", "opportunity_created": "a deal was opened", "opportunity_lost": "the deal was lost",
	"funding_raised": "raised funding", "technology_adopted": "adopted a technology", "repository_starred": "starred a repository",
	"job_posted": "posted a job", "opportunity_updated": "the deal was updated", "invoice_paid": "an invoice was paid",
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// lower begins a sentence inside another; a name keeps its capital.
func lower(s string) string {
	first, _, _ := strings.Cut(s, " ")
	switch strings.ToLower(first) {
	case "nothing", "a", "no", "the", "there", "somebody", "what":
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
