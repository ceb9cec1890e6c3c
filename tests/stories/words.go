package stories

import (
	"fmt"
	"slices"
	"strings"

	"handoff/shared/subject"
	"handoff/shared/touch"
)

// verbs are what people do in a story, by the kind of touch that it makes. The longest that fits counts.
var verbs = map[string]string{
	"clicks an ad": touch.AdClicked, "views a page": touch.PageViewed, "views pricing": touch.PricingViewed, "reads the docs": touch.DocsViewed,
	"downloads content": touch.ContentDownloaded, "submits a form": touch.FormSubmitted, "registers for a webinar": touch.WebinarRegistered,
	"attends a webinar": touch.WebinarAttended, "attends an event": touch.EventAttended, "is sent an e-mail": touch.EmailSent,
	"opens an e-mail": touch.EmailOpened, "clicks in an e-mail": touch.EmailClicked, "bounces": touch.EmailBounced,
	"unsubscribes": touch.Unsubscribed, "gives consent": touch.ConsentGiven, "withdraws consent": touch.ConsentWithdrawn,
	"requests a demo": touch.DemoRequested, "asks for sales": touch.ContactSales, "is added to a list": touch.ListMemberAdded,
	"is identified": touch.Identified, "names the company": touch.AccountIdentified, "signs up": touch.SignedUp, "signs in": touch.SignedIn,
	"activates": touch.Activated, "uses a feature": touch.FeatureUsed, "sends an invite": touch.InviteSent,
	"accepts an invite": touch.InviteAccepted, "reaches a usage limit": touch.UsageLimitReached, "starts a trial": touch.TrialStarted,
	"asks for support": touch.SupportRequested, "finishes onboarding": touch.OnboardingCompleted,
	"subscribes": touch.SubscriptionStarted, "cancels the subscription": touch.SubscriptionCanceled,
	"pays an invoice": touch.InvoicePaid, "fails to pay an invoice": touch.InvoiceFailed, "is refunded": touch.RefundIssued,
	"becomes a lead": touch.LeadCreated, "is updated as a contact": touch.ContactUpdated, "is updated as an account": touch.AccountUpdated,
	"is opened": touch.OpportunityCreated, "is updated": touch.OpportunityUpdated, "is won": touch.OpportunityWon, "is lost": touch.OpportunityLost,
	"books a meeting": touch.MeetingBooked, "is called": touch.CallLogged,
	"raises funding": touch.FundingRaised, "adopts a technology": touch.TechnologyAdopted, "stars a repository": touch.RepositoryStarred,
}

// answers are what a rep does about a handoff; the play follows: "rejects mql".
var answers = map[string]string{
	"accepts": touch.HandoffAccepted, "rejects": touch.HandoffRejected, "reaches out for": touch.FirstOutreach,
	"completes": touch.HandoffCompleted, "receives": touch.HandoffReceived,
}

// kindOf finds the kind of touch that a phrase means, and what follows the verb.
func kindOf(phrase string, among map[string]string) (kind, rest string) {
	best := ""
	for v := range among {
		if len(v) > len(best) && (phrase == v || strings.HasPrefix(phrase, v+" ")) {
			best = v
		}
	}
	return among[best], strings.TrimSpace(strings.TrimPrefix(phrase, best))
}

// named are ids that a story writes with their kind: "user u-1".
var named = map[string]func(key string) string{
	"visitor": func(k string) string { return subject.New(subject.Anonymous, "web/"+k) },
	"user":    func(k string) string { return subject.New(subject.User, k) },
	"contact": func(k string) string { return subject.New(subject.Contact, "crm/"+k) },
	"group":   func(k string) string { return subject.New(subject.Group, k) },
	"deal":    func(k string) string { return subject.New(subject.Opportunity, "crm/"+k) },
	"crm":     func(k string) string { return subject.New(subject.CRMAccount, "crm/"+k) },
	// What is said of somebody beside who they are: only after also.
	"name":    func(k string) string { return subject.New(subject.Name, k) },
	"country": func(k string) string { return subject.New(subject.Country, k) },
	"parent":  func(k string) string { return subject.New(subject.Parent, subject.New(subject.CRMAccount, "crm/"+k)) },
}

// doers do something to the pipeline rather than in it.
var doers = []string{"operator", "time", "score", "route", "event"}

// person parts who does something from what it is.
func person(s string) (who, what string, err error) {
	first, rest, _ := strings.Cut(s, " ")
	if _, ok := named[first]; ok || first == "event" {
		key, what, _ := strings.Cut(strings.TrimSpace(rest), " ")
		return first + " " + key, strings.TrimSpace(what), nil
	}
	if slices.Contains(doers, first) {
		return first, strings.TrimSpace(rest), nil
	}
	_, err = subjectOf(first)
	return first, strings.TrimSpace(rest), err
}

// subjectOf is the id that a story's words mean: an address is a person, a domain a company.
func subjectOf(s string) (string, error) {
	kind, key, _ := strings.Cut(strings.TrimSpace(s), " ")
	switch id, ok := named[kind]; {
	case ok && key != "":
		return id(strings.TrimSpace(key)), nil
	case key != "":
	case strings.Contains(kind, ":") && subject.Valid(kind):
		return kind, nil
	case strings.Contains(kind, "@"):
		return subject.New(subject.Email, kind), nil
	case strings.Contains(kind, "."):
		return subject.New(subject.Account, kind), nil
	}
	return "", fmt.Errorf("%q is nobody: write an e-mail address, a company's domain, or visitor, user, contact, group, crm or deal and its id", s)
}
