package explain

import (
	"fmt"
	"strings"
	"time"
)

// When is the stretch of time that was asked about: a day, or up to a moment.
type When struct {
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`  // exclusive
	Moment bool      `json:"moment"` // Until is a moment; From is a day before it
}

// days of the week by how people write them.
var weekdays = map[string]time.Weekday{}

func init() {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		weekdays[name], weekdays[name[:3]] = d, d
	}
}

// layouts of days and of moments.
var (
	dayLayouts    = []string{time.DateOnly, "2 January 2006", "2 Jan 2006", "January 2, 2006", "02.01.2006"}
	yearless      = []string{"2 January", "2 Jan", "January 2", "Jan 2"}
	momentLayouts = []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02 15:04:05"}
)

// ParseAt reads what people say: last thursday, yesterday, 12 March, 2026-03-12, 2026-03-12T15:36:00Z. Days and times
// without an offset are UTC. A day without its year is the latest one that is not after now.
func ParseAt(s string, now time.Time) (When, error) {
	now = now.UTC()
	today := now.Truncate(24 * time.Hour)
	word := strings.Join(strings.Fields(strings.ToLower(s)), " ")
	day := func(t time.Time) (When, error) { return When{From: t, Until: t.AddDate(0, 0, 1)}, nil }
	switch word {
	case "today":
		return day(today)
	case "yesterday":
		return day(today.AddDate(0, 0, -1))
	case "now":
		return When{From: now.Add(-24 * time.Hour), Until: now, Moment: true}, nil
	}
	name, last := strings.CutPrefix(word, "last ")
	if d, ok := weekdays[strings.TrimPrefix(strings.TrimPrefix(name, "on "), "that ")]; ok {
		back := (int(today.Weekday()) - int(d) + 7) % 7
		if back == 0 && last {
			back = 7
		}
		return day(today.AddDate(0, 0, -back))
	}
	for _, l := range momentLayouts {
		if t, err := time.Parse(l, strings.ToUpper(word)); err == nil {
			t = t.UTC()
			return When{From: t.Add(-24 * time.Hour), Until: t, Moment: true}, nil
		}
	}
	if _, rest, ok := strings.Cut(word, ", "); ok && weekdays[strings.Split(word, ",")[0]]+1 > 0 {
		word = rest // Thursday, 12 March 2026
	}
	for _, l := range dayLayouts {
		if t, err := time.Parse(l, title(word)); err == nil {
			return day(t)
		}
	}
	for _, l := range yearless {
		if t, err := time.Parse(l, title(word)); err == nil {
			t = t.AddDate(now.Year(), 0, 0)
			if t.After(now) {
				t = t.AddDate(-1, 0, 0)
			}
			return day(t)
		}
	}
	return When{}, fmt.Errorf("%q is no time that can be read; write last thursday, yesterday, 12 March, 2026-03-12 or 2026-03-12T15:36:00Z", s)
}

// title gives months their capitals.
func title(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// contains reports whether something happened in the stretch; what happened at the moment itself counts.
func (w *When) contains(t time.Time) bool {
	if w.Moment {
		return t.After(w.From) && !t.After(w.Until)
	}
	return !t.Before(w.From) && t.Before(w.Until)
}
