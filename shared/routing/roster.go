package routing

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"handoff/shared/event"
	"handoff/shared/problem"
)

// Roster is what route needs of the policy in force, compiled once per policy and then shared unchanged.
type Roster struct {
	Ref   event.PolicyRef
	plays map[string]*Play
	teams map[string]*squad
}

// squad is a team with its calendars.
type squad struct {
	*Team
	calendar  *Calendar
	calendars []*Calendar // per member
}

// NewRoster compiles plays and teams. It refuses what Validate finds fault with.
func NewRoster(ref event.PolicyRef, plays []Play, teams *Teams) (*Roster, error) {
	l := slices.Concat(teams.Validate(), CheckTeams(plays, teams), CheckTakeovers(plays))
	for i := range plays {
		l = append(l, plays[i].Validate(fmt.Sprintf("$.plays[%d]", i))...)
	}
	if len(l) > 0 {
		return nil, fmt.Errorf("routing: %s", sentence(l))
	}
	r := &Roster{Ref: ref, plays: make(map[string]*Play, len(plays)), teams: make(map[string]*squad, len(teams.Teams))}
	for i := range plays {
		if r.plays[plays[i].Name] != nil {
			return nil, fmt.Errorf("routing: two plays are called %q", plays[i].Name)
		}
		p := plays[i]
		r.plays[p.Name] = &p
	}
	for i := range teams.Teams {
		t := teams.Teams[i]
		s := &squad{Team: &t}
		var err error
		if s.calendar, err = newCalendar(&t, t.TimeZone, teams.Calendars[t.Calendar]); err != nil {
			return nil, err
		}
		for j := range t.Members {
			c, err := teams.worksBy(&t, &t.Members[j])
			if err != nil {
				return nil, err
			}
			s.calendars = append(s.calendars, c)
		}
		r.teams[t.Name] = s
	}
	return r, nil
}

func sentence(l problem.List) string {
	var b []string
	for _, p := range l {
		b = append(b, p.Path+": "+p.Text)
	}
	return strings.Join(b, "; ")
}

// Play answers a play by name, nil if the policy has none of that name.
func (r *Roster) Play(name string) *Play { return r.plays[name] }

// Teams lists the teams' names, sorted.
func (r *Roster) Teams() []string { return slices.Sorted(maps.Keys(r.teams)) }

// Plays lists the plays' names, sorted.
func (r *Roster) Plays() []string {
	out := make([]string, 0, len(r.plays))
	for name := range r.plays {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// HasTeam reports whether a team of that name exists.
func (r *Roster) HasTeam(name string) bool { return r.teams[name] != nil }

// member is the index of the person whom a CRM owner, an e-mail or a name denotes, -1 if nobody of the team.
func (s *squad) member(who string) int {
	return slices.IndexFunc(s.Members, func(m Member) bool {
		return who != "" && (strings.EqualFold(m.Email, who) || m.CRM == who || strings.EqualFold(m.Name, who))
	})
}

// calendarOf is the working time of a member by e-mail, or the team's.
func (s *squad) calendarOf(email string) *Calendar {
	if i := slices.IndexFunc(s.Members, func(m Member) bool { return m.Email == email }); i >= 0 {
		return s.calendars[i]
	}
	return s.calendar
}
