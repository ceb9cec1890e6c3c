package explain

import (
	"testing"
	"time"
)

func TestParseAt(t *testing.T) {
	now := time.Date(2026, 3, 19, 10, 0, 0, 0, time.UTC) // a Thursday
	for _, c := range []struct {
		in, from, until string
		moment          bool
	}{
		{"last thursday", "2026-03-12", "2026-03-13", false},
		{"thursday", "2026-03-19", "2026-03-20", false},
		{"that Thu", "2026-03-19", "2026-03-20", false},
		{"Last Friday", "2026-03-13", "2026-03-14", false},
		{"today", "2026-03-19", "2026-03-20", false},
		{"yesterday", "2026-03-18", "2026-03-19", false},
		{"2026-03-12", "2026-03-12", "2026-03-13", false},
		{"12 March 2026", "2026-03-12", "2026-03-13", false},
		{"Thursday, 12 March 2026", "2026-03-12", "2026-03-13", false},
		{"12 march", "2026-03-12", "2026-03-13", false},
		{"march 12", "2026-03-12", "2026-03-13", false},
		{"24 December", "2025-12-24", "2025-12-25", false}, // not yet this year
		{"29 Feb 2024", "2024-02-29", "2024-03-01", false},
		{"2026-03-12T15:36:00Z", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"2026-03-12t10:36:00-05:00", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"2026-03-12 15:36", "2026-03-11T15:36", "2026-03-12T15:36", true},
		{"now", "2026-03-18T10:00", "2026-03-19T10:00", true},
	} {
		got, err := ParseAt(c.in, now)
		layout := time.DateOnly
		if c.moment {
			layout = "2006-01-02T15:04"
		}
		if err != nil || got.From.Format(layout) != c.from || got.Until.Format(layout) != c.until || got.Moment != c.moment {
			t.Errorf("%q: %+v, %v; want %s to %s, moment %v", c.in, got, err, c.from, c.until, c.moment)
		}
	}
	for _, in := range []string{"", "someday", "2026-13-01", "30 February 2026", "last", ", ", "march", "é"} {
		if got, err := ParseAt(in, now); err == nil {
			t.Errorf("%q was read as %+v", in, got)
		}
	}
}

func TestBlock(t *testing.T) {
	text := "fit:\n  rules:\n    - rule: A  # first\n      field: x\n      # why\n      points: 1\n    - rule: B\n      points: 2\n\n    - {rule: C, points: 3}\n"
	for name, want := range map[string]string{"A": "- rule: A\n  field: x\n  points: 1", "B": "- rule: B\n  points: 2", "D": ""} {
		if got := block(text, "rule", name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
