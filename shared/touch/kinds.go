package touch

import "slices"

// Kinds of touch. Source contracts may map to these only; a kind is added here, and in the schema, never
// invented in a mapping.
const (
	// Marketing and web.
	AdClicked         = "ad_clicked"
	PageViewed        = "page_viewed"
	PricingViewed     = "pricing_viewed"
	DocsViewed        = "docs_viewed"
	ContentDownloaded = "content_downloaded"
	FormSubmitted     = "form_submitted"
	WebinarRegistered = "webinar_registered"
	WebinarAttended   = "webinar_attended"
	EventAttended     = "event_attended"
	EmailSent         = "email_sent"
	EmailOpened       = "email_opened"
	EmailClicked      = "email_clicked"
	EmailBounced      = "email_bounced"
	Unsubscribed      = "unsubscribed"
	ConsentGiven      = "consent_given"
	ConsentWithdrawn  = "consent_withdrawn"
	DemoRequested     = "demo_requested"
	ContactSales      = "contact_sales_requested"
	ListMemberAdded   = "list_member_added"
	// Product.
	Identified          = "identified"
	AccountIdentified   = "account_identified"
	SignedUp            = "signed_up"
	SignedIn            = "signed_in"
	Activated           = "activated"
	FeatureUsed         = "feature_used"
	InviteSent          = "invite_sent"
	InviteAccepted      = "invite_accepted"
	UsageLimitReached   = "usage_limit_reached"
	TrialStarted        = "trial_started"
	TrialEnding         = "trial_ending"
	Uninstalled         = "uninstalled"
	SupportRequested    = "support_requested"
	OnboardingCompleted = "onboarding_completed"
	// Billing.
	SubscriptionStarted  = "subscription_started"
	SubscriptionChanged  = "subscription_changed"
	SubscriptionCanceled = "subscription_canceled"
	InvoicePaid          = "invoice_paid"
	InvoiceFailed        = "invoice_payment_failed"
	RefundIssued         = "refund_issued"
	CustomerUpdated      = "customer_updated"
	// CRM.
	LeadCreated        = "lead_created"
	ContactUpdated     = "contact_updated"
	AccountUpdated     = "account_updated"
	OpportunityCreated = "opportunity_created"
	OpportunityUpdated = "opportunity_updated"
	OpportunityWon     = "opportunity_won"
	OpportunityLost    = "opportunity_lost"
	MeetingBooked      = "meeting_booked"
	CallLogged         = "call_logged"
	// Feedback on a handoff of ours: route hears these by its own rule.
	HandoffAccepted  = "handoff_accepted"
	HandoffRejected  = "handoff_rejected"
	FirstOutreach    = "first_outreach"
	HandoffCompleted = "handoff_completed"
	HandoffReceived  = "handoff_received"   // a destination's receipt
	HandoffRecycled  = "handoff_recycled"   // sent back for later: not now, rather than no
	HandoffReassign  = "handoff_reassigned" // its owner is to be another
	// Of the account, without a person.
	FundingRaised     = "funding_raised"
	TechnologyAdopted = "technology_adopted"
	RepositoryStarred = "repository_starred"
	JobPosted         = "job_posted"
	SpendRecorded     = "spend_recorded"
	// A person who changed companies: found by ourselves at evaluation (see account.Move), or told by a tool.
	ChampionLeft    = "champion_left"
	ChampionArrived = "champion_arrived"
	AccountEnriched = "account_enriched" // the provider chain answered
	// Of our own book-keeping, said by an operator: nobody's behaviour, and in no account's facts.
	SubjectsLinked   = "subjects_linked"   // the subject is, or belongs to, the one it names
	SubjectsUnlinked = "subjects_unlinked" // it is not, whatever tools say
	TouchesRevised   = "touches_revised"   // touches of the subject were mapped anew: see the ledger's revisions
)

// Kinds lists every kind, in the order above.
var Kinds = []string{
	AdClicked, PageViewed, PricingViewed, DocsViewed, ContentDownloaded, FormSubmitted, WebinarRegistered,
	WebinarAttended, EventAttended, EmailSent, EmailOpened, EmailClicked, EmailBounced, Unsubscribed,
	ConsentGiven, ConsentWithdrawn, DemoRequested, ContactSales, ListMemberAdded,
	Identified, AccountIdentified, SignedUp, SignedIn, Activated, FeatureUsed, InviteSent, InviteAccepted,
	UsageLimitReached, TrialStarted, TrialEnding, Uninstalled, SupportRequested, OnboardingCompleted,
	SubscriptionStarted, SubscriptionChanged, SubscriptionCanceled, InvoicePaid, InvoiceFailed, RefundIssued,
	CustomerUpdated,
	LeadCreated, ContactUpdated, AccountUpdated, OpportunityCreated, OpportunityUpdated, OpportunityWon,
	OpportunityLost, MeetingBooked, CallLogged,
	HandoffAccepted, HandoffRejected, FirstOutreach, HandoffCompleted, HandoffReceived, HandoffRecycled, HandoffReassign,
	FundingRaised, TechnologyAdopted, RepositoryStarred, JobPosted, SpendRecorded, ChampionLeft, ChampionArrived, AccountEnriched,
	SubjectsLinked, SubjectsUnlinked, TouchesRevised,
}

// FeedbackKinds are the kinds that answer a handoff.
var FeedbackKinds = []string{HandoffAccepted, HandoffRejected, FirstOutreach, HandoffCompleted, HandoffReceived, HandoffRecycled, HandoffReassign}

// WithdrawalKinds are the kinds by which a person says not to be contacted any more. They answer no handoff: they end whatever
// is open about the person, at once.
var WithdrawalKinds = []string{ConsentWithdrawn}

// RouteKinds are the kinds that route hears by the rule FeedbackRule: what is said to a handoff, and what ends one.
var RouteKinds = slices.Concat(FeedbackKinds, WithdrawalKinds)

// Kept reports whether a kind is our own book-keeping rather than anything that a buyer, a tool or a team did.
func Kept(kind string) bool {
	switch kind {
	case SubjectsLinked, SubjectsUnlinked, TouchesRevised, HandoffReassign:
		return true
	}
	return false
}

// AccountKinds are signals of a company and of no person. They count for the account, and alone make nobody be written to.
var AccountKinds = []string{FundingRaised, TechnologyAdopted, RepositoryStarred, JobPosted, ChampionLeft}

// FoundKinds are found by ourselves, of the links, and need no tool that tells them.
var FoundKinds = []string{ChampionLeft, ChampionArrived}
