package generate

import (
	"time"

	"handoff/shared/money"
)

// A journey ends as it went: in the middle. These tales are told by the end, so that whoever looks at the queue then finds
// in it what a queue holds: a buyer who was forgotten, and some who asked when nobody was at work.

// last is the latest such weekday of the journey that lies at least so many days before the day on which it ends.
func (s *script) last(w time.Weekday, before int) int {
	n := int(s.end.Sub(s.start)/(24*time.Hour)) - before
	for s.day(n).Weekday() != w {
		n--
	}
	return n
}

// waitsTale: asks for a demo in the last week. The rep takes it within minutes and opens a deal the next day, and nobody
// calls: a buyer who waits past the deadline, with money at stake, when the journey ends.
func (s *script) waitsTale() {
	s.steady = true
	day := s.last(time.Tuesday, 4)
	olive, kofi := s.named("Olive", "Renner", "VP of Operations", buyer), s.named("Kofi", "Mensah", "Data Engineer", engineer)
	s.visit(kofi, s.exactly(day-26, 14, 20), arrivals["organic_search"][0], "/blog/exactly-once", "/docs")
	s.download(kofi, s.exactly(day-19, 10, 5), returning)
	s.visit(olive, s.exactly(day-6, 9, 40), arrivals["email"][0], "/", "/customers")
	asked := s.raise(olive, s.exactly(day, 10, 12), "Demo Requested", returning)
	s.say(olive, asked.Add(18*time.Minute), playHandRaise, "handoff_accepted", "")
	s.enter(asked.Add(25*time.Minute), olive, kofi)
	s.opportunity(s.exactly(day+1, 11, 30), olive, "New Business", money.Amount{Minor: 96_000_00, Currency: "USD"}, 60, "Web")
	s.pricing(olive, s.exactly(day+2, 17, 45), returning)
	s.span(kofi, day-26, 10_000, false, 1)
}

// eveningTale: asks on the last Thursday, when the reps of every coast have gone home. One takes it on Friday, a day off, and will call on
// Monday.
func (s *script) eveningTale() {
	s.steady = true
	day := s.last(time.Thursday, 2)
	p := s.named("Hana", "Sorensen", "Head of Growth", champion)
	s.visit(p, s.exactly(day-9, 12, 10), arrivals["paid_search"][0], "/", "/product")
	s.raise(p, s.exactly(day, 20, 40), "Demo Requested", arrivals["referral"][0])
	s.say(p, s.exactly(day+1, 11, 5), playHandRaise, "handoff_accepted", "")
	s.span(p, day-9, day, false, 1)
}

// dayOffTale: engineers of a large company meet the limit of the free plan on the last Friday.
func (s *script) dayOffTale() {
	s.steady = true
	day := s.last(time.Friday, 1)
	p := s.named("Jule", "Ostermann", "Staff Engineer", engineer)
	s.visit(p, s.exactly(day-24, 9, 50), arrivals["organic_search"][1], "/docs/quickstart")
	s.join(p, s.exactly(day-22, 10, 30), returning, "free")
	s.activate(p, s.exactly(day-21, 11, 15))
	s.span(p, day-21, day, true, 3)
	s.limit(p, s.exactly(day, 15, 5), "free")
	s.pricing(p, s.exactly(day, 15, 25), returning)
}
