// Package span reads and writes lengths of time as policies and source contracts state them: 7d, 2w, 36h, 1d12h, 90m.
package span

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// ErrInvalid is wrapped by errors about a text that is not a length of time.
var ErrInvalid = errors.New("invalid length of time")

// Units. A day is 24 hours and a week seven days, whatever clocks do on the way.
const (
	Hour = time.Hour
	Day  = 24 * Hour
	Week = 7 * Day
)

// Duration is a length of time in nanoseconds, written in YAML and JSON as text: 7d.
type Duration time.Duration

var units = []struct {
	suffix string
	length time.Duration
}{{"w", Week}, {"d", Day}, {"h", Hour}, {"ms", time.Millisecond}, {"m", time.Minute}, {"s", time.Second}}

// Parse reads one or more whole numbers, each with a unit: w, d, h, m, s, ms. "0" needs none.
func Parse(s string) (Duration, error) {
	rest := strings.TrimSpace(s)
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, fmt.Errorf("%w: it is empty; write a number and a unit, as in 7d, 36h or 90m", ErrInvalid)
	}
	var total int64
next:
	for rest != "" {
		digits := 0
		var n int64
		for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
			if n > math.MaxInt64/10-1 {
				return 0, fmt.Errorf("%w: %q is too long", ErrInvalid, s)
			}
			n = n*10 + int64(rest[digits]-'0')
			digits++
		}
		rest = rest[digits:]
		for _, u := range units {
			if digits == 0 || !strings.HasPrefix(rest, u.suffix) {
				continue
			}
			if n > (math.MaxInt64-total)/int64(u.length) {
				return 0, fmt.Errorf("%w: %q is too long", ErrInvalid, s)
			}
			total += n * int64(u.length)
			rest = strings.TrimLeft(rest[len(u.suffix):], " ")
			continue next
		}
		return 0, fmt.Errorf("%w: %q; write a number and a unit (w, d, h, m, s, ms), as in 7d, 36h or 90m", ErrInvalid, s)
	}
	return Duration(total), nil
}

// D is the length as the standard library's type.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String writes what Parse reads, in the fewest units: 7d, 1d12h, 0.
func (d Duration) String() string {
	if d == 0 {
		return "0"
	}
	if d < 0 {
		return "-" + (-d).String()
	}
	var b strings.Builder
	rest := time.Duration(d)
	for _, u := range []struct {
		suffix string
		length time.Duration
	}{{"d", Day}, {"h", Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}} {
		if n := rest / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.suffix)
			rest -= n * u.length
		}
	}
	return b.String()
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what Parse reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
