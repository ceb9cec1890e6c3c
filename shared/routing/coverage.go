package routing

import (
	"slices"
	"time"
)

// horizonAway is how far Away looks ahead, in days.
const horizonAway = 14

// Away reports whether nobody of a team works for two weeks from now, and the first day on which somebody may again.
func (t *Teams) Away(team string, now time.Time) (until Date, away bool) {
	s := t.squad(team)
	if s == nil || len(s.Members) == 0 {
		return "", false
	}
	for d := range horizonAway {
		for i, c := range s.calendars {
			y, m, day := now.In(c.Zone).Date()
			open, _, works := c.day(y, m, day+d)
			if _, out := s.Members[i].out(c.on(open)); works && !out {
				return "", false
			}
		}
	}
	return Date(now.In(s.calendar.Zone).AddDate(0, 0, horizonAway).Format(time.DateOnly)), true
}

// Outside is how plain deadlines lie to working hours.
type Outside struct {
	Ends, Of  int    // how many of the half hours in which somebody works lead to a deadline at which nobody does
	From, Due string // the first of them
}

// Outside says how often an SLA that runs on through nights and weekends ends when nobody of the team works: over the
// half hours of the week after now in which somebody does. Holidays are left out, or the answer would depend on the week.
func (t *Teams) Outside(team string, sla SLA, now time.Time) (o Outside) {
	s := t.squad(team)
	if s == nil || len(s.Members) == 0 {
		return o
	}
	for _, c := range s.calendars {
		c.Holidays = nil
	}
	monday := now.In(s.calendar.Zone)
	monday = time.Date(monday.Year(), monday.Month(), monday.Day()+int(8-monday.Weekday())%7, 0, 0, 0, 0, s.calendar.Zone)
	for from := monday; from.Before(monday.AddDate(0, 0, 7)); from = from.Add(30 * time.Minute) {
		if !s.works(from) {
			continue
		}
		o.Of++
		if due := from.Add(sla.Span.Duration()); !s.works(due) {
			if o.Ends++; o.Ends == 1 {
				o.From, o.Due = from.Format("Mon 15:04"), due.Format("Mon 15:04")
			}
		}
	}
	return o
}

// works reports whether somebody's hours hold an instant, both ends included.
func (s *squad) works(at time.Time) bool {
	return slices.ContainsFunc(s.calendars, func(c *Calendar) bool {
		y, m, d := at.In(c.Zone).Date()
		open, shut, ok := c.day(y, m, d)
		return ok && !at.Before(open) && !at.After(shut)
	})
}

// squad compiles one team's calendars; nil where there is no such team. The roster has been validated.
func (t *Teams) squad(name string) *squad {
	i := slices.IndexFunc(t.Teams, func(x Team) bool { return x.Name == name })
	if i < 0 {
		return nil
	}
	team := t.Teams[i]
	s := &squad{Team: &team}
	var err error
	if s.calendar, err = newCalendar(&team, team.TimeZone, t.Calendars[team.Calendar]); err != nil {
		return nil
	}
	for i := range team.Members {
		c, err := t.worksBy(&team, &team.Members[i])
		if err != nil {
			return nil
		}
		s.calendars = append(s.calendars, c)
	}
	return s
}
