package generate

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// TestEndsInTheMiddleOfLife: in the last three weeks buyers ask as often as in the weeks before, and reps answer, whatever
// the size of the journey.
func TestEndsInTheMiddleOfLife(t *testing.T) {
	for _, tc := range []struct {
		name                             string
		seed                             uint64
		months, events, accounts, weekly int // weekly: at least so many requests a week in the end, in tenths
	}{
		{"bundled", Bundled().Seed, 6, 21_500, 360, 25},
		{"another seed", 11, 6, 21_500, 360, 25},
		{"a quarter", 5, 3, 12_000, 400, 25},
		{"a year, twice as wide", 3, 12, 60_000, 720, 25},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Bundled()
			c.Seed, c.Months, c.Events, c.Accounts = tc.seed, tc.months, tc.events, tc.accounts
			const three = 21 * 24 * time.Hour
			from, until := c.Start.AddDate(0, 0, 42), c.End().Add(-three)
			asked, answered, before := map[string]bool{}, 0, map[string]bool{}
			_, err := Generate(context.Background(), c, func(tool string, b []byte, at time.Time) error {
				late := !at.Before(until)
				switch {
				case tool == "salesforce" && bytes.Contains(b, []byte(`"Status":"Open - Not Contacted"`)): // the lead that a request makes
					_, rest, ok := bytes.Cut(b, []byte(`"recordIds":["`))
					if !ok {
						return nil // a broken one
					}
					id := string(rest[:18])
					if late {
						asked[id] = true
					} else if !at.Before(from) {
						before[id] = true
					}
				case late && bytes.Contains(b, []byte(`"Handoff_Status__c":"Accepted"`)), late && bytes.Contains(b, []byte(`"kind":"handoff_accepted"`)):
					answered++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			weeks := int(until.Sub(from) / (7 * 24 * time.Hour))
			t.Logf("%d requests in the last three weeks, %d in %d weeks before, %d handoffs accepted", len(asked), len(before), weeks, answered)
			if len(asked)*10 < tc.weekly*3 {
				t.Errorf("%d requests in the last three weeks, want at least %d tenths a week", len(asked), tc.weekly)
			}
			if len(asked)*weeks*2 < len(before)*3 {
				t.Errorf("%d requests in three weeks after %d in %d: the journey runs dry", len(asked), len(before), weeks)
			}
			if answered < len(asked)/3 {
				t.Errorf("%d handoffs accepted for %d requests", answered, len(asked))
			}
		})
	}
}

// TestEndTales: the last buyers ask when README says they do, and the forgotten one is not called.
func TestEndTales(t *testing.T) {
	for _, tc := range []struct{ tool, says, domain, at string }{
		{"segment", "Demo Requested", WaitsDomain, "Tue 2026-06-30"},
		{"salesforce", `"Amount":96000`, "Tidewarden - New Business", "Wed 2026-07-01"},
		{"segment", "Demo Requested", EveningDomain, "Thu 2026-07-02"},
		{"rudderstack", "Usage Limit Reached", groupOf(t, DayOffDomain), "Fri 2026-07-03"},
	} {
		got := find(t, tc.tool, tc.says, tc.domain)
		if len(got) == 0 {
			t.Errorf("%s: nothing of %s", tc.domain, tc.says)
		} else if at := got[0].Time.In(time.FixedZone("Boston", -5*3600)).Format("Mon 2006-01-02"); at != tc.at {
			t.Errorf("%s of %s: first on %s, want %s", tc.says, tc.domain, at, tc.at)
		}
	}
	taken := find(t, "salesforce", `"Handoff_Status__c":"Accepted"`, `"commitTimestamp"`, leadOf(t, "Olive", WaitsDomain))
	called := find(t, "salesforce", `"Handoff_Status__c":"Contacted"`, leadOf(t, "Olive", WaitsDomain))
	if len(taken) == 0 || len(called) != 0 {
		t.Errorf("the forgotten buyer's handoff is accepted %d times and answered %d times, want it accepted and never answered", len(taken), len(called))
	}
}

// groupOf is the workspace of a tale's company, leadOf the CRM's id of the lead that one of its people became.
func groupOf(t *testing.T, domain string) string {
	t.Helper()
	c := Bundled()
	for n := range tales {
		if a := newCompany(&c, n); a.domain == domain {
			return a.group
		}
	}
	t.Fatalf("no tale of %s", domain)
	return ""
}

func leadOf(t *testing.T, first, domain string) string {
	t.Helper()
	made := find(t, "salesforce", `"LeadChangeEvent"`, `"changeType":"CREATE"`, `"FirstName":"`+first+`"`, domain)
	if len(made) == 0 {
		t.Fatalf("no lead of %s at %s", first, domain)
	}
	_, rest, _ := bytes.Cut(made[0].Detail, []byte(`"recordIds":["`))
	return string(rest[:18])
}

func TestWorking(t *testing.T) {
	for _, tc := range []struct {
		name string
		rep  rep
		at   string
		want string
	}{
		{"in hours", ann, "2026-03-12T15:30:00Z", "2026-03-12T15:30:00Z"},
		{"before nine in winter", ann, "2026-02-10T12:00:00Z", "2026-02-10T14:00:00Z"},
		{"before nine in summer", ann, "2026-07-01T12:00:00Z", "2026-07-01T13:00:00Z"},
		{"at six the day is over", ann, "2026-07-01T22:00:00Z", "2026-07-02T13:00:00Z"},
		{"Friday evening", sam, "2026-02-07T02:30:00Z", "2026-02-09T17:00:00Z"},
		{"Saturday", jonas, "2026-02-07T10:00:00Z", "2026-02-09T08:00:00Z"},
		{"Berlin in summer", jonas, "2026-04-01T06:00:00Z", "2026-04-01T07:00:00Z"},
		{"over a holiday and the week-end", ruth, "2026-07-02T23:30:00Z", "2026-07-06T13:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := tc.rep.working(at).Format(time.RFC3339); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestHolidaysAreThePolicys: reps of a journey have the days off that the default policy's calendar gives them.
func TestHolidaysAreThePolicys(t *testing.T) {
	b, err := os.ReadFile("../policy/teams.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Calendars map[string][]string `yaml:"calendars"`
	}
	if err := yaml.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, d := range p.Calendars["us"] {
		want[d] = true
	}
	n := 0
	for d := date(2026, time.January, 1); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
		day := d.Format(time.DateOnly)
		if want[day] {
			n++
		}
		if holiday(d) != want[day] {
			t.Errorf("%s: holiday is %v, the policy says %v", day, holiday(d), want[day])
		}
	}
	if n < 8 {
		t.Errorf("the policy's calendar has %d days of 2026", n)
	}
}
