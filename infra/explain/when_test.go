package explain

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestParseAt(t *testing.T) {
	now := time.Date(2026, 3, 19, 10, 0, 0, 0, time.UTC) // a Thursday
	for _, c := range []struct {
		in, from, until string
		moment          bool
	}{
		{"last thursday", "2026-03-12", "2026-03-13", false},
		{"thursday", "2026-03-19", "2026-03-20", false},
		{"that Thu", "2026-03-19", "2026-03-20", false},
		{"this past Thursday", "2026-03-19", "2026-03-20", false},
		{"Last Friday", "2026-03-13", "2026-03-14", false},
		{"last sun", "2026-03-15", "2026-03-16", false},
		{"tuesday last week", "2026-03-10", "2026-03-11", false},
		{"sunday of last week", "2026-03-15", "2026-03-16", false},
		{"today", "2026-03-19", "2026-03-20", false},
		{"yesterday", "2026-03-18", "2026-03-19", false},
		{"the day before yesterday", "2026-03-17", "2026-03-18", false},
		{"3 days ago", "2026-03-16", "2026-03-17", false},
		{"a week ago", "2026-03-12", "2026-03-13", false},
		{"two weeks ago", "2026-03-05", "2026-03-06", false},
		{"1 month ago", "2026-02-19", "2026-02-20", false},
		{"2026-03-12", "2026-03-12", "2026-03-13", false},
		{"2026/03/12", "2026-03-12", "2026-03-13", false},
		{"12.03.2026", "2026-03-12", "2026-03-13", false},
		{"12 March 2026", "2026-03-12", "2026-03-13", false},
		{"12th of March", "2026-03-12", "2026-03-13", false},
		{"March 12th, 2026", "2026-03-12", "2026-03-13", false},
		{"Thursday, 12 March 2026", "2026-03-12", "2026-03-13", false},
		{"12 march", "2026-03-12", "2026-03-13", false},
		{"on march 12", "2026-03-12", "2026-03-13", false},
		{"24 December", "2025-12-24", "2025-12-25", false}, // not yet this year
		{"29 Feb 2024", "2024-02-29", "2024-03-01", false},
		{"29 Feb", "2024-02-29", "2024-03-01", false},
		{"this week", "2026-03-16", "2026-03-23", false},
		{"last week", "2026-03-09", "2026-03-16", false},
		{"last month", "2026-02-01", "2026-03-01", false},
		{"in march", "2026-03-01", "2026-04-01", false},
		{"April", "2025-04-01", "2025-05-01", false},
		{"feb 2025", "2025-02-01", "2025-03-01", false},
		{"2026-02", "2026-02-01", "2026-03-01", false},
		{"2026-03-10..2026-03-14", "2026-03-10", "2026-03-15", false},
		{"from 10 March to 14 March", "2026-03-10", "2026-03-15", false},
		{"between last monday and yesterday", "2026-03-16", "2026-03-19", false},
		{"2026-03-10 - 2026-03-14", "2026-03-10", "2026-03-15", false},
		{"2026-03-12 09:00 to 2026-03-12 11:00", "2026-03-12T09:00", "2026-03-12T11:01", true}, // the minute is in it
		{"2026-03-12T15:36:00Z", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"2026-03-12t10:36:00-05:00", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"2026-03-12 15:36", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"yesterday 14:00", "2026-03-17T14:00", "2026-03-18T14:00", true},
		{"yesterday at 2pm", "2026-03-17T14:00", "2026-03-18T14:00", true},
		{"last thursday, noon", "2026-03-11T12:00", "2026-03-12T12:00", true},
		{"12 March 15:36", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"3 hours ago", "2026-03-18T07:00", "2026-03-19T07:00", true},
		{"now", "2026-03-18T10:00", "2026-03-19T10:00", true},
		{"yesterday 15:00 Europe/Berlin", "2026-03-17T14:00", "2026-03-18T14:00", true},
		{"yesterday 15:00 CET", "2026-03-17T14:00", "2026-03-18T14:00", true},
		{"2026-03-12 10:36 -05:00", "2026-03-11T15:36", "2026-03-12T15:36", true},
	} {
		got, err := ParseAt(c.in, now)
		layout := time.DateOnly
		if c.moment {
			layout = "2006-01-02T15:04"
		}
		if err != nil || got.From.UTC().Format(layout) != c.from || got.Until.UTC().Format(layout) != c.until || got.Moment != (c.moment && !strings.Contains(c.in, " to ")) {
			t.Errorf("%q: %+v, %v; want %s to %s, moment %v", c.in, got, err, c.from, c.until, c.moment)
		}
	}
	for _, in := range []string{"", "someday", "2026-13-01", "30 February 2026", "last", ", ", "é", "yesterday 25:00", "0 days ago", "2026-03-14..2026-03-10",
		"..", "to", "yesterday 14:00 PST", "yesterday Mars/Olympus", "13 months"} {
		if got, err := ParseAt(in, now); !errors.Is(err, ErrWhen) {
			t.Errorf("%q was read as %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"2026-03-20", "2027-01-01", "19 March 10:30", "2026-03-19T11:00:00Z"} {
		if got, err := ParseAt(in, now); err == nil || !strings.Contains(err.Error(), "still to come") {
			t.Errorf("%q: %+v, %v; want that it is still to come", in, got, err)
		}
	}
}

// A day is one of the zone that was meant: its bounds, and which day it is by now.
func TestParseAtInAZone(t *testing.T) {
	berlin, la := zone(t, "Europe/Berlin"), zone(t, "America/Los_Angeles")
	now := time.Date(2026, 3, 30, 5, 0, 0, 0, time.UTC) // Monday 7:00 in Berlin, Sunday 22:00 in Los Angeles
	for _, c := range []struct {
		in          string
		zone        *time.Location
		from, until string // UTC
		name        string
	}{
		{"yesterday", berlin, "2026-03-28T23:00", "2026-03-29T22:00", "Europe/Berlin"}, // the clocks went forward: 23 hours
		{"yesterday", la, "2026-03-28T07:00", "2026-03-29T07:00", "America/Los_Angeles"},
		{"yesterday europe/berlin", la, "2026-03-28T23:00", "2026-03-29T22:00", "Europe/Berlin"},
		{"last week", la, "2026-03-16T07:00", "2026-03-23T07:00", "America/Los_Angeles"}, // Sunday: the week is not over
		{"yesterday UTC", berlin, "2026-03-29T00:00", "2026-03-30T00:00", "UTC"},
		{"yesterday +05:30", berlin, "2026-03-28T18:30", "2026-03-29T18:30", "UTC+05:30"},
	} {
		got, err := ParseAt(c.in, now.In(c.zone))
		const layout = "2006-01-02T15:04"
		if err != nil || got.From.UTC().Format(layout) != c.from || got.Until.UTC().Format(layout) != c.until || got.Zone != c.name {
			t.Errorf("%q in %s: %+v, %v; want %s to %s of %s", c.in, c.zone, got, err, c.from, c.until, c.name)
		}
	}
}

func TestPhrase(t *testing.T) {
	now := time.Date(2026, 3, 19, 10, 20, 30, 0, time.UTC)
	for in, want := range map[string]string{
		"last thursday":                        "on Thursday, 12 March 2026",
		"last week":                            "from Monday, 9 March 2026 to Sunday, 15 March 2026",
		"february":                             "in February 2026",
		"last thursday 14:00":                  "on Thursday, 12 March 2026 at 14:00, or in the day before",
		"last 2 days":                          "from Tuesday, 17 March 2026 to now",
		"2026-03-12 09:00 to 2026-03-12 11:00": "from Thursday, 12 March 2026, 09:00, to Thursday, 12 March 2026, 11:00",
	} {
		w, err := ParseAt(in, now)
		if err != nil || w.phrase() != want {
			t.Errorf("%q: %q, %v; want %q", in, w.phrase(), err, want)
		}
	}
}
