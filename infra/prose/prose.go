// Package prose writes sentences for terminals: wrapped at 80 columns, numbers with separators, times as people say
// them. Widths are those of a terminal, so that names in any script keep the margin.
package prose

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Width is what a line takes at most.
const Width = 80

// Wrap breaks text into lines of at most Width columns. The first begins with first, the others with rest. A word that
// is longer than a line stands on one of its own and is broken where the line ends.
func Wrap(first, rest, s string) string {
	var b strings.Builder
	b.WriteString(first)
	col, empty := text.StringWidth(first), true
	for _, word := range strings.Fields(s) {
		w := text.StringWidth(word)
		if !empty && col+1+w > Width {
			b.WriteString("\n" + rest)
			col, empty = text.StringWidth(rest), true
		}
		if !empty {
			b.WriteByte(' ')
			col++
		}
		for _, r := range word {
			rw := text.RuneWidth(r)
			if col+rw > Width {
				b.WriteString("\n" + rest)
				col = text.StringWidth(rest)
			}
			b.WriteRune(r)
			col += rw
		}
		empty = false
	}
	return b.String()
}

// Count writes a whole number with separators: 21,504.
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Of is a count and its noun: 1 event, 2 events.
func Of(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "ch"):
		noun += "es"
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ay"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return Count(n) + " " + noun
}

// Stamp is a moment: Thu 12 Mar 15:30, with its year where that is not the year of now. It is UTC.
func Stamp(t, now time.Time) string { return StampIn(t, now, time.UTC) }

// StampIn is Stamp by the clocks of a zone.
func StampIn(t, now time.Time, zone *time.Location) string {
	t = t.In(zone)
	if t.Year() == now.In(zone).Year() || now.IsZero() {
		return t.Format("Mon 2 Jan 15:04")
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// Day is a day: Thursday, 12 March 2026. It is UTC.
func Day(t time.Time) string { return t.UTC().Format("Monday, 2 January 2006") }

// For is a span as people say it, of two parts at most: 23 minutes, 2 hours 5 minutes, 3 days.
func For(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	minutes := int((d + 30*time.Second) / time.Minute)
	switch {
	case d < time.Minute:
		return Of(int(d/time.Second), "second")
	case minutes < 60:
		return Of(minutes, "minute")
	case minutes < 24*60:
		return two(minutes/60, "hour", minutes%60, "minute")
	default:
		return two(minutes/60/24, "day", minutes/60%24, "hour")
	}
}

func two(a int, an string, b int, bn string) string {
	if b == 0 || a >= 10 {
		return Of(a, an)
	}
	return Of(a, an) + " " + Of(b, bn)
}

// List joins words as a sentence does: a, b and c.
func List(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// Clip cuts a line that must not be wrapped.
func Clip(line string) string {
	if text.StringWidth(line) <= Width {
		return line
	}
	return text.Trim(line, Width-1) + "…"
}

// Sum writes a total and its terms: 5 = 3 recorded + 2 ignored.
func Sum(total int, what string, terms ...string) string {
	return fmt.Sprintf("%s %s = %s", Count(total), what, strings.Join(terms, " + "))
}
