package touch

// Did says of a kind what somebody who made such a touch did, or what befell their company: "asked for a demo". It follows
// a name, so that name and words are a sentence; "" for what is no kind.
func Did(kind string) string { return did[kind] }

var did = map[string]string{
	AdClicked: "clicked an ad", PageViewed: "viewed a page", PricingViewed: "viewed pricing", DocsViewed: "read the docs",
	ContentDownloaded: "downloaded content", FormSubmitted: "submitted a form", WebinarRegistered: "registered for a webinar",
	WebinarAttended: "attended a webinar", EventAttended: "attended an event", EmailSent: "was sent an e-mail",
	EmailOpened: "opened an e-mail", EmailClicked: "clicked in an e-mail", EmailBounced: "could not be reached by e-mail",
	Unsubscribed: "unsubscribed", ConsentGiven: "gave consent", ConsentWithdrawn: "withdrew consent", DemoRequested: "asked for a demo",
	ContactSales: "asked to talk to sales", ListMemberAdded: "came by a list",
	Identified: "said who they are", AccountIdentified: "named their company", SignedUp: "signed up", SignedIn: "signed in",
	Activated: "activated the product", FeatureUsed: "used a feature", InviteSent: "invited colleagues",
	InviteAccepted: "accepted an invite", UsageLimitReached: "reached a usage limit", TrialStarted: "started a trial",
	TrialEnding: "came to the end of a trial", Uninstalled: "uninstalled the product", SupportRequested: "asked for support",
	OnboardingCompleted: "finished onboarding",
	SubscriptionStarted: "subscribed", SubscriptionChanged: "changed the subscription", SubscriptionCanceled: "canceled the subscription",
	InvoicePaid: "paid an invoice", InvoiceFailed: "failed to pay an invoice", RefundIssued: "got a refund",
	CustomerUpdated: "changed its billing details",
	LeadCreated:     "became a lead in the CRM", ContactUpdated: "was updated in the CRM", AccountUpdated: "was updated in the CRM",
	OpportunityCreated: "entered into a deal", OpportunityUpdated: "moved on in a deal", OpportunityWon: "bought",
	OpportunityLost: "turned a deal down", MeetingBooked: "booked a meeting", CallLogged: "was called",
	HandoffAccepted: "was taken on", HandoffRejected: "was sent back", FirstOutreach: "was reached out to",
	HandoffCompleted: "was followed up", HandoffReceived: "was handed over", HandoffRecycled: "was sent back for later",
	HandoffReassign: "was given to another owner",
	FundingRaised:   "raised funding", TechnologyAdopted: "adopted a technology", RepositoryStarred: "starred a repository",
	JobPosted: "posted a job", SpendRecorded: "was advertised to", ChampionLeft: "lost somebody to another company",
	ChampionArrived: "gained somebody from another company", AccountEnriched: "was looked up",
	SubjectsLinked: "was linked", SubjectsUnlinked: "was unlinked", TouchesRevised: "was read again",
}
