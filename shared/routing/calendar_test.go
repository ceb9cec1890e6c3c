package routing

import (
	"testing"
	"time"

	"handoff/shared/span"
)

// Deadlines worked out by hand. 2026: New York changes its clocks on 8 March and 1 November, Berlin on 29 March and
// 25 October.
func TestDeadline(t *testing.T) {
	office := Hours{9 * 60, 18 * 60}
	holidays := []Date{"2026-11-26", "2026-11-27", "2027-01-01"}
	everyDay := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	for _, c := range []struct {
		name  string
		zone  string
		hours Hours
		days  []string
		from  string // local
		sla   string
		want  string // UTC
	}{
		{"inside a day", "America/New_York", office, nil, "2026-03-04 10:00", "90m working", "2026-03-04 16:30"},
		{"before the day begins", "America/New_York", office, nil, "2026-07-06 05:00", "1h working", "2026-07-06 14:00"},
		{"to the very end of the day", "America/New_York", office, nil, "2026-07-06 17:00", "1h working", "2026-07-06 22:00"},
		{"from the very end of the day", "America/New_York", office, nil, "2026-07-06 18:00", "1h working", "2026-07-07 14:00"},
		{"over a weekend in which the clock goes forward", "America/New_York", office, nil, "2026-03-06 17:30", "1h working", "2026-03-09 13:30"},
		{"from a Saturday", "America/New_York", office, nil, "2026-03-07 11:00", "1h working", "2026-03-09 14:00"},
		{"over two holidays and a weekend", "America/New_York", office, nil, "2026-11-25 17:00", "2h working", "2026-11-30 15:00"},
		{"over New Year", "America/New_York", office, nil, "2026-12-31 17:00", "2h working", "2027-01-04 15:00"},
		{"many days", "America/New_York", office, nil, "2026-07-06 09:00", "40h working", "2026-07-10 17:00"},
		{"Berlin, the clock goes back over the weekend", "Europe/Berlin", Hours{9 * 60, 17 * 60}, nil, "2026-10-23 16:00", "2h working", "2026-10-26 09:00"},
		{"a zone with a half hour", "Asia/Kolkata", Hours{10 * 60, 19 * 60}, nil, "2026-03-04 18:30", "1h working", "2026-03-05 05:00"},
		{"Sunday to Thursday", "Asia/Dubai", Hours{8 * 60, 16 * 60}, []string{"sun", "mon", "tue", "wed", "thu"}, "2026-03-05 15:30", "1h working", "2026-03-08 04:30"},
		{"a day of 23 hours", "America/New_York", Hours{0, 24 * 60}, everyDay, "2026-03-08 00:00", "24h working", "2026-03-09 05:00"},
		{"a day of 25 hours", "America/New_York", Hours{0, 24 * 60}, everyDay, "2026-11-01 00:00", "25h working", "2026-11-02 05:00"},
		{"hours that contain the change", "America/New_York", Hours{60, 5 * 60}, everyDay, "2026-03-08 00:30", "4h working", "2026-03-09 06:00"},
		{"plain time ignores all that", "America/New_York", office, nil, "2026-03-07 12:00", "1d", "2026-03-08 17:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cal, err := newCalendar(&Team{Hours: c.hours, Days: c.days}, c.zone, holidays)
			if err != nil {
				t.Fatal(err)
			}
			from, err := time.ParseInLocation("2006-01-02 15:04", c.from, cal.Zone)
			if err != nil {
				t.Fatal(err)
			}
			var sla SLA
			if err := sla.UnmarshalText([]byte(c.sla)); err != nil {
				t.Fatal(err)
			}
			if got := cal.Deadline(from, sla).UTC().Format("2006-01-02 15:04"); got != c.want {
				t.Errorf("%s from %s: %s UTC, want %s", c.sla, c.from, got, c.want)
			}
		})
	}
}

func TestDeadlineWithoutWorkingTimeStillComes(t *testing.T) {
	cal := &Calendar{Zone: time.UTC, Hours: Hours{540, 1020}} // no day at all
	from := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	if got, want := cal.Deadline(from, SLA{Span: 2 * span.Hour, Working: true}), from.Add(2*time.Hour); !got.Equal(want) {
		t.Errorf("deadline %s, want %s", got, want)
	}
}

func TestUnknownZone(t *testing.T) {
	for _, z := range []string{"", "Mars/Olympus"} {
		if _, err := newCalendar(&Team{}, z, nil); err == nil {
			t.Errorf("zone %q was taken", z)
		}
	}
}
