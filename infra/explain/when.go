package explain

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// When is the stretch of time that was asked about: a day, several, or up to a moment.
type When struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`  // exclusive, but of a moment inclusive
	Moment bool      `json:"moment"` // Until is a moment; From is a day before it
	// Zone is whose days and hours were meant.
	Zone string `json:"zone"`
}

// ErrWhen is wrapped where a time cannot be read.
var ErrWhen = errors.New("no time that can be read")

// weekdays and months by how people write them; numbers as far as they are written out.
var (
	weekdays = map[string]time.Weekday{"tues": time.Tuesday, "thur": time.Thursday, "thurs": time.Thursday}
	months   = map[string]time.Month{"sept": time.September}
	numbers  = map[string]int{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
)

func init() {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		weekdays[name], weekdays[name[:3]] = d, d
	}
	for m := time.January; m <= time.December; m++ {
		name := strings.ToLower(m.String())
		months[name], months[name[:3]] = m, m
	}
}

// layouts of days, and of moments to the second or the minute.
var (
	dayLayouts    = []string{time.DateOnly, "2006/01/02", "2 January 2006", "2 Jan 2006", "January 2, 2006", "January 2 2006", "Jan 2, 2006", "Jan 2 2006", "02.01.2006", "2.1.2006"}
	yearless      = []string{"2 January", "2 Jan", "January 2", "Jan 2", "2.1."}
	momentLayouts = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"}
	clockLayouts  = []string{"15:04:05", "15:04", "3:04pm", "3pm", "15h"}
)

// ParseAt reads what people say: last thursday, yesterday 14:00, 3 days ago, 12 March, last week, 2026-03-10 to
// 2026-03-14, 2026-03-12T15:36:00Z. Days and hours are those of now's zone, unless a zone stands at the end: yesterday
// 14:00 Europe/Berlin. A day without its year is the latest that is not after now; last thursday is the one before
// today, and a week lasts from Monday to Sunday. A moment given to the minute takes in that minute.
func ParseAt(s string, now time.Time) (When, error) {
	word, zone := splitZone(s)
	if zone != nil {
		now = now.In(zone)
	}
	w, ok := parseStretch(word, now)
	if !ok {
		return When{}, fmt.Errorf("%q is %w; write last thursday, yesterday 14:00, 3 days ago, last week, 12 March, 2026-03-10 to 2026-03-14 or 2026-03-12T15:36:00Z, and a zone, if it is not %s, behind it: yesterday 14:00 Europe/Berlin",
			s, ErrWhen, zoneName(now))
	}
	w.Zone = zoneName(now)
	if w.From.After(now) || w.Moment && w.Until.After(now.Add(time.Minute)) {
		return When{}, fmt.Errorf("%s is still to come: it is %s now, and only what has been can be explained", w.said(), now.Format("Monday, 2 January 2006 15:04 MST"))
	}
	return w, nil
}

// Zone finds a time zone by the name that people give it.
func Zone(name string) (*time.Location, error) {
	if z := zoneOf(name); z != nil {
		return z, nil
	}
	return nil, fmt.Errorf("%q is no time zone; write Europe/Berlin, America/New_York, UTC, local or +01:00", name)
}

var offset = regexp.MustCompile(`^(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?$`)

func zoneOf(name string) *time.Location {
	low := strings.ToLower(name)
	switch low {
	case "utc", "gmt", "z":
		return time.UTC
	case "local":
		return time.Local
	case "":
		return nil
	}
	if m := offset.FindStringSubmatch(low); m != nil {
		h, _ := strconv.Atoi(m[2]) // digits alone
		min, _ := strconv.Atoi("0" + m[3])
		seconds := h*3600 + min*60
		if h > 14 || min > 59 {
			return nil
		}
		if m[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone(fmt.Sprintf("UTC%s%02d:%02d", m[1], h, min), seconds)
	}
	if strings.Contains(name, "/") {
		for _, n := range []string{name, titled(low, "/_-")} {
			if z, err := time.LoadLocation(n); err == nil {
				return z
			}
		}
		return nil
	}
	if len(name) <= 4 && weekdays[low] == 0 && low != "sun" && months[low] == 0 {
		if z, err := time.LoadLocation(strings.ToUpper(name)); err == nil {
			return z // CET and the like, as far as the zones' own list has them
		}
	}
	return nil
}

// titled begins each part of a word with a capital.
func titled(s, breaks string) string {
	b := []byte(s)
	for i := range b {
		if (i == 0 || strings.IndexByte(breaks, b[i-1]) >= 0) && b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func zoneName(t time.Time) string {
	if name := t.Location().String(); name != "Local" {
		return name
	}
	name, _ := t.Zone()
	return name
}

// splitZone takes a zone off the end; nil where there is none.
func splitZone(s string) (string, *time.Location) {
	words := strings.Fields(s)
	if n := len(words); n > 1 {
		if z := zoneOf(strings.Trim(words[n-1], "()")); z != nil {
			return strings.ToLower(strings.Join(words[:n-1], " ")), z
		}
	}
	return strings.ToLower(strings.Join(words, " ")), nil
}

// parseStretch reads one time, or the time between two.
func parseStretch(word string, now time.Time) (When, bool) {
	word, _ = strings.CutPrefix(word, "from ")
	if rest, ok := strings.CutPrefix(word, "since "); ok {
		w, ok := parseOne(rest, now)
		if w.Moment {
			w.From = w.Until
		}
		w.Until, w.Moment = now.Add(time.Millisecond), false
		return w, ok
	}
	if w, ok := parseOne(word, now); ok {
		return w, true
	}
	between, _ := strings.CutPrefix(word, "between ")
	for _, by := range []string{"..", " to ", " until ", " till ", " through ", " - ", " – ", " and "} {
		first, last, ok := strings.Cut(between, by)
		if !ok {
			continue
		}
		from, ok1 := parseOne(strings.TrimSpace(first), now)
		until, ok2 := parseOne(strings.TrimSpace(last), now)
		if from.Moment {
			from.From = from.Until.Truncate(time.Minute)
		}
		if until.Moment {
			until.Until = until.Until.Add(time.Nanosecond)
		}
		return When{From: from.From, Until: until.Until}, ok1 && ok2 && from.From.Before(until.Until)
	}
	return When{}, false
}

// parseOne reads a day, days that have a name, or a moment.
func parseOne(word string, now time.Time) (When, bool) {
	for _, l := range momentLayouts {
		t, err := time.ParseInLocation(l, strings.ToUpper(strings.Replace(word, " ", "t", 1)), now.Location())
		if err != nil {
			continue
		}
		t = t.In(now.Location())
		if !strings.Contains(l, "05") {
			t = t.Add(time.Minute - time.Nanosecond)
		}
		return momentAt(t), true
	}
	for _, filler := range []string{"on ", "at ", "in ", "the ", "this past "} {
		word = strings.TrimPrefix(word, filler)
	}
	if word == "now" {
		return momentAt(now), true
	}
	if w, ok := parseDay(word, now); ok {
		return w, true
	}
	if w, ok := parseSpan(word, now); ok {
		return w, true
	}
	// A day and an hour of it: yesterday 14:00, thursday at 3pm.
	i := strings.LastIndexByte(word, ' ')
	if i < 0 {
		return When{}, false
	}
	day, ok := parseDay(strings.TrimSuffix(strings.TrimSuffix(word[:i], " at"), ","), now)
	if !ok {
		return When{}, false
	}
	at, ok := parseClock(word[i+1:])
	if !ok {
		return When{}, false
	}
	y, m, d := day.From.Date()
	return momentAt(time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), now.Location())), true
}

func momentAt(t time.Time) When { return When{From: t.AddDate(0, 0, -1), Until: t, Moment: true} }

// parseClock reads an hour of a day; to the minute it is the end of that minute.
func parseClock(word string) (time.Time, bool) {
	switch word {
	case "noon":
		word = "12:00"
	case "midnight":
		word = "00:00"
	}
	for _, l := range clockLayouts {
		if t, err := time.Parse(l, word); err == nil {
			if l != "15:04:05" {
				t = t.Add(time.Minute - time.Nanosecond)
			}
			return t, true
		}
	}
	return time.Time{}, false
}

// parseDay reads one day.
func parseDay(word string, now time.Time) (When, bool) {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	day := func(t time.Time) (When, bool) { return When{From: t, Until: t.AddDate(0, 0, 1)}, true }
	switch word {
	case "today":
		return day(today)
	case "yesterday":
		return day(today.AddDate(0, 0, -1))
	case "day before yesterday":
		return day(today.AddDate(0, 0, -2))
	}
	name, last := strings.CutPrefix(word, "last ")
	if wd, ok := weekdays[strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "on "), "that "), "this ")]; ok {
		back := (int(today.Weekday()) - int(wd) + 7) % 7
		if back == 0 && last {
			back = 7
		}
		return day(today.AddDate(0, 0, -back))
	}
	for _, week := range []string{" last week", " of last week"} {
		if wd, ok := weekdays[strings.TrimSuffix(word, week)]; ok && strings.HasSuffix(word, week) {
			return day(monday(today).AddDate(0, 0, -7+(int(wd)+6)%7))
		}
	}
	if n, unit, ok := ago(word); ok {
		switch unit {
		case "day":
			return day(today.AddDate(0, 0, -n))
		case "week":
			return day(today.AddDate(0, 0, -7*n))
		case "month":
			return day(today.AddDate(0, -n, 0))
		case "year":
			return day(today.AddDate(-n, 0, 0))
		}
	}
	if first, rest, ok := strings.Cut(word, " "); ok {
		if _, is := weekdays[strings.TrimSuffix(first, ",")]; is {
			word = rest // Thursday, 12 March 2026
		}
	}
	word = ordinal.ReplaceAllString(word, "$1$2")
	for _, l := range dayLayouts {
		if t, err := time.ParseInLocation(l, titled(word, " "), now.Location()); err == nil {
			return day(t)
		}
	}
	for _, l := range yearless {
		for year := y; year > y-8; year-- { // 29 February is not in each
			t, err := time.ParseInLocation(l+" 2006", fmt.Sprint(titled(word, " "), " ", year), now.Location())
			if err == nil && !t.After(now) {
				return day(t)
			}
		}
	}
	return When{}, false
}

var ordinal = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)\b(?: of)?( ?)`)

