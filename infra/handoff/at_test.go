package main

import (
	"strings"
	"testing"
)

// What shows what stands goes back no further than to the newest of it, and says to where and what does go back.
func TestAtIsNotEarlierThanWhatIsShown(t *testing.T) {
	r := seen(t)
	for _, c := range []struct {
		args   string
		at     string
		newest string // "" where that hour is fine
	}{
		{"account initech.com", "2026-03-04T17:04:00Z", "2026-03-04T17:05:00Z"}, // its deal is created at 17:05
		{"account initech.com", "2026-03-04T17:05:00Z", ""},
		{"account hooli.com", "2026-03-04T16:49:00Z", "2026-03-04T16:50:00Z"}, // it paid at 16:50
		{"account hooli.com", "2026-03-04T16:50:00Z", ""},                     // others' touches are not shown
		{"account umbrella.com", "2026-03-04T17:20:00Z", "2026-03-04T17:31:00Z"},
		{"queue", "2026-03-04T17:20:00Z", "2026-03-04T"}, // somebody was called at 17:31
		{"queue --overdue", "2026-03-04T21:00:00Z", ""},
		{"report first", "2026-03-04T17:30:00Z", "2026-03-04T"},
		{"report funnel", "2026-03-04T17:30:00Z", "2026-03-04T"},
		{"report hot", "2026-03-04T17:30:00Z", "2026-03-04T"},
		{"report sources", "2026-03-04T17:30:00Z", "2026-03-04T"},
		{"report all", "2026-03-04T17:30:00Z", "2026-03-04T"},
		{"report all", "2026-03-05T17:30:00Z", ""},
		{"status", "2026-03-04T17:30:00Z", "2026-03-04T"},
		{"report revenue", "2026-03-04T16:30:00Z", ""},
		{"report quarantine", "2026-03-04T17:30:00Z", ""},
	} {
		out, exit := asked(t, r, append(strings.Fields(c.args), "--at", c.at)...)
		switch {
		case c.newest == "" && exit != exitOK:
			t.Errorf("%s --at %s: exit status %d\n%s", c.args, c.at, exit, out)
		case c.newest != "" && (exit != exitFailed || !strings.Contains(out, "newest of what is shown here, of "+c.newest) || !strings.Contains(out, "handoff explain ")):
			t.Errorf("%s --at %s: exit status %d, want it refused for what is of %s\n%s", c.args, c.at, exit, c.newest, out)
		}
	}
	// Revenue and quarantine leave out what came later: Hooli bought at 16:40, nobody.knows was heard at 17:55.
	if out, _ := asked(t, r, "report", "revenue", "--at", "2026-03-04T16:30:00Z"); !strings.Contains(out, "No revenue has been counted yet") {
		t.Errorf("revenue before the purchase:\n%s", out)
	}
	if out, _ := asked(t, r, "report", "quarantine", "--at", "2026-03-04T17:50:00Z"); strings.Contains(out, "nobody.knows") {
		t.Errorf("quarantine before the event:\n%s", out)
	}
}
