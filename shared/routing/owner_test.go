package routing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/shared/event"
	"handoff/shared/span"
)

var noon = time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC) // a Wednesday, noon in New York

func roster(t testing.TB, team Team, plays ...Play) *Roster {
	t.Helper()
	if team.Name == "" {
		team.Name = "sales"
	}
	team.TimeZone, team.Hours, team.CatchAll = "America/New_York", Hours{9 * 60, 18 * 60}, "desk@x.example"
	r, err := NewRoster(event.PolicyRef{Epoch: 7}, plays, &Teams{Teams: []Team{team}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func people(weights ...int) []Member {
	var out []Member
	for i, w := range weights {
		out = append(out, Member{Email: fmt.Sprintf("rep%d@x.example", i), Weight: w})
	}
	return out
}

func TestChoose(t *testing.T) {
	team := Team{
		Members: []Member{
			{Name: "Ann", Email: "ann@x.example", CRM: "005A"},
			{Name: "Bob", Email: "bob@x.example", Out: []Absence{{"2026-03-01", "2026-03-10"}}},
			{Name: "Eve", Email: "eve@x.example", Territories: []string{"big"}, Capacity: 2},
			{Name: "Kim", Email: "kim@x.example", Territories: []string{"north"}},
		},
		Territories: []Territory{
			{Name: "big", Employees: &Range{From: 1000}},
			{Name: "north", Countries: []string{"SE", "NO"}, Industries: []string{"saas"}},
		},
	}
	for _, c := range []struct {
		name     string
		ask      Ask
		state    TeamState
		owner    string
		how      string
		rejected []Rejection
	}{
		{name: "the CRM's owner by id", ask: Ask{Owner: "005A", Context: event.Context{Employees: 5000}}, owner: "ann@x.example", how: ByOwner},
		{name: "the CRM's owner as the decision knew it", ask: Ask{Context: event.Context{Owner: "Ann@x.example"}}, owner: "ann@x.example", how: ByOwner},
		{name: "the owner now counts before the owner then", ask: Ask{Owner: "kim@x.example", Context: event.Context{Owner: "ann@x.example"}}, owner: "kim@x.example", how: ByOwner},
		{
			name: "an owner who is out", ask: Ask{Owner: "bob@x.example"}, owner: "ann@x.example", how: ByRotation,
			rejected: []Rejection{{"bob@x.example", "owns the account in the CRM and is out until 2026-03-10"}, {"bob@x.example", "out until 2026-03-10"}},
		},
		{
			name: "an owner of another team", ask: Ask{Owner: "zoe@x.example"}, owner: "ann@x.example", how: ByRotation,
			rejected: []Rejection{{"zoe@x.example", "owns the account in the CRM and is not of the team sales"}, {"bob@x.example", "out until 2026-03-10"}},
		},
		{name: "who works the account already", ask: Ask{Holder: "kim@x.example"}, owner: "kim@x.example", how: ByHandoff},
		{name: "the desk that works the account already", ask: Ask{Holder: "desk@x.example"}, owner: "desk@x.example", how: ByHandoff},
		{name: "a territory by size", ask: Ask{Context: event.Context{Employees: 1000, Country: "SE", Industry: "SaaS"}}, owner: "eve@x.example", how: ByTerritory},
		{name: "a territory by country and industry, any case", ask: Ask{Context: event.Context{Employees: 999, Country: "se", Industry: "SaaS"}}, owner: "kim@x.example", how: ByTerritory},
		{
			name: "half a territory is none", ask: Ask{Context: event.Context{Country: "SE"}}, owner: "ann@x.example", how: ByRotation,
			rejected: []Rejection{{"bob@x.example", "out until 2026-03-10"}},
		},
		{
			name: "a territory without capacity", ask: Ask{Context: event.Context{Employees: 2000}}, state: TeamState{Open: map[string]int{"eve@x.example": 2}},
			owner: "ann@x.example", how: ByRotation,
			rejected: []Rejection{
				{"eve@x.example", "has 2 of 2 open handoffs"}, {"territory big", "claims the account and has nobody free"},
				{"bob@x.example", "out until 2026-03-10"},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.ask.At = noon
			got := roster(t, team).Choose("sales", c.ask, &c.state)
			if got.Owner != c.owner || got.How != c.how {
				t.Errorf("chose %s by %s, want %s by %s", got.Owner, got.How, c.owner, c.how)
			}
			if d := cmp.Diff(c.rejected, got.Rejected); d != "" {
				t.Errorf("rejected (-want +got):\n%s", d)
			}
		})
	}
}

func TestChooseCatchAll(t *testing.T) {
	r := roster(t, Team{Members: []Member{{Email: "ann@x.example", Capacity: 1}}})
	s := TeamState{}
	for i, want := range []string{"ann@x.example", "desk@x.example", "desk@x.example"} {
		c := r.Choose("sales", Ask{At: noon}, &s)
		if c.Owner != want {
			t.Errorf("choice %d is %s, want %s", i+1, c.Owner, want)
		}
		s.Take(&c)
	}
	if want := map[string]int{"ann@x.example": 1, "desk@x.example": 2}; !cmp.Equal(s.Open, want) {
		t.Errorf("open %v, want %v", s.Open, want)
	}
	s.Release("ann@x.example")
	if c := r.Choose("sales", Ask{At: noon}, &s); c.Owner != "ann@x.example" {
		t.Errorf("after a release %s, want ann", c.Owner)
	}
	s.Release("nobody@x.example") // counts nothing below zero
	if want := map[string]int{"desk@x.example": 2}; !cmp.Equal(s.Open, want) {
		t.Errorf("open %v, want %v", s.Open, want)
	}
}

// run makes n choices, one after the other, and counts them; check sees every prefix.
func run(t testing.TB, r *Roster, s *TeamState, n int, at time.Time, check func(n int, served map[string]int64)) map[string]int64 {
	t.Helper()
	served := map[string]int64{}
	for i := range n {
		c := r.Choose("sales", Ask{At: at}, s)
		s.Take(&c)
		served[c.Owner]++
		check(i+1, served)
	}
	return served
}

func TestRotationEqualWeights(t *testing.T) {
	members := people(1, 1, 1, 1, 1, 1, 1)
	got := run(t, roster(t, Team{Members: members}), &TeamState{}, 10_000, noon, func(n int, served map[string]int64) {
		low, high := int64(n), int64(0)
		for _, m := range members {
			low, high = min(low, served[m.Email]), max(high, served[m.Email])
		}
		if high-low > 1 {
			t.Fatalf("after %d: between %d and %d", n, low, high)
		}
	})
	// 10,000 = 7·1428 + 4, and the first four of the roster come first.
	for i, m := range members {
		if want := int64(1428 + yes(i < 4)); got[m.Email] != want {
			t.Errorf("%s got %d, want %d", m.Email, got[m.Email], want)
		}
	}
}

// withinOne fails if anybody is more than one away from the share of n turns.
func withinOne(t testing.TB, members []Member) func(int, map[string]int64) {
	var sum int64
	for _, m := range members {
		sum += int64(m.Weight)
	}
	return func(n int, served map[string]int64) {
		for _, m := range members {
			if off := served[m.Email]*sum - int64(n)*int64(m.Weight); off > sum || off < -sum {
				t.Fatalf("after %d turns %s (weight %d of %d) has %d", n, m.Email, m.Weight, sum, served[m.Email])
			}
		}
	}
}

func TestRotationUnequalWeights(t *testing.T) {
	members := people(5, 3, 1, 1)
	got := run(t, roster(t, Team{Members: members}), &TeamState{}, 10_000, noon, withinOne(t, members))
	want := map[string]int64{"rep0@x.example": 5000, "rep1@x.example": 3000, "rep2@x.example": 1000, "rep3@x.example": 1000}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("10,000 turns (-want +got):\n%s", d)
	}
}

func TestRotationAnyWeights(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		members := people(rapid.SliceOfN(rapid.IntRange(1, 40), 1, 9).Draw(rt, "weights")...)
		run(t, roster(t, Team{Members: members}), &TeamState{}, 300, noon, withinOne(t, members))
	})
}

