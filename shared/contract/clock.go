package contract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"handoff/shared/problem"
)

// maxAhead is how far an event's time may lie ahead of its envelope's: a clock that is off, or an offset lost.
const maxAhead = 24 * time.Hour

// earliest is the first time taken for an event's: earlier ones are zeros and broken clocks.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

var timeFormats = map[string]func(string) (time.Time, error){
	"iso":     isoTime,
	"millis":  func(s string) (time.Time, error) { return unixTime(s, 1) },
	"seconds": func(s string) (time.Time, error) { return unixTime(s, 1000) },
	"date":    func(s string) (time.Time, error) { return time.Parse(time.DateOnly, s) },
	// A date stands for its first moment in UTC.
	"date_or_iso": func(s string) (time.Time, error) {
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return t, nil
		}
		return isoTime(s)
	},
}

// isoTime reads RFC 3339 with or without a colon in its offset. A time without an offset is refused: guessing a zone
// would move touches by hours.
func isoTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("not a time like 2026-03-01T09:30:00.000Z")
}

// unixTime reads a whole number of units of perUnit milliseconds since 1970; fractions below a millisecond are cut.
func unixTime(s string, perUnit int64) (time.Time, error) {
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || n > 253402300799999/perUnit {
		return time.Time{}, errors.New("not a number of milliseconds or seconds since 1970")
	}
	ms := n * perUnit
	if perUnit == 1000 && frac != "" {
		f, err := strconv.ParseInt((frac + "000")[:3], 10, 64)
		if err != nil || f < 0 {
			return time.Time{}, errors.New("not a number of seconds since 1970")
		}
		ms += f
	}
	return time.UnixMilli(ms), nil
}

// clock reads an event's own time: the first of its paths that is there counts, for ever.
type clock struct {
	path  path
	parse func(string) (time.Time, error)
	as    string
}

func compileClocks(specs []timeSpec, at string, bad *problem.List) []clock {
	var out []clock
	for i, s := range specs {
		here := fmt.Sprintf("%s[%d]", at, i)
		p, err := parsePath(s.Path)
		if err != nil {
			bad.Add(here+".path", "%v", err)
		}
		f := timeFormats[s.As]
		if f == nil {
			bad.Add(here+".as", "unknown format %q: use iso, millis, seconds, date or date_or_iso", s.As)
		}
		out = append(out, clock{path: p, parse: f, as: s.As})
	}
	return out
}

// eventTime answers with whole milliseconds in UTC, or why there is no time.
func eventTime(clocks []clock, r *record, delivered time.Time) (time.Time, *Failure) {
	var names []string
	for i := range clocks {
		c := &clocks[i]
		s := scalar(r.at(&c.path))
		if s == "" {
			names = append(names, c.path.text)
			continue
		}
		t, err := c.parse(s)
		if err != nil {
			return t, &Failure{Code: NoTime, Field: c.path.text, Reason: fmt.Sprintf("The event's time cannot be read as %s: %v.", c.as, err)}
		}
		t = t.UTC().Truncate(time.Millisecond)
		switch {
		case t.Before(earliest):
			return t, &Failure{Code: NoTime, Field: c.path.text, Reason: fmt.Sprintf("The event's time, %s, is before 1990: the producer's clock or format is wrong.", t.Format(time.RFC3339))}
		case t.Year() > 9999 || !delivered.IsZero() && t.After(delivered.Add(maxAhead)):
			return t, &Failure{Code: FutureTime, Field: c.path.text, Reason: fmt.Sprintf("The event's time, %s, is more than 24 hours ahead of its delivery at %s: the producer's clock or format is wrong.",
				t.Format(time.RFC3339), delivered.UTC().Format(time.RFC3339))}
		}
		return t, nil
	}
	return time.Time{}, &Failure{Code: NoTime, Field: strings.Join(names, " or "), Reason: "The event does not say when it happened."}
}
