package score

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/event"
	"handoff/shared/money"
	"handoff/shared/touch"
)

// newOnly counts new business from the CRM and nothing else.
type newOnly struct{ plain }

func (newOnly) Canonical(conversionType, deal string) bool { return conversionType == "new" }

// What the CRM says of a deal comes in any order. What was told too early is taken back, and nothing is told without an amount.
func TestRevenueToldInAnyOrder(t *testing.T) {
	say := func(i int, kind string, o touch.Opportunity) *touch.Touch {
		o.ID = "opportunity:crm/1"
		return &touch.Touch{ID: touch.NewID("t", "t", fmt.Sprint(i), 0), Kind: kind, Subject: o.ID, Links: []string{"account:initech.example"},
			Time: day(i), RecordedAt: day(20), Opportunity: &o}
	}
	amount := &money.Amount{Minor: 500, Currency: "USD"}
	test := say(4, touch.OpportunityUpdated, touch.Opportunity{})
	test.Test = true
	for _, tc := range []struct {
		name    string
		touches []*touch.Touch
		want    []string
	}{
		{"the amount after the win", []*touch.Touch{say(2, touch.OpportunityWon, touch.Opportunity{}), say(1, touch.OpportunityCreated, touch.Opportunity{Amount: amount})},
			[]string{"new 5.00 USD"}},
		{"no amount at all", []*touch.Touch{say(2, touch.OpportunityWon, touch.Opportunity{})}, nil},
		{"a type that is counted elsewhere, after the win", []*touch.Touch{say(2, touch.OpportunityWon, touch.Opportunity{Amount: amount}), say(1, touch.OpportunityCreated, touch.Opportunity{Type: "renewal"})},
			[]string{"new 5.00 USD", "renewal 0.00 USD"}},
		{"the same type before the win", []*touch.Touch{say(1, touch.OpportunityCreated, touch.Opportunity{Type: "renewal"}), say(2, touch.OpportunityWon, touch.Opportunity{Amount: amount})}, nil},
		{"a test, as it turns out", []*touch.Touch{say(2, touch.OpportunityWon, touch.Opportunity{Amount: amount}), test}, []string{"new 5.00 USD", "new 0.00 USD"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, done := newBench(t)
			defer done()
			b.use(t, b.accounts, b.history, b, newOnly{})
			b.record(t, tc.touches...)
			b.fold(t, tc.touches, 1)
			b.fold(t, tc.touches, 1) // again: nothing is told twice
			var got []string
			for _, e := range b.sent {
				if e.DetailType != event.ConversionRecorded {
					continue
				}
				var c event.Conversion
				if err := json.Unmarshal(e.Detail, &c); err != nil {
					t.Fatal(err)
				}
				got = append(got, c.Type+" "+c.Amount.String())
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("told -want +got\n%s", d)
			}
		})
	}
}
