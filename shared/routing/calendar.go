package routing

import (
	"cmp"
	"fmt"
	"time"
)

// Calendar is when somebody works: weekdays and hours in a time zone, less holidays.
type Calendar struct {
	Zone     *time.Location
	Hours    Hours
	Days     [7]bool // by time.Weekday
	Holidays map[Date]bool
}

// newCalendar compiles a team's working time for a zone.
func newCalendar(t *Team, zone string, holidays []Date) (*Calendar, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return nil, fmt.Errorf("team %s: time zone %q is unknown", t.Name, zone)
	}
	c := &Calendar{Zone: loc, Hours: t.Hours, Holidays: make(map[Date]bool, len(holidays))}
	days := t.Days
	if len(days) == 0 {
		days = defaultDays
	}
	for _, d := range days {
		c.Days[weekdays[d]] = true
	}
	for _, h := range holidays {
		c.Holidays[h] = true
	}
	return c, nil
}

// worksBy compiles a member's working time: the team's, where the member has none of their own.
func (t *Teams) worksBy(team *Team, m *Member) (*Calendar, error) {
	own := Team{Name: team.Name, Hours: team.Hours, Days: team.Days}
	if m.Hours != (Hours{}) {
		own.Hours = m.Hours
	}
	if len(m.Days) > 0 {
		own.Days = m.Days
	}
	return newCalendar(&own, cmp.Or(m.TimeZone, team.TimeZone), t.Calendars[cmp.Or(m.Calendar, team.Calendar)])
}

// horizon bounds the search for working time, in days. A calendar without any within it is a mistake that validation
// finds; a deadline is then counted plainly, so that it still comes.
const horizon = 3 * 366

// Deadline is when an SLA that starts at from runs out. Plain time is added as it is. Working time is counted inside
// the calendar's hours: each day's hours are taken as instants of the zone, so a day with a clock change is as much
// shorter or longer as it is on the wall. A deadline that falls on the end of a day stays there.
func (c *Calendar) Deadline(from time.Time, sla SLA) time.Time {
	rest := sla.Span.Duration()
	if !sla.Working {
		return from.Add(rest)
	}
	y, m, d := from.In(c.Zone).Date()
	for i := range horizon {
		open, shut, ok := c.day(y, m, d+i)
		if !ok || !shut.After(from) {
			continue
		}
		if open.Before(from) {
			open = from
		}
		if left := shut.Sub(open); left < rest {
			rest -= left
			continue
		}
		return open.Add(rest).UTC()
	}
	return from.Add(sla.Span.Duration())
}

// Next is the first working moment at or after an instant; the instant itself where the horizon holds none.
func (c *Calendar) Next(from time.Time) time.Time {
	y, m, d := from.In(c.Zone).Date()
	for i := range horizon {
		if open, shut, ok := c.day(y, m, d+i); ok && shut.After(from) {
			if open.Before(from) {
				return from
			}
			return open
		}
	}
	return from
}

// day answers a day's working hours as instants; ok is false for a day off. The day may lie outside its month.
func (c *Calendar) day(y int, m time.Month, d int) (open, shut time.Time, ok bool) {
	noon := time.Date(y, m, d, 12, 0, 0, 0, time.UTC) // a day's name and weekday, whatever the clocks do
	if !c.Days[noon.Weekday()] || c.Holidays[Date(noon.Format(time.DateOnly))] {
		return open, shut, false
	}
	open = time.Date(y, m, d, 0, c.Hours.From, 0, 0, c.Zone)
	shut = time.Date(y, m, d, 0, c.Hours.To, 0, 0, c.Zone)
	return open, shut, true
}

// on is the calendar day that an instant falls on.
func (c *Calendar) on(at time.Time) Date { return Date(at.In(c.Zone).Format(time.DateOnly)) }
