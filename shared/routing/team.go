package routing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"handoff/shared/problem"
)

// Teams is the roster, teams.yaml. A change of it refolds and re-evaluates nothing.
type Teams struct {
	// Calendars name lists of holidays: us: [2026-01-01, …].
	Calendars map[string][]Date `yaml:"calendars,omitempty"`
	Teams     []Team            `yaml:"teams"`
}

// Team is a group of people who take handoffs.
type Team struct {
	Name        string      `yaml:"name"`
	TimeZone    string      `yaml:"time_zone"` // IANA: America/New_York
	Hours       Hours       `yaml:"hours"`     // 09:00-17:00, local time
	Days        []string    `yaml:"days"`      // mon … sun; default mon to fri
	Calendar    string      `yaml:"calendar,omitempty"`
	CatchAll    string      `yaml:"catch_all"` // who or which queue takes what nobody else can: mandatory
	EscalateTo  []string    `yaml:"escalate_to,omitempty"`
	Members     []Member    `yaml:"members"`
	Territories []Territory `yaml:"territories,omitempty"` // the first that matches counts
}

// Member is one person. Members without a territory share what no territory claims.
type Member struct {
	Name        string    `yaml:"name"`
	Email       string    `yaml:"email"`
	CRM         string    `yaml:"crm,omitempty"`      // the person's id in the CRM, as an owner field holds it
	Weight      int       `yaml:"weight,omitempty"`   // share of the rotation; default 1
	Capacity    int       `yaml:"capacity,omitempty"` // open handoffs at most; 0: no limit
	Territories []string  `yaml:"territories,omitempty"`
	Out         []Absence `yaml:"out,omitempty"`

	// Working time, as far as it is not the team's.
	TimeZone string   `yaml:"time_zone,omitempty"`
	Hours    Hours    `yaml:"hours,omitempty"`
	Days     []string `yaml:"days,omitempty"`
	Calendar string   `yaml:"calendar,omitempty"`
}

// Absence is a run of days out of office, both ends included, in the member's time zone.
type Absence struct {
	From  Date `yaml:"from"`
	Until Date `yaml:"until"`
}

// Territory claims accounts. What it leaves empty it does not ask for; an account of which a wanted field is unknown
// is not claimed.
type Territory struct {
	Name       string              `yaml:"name"`
	Countries  []string            `yaml:"countries,omitempty"`  // as facts hold them, any case
	Industries []string            `yaml:"industries,omitempty"` // any case
	Employees  *Range              `yaml:"employees,omitempty"`
	Fields     map[string][]string `yaml:"fields,omitempty"` // other firmographics: region: [west]
}

// Range holds whole numbers, both ends included; To 0 is no upper end.
type Range struct {
	From int `yaml:"from,omitempty"`
	To   int `yaml:"to,omitempty"`
}

// Date is a day as text, 2026-12-24, compared as text.
type Date string

// UnmarshalText reads a day that exists.
func (d *Date) UnmarshalText(b []byte) error {
	if _, err := time.Parse(time.DateOnly, string(b)); err != nil {
		return fmt.Errorf("%q is not a day that exists; write it as 2026-12-24", b)
	}
	*d = Date(b)
	return nil
}

// Hours are a day's working hours in minutes since local midnight, From before To. Its text is 09:00-17:00; 24:00 may
// end a day.
type Hours struct{ From, To int }

// String writes the text form.
func (h Hours) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.To/60, h.To%60)
}

// MarshalText writes String.
func (h Hours) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 09:00-17:00.
func (h *Hours) UnmarshalText(b []byte) error {
	from, to, ok := strings.Cut(string(b), "-")
	f, ok1 := clock(from)
	t, ok2 := clock(to)
	if !ok || !ok1 || !ok2 || f >= t {
		return fmt.Errorf("%q is not working hours; write them as 09:00-17:00, the beginning before the end", b)
	}
	*h = Hours{From: f, To: t}
	return nil
}

