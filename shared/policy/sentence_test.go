package policy_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"handoff/shared/account"
	"handoff/shared/event"
	"handoff/shared/policy"
	"handoff/shared/touch"
)

// What a rep reads, of every play of the shipped policy. The sentences are written by hand.
func TestReasons(t *testing.T) {
	p := shipped(t)
	firm := company(at(0, 0), "name", "Initech", "industry", "SaaS", "employees", "250")
	large := company(at(0, 0), "name", "Initech", "employees", "900")
	won := happened(touch.OpportunityWon, at(0, 9))
	onboarded := happened(touch.OnboardingCompleted, at(5, 9))
	ann := account.Person{ID: "email:ann@initech.com", Fields: map[string]string{"name": "Ann Lee", "title": "CTO"}}
	many := func(kind string, when ...time.Time) (out []touch.Touch) {
		for _, at := range when {
			out = append(out, happened(kind, at))
		}
		return out
	}
	var used []touch.Touch
	for d := range 14 {
		used = append(used, happened(touch.FeatureUsed, at(d, 12)))
	}
	firmOf := func(ts ...touch.Touch) []touch.Touch { return append([]touch.Touch{firm}, ts...) }
	both := slices.Concat[[]touch.Touch]
	for _, c := range []struct {
		play    string
		asOf    time.Time
		touches []touch.Touch
		deals   []account.Deal
		by      bool // Ann made the last of the touches
		want    string
	}{
		{"hand_raise", at(3, 10), firmOf(happened(touch.PricingViewed, at(2, 9)), happened(touch.DemoRequested, at(3, 9))), nil, true,
			"Ann Lee (CTO) of Initech (SaaS, 250 people) asked for a demo on 4 May; score 125."},
		{"hand_raise", at(3, 10), many(touch.ContactSales, at(3, 9)), nil, false, "initech.com asked to talk to sales on 4 May; score 20."},
		{"seam", at(10, 0), []touch.Touch{large, happened(touch.Activated, at(8, 0)), happened(touch.UsageLimitReached, at(9, 0))}, nil, false,
			"Initech (900 people) activated the product on 9 May and reached a usage limit on 10 May; score 35."},
		{"pql", at(10, 0), both(firmOf(happened(touch.Activated, at(7, 0)), happened(touch.UsageLimitReached, at(9, 0))),
			many(touch.InviteSent, at(8, 0), at(8, 1)), many(touch.PricingViewed, at(9, 2), at(9, 5))), nil, true,
			"Initech (SaaS, 250 people) activated the product on 8 May, invited colleagues twice on 9 May, reached a usage limit on 10 May and " +
				"Ann Lee (CTO) viewed pricing twice on 10 May; score 75."},
		{"mql", at(10, 0), both(firmOf(happened(touch.WebinarAttended, at(1, 0))), many(touch.PricingViewed, at(8, 0), at(9, 5))), nil, true,
			"Initech (SaaS, 250 people) attended a webinar on 2 May, has a CTO among its people and Ann Lee (CTO) viewed pricing on 10 May; score 90."},
		{"nurture", at(10, 0), firmOf(happened(touch.WebinarAttended, at(1, 0))), nil, false,
			"Initech (SaaS, 250 people) attended a webinar on 2 May and has a CTO among its people; score 60."},
		{"kick_off", at(0, 10), firmOf(won, onboarded), nil, false, "The customer Initech (SaaS, 250 people) became a customer on 1 May."},
		{"onboarding_stalled", at(14, 10), firmOf(won), nil, false,
			"The customer Initech (SaaS, 250 people) became a customer on 1 May and has not finished onboarding."},
		{"usage_falling", at(24, 3), append(firmOf(won, onboarded), used...), nil, false,
			"The customer Initech (SaaS, 250 people) used the product on 4 of the last 14 days, after 10 of the 14 before."},
		// Of the 14 days before 25 May it was used on the 11th to the 14th, of those before on the ten from the 1st on.
		{"at_risk", at(24, 3), both(firmOf(won, onboarded, happened(touch.InvoiceFailed, at(23, 0))), used), nil, false,
			"The customer Initech (SaaS, 250 people) used the product on 4 of the last 14 days, after 10 of the 14 before and failed to pay an invoice on 24 May."},
		{"at_risk", at(20, 0), both(firmOf(won, onboarded, happened(touch.EmailBounced, at(12, 0))), many(touch.SupportRequested, at(17, 0), at(18, 0), at(19, 0))), nil, true,
			"The customer Initech (SaaS, 250 people) could not be reached by e-mail on 13 May and Ann Lee (CTO) asked for support 3 times between 18 and 20 May."},
		{"champion_left", at(20, 0), firmOf(won, onboarded, happened(touch.EmailBounced, at(19, 0))), nil, true,
			"Ann Lee (CTO) of the customer Initech (SaaS, 250 people) could not be reached by e-mail on 20 May."},
		{"expansion", at(20, 0), firmOf(won, onboarded, happened(touch.UsageLimitReached, at(19, 0))), nil, false,
			"The customer Initech (SaaS, 250 people) reached a usage limit on 20 May."},
		{"renewal_60", at(31, 0), firmOf(won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")), nil, false,
			"The customer Initech (SaaS, 250 people) is up for renewal on 31 July, in 60 days."},
		{"renewal_90", at(30, 0), firmOf(won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")), nil, false,
			"The customer Initech (SaaS, 250 people) is up for renewal on 31 July, in 61 days."},
		{"renewal_30", at(91, 23), firmOf(won, onboarded, company(at(0, 0), "renewal_date", "2026-07-31")), nil, false,
			"The customer Initech (SaaS, 250 people) is up for renewal on 31 July, today."},
		{"win_back", at(40, 0), firmOf(won, happened(touch.SubscriptionCanceled, at(5, 0)), happened(touch.PricingViewed, at(39, 0))), nil, true,
			"Initech (SaaS, 250 people) canceled on 6 May and Ann Lee (CTO) viewed pricing on 9 June; score 75."},
		{"recycled", at(40, 0), firmOf(happened(touch.HandoffRejected, at(5, 0)), happened(touch.PricingViewed, at(39, 0))), nil, false,
			"Initech (SaaS, 250 people) was sent back by sales on 6 May and viewed pricing on 9 June; score 75."},
		{"mql_overdue", at(4, 0), firmOf(happened(touch.ContactSales, at(0, 0))), nil, false,
			"Initech (SaaS, 250 people) has been at marketing qualified lead since 1 May, overdue since 3 May; score 45."},
		{"sql_overdue", at(20, 0), firmOf(happened(touch.HandoffAccepted, at(0, 0))), nil, false,
			"Initech (SaaS, 250 people) has been at sales qualified lead since 1 May, overdue since 15 May; score 45."},
	} {
		t.Run(c.play, func(t *testing.T) {
			v := view(p, c.asOf, c.touches...)
			v.Deals = c.deals
			v.People = []account.Person{ann}
			var by policy.Actor
			if c.by {
				by = policy.Actor{Touch: c.touches[len(c.touches)-1].ID, Person: ann.ID}
			}
			e := p.Evaluate(v)
			if !slices.Contains(e.Plays, c.play) {
				t.Fatalf("it is not due; %v are", e.Plays)
			}
			if got := p.Reason(v, &e, c.play, by); got != c.want {
				t.Errorf("reason:\n got %s\nwant %s", got, c.want)
			}
		})
	}
	for i := range p.Plays {
		if !strings.Contains(testedPlays, " "+p.Plays[i].Name+" ") {
			t.Errorf("no sentence of the play %s is written here", p.Plays[i].Name)
		}
	}
}

const testedPlays = " hand_raise seam pql mql nurture kick_off onboarding_stalled usage_falling at_risk champion_left champion_arrived expansion renewal_90 renewal_60 renewal_30 win_back recycled mql_overdue sql_overdue "

// However much there is to say, it is one sentence of bounded length.
func TestReasonIsBounded(t *testing.T) {
	long := strings.Repeat("Vereinigte Großhandels-Aktiengesellschaft ", 20)
	p := with(t, "plays.yaml", "{reached: won, within: 3d}", `{any: [{touch: page_viewed}, {touch: docs_viewed}, {touch: pricing_viewed, at_least: 3}, {touch: webinar_attended},
      {touch: event_attended}, {field: use_case, known: true}, {field: title, has_any_of: [Engineer]}, {deal: open}]}`)
	v := view(p, at(9, 0), happened(touch.PageViewed, at(1, 0)), happened(touch.DocsViewed, at(1, 0)), happened(touch.PricingViewed, at(1, 0)),
		happened(touch.PricingViewed, at(2, 0)), happened(touch.PricingViewed, at(8, 0)), happened(touch.WebinarAttended, at(1, 0)),
		happened(touch.EventAttended, at(1, 0)), company(at(0, 0), "name", long, "industry", long, "employees", "250", "use_case", long))
	v.People = []account.Person{person("name", long, "title", "Engineer "+long)}
	v.Deals = []account.Deal{{ID: "opportunity:crm/1", Status: "open", Name: long}}
	e := p.Evaluate(v)
	got := p.Reason(v, &e, "kick_off", policy.Actor{Touch: happened(touch.PricingViewed, at(8, 0)).ID, Person: v.People[0].ID})
	if n := utf8.RuneCountInString(got); n > policy.MaxReason || n < 200 || strings.Contains(got, "\n") {
		t.Errorf("%d characters: %s", n, got)
	}
	if !strings.Contains(got, "viewed pricing 3 times between 2 and 9 May") || !strings.HasSuffix(got, "; score 80.") { // fit 20 and 15, interest 30 and 15
		t.Errorf("what the person did, or the score, is not in it: %s", got)
	}
}

// Somebody without a company is spoken of as a person, and what no longer holds is said so.
func TestReasonOfAPerson(t *testing.T) {
	p := shipped(t)
	v := view(p, at(3, 10), happened(touch.DemoRequested, at(3, 9)))
	v.Account = "email:ann@gmail.com"
	by := policy.Actor{Touch: happened(touch.DemoRequested, at(3, 9)).ID, Person: v.Account}
	e := p.Evaluate(v)
	if got, want := p.Reason(v, &e, "hand_raise", by), "ann@gmail.com asked for a demo on 4 May; score 50."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	v.People = []account.Person{{ID: v.Account, Fields: map[string]string{"name": "Ann Lee", "title": "CTO"}}}
	if got, want := p.Reason(v, &event.Evaluation{Score: 70}, "hand_raise", by), "Ann Lee (CTO) asked for a demo on 4 May; score 70."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := p.Reason(v, &event.Evaluation{Score: 70}, "kick_off", by), "What was due for Ann Lee (CTO) no longer is."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Of several signs as many must come together as the play asks for.
func TestSignsComeTogether(t *testing.T) {
	p := shipped(t)
	won := happened(touch.OpportunityWon, at(0, 9))
	for _, c := range []struct {
		name    string
		touches []touch.Touch
		want    bool
	}{
		{"one sign", []touch.Touch{won, happened(touch.InvoiceFailed, at(19, 0))}, false},
		{"one sign twice", []touch.Touch{won, happened(touch.InvoiceFailed, at(19, 0)), happened(touch.InvoiceFailed, at(18, 0))}, false},
		{"two", []touch.Touch{won, happened(touch.InvoiceFailed, at(19, 0)), happened(touch.EmailBounced, at(18, 0))}, true},
		{"two, the one too old", []touch.Touch{won, happened(touch.InvoiceFailed, at(5, 23)), happened(touch.EmailBounced, at(18, 0))}, false},
		{"no customer", []touch.Touch{happened(touch.InvoiceFailed, at(19, 0)), happened(touch.EmailBounced, at(18, 0))}, false},
	} {
		if got := slices.Contains(held(p.Outcome(view(p, at(20, 0), c.touches...))), "at_risk"); got != c.want {
			t.Errorf("%s: at_risk is due: %t, want %t", c.name, got, c.want)
		}
	}
	for text, says := range map[string]string{
		"at_least: 5          # of these": "any: lists 4 conditions, so at_least is a number from 1 to 4, not 5",
		"at_least: 0          # of these": "not 0",
	} {
		files := map[string]string{}
		for name, s := range p.Text {
			files[name] = strings.Replace(s, "at_least: 2          # of these", text, 1)
		}
		if _, err := policy.Compile(files); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