func monday(day time.Time) time.Time { return day.AddDate(0, 0, -(int(day.Weekday())+6)%7) }

// ago reads how many of a unit back: 3 days ago, two weeks ago.
func ago(word string) (n int, unit string, ok bool) {
	f := strings.Fields(word)
	if len(f) != 3 || f[2] != "ago" {
		return 0, "", false
	}
	n, ok = count(f[0])
	return n, strings.TrimSuffix(f[1], "s"), ok
}

func count(word string) (int, bool) {
	if n, ok := numbers[word]; ok {
		return n, true
	}
	n, err := strconv.Atoi(word)
	return n, err == nil && n > 0 && n < 10_000
}

// parseSpan reads several days, or hours: last week, this month, March 2026, last 7 days, 3 hours ago.
func parseSpan(word string, now time.Time) (When, bool) {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	first := time.Date(y, m, 1, 0, 0, 0, 0, now.Location())
	year := time.Date(y, 1, 1, 0, 0, 0, 0, now.Location())
	switch word {
	case "this week":
		return When{From: monday(today), Until: monday(today).AddDate(0, 0, 7)}, true
	case "last week":
		return When{From: monday(today).AddDate(0, 0, -7), Until: monday(today)}, true
	case "this month":
		return When{From: first, Until: first.AddDate(0, 1, 0)}, true
	case "last month":
		return When{From: first.AddDate(0, -1, 0), Until: first}, true
	case "this year":
		return When{From: year, Until: year.AddDate(1, 0, 0)}, true
	case "last year":
		return When{From: year.AddDate(-1, 0, 0), Until: year}, true
	}
	if n, unit, ok := ago(word); ok {
		switch unit {
		case "hour":
			return momentAt(now.Add(-time.Duration(n) * time.Hour)), true
		case "minute", "min":
			return momentAt(now.Add(-time.Duration(n) * time.Minute)), true
		}
	}
	f := strings.Fields(word)
	if len(f) == 3 && (f[0] == "last" || f[0] == "past") {
		n, ok := count(f[1])
		until := now.Add(time.Millisecond)
		switch strings.TrimSuffix(f[2], "s") {
		case "hour":
			return When{From: now.Add(-time.Duration(n) * time.Hour), Until: until}, ok
		case "day":
			return When{From: today.AddDate(0, 0, -n), Until: until}, ok
		case "week":
			return When{From: today.AddDate(0, 0, -7*n), Until: until}, ok
		case "month":
			return When{From: today.AddDate(0, -n, 0), Until: until}, ok
		}
	}
	month := func(y int, m time.Month) (When, bool) {
		from := time.Date(y, m, 1, 0, 0, 0, 0, now.Location())
		return When{From: from, Until: from.AddDate(0, 1, 0)}, true
	}
	if t, err := time.Parse("2006-01", word); err == nil {
		return month(t.Year(), t.Month())
	}
	return namedMonth(strings.TrimPrefix(word, "last "), now, month)
}