func TestRotationAfterAnAbsence(t *testing.T) {
	members := people(1, 1, 1)
	members[0].Out = []Absence{{"2026-03-04", "2026-03-04"}}
	r, s := roster(t, Team{Members: members}), &TeamState{}
	nothing := func(int, map[string]int64) {}
	if got := run(t, r, s, 300, noon, nothing); got["rep0@x.example"] != 0 || got["rep1@x.example"] != 150 {
		t.Fatalf("while rep0 was out: %v", got)
	}
	// Back the next day: an equal share from here on, not the 150 that they missed.
	got := run(t, r, s, 30, noon.AddDate(0, 0, 1), nothing)
	for who, n := range got {
		if n < 9 || n > 11 {
			t.Errorf("after the absence %s got %d of 30, want 10", who, n)
		}
	}
}

func TestRotationNewcomerAndNewWeight(t *testing.T) {
	nothing := func(int, map[string]int64) {}
	s := &TeamState{}
	run(t, roster(t, Team{Members: people(1, 1)}), s, 1000, noon, nothing)
	got := run(t, roster(t, Team{Members: people(1, 1, 2)}), s, 40, noon, nothing)
	if n := got["rep2@x.example"]; n < 19 || n > 21 {
		t.Errorf("a newcomer of weight 2 among 1 and 1 got %d of 40, want 20", n)
	}
	got = run(t, roster(t, Team{Members: people(3, 1, 2)}), s, 60, noon, nothing)
	if n := got["rep0@x.example"]; n < 29 || n > 31 {
		t.Errorf("after a rise to weight 3 of 6, got %d of 60, want 30", n)
	}
}

