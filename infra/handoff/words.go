package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"handoff/shared/money"
)

// oneLine makes what strangers named fit for a line: no control characters, no line ends.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// clip cuts a text to a width in cells.
func clip(s string, width int) string {
	if text.StringWidth(s) <= width {
		return s
	}
	return text.Snip(s, width, "…")
}

// when is a time to the minute, UTC; the year where it is not that of now.
func when(t, now time.Time) string {
	switch {
	case t.IsZero() || t.Unix() == 0: // the answers of enrich have no time of their own
		return "–"
	case t.Year() != now.Year():
		return t.UTC().Format("2 Jan 2006 15:04")
	}
	return t.UTC().Format("Mon 2 Jan 15:04")
}

// day is a date, UTC.
func day(t, now time.Time) string {
	switch {
	case t.IsZero() || t.Unix() == 0:
		return "–"
	case t.Year() != now.Year():
		return t.UTC().Format("2 Jan 2006")
	}
	return t.UTC().Format("2 Jan")
}

// moment is a time in full, as a heading says it.
func moment(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006 15:04") + " UTC" }

// span is a length of time in its two largest units.
func span(seconds int64) string {
	d, h, m := seconds/86400, seconds/3600%24, seconds/60%60
	switch {
	case seconds < 0:
		return "0 min"
	case d >= 10:
		return fmt.Sprintf("%d d", d)
	case d > 0:
		return fmt.Sprintf("%d d %d h", d, h)
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	}
	return fmt.Sprintf("%d min", m)
}

// number groups thousands.
func number[T int | int64](n T) string {
	s, neg := strings.CutPrefix(strconv.FormatInt(int64(n), 10), "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// bare is an amount without its currency, for columns that name it in their heading.
func bare(minor int64, currency string) string {
	s, _, _ := strings.Cut(money.Amount{Minor: minor, Currency: currency}.String(), " ")
	return s
}

// percent is a part of a whole, to a tenth.
func percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	permille := (part*1000 + whole/2) / whole
	return fmt.Sprintf("%d.%d %%", permille/10, permille%10)
}

// count is a number and its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// list joins at most n names.
func list(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}

// persons shortens addresses to what stands before the @, where all are of one domain.
func persons(owners []string) func(string) string {
	domains := map[string]bool{}
	for _, o := range owners {
		_, domain, _ := strings.Cut(o, "@")
		domains[domain] = true
	}
	if len(domains) != 1 {
		return func(s string) string { return s }
	}
	return func(s string) string {
		name, _, _ := strings.Cut(s, "@")
		return name
	}
}

// uniq sorts and drops repeats.
func uniq(s []string) []string {
	s = slices.Sorted(slices.Values(s))
	return slices.Compact(s)
}
