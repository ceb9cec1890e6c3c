package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"
)

// sent is one delivery of the bundled journey.
type sent struct {
	tool string
	line []byte
}

// halfYear makes the bundled journey once for all tests that only read it.
var halfYear = sync.OnceValues(func() (all []sent, sum Summary) {
	sum, err := Generate(context.Background(), Bundled(), func(tool string, b []byte, _ time.Time) error {
		all = append(all, sent{tool, bytes.Clone(b)})
		return nil
	})
	if err != nil {
		panic(err)
	}
	return all, sum
})

// find returns the lines of the bundled journey that hold all texts, in order of delivery.
func find(t *testing.T, tool string, texts ...string) []line {
	t.Helper()
	var out []line
	all, _ := halfYear()
next:
	for _, d := range all {
		for _, text := range texts {
			if d.tool != tool || !bytes.Contains(d.line, []byte(text)) {
				continue next
			}
		}
		var l line
		if err := json.Unmarshal(d.line, &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

func TestThursdayTale(t *testing.T) {
	asked := find(t, "segment", "Demo Requested", "nora.castillo@"+ThursdayDomain)
	if len(asked) == 0 {
		t.Fatal("nobody asked for a demo")
	}
	at := asked[0].Time.In(time.FixedZone("Boston", -5*3600))
	if got, want := at.Format("Monday 2006-01-02"), "Thursday 2026-03-12"; got != want || at.Hour() < 9 || at.Hour() > 16 {
		t.Errorf("the demo was asked for on %s at %s, want %s in working hours", got, at.Format("15:04"), want)
	}
	taken := find(t, "salesforce", `"Handoff_Status__c":"Accepted"`, `"Handoff_Play__c":"hand_raise"`, `"Status":"Working"`)
	for len(taken) > 0 && taken[0].Time.Before(asked[0].Time) {
		taken = taken[1:]
	}
	if len(taken) == 0 || taken[0].Time.Sub(asked[0].Time) > time.Hour {
		t.Errorf("the rep's answer does not follow within the hour: %v", taken)
	}
	if n := len(find(t, "salesforce", "Closed Won", "006")); n == 0 {
		t.Error("no deal is won")
	}
}

func TestReferenceLead(t *testing.T) {
	if n := len(find(t, "segment", "petra.novak@"+ReferenceDomain, "Senior Software Engineer")); n == 0 {
		t.Error("the title is never told")
	}
	if n := len(find(t, "canonical", "webinar_attended", "email:petra.novak@"+ReferenceDomain)); n != 1 && n != 2 {
		t.Errorf("webinar attended %d times, want once (or once more, repeated)", n)
	}
	if n := len(find(t, "segment", "petra.novak@"+ReferenceDomain, "Demo Requested")); n != 0 {
		t.Error("the reference lead asks for no demo")
	}
}

func TestRenames(t *testing.T) {
	c := Bundled()
	from := c.Start.AddDate(0, 3, 9)
	for _, l := range find(t, "rudderstack", `"eventName"`) {
		var d struct {
			At    time.Time `json:"originalTimestamp"`
			Event *string   `json:"event"`
		}
		if err := json.Unmarshal(l.Detail, &d); err != nil {
			t.Fatal(err)
		}
		if d.Event != nil || d.At.Before(from) || !d.At.Before(from.AddDate(0, 0, 14)) {
			t.Errorf("renamed outside the two weeks: %s", l.Detail)
		}
	}
	for _, l := range find(t, "segment", `"properties":{"plan":`) {
		if l.Time.After(c.Start.AddDate(0, 3, 0).Add(36 * 24 * time.Hour)) {
			t.Errorf("properties.plan after the rename: %s", l.Detail)
		}
	}
}

func TestRhythm(t *testing.T) {
	weekend, all := 0, 0
	for _, l := range find(t, "segment", "") {
		if w := l.Time.Weekday(); w == time.Saturday || w == time.Sunday {
			weekend++
		}
		all++
	}
	if weekend == 0 || weekend*100/all > 15 {
		t.Errorf("%d of %d events at weekends, want some but at most 15 in 100", weekend, all)
	}
}
