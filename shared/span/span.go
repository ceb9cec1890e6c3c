// Package span reads lengths of time as people write them in a policy: 7d, 48h, 1w, 90m, 1d12h. A day is always 24
// hours and a week seven days; calendars and working hours belong to package routing.
package span

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrInvalid is wrapped by every error about a text that is not a span.
var ErrInvalid = errors.New("invalid span of time")

// Span is a length of time in whole minutes, 0 or more. Its text form is the one that YAML and JSON hold.
type Span time.Duration

// The units a span is written in.
const (
	Minute = Span(time.Minute)
	Hour   = 60 * Minute
	Day    = 24 * Hour
	Week   = 7 * Day
)

// Max is the longest span that is read: ten years of 365 days.
const Max = 3650 * Day

var units = [...]struct {
	letter byte
	size   Span
}{{'w', Week}, {'d', Day}, {'h', Hour}, {'m', Minute}}

// Parse reads a span: one or more whole numbers, each with its unit, the larger units first. "0" alone is zero.
func Parse(s string) (Span, error) {
	text := strings.TrimSpace(s)
	if text == "0" {
		return 0, nil
	}
	if text == "" {
		return 0, fmt.Errorf("%w: it is empty; write a number and a unit, such as 7d, 48h, 90m or 1w", ErrInvalid)
	}
	var sum Span
	next := 0 // the first unit that may still come
	for rest := text; rest != ""; {
		n, i := int64(0), 0
		for ; i < len(rest) && rest[i] >= '0' && rest[i] <= '9'; i++ {
			if n = n*10 + int64(rest[i]-'0'); n > int64(Max/Minute) {
				return 0, fmt.Errorf("%w: %q is longer than ten years", ErrInvalid, s)
			}
		}
		if i == 0 || i == len(rest) {
			return 0, fmt.Errorf("%w: %q; write whole numbers each with a unit of w, d, h or m, such as 7d or 1d12h", ErrInvalid, s)
		}
		u := next
		for u < len(units) && units[u].letter != rest[i] {
			u++
		}
		if u == len(units) {
			return 0, fmt.Errorf("%w: %q has the unit %q unknown or out of order; units are w, d, h, m in that order", ErrInvalid, s, rest[i])
		}
		if sum += Span(n) * units[u].size; sum > Max {
			return 0, fmt.Errorf("%w: %q is longer than ten years", ErrInvalid, s)
		}
		next, rest = u+1, rest[i+1:]
	}
	return sum, nil
}

// Duration is the span as Go's own type.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// String writes what Parse reads, in days, hours and minutes.
func (s Span) String() string {
	if s < Minute {
		return "0"
	}
	var b strings.Builder
	for _, u := range units[1:] {
		if n := s / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.letter)
			s -= n * u.size
		}
	}
	return b.String()
}

// MarshalText writes String.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what Parse reads.
func (s *Span) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	if err == nil {
		*s = v
	}
	return err
}
