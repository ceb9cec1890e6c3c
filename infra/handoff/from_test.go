package main

import (
	"strings"
	"testing"
	"time"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParseFrom(t *testing.T) {
	now := at("2026-03-13T10:20:30Z") // a Friday
	for s, want := range map[string]string{
		"2026-03-01": "2026-03-01T00:00:00Z", "2026-03-12T14:05:30Z": "2026-03-12T14:05:30Z", "yesterday": "2026-03-12T00:00:00Z",
		"yesterday 14:00": "2026-03-12T14:00:00Z", "last week": "2026-03-02T00:00:00Z", "3 days ago": "2026-03-10T00:00:00Z",
		"2 hours ago": "2026-03-13T08:20:00Z", "since monday": "2026-03-09T00:00:00Z", "yesterday 14:00 Europe/Berlin": "2026-03-12T13:00:00Z",
	} {
		if got, err := parseFrom("--since", s, now); err != nil || !got.Equal(at(want)) {
			t.Errorf("parseFrom(%q): got %s, %v; want %s", s, got, err, want)
		}
	}
	for s, want := range map[string]string{"yesterdy": "--since: \"yesterdy\" is no time", "2026-03-01 to 2026-03-04": "a beginning and an end"} {
		if _, err := parseFrom("--since", s, now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseFrom(%q): got %v, want %q", s, err, want)
		}
	}
}
