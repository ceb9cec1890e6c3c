// Package generate makes realistic go-to-market journeys from a seed: what Segment, RudderStack, Stripe, Salesforce,
// HubSpot and a few tools of one's own would have put on the bus about a number of made-up companies over some months,
// with all that goes wrong on the way: late and repeated deliveries, renamed fields, broken payloads.
//
// The same configuration gives the same bytes on every machine: no clock, no floats, no map iteration, one random
// stream per company. Memory does not grow with the number of events: they are sorted by delivery time on disk.
package generate

import (
	"errors"
	"fmt"
	"time"
)

// Config says what to generate.
type Config struct {
	Seed     uint64
	Start    time.Time // midnight UTC of the first day; 5 January 2026 tells the stories on the README's dates
	Months   int       // length of the journey: nothing happens and nothing is delivered after it
	Events   int       // about how many events; the scripts of the companies need a floor of some ten each
	Accounts int       // companies and lone individuals; the first ones are the fixed stories
}

// Bundled is the configuration of the journey under events/journeys/halfyear.
func Bundled() Config {
	return Config{Seed: 20260105, Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Months: 6, Events: 21500, Accounts: 360}
}

// Limits of a Config.
const (
	MaxMonths   = 60
	MaxEvents   = 1_000_000_000
	MaxAccounts = 10_000_000
)

// ErrInvalid is wrapped by what Validate reports.
var ErrInvalid = errors.New("invalid generator configuration")

// Validate reports everything that is wrong with the configuration at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...))
	}
	if c.Start.IsZero() {
		bad("start is not set: give a date such as 2026-01-05")
	} else if y := c.Start.UTC().Year(); y < 1990 || y > 2200 || !c.Start.Equal(c.Start.UTC().Truncate(24*time.Hour)) {
		bad("start %s is not a midnight UTC between 1990 and 2200", c.Start.Format(time.RFC3339))
	}
	if c.Months < 1 || c.Months > MaxMonths {
		bad("months is %d: give 1 to %d", c.Months, MaxMonths)
	}
	if c.Events < 1 || c.Events > MaxEvents {
		bad("events is %d: give 1 to %d", c.Events, MaxEvents)
	}
	if c.Accounts < 1 || c.Accounts > MaxAccounts {
		bad("accounts is %d: give 1 to %d", c.Accounts, MaxAccounts)
	}
	return errors.Join(errs...)
}

// End is the first moment after the journey.
func (c Config) End() time.Time { return c.Start.UTC().AddDate(0, c.Months, 0) }

// Tools are the files of a journey.
var Tools = []string{"segment", "rudderstack", "stripe", "salesforce", "hubspot", "canonical"}

// Summary counts what was generated. Special cases count deliveries, so a repeated broken event counts twice.
type Summary struct {
	Events   int            // deliveries, all tools together
	Accounts int            // with a domain of their own
	Tools    map[string]int // deliveries per tool
	Motions  map[string]int // accounts per motion
	Cases    map[string]int // see the Case constants
	First    time.Time      // earliest and latest delivery
	Last     time.Time
}

// Special cases that a Summary counts.
const (
	CaseDuplicate      = "duplicate"       // the same bytes again
	CaseRetried        = "retried"         // the same producer id again, fields of the attempt changed
	CaseLateHours      = "late_hours"      // delivered 2 to 72 hours after its own time
	CaseLateWeeks      = "late_weeks"      // delivered one to five weeks after its own time
	CaseOutOfOrder     = "out_of_order"    // delivered after an event of the same account that happened later
	CaseRenamed        = "renamed"         // properties.plan sent as properties.plan_name: the contract holds
	CaseRenameBreaks   = "rename_breaks"   // event sent as eventName: the contract breaks
	CaseNoID           = "broken_no_id"    // the producer's id is missing
	CaseBadTime        = "broken_time"     // the time is no time
	CaseWrongType      = "broken_type"     // a field has another type
	CaseNoSubject      = "broken_subject"  // nobody is named
	CaseFuture         = "broken_future"   // the time is days ahead of the delivery
	CaseIDReused       = "broken_reused"   // another event under an id that was used
	CaseIgnored        = "ignored"         // payouts, unpaid invoices: no touch by the contract's own rule
	CaseTestMode       = "test_mode"       // billing's test mode: recorded and marked
	CaseGap            = "gap"             // the CRM could not send the change itself
	CaseTestLead       = "test_lead"       // events of made-up leads that the team enters to try its forms
	CaseCompetitor     = "competitor"      // events of competitors
	CaseUnsubscribed   = "unsubscribed"    //
	CaseBounced        = "bounced"         //
	CaseConsent        = "consent_removed" //
	CaseJobChange      = "job_change"      // a user id whose e-mail moves to another company
	CaseSharedDevice   = "shared_device"   // identify calls of many people from one browser
	CaseWon            = "won"             //
	CaseLost           = "lost"            //
	CaseAmountEdited   = "amount_edited"   // after the deal was won
	CaseRefund         = "refund"          //
	CaseChurn          = "churn"           // subscription canceled
	CaseHandRaise      = "hand_raise"      // demo or sales contact requested
	CaseAccepted       = "accepted"        // a rep's answer to a handoff
	CaseRejected       = "rejected"        //
	CaseCompleted      = "completed"       //
	CaseOutreach       = "first_outreach"  //
	CaseUsageFalls     = "usage_falls"     // accounts whose usage halves
	CaseReturns        = "returns"         // accounts that come back after two silent months or more
	CaseRenewal        = "renewal"         // CRM account updates that carry a renewal date
	CaseReferenceLead  = "reference_lead"  // events of the reference lead
	CaseThursday       = "thursday"        // events of the account that was contacted on that Thursday
	CaseAnonymousFirst = "anonymous_first" // people first seen without a name, named later
)