func clock(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

var defaultDays = []string{"mon", "tue", "wed", "thu", "fri"}

// Validate reports everything wrong with the roster.
func (t *Teams) Validate() problem.List {
	var l problem.List
	if len(t.Teams) == 0 {
		l.Add("$.teams", "there is no team; a handoff needs somebody to go to")
	}
	seen := map[string]bool{}
	for i := range t.Teams {
		path := fmt.Sprintf("$.teams[%d]", i)
		if seen[t.Teams[i].Name] {
			l.Add(path+".name", "two teams are called %q", t.Teams[i].Name)
		}
		seen[t.Teams[i].Name] = true
		t.Teams[i].validate(path, t.Calendars, &l)
	}
	return l
}

func (t *Team) validate(path string, calendars map[string][]Date, l *problem.List) {
	if !nameForm.MatchString(t.Name) {
		l.Add(path+".name", "the team's name %q must be lower-case letters, digits, - and _, at most 64 characters", t.Name)
	}
	if strings.TrimSpace(t.CatchAll) == "" {
		l.Add(path+".catch_all", "team %s has no catch_all; without one a buyer could wait with nobody told", t.Name)
	}
	if _, err := time.LoadLocation(t.TimeZone); err != nil || t.TimeZone == "" || t.TimeZone == "Local" {
		l.Add(path+".time_zone", "team %s has the time zone %q; use an IANA name such as Europe/Berlin", t.Name, t.TimeZone)
	}
	if t.Hours.To <= t.Hours.From {
		l.Add(path+".hours", "team %s has no working hours; write them as 09:00-17:00", t.Name)
	}
	validateDays(path, "team "+t.Name, t.Days, t.Calendar, calendars, l)
	territories := map[string]bool{}
	for i := range t.Territories {
		r, rpath := &t.Territories[i], fmt.Sprintf("%s.territories[%d]", path, i)
		if r.Name == "" || territories[r.Name] {
			l.Add(rpath+".name", "team %s has a territory without a name of its own (%q)", t.Name, r.Name)
		}
		territories[r.Name] = true
		r.validate(rpath, l)
	}
	t.validateMembers(path, territories, calendars, l)
}

func validateDays(path, who string, days []string, calendar string, calendars map[string][]Date, l *problem.List) {
	for i, d := range days {
		if _, ok := weekdays[d]; !ok {
			l.Add(fmt.Sprintf("%s.days[%d]", path, i), "%s works on %q; days are mon, tue, wed, thu, fri, sat, sun", who, d)
		}
	}
	if _, ok := calendars[calendar]; !ok && calendar != "" {
		l.Add(path+".calendar", "%s follows the calendar %q, which calendars does not have", who, calendar)
	}
}

func (t *Team) validateMembers(path string, territories map[string]bool, calendars map[string][]Date, l *problem.List) {
	seen, covered := map[string]bool{}, map[string]bool{}
	for i := range t.Members {
		m, mpath := &t.Members[i], fmt.Sprintf("%s.members[%d]", path, i)
		if !strings.Contains(m.Email, "@") || seen[strings.ToLower(m.Email)] {
			l.Add(mpath+".email", "team %s: member %q needs an e-mail address of its own, not %q", t.Name, m.Name, m.Email)
		}
		seen[strings.ToLower(m.Email)] = true
		if m.Weight < 0 || m.Weight > 1000 {
			l.Add(mpath+".weight", "team %s: %s has weight %d; it must be 1 to 1000", t.Name, m.Email, m.Weight)
		}
		if m.Capacity < 0 {
			l.Add(mpath+".capacity", "team %s: %s has capacity %d; it must be 0 (no limit) or more", t.Name, m.Email, m.Capacity)
		}
		if _, err := time.LoadLocation(m.TimeZone); err != nil || m.TimeZone == "Local" {
			l.Add(mpath+".time_zone", "team %s: %s has the time zone %q; use an IANA name such as Europe/Berlin", t.Name, m.Email, m.TimeZone)
		}
		validateDays(mpath, fmt.Sprintf("team %s: %s", t.Name, m.Email), m.Days, m.Calendar, calendars, l)
		for j, name := range m.Territories {
			if !territories[name] {
				l.Add(fmt.Sprintf("%s.territories[%d]", mpath, j), "team %s: %s works the territory %q, which the team does not have; write one of its territories, or add it under territories:", t.Name, m.Email, name)
			}
			covered[name] = true
		}
		for j, a := range m.Out {
			if a.From == "" || a.Until < a.From {
				l.Add(fmt.Sprintf("%s.out[%d]", mpath, j), "team %s: %s is out from %q until %q; both are days, the first not after the last", t.Name, m.Email, a.From, a.Until)
			}
		}
	}
	for i := range t.Territories {
		if name := t.Territories[i].Name; name != "" && !covered[name] {
			l.Add(fmt.Sprintf("%s.territories[%d]", path, i), "team %s: nobody works the territory %s", t.Name, name)
		}
	}
}

func (r *Territory) validate(path string, l *problem.List) {
	if len(r.Countries)+len(r.Industries)+len(r.Fields) == 0 && r.Employees == nil {
		l.Add(path, "territory %s asks for nothing and would claim every account", r.Name)
	}
	if e := r.Employees; e != nil && (e.From < 0 || (e.To != 0 && e.To < e.From)) {
		l.Add(path+".employees", "territory %s: employees from %d to %d is an empty range", r.Name, e.From, e.To)
	}
	for _, f := range slices.Sorted(maps.Keys(r.Fields)) {
		if len(r.Fields[f]) == 0 {
			l.Add(path+".fields."+f, "territory %s: %s lists no value", r.Name, f)
		}
	}
}