// Members come and go at any turn, a thousand times: the counts stay within two of the shares of those turns that each could
// take, and two who weigh the same and are never away within one of each other. It is no walk that drifts with the years.
func TestRotationWhileMembersComeAndGo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 10), 1, 6).Draw(rt, "weights")
		members := people(append(weights, 3, 3)...) // the last two are always there
		for i := range members {
			members[i].Capacity = 1
		}
		r, s := roster(t, Team{Members: members}), &TeamState{}
		random := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(rt, "seed")))
		away, shares, served := make([]bool, len(members)), make([]float64, len(members)), map[string]int64{}
		for n := range 1000 {
			if n > 50 && random.IntN(3) == 0 {
				i := random.IntN(len(weights))
				away[i] = !away[i]
			}
			s.Open = map[string]int{}
			sum := 0
			for i, m := range members {
				if away[i] {
					s.Open[m.Email] = 1
				} else {
					sum += m.Weight
				}
			}
			c := r.Choose("sales", Ask{At: noon}, s)
			s.Take(&c)
			served[c.Owner]++
			most := 1.0
			if n > 50 {
				most = 2
			}
			for i, m := range members {
				if !away[i] {
					shares[i] += float64(m.Weight) / float64(sum)
				}
				if off := float64(served[m.Email]) - shares[i]; math.Abs(off) > most+1e-6 {
					rt.Fatalf("after %d turns %s (weight %d) has %d, and %.3f is the share", n+1, m.Email, m.Weight, served[m.Email], shares[i])
				}
			}
			a, b := served[members[len(weights)].Email], served[members[len(weights)+1].Email]
			if a-b > 1 || b-a > 1 {
				rt.Fatalf("after %d turns two of one weight who are always there have %d and %d", n+1, a, b)
			}
		}
	})
}

// Who leaves the team for good takes what was owed, or taken too early, along: the others go on as if it had never been.
func TestRotationAfterSomebodyLeftForGood(t *testing.T) {
	nothing := func(int, map[string]int64) {}
	s := &TeamState{}
	for n := range 200 {
		gone := Member{Email: fmt.Sprintf("gone%d@x.example", n)}
		run(t, roster(t, Team{Members: append([]Member{gone}, people(1, 1, 1)...)}), s, 1+n%3, noon, nothing)
	}
	members := people(1, 1, 1)
	run(t, roster(t, Team{Members: members}), s, 1, noon, nothing)
	for who, p := range s.Pools[""] {
		if p.Behind > turn || p.Behind < -turn {
			t.Errorf("%s is behind by %d parts, more than a turn of %d", who, p.Behind, int64(turn))
		}
	}
}

func TestRejectedIsBounded(t *testing.T) {
	c := roster(t, Team{Members: people(slices.Repeat([]int{1}, 40)...)}).Choose("sales", Ask{At: noon}, &TeamState{})
	if n := len(c.Rejected); n != maxRejected+1 {
		t.Fatalf("%d rejections, want %d", n, maxRejected+1)
	}
	// 39 others, 24 of them named.
	if got := c.Rejected[maxRejected]; got != (Rejection{"others", "15 more"}) {
		t.Errorf("the last line is %v", got)
	}
}

