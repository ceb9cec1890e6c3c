package generate

import "time"

// rep is one of our own people, as the CRM and the policy's roster name them. offset is the hours that their clock is
// ahead of UTC in winter.
type rep struct {
	id, email, name string
	offset          int
}

// The sales team of the default policy.
var (
	ruth  = rep{"005Hn00000Ruth1AAA", "ruth@handoff.example", "Ruth Adeyemi", -5}
	jonas = rep{"005Hn00000Jonas1AA", "jonas@handoff.example", "Jonas Weber", 1}
	ann   = rep{"005Hn00000AnnIto1A", "ann@handoff.example", "Ann Ito", -5}
	sam   = rep{"005Hn00000SamOrt1A", "sam@handoff.example", "Sam Ortiz", -8}
)

// growth stands for the team that takes product users: who of it does is the pipeline's to choose, so their answers name
// nobody.
var growth = rep{offset: -5}

// repOf is who owns the account in the CRM, by the territories of the default policy.
func repOf(a *company, r random) rep {
	switch {
	case a.employees >= 1000:
		return ruth
	case a.region == "EMEA":
		return jonas
	}
	return pick(r, []rep{ann, ann, sam})
}

// Reps work from nine to six of their own day.
const opens, shuts = 9, 18

// working is at, or the next moment at which the rep is at work: what comes in the evening, at the week-end or on a
// holiday waits.
func (r rep) working(at time.Time) time.Time {
	for range 10 { // no run of days off is longer
		shift := time.Duration(r.offset) * time.Hour
		if r.summer(at) {
			shift += time.Hour
		}
		wall := at.Add(shift).UTC()
		midnight := wall.Truncate(24 * time.Hour)
		off := wall.Weekday() == time.Saturday || wall.Weekday() == time.Sunday || holiday(midnight)
		switch {
		case !off && wall.Hour() < opens:
			return midnight.Add(opens*time.Hour - shift)
		case !off && wall.Hour() < shuts:
			return at
		}
		at = midnight.Add(24*time.Hour - shift)
	}
	return at
}

// summer tells, by the day, whether the rep's clock is an hour ahead.
func (r rep) summer(at time.Time) bool {
	y := at.Year()
	if r.offset > 0 {
		return !at.Before(weekday(y, time.March, time.Sunday, -1)) && at.Before(weekday(y, time.October, time.Sunday, -1))
	}
	return !at.Before(weekday(y, time.March, time.Sunday, 2)) && at.Before(weekday(y, time.November, time.Sunday, 1))
}

// holiday tells whether the default policy's calendar has the day off: the holidays of the United States on which offices
// are shut, moved to the Friday before or the Monday after where they fall on a week-end.
func holiday(day time.Time) bool {
	y := day.Year()
	for _, d := range []time.Time{
		date(y, time.January, 1), date(y+1, time.January, 1), date(y, time.July, 4), date(y, time.December, 25),
	} {
		switch d.Weekday() {
		case time.Saturday:
			d = d.AddDate(0, 0, -1)
		case time.Sunday:
			d = d.AddDate(0, 0, 1)
		}
		if day.Equal(d) {
			return true
		}
	}
	thanks := weekday(y, time.November, time.Thursday, 4)
	for _, d := range []time.Time{
		weekday(y, time.January, time.Monday, 3), weekday(y, time.May, time.Monday, -1), weekday(y, time.September, time.Monday, 1),
		thanks, thanks.AddDate(0, 0, 1),
	} {
		if day.Equal(d) {
			return true
		}
	}
	return false
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// weekday is the n-th such weekday of a month, the last for -1.
func weekday(y int, m time.Month, w time.Weekday, n int) time.Time {
	if n < 0 {
		return weekday(y, m+1, w, 1).AddDate(0, 0, -7)
	}
	first := date(y, m, 1)
	return first.AddDate(0, 0, int(w-first.Weekday()+7)%7+7*(n-1))
}
