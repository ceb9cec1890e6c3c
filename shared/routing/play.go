package routing

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"handoff/shared/problem"
	"handoff/shared/span"
)

// Mode says how far a play goes.
type Mode string

// The modes.
const (
	Observe Mode = "observe" // record what would have been done
	Hold    Mode = "hold"    // record it as held; a person decides
	Live    Mode = "live"    // act
)

// Outcomes of a play.
const (
	Handoff = "handoff" // a person of a team is to reach out, with a deadline
	Nurture = "nurture" // an e-mail sequence with an asset; no owner, no deadline
)

// Play is what to do for an account for which its condition (the policy's `when`) holds.
type Play struct {
	Name         string    `yaml:"name"`
	Description  string    `yaml:"description,omitempty"`
	Funnel       string    `yaml:"funnel"`
	HandRaise    bool      `yaml:"hand_raise,omitempty"` // somebody asked: beats bands
	Mode         Mode      `yaml:"mode"`
	Outcome      string    `yaml:"outcome"`
	Bands        []string  `yaml:"bands,omitempty"`         // the bands that trigger; empty: any
	Team         string    `yaml:"team,omitempty"`          // handoff only
	CustomerTeam string    `yaml:"customer_team,omitempty"` // takes a customer's, unless who owns the account is of Team
	ActWithin    span.Span `yaml:"act_within"`              // evidence older than this never acts
	CoolDown     span.Span `yaml:"cool_down,omitempty"`     // quiet time of this play for the account: after closing, or after enrolling
	SLA          SLA       `yaml:"sla,omitempty"`           // until the first outreach: "1h working" or "24h"
	RemindBefore span.Span `yaml:"remind_before,omitempty"`
	EscalateTo   []string  `yaml:"escalate_to,omitempty"`   // at the deadline the first, one SLA later the next, …; empty: the team's
	RecycleAfter span.Span `yaml:"recycle_after,omitempty"` // an open handoff that nobody finishes closes by itself; default 30d
	Asset        string    `yaml:"asset,omitempty"`         // nurture: the content it sends
	Despite      []string  `yaml:"despite,omitempty"`       // gates that do not stop this play: see Overridable
	Breaker      *Limit    `yaml:"breaker,omitempty"`       // more than this many accounts at once trips it; default 50 per 1h
	PerPerson    *Limit    `yaml:"per_person,omitempty"`    // contacts of one person, by any play; default 3 per 30d
	TakesOver    []string  `yaml:"takes_over,omitempty"`    // plays whose handoffs, if nobody has reached out yet, end when this one is offered

	// ByIndustry are assets that go before Asset. The policy reads and checks them; whoever makes a Roster sets them.
	ByIndustry map[string]string `yaml:"-" json:"-"`
}

// Limit is at most Max within Per.
type Limit struct {
	Max int       `yaml:"max"`
	Per span.Span `yaml:"per"`
}

func (l Limit) String() string { return fmt.Sprintf("%d per %s", l.Max, l.Per) }

// Defaults for what a play leaves out.
const (
	DefaultRecycleAfter = 30 * span.Day
	maxBreaker          = 1000 // the play item keeps that many decision ids
	maxPerPerson        = 16   // the handoffs item keeps that many contact times a person

	// MaxCapSpan is how far back a cap may look: the accounts that somebody belonged to since then are read before acting.
	MaxCapSpan = 366 * span.Day
)

var (
	defaultBreaker   = Limit{Max: 50, Per: span.Hour}
	defaultPerPerson = Limit{Max: 3, Per: 30 * span.Day}
)

// assetFor is the content for an account of an industry.
func (p *Play) assetFor(industry string) string {
	for _, name := range slices.Sorted(maps.Keys(p.ByIndustry)) {
		if strings.EqualFold(name, strings.TrimSpace(industry)) {
			return p.ByIndustry[name]
		}
	}
	return p.Asset
}