// At 10:00 in New York it is 7:00 in Los Angeles: who begins at 9:00 there begins after an hour's deadline, and in time
// for one of four hours. At night the turn is whose morning comes first, and where all sleep alike it is the rotation's.
func TestTurnOfWhoWorksInTime(t *testing.T) {
	team := Team{Members: []Member{
		{Email: "lax@x.example", TimeZone: "America/Los_Angeles"},
		{Email: "nyc@x.example"},
		{Email: "late@x.example", Hours: Hours{14 * 60, 22 * 60}},
	}}
	ten := time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC) // a Wednesday
	hours := func(n int64, working bool) SLA { return SLA{Span: span.Span(n) * span.Hour, Working: working} }
	for _, c := range []struct {
		name     string
		at       time.Time
		sla      SLA
		owner    string
		rejected []Rejection
	}{
		{"an hour in the morning", ten, hours(1, true), "nyc@x.example", []Rejection{
			{"lax@x.example", "works from Wed 09:00, after the deadline of others"}, {"late@x.example", "works from Wed 14:00, after the deadline of others"}}},
		{"a plain hour in the morning", ten, hours(1, false), "nyc@x.example", []Rejection{
			{"lax@x.example", "works from Wed 09:00, after the deadline of others"}, {"late@x.example", "works from Wed 14:00, after the deadline of others"}}},
		// nyc's four hours end at 14:00 in New York, when late begins: at the deadline is not after it.
		{"four hours in the morning", ten, hours(4, true), "lax@x.example", []Rejection{
			{"nyc@x.example", "not their turn (0 taken at weight 1)"}, {"late@x.example", "not their turn (0 taken at weight 1)"}}},
		{"no deadline", ten, SLA{}, "lax@x.example", []Rejection{
			{"nyc@x.example", "not their turn (0 taken at weight 1)"}, {"late@x.example", "not their turn (0 taken at weight 1)"}}},
		// 21:00 in New York: late works on for an hour, lax is just off (18:00), nyc sleeps.
		{"in the evening", ten.Add(11 * time.Hour), hours(1, true), "late@x.example", []Rejection{
			{"lax@x.example", "works from Thu 09:00, after the deadline of others"}, {"nyc@x.example", "works from Thu 09:00, after the deadline of others"}}},
		// Saturday: nyc's Monday begins first; its deadline, 10:00, lies before the others' beginning.
		{"at the weekend", ten.AddDate(0, 0, 3), hours(1, true), "nyc@x.example", []Rejection{
			{"lax@x.example", "works from Mon 09:00, after the deadline of others"}, {"late@x.example", "works from Mon 14:00, after the deadline of others"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := roster(t, team).Choose("sales", Ask{At: c.at, SLA: c.sla}, &TeamState{})
			if got.Owner != c.owner || got.How != ByRotation {
				t.Errorf("chose %s by %s, want %s by the rotation", got.Owner, got.How, c.owner)
			}
			if d := cmp.Diff(c.rejected, got.Rejected); d != "" {
				t.Errorf("rejected (-want +got):\n%s", d)
			}
		})
	}
}

// Who was passed over for the hour of day begins level again, and those who work share evenly.
func TestRotationAcrossShifts(t *testing.T) {
	team := Team{Members: []Member{{Email: "day1@x.example"}, {Email: "day2@x.example"}, {Email: "night@x.example", Hours: Hours{18 * 60, 24 * 60}}}}
	r, s := roster(t, team), &TeamState{}
	served := map[string]int64{}
	take := func(n int, at time.Time) {
		for range n {
			c := r.Choose("sales", Ask{At: at, SLA: SLA{Span: span.Hour, Working: true}}, s)
			s.Take(&c)
			served[c.Owner]++
		}
	}
	morning := time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)
	take(100, morning)
	take(10, morning.Add(10*time.Hour)) // 20:00
	take(100, morning.AddDate(0, 0, 1))
	if want := map[string]int64{"day1@x.example": 100, "day2@x.example": 100, "night@x.example": 10}; !cmp.Equal(served, want) {
		t.Errorf("served %v, want %v", served, want)
	}
}

// A member's own hours, days and holidays go before the team's, for the deadline too.
func TestMembersOwnWorkingTime(t *testing.T) {
	team := Team{Name: "sales", TimeZone: "America/New_York", Hours: Hours{9 * 60, 18 * 60}, CatchAll: "desk@x.example", Calendar: "us",
		Members: []Member{{Email: "jo@x.example", TimeZone: "Europe/Berlin", Hours: Hours{8 * 60, 16 * 60}, Days: []string{"mon", "wed"}, Calendar: "de"}}}
	r, err := NewRoster(event.PolicyRef{}, nil, &Teams{Teams: []Team{team},
		Calendars: map[string][]Date{"us": {"2026-03-09"}, "de": {"2026-03-11"}}})
	if err != nil {
		t.Fatal(err)
	}
	jo := r.teams["sales"].calendars[0]
	// Wednesday 15:30 in Berlin: half an hour is left. The next days of work are Monday the 9th, a holiday in the us
	// alone, and Wednesday the 11th, a holiday in de.
	from := time.Date(2026, 3, 4, 14, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		hours int64
		want  time.Time
	}{
		{1, time.Date(2026, 3, 9, 7, 30, 0, 0, time.UTC)},  // 8:30 in Berlin
		{9, time.Date(2026, 3, 16, 7, 30, 0, 0, time.UTC)}, // 0.5 + 8 on the 9th, and 0.5 on Monday the 16th
	} {
		if got := jo.Deadline(from, SLA{Span: span.Span(c.hours) * span.Hour, Working: true}); !got.Equal(c.want) {
			t.Errorf("%d hours of work end at %s, want %s", c.hours, got, c.want)
		}
	}
	bad := Teams{Teams: []Team{team}}
	bad.Teams[0].Members = []Member{{Email: "jo@x.example", Days: []string{"someday"}, Calendar: "fr"}}
	bad.Teams[0].Calendar = ""
	l := bad.Validate()
	if len(l) != 2 || l[0].Path != "$.teams[0].members[0].days[0]" || l[1].Path != "$.teams[0].members[0].calendar" {
		t.Errorf("found %v, want the day and the calendar", l)
	}
}
