package generate

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/events/journeys"
	"handoff/shared/contract"
	"handoff/shared/touch"
)

// outcomes reads the bundled journey through the source contracts: counts of failures by code, of touches by kind, the
// number of events that are ignored, and all touches.
func outcomes(t *testing.T) (failed, kinds map[string]int, ignored int, made []touch.Touch) {
	t.Helper()
	set, err := contract.Load(os.DirFS("../../events"), "sources", "schemas")
	if err != nil {
		t.Fatal(err)
	}
	failed, kinds = map[string]int{}, map[string]int{}
	all, _ := halfYear()
	for _, d := range all {
		e, err := journeys.Decode(d.line)
		if err != nil {
			t.Fatalf("%v\n%s", err, d.line)
		}
		for _, o := range set.Read(&e) {
			switch {
			case o.Failure != nil:
				failed[o.Failure.Code]++
			case o.Ignored != "":
				ignored++
			}
			for _, one := range o.Touches {
				kinds[one.Kind]++
			}
			made = append(made, o.Touches...)
		}
	}
	return failed, kinds, ignored, made
}

// TestContractsTakeTheJourney: what the generator means to be good is taken by the contracts, and each thing that it
// breaks is refused for its own reason. Only a reused id is found later, by ingest against the ledger.
func TestContractsTakeTheJourney(t *testing.T) {
	failed, kinds, ignored, made := outcomes(t)
	_, sum := halfYear()
	schema := len(find(t, "canonical", "yesterday afternoon")) // its schema says what a time is, before the contract asks
	want := map[string]int{
		contract.NoID:       sum.Cases[CaseNoID],
		contract.NoTime:     sum.Cases[CaseBadTime] - schema,
		contract.FutureTime: sum.Cases[CaseFuture],
		contract.Incomplete: sum.Cases[CaseGap],
	}
	// A missing subject and a wrong type are told by the schema where a contract states one.
	rest := sum.Cases[CaseNoSubject] + sum.Cases[CaseWrongType] + sum.Cases[CaseRenameBreaks] + schema
	if got := failed[contract.NoSubject] + failed[contract.Schema]; got != rest {
		t.Errorf("%d events without a subject or against the schema, want %d", got, rest)
	}
	delete(failed, contract.NoSubject)
	delete(failed, contract.Schema)
	if d := cmp.Diff(want, failed); d != "" {
		t.Errorf("refused by code (-want +got):\n%s", d)
	}
	if ignored != sum.Cases[CaseIgnored] {
		t.Errorf("%d ignored, want %d", ignored, sum.Cases[CaseIgnored])
	}
	for _, k := range []string{
		touch.PageViewed, touch.PricingViewed, touch.DocsViewed, touch.ContentDownloaded, touch.WebinarRegistered, touch.WebinarAttended,
		touch.EmailOpened, touch.EmailClicked, touch.EmailBounced, touch.Unsubscribed, touch.ConsentWithdrawn, touch.DemoRequested,
		touch.ContactSales, touch.Identified, touch.AccountIdentified, touch.SignedUp, touch.SignedIn, touch.Activated, touch.FeatureUsed,
		touch.InviteSent, touch.InviteAccepted, touch.UsageLimitReached, touch.TrialStarted, touch.TrialEnding, touch.SupportRequested,
		touch.OnboardingCompleted, touch.SubscriptionStarted, touch.SubscriptionCanceled, touch.InvoicePaid, touch.InvoiceFailed,
		touch.RefundIssued, touch.CustomerUpdated, touch.LeadCreated, touch.ContactUpdated, touch.AccountUpdated, touch.OpportunityCreated,
		touch.OpportunityUpdated, touch.OpportunityWon, touch.OpportunityLost, touch.MeetingBooked, touch.CallLogged,
		touch.HandoffAccepted, touch.HandoffRejected, touch.FirstOutreach,
	} {
		if kinds[k] == 0 {
			t.Errorf("no touch of kind %s", k)
		}
	}
	referenceLead(t, made)
}

// referenceLead: the reference lead scores by these touches and no others that rules read.
func referenceLead(t *testing.T, made []touch.Touch) {
	t.Helper()
	ids, titles := map[string]map[touch.ID]bool{}, map[string]bool{}
	for _, m := range made {
		if m.Person["email"] == "petra.novak@"+ReferenceDomain && m.Person["title"] != "" {
			titles[m.Person["title"]] = true
		}
		if m.Subject == "email:petra.novak@"+ReferenceDomain {
			if ids[m.Kind] == nil {
				ids[m.Kind] = map[touch.ID]bool{}
			}
			ids[m.Kind][m.ID] = true
		}
	}
	got := map[string]int{}
	for k, n := range ids {
		got[k] = len(n)
	}
	want := map[string]int{touch.Identified: 1, touch.WebinarRegistered: 1, touch.WebinarAttended: 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("touches under the lead's address (-want +got; the pages are under the browser's id):\n%s", d)
	}
	if d := cmp.Diff(map[string]bool{"Senior Software Engineer": true}, titles); d != "" {
		t.Errorf("titles (-want +got):\n%s", d)
	}
}