// MaxContacts is the play's cap on contacts of one person.
func (p *Play) MaxContacts() Limit {
	if p.PerPerson == nil {
		return defaultPerPerson
	}
	return *p.PerPerson
}

// MaxVolume is the play's breaker.
func (p *Play) MaxVolume() Limit {
	if p.Breaker == nil {
		return defaultBreaker
	}
	return *p.Breaker
}

// Triggers reports whether the play may fire for an account in this band. A hand-raise beats bands.
func (p *Play) Triggers(band string, handRaise bool) bool {
	return handRaise || p.HandRaise || len(p.Bands) == 0 || slices.Contains(p.Bands, band)
}

// SLA is how long a team may take to the first outreach. A working SLA runs only in the owner's working hours; its
// text is "1h working", that of a plain one "24h".
type SLA struct {
	Span    span.Span
	Working bool
}

// String writes the text form.
func (s SLA) String() string {
	if s.Working {
		return s.Span.String() + " working"
	}
	return s.Span.String()
}

// MarshalText writes String.
func (s SLA) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "24h" or "1h working".
func (s *SLA) UnmarshalText(b []byte) error {
	text, working := strings.CutSuffix(strings.TrimSpace(string(b)), "working")
	if working && strings.ContainsAny(text, "dw") {
		return fmt.Errorf("%w: %q: working time is counted in hours and minutes, as days differ by team; write 8h working for a day", span.ErrInvalid, b)
	}
	v, err := span.Parse(text)
	if err == nil {
		*s = SLA{Span: v, Working: working}
	}
	return err
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// Validate reports everything wrong with the play by itself. path is the YAML path of the play: $.plays[2]. Whether the
// team exists is checked by CheckTeams, the funnel and the bands by the policy, which knows them.
func (p *Play) Validate(path string) problem.List {
	var l problem.List
	if !nameForm.MatchString(p.Name) {
		l.Add(path+".name", "the play's name %q must be lower-case letters, digits, - and _, at most 64 characters", p.Name)
	}
	if p.Funnel == "" {
		l.Add(path+".funnel", "play %s names no funnel; a handoff belongs to one", p.Name)
	}
	if !slices.Contains([]Mode{Observe, Hold, Live}, p.Mode) {
		l.Add(path+".mode", "play %s has mode %q; it must be observe, hold or live", p.Name, p.Mode)
	}
	if p.ActWithin <= 0 {
		l.Add(path+".act_within", "play %s needs act_within, such as 7d: evidence older than that never contacts anyone", p.Name)
	}
	switch p.Outcome {
	case Handoff:
		p.validateHandoff(path, &l)
	case Nurture:
		if len(p.TakesOver) > 0 {
			l.Add(path+".takes_over", "play %s nurtures and takes over handoffs; only a handoff can, as somebody must answer for what they were", p.Name)
		}
		if p.Asset == "" {
			l.Add(path+".asset", "play %s nurtures and names no asset to send", p.Name)
		}
		if p.CoolDown <= 0 {
			l.Add(path+".cool_down", "play %s nurtures and needs a cool_down, or it would enrol the same account again at once", p.Name)
		}
	default:
		l.Add(path+".outcome", "play %s has outcome %q; it must be handoff or nurture", p.Name, p.Outcome)
	}
	for i, g := range p.Despite {
		at := fmt.Sprintf("%s.despite[%d]", path, i)
		switch {
		case g == GateUnsubscribed && (!p.HandRaise || p.Outcome != Handoff):
			l.Add(at, "play %s may not pass the gate %q: only who asked may be called in spite of it, so the play needs hand_raise: true and outcome: handoff", p.Name, g)
		case !slices.Contains(Overridable, g):
			l.Add(at, "play %s may not pass the gate %q; only %s can be passed", p.Name, g, strings.Join(Overridable, ", "))
		}
	}
	if p.CustomerTeam != "" && (p.Outcome != Handoff || !slices.Contains(p.Despite, GateCustomer)) {
		l.Add(path+".customer_team", "play %s names a team for customers and is not for them; it needs outcome: handoff and despite: [customer]", p.Name)
	}
	p.Breaker.validate(path+".breaker", p.Name, maxBreaker, &l)
	p.PerPerson.validate(path+".per_person", p.Name, maxPerPerson, &l)
	if p.PerPerson != nil && p.PerPerson.Per > MaxCapSpan {
		l.Add(path+".per_person.per", "play %s: per is %s; a cap looks back %s at most", p.Name, p.PerPerson.Per, MaxCapSpan)
	}
	return l
}

func (p *Play) validateHandoff(path string, l *problem.List) {
	if p.Team == "" {
		l.Add(path+".team", "play %s hands off and names no team", p.Name)
	}
	if p.SLA.Span <= 0 {
		l.Add(path+".sla", "play %s hands off and needs an sla for the first outreach, such as 1h working", p.Name)
	} else if p.RemindBefore >= p.SLA.Span {
		l.Add(path+".remind_before", "play %s reminds %s before a deadline of %s; it must be shorter", p.Name, p.RemindBefore, p.SLA)
	}
	for i, other := range p.TakesOver {
		if other == p.Name {
			l.Add(fmt.Sprintf("%s.takes_over[%d]", path, i), "play %s takes over itself; an open handoff of the same play stops it anyway, so leave its own name out", p.Name)
		}
	}
	for i, to := range p.EscalateTo {
		if strings.TrimSpace(to) == "" {
			l.Add(fmt.Sprintf("%s.escalate_to[%d]", path, i), "play %s escalates to nobody here", p.Name)
		}
	}
}

func (l *Limit) validate(path, play string, most int, out *problem.List) {
	if l == nil {
		return
	}
	if l.Max < 1 || l.Max > most {
		out.Add(path+".max", "play %s: max is %d; it must be 1 to %d", play, l.Max, most)
	}
	if l.Per <= 0 {
		out.Add(path+".per", "play %s: per is missing; write a time such as 1h or 30d", play)
	}
}

// CheckTakeovers reports the plays that take over what they cannot: a play that does not exist, one that opens no handoff,
// or one that takes them over in turn. The index of a play in plays makes its path.
func CheckTakeovers(plays []Play) problem.List {
	var l problem.List
	for i := range plays {
		p := &plays[i]
		for j, name := range p.TakesOver {
			at := fmt.Sprintf("$.plays[%d].takes_over[%d]", i, j)
			o := slices.IndexFunc(plays, func(o Play) bool { return o.Name == name })
			switch {
			case o < 0:
				l.Add(at, "play %s takes over the play %q, which there is not", p.Name, name)
			case plays[o].Outcome != Handoff:
				l.Add(at, "play %s takes over %s, which opens no handoff", p.Name, name)
			case i != o && slices.Contains(plays[o].TakesOver, p.Name):
				l.Add(at, "play %s takes over %s, and %s takes over %s; one of them goes before the other, so leave one out", p.Name, name, name, p.Name)
			}
		}
	}
	return l
}

// CheckTeams reports the plays that name a team which does not exist. The index of a play in plays makes its path.
func CheckTeams(plays []Play, teams *Teams) problem.List {
	var l problem.List
	var names []string
	for i := range teams.Teams {
		names = append(names, teams.Teams[i].Name)
	}
	has := strings.Join(names, ", ")
	for i := range plays {
		p := &plays[i]
		if p.Team != "" && !slices.Contains(names, p.Team) {
			l.Add(fmt.Sprintf("$.plays[%d].team", i), "play %s names the team %q, which teams.yaml does not have; it has %s", p.Name, p.Team, has)
		}
		if p.CustomerTeam != "" && !slices.Contains(names, p.CustomerTeam) {
			l.Add(fmt.Sprintf("$.plays[%d].customer_team", i), "play %s names the team %q, which teams.yaml does not have; it has %s", p.Name, p.CustomerTeam, has)
		}
	}
	return l
}