// namedMonth reads March, or March 2026; without its year it is the latest that has begun.
func namedMonth(word string, now time.Time, month func(int, time.Month) (When, bool)) (When, bool) {
	name, rest, with := strings.Cut(word, " ")
	m, ok := months[name]
	if !ok {
		return When{}, false
	}
	if with {
		y, err := strconv.Atoi(rest)
		if err != nil || y < 1900 || y > 9999 {
			return When{}, false
		}
		return month(y, m)
	}
	y := now.Year()
	if m > now.Month() {
		y--
	}
	return month(y, m)
}

// phrase is the stretch at the end of a sentence: on Thursday, 12 March 2026.
func (w *When) phrase() string {
	switch said := w.said(); {
	case w.Moment:
		return "on " + said + ", or in the day before"
	case strings.Contains(said, " to "):
		return "from " + said
	case strings.Contains(said, ","):
		return "on " + said
	default:
		return "in " + said
	}
}

// said is the stretch in words: Thursday, 12 March 2026.
func (w *When) said() string {
	day := func(t time.Time) string { return t.Format("Monday, 2 January 2006") }
	clock := func(t time.Time) string {
		if t.Second() != 0 && t.Second() != 59 {
			return t.Format("15:04:05")
		}
		return t.Format("15:04")
	}
	last := w.Until.Add(-time.Nanosecond)
	switch {
	case w.Moment:
		return day(w.Until) + " at " + clock(w.Until)
	case w.From.AddDate(0, 0, 1).Equal(w.Until):
		return day(w.From)
	case w.From.Day() == 1 && w.From.AddDate(0, 1, 0).Equal(w.Until) && midnight(w.From):
		return w.From.Format("January 2006")
	case midnight(w.From) && midnight(w.Until):
		return day(w.From) + " to " + day(last)
	case w.Until.Sub(w.Until.Truncate(time.Minute)) > 0 && midnight(w.From):
		return day(w.From) + " to now"
	}
	return day(w.From) + ", " + clock(w.From) + ", to " + day(last) + ", " + clock(last)
}

func midnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0
}

// contains reports whether something happened in the stretch; what happened at the moment itself counts.
func (w *When) contains(t time.Time) bool {
	if w.Moment {
		return t.After(w.From) && !t.After(w.Until)
	}
	return !t.Before(w.From) && t.Before(w.Until)
}
