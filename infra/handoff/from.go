package main

import (
	"fmt"
	"strings"
	"time"

	"handoff/infra/explain"
)

// parseFrom reads the time that a stretch begins, or ends, with: as parseTime does, and as explain does; of a day, a week
// or a month that is its beginning.
func parseFrom(flag, s string, now time.Time) (time.Time, error) {
	if t, err := parseTime(s); err == nil {
		return t, nil
	}
	now, s = now.UTC(), strings.TrimPrefix(s, "since ")
	w, err := explain.ParseAt("since "+s, now)
	if err == nil {
		return w.From.Truncate(time.Minute).UTC(), nil
	}
	if _, other := explain.ParseAt(s, now); other != nil {
		return time.Time{}, fmt.Errorf("%s: %w", flag, other)
	}
	return time.Time{}, fmt.Errorf("%s %q names a beginning and an end: give one time with --since, and the other with --until", flag, s)
}
